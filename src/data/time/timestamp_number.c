/* What a column of numbers means as times: epochs, dates without marks, spreadsheet days, time elapsed. Declared in
 * timestamp_cursor.h.
 *
 * Every row must fit one reading. Epochs and dates without marks are told by their size; spreadsheet days and what is
 * elapsed only together with the column's name, or where --format says so. */
#include "base/memory.h"
#include "base/text.h"
#include "data/time/timename.h"
#include "data/time/timestamp_cursor.h"

#include <math.h>

/* 1990-01-01: a thousand times it lies above the end, so that no two units overlap. */
#define EPOCH_FIRST_S INT64_C(631152000)
#define EPOCH_END_S INT64_C(4102444800) /* 2100-01-01 */
#define EXCEL_DAY_ZERO (-25569)         /* 1899-12-30: right from 1900-03-01 on, where the invented leap day is past */
#define EXCEL_FIRST 61
#define EXCEL_END 2958466 /* year 10000 */
#define EXCEL_LIKELY_FIRST 20000
#define EXCEL_LIKELY_END 80000
#define ENOUGH 13

static const int64_t ten_to[] = {1,
                                 10,
                                 100,
                                 1000,
                                 10000,
                                 100000,
                                 1000000,
                                 10000000,
                                 100000000,
                                 1000000000,
                                 10000000000,
                                 100000000000,
                                 1000000000000,
                                 10000000000000,
                                 100000000000000,
                                 1000000000000000,
                                 10000000000000000,
                                 100000000000000000,
                                 1000000000000000000};

static const char *const unit_name[TIMESTAMP_UNITS] = {"s", "ms", "us", "ns"};
static const int unit_digits[TIMESTAMP_UNITS] = {0, 3, 6, 9};

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static void shown(char *out, size_t size, const struct timestamp *t)
{
    text_of_double(timestamp_number(t), out, size);
}

/* --- epochs ------------------------------------------------------------------------------------------------------ */

/* A number of units as microseconds, cut to whole ones; false where they do not fit. */
static bool epoch_us(const struct timestamp *t, enum timestamp_unit unit, int64_t *us)
{
    int shift = 6 - unit_digits[unit] - t->decimals;
    if (shift < 0) {
        *us = -shift > 18 ? (t->value < 0 ? -1 : 0) : floor_div(t->value, ten_to[-shift]);
        return true;
    }
    if (t->value > INT64_MAX / ten_to[shift] || t->value < -(INT64_MAX / ten_to[shift]))
        return false;
    *us = t->value * ten_to[shift];
    return true;
}

/* The unit under which the number is an instant from 1990 to 2099. */
static bool find_unit(const struct timestamp *t, enum timestamp_unit *unit)
{
    int64_t whole = t->value / ten_to[t->decimals];
    for (int u = 0; u < TIMESTAMP_UNITS; u++) {
        int64_t seconds = whole / ten_to[unit_digits[u]];
        if (seconds >= EPOCH_FIRST_S && seconds < EPOCH_END_S) {
            *unit = (enum timestamp_unit)u;
            return true;
        }
    }
    return false;
}

static void describe_epochs(struct timestamp_column *column, const char *how)
{
    struct text format = {0}, evidence = {0};
    for (int u = 0; u < TIMESTAMP_UNITS; u++) {
        if (!column->unit[u])
            continue;
        text_printf(&format, "%s%s", format.n ? " and " : "epoch ", unit_name[u]);
        text_printf(&evidence, "%s%zu row%s in %s", evidence.n ? ", " : "", column->unit[u],
                    text_s((int64_t)column->unit[u]), unit_name[u]);
    }
    text_put(&evidence, how);
    text_copy(column->format, sizeof column->format, text_of(&format));
    text_copy(column->evidence, sizeof column->evidence, text_of(&evidence));
    text_free(&format);
    text_free(&evidence);
}

bool timestamp_is_epoch(const struct timestamp *t)
{
    enum timestamp_unit unit;
    return find_unit(t, &unit);
}

static bool are_epochs(const struct timestamp *item, size_t n)
{
    size_t i = 0;
    while (i < n && timestamp_is_epoch(&item[i]))
        i++;
    return n > 0 && i == n;
}

static bool take_epochs(struct timestamp_column *column, int64_t *us, const struct timestamp *item, size_t n,
                        const uint64_t *line, const struct timestamp_format *given, struct error *err)
{
    for (size_t i = 0; i < n; i++) {
        enum timestamp_unit unit = given ? given->unit : TIMESTAMP_S;
        if ((!given && !find_unit(&item[i], &unit)) || !epoch_us(&item[i], unit, &us[i]))
            return error_set(err, ERROR_DATA, "line %llu: the number is too large for an epoch in %s",
                             (unsigned long long)line[i], unit_name[unit]);
        column->unit[unit]++;
    }
    column->epoch = column->has_zone = column->has_clock = true;
    describe_epochs(column, given ? ", given with --format" : ", told by the size of the number");
    return true;
}

