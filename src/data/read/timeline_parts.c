/* Columns of the time put together. Declared in timeline_parts.h. */
#include "data/read/timeline_parts.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

#define HOUR_US (3600 * CLOCK_SECOND_US)

void timeline_parts_free(struct timeline_candidates *c)
{
    for (size_t i = 0; i < c->n; i++)
        free(c->one[i].item);
    *c = (struct timeline_candidates){.n = 0};
}

/* --- what a single column may be --------------------------------------------------------------------------------- */

static bool is_usable(const struct table_column *c)
{
    return c->time && !c->bad_time.line;
}

static bool all_of_kind(const struct table *t, size_t c, enum timestamp_kind kind)
{
    const struct timestamp *item = t->column[c].time;
    for (size_t i = 0; i < t->rows; i++)
        if (item[i].kind != kind)
            return false;
    return true;
}

/* Dates without any clock, as dates or as eight digits. */
static bool is_bare_date(const struct table *t, size_t c)
{
    const struct timestamp *item = t->column[c].time;
    if (item[0].kind == TIMESTAMP_NUMBER)
        return item[0].mark == 8 && all_of_kind(t, c, TIMESTAMP_NUMBER) && timestamp_is_compact(item, t->rows);
    if (!all_of_kind(t, c, TIMESTAMP_DATE))
        return false;
    for (size_t i = 0; i < t->rows; i++)
        if (item[i].flags & TIMESTAMP_HAS_CLOCK)
            return false;
    return true;
}

/* A whole number from 0 to most, or -1. */
static int whole(const struct timestamp *t, int most)
{
    double v = t->kind == TIMESTAMP_NUMBER ? timestamp_number(t) : -1;
    return v >= 0 && v <= most && v == floor(v) ? (int)v : -1;
}

enum clock_form { CLOCK_NO, CLOCK_MARKED, CLOCK_HOURS, CLOCK_HHMM, CLOCK_HHMMSS };

/* What digits without marks mean as clocks, zeros at the front lost or not: hours alone (0..24) only under a name that
 * says hour; above 2359 they have seconds. */
static enum clock_form digits_form(const struct table *t, size_t c, enum timename_part part)
{
    const struct timestamp *item = t->column[c].time;
    int top = 0;
    bool hhmm = true, hhmmss = true;
    uint8_t digits = 0;
    for (size_t i = 0; i < t->rows; i++) {
        int v = whole(&item[i], 240000);
        if (v < 0)
            return CLOCK_NO;
        top = v > top ? v : top;
        digits = item[i].mark > digits ? item[i].mark : digits;
        hhmm = hhmm && v <= 2400 && v % 100 < 60;
        hhmmss = hhmmss && v % 100 < 60 && v / 100 % 100 < 60;
    }
    if (part == TIMENAME_HOUR)
        return top <= 24 ? CLOCK_HOURS : CLOCK_NO;
    if (hhmmss && (top > 2400 || digits == 6))
        return CLOCK_HHMMSS;
    return hhmm && top >= 100 ? CLOCK_HHMM : CLOCK_NO;
}

static enum clock_form clock_form(const struct table *t, size_t c, const struct timename *said)
{
    if (!is_usable(&t->column[c]))
        return CLOCK_NO;
    if (all_of_kind(t, c, TIMESTAMP_CLOCK))
        return CLOCK_MARKED;
    if (t->time_column && said->part == TIMENAME_NONE)
        return digits_form(t, c, TIMENAME_CLOCK); /* asked for by name */
    if (said->part != TIMENAME_CLOCK && said->part != TIMENAME_HOUR)
        return CLOCK_NO;
    return digits_form(t, c, said->part);
}

static bool clock_us(const struct timestamp *t, enum clock_form form, int64_t *us)
{
    int v = form == CLOCK_MARKED ? 0 : whole(t, 240000);
    *us = t->value;
    if (form == CLOCK_HOURS)
        *us = v * HOUR_US;
    else if (form == CLOCK_HHMM)
        *us = (v / 100 * 60 + v % 100) * 60 * CLOCK_SECOND_US;
    else if (form == CLOCK_HHMMSS)
        *us = ((v / 10000 * 60 + v / 100 % 100) * 60 + v % 100) * CLOCK_SECOND_US;
    return *us >= 0 && *us <= CLOCK_DAY_US;
}

/* --- date and clock ---------------------------------------------------------------------------------------------- */

static struct timestamp *new_items(const struct table *t, struct error *err)
{
    return memory_try(t->rows, sizeof(struct timestamp), "the time line", err);
}

