#include "action/name.h"

#include "base/file.h"
#include "base/memory.h"
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

static bool parts_words(char c)
{
    return c == '\0' || strchr("-_. ", c) != NULL;
}

/* Behind the last whole word that a and b begin with. */
static size_t common_words(const char *a, const char *b)
{
    size_t common = 0;
    for (size_t i = 0;; i++) {
        bool ends = parts_words(a[i]) && parts_words(b[i]);
        if (ends)
            common = i;
        if (a[i] != b[i] || !a[i])
            return common;
    }
}

/* A year, a month, a day, a quarter, or several in one: digits that begin with 19 or 20, or two of them. */
static bool is_date_word(const char *word, size_t n)
{
    bool quarter = n == 2 && (*word == 'Q' || *word == 'q') && word[1] >= '1' && word[1] <= '4';
    if (quarter)
        return true;
    for (size_t i = 0; i < n; i++)
        if (word[i] < '0' || word[i] > '9')
            return false;
    bool century = n >= 2 && ((word[0] == '1' && word[1] == '9') || (word[0] == '2' && word[1] == '0'));
    return n == 2 || (century && (n == 4 || n == 6 || n == 8));
}

static void cut_dates(char *name)
{
    for (;;) {
        size_t n = strlen(name), word = n;
        while (word > 0 && !parts_words(name[word - 1]))
            word--;
        if (word == 0 || (word < n && !is_date_word(name + word, n - word)))
            return;
        name[word - 1] = 0;
    }
}

void name_of_paths(const char *const *path, int n, char *out, size_t size)
{
    char *common = memory_text(file_name(path[0]));
    char *dot = strrchr(common, '.');
    if (dot && dot != common)
        *dot = 0;
    for (int i = 1; i < n; i++) {
        char *other = memory_text(file_name(path[i]));
        dot = strrchr(other, '.');
        if (dot && dot != other)
            *dot = 0;
        common[common_words(common, other)] = 0;
        free(other);
    }
    cut_dates(common);
    clean(common, strlen(common), out, size);
    free(common);
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
