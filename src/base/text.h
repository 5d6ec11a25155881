/* Text: bounded copies, a growing string, numbers that do not depend on the locale, UTF-8. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Copies at most size - 1 bytes and always terminates. False if it was cut. */
bool text_copy(char *out, size_t size, const char *in);
bool text_append(char *out, size_t size, const char *in);
bool text_equal(const char *a, const char *b);
bool text_equal_nocase(const char *a, const char *b); /* ASCII letters only */
bool text_starts(const char *text, const char *prefix);
bool text_contains_nocase(const char *text, const char *part);

/* A growing string. Zero-initialise; free with text_free; `data` is NULL until something was put. */
struct text {
    char *data;
    size_t n, capacity;
};

void text_free(struct text *t);
void text_put(struct text *t, const char *s);
void text_put_n(struct text *t, const char *s, size_t n);
void text_printf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vprintf(struct text *t, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
const char *text_of(const struct text *t); /* never NULL */

/* Splits at a separator, in place: returns the next piece and moves *rest behind it, or NULL at the end. An empty text
 * is one empty piece. */
char *text_next(char **rest, char separator);
char *text_trim(char *s); /* in place, ASCII white space at both ends */

/* The whole text must be the number, within [least, most]: ASCII digits, a sign where the type has one, and for doubles
 * a point and an exponent. No spaces, no hexadecimal, no inf or nan. On failure *out stays as it was. */
bool text_parse_int(const char *s, int64_t least, int64_t most, int64_t *out);
bool text_parse_u64(const char *s, uint64_t *out);
bool text_parse_double(const char *s, double *out); /* finite; correctly rounded */

/* Shortest decimal text that reads back as the same number ("0.1", "1e-05"); "nan", "inf", "-inf". out[32] is enough. */
void text_of_double(double v, char *out, size_t size);
void text_of_float(float v, char *out, size_t size);
void text_of_count(uint64_t n, char *out, size_t size); /* 1234567 as "1,234,567" */
const char *text_s(int64_t n); /* behind a noun: "" of one, else "s" */
void text_of_bytes(uint64_t n, char *out, size_t size); /* "12.3 MiB" */

/* UTF-8: the code point at s (of n bytes) and its length; malformed bytes give U+FFFD and length 1. */
uint32_t text_decode(const char *s, size_t n, int *length);
int text_encode(uint32_t code, char out[5]); /* length, NUL-terminated */
int text_columns(uint32_t code);             /* 0, 1 or 2 terminal cells; control characters 0 */
int text_width(const char *s);               /* cells of a whole string */
bool text_is_utf8(const char *s, size_t n);

/* Control, bidirectional and other invisible characters, malformed bytes and all spaces but ' ' written out as \xNN or
 * \u{N}, and a backslash as two, so that nothing can hide and two texts never look the same. */
void text_escape(struct text *out, const char *s, size_t n);

#endif
