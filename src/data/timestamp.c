#include "data/timestamp.h"

#include "base/clock.h"
#include "base/text.h"

#include <ctype.h>

#define MINUTE_US (60 * CLOCK_SECOND_US)
#define EPOCH_FIRST_S                                                                                                  \
    INT64_C(631152000) /* 1990-01-01; a thousand times it lies above EPOCH_END_S: units never overlap */
#define EPOCH_END_S INT64_C(4102444800) /* 2100-01-01 */
#define YEAR_FIRST 1900
#define YEAR_LAST 2199

struct cursor {
    const char *at, *end;
};

static bool take(struct cursor *c, char wanted)
{
    if (c->at == c->end || *c->at != wanted)
        return false;
    c->at++;
    return true;
}

static int digits_ahead(const struct cursor *c)
{
    int n = 0;
    while (c->at + n < c->end && n < 20 && c->at[n] >= '0' && c->at[n] <= '9')
        n++;
    return n;
}

static int64_t take_digits(struct cursor *c, int n)
{
    int64_t v = 0;
    for (int i = 0; i < n; i++)
        v = v * 10 + (*c->at++ - '0');
    return v;
}

/* Exactly two digits below `limit`. */
static bool take_two(struct cursor *c, int limit, int *out)
{
    if (digits_ahead(c) != 2)
        return false;
    *out = (int)take_digits(c, 2);
    return *out < limit;
}

/* A point and one to nine digits, as microseconds; what is finer is cut off. */
static bool take_fraction(struct cursor *c, int64_t *us)
{
    int n = digits_ahead(c);
    if (n < 1 || n > 9)
        return false;
    int64_t v = take_digits(c, n);
    for (; n < 6; n++)
        v *= 10;
    for (; n > 6; n--)
        v /= 10;
    *us = v;
    return true;
}

static bool take_clock(struct cursor *c, struct timestamp *out)
{
    int hour = 0, minute = 0, second = 0;
    int64_t fraction = 0;
    if (!take_two(c, 24, &hour) || !take(c, ':') || !take_two(c, 60, &minute))
        return false;
    if (take(c, ':')) {
        if (!take_two(c, 60, &second))
            return false;
        if (take(c, '.') && !take_fraction(c, &fraction))
            return false;
    }
    out->us = ((hour * 60 + minute) * INT64_C(60) + second) * CLOCK_SECOND_US + fraction;
    out->has_clock = true;
    return true;
}

static bool rest_is(const struct cursor *c, const char *word)
{
    size_t n = strlen(word);
    return (size_t)(c->end - c->at) == n && memcmp(c->at, word, n) == 0;
}

/* What may stand behind a clock: nothing, or a zone that names an offset. */
static bool take_zone(struct cursor *c, struct timestamp *out)
{
    if (c->at == c->end)
        return true;
    if (rest_is(c, "Z") || rest_is(c, "UTC") || rest_is(c, "GMT") || rest_is(c, " UTC") || rest_is(c, " GMT")) {
        out->has_zone = true;
        return true;
    }
    bool west = *c->at == '-';
    int hour = 0, minute = 0;
    if (!west && *c->at != '+')
        return false;
    c->at++;
    int n = digits_ahead(c);
    if (n != 2 && n != 4)
        return false;
    hour = (int)take_digits(c, 2);
    if (n == 4)
        minute = (int)take_digits(c, 2);
    else if (take(c, ':') && !take_two(c, 60, &minute))
        return false;
    if (c->at != c->end || hour > 14 || minute > 59)
        return false;
    out->zone_minutes = (int16_t)(west ? -(hour * 60 + minute) : hour * 60 + minute);
    out->has_zone = true;
    return true;
}

static bool take_clock_and_zone(struct cursor *c, struct timestamp *out)
{
    if (c->at == c->end)
        return true;
    if (!take(c, 'T') && !take(c, ' '))
        return false;
    return take_clock(c, out) && take_zone(c, out);
}

