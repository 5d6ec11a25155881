#include "data/read/timeline.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/read/timeline_parts.h"

#include <math.h>
#include <string.h>

#define QUARTER_US (15 * 60 * CLOCK_SECOND_US)

static enum timestamp_order order_of(enum csv_date_order order)
{
    static const enum timestamp_order of[] = {[CSV_ORDER_GUESS] = TIMESTAMP_GUESS,
                                              [CSV_ORDER_DMY] = TIMESTAMP_DMY,
                                              [CSV_ORDER_MDY] = TIMESTAMP_MDY,
                                              [CSV_ORDER_YMD] = TIMESTAMP_YMD};
    return of[order];
}

/* What timeline_find works on. */
struct finder {
    const struct table *t;
    const struct csv_options *options;
    struct timeline_candidates all;
    struct timeline found[TIMELINE_CANDIDATES_MAX]; /* those that could be read */
    size_t of[TIMELINE_CANDIDATES_MAX];             /* the candidate of each */
    size_t n;
    struct error first; /* why the first of the others could not */
};

/* --- no candidate ------------------------------------------------------------------------------------------------ */

/* The columns that come nearest to a time, with what they hold instead. */
static void name_nearest(struct text *out, const struct table *t)
{
    size_t shown = 0;
    for (size_t c = 0; c < t->columns && shown < 3; c++) {
        const struct table_column *column = &t->column[c];
        const struct table_cell *cell = column->text.line ? &column->text : &column->lookalike;
        if (!cell->line || (!timename_may_count(column->name) && c > 0))
            continue;
        text_printf(out, "%s'%s' holds '%s' on line %llu", shown++ ? "; " : " (", column->name, cell->text,
                    (unsigned long long)cell->line);
    }
    text_put(out, shown ? ")" : "");
}

static bool no_candidate(const struct table *t, struct error *err)
{
    struct text nearest = {0};
    if (t->time_column)
        return error_set(err, ERROR_USAGE, "there is no column '%s' (line %llu has: %s, %s ...)", t->time_column,
                         (unsigned long long)t->header_line, t->column[0].name, t->column[1].name);
    name_nearest(&nearest, t);
    error_set(err, ERROR_DATA,
              "no column holds times that are understood%s: this is no series of times, or its times need --time and "
              "--format (s, ms, elapsed-s, DD.MM.YYYY hh:mm ...)",
              text_of(&nearest));
    text_free(&nearest);
    return false;
}

/* --- reading one ------------------------------------------------------------------------------------------------- */

static bool refuse_cell(const struct table_column *column, const struct table *t, struct error *err)
{
    bool given = t->time_format && t->time_format->kind == TIMESTAMP_FORMAT_PATTERN;
    return error_set(
        err, ERROR_DATA,
        "line %llu: '%s' in the time column '%s' is %s; repair or remove the line, or choose another --time",
        (unsigned long long)column->bad_time.line, column->bad_time.text, column->name,
        given ? "not written as --format says" : "no time that is understood");
}

static bool is_monotone(const int64_t *us, size_t n)
{
    size_t up = 0, down = 0;
    for (size_t i = 1; i < n; i++) {
        up += us[i] > us[i - 1];
        down += us[i] < us[i - 1];
    }
    return up <= n / 100 || down <= n / 100;
}

static bool decide(struct timeline *out, const struct finder *f, const struct timeline_candidate *c,
                   enum timestamp_order order, struct error *err)
{
    const struct table_column *column = &f->t->column[c->part[0]];
    char name[FRAME_NAME_MAX + sizeof column->unit + 3];
    snprintf(name, sizeof name, "%s%s%s", column->name, *column->unit ? " " : "", column->unit);
    const struct timestamp_options o = {
        .order = order, .format = f->t->time_format, .name = name, .has_zone = f->options->zone != NULL};
    const struct timestamp *item = c->item ? c->item : column->time;
    return timestamp_decide(&out->format, out->us, item, f->t->rows, f->t->line, &o, err);
}

