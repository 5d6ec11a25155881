/* The parts that the scanner of times is put together from; for timestamp_*.c alone. Each takes what it knows from the
 * front of the cursor; where it returns false (or 0) the cursor may have moved. */
#ifndef DATA_TIME_TIMESTAMP_CURSOR_H
#define DATA_TIME_TIMESTAMP_CURSOR_H

#include "base/clock.h"
#include "data/time/timestamp.h"

#include <string.h>

struct timestamp_cursor {
    const char *at, *end;
};

static inline bool cursor_ended(const struct timestamp_cursor *c)
{
    return c->at == c->end;
}

/* The next byte, or NUL at the end. */
static inline char cursor_peek(const struct timestamp_cursor *c)
{
    return c->at < c->end ? *c->at : '\0';
}

static inline bool cursor_take(struct timestamp_cursor *c, char wanted)
{
    if (c->at == c->end || *c->at != wanted)
        return false;
    c->at++;
    return true;
}

static inline bool cursor_take_text(struct timestamp_cursor *c, const char *text)
{
    size_t n = strlen(text);
    if ((size_t)(c->end - c->at) < n || memcmp(c->at, text, n) != 0)
        return false;
    c->at += n;
    return true;
}

/* Blanks, the no-break ones (U+00A0, U+202F) too. */
static inline bool cursor_blanks(struct timestamp_cursor *c)
{
    const char *start = c->at;
    for (; c->at < c->end; c->at++) {
        if (*c->at == ' ' || *c->at == '\t')
            continue;
        if ((unsigned char)*c->at < 0x80 || !(cursor_take_text(c, "\xc2\xa0") || cursor_take_text(c, "\xe2\x80\xaf")))
            break;
        c->at--;
    }
    return c->at > start;
}

static inline bool cursor_is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* Letters of ASCII, and every byte of a longer character. */
static inline bool cursor_is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (unsigned char)byte >= 0x80;
}

/* How many digits come next, at most 20. */
static inline int cursor_digits(const struct timestamp_cursor *c)
{
    int n = 0;
    while (n < 20 && c->at + n < c->end && cursor_is_digit(c->at[n]))
        n++;
    return n;
}

static inline int cursor_number(struct timestamp_cursor *c, int digits)
{
    int v = 0;
    for (int i = 0; i < digits; i++)
        v = v * 10 + (*c->at++ - '0');
    return v;
}

/* The month (1..12) that the next word names, or its abbreviation, with a point behind it or not; 0: none. */
int timestamp_take_month(struct timestamp_cursor *c);
/* The name of a weekday, or its abbreviation. */
bool timestamp_take_weekday(struct timestamp_cursor *c);
/* 1 for the first half of the day, 2 for the second, 0 where nothing is said. */
int timestamp_take_half(struct timestamp_cursor *c);

/* A clock within one day (24:00 included); sets the flags of *out. `basic`: digits without marks may stand for it. */
bool timestamp_take_clock(struct timestamp_cursor *c, struct timestamp *out, int64_t *us, bool basic);
/* A point and digits, as microseconds. */
bool timestamp_take_fraction(struct timestamp_cursor *c, int64_t *us);
/* Nothing more, or a zone and nothing more. */
bool timestamp_take_zone(struct timestamp_cursor *c, struct timestamp *out);
/* The zone alone: what stands behind it is left. */
bool timestamp_take_zone_only(struct timestamp_cursor *c, struct timestamp *out);
/* A clock alone, which may go beyond a day: 00:00:01.5, 0:00.004, 17:05, 02:00 PM. */
bool timestamp_scan_clock(struct timestamp_cursor c, struct timestamp *out);

bool timestamp_scan_date(struct timestamp_cursor c, struct timestamp *out);
bool timestamp_scan_number(struct timestamp_cursor c, char decimal, struct timestamp *out);
bool timestamp_scan_pattern(struct timestamp_cursor c, const char *pattern, struct timestamp *out);

/* For timestamp_decide: what a column of numbers means. */
bool timestamp_decide_numbers(struct timestamp_column *column, int64_t *us, const struct timestamp *item, size_t n,
                              const uint64_t *line, const struct timestamp_options *options, struct error *err);
/* Settles the order of a column of dates that leave it open; column->order_open where that fails for want of evidence.
 */
bool timestamp_find_order(struct timestamp_column *column, const struct timestamp *item, size_t n, const uint64_t *line,
                          struct error *err);
/* Year, month and day under an order; whether there is such a day. */
bool timestamp_civil(const struct timestamp *t, enum timestamp_order order, int civil[3]);

#endif
