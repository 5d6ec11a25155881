#include "base/text.h"

#include "base/error.h"
#include "base/memory.h"

bool text_copy(char *out, size_t size, const char *in)
{
    ASSERT(size > 0);
    size_t n = strlen(in);
    bool fits = n < size;

    if (!fits)
        n = size - 1;
    memcpy(out, in, n);
    out[n] = '\0';
    return fits;
}

bool text_append(char *out, size_t size, const char *in)
{
    size_t used = strlen(out);

    ASSERT(used < size);
    return text_copy(out + used, size - used, in);
}

bool text_equal(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool starts_nocase(const char *text, const char *prefix)
{
    size_t i = 0;

    while (prefix[i] && lower(text[i]) == lower(prefix[i]))
        i++;
    return prefix[i] == '\0';
}

bool text_equal_nocase(const char *a, const char *b)
{
    return strlen(a) == strlen(b) && starts_nocase(a, b);
}

bool text_starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_contains_nocase(const char *text, const char *part)
{
    for (;; text++) {
        if (starts_nocase(text, part))
            return true;
        if (*text == '\0')
            return false;
    }
}

void text_free(struct text *t)
{
    free(t->data);
    *t = (struct text){0};
}

void text_put_n(struct text *t, const char *s, size_t n)
{
    ASSERT(n < SIZE_MAX / 4 - t->n);
    t->data = memory_grow(t->data, &t->capacity, t->n + n + 1, 1);
    if (n)
        memcpy(t->data + t->n, s, n);
    t->n += n;
    t->data[t->n] = '\0';
}

void text_put(struct text *t, const char *s)
{
    text_put_n(t, s, strlen(s));
}

void text_vprintf(struct text *t, const char *format, va_list args)
{
    va_list again;

    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    ASSERT(n >= 0);
    t->data = memory_grow(t->data, &t->capacity, t->n + (size_t)n + 1, 1);
    vsnprintf(t->data + t->n, (size_t)n + 1, format, args);
    t->n += (size_t)n;
}

void text_printf(struct text *t, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    text_vprintf(t, format, args);
    va_end(args);
}

const char *text_of(const struct text *t)
{
    return t->data ? t->data : "";
}

const char *text_s(int64_t n)
{
    return n == 1 ? "" : "s";
}

char *text_next(char **rest, char separator)
{
    char *piece = *rest;

    if (!piece)
        return NULL;
    char *end = strchr(piece, separator);
    *rest = end ? end + 1 : NULL;
    if (end)
        *end = '\0';
    return piece;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

char *text_trim(char *s)
{
    while (is_space(*s))
        s++;
    size_t n = strlen(s);
    while (n > 0 && is_space(s[n - 1]))
        n--;
    s[n] = '\0';
    return s;
}
