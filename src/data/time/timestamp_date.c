/* Dates, with what may stand behind and before them in one cell. Declared in timestamp_cursor.h. */
#include "base/memory.h"
#include "data/time/timestamp_cursor.h"

/* What is known of a date while it is read. */
struct date {
    int part[3]; /* as the layout says */
    int64_t clock;
    bool has_clock_inside; /* the clock stood before the year: Mon Nov 25 14:00:00 2019 */
};

/* One or two digits, at most 31: a day, a month or the middle of three. */
static bool take_small(struct timestamp_cursor *c, int *out)
{
    int n = cursor_digits(c);
    if (n < 1 || n > 2)
        return false;
    *out = cursor_number(c, n);
    return *out <= 31;
}

/* A year of four digits, or of two. */
static bool take_year(struct timestamp_cursor *c, struct timestamp *out, int *year)
{
    cursor_take(c, '\'');
    int n = cursor_digits(c);
    if (n != 4 && n != 2)
        return false;
    *year = cursor_number(c, n);
    if (n == 2) {
        *year += *year >= 69 ? 1900 : 2000;
        out->flags |= TIMESTAMP_TWO_DIGITS;
    }
    return true;
}

static bool take_mark(struct timestamp_cursor *c, char *mark)
{
    char next = cursor_peek(c);
    if (next != '-' && next != '/' && next != '.')
        return false;
    *mark = next;
    c->at++;
    return true;
}

static bool put(struct timestamp *out, struct date *d, enum timestamp_layout layout, int a, int b, int k)
{
    out->layout = (uint8_t)layout;
    d->part[0] = a;
    d->part[1] = b;
    d->part[2] = k;
    return true;
}

/* --- year first -------------------------------------------------------------------------------------------------- */

/* Q4, -Q4, " Q4" behind a year. */
static bool take_quarter(struct timestamp_cursor *c, struct timestamp *out, struct date *d, int year)
{
    struct timestamp_cursor before = *c;
    int quarter = 0;
    if (!cursor_take(c, '-'))
        cursor_blanks(c);
    if ((cursor_take(c, 'Q') || cursor_take(c, 'q')) && cursor_digits(c) == 1)
        quarter = cursor_number(c, 1);
    if (quarter >= 1 && quarter <= 4)
        return put(out, d, TIMESTAMP_QUARTER, year, quarter * 3 - 2, 1);
    *c = before;
    return false;
}

/* ISO 8601 week dates: week 1 holds the fourth of January. */
static bool take_week(struct timestamp_cursor *c, struct timestamp *out, struct date *d, int year)
{
    struct timestamp_cursor before = *c;
    int day = 1, y, m, k;
    cursor_take(c, '-');
    bool is_week = cursor_take(c, 'W') && cursor_digits(c) >= 2;
    int week = is_week ? cursor_number(c, 2) : 0;
    bool has_day = is_week && (cursor_take(c, '-') || cursor_digits(c) == 1);
    if (has_day && (cursor_digits(c) != 1 || (day = cursor_number(c, 1)) < 1 || day > 7))
        is_week = false;
    if (!is_week || week < 1 || week > 53 || year < 1600) {
        *c = before;
        return false;
    }
    int64_t fourth = clock_days(year, 1, 4), monday = fourth - ((fourth + 3) % 7 + 7) % 7;
    clock_civil(monday + (week - 1) * 7 + day - 1, &y, &m, &k);
    int64_t next = clock_days(year + 1, 1, 4);
    if (monday + (week - 1) * 7 >= next - ((next + 3) % 7 + 7) % 7)
        return false; /* the year has no week 53 */
    return put(out, d, has_day ? TIMESTAMP_DAY : TIMESTAMP_WEEK, y, m, k);
}

/* 2019-293: the day of the year. */
static bool take_ordinal(struct timestamp_cursor *c, struct timestamp *out, struct date *d, int year)
{
    int day = cursor_number(c, 3), y, m, k;
    if (day < 1 || day > 365 + clock_date_valid(year, 2, 29))
        return false;
    clock_civil(clock_days(year, 1, 1) + day - 1, &y, &m, &k);
    return put(out, d, TIMESTAMP_DAY, y, m, k);
}

