#include "action/name.h"

#include "base/file.h"
#include "base/text.h"

/* Is the character at s one that a name may hold? Its length is set in any case. */
static bool fits(const char *s, size_t n, int *length)
{
    struct text escaped = {0};
    text_decode(s, n, length);
    text_escape(&escaped, s, (size_t)*length);
    bool plain = escaped.n == (size_t)*length && memcmp(escaped.data, s, escaped.n) == 0;
    text_free(&escaped);
    return plain && *s != ' ' && *s != ',' && *s != '=';
}

static void clean(const char *name, size_t n, char *out, size_t size)
{
    size_t used = 0;
    for (size_t at = 0; at < n;) {
        int length;
        bool good = fits(name + at, n - at, &length);
        size_t add = good ? (size_t)length : 1;
        if (used + add >= size)
            break;
        memcpy(out + used, good ? name + at : "_", add);
        used += add;
        at += (size_t)length;
    }
    out[used] = 0;
}

void name_of_path(const char *path, char *out, size_t size)
{
    const char *name = file_name(path), *dot = strrchr(name, '.');
    clean(name, dot && dot != name ? (size_t)(dot - name) : strlen(name), out, size);
}

void name_of_text(const char *text, char *out, size_t size)
{
    clean(text, strlen(text), out, size);
}

bool name_take(char *out, size_t size, const char *name, const char *what, struct error *err)
{
    size_t n = strlen(name);
    bool good = n > 0 && n < size;
    for (size_t at = 0; good && at < n;) {
        int length;
        good = fits(name + at, n - at, &length);
        at += (size_t)length;
    }
    if (!good)
        return error_set(err, ERROR_USAGE,
                         "%s must have 1 to %zu bytes of UTF-8 without blanks, commas and equals signs", what,
                         size - 1);
    return text_copy(out, size, name);
}
