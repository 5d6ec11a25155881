/* The order of day and month over a whole column. Declared in timestamp_cursor.h.
 *
 * An order is settled by proof alone: a row that is no day under every other order, or a sequence of 13 dates or more
 * that keeps one step (a number of days, of months, of years) under one order and not under any other. Why the latter
 * is proof: what looks like a steady series of months under the wrong order is, under the right one, the days 1 to 12
 * of one and the same month, year after year, with no other date in between and none left out. That a file is sorted
 * under one order is no proof, for files are sorted as text as well. Twelve steps or fewer stay a question: the first
 * twelve days of January are also the first days of twelve months. */
#include "base/text.h"
#include "data/time/timestamp_cursor.h"

#define YEAR_FIRST 1600
#define DATES_PROOF 13
#define DENSE_DAYS 5

static const char *const order_name[] = {[TIMESTAMP_GUESS] = "?",
                                         [TIMESTAMP_DMY] = "day/month",
                                         [TIMESTAMP_MDY] = "month/day",
                                         [TIMESTAMP_YMD] = "year/month/day"};

static const char *const order_option[] = {
    [TIMESTAMP_GUESS] = "?", [TIMESTAMP_DMY] = "dmy", [TIMESTAMP_MDY] = "mdy", [TIMESTAMP_YMD] = "ymd"};

static int full_year(int year)
{
    return year + (year >= 69 ? 1900 : 2000);
}

bool timestamp_civil(const struct timestamp *t, enum timestamp_order order, int civil[3])
{
    int p[3];
    int64_t clock;
    timestamp_parts(t, p, &clock);
    int year = p[0], month = p[1], day = p[2];
    if (t->layout == TIMESTAMP_YEAR_LAST && order == TIMESTAMP_DMY) {
        month = p[2];
        day = p[1];
    } else if (t->layout == TIMESTAMP_SHORT) {
        year = full_year(order == TIMESTAMP_YMD ? p[0] : p[2]);
        month = order == TIMESTAMP_MDY ? p[0] : p[1];
        day = order == TIMESTAMP_DMY ? p[0] : order == TIMESTAMP_MDY ? p[1] : p[2];
    } else if (t->layout == TIMESTAMP_MONTH_DAY) {
        year = full_year(p[0]);
    }
    civil[0] = year;
    civil[1] = month;
    civil[2] = day;
    return year >= YEAR_FIRST && clock_date_valid(year, month, day);
}

static void describe(char *out, size_t size, const struct timestamp *t, uint64_t line)
{
    int p[3];
    int64_t clock;
    char m = (char)t->mark;
    timestamp_parts(t, p, &clock);
    if (t->layout == TIMESTAMP_YEAR_LAST)
        snprintf(out, size, "line %llu: %d%c%d%c%04d", (unsigned long long)line, p[1], m, p[2], m, p[0]);
    else
        snprintf(out, size, "line %llu: %d%c%d%c%02d", (unsigned long long)line, p[0], m, p[1], m, p[2]);
}

/* --- what is possible -------------------------------------------------------------------------------------------- */

/* For each order the first item that is no day under it, or n. */
static void find_failures(size_t fails[4], const struct timestamp *item, size_t n)
{
    int civil[3];
    for (int order = TIMESTAMP_DMY; order <= TIMESTAMP_YMD; order++) {
        size_t i = 0;
        if (order == TIMESTAMP_YMD && item[0].layout == TIMESTAMP_YEAR_LAST) {
            fails[order] = 0;
            continue;
        }
        while (i < n && timestamp_civil(&item[i], (enum timestamp_order)order, civil))
            i++;
        fails[order] = i;
    }
}

static bool refuse_mixture(const size_t fails[4], const struct timestamp *item, const uint64_t *line, struct error *err)
{
    char first[80], second[80];
    size_t a = fails[TIMESTAMP_DMY], b = fails[TIMESTAMP_MDY];
    describe(first, sizeof first, &item[a], line[a]);
    if (a == b)
        return error_set(err, ERROR_DATA, "%s is no day, whatever the order of day and month; repair the line", first);
    describe(second, sizeof second, &item[b], line[b]);
    return error_set(err, ERROR_DATA,
                     "%s can only be month/day, %s only day/month: the column mixes both orders; repair the file",
                     first, second);
}

/* One mark between the numbers over the whole column: spreadsheets that misread a column leave two of them. */
static bool check_marks(const struct timestamp *item, size_t n, const uint64_t *line, struct error *err)
{
    char first[80], other[80];
    for (size_t i = 1; i < n; i++) {
        if (item[i].mark == item[0].mark && item[i].layout == item[0].layout)
            continue;
        describe(first, sizeof first, &item[0], line[0]);
        describe(other, sizeof other, &item[i], line[i]);
        return error_set(err, ERROR_DATA,
                         "%s and %s are written in two forms, which may put day and month in two orders; write the "
                         "whole column in one form",
                         first, other);
    }
    return true;
}