static bool read_candidate(struct timeline *out, const struct finder *f, const struct timeline_candidate *c,
                           struct error *err)
{
    const struct table_column *column = &f->t->column[c->part[0]];
    *out = (struct timeline){.column = c->part[0], .part_n = c->part_n};
    memcpy(out->part, c->part, c->part_n * sizeof *c->part);
    text_copy(out->name, sizeof out->name, c->name);
    text_copy(out->evidence, sizeof out->evidence, c->evidence);
    if (column->bad_time.line && !c->item)
        return refuse_cell(column, f->t, err);
    out->us = memory_try(f->t->rows, sizeof *out->us, "the time line", err);
    if (!out->us)
        return false;
    if (!decide(out, f, c, order_of(f->options->date_order), err))
        return error_prefix(err, "time column '%s'", c->name);
    if (c->weak && !is_monotone(out->us, f->t->rows))
        return error_set(err, ERROR_DATA, "the numbers of '%s' neither rise nor fall from row to row", c->name);
    return true;
}

/* --- the same instants ------------------------------------------------------------------------------------------- */

/* Whether each time is that of another column, or the day of it. */
static bool is_day_of(const struct timeline *day, const struct timeline *known, size_t rows)
{
    for (size_t i = 0; i < rows; i++) {
        int64_t midnight = known->us[i] - ((known->us[i] % CLOCK_DAY_US) + CLOCK_DAY_US) % CLOCK_DAY_US;
        if (day->us[i] != known->us[i] && (day->format.has_clock || day->us[i] != midnight))
            return false;
    }
    return true;
}

/* Where a column that can be read says which order of day and month the other one has: two orders that both agree with
 * it agree with each other. */
static bool order_by_other(struct finder *f, const struct timeline_candidate *c, const struct timeline *known,
                           struct timeline *out)
{
    int order = TIMESTAMP_DMY;
    while (order <= TIMESTAMP_YMD &&
           !(decide(out, f, c, (enum timestamp_order)order, NULL) && is_day_of(out, known, f->t->rows)))
        order++;
    if (order > TIMESTAMP_YMD)
        return false;
    snprintf(out->format.evidence, sizeof out->format.evidence, "in this order '%.60s' says the same on every row",
             known->name);
    return true;
}

/* b is a in the clocks of a place: whole quarters of an hour off, 15 hours at most. */
static bool is_local_of(const struct timeline *a, const struct timeline *b, size_t rows)
{
    for (size_t i = 0; i < rows; i++) {
        int64_t off = b->us[i] - a->us[i];
        if (off % QUARTER_US != 0 || off > 60 * QUARTER_US || off < -60 * QUARTER_US)
            return false;
    }
    return true;
}

static bool is_constant(const struct timeline *a, size_t rows)
{
    for (size_t i = 1; i < rows; i++)
        if (a->us[i] != a->us[0])
            return false;
    return rows > 1;
}

static bool lies_between(const struct timeline *open, const struct timeline *x, const struct timeline *close,
                         size_t rows)
{
    for (size_t i = 0; i < rows; i++)
        if (x->us[i] < open->us[i] || x->us[i] > close->us[i])
            return false;
    return true;
}

/* --- choosing ---------------------------------------------------------------------------------------------------- */

static void forget(struct finder *f, size_t k)
{
    timeline_free(&f->found[k]);
    f->n--;
    memmove(&f->found[k], &f->found[k + 1], (f->n - k) * sizeof f->found[0]);
    memmove(&f->of[k], &f->of[k + 1], (f->n - k) * sizeof f->of[0]);
}

static const struct timename *said(const struct finder *f, size_t k)
{
    return &f->all.one[f->of[k]].said;
}

static bool tells_zone(const struct finder *f, size_t k)
{
    return f->found[k].format.has_zone || said(f, k)->has_zone;
}

static void explain(struct timeline *chosen, const char *why, const struct timeline *other)
{
    struct text t = {0};
    text_printf(&t, "'%.50s' %s '%.50s'", chosen->name, why, other->name);
    text_copy(chosen->evidence, sizeof chosen->evidence, text_of(&t));
    text_free(&t);
}

