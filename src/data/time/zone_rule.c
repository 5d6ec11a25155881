#include "data/time/zone_rule.h"

#include "base/clock.h"

#define DAY_S INT64_C(86400)

/* --- reading ----------------------------------------------------------------------------------------------------- */

struct reader {
    const char *at, *end;
};

static bool take(struct reader *r, char wanted)
{
    if (r->at == r->end || *r->at != wanted)
        return false;
    r->at++;
    return true;
}

static bool take_number(struct reader *r, int most, int *out)
{
    int v = 0, digits = 0;
    for (; r->at < r->end && *r->at >= '0' && *r->at <= '9' && digits < 4; r->at++, digits++)
        v = v * 10 + (*r->at - '0');
    *out = v;
    return digits > 0 && v <= most;
}

/* Three letters or more, or anything of letters, digits and signs between < and >. */
static bool take_word(struct reader *r, char word[ZONE_WORD_MAX])
{
    bool quoted = take(r, '<');
    size_t n = 0;
    for (; r->at < r->end; r->at++) {
        char c = *r->at;
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        bool more = quoted && ((c >= '0' && c <= '9') || c == '+' || c == '-');
        if (!letter && !more)
            break;
        if (n + 1 >= ZONE_WORD_MAX)
            return false;
        word[n++] = c;
    }
    word[n] = '\0';
    return n >= 3 && (!quoted || take(r, '>'));
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(struct reader *r, int hours_most, int32_t *seconds)
{
    int hour, minute = 0, second = 0;
    bool negative = take(r, '-');
    if (!negative)
        take(r, '+');
    if (!take_number(r, hours_most, &hour))
        return false;
    if (take(r, ':') && (!take_number(r, 59, &minute) || (take(r, ':') && !take_number(r, 59, &second))))
        return false;
    *seconds = (hour * 60 + minute) * 60 + second;
    if (negative)
        *seconds = -*seconds;
    return true;
}

static bool take_date(struct reader *r, struct zone_date *d)
{
    *d = (struct zone_date){.second = 7200};
    if (take(r, 'M')) {
        d->kind = ZONE_MONTH_WEEK_DAY;
        if (!take_number(r, 12, &d->month) || !take(r, '.') || !take_number(r, 5, &d->week) || !take(r, '.') ||
            !take_number(r, 6, &d->day) || d->month < 1 || d->week < 1)
            return false;
    } else if (take(r, 'J')) {
        d->kind = ZONE_JULIAN;
        if (!take_number(r, 365, &d->day) || d->day < 1)
            return false;
    } else {
        d->kind = ZONE_DAY_OF_YEAR;
        if (!take_number(r, 365, &d->day))
            return false;
    }
    return !take(r, '/') || take_time(r, 167, &d->second);
}

bool zone_rule_parse(struct zone_rule *out, const char *text, size_t n)
{
    struct reader r = {text, text + n};
    int32_t west;
    *out = (struct zone_rule){0};
    if (!take_word(&r, out->standard_word) || !take_time(&r, 24, &west))
        return false;
    out->standard = -west;
    if (r.at == r.end)
        return true;
    out->has_summer = true;
    out->summer = out->standard + 3600;
    if (!take_word(&r, out->summer_word))
        return false;
    if (r.at < r.end && *r.at != ',') {
        if (!take_time(&r, 24, &west))
            return false;
        out->summer = -west;
    }
    return take(&r, ',') && take_date(&r, &out->start) && take(&r, ',') && take_date(&r, &out->end) && r.at == r.end;
}

/* --- applying ---------------------------------------------------------------------------------------------------- */

/* Seconds since 1970, in local time. */
static int64_t date_in(const struct zone_date *d, int year)
{
    int64_t day = clock_days(year, 1, 1);
    if (d->kind == ZONE_DAY_OF_YEAR) {
        day += d->day;
    } else if (d->kind == ZONE_JULIAN) {
        day += d->day - 1 + (d->day > 59 && clock_date_valid(year, 2, 29));
    } else {
        int64_t first = clock_days(year, d->month, 1);
        int weekday = (int)(((first + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
        int dom = (d->day - weekday + 7) % 7 + 1 + (d->week - 1) * 7;
        while (!clock_date_valid(year, d->month, dom))
            dom -= 7;
        day = first + dom - 1;
    }
    return day * DAY_S + d->second;
}

static int year_of(int64_t utc_s)
{
    int year, month, day;
    clock_civil(utc_s / DAY_S - (utc_s % DAY_S < 0), &year, &month, &day);
    return year;
}

static int64_t start_of(const struct zone_rule *r, int year)
{
    return date_in(&r->start, year) - r->standard;
}

static int64_t end_of(const struct zone_rule *r, int year)
{
    return date_in(&r->end, year) - r->summer;
}

/* Of the changes of this year and of the two beside it the last one before utc_s decides. */
bool zone_rule_is_summer(const struct zone_rule *r, int64_t utc_s)
{
    bool summer = false;
    int64_t last = INT64_MIN;
    if (!r->has_summer)
        return false;
    int middle = year_of(utc_s);
    for (int year = middle - 1; year <= middle + 1; year++) {
        int64_t end = end_of(r, year), start = start_of(r, year);
        if (end <= utc_s && end > last) {
            last = end;
            summer = false;
        }
        if (start <= utc_s && start >= last) {
            last = start;
            summer = true;
        }
    }
    return summer;
}

bool zone_rule_next(const struct zone_rule *r, int64_t utc_s, int64_t *change_s)
{
    int64_t best = INT64_MAX;
    if (!r->has_summer)
        return false;
    int middle = year_of(utc_s);
    for (int year = middle - 1; year <= middle + 1; year++) {
        int64_t at[2] = {start_of(r, year), end_of(r, year)};
        for (int i = 0; i < 2; i++)
            if (at[i] > utc_s && at[i] < best)
                best = at[i];
    }
    *change_s = best;
    return best != INT64_MAX;
}