/* --- dates without marks ----------------------------------------------------------------------------------------- */

/* YYYY, YYYYMM, YYYYMMDD, then hours, minutes, seconds, milliseconds; *out becomes a DATE. */
static bool split_compact(const struct timestamp *t, struct timestamp *out)
{
    static const int digits[] = {4, 6, 8, 10, 12, 14, 17};
    int part[7] = {0, 1, 1, 0, 0, 0, 0};
    int64_t v = t->value / ten_to[t->decimals];
    int fields = 0;
    if (t->value < 0 || t->value % ten_to[t->decimals] != 0 || (t->flags & TIMESTAMP_ZEROS))
        return false;
    while (fields < 7 && digits[fields] != t->mark)
        fields++;
    if (fields == 7)
        return false;
    for (int i = fields; i >= 0; i--) {
        int64_t base = i == 0 ? 10000 : i == 6 ? 1000 : 100;
        part[i] = (int)(v % base);
        v /= base;
    }
    if (part[0] < 1600 || part[0] > 2199 || !clock_date_valid(part[0], part[1], part[2]) || part[3] > 23 ||
        part[4] > 59 || part[5] > 59)
        return false;
    *out = (struct timestamp){.kind = TIMESTAMP_DATE};
    out->layout = fields == 0 ? TIMESTAMP_YEAR : fields == 1 ? TIMESTAMP_MONTH : TIMESTAMP_DAY;
    out->flags = fields > 2 ? TIMESTAMP_HAS_CLOCK : 0;
    timestamp_set_parts(out, part[0], part[1], part[2],
                        ((part[3] * INT64_C(60) + part[4]) * 60 + part[5]) * CLOCK_SECOND_US + part[6] * INT64_C(1000));
    return true;
}

bool timestamp_is_compact(const struct timestamp *item, size_t n)
{
    struct timestamp date;
    size_t i = 0;
    while (i < n && item[i].mark == item[0].mark && split_compact(&item[i], &date))
        i++;
    return n > 0 && i == n;
}

bool timestamp_from_compact(const struct timestamp *number, struct timestamp *date)
{
    return split_compact(number, date);
}

/* Whether all six digits are also days: year, month and day of two digits each. */
static bool are_short_days(const struct timestamp *item, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int64_t v = item[i].value / ten_to[item[i].decimals];
        if (!clock_date_valid(2000 + (int)(v / 10000), (int)(v / 100 % 100), (int)(v % 100)))
            return false;
    }
    return true;
}

static bool keep_months(const struct timestamp *item, size_t n)
{
    struct timestamp a, b;
    for (size_t i = 1; i < n; i++) {
        int p[3], q[3];
        int64_t clock;
        if (!split_compact(&item[i - 1], &a) || !split_compact(&item[i], &b))
            return false;
        timestamp_parts(&a, p, &clock);
        timestamp_parts(&b, q, &clock);
        int step = (q[0] - p[0]) * 12 + q[1] - p[1];
        if (step != 1 && step != -1)
            return false;
    }
    return n >= ENOUGH;
}

static bool take_compact(struct timestamp_column *column, int64_t *us, const struct timestamp *item, size_t n,
                         const uint64_t *line, const struct timename *name, struct error *err)
{
    static const char *const form[] = {"YYYY",         "YYYYMM",         "YYYYMMDD",         "YYYYMMDDhh",
                                       "YYYYMMDDhhmm", "YYYYMMDDhhmmss", "YYYYMMDDhhmmssfff"};
    int digits = item[0].mark;
    if (digits == 6 && name->part != TIMENAME_MONTH && are_short_days(item, n) && !keep_months(item, n))
        return error_set(err, ERROR_DATA,
                         "line %llu: six digits that may be a year and a month, or a day with a year of two digits; "
                         "say --format YYYYMM, YYMMDD or DDMMYY",
                         (unsigned long long)line[0]);
    for (size_t i = 0; i < n; i++) {
        struct timestamp date;
        int part[3];
        int64_t clock;
        split_compact(&item[i], &date);
        timestamp_parts(&date, part, &clock);
        us[i] = clock_days(part[0], part[1], part[2]) * CLOCK_DAY_US + clock;
        column->layout = (enum timestamp_layout)date.layout;
    }
    column->has_clock = digits > 8;
    text_copy(column->format, sizeof column->format, form[digits == 17 ? 6 : digits / 2 - 2]);
    snprintf(column->evidence, sizeof column->evidence, "the %d digits of every row are a date%s", digits,
             digits > 8 ? " and a clock" : "");
    return true;
}