/* Opening and close of one period, and other times within it (of the high, of the low): the opening stands for all. */
static void settle_periods(struct finder *f)
{
    size_t open = f->n, close = f->n;
    for (size_t k = 0; k < f->n; k++) {
        if (said(f, k)->open && open == f->n)
            open = k;
        if (said(f, k)->close && close == f->n)
            close = k;
    }
    if (open == f->n || close == f->n || open == close ||
        !lies_between(&f->found[open], &f->found[close], &f->found[close], f->t->rows))
        return;
    for (size_t k = 0; k < f->n; k++)
        if (!lies_between(&f->found[open], &f->found[k], &f->found[close], f->t->rows))
            return;
    explain(&f->found[open], "opens the period that is closed by", &f->found[close]);
    f->found[open].stamp = CSV_STAMP_OPEN;
    text_copy(f->found[open].stamp_evidence, sizeof f->found[open].stamp_evidence, f->found[open].evidence);
    for (size_t k = f->n; k-- > 0;)
        if (k != open) {
            open -= k < open;
            forget(f, k);
        }
}

/* Whether j need not be asked about beside k, and why. */
static const char *is_settled(const struct finder *f, size_t k, size_t j)
{
    const struct timeline *a = &f->found[k], *b = &f->found[j];
    if (is_day_of(b, a, f->t->rows) && (tells_zone(f, k) >= tells_zone(f, j)))
        return "says the same on every row as";
    if (is_constant(b, f->t->rows) && !is_constant(a, f->t->rows))
        return "changes from row to row, unlike";
    if (a->format.elapsed != b->format.elapsed)
        return b->format.elapsed ? "names dates, unlike" : NULL;
    if (tells_zone(f, k) && !tells_zone(f, j) && said(f, k)->zone_minutes == 0 && is_local_of(a, b, f->t->rows))
        return "gives in UTC the local times of";
    return NULL;
}

static void settle_pairs(struct finder *f)
{
    for (size_t k = 0; k < f->n; k++)
        for (size_t j = f->n; j-- > 0;) {
            const char *why = j != k ? is_settled(f, k, j) : NULL;
            if (!why)
                continue;
            explain(&f->found[k], why, &f->found[j]);
            forget(f, j);
            k -= j < k;
        }
}

static bool settle(struct finder *f, struct error *err)
{
    bool strong = false;
    for (size_t k = 0; k < f->n; k++)
        strong = strong || !f->all.one[f->of[k]].weak;
    for (size_t k = f->n; strong && k-- > 0;)
        if (f->all.one[f->of[k]].weak)
            forget(f, k);
    if (f->n > 1)
        settle_periods(f);
    settle_pairs(f);
    if (f->n > 1)
        return error_set(err, ERROR_DATA, "'%s' and '%s' both hold times and differ; say which one counts with --time",
                         f->found[0].name, f->found[1].name);
    return true;
}

/* --- columns that are no time after all -------------------------------------------------------------------------- */

bool timeline_uses(const struct timeline *line, size_t column)
{
    for (size_t i = 0; i < line->part_n; i++)
        if (line->part[i] == column)
            return true;
    return false;
}

/* Numbers, and at most missing cells and stray texts between them; not the epochs of another column of times. */
static bool counts_only(const struct table_column *column, size_t rows)
{
    bool epochs = timename_may_count(column->name);
    for (size_t i = 0; i < rows; i++) {
        const struct timestamp *t = &column->time[i];
        if (t->kind != TIMESTAMP_NUMBER && t->kind != TIMESTAMP_NONE)
            return false;
        epochs = epochs && t->kind == TIMESTAMP_NUMBER && timestamp_is_epoch(t);
    }
    return !epochs;
}

static bool counts_rows(const double *value, size_t rows)
{
    for (size_t i = 1; i < rows; i++)
        if (value[i] != value[0] + (double)i)
            return false;
    return value[0] == 0 || value[0] == 1;
}

/* Cells that are neither numbers nor missing make the column a mixture, which is refused where it would be kept. */
static void release_column(struct table_column *column, size_t rows)
{
    column->numbers = 0;
    for (size_t i = 0; i < rows; i++) {
        bool number = column->time[i].kind == TIMESTAMP_NUMBER;
        column->value[i] = number ? timestamp_number(&column->time[i]) : (double)NAN;
        column->numbers += number;
    }
    column->texts = rows - column->numbers - column->missing;
    if (column->texts > 0)
        column->text = column->bad_time;
    free(column->time);
    column->time = NULL;
    column->kind = TABLE_NUMBERS;
}