/* --- what keeps step --------------------------------------------------------------------------------------------- */

struct steps {
    size_t dates; /* that follow each other and differ */
    int64_t day, day_step, month, month_step;
    int day_of_month;
    bool days_equal, months_equal, dense;
};

static void take_step(struct steps *s, const int civil[3])
{
    int64_t day = clock_days(civil[0], civil[1], civil[2]), month = civil[0] * INT64_C(12) + civil[1];
    if (s->dates && day == s->day)
        return;
    int64_t days = day - s->day, months = month - s->month;
    if (s->dates == 0) {
        s->days_equal = s->months_equal = s->dense = true;
        s->day_of_month = civil[2];
    } else if (s->dates == 1) {
        s->day_step = days;
        s->month_step = months;
    }
    if (s->dates > 0) {
        s->days_equal = s->days_equal && days == s->day_step;
        s->months_equal = s->months_equal && months == s->month_step && civil[2] == s->day_of_month;
        s->dense = s->dense && (days > 0) == (s->day_step > 0) && days >= -DENSE_DAYS && days <= DENSE_DAYS;
    }
    s->day = day;
    s->month = month;
    s->dates++;
}

/* A step for people, or NULL where the dates keep none. */
static const char *step_name(const struct steps *s)
{
    if (s->dates < DATES_PROOF)
        return NULL;
    if (s->days_equal)
        return "the same number of days";
    if (s->months_equal)
        return "the same number of months";
    return s->dense ? "five days at most, in one direction" : NULL;
}

/* Settles between the orders that are possible; false where none or more than one keeps step. */
static bool settle_by_steps(struct timestamp_column *column, const size_t fails[4], const struct timestamp *item,
                            size_t n, const uint64_t *line)
{
    const char *step = NULL;
    size_t dates = 0;
    for (int order = TIMESTAMP_DMY; order <= TIMESTAMP_YMD; order++) {
        struct steps s = {0};
        int civil[3];
        if (fails[order] < n)
            continue;
        for (size_t i = 0; i < n; i++) {
            timestamp_civil(&item[i], (enum timestamp_order)order, civil);
            take_step(&s, civil);
        }
        if (!step_name(&s))
            continue;
        if (step)
            return false;
        step = step_name(&s);
        dates = s.dates;
        column->order = (enum timestamp_order)order;
    }
    if (step)
        snprintf(column->evidence, sizeof column->evidence,
                 "as %s the %zu dates of lines %llu to %llu lie %s apart, in no other order do they keep a step",
                 order_name[column->order], dates, (unsigned long long)line[0], (unsigned long long)line[n - 1], step);
    return step != NULL;
}

/* --- the order --------------------------------------------------------------------------------------------------- */

static bool ask(struct timestamp_column *column, const size_t fails[4], const struct timestamp *item, size_t n,
                const uint64_t *line, struct error *err)
{
    char where[80], open[80] = "";
    for (int order = TIMESTAMP_DMY; order <= TIMESTAMP_YMD; order++)
        if (fails[order] == n) {
            text_append(open, sizeof open, *open ? " or " : "");
            text_append(open, sizeof open, order_option[order]);
        }
    describe(where, sizeof where, &item[0], line[0]);
    column->order_open = true;
    return error_set(err, ERROR_DATA,
                     "%s: nothing in the column tells the day from the month%s (every row is a day either way, and "
                     "the steps prove nothing); say --date-order %s",
                     where, item[0].layout == TIMESTAMP_SHORT ? " or the year" : "", open);
}

bool timestamp_find_order(struct timestamp_column *column, const struct timestamp *item, size_t n, const uint64_t *line,
                          struct error *err)
{
    size_t fails[4] = {0}, telling = 0;
    int possible = 0;
    if (!check_marks(item, n, line, err))
        return false;
    find_failures(fails, item, n);
    for (int order = TIMESTAMP_DMY; order <= TIMESTAMP_YMD; order++) {
        possible += fails[order] == n;
        if (fails[order] == n)
            column->order = (enum timestamp_order)order;
        else if (fails[order] > telling)
            telling = fails[order];
    }
    if (possible == 0)
        return refuse_mixture(fails, item, line, err);
    if (possible > 1)
        return settle_by_steps(column, fails, item, n, line) || ask(column, fails, item, n, line, err);
    char where[80];
    describe(where, sizeof where, &item[telling], line[telling]);
    snprintf(column->evidence, sizeof column->evidence, "%s can only be %s", where, order_name[column->order]);
    return true;
}
