/* Cells that are numbers.
 *
 * Plain: [+-] digits [. digits] [e [+-] digits]; the value is the nearest IEEE-754 double, with the bits of a correctly
 * rounding strtod. Everything else that a person writes for a number is "dressed" (thousands marks, a decimal comma,
 * suffixes, percent, currencies, parentheses) and is read by dress.h, because only a whole column says what its marks
 * mean. What has digits and still fits no dress ("<1", "1.2.3") looks like a number: leaving it out or cutting it short
 * would misread it, so it is told apart from text. */
#ifndef DATA_READ_NUMBER_H
#define DATA_READ_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum number_kind {
    NUMBER_VALUE,
    NUMBER_MISSING,  /* empty, NaN, NA, N/A, #N/A, null, None, -, --, ., ?, em dash, Excel's error values */
    NUMBER_INFINITE, /* "inf", or beyond the range of a double */
    NUMBER_TRUE,     /* true, yes */
    NUMBER_FALSE,
    NUMBER_DRESSED,
    NUMBER_LOOKALIKE, /* refused by name */
    NUMBER_TEXT
};

#define NUMBER_DIGITS_EXACT 19 /* decimal digits that always fit 64 bits */
#define NUMBER_POWER_EXACT 22  /* the largest power of ten that is a double */

extern const double number_power_of_ten[NUMBER_POWER_EXACT + 1];

/* The part of number_scan that is seldom needed. */
const char *number_scan_slowly(const char *digits, const char *stop, bool negative, double *value);

/* Where the plain number that begins at text ends, or NULL where none begins; infinite where it is beyond a double. A
 * byte that belongs to no number must follow somewhere: a line end, or a NUL. Up to 53 bits of digits over a power of
 * ten that is a double need one rounding, and it is the right one (Clinger 1990). */
static inline const char *number_scan(const char *text, double *value)
{
    const char *s = text + (*text == '-' || *text == '+'), *digits = s;
    uint64_t w = 0;
    unsigned d;
    for (; (d = (unsigned)(unsigned char)*s - '0') <= 9; s++)
        w = w * 10 + d;
    size_t n = (size_t)(s - digits), fraction = 0;
    if (*s == '.') {
        const char *point = ++s;
        for (; (d = (unsigned)(unsigned char)*s - '0') <= 9; s++)
            w = w * 10 + d;
        fraction = (size_t)(s - point);
        n += fraction;
    }
    if (n == 0)
        return NULL;
    if (n > NUMBER_DIGITS_EXACT || w > UINT64_C(1) << 53 || (*s | 0x20) == 'e')
        return number_scan_slowly(digits, s, *text == '-', value);
    double v = (double)(int64_t)w / number_power_of_ten[fraction];
    *value = *text == '-' ? -v : v;
    return s;
}

/* Of a whole cell, blanks around it trimmed; *value is NaN but for NUMBER_VALUE. */
enum number_kind number_parse(const char *text, size_t n, double *value);

/* Spellings of "missing" that a user adds, separated by commas; NULL: none. */
bool number_is_extra_missing(const char *text, size_t n, const char *spellings);

/* digits * 10^power, correctly rounded; false beyond the range of a double. digits: n ASCII digits and at most one
 * point. */
bool number_of_digits(const char *digits, size_t n, int power, double *value);

#endif