static bool scan_iso(struct cursor c, struct timestamp *out)
{
    if (digits_ahead(&c) != 4)
        return false;
    out->part[0] = (int32_t)take_digits(&c, 4);
    bool slash = take(&c, '/');
    if (!slash && !take(&c, '-'))
        return false;
    int n = digits_ahead(&c);
    if (n != 2 && !(slash && n == 1))
        return false;
    out->part[1] = (int32_t)take_digits(&c, n);
    out->kind = TIMESTAMP_ISO;
    if (c.at == c.end && !slash) {
        out->part[2] = 1;
        out->month_only = true;
        return true;
    }
    if (!take(&c, slash ? '/' : '-'))
        return false;
    n = digits_ahead(&c);
    if (n != 2 && !(slash && n == 1))
        return false;
    out->part[2] = (int32_t)take_digits(&c, n);
    return take_clock_and_zone(&c, out);
}

static bool scan_slash(struct cursor c, struct timestamp *out)
{
    for (int i = 0; i < 3; i++) {
        int n = digits_ahead(&c);
        if (i > 0 && !take(&c, '/'))
            return false;
        n = digits_ahead(&c);
        if (i < 2 ? n < 1 || n > 2 : n != 2 && n != 4)
            return false;
        out->part[i] = (int32_t)take_digits(&c, n);
        out->short_year = i == 2 && n == 2;
    }
    out->kind = TIMESTAMP_SLASH;
    return take_clock_and_zone(&c, out);
}