/* 年 and its like; Korean puts a blank behind each. */
static bool take_character(struct timestamp_cursor *c, const char *chinese, const char *korean)
{
    if (!cursor_take_text(c, chinese) && !cursor_take_text(c, korean))
        return false;
    cursor_blanks(c);
    return true;
}

static bool take_east_asia(struct timestamp_cursor *c, struct timestamp *out, struct date *d, int year)
{
    int month, day;
    if (!take_small(c, &month) || !take_character(c, "月", "월"))
        return false;
    out->mark = 'c';
    if (!cursor_is_digit(cursor_peek(c)))
        return put(out, d, TIMESTAMP_MONTH, year, month, 1);
    return take_small(c, &day) && take_character(c, "日", "일") && put(out, d, TIMESTAMP_DAY, year, month, day);
}

/* 2019-Nov-25, 2019 Nov 25, 2019 Nov. */
static bool take_named_behind_year(struct timestamp_cursor *c, struct timestamp *out, struct date *d, int year)
{
    int month = timestamp_take_month(c), day;
    char mark;
    if (!month)
        return false;
    out->flags |= TIMESTAMP_NAMED | TIMESTAMP_YEAR_FIRST;
    if (cursor_ended(c))
        return put(out, d, TIMESTAMP_MONTH, year, month, 1);
    if (!cursor_blanks(c))
        take_mark(c, &mark);
    return take_small(c, &day) && put(out, d, TIMESTAMP_DAY, year, month, day);
}

static bool take_year_first(struct timestamp_cursor *c, struct timestamp *out, struct date *d)
{
    int year = cursor_number(c, 4), month, day;
    char mark = 0;
    if (take_quarter(c, out, d, year) || take_week(c, out, d, year))
        return true;
    if (take_character(c, "年", "년"))
        return take_east_asia(c, out, d, year);
    if (!take_mark(c, &mark) && !cursor_blanks(c))
        return false;
    out->mark = (uint8_t)mark;
    if (mark) /* 2019. 11. 25. and 2023- 10- 09 */
        cursor_blanks(c);
    if (cursor_is_letter(cursor_peek(c)))
        return take_named_behind_year(c, out, d, year);
    if (mark == '-' && cursor_digits(c) == 3)
        return take_ordinal(c, out, d, year);
    if (!mark || !take_small(c, &month))
        return false;
    if (!cursor_take(c, mark))
        return (cursor_ended(c) || cursor_peek(c) == ' ') && put(out, d, TIMESTAMP_MONTH, year, month, 1);
    cursor_blanks(c);
    if (!take_small(c, &day))
        return false;
    if (mark == '.')
        cursor_take(c, '.'); /* 2019. 11. 25. */
    return put(out, d, TIMESTAMP_DAY, year, month, day);
}

/* 20191020, with something behind it. */
static bool take_compact(struct timestamp_cursor *c, struct timestamp *out, struct date *d)
{
    int year = cursor_number(c, 4), month = cursor_number(c, 2), day = cursor_number(c, 2);
    return month <= 31 && day <= 31 && put(out, d, TIMESTAMP_DAY, year, month, day);
}

/* --- day or month first ------------------------------------------------------------------------------------------ */

/* The words between the parts of a date: 25 de noviembre de 2019, 25th of November. */
static void skip_of(struct timestamp_cursor *c)
{
    cursor_blanks(c);
    if (cursor_take_text(c, "de ") || cursor_take_text(c, "of ") || cursor_take_text(c, "del "))
        cursor_blanks(c);
}

/* The ending of an ordinal number: 1st, 2nd, 1er, 1º. */
static void skip_ending(struct timestamp_cursor *c)
{
    static const char *const ending[] = {"st", "nd", "rd", "th", "er", "º", "."};
    for (size_t i = 0; i < ARRAY_N(ending); i++)
        if (cursor_take_text(c, ending[i]))
            return;
}

/* Behind a day: a month by name, and the year. */
static bool take_named_behind_day(struct timestamp_cursor *c, struct timestamp *out, struct date *d, int day)
{
    char mark = 0;
    skip_of(c);
    int month = timestamp_take_month(c), year;
    out->flags |= TIMESTAMP_NAMED;
    if (!month)
        return false;
    if (!take_mark(c, &mark)) {
        cursor_take(c, ',');
        skip_of(c);
    }
    return take_year(c, out, &year) && put(out, d, TIMESTAMP_DAY, year, month, day);
}

