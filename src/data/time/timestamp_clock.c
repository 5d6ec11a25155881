/* Clocks and zones within one cell. Declared in timestamp_cursor.h. */
#include "base/memory.h"
#include "data/time/timestamp_cursor.h"

#define FRACTION_DIGITS 18
#define ZONE_MINUTES_MOST (15 * 60)

/* Zones that people write as a word: what each means is known only together with a place. */
static const char *const zone_word[] = {
    "EST", "EDT", "CST",  "CDT",  "MST",  "MDT",  "PST",  "PDT",  "AKST", "AKDT", "HST",  "AST", "ADT",
    "NST", "NDT", "BRT",  "BRST", "ART",  "WET",  "WEST", "CET",  "CEST", "MEZ",  "MESZ", "EET", "EEST",
    "BST", "IST", "MSK",  "MSD",  "TRT",  "GST",  "PKT",  "ICT",  "WIB",  "SGT",  "HKT",  "PHT", "AWST",
    "JST", "KST", "ACST", "ACDT", "AEST", "AEDT", "NZST", "NZDT", "SAST", "EAT",  "WAT",  "CAT"};

const char *timestamp_zone_word(int i)
{
    return i >= 0 && (size_t)i < ARRAY_N(zone_word) ? zone_word[i] : NULL;
}

bool timestamp_take_fraction(struct timestamp_cursor *c, int64_t *us)
{
    int n = cursor_digits(c);
    if (n < 1 || n > FRACTION_DIGITS)
        return false;
    *us = 0;
    for (int i = 0; i < 6; i++)
        *us = *us * 10 + (i < n ? c->at[i] - '0' : 0);
    c->at += n;
    return true;
}

static bool take_two(struct timestamp_cursor *c, int *out)
{
    if (cursor_digits(c) < 2)
        return false;
    *out = cursor_number(c, 2);
    return true;
}

/* What stands between hour and minute, or minute and second; `mark` is the one between hour and minute, 0 before. */
static bool take_mark(struct timestamp_cursor *c, char *mark)
{
    static const char *const word[] = {"时", "時", "시", "点", "點", "分", "분"};
    char next = cursor_peek(c);
    for (size_t i = 0; (unsigned char)next >= 0x80 && i < ARRAY_N(word); i++)
        if (cursor_take_text(c, word[i])) {
            *mark = 'w';
            cursor_blanks(c);
            return true;
        }
    if (*mark ? next != *mark : next != ':' && next != '.' && next != 'h')
        return false;
    if (next != ':' && !(c->end - c->at > 1 && cursor_is_digit(c->at[1])))
        return false;
    *mark = next;
    c->at++;
    return true;
}

struct clock {
    int hour, minute, second, half;
    int64_t fraction;
    bool minutes;
};

/* hhmm, hhmmss: `digits` of them in one run. */
static bool take_basic(struct timestamp_cursor *c, struct clock *k, int digits)
{
    k->hour = cursor_number(c, 2);
    k->minute = cursor_number(c, 2);
    k->minutes = true;
    if (digits == 6)
        k->second = cursor_number(c, 2);
    return digits < 6 || (!cursor_take(c, '.') && !cursor_take(c, ',')) || timestamp_take_fraction(c, &k->fraction);
}

static bool take_marked(struct timestamp_cursor *c, struct clock *k, int digits)
{
    char mark = 0;
    k->hour = cursor_number(c, digits);
    if (!take_mark(c, &mark))
        return true;
    if (cursor_ended(c) && mark == 'w')
        return true;
    k->minutes = true;
    if (!take_two(c, &k->minute))
        return false;
    struct timestamp_cursor before = *c;
    if (!take_mark(c, &mark))
        return true;
    if (mark == 'w' && !cursor_is_digit(cursor_peek(c)))
        return true; /* the character for minutes, and nothing behind it */
    if (!take_two(c, &k->second)) {
        *c = before;
        return false;
    }
    if (mark == 'w')
        return cursor_take_text(c, "秒") || cursor_take_text(c, "초") || true;
    return (!cursor_take(c, '.') && !cursor_take(c, ',')) || timestamp_take_fraction(c, &k->fraction);
}

static bool close_clock(const struct clock *k, struct timestamp *out, int64_t *us)
{
    int hour = k->hour;
    if (k->half) {
        if (hour > 12)
            return false;
        hour = hour % 12 + (k->half == 2 ? 12 : 0);
        out->flags |= TIMESTAMP_TWELVE;
    }
    bool leap = k->second == 60 && k->minute == 59 && k->fraction == 0;
    bool end = hour == 24 && k->minute == 0 && k->second == 0 && k->fraction == 0;
    if ((hour > 23 && !end) || k->minute > 59 || (k->second > 59 && !leap))
        return false;
    out->flags |= TIMESTAMP_HAS_CLOCK;
    if (leap)
        out->flags |= TIMESTAMP_LEAP;
    *us = ((hour * 60 + k->minute) * INT64_C(60) + k->second) * CLOCK_SECOND_US + k->fraction;
    return true;
}

bool timestamp_take_clock(struct timestamp_cursor *c, struct timestamp *out, int64_t *us, bool basic)
{
    struct clock k = {.half = timestamp_take_half(c)};
    if (k.half)
        cursor_blanks(c);
    int digits = cursor_digits(c);
    if ((digits == 4 || digits == 6) && basic) {
        if (!take_basic(c, &k, digits))
            return false;
    } else if (digits < 1 || digits > 2 || !take_marked(c, &k, digits)) {
        return false;
    }
    struct timestamp_cursor before = *c;
    if (!k.half) {
        if (!cursor_blanks(c) && !k.minutes)
            cursor_take(c, '-'); /* 01-AM */
        k.half = timestamp_take_half(c);
        if (!k.half)
            *c = before;
    }
    return close_clock(&k, out, us);
}