/* Digits, and for seconds and milliseconds a fraction: "1325317920", "1325317920.5". */
static bool scan_epoch(struct cursor c, struct timestamp *out)
{
    static const int64_t per_second[TIMESTAMP_UNITS] = {1, 1000, 1000000, 1000000000};
    int n = digits_ahead(&c);
    if (n < 9 || n > 19)
        return false;
    int64_t v = 0, fraction = 0;
    for (int i = 0; i < n; i++) {
        int digit = *c.at++ - '0';
        if (v > (INT64_MAX - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    if (take(&c, '.') && !take_fraction(&c, &fraction))
        return false;
    if (c.at != c.end)
        return false;
    for (int unit = 0; unit < TIMESTAMP_UNITS; unit++) {
        int64_t scale = per_second[unit];
        if (v / scale < EPOCH_FIRST_S || v / scale >= EPOCH_END_S)
            continue;
        out->kind = TIMESTAMP_EPOCH;
        out->unit = (uint8_t)unit;
        out->us = unit == TIMESTAMP_NS ? v / 1000 : v * (1000000 / scale) + fraction / scale;
        return true;
    }
    return false;
}

bool timestamp_scan(const char *text, size_t n, struct timestamp *out)
{
    struct cursor c = {text, text + n};
    bool (*const scan[])(struct cursor, struct timestamp *) = {scan_iso, scan_slash, scan_epoch};
    for (size_t i = 0; i < sizeof scan / sizeof *scan; i++) {
        *out = (struct timestamp){.kind = TIMESTAMP_NONE};
        if (scan[i](c, out))
            return true;
    }
    *out = (struct timestamp){.kind = TIMESTAMP_NONE};
    return false;
}

/* --- one column ------------------------------------------------------------------------------------------------ */

/* What the numbers of a slash column rule out, with the first row that does. */
struct order_evidence {
    size_t first_big, second_big; /* items, or n: the first number, the second, above 12 */
    size_t last_big;              /* a two-digit last number above 31, so a year */
    bool short_year;
};

static struct order_evidence look_at_slashes(const struct timestamp *item, size_t n)
{
    struct order_evidence e = {n, n, n, false};
    for (size_t i = n; i-- > 0;) {
        if (item[i].part[0] > 12)
            e.first_big = i;
        if (item[i].part[1] > 12)
            e.second_big = i;
        if (item[i].part[2] > 31)
            e.last_big = i;
        e.short_year = e.short_year || item[i].short_year;
    }
    return e;
}

static void describe_item(char *out, size_t size, const struct timestamp *t, uint64_t line)
{
    snprintf(out, size, "line %llu: %d/%d/%0*d", (unsigned long long)line, (int)t->part[0], (int)t->part[1],
             t->short_year ? 2 : 4, (int)t->part[2]);
}

static bool guess_order(struct timestamp_column *column, const struct timestamp *item, size_t n, const uint64_t *line,
                        struct error *err)
{
    struct order_evidence e = look_at_slashes(item, n);
    char where[80], other[80];
    describe_item(where, sizeof where,
                  &item[e.second_big < n  ? e.second_big
                        : e.first_big < n ? e.first_big
                                          : 0],
                  line[e.second_big < n  ? e.second_big
                       : e.first_big < n ? e.first_big
                                         : 0]);
    if (e.second_big < n && e.first_big < n) {
        describe_item(other, sizeof other, &item[e.first_big], line[e.first_big]);
        return error_set(err, ERROR_DATA,
                         "%s can only be month/day, %s only day/month: the column mixes both orders; "
                         "repair the file",
                         where, other);
    }
    if (e.second_big < n) {
        column->order = TIMESTAMP_MDY;
        snprintf(column->evidence, sizeof column->evidence, "%s can only be month/day", where);
        return true;
    }
    if (e.first_big < n && (!e.short_year || e.last_big < n)) {
        column->order = TIMESTAMP_DMY;
        snprintf(column->evidence, sizeof column->evidence, "%s can only be day/month", where);
        return true;
    }
    return error_set(err, ERROR_DATA,
                     "%s: nothing in the column tells the day from the month%s; say --date-order dmy, "
                     "mdy or ymd",
                     where, e.first_big < n ? " or the year from the day" : "");
}

static int full_year(int year)
{
    return year >= 69 ? 1900 + year : 2000 + year;
}

static void civil_of(const struct timestamp *t, enum timestamp_order order, int *year, int *month, int *day)
{
    static const uint8_t place[][3] = {
        [TIMESTAMP_DMY] = {2, 1, 0}, [TIMESTAMP_MDY] = {2, 0, 1}, [TIMESTAMP_YMD] = {0, 1, 2}};
    const uint8_t *p = place[order];
    *year = (int)t->part[p[0]];
    *month = (int)t->part[p[1]];
    *day = (int)t->part[p[2]];
    if (t->kind == TIMESTAMP_SLASH && *year < 100)
        *year = full_year(*year);
}

static bool resolve(int64_t *us, const struct timestamp *t, uint64_t line, enum timestamp_order order,
                    struct error *err)
{
    if (t->kind == TIMESTAMP_EPOCH) {
        *us = t->us;
        return true;
    }
    int year, month, day;
    civil_of(t, order, &year, &month, &day);
    if (year < YEAR_FIRST || year > YEAR_LAST || !clock_date_valid(year, month, day))
        return error_set(err, ERROR_DATA, "line %llu: there is no day %04d-%02d-%02d (years run from %d to %d)%s",
                         (unsigned long long)line, year, month, day, YEAR_FIRST, YEAR_LAST,
                         t->kind == TIMESTAMP_SLASH ? "; another --date-order may fit" : "; repair the line");
    *us = clock_days(year, month, day) * CLOCK_DAY_US + t->us - t->zone_minutes * MINUTE_US;
    return true;
}

/* One column has one spelling; only the unit of an epoch may change from row to row. */
static bool check_uniform(struct timestamp_column *column, const struct timestamp *item, size_t n, const uint64_t *line,
                          struct error *err)
{
    const struct timestamp *first = &item[0];
    for (size_t i = 0; i < n; i++) {
        const struct timestamp *t = &item[i];
        if (t->kind == TIMESTAMP_EPOCH)
            column->unit[t->unit]++;
        const char *differs = t->kind != first->kind || t->month_only != first->month_only
                                  ? "is spelled in another form"
                              : t->has_clock != first->has_clock ? "differs in having a clock"
                              : t->has_zone != first->has_zone   ? "differs in naming a zone"
                                                                 : NULL;
        if (differs)
            return error_set(err, ERROR_DATA,
                             "line %llu: the time %s from line %llu; write the whole column in one form",
                             (unsigned long long)line[i], differs, (unsigned long long)line[0]);
    }
    column->kind = (enum timestamp_kind)first->kind;
    column->month_only = first->month_only;
    column->has_clock = first->has_clock;
    column->has_zone = first->has_zone;
    return true;
}

static void describe_epoch(struct timestamp_column *column)
{
    static const char *const name[TIMESTAMP_UNITS] = {"s", "ms", "us", "ns"};
    struct text format = {0}, evidence = {0};
    for (int u = 0; u < TIMESTAMP_UNITS; u++) {
        if (!column->unit[u])
            continue;
        text_printf(&format, "%s%s", format.n ? " and " : "epoch ", name[u]);
        text_printf(&evidence, "%s%zu rows in %s", evidence.n ? ", " : "", column->unit[u], name[u]);
    }
    text_put(&evidence, ", told by the size of the number");
    text_copy(column->format, sizeof column->format, text_of(&format));
    text_copy(column->evidence, sizeof column->evidence, text_of(&evidence));
    text_free(&format);
    text_free(&evidence);
}

static void describe_calendar(struct timestamp_column *column, const struct timestamp *first)
{
    const char *date = "YYYY-MM-DD", *zone = "";
    if (column->month_only)
        date = "YYYY-MM";
    else if (column->kind == TIMESTAMP_SLASH)
        date = column->order == TIMESTAMP_MDY   ? first->short_year ? "M/D/YY" : "M/D/YYYY"
               : column->order == TIMESTAMP_DMY ? first->short_year ? "D/M/YY" : "D/M/YYYY"
                                                : "YY/M/D";
    if (column->has_zone)
        zone = " with zone";
    snprintf(column->format, sizeof column->format, "%s%s%s", date, column->has_clock ? " and clock" : "", zone);
    if (column->kind == TIMESTAMP_ISO)
        snprintf(column->evidence, sizeof column->evidence, "every row is year, month%s in this order%s",
                 column->month_only ? "" : ", day",
                 column->has_zone    ? ""
                 : column->has_clock ? "; no zone is named, read as UTC"
                                     : "");
}

bool timestamp_decide(struct timestamp_column *column, int64_t *us, const struct timestamp *item, size_t n,
                      const uint64_t *line, enum timestamp_order order, struct error *err)
{
    *column = (struct timestamp_column){.order = TIMESTAMP_YMD};
    if (n == 0)
        return error_set(err, ERROR_DATA, "there is no time to read");
    if (!check_uniform(column, item, n, line, err))
        return false;
    if (column->kind == TIMESTAMP_SLASH) {
        column->order = order;
        snprintf(column->evidence, sizeof column->evidence, "given with --date-order");
        if (order == TIMESTAMP_GUESS && !guess_order(column, item, n, line, err))
            return false;
    }
    for (size_t i = 0; i < n; i++)
        if (!resolve(&us[i], &item[i], line[i], column->order, err))
            return false;
    if (column->kind == TIMESTAMP_EPOCH)
        describe_epoch(column);
    else
        describe_calendar(column, &item[0]);
    return true;
}

bool timestamp_is_midnight(int64_t us)
{
    return us % CLOCK_DAY_US == 0;
}

static bool day_of_month_is_one(int64_t us)
{
    int year, month, day;
    int64_t days = us / CLOCK_DAY_US - (us % CLOCK_DAY_US < 0);
    clock_civil(days, &year, &month, &day);
    return day == 1;
}

bool timestamp_is_month_start(int64_t us)
{
    return day_of_month_is_one(us);
}

bool timestamp_is_month_end(int64_t us)
{
    return day_of_month_is_one(us + CLOCK_DAY_US);
}