/* Whether three numbers of two digits are a date in any order. */
static bool may_be_date(int a, int b, int c)
{
    bool first_month = a >= 1 && a <= 12 && b >= 1 && b <= 31, second_month = b >= 1 && b <= 12;
    return first_month || (second_month && ((a >= 1 && a <= 31) || (c >= 1 && c <= 31)));
}

/* 25/11/2019, 11-25-19, 11/2019: what stands behind the first number. */
static bool take_numbers_behind(struct timestamp_cursor *c, struct timestamp *out, struct date *d, int first)
{
    int second;
    char mark = ' ';
    if (!take_mark(c, &mark) && !cursor_take(c, ' '))
        return false;
    out->mark = (uint8_t)mark;
    if (mark != '.' && mark != ' ' && cursor_digits(c) == 4)
        return first <= 31 && put(out, d, TIMESTAMP_MONTH, cursor_number(c, 4), first, 1);
    if (mark == '.')
        cursor_blanks(c);
    if (!take_small(c, &second) || !cursor_take(c, mark))
        return false;
    if (mark == '.')
        cursor_blanks(c);
    int n = cursor_digits(c);
    if (n == 2 && mark != ' ') {
        int third = cursor_number(c, 2);
        if (mark == '.' && !may_be_date(first, second, third))
            return false; /* 18.00.00: a clock */
        return put(out, d, TIMESTAMP_SHORT, first, second, third);
    }
    return n == 4 && first <= 31 && put(out, d, TIMESTAMP_YEAR_LAST, cursor_number(c, 4), first, second);
}

static bool take_small_first(struct timestamp_cursor *c, struct timestamp *out, struct date *d)
{
    char mark;
    int first = cursor_number(c, cursor_digits(c));
    struct timestamp_cursor before = *c;
    skip_ending(c);
    if (!cursor_blanks(c))
        take_mark(c, &mark);
    if (cursor_is_letter(cursor_peek(c)))
        return first <= 31 && take_named_behind_day(c, out, d, first);
    *c = before;
    return take_numbers_behind(c, out, d, first);
}

/* --- a word first ------------------------------------------------------------------------------------------------ */

/* Behind a month and a day: the year, or the clock and then the year (ctime, with a zone between them or not). */
static bool take_year_or_clock(struct timestamp_cursor *c, struct timestamp *out, struct date *d, int month, int day)
{
    int year;
    struct timestamp_cursor before = *c;
    if (cursor_digits(c) <= 2 && timestamp_take_clock(c, out, &d->clock, false) && cursor_blanks(c)) {
        d->has_clock_inside = true;
        if (cursor_digits(c) != 4 && !(timestamp_take_zone_only(c, out) && cursor_blanks(c)))
            return false;
        return cursor_digits(c) == 4 && put(out, d, TIMESTAMP_DAY, cursor_number(c, 4), month, day);
    }
    *c = before;
    out->flags &= (uint16_t) ~(TIMESTAMP_HAS_CLOCK | TIMESTAMP_TWELVE | TIMESTAMP_LEAP);
    return take_year(c, out, &year) && put(out, d, TIMESTAMP_DAY, year, month, day);
}

/* Nov 25, 2019; November 2019; Nov-19. */
static bool take_month_first(struct timestamp_cursor *c, struct timestamp *out, struct date *d)
{
    char mark = 0;
    int month = timestamp_take_month(c), day;
    if (!month)
        return false;
    out->flags |= TIMESTAMP_NAMED | TIMESTAMP_WORD_FIRST;
    if (!take_mark(c, &mark)) {
        cursor_take(c, ',');
        skip_of(c);
    }
    int n = cursor_digits(c);
    if (n == 4)
        return put(out, d, TIMESTAMP_MONTH, cursor_number(c, 4), month, 1);
    if (n != 1 && n != 2)
        return cursor_take(c, '\'') && cursor_digits(c) == 2 && (out->flags |= TIMESTAMP_TWO_DIGITS) &&
               put(out, d, TIMESTAMP_MONTH, 2000 + cursor_number(c, 2), month, 1);
    day = cursor_number(c, n);
    if (cursor_ended(c) && n == 2)
        return put(out, d, TIMESTAMP_MONTH_DAY, day, month, 1);
    if (day > 31)
        return false;
    skip_ending(c);
    if (!take_mark(c, &mark)) {
        cursor_take(c, ',');
        skip_of(c);
    }
    return take_year_or_clock(c, out, d, month, day);
}

