/* A whole column of times. Declared in timestamp.h. */
#include "base/memory.h"
#include "base/text.h"
#include "data/time/timestamp_cursor.h"

#define MINUTE_US (60 * CLOCK_SECOND_US)
#define YEAR_FIRST 1600

/* --- one form ---------------------------------------------------------------------------------------------------- */

/* Forms that may stand in one column: full dates with the year in a known place read the same however they are
 * written, and a date without a clock is its midnight. */
static bool same_form(const struct timestamp *a, const struct timestamp *b)
{
    return a->kind == b->kind && (a->kind != TIMESTAMP_DATE || a->layout == b->layout);
}

static const char *difference(const struct timestamp *first, const struct timestamp *t, bool zone_said)
{
    const uint16_t zoned = TIMESTAMP_HAS_ZONE;
    if (!same_form(first, t))
        return "is spelled in another form than";
    if (!zone_said && (t->flags & zoned) != (first->flags & zoned))
        return t->flags & zoned ? "names a zone, unlike" : "names no zone, unlike";
    return NULL;
}

static bool check_uniform(struct timestamp_column *column, const struct timestamp *item, size_t n, const uint64_t *line,
                          const struct timestamp_options *o, struct error *err)
{
    uint16_t all = 0;
    for (size_t i = 0; i < n; i++) {
        const char *differs = difference(&item[0], &item[i], o->has_zone);
        if (differs)
            return error_set(err, ERROR_DATA, "line %llu: the time %s line %llu; write the whole column in one form%s",
                             (unsigned long long)line[i], differs, (unsigned long long)line[0],
                             same_form(&item[0], &item[i]) ? ", or say the zone of the others with --tz" : "");
        if ((item[i].flags & TIMESTAMP_ZONE_WORD) && !o->has_zone)
            return error_set(err, ERROR_DATA,
                             "line %llu: '%s' is a name that several zones share; say which one is meant with --tz "
                             "(America/New_York, Europe/Berlin, -05:00 ...)",
                             (unsigned long long)line[i], timestamp_zone_word(item[i].zone));
        all |= item[i].flags;
    }
    column->kind = (enum timestamp_kind)item[0].kind;
    column->layout = (enum timestamp_layout)item[0].layout;
    column->has_clock = (all & TIMESTAMP_HAS_CLOCK) != 0;
    column->has_zone = (item[0].flags & TIMESTAMP_HAS_ZONE) != 0;
    return true;
}

/* --- dates ------------------------------------------------------------------------------------------------------- */

static bool refuse_day(const struct timestamp *t, uint64_t line, const int civil[3], struct error *err)
{
    return error_set(err, ERROR_DATA, "line %llu: there is no day %04d-%02d-%02d (years run from %d to 9999)%s",
                     (unsigned long long)line, civil[0], civil[1], civil[2], YEAR_FIRST,
                     timestamp_is_open(t->layout) ? "; another --date-order may fit" : "; repair the line");
}

static bool resolve_dates(struct timestamp_column *column, int64_t *us, const struct timestamp *item, size_t n,
                          const uint64_t *line, struct error *err)
{
    for (size_t i = 0; i < n; i++) {
        const struct timestamp *t = &item[i];
        int civil[3], part[3];
        int64_t clock;
        if (!timestamp_civil(t, column->order, civil))
            return refuse_day(t, line[i], civil, err);
        timestamp_parts(t, part, &clock);
        us[i] = clock_days(civil[0], civil[1], civil[2]) * CLOCK_DAY_US + clock;
        if (t->flags & TIMESTAMP_HAS_ZONE)
            us[i] -= t->zone * MINUTE_US;
        if (t->flags & TIMESTAMP_LEAP && column->leaps++ == 0)
            column->leap_first = i;
    }
    return true;
}