/* Candidates that turned out to be numbers become columns of values. */
static bool release_numbers(struct table *t, const struct timeline *line, struct error *err)
{
    for (size_t c = 0; c < t->columns; c++) {
        struct table_column *column = &t->column[c];
        if (!column->time || timeline_uses(line, c) || !counts_only(column, t->rows))
            continue;
        column->value = memory_try(t->rows, sizeof *column->value, "a column", err);
        if (!column->value)
            return false;
        release_column(column, t->rows);
        if (c == 0 && column->unnamed && counts_rows(column->value, t->rows))
            column->kind = TABLE_INDEX;
    }
    return true;
}

/* --- finding it -------------------------------------------------------------------------------------------------- */

static void read_all(struct finder *f)
{
    size_t open[TIMELINE_CANDIDATES_MAX], open_n = 0;
    for (size_t k = 0; k < f->all.n; k++) {
        struct timeline *line = &f->found[f->n];
        struct error *err = f->first.kind == ERROR_NONE && !f->all.one[k].weak ? &f->first : NULL;
        if (read_candidate(line, f, &f->all.one[k], err)) {
            f->of[f->n++] = k;
            continue;
        }
        if (line->format.order_open)
            open[open_n++] = k;
        timeline_free(line);
    }
    for (size_t i = 0; i < open_n && f->n > 0; i++) {
        struct timeline *line = &f->found[f->n];
        if (!read_candidate(line, f, &f->all.one[open[i]], NULL) && line->us &&
            order_by_other(f, &f->all.one[open[i]], &f->found[0], line))
            f->of[f->n++] = open[i];
        else
            timeline_free(line);
    }
}

/* What is not a mere matter of the other columns: why none could be read. */
static bool none_read(struct finder *f, struct error *err)
{
    if (f->all.n == 0 || f->first.kind == ERROR_NONE)
        return no_candidate(f->t, err);
    return error_set(err, f->first.kind, "%s", f->first.text);
}

static void tell_stamp(struct timeline *line, const struct timeline_candidate *chosen)
{
    if (line->format.elapsed) {
        line->stamp = CSV_STAMP_CLOSE;
        snprintf(line->stamp_evidence, sizeof line->stamp_evidence,
                 "samples of a log are known at the time that stands beside them");
    } else if (chosen->hour_ends) {
        line->stamp = CSV_STAMP_CLOSE;
        snprintf(line->stamp_evidence, sizeof line->stamp_evidence, "hours run from 1 to 24, so each names its end");
    }
    if (line->format.leaps)
        timeline_note(line, "%zu leap seconds (23:59:60) are read as the second after them", line->format.leaps);
}

static bool finish(struct timeline *line, struct finder *f, struct table *t, struct error *err)
{
    const struct timeline_candidate *chosen = &f->all.one[f->of[0]];
    *line = f->found[0];
    f->n = 0;
    if (f->options->time_column)
        snprintf(line->evidence, sizeof line->evidence, "given with --time");
    else if (!*line->evidence)
        snprintf(line->evidence, sizeof line->evidence, "the only column that holds times on every row");
    tell_stamp(line, chosen);
    return timeline_settle_zone(line, chosen, t, f->options, err) && release_numbers(t, line, err);
}

bool timeline_find(struct timeline *line, struct table *t, const struct csv_options *options, struct error *err)
{
    struct finder *f = NEW(struct finder);
    f->t = t;
    f->options = options;
    *line = (struct timeline){0};
    bool ok = timeline_parts_find(&f->all, t, err);
    if (ok) {
        read_all(f);
        ok = f->n > 0 ? settle(f, err) : none_read(f, err);
    }
    if (ok)
        ok = finish(line, f, t, err);
    while (f->n > 0)
        forget(f, f->n - 1);
    timeline_parts_free(&f->all);
    free(f);
    return ok;
}

void timeline_free(struct timeline *line)
{
    free(line->us);
    free(line->note);
    *line = (struct timeline){0};
}