/* Q1 2019, Q1/2019, Q1-2019. */
static bool take_quarter_first(struct timestamp_cursor *c, struct timestamp *out, struct date *d)
{
    char mark;
    if ((!cursor_take(c, 'Q') && !cursor_take(c, 'q')) || cursor_digits(c) != 1)
        return false;
    int quarter = cursor_number(c, 1);
    if (!cursor_blanks(c))
        take_mark(c, &mark);
    return quarter >= 1 && quarter <= 4 && cursor_digits(c) == 4 &&
           put(out, d, TIMESTAMP_QUARTER, cursor_number(c, 4), quarter * 3 - 2, 1);
}

static bool take_date(struct timestamp_cursor *c, struct timestamp *out, struct date *d)
{
    switch (cursor_digits(c)) {
    case 0: {
        struct timestamp_cursor before = *c;
        if (take_quarter_first(c, out, d))
            return true;
        *c = before;
        return take_month_first(c, out, d);
    }
    case 1:
    case 2:
        return take_small_first(c, out, d);
    case 4:
        return take_year_first(c, out, d);
    case 8:
        return take_compact(c, out, d);
    default:
        return false;
    }
}

/* --- a whole cell ------------------------------------------------------------------------------------------------ */

/* Between a date and its clock: T, blanks, a comma, an underscore; a colon behind a named month, as web servers do. */
static bool take_joint(struct timestamp_cursor *c, const struct timestamp *t, bool *basic)
{
    *basic = true;
    if (cursor_take(c, 'T') || cursor_take(c, 't') || cursor_take(c, '_'))
        return true;
    if ((t->flags & TIMESTAMP_NAMED) && cursor_take(c, ':'))
        return true;
    bool comma = cursor_take(c, ',');
    bool blank = cursor_blanks(c);
    if (cursor_take_text(c, "at "))
        cursor_blanks(c);
    return comma || blank || t->mark == 'c';
}

static bool take_rest(struct timestamp_cursor *c, struct timestamp *out, struct date *d)
{
    bool basic;
    if (cursor_ended(c))
        return true;
    if (d->has_clock_inside)
        return timestamp_take_zone(c, out);
    if (!take_joint(c, out, &basic))
        return false;
    struct timestamp_cursor before = *c;
    uint16_t flags = out->flags;
    if (timestamp_take_clock(c, out, &d->clock, basic) && out->layout != TIMESTAMP_MONTH)
        return timestamp_take_zone(c, out);
    *c = before;
    out->flags = flags;
    return timestamp_take_zone(c, out) && (out->flags & (TIMESTAMP_HAS_ZONE | TIMESTAMP_ZONE_WORD));
}

static bool scan_from_date(struct timestamp_cursor c, struct timestamp *out)
{
    struct date d = {.clock = 0};
    *out = (struct timestamp){.kind = TIMESTAMP_DATE};
    if (!take_date(&c, out, &d) || !take_rest(&c, out, &d) || d.part[0] > 9999)
        return false;
    timestamp_set_parts(out, d.part[0], d.part[1], d.part[2], d.clock);
    return true;
}

/* 14:00 25/11/2019 */
static bool scan_clock_first(struct timestamp_cursor c, struct timestamp *out)
{
    struct date d = {.clock = 0};
    *out = (struct timestamp){.kind = TIMESTAMP_DATE};
    if (!timestamp_take_clock(&c, out, &d.clock, false))
        return false;
    bool joint = cursor_take(&c, ',');
    joint = cursor_blanks(&c) || joint;
    if (!joint || !take_date(&c, out, &d) || !cursor_ended(&c))
        return false;
    timestamp_set_parts(out, d.part[0], d.part[1], d.part[2], d.clock);
    return true;
}

bool timestamp_scan_date(struct timestamp_cursor c, struct timestamp *out)
{
    if (scan_from_date(c, out))
        return true;
    if (cursor_is_digit(*c.at))
        return memchr(c.at, ':', (size_t)(c.end - c.at)) && scan_clock_first(c, out);
    if (!timestamp_take_weekday(&c))
        return false;
    cursor_take(&c, ',');
    cursor_blanks(&c);
    return !cursor_ended(&c) && scan_from_date(c, out);
}
