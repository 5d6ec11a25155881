/* Cells that are numbers.
 *
 * Plain: [+-] digits [. digits] [e [+-] digits]; the value is the nearest IEEE-754 double, with the bits of a correctly
 * rounding strtod. Everything else that a person writes for a number is "dressed" (thousands marks, a decimal comma,
 * suffixes, percent, currencies, parentheses) and is read by dress.h, because only a whole column says what its marks
 * mean. What has digits and still fits no dress ("<1", "1.2.3") looks like a number: leaving it out or cutting it short
 * would misread it, so it is told apart from text. */
#ifndef DATA_NUMBER_H
#define DATA_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

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

/* Where the plain number that begins at text ends, or NULL where none begins or it is beyond a double. `end` is the
 * first byte that is not read. */
const char *number_scan(const char *text, const char *end, double *value);

/* Of a whole cell, blanks around it trimmed; *value is NaN but for NUMBER_VALUE. */
enum number_kind number_parse(const char *text, size_t n, double *value);

/* Spellings of "missing" that a user adds, separated by commas; NULL: none. */
bool number_is_extra_missing(const char *text, size_t n, const char *spellings);

/* digits * 10^power, correctly rounded; false beyond the range of a double. digits: n ASCII digits and at most one
 * point. */
bool number_of_digits(const char *digits, size_t n, int power, double *value);

#endif