static bool join_row(struct timestamp *out, const struct timestamp *date, const struct timestamp *clock,
                     enum clock_form form)
{
    int part[3];
    int64_t none, us;
    *out = *date;
    if (date->kind == TIMESTAMP_NUMBER && !timestamp_from_compact(date, out))
        return false;
    if (!clock_us(clock, form, &us))
        return false;
    timestamp_parts(out, part, &none);
    timestamp_set_parts(out, part[0], part[1], part[2], us);
    out->flags |= TIMESTAMP_HAS_CLOCK;
    if (form == CLOCK_MARKED) {
        const uint16_t zone = TIMESTAMP_HAS_ZONE | TIMESTAMP_ZONE_WORD;
        out->flags |= clock->flags & (TIMESTAMP_TWELVE | zone | TIMESTAMP_LEAP);
        if (clock->flags & zone)
            out->zone = clock->zone;
    }
    return true;
}

/* Hours from 1 to 24 name the end of each: 24 is the midnight that ends the day. */
static bool hours_end(const struct table *t, size_t c)
{
    bool last = false;
    for (size_t i = 0; i < t->rows; i++) {
        int v = whole(&t->column[c].time[i], 24);
        if (v < 1)
            return false;
        last = last || v == 24;
    }
    return last;
}

static bool join_clock(struct timeline_candidate *out, const struct table *t, size_t date, size_t clock,
                       enum clock_form form, struct error *err)
{
    static const char *const name[] = {[CLOCK_NO] = "",
                                       [CLOCK_MARKED] = "clocks",
                                       [CLOCK_HOURS] = "hours",
                                       [CLOCK_HHMM] = "hhmm",
                                       [CLOCK_HHMMSS] = "hhmmss"};
    const char *a = t->column[date].name, *b = t->column[clock].name;
    *out = (struct timeline_candidate){.part = {date, clock}, .part_n = 2};
    out->item = new_items(t, err);
    if (!out->item)
        return false;
    for (size_t i = 0; i < t->rows; i++)
        if (!join_row(&out->item[i], &t->column[date].time[i], &t->column[clock].time[i], form))
            return error_set(err, ERROR_DATA, "line %llu: '%s' and '%s' are no date and clock",
                             (unsigned long long)t->line[i], a, b);
    timename_read(&out->said, a);
    if (!out->said.has_zone && !out->said.local)
        timename_read_zone(&out->said, b);
    out->hour_ends = form == CLOCK_HOURS && hours_end(t, clock);
    snprintf(out->name, sizeof out->name, "%.30s+%.30s", a, b);
    snprintf(out->evidence, sizeof out->evidence, "'%.40s' holds dates and '%.40s' the %s to them", a, b, name[form]);
    return true;
}

/* --- year, month, day -------------------------------------------------------------------------------------------- */

static const int part_most[] = {[TIMENAME_YEAR] = 2199, [TIMENAME_MONTH] = 12,  [TIMENAME_DAY] = 31,
                                [TIMENAME_HOUR] = 24,   [TIMENAME_MINUTE] = 59, [TIMENAME_SECOND] = 59};

/* The only column that is called so and holds nothing else; t->columns where there is none. */
static size_t part_column(const struct table *t, enum timename_part part)
{
    size_t found = t->columns;
    for (size_t c = 0; c < t->columns; c++) {
        struct timename said;
        size_t i = 0;
        if (!is_usable(&t->column[c]))
            continue;
        timename_read(&said, t->column[c].name);
        while (i < t->rows && whole(&t->column[c].time[i], part_most[part]) >= (part == TIMENAME_YEAR ? 1600 : 0))
            i++;
        if (said.part != part || i < t->rows)
            continue;
        if (found < t->columns)
            return t->columns;
        found = c;
    }
    return found;
}

static void join_numbers(struct timestamp *out, const struct table *t, const size_t *column, size_t n, size_t row)
{
    int v[6] = {0, 1, 1, 0, 0, 0};
    for (size_t k = 0; k < n; k++)
        v[k] = whole(&t->column[column[k]].time[row], 2199);
    *out = (struct timestamp){.kind = TIMESTAMP_DATE, .layout = n > 2 ? TIMESTAMP_DAY : TIMESTAMP_MONTH};
    out->flags = n > 3 ? TIMESTAMP_HAS_CLOCK : 0;
    timestamp_set_parts(out, v[0], v[1], v[2], ((v[3] * INT64_C(60) + v[4]) * 60 + v[5]) * CLOCK_SECOND_US);
}

