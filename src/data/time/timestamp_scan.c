#include "base/text.h"
#include "data/time/timestamp_cursor.h"

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

static inline bool push_digit(int64_t *v, char digit)
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

/* A run of digits behind *v: at most 18 in all are taken as they come, more only while they fit. Where `cut` is true
 * what does not fit is passed over. Returns how many were taken, -1 where they do not fit. */
static int take_run(struct timestamp_cursor *c, int64_t *v, int before, bool cut)
{
    const char *p = c->at, *start = p;
    int64_t value = *v;
    for (int room = 18 - before; p < c->end && cursor_is_digit(*p) && room > 0; room--)
        value = value * 10 + (*p++ - '0');
    *v = value;
    int taken = (int)(p - start);
    for (; p < c->end && cursor_is_digit(*p); p++) {
        if (before + taken < 19 && push_digit(v, *p))
            taken++;
        else if (!cut)
            return -1;
        else
            before = 19;
    }
    c->at = p;
    return taken;
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
    int whole = take_run(&c, &v, 0, false);
    if (whole < 0)
        return false;
    if (!cursor_ended(&c) && cursor_take(&c, decimal)) {
        const char *fraction = c.at;
        int taken = take_run(&c, &v, whole, true);
        decimals = taken;
        if (decimals > 18 || (whole == 0 && c.at == fraction))
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
    out->mark = (uint8_t)whole;
    return true;
}

char timestamp_decimal(const char *text, size_t n)
{
    const char *comma = memchr(text, ',', n);
    struct timestamp t = {.kind = TIMESTAMP_NONE};
    if (!comma || !timestamp_scan_number((struct timestamp_cursor){text, text + n}, ',', &t))
        return '\0';
    bool zero = *text == '0' || ((*text == '-' || *text == '+') && n > 1 && text[1] == '0');
    return zero || text + n - comma != 4 || comma - text > 3 ? ',' : '\0';
}

/* With at most 53 bits on both sides the quotient of the two is the nearest double; else the digits are read again. */
double timestamp_number(const struct timestamp *t)
{
    static const double ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
    const int64_t exact = INT64_C(1) << 53;
    if (t->value >= -exact && t->value <= exact)
        return (double)t->value / ten[t->decimals];
    char text[40];
    double v = (double)NAN;
    snprintf(text, sizeof text, "%llde-%d", (long long)t->value, (int)t->decimals);
    return text_parse_double(text, &v) ? v : (double)NAN;
}

/* --- the most frequent form -------------------------------------------------------------------------------------- */

/* n digits as a number, or -1. */
static int fixed_digits(const char *p, int n)
{
    int v = 0;
    for (int i = 0; i < n; i++) {
        if (!cursor_is_digit(p[i]))
            return -1;
        v = v * 10 + (p[i] - '0');
    }
    return v;
}

/* hh:mm:ss and a fraction, then nothing or Z; *end is where it stops. False where another reader should look. */
static bool plain_clock(const char *p, const char *end, struct timestamp *out, int64_t *clock)
{
    int64_t fraction = 0;
    if (end - p < 8 || p[2] != ':' || p[5] != ':')
        return false;
    int hour = fixed_digits(p, 2), minute = fixed_digits(p + 3, 2), second = fixed_digits(p + 6, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
        return false;
    struct timestamp_cursor c = {p + 8, end};
    if (cursor_take(&c, '.') && !timestamp_take_fraction(&c, &fraction))
        return false;
    if (cursor_take(&c, 'Z'))
        out->flags |= TIMESTAMP_HAS_ZONE;
    out->flags |= TIMESTAMP_HAS_CLOCK;
    *clock = ((hour * 60 + minute) * INT64_C(60) + second) * CLOCK_SECOND_US + fraction;
    return cursor_ended(&c);
}

/* YYYY-MM-DD, alone or with a plain clock: what most files hold. It says what timestamp_scan_date says of it. */
static bool scan_plain(const struct timestamp_cursor *c, struct timestamp *out)
{
    const char *p = c->at;
    int64_t clock = 0;
    if (c->end - p < 10 || p[4] != '-' || p[7] != '-')
        return false;
    int year = fixed_digits(p, 4), month = fixed_digits(p + 5, 2), day = fixed_digits(p + 8, 2);
    if (year < 0 || month < 0 || month > 31 || day < 0 || day > 31)
        return false;
    out->kind = TIMESTAMP_DATE;
    out->mark = '-';
    if (c->end - p > 10 && ((p[10] != 'T' && p[10] != ' ') || !plain_clock(p + 11, c->end, out, &clock)))
        return false;
    timestamp_set_parts(out, year, month, day, clock);
    return true;
}

/* --- cells ------------------------------------------------------------------------------------------------------- */

static bool trim(struct timestamp_cursor *c)
{
    cursor_blanks(c);
    while (c->at < c->end && (c->end[-1] == ' ' || c->end[-1] == '\t'))
        c->end--;
    if (c->end - c->at > 2 && *c->at == '\'' && c->end[-1] == '\'') { /* quotes that are none in CSV */
        c->at++;
        c->end--;
    }
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
        if (scan_plain(&c, out))
            return true;
        *out = (struct timestamp){.kind = TIMESTAMP_NONE};
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
