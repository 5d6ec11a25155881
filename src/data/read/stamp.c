#include "data/read/stamp.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/name.h"
#include "data/read/timeline.h"

static const char *const stamp_names[] = {
    [CSV_STAMP_GUESS] = "guess", [CSV_STAMP_OPEN] = "open", [CSV_STAMP_CLOSE] = "close", [CSV_STAMP_DATE] = "date"};

const char *csv_stamp_name(enum csv_stamp stamp)
{
    return stamp_names[stamp];
}

bool csv_stamp_parse(const char *name, enum csv_stamp *out)
{
    for (size_t i = 0; i < ARRAY_N(stamp_names); i++)
        if (text_equal(name, stamp_names[i])) {
            *out = (enum csv_stamp)i;
            return true;
        }
    return false;
}

/* Months, quarters, half-years and years are not all as long as the usual step: one that is longer must not end early.
 */
static const struct {
    int months, least_days, most_days;
} calendar[] = {{1, 28, 31}, {3, 90, 92}, {6, 181, 184}, {12, 365, 366}};

static int64_t months_later(int64_t t, int months)
{
    int year, month, day;
    clock_civil(t / CLOCK_DAY_US - (t % CLOCK_DAY_US < 0), &year, &month, &day);
    month += months;
    return clock_days(month > 12 ? year + 1 : year, month > 12 ? month - 12 : month, 1) * CLOCK_DAY_US;
}

static int64_t period_after(int64_t t, int64_t step_us)
{
    for (size_t i = 0; i < ARRAY_N(calendar); i++)
        if (step_us >= calendar[i].least_days * CLOCK_DAY_US && step_us <= calendar[i].most_days * CLOCK_DAY_US)
            return timestamp_is_month_start(t) ? months_later(t, calendar[i].months)
                                               : t + calendar[i].most_days * CLOCK_DAY_US;
    return t + step_us;
}

int64_t stamp_period_end(enum csv_stamp stamp, int64_t t, int64_t step_us)
{
    if (stamp == CSV_STAMP_OPEN)
        return period_after(t, step_us);
    if (stamp == CSV_STAMP_DATE)
        return period_after(t, step_us > CLOCK_DAY_US ? step_us : CLOCK_DAY_US);
    return t;
}

static bool every(const struct frame *f, bool (*holds)(int64_t us))
{
    for (size_t i = 0; i < f->rows; i++)
        if (!holds(f->time_us[i]))
            return false;
    return true;
}

static bool ends_day(int64_t us)
{
    int64_t rest = us % CLOCK_DAY_US;
    return rest >= CLOCK_DAY_US - 60 * CLOCK_SECOND_US;
}

static bool has_bars(const struct frame *f)
{
    static const char *const name[] = {"open", "high", "low", "close"};
    for (size_t i = 0; i < ARRAY_N(name); i++) {
        size_t c = 0;
        while (c < f->columns && !name_has(f->column[c].name, name[i]))
            c++;
        if (c == f->columns)
            return false;
    }
    return true;
}

/* The last day of its month that is no Saturday or Sunday. */
static bool is_last_weekday(int64_t us)
{
    int64_t day = us / CLOCK_DAY_US - (us % CLOCK_DAY_US < 0), weekday = ((day + 4) % 7 + 7) % 7; /* 0 is Sunday */
    if (weekday == 0 || weekday == 6)
        return false;
    for (int64_t ahead = weekday == 5 ? 3 : 1; ahead > 0; ahead--)
        if (timestamp_is_month_end(us + (ahead - 1) * CLOCK_DAY_US))
            return true;
    return false;
}