/* False and err only for want of memory; out->part_n stays 0 where there is no year or no month. */
static bool join_parts(struct timeline_candidate *out, const struct table *t, struct error *err)
{
    *out = (struct timeline_candidate){.part_n = 0};
    size_t column[TIMELINE_PARTS_MAX], n = 0;
    for (int part = TIMENAME_YEAR; part <= TIMENAME_SECOND; part++) {
        size_t c = part_column(t, (enum timename_part)part);
        if (c == t->columns)
            break;
        column[n++] = c;
    }
    if (n < 2)
        return true;
    out->item = new_items(t, err);
    if (!out->item)
        return false;
    for (size_t i = 0; i < t->rows; i++)
        join_numbers(&out->item[i], t, column, n, i);
    memcpy(out->part, column, n * sizeof *column);
    out->part_n = n;
    out->hour_ends = n == 4 && hours_end(t, column[3]);
    for (size_t k = 0; k < n; k++) {
        text_append(out->name, sizeof out->name, k ? "+" : "");
        text_append(out->name, sizeof out->name, t->column[column[k]].name);
    }
    snprintf(out->evidence, sizeof out->evidence, "%zu columns are called year, month%s%s and hold nothing else", n,
             n > 2 ? ", day" : "", n > 3 ? ", hour" : "");
    return true;
}

/* --- all of them ------------------------------------------------------------------------------------------------- */

static bool refuse_many(struct error *err)
{
    return error_set(err, ERROR_DATA, "more than %d columns hold times; say which one counts with --time",
                     TIMELINE_CANDIDATES_MAX);
}

static bool is_taken(const struct timeline_candidates *out, size_t column)
{
    for (size_t i = 0; i < out->n; i++)
        for (size_t k = 0; k < out->one[i].part_n; k++)
            if (out->one[i].part[k] == column)
                return true;
    return false;
}

/* The clock that belongs to a column of dates: beside it, or the only one that is called so or asked for. */
static size_t clock_beside(const struct table *t, size_t date, enum clock_form *form)
{
    size_t found = t->columns, many = 0;
    for (size_t c = 0; c < t->columns; c++) {
        struct timename said;
        if (c == date || !t->column[c].time)
            continue;
        timename_read(&said, t->column[c].name);
        enum clock_form f = clock_form(t, c, &said);
        bool beside = c == date + 1 || c + 1 == date || t->time_column;
        if (f == CLOCK_NO || (!beside && said.part != TIMENAME_CLOCK && said.part != TIMENAME_HOUR))
            continue;
        many++;
        if (c == date + 1 || found == t->columns) {
            found = c;
            *form = f;
        }
    }
    return many == 1 || found == date + 1 ? found : t->columns;
}

static bool add_pairs(struct timeline_candidates *out, const struct table *t, struct error *err)
{
    for (size_t c = 0; c < t->columns; c++) {
        enum clock_form form = CLOCK_NO;
        if (!is_usable(&t->column[c]) || !is_bare_date(t, c))
            continue;
        size_t clock = clock_beside(t, c, &form);
        if (clock == t->columns || is_taken(out, clock))
            continue;
        if (out->n == TIMELINE_CANDIDATES_MAX)
            return refuse_many(err);
        if (!join_clock(&out->one[out->n++], t, c, clock, form, err))
            return false;
    }
    return true;
}

static bool has_dates(const struct table *t)
{
    for (size_t c = 0; c < t->columns; c++)
        if (is_usable(&t->column[c]) && t->column[c].time[0].kind == TIMESTAMP_DATE)
            return true;
    return false;
}

static bool add_singles(struct timeline_candidates *out, const struct table *t, struct error *err)
{
    for (size_t c = 0; c < t->columns; c++) {
        if (!t->column[c].time || is_taken(out, c))
            continue;
        if (out->n == TIMELINE_CANDIDATES_MAX)
            return refuse_many(err);
        struct timeline_candidate *one = &out->one[out->n++];
        char name[FRAME_NAME_MAX + sizeof t->column[c].unit + 3];
        *one = (struct timeline_candidate){.part = {c}, .part_n = 1};
        snprintf(name, sizeof name, "%s%s%s", t->column[c].name, *t->column[c].unit ? " " : "", t->column[c].unit);
        timename_read(&one->said, name);
        one->weak = one->said.part == TIMENAME_NONE && t->column[c].time[0].kind == TIMESTAMP_NUMBER;
        text_copy(one->name, sizeof one->name, t->column[c].name);
    }
    return true;
}

bool timeline_parts_find(struct timeline_candidates *out, const struct table *t, struct error *err)
{
    out->n = 0;
    if (!add_pairs(out, t, err))
        return false;
    if (out->n == 0 && !has_dates(t)) {
        struct timeline_candidate *one = &out->one[0];
        bool ok = join_parts(one, t, err);
        out->n = one->part_n > 0;
        if (!out->n)
            free(one->item);
        if (!ok)
            return false;
    }
    return add_singles(out, t, err);
}
