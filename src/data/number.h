/* Cells that are numbers. The syntax is exactly [+-] digits [. digits] [e [+-] digits], or a spelling of "missing";
 * everything else is text. Text that only looks like a number (thousands marks, a decimal comma, units, currency
 * signs, "<1") is told apart, because leaving it out or cutting it short would misread it. */
#ifndef DATA_NUMBER_H
#define DATA_NUMBER_H

#include <stddef.h>

enum number_kind {
    NUMBER_VALUE,
    NUMBER_MISSING, /* empty, NaN, NA, N/A, null, None, -, . */
    NUMBER_TEXT,
    NUMBER_LOOKALIKE /* refused by name */
};

/* *value is the nearest IEEE-754 double, or NaN where missing. `text` has n bytes and a NUL behind them. */
enum number_kind number_parse(const char *text, size_t n, double *value);

#endif