/* --- counted from a beginning ------------------------------------------------------------------------------------ */

/* The nearest microsecond, ties to the even one: exact for decimal units, within one rounding of a double for rates. */
static bool elapsed_us(const struct timestamp *t, double per_second, int64_t *us)
{
    double v = timestamp_number(t) * 1e6 / per_second;
    if (!(v >= -9e15 && v <= 9e15))
        return false;
    *us = (int64_t)nearbyint(v);
    return true;
}

static bool take_elapsed(struct timestamp_column *column, int64_t *us, const struct timestamp *item, size_t n,
                         const uint64_t *line, double per_second, const char *unit, const char *why, struct error *err)
{
    char text[2][40];
    for (size_t i = 0; i < n; i++) {
        if (!elapsed_us(&item[i], per_second, &us[i]))
            return error_set(err, ERROR_DATA, "line %llu: the elapsed time is beyond 285 years",
                             (unsigned long long)line[i]);
        if (i == 0 || us[i] != us[i - 1] || timestamp_number(&item[i]) == timestamp_number(&item[i - 1]))
            continue;
        shown(text[0], sizeof text[0], &item[i - 1]);
        shown(text[1], sizeof text[1], &item[i]);
        return error_set(err, ERROR_DATA,
                         "line %llu: %s and %s are less than a microsecond apart, which is the finest step there is",
                         (unsigned long long)line[i], text[0], text[1]);
    }
    column->elapsed = column->has_zone = column->has_clock = true;
    snprintf(column->format, sizeof column->format, "elapsed %s", unit);
    snprintf(column->evidence, sizeof column->evidence,
             "no calendar date: elapsed %s (%s), counted from 1970-01-01T00:00:00Z", unit, why);
    return true;
}

/* Rises from row to row, but for one in a hundred. */
static bool rises(const struct timestamp *item, size_t n)
{
    size_t falls = 0;
    for (size_t i = 1; i < n; i++)
        falls += timestamp_number(&item[i]) < timestamp_number(&item[i - 1]);
    return n > 1 && falls <= n / 100 && timestamp_number(&item[n - 1]) > timestamp_number(&item[0]);
}

static bool elapsed_unit(enum timename_unit unit, double *per_second, const char **name)
{
    static const struct {
        double per_second;
        const char *name;
    } of[] = {[TIMENAME_NO_UNIT] = {0, NULL},           [TIMENAME_S] = {1, "seconds"},
              [TIMENAME_MS] = {1e3, "milliseconds"},    [TIMENAME_US] = {1e6, "microseconds"},
              [TIMENAME_NS] = {1e9, "nanoseconds"},     [TIMENAME_MINUTES] = {1.0 / 60, "minutes"},
              [TIMENAME_HOURS] = {1.0 / 3600, "hours"}, [TIMENAME_DAYS] = {1.0 / 86400, "days"},
              [TIMENAME_SAMPLES] = {0, NULL},           [TIMENAME_EXCEL] = {0, NULL}};
    *per_second = of[unit].per_second;
    *name = of[unit].name;
    return *name != NULL;
}

/* --- spreadsheet days -------------------------------------------------------------------------------------------- */

/* Spreadsheets keep days as doubles: the nearest millisecond is what was meant. */
static bool excel_us(const struct timestamp *t, int64_t *us)
{
    double v = timestamp_number(t);
    if (!(v >= EXCEL_FIRST && v < EXCEL_END))
        return false;
    *us = (EXCEL_DAY_ZERO * INT64_C(86400000) + (int64_t)nearbyint(v * 86400000.0)) * 1000;
    return true;
}

static bool take_excel(struct timestamp_column *column, int64_t *us, const struct timestamp *item, size_t n,
                       const uint64_t *line, const char *why, struct error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (!excel_us(&item[i], &us[i]))
            return error_set(err, ERROR_DATA, "line %llu: the number is no day of a spreadsheet (61 to 2958465)",
                             (unsigned long long)line[i]);
        column->has_clock = column->has_clock || us[i] % CLOCK_DAY_US != 0;
    }
    snprintf(column->format, sizeof column->format, "spreadsheet days");
    snprintf(column->evidence, sizeof column->evidence, "days since 1899-12-30 (1900 system): %s", why);
    return true;
}

