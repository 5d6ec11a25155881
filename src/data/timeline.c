#include "data/timeline.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/name.h"
#include "data/timename.h"

#include <math.h>

static enum timestamp_order order_of(enum csv_date_order order)
{
    static const enum timestamp_order of[] = {[CSV_ORDER_GUESS] = TIMESTAMP_GUESS,
                                              [CSV_ORDER_DMY] = TIMESTAMP_DMY,
                                              [CSV_ORDER_MDY] = TIMESTAMP_MDY,
                                              [CSV_ORDER_YMD] = TIMESTAMP_YMD};
    return of[order];
}

static bool no_candidate(const struct table *t, struct error *err)
{
    if (t->time_column)
        return error_set(err, ERROR_USAGE, "there is no column '%s' (line %llu has: %s, %s ...)", t->time_column,
                         (unsigned long long)t->header_line, t->column[0].name, t->column[1].name);
    const struct table_column *first = &t->column[0];
    return error_set(err, ERROR_DATA,
                     "no column holds times that are understood%s%s%s: write them as YYYY-MM-DD[THH:MM:SS], "
                     "D/M/YYYY, M/D/YYYY or epoch seconds, or name the column with --time",
                     first->text.line ? " (first text: '" : "", first->text.text, first->text.line ? "')" : "");
}

static bool read_candidate(struct timeline *out, const struct table *t, size_t c, const struct csv_options *options,
                           struct error *err)
{
    const struct table_column *column = &t->column[c];
    const struct timestamp_options o = {
        .order = order_of(options->date_order), .format = t->time_format, .name = column->name};
    *out = (struct timeline){.column = c, .part = {c}, .part_n = 1};
    text_copy(out->name, sizeof out->name, column->name);
    if (column->bad_time.line)
        return error_set(
            err, ERROR_DATA,
            "line %llu: '%s' in the time column '%s' is no time that is understood; write "
            "YYYY-MM-DD[THH:MM:SS][Z], D/M/YYYY, M/D/YYYY or epoch seconds, or choose another --time",
            (unsigned long long)column->bad_time.line, column->bad_time.text, column->name);
    out->us = memory_try(t->rows, sizeof *out->us, "the time line", err);
    if (!out->us)
        return false;
    if (timestamp_decide(&out->format, out->us, column->time, t->rows, t->line, &o, err))
        return true;
    return error_prefix(err, "time column '%s'", column->name);
}

/* Opening and close of one period: the names say so and no close comes before its opening. */
static bool is_open_and_close(const struct timeline *open, const struct timeline *close, const struct table *t)
{
    if (!name_has(t->column[open->column].name, "open") || !name_has(t->column[close->column].name, "close"))
        return false;
    for (size_t i = 0; i < t->rows; i++)
        if (close->us[i] < open->us[i])
            return false;
    return true;
}

/* Joins the next readable candidate to the one chosen so far; `next` is consumed. */
static bool settle(struct timeline *chosen, struct timeline *next, const struct table *t, struct error *err)
{
    const char *a = t->column[chosen->column].name, *b = t->column[next->column].name;
    if (memcmp(chosen->us, next->us, t->rows * sizeof *next->us) == 0) {
        snprintf(chosen->evidence, sizeof chosen->evidence, "'%s' and '%s' say the same on every row", a, b);
    } else if (is_open_and_close(chosen, next, t)) {
        snprintf(chosen->evidence, sizeof chosen->evidence, "'%s' opens the period that '%s' closes", a, b);
    } else if (is_open_and_close(next, chosen, t)) {
        struct timeline swap = *chosen;
        *chosen = *next;
        *next = swap;
        snprintf(chosen->evidence, sizeof chosen->evidence, "'%s' opens the period that '%s' closes", b, a);
    } else {
        timeline_free(next);
        return error_set(err, ERROR_DATA,
                         "'%s' and '%s' both hold times and differ; say which one counts with --time", a, b);
    }
    timeline_free(next);
    return true;
}

static bool is_part(const struct timeline *line, size_t column)
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

/* A candidate that turned out to be numbers becomes a column of values, with NaN where a cell was no number. */
static bool release_numbers(struct table *t, const struct timeline *line, struct error *err)
{
    for (size_t c = 0; c < t->columns; c++) {
        struct table_column *column = &t->column[c];
        if (!column->time || is_part(line, c) || !counts_only(column, t->rows))
            continue;
        column->value = memory_try(t->rows, sizeof *column->value, "a column", err);
        if (!column->value)
            return false;
        for (size_t i = 0; i < t->rows; i++) {
            bool number = column->time[i].kind == TIMESTAMP_NUMBER;
            column->value[i] = number ? timestamp_number(&column->time[i]) : (double)NAN;
            column->numbers += number;
        }
        free(column->time);
        column->time = NULL;
        column->kind = column->unnamed && counts_rows(column->value, t->rows) ? TABLE_INDEX : TABLE_NUMBERS;
    }
    return true;
}

bool timeline_find(struct timeline *line, struct table *t, const struct csv_options *options, struct error *err)
{
    struct error first = {0};
    bool found = false, any = false;
    *line = (struct timeline){0};
    for (size_t c = 0; c < t->columns; c++) {
        if (!t->column[c].time)
            continue;
        struct timeline next;
        any = true;
        if (!read_candidate(&next, t, c, options, first.kind == ERROR_NONE ? &first : NULL)) {
            timeline_free(&next);
        } else if (!found) {
            found = true;
            *line = next;
            snprintf(line->evidence, sizeof line->evidence, "%s",
                     t->time_column ? "given with --time" : "the only column that holds times on every row");
        } else if (!settle(line, &next, t, err)) {
            return false;
        }
    }
    if (!any)
        return no_candidate(t, err);
    if (!found)
        return error_set(err, first.kind, "%s", first.text);
    return release_numbers(t, line, err);
}

void timeline_free(struct timeline *line)
{
    free(line->us);
    free(line->note);
    *line = (struct timeline){0};
}