/* --- zones ------------------------------------------------------------------------------------------------------- */

static bool set_zone(struct timestamp *out, int minutes)
{
    out->zone = (int16_t)minutes;
    out->flags |= TIMESTAMP_HAS_ZONE;
    return true;
}

/* +02:00, +0200, +02, +2. */
static bool take_offset(struct timestamp_cursor *c, struct timestamp *out)
{
    bool west = cursor_peek(c) == '-';
    int minute = 0;
    if (cursor_take_text(c, "\xe2\x88\x92")) /* the minus sign */
        west = true;
    else if (!cursor_take(c, '+') && !cursor_take(c, '-'))
        return false;
    int n = cursor_digits(c);
    if (n != 1 && n != 2 && n != 4)
        return false;
    int hour = cursor_number(c, n == 1 ? 1 : 2);
    if (n == 4)
        minute = cursor_number(c, 2);
    else if (cursor_take(c, ':') && !(cursor_digits(c) == 2 && take_two(c, &minute)))
        return false;
    int minutes = hour * 60 + minute;
    if (minute > 59 || minutes > ZONE_MINUTES_MOST)
        return false;
    return set_zone(out, west ? -minutes : minutes);
}

static bool take_zone_word(struct timestamp_cursor *c, struct timestamp *out)
{
    size_t n = 0;
    while (c->at + n < c->end && cursor_is_letter(c->at[n]))
        n++;
    for (size_t i = 0; i < ARRAY_N(zone_word); i++)
        if (strlen(zone_word[i]) == n && memcmp(c->at, zone_word[i], n) == 0) {
            c->at += n;
            out->zone = (int16_t)i;
            out->flags |= TIMESTAMP_ZONE_WORD;
            return true;
        }
    return false;
}

bool timestamp_take_zone_only(struct timestamp_cursor *c, struct timestamp *out)
{
    if (cursor_take(c, 'Z') || cursor_take(c, 'z'))
        return set_zone(out, 0);
    if (cursor_take_text(c, "UTC") || cursor_take_text(c, "GMT") || cursor_take_text(c, "utc")) {
        char next = cursor_peek(c);
        return next == '+' || next == '-' ? take_offset(c, out) : set_zone(out, 0);
    }
    if (cursor_is_letter(cursor_peek(c)) && (unsigned char)cursor_peek(c) < 0x80)
        return take_zone_word(c, out);
    return take_offset(c, out);
}

/* The word that repeats an offset ("+0000 UTC", "+0100 CET", "[Europe/Rome]", "(Central European Time)"). */
static bool skip_repeated_zone(struct timestamp_cursor *c)
{
    cursor_blanks(c);
    if (cursor_ended(c))
        return true;
    char open = cursor_peek(c);
    if (open == '[' || open == '(')
        return c->end[-1] == (open == '[' ? ']' : ')');
    for (size_t n = 0; c->at + n < c->end; n++)
        if (n > 5 || c->at[n] < 'A' || c->at[n] > 'Z')
            return false;
    return true;
}

bool timestamp_take_zone(struct timestamp_cursor *c, struct timestamp *out)
{
    cursor_blanks(c);
    if (cursor_ended(c))
        return true;
    if (!timestamp_take_zone_only(c, out))
        return false;
    return cursor_ended(c) || ((out->flags & TIMESTAMP_HAS_ZONE) && skip_repeated_zone(c));
}

/* --- a clock alone ----------------------------------------------------------------------------------------------- */

/* Hours may have many digits here, and two parts with a fraction are minutes and seconds. */
static bool scan_long_clock(struct timestamp_cursor c, struct timestamp *out)
{
    int part[3] = {0, 0, 0}, parts = 0, digits = cursor_digits(&c);
    int64_t fraction = 0;
    if (digits < 1 || digits > 6)
        return false;
    part[parts++] = cursor_number(&c, digits);
    while (parts < 3 && cursor_take(&c, ':'))
        if (cursor_digits(&c) != 2 || !take_two(&c, &part[parts++]))
            return false;
    bool fine = parts > 1 && (cursor_take(&c, '.') || cursor_take(&c, ','));
    if (fine && !timestamp_take_fraction(&c, &fraction))
        return false;
    if (!cursor_ended(&c) || parts < 2 || part[1] > 59 || part[2] > 59)
        return false;
    bool minutes_first = parts == 2 && fine;
    int64_t seconds =
        minutes_first ? part[0] * INT64_C(60) + part[1] : (part[0] * INT64_C(60) + part[1]) * INT64_C(60) + part[2];
    out->value = seconds * CLOCK_SECOND_US + fraction;
    if (parts == 2 && !fine)
        out->flags |= TIMESTAMP_TWO_PARTS;
    return true;
}

/* 18.00.00: two points are no number, and what is a date was read as one before. */
static bool has_two_points(const struct timestamp_cursor *c)
{
    const char *first = memchr(c->at, '.', (size_t)(c->end - c->at));
    return first && memchr(first + 1, '.', (size_t)(c->end - first - 1));
}

bool timestamp_scan_clock(struct timestamp_cursor c, struct timestamp *out)
{
    bool marked = memchr(c.at, ':', (size_t)(c.end - c.at)) || has_two_points(&c);
    out->kind = TIMESTAMP_CLOCK;
    if (scan_long_clock(c, out))
        return true;
    *out = (struct timestamp){.kind = TIMESTAMP_CLOCK};
    if (!timestamp_take_clock(&c, out, &out->value, false) || !timestamp_take_zone(&c, out))
        return false;
    return marked || (out->flags & TIMESTAMP_TWELVE);
}
