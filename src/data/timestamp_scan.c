#include "base/text.h"
#include "data/timestamp_cursor.h"

#include <math.h>

#define CLOCK_BITS 37 /* 24:00 in microseconds needs 37 bits */
#define THIRD_BITS 7
#define SECOND_BITS 5

void timestamp_set_parts(struct timestamp *t, int first, int second, int third, int64_t clock_us)
{
    uint64_t date = ((uint64_t)first << SECOND_BITS | (uint64_t)second) << THIRD_BITS | (uint64_t)third;
    t->value = (int64_t)(date << CLOCK_BITS | (uint64_t)clock_us);
}

void timestamp_parts(const struct timestamp *t, int part[3], int64_t *clock_us)
{
    uint64_t v = (uint64_t)t->value, date = v >> CLOCK_BITS;
    *clock_us = (int64_t)(v & ((UINT64_C(1) << CLOCK_BITS) - 1));
    part[2] = (int)(date & ((1 << THIRD_BITS) - 1));
    part[1] = (int)(date >> THIRD_BITS & ((1 << SECOND_BITS) - 1));
    part[0] = (int)(date >> (THIRD_BITS + SECOND_BITS));
}

/* --- numbers ----------------------------------------------------------------------------------------------------- */

static bool push_digit(int64_t *v, char digit)
{
    int d = digit - '0';
    if (*v > (INT64_MAX - d) / 10)
        return false;
    *v = *v * 10 + d;
    return true;
}

/* Moves the point by what stands behind an e. */
static bool take_exponent(struct timestamp_cursor *c, int64_t *v, int *decimals)
{
    bool negative = cursor_take(c, '-');
    if (!negative)
        cursor_take(c, '+');
    int n = cursor_digits(c);
    if (n < 1 || n > 2)
        return false;
    int e = cursor_number(c, n);
    *decimals += negative ? e : -e;
    while (*decimals > 18 && *v % 10 == 0 && *v != 0) {
        *v /= 10;
        (*decimals)--;
    }
    for (; *decimals < 0; (*decimals)++)
        if (!push_digit(v, '0'))
            return false;
    return *decimals <= 18;
}

/* Digits beyond what 64 bits hold are cut off behind the point and refused before it. */
bool timestamp_scan_number(struct timestamp_cursor c, char decimal, struct timestamp *out)
{
    int64_t v = 0;
    int decimals = 0;
    bool negative = cursor_take(&c, '-');
    if (!negative)
        cursor_take(&c, '+');
    const char *start = c.at;
    for (; c.at < c.end && cursor_is_digit(*c.at); c.at++)
        if (!push_digit(&v, *c.at))
            return false;
    ptrdiff_t whole = c.at - start;
    if (cursor_take(&c, decimal)) {
        const char *fraction = c.at;
        for (; c.at < c.end && cursor_is_digit(*c.at); c.at++)
            if (decimals < 18 && push_digit(&v, *c.at))
                decimals++;
        if (whole == 0 && c.at == fraction)
            return false;
    } else if (whole == 0) {
        return false;
    }
    if (!cursor_ended(&c)) {
        if (!cursor_take(&c, 'e') && !cursor_take(&c, 'E'))
            return false;
        out->flags |= TIMESTAMP_EXPONENT;
        if (!take_exponent(&c, &v, &decimals) || !cursor_ended(&c))
            return false;
    }
    if (whole > 1 && *start == '0')
        out->flags |= TIMESTAMP_ZEROS;
    out->kind = TIMESTAMP_NUMBER;
    out->value = negative ? -v : v;
    out->decimals = (uint8_t)decimals;
    out->mark = (uint8_t)(whole < 255 ? whole : 255);
    return true;
}

/* With at most 53 bits on both sides the quotient of the two is the nearest double; else the digits are read again. */
double timestamp_number(const struct timestamp *t)
{
    static const double ten[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
    const int64_t exact = INT64_C(1) << 53;
    if (t->value >= -exact && t->value <= exact)
        return (double)t->value / ten[t->decimals];
    char text[40];
    double v = (double)NAN;
    snprintf(text, sizeof text, "%llde-%d", (long long)t->value, (int)t->decimals);
    return text_parse_double(text, &v) ? v : (double)NAN;
}

/* --- cells ------------------------------------------------------------------------------------------------------- */

static bool trim(struct timestamp_cursor *c)
{
    cursor_blanks(c);
    while (c->at < c->end && (c->end[-1] == ' ' || c->end[-1] == '\t'))
        c->end--;
    return c->at < c->end && c->end - c->at < 100;
}

bool timestamp_scan_as(const struct timestamp_format *format, char decimal, const char *text, size_t n,
                       struct timestamp *out)
{
    struct timestamp_cursor c = {text, text + n};
    *out = (struct timestamp){.kind = TIMESTAMP_NONE};
    if (!trim(&c))
        return false;
    if (format && format->kind == TIMESTAMP_FORMAT_PATTERN) {
        if (timestamp_scan_pattern(c, format->pattern, out))
            return true;
    } else {
        if (timestamp_scan_number(c, decimal, out))
            return true;
        *out = (struct timestamp){.kind = TIMESTAMP_NONE};
        if (timestamp_scan_date(c, out))
            return true;
        *out = (struct timestamp){.kind = TIMESTAMP_NONE};
        if (timestamp_scan_clock(c, out))
            return true;
    }
    *out = (struct timestamp){.kind = TIMESTAMP_NONE};
    return false;
}

bool timestamp_scan(const char *text, size_t n, struct timestamp *out)
{
    return timestamp_scan_as(NULL, '.', text, n, out);
}