static bool by_name(enum csv_stamp *stamp, const char *column)
{
    static const struct {
        const char *word;
        enum csv_stamp stamp;
    } known[] = {{"open", CSV_STAMP_OPEN},       {"opentime", CSV_STAMP_OPEN},  {"start", CSV_STAMP_OPEN},
                 {"begin", CSV_STAMP_OPEN},      {"starttime", CSV_STAMP_OPEN}, {"close", CSV_STAMP_CLOSE},
                 {"closetime", CSV_STAMP_CLOSE}, {"end", CSV_STAMP_CLOSE},      {"endtime", CSV_STAMP_CLOSE},
                 {"ending", CSV_STAMP_CLOSE},    {"snapped", CSV_STAMP_CLOSE},  {"snapshot", CSV_STAMP_CLOSE}};
    for (size_t i = 0; i < ARRAY_N(known); i++)
        if (name_has(column, known[i].word)) {
            *stamp = known[i].stamp;
            return true;
        }
    return false;
}

/* Forms that name a whole period: 2019-10, 2019Q4, 2019, 2019-W43. */
static const char *period_named(enum timestamp_layout layout)
{
    switch (layout) {
    case TIMESTAMP_MONTH:
    case TIMESTAMP_MONTH_DAY:
        return "every row names a month";
    case TIMESTAMP_QUARTER:
        return "every row names a quarter";
    case TIMESTAMP_YEAR:
        return "every row names a year";
    case TIMESTAMP_WEEK:
        return "every row names a week";
    default:
        return NULL;
    }
}

/* Weeks of Google Trends are called so below a line that names the category, and begin on their date. */
static bool is_trends_week(const struct timeline *time, const char *banner)
{
    return banner && name_has(time->name, "week") && text_contains_nocase(banner, "category:");
}

static bool by_dates(enum csv_stamp *stamp, char *evidence, size_t size, const struct frame *f,
                     const struct timeline *time, const char *banner)
{
    const char *why = period_named(time->format.layout);
    *stamp = CSV_STAMP_DATE;
    if (why) {
        /* nothing more to ask */
    } else if (f->step_us < 2 * CLOCK_DAY_US) {
        why = "every time is a whole day";
    } else if (is_trends_week(time, banner)) {
        why = "Google Trends dates a week by its first day";
    } else if (every(f, timestamp_is_month_start)) {
        why = "every date is the first of a month, so the month begins there";
    } else if (every(f, timestamp_is_month_end)) {
        *stamp = CSV_STAMP_CLOSE;
        why = "every date is the last of a month, so the month ends there";
    } else if (f->rows > 5 && every(f, is_last_weekday)) {
        *stamp = CSV_STAMP_CLOSE;
        why = "every date is the last weekday of a month, so the month ends there";
    }
    snprintf(evidence, size, "%s", why ? why : "");
    return why != NULL;
}

bool stamp_guess(enum csv_stamp *stamp, char *evidence, size_t size, const struct frame *f, const struct timeline *time,
                 const char *banner, struct error *err)
{
    if (time->stamp != CSV_STAMP_GUESS) {
        *stamp = time->stamp;
        snprintf(evidence, size, "%s", time->stamp_evidence);
        return true;
    }
    if (by_name(stamp, time->name)) {
        snprintf(evidence, size, "the column is called '%s'", time->name);
        return true;
    }
    bool daily = f->step_us >= CLOCK_DAY_US || f->step_us == 0;
    bool dates = !time->format.has_clock || every(f, timestamp_is_midnight);
    if (daily && dates && by_dates(stamp, evidence, size, f, time, banner))
        return true;
    if (daily && every(f, ends_day)) {
        *stamp = CSV_STAMP_CLOSE;
        snprintf(evidence, size, "every time is the last minute of a day");
        return true;
    }
    if (!daily && has_bars(f)) {
        *stamp = CSV_STAMP_OPEN;
        snprintf(evidence, size, "open, high, low and close within a day: such bars are stamped with their opening");
        return true;
    }
    return error_set(err, ERROR_DATA,
                     "nothing in the file tells whether '%s' opens or closes the period of a row (step "
                     "%.6g h); say --stamp open or --stamp close",
                     time->name, (double)f->step_us / 3.6e9);
}