static const char *named_form(const struct timestamp *t)
{
    bool two_digits = t->flags & TIMESTAMP_TWO_DIGITS;
    if (t->flags & TIMESTAMP_WORD_FIRST)
        return two_digits ? "MMM D, YY" : "MMM D, YYYY";
    if (t->flags & TIMESTAMP_YEAR_FIRST)
        return "YYYY-MMM-D";
    return two_digits ? "D MMM YY" : "D MMM YYYY";
}

static const char *date_form(const struct timestamp_column *column, const struct timestamp *t)
{
    if (t->layout == TIMESTAMP_YEAR_LAST)
        return column->order == TIMESTAMP_MDY ? "M/D/YYYY" : "D/M/YYYY";
    if (t->layout == TIMESTAMP_SHORT)
        return column->order == TIMESTAMP_MDY ? "M/D/YY" : column->order == TIMESTAMP_DMY ? "D/M/YY" : "YY/M/D";
    if (t->layout == TIMESTAMP_DAY && (t->flags & TIMESTAMP_NAMED))
        return named_form(t);
    static const char *const name[] = {
        [TIMESTAMP_DAY] = "YYYY-MM-DD", [TIMESTAMP_MONTH] = "YYYY-MM", [TIMESTAMP_QUARTER] = "YYYY-Q",
        [TIMESTAMP_YEAR] = "YYYY",      [TIMESTAMP_WEEK] = "YYYY-Www", [TIMESTAMP_MONTH_DAY] = "MMM-YY"};
    return name[t->layout];
}

static void describe_dates(struct timestamp_column *column, const struct timestamp *item)
{
    char form[16];
    text_copy(form, sizeof form, date_form(column, item));
    for (char *p = form; *p; p++)
        if (*p == '/' && item->mark && item->mark != 'c')
            *p = (char)item->mark;
    snprintf(column->format, sizeof column->format, "%s%s%s%s", form, column->has_clock ? " and clock" : "",
             item->flags & TIMESTAMP_TWELVE ? " (AM/PM)" : "", column->has_zone ? " with zone" : "");
    if (*column->evidence)
        return;
    if (item->layout != TIMESTAMP_DAY)
        snprintf(column->evidence, sizeof column->evidence, "every row is a %s",
                 item->layout == TIMESTAMP_YEAR      ? "year"
                 : item->layout == TIMESTAMP_QUARTER ? "year and a quarter"
                 : item->layout == TIMESTAMP_WEEK    ? "year and a week"
                                                     : "year and a month");
    else
        snprintf(column->evidence, sizeof column->evidence, "%s",
                 item->flags & TIMESTAMP_PATTERN ? "given with --format"
                 : item->flags & TIMESTAMP_NAMED ? "the month is written as a word on every row"
                                                 : "every row is year, month, day in this order");
}

/* Nov-19 is a month of a year, or a day of no year. */
static bool check_month_day(const struct timestamp *item, size_t n, const uint64_t *line, struct error *err)
{
    for (size_t i = 0; i < n; i++) {
        int part[3];
        int64_t clock;
        timestamp_parts(&item[i], part, &clock);
        if (part[0] > 31 || part[0] == 0)
            return true;
    }
    return error_set(err, ERROR_DATA,
                     "line %llu: a month by name and two digits: a year, or a day without a year; if years, say "
                     "--format MMM-YY",
                     (unsigned long long)line[0]);
}

static bool decide_dates(struct timestamp_column *column, int64_t *us, const struct timestamp *item, size_t n,
                         const uint64_t *line, const struct timestamp_options *o, struct error *err)
{
    column->order = TIMESTAMP_YMD;
    if (column->layout == TIMESTAMP_MONTH_DAY && !check_month_day(item, n, line, err))
        return false;
    if (timestamp_is_open(column->layout)) {
        column->order = o->order;
        snprintf(column->evidence, sizeof column->evidence, "given with --date-order");
        if (o->order == TIMESTAMP_YMD && column->layout == TIMESTAMP_YEAR_LAST)
            return error_set(err, ERROR_DATA,
                             "line %llu: the year stands last, so --date-order ymd cannot be meant; say dmy or mdy",
                             (unsigned long long)line[0]);
        if (o->order == TIMESTAMP_GUESS && !timestamp_find_order(column, item, n, line, err))
            return false;
    }
    if (!resolve_dates(column, us, item, n, line, err))
        return false;
    describe_dates(column, &item[0]);
    return true;
}