/* Days of the years 1954 to 2119 that follow each other closely, or whose fractions are all whole minutes. */
static bool looks_like_excel(const struct timestamp *item, size_t n, char *why, size_t size)
{
    size_t near = 0, fractions = 0, minutes = 0;
    for (size_t i = 0; i < n; i++) {
        double v = timestamp_number(&item[i]), before = i ? timestamp_number(&item[i - 1]) : v;
        double step = fabs(v - before), minute = v * 1440;
        if (!(v >= EXCEL_LIKELY_FIRST && v < EXCEL_LIKELY_END))
            return false;
        near += i > 0 && step > 0 && step <= 5;
        fractions += v != floor(v);
        minutes += fabs(minute - nearbyint(minute)) < 2e-3;
    }
    if (n < ENOUGH || near < (n - 1) - (n - 1) / 10)
        return false;
    if (fractions > 0 && minutes < n)
        return false;
    snprintf(why, size, "%zu of %zu steps are 1 to 5 days or less, %s", near, n - 1,
             fractions ? "and all fractions are whole minutes" : "and all numbers are whole");
    return true;
}

/* --- deciding ---------------------------------------------------------------------------------------------------- */

static bool ask(const struct timestamp *item, size_t n, const uint64_t *line, struct error *err)
{
    char first[40];
    enum timestamp_unit unit;
    size_t epochs = 0, other = n;
    shown(first, sizeof first, &item[0]);
    for (size_t i = 0; i < n; i++) {
        bool fits = find_unit(&item[i], &unit);
        epochs += fits;
        if (!fits && other == n)
            other = i;
    }
    if (epochs > n / 2 && other < n) {
        shown(first, sizeof first, &item[other]);
        return error_set(err, ERROR_DATA,
                         "line %llu: '%s' is no epoch of the years 1990 to 2099, as %zu of %zu rows are; repair it, or "
                         "say the unit of all rows with --format s, ms, us or ns",
                         (unsigned long long)line[other], first, epochs, n);
    }
    return error_set(err, ERROR_DATA,
                     "line %llu: what '%s' counts is not known; say --format elapsed-s, elapsed-ms, elapsed-us, "
                     "sample:HZ (samples a second), excel, or s, ms, us, ns since 1970",
                     (unsigned long long)line[0], first);
}

static bool guess(struct timestamp_column *column, int64_t *us, const struct timestamp *item, size_t n,
                  const uint64_t *line, const char *name, struct error *err)
{
    struct timename said;
    double per_second;
    const char *unit;
    char why[120];
    timename_read(&said, name ? name : "");
    bool compact = timestamp_is_compact(item, n);
    if (compact && item[0].mark == 10 && n < 3 && are_epochs(item, n))
        return ask(item, n, line, err);
    if (compact && item[0].mark > 4)
        return take_compact(column, us, item, n, line, &said, err);
    if (!said.elapsed && are_epochs(item, n))
        return take_epochs(column, us, item, n, line, NULL, err);
    if (compact && (said.part == TIMENAME_YEAR || said.part == TIMENAME_DATE))
        return take_compact(column, us, item, n, line, &said, err);
    snprintf(why, sizeof why, "the column is called '%.60s'", name ? name : "");
    if (said.unit == TIMENAME_EXCEL)
        return take_excel(column, us, item, n, line, why, err);
    if (said.part != TIMENAME_NONE && elapsed_unit(said.unit, &per_second, &unit) && rises(item, n))
        return take_elapsed(column, us, item, n, line, per_second, unit, why, err);
    if (said.part != TIMENAME_NONE && looks_like_excel(item, n, why, sizeof why))
        return take_excel(column, us, item, n, line, why, err);
    return ask(item, n, line, err);
}

bool timestamp_decide_numbers(struct timestamp_column *column, int64_t *us, const struct timestamp *item, size_t n,
                              const uint64_t *line, const struct timestamp_options *options, struct error *err)
{
    const struct timestamp_format *f = options->format;
    static const char why[] = "given with --format";
    char unit[40];
    column->kind = TIMESTAMP_NUMBER;
    switch (f ? f->kind : TIMESTAMP_FORMAT_GUESS) {
    case TIMESTAMP_FORMAT_EPOCH:
        return take_epochs(column, us, item, n, line, f, err);
    case TIMESTAMP_FORMAT_EXCEL:
        return take_excel(column, us, item, n, line, why, err);
    case TIMESTAMP_FORMAT_ELAPSED:
        snprintf(unit, sizeof unit, "counts, %.12g a second", f->per_second);
        return take_elapsed(column, us, item, n, line, f->per_second, unit, why, err);
    default:
        return guess(column, us, item, n, line, options->name, err);
    }
}