/* --- clocks without a date ---------------------------------------------------------------------------------------- */

static bool refuse_clock(uint64_t line, struct error *err, const char *why)
{
    return error_set(err, ERROR_DATA,
                     "line %llu: a clock without a date%s; name the column of the date too (--time DATE+CLOCK), or, "
                     "where it counts from the beginning, say --format hh:mm:ss, hh:mm or mm:ss",
                     (unsigned long long)line, why);
}

static bool decide_clocks(struct timestamp_column *column, int64_t *us, const struct timestamp *item, size_t n,
                          const uint64_t *line, struct error *err)
{
    bool given = (item[0].flags & TIMESTAMP_PATTERN) != 0;
    size_t falls = 0;
    for (size_t i = 0; i < n; i++) {
        us[i] = item[i].value;
        falls += i > 0 && us[i] < us[i - 1];
        if (!given && (item[i].flags & (TIMESTAMP_TWO_PARTS | TIMESTAMP_HAS_CLOCK)))
            return refuse_clock(line[i], err, "");
        if (!given && falls > n / 100)
            return refuse_clock(line[i], err, " that falls back");
    }
    if (!given && us[0] >= MINUTE_US)
        return refuse_clock(line[0], err, " that does not begin near zero");
    column->elapsed = column->has_zone = column->has_clock = true;
    snprintf(column->format, sizeof column->format, "elapsed h:mm:ss");
    snprintf(column->evidence, sizeof column->evidence, "no calendar date: %s, counted from 1970-01-01T00:00:00Z",
             given ? "elapsed time as given with --format" : "a clock that rises from zero");
    return true;
}

/* --- a column ---------------------------------------------------------------------------------------------------- */

/* A format that does not speak of the cells as they are is refused, never overruled. */
static bool check_format(const struct timestamp_format *f, const struct timestamp *item, uint64_t line,
                         struct error *err)
{
    bool numbers = f && (f->kind == TIMESTAMP_FORMAT_EPOCH || f->kind == TIMESTAMP_FORMAT_EXCEL ||
                         f->kind == TIMESTAMP_FORMAT_ELAPSED);
    if (numbers && item->kind != TIMESTAMP_NUMBER)
        return error_set(err, ERROR_DATA, "line %llu: --format asks for numbers, and this cell is a %s",
                         (unsigned long long)line, item->kind == TIMESTAMP_DATE ? "date" : "clock");
    return true;
}

bool timestamp_decide(struct timestamp_column *column, int64_t *us, const struct timestamp *item, size_t n,
                      const uint64_t *line, const struct timestamp_options *options, struct error *err)
{
    static const struct timestamp_options guess = {.order = TIMESTAMP_GUESS};
    const struct timestamp_options *o = options ? options : &guess;
    *column = (struct timestamp_column){.order = TIMESTAMP_YMD};
    if (n == 0)
        return error_set(err, ERROR_DATA, "there is no time to read");
    if (!check_uniform(column, item, n, line, o, err) || !check_format(o->format, item, line[0], err))
        return false;
    if (column->kind == TIMESTAMP_NUMBER)
        return timestamp_decide_numbers(column, us, item, n, line, o, err);
    if (column->kind == TIMESTAMP_CLOCK)
        return decide_clocks(column, us, item, n, line, err);
    return decide_dates(column, us, item, n, line, o, err);
}

/* --- whole days and months --------------------------------------------------------------------------------------- */

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
