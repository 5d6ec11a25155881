#include "data/csv.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/name.h"
#include "data/source.h"
#include "data/stamp.h"
#include "data/table.h"
#include "data/timeline.h"

#include <math.h>

/* What csv_import works on. Everything here is released by import_free whatever happened. */
struct import {
    struct encoding text;
    struct table table;
    struct findings found;
    struct timeline time;
    size_t *row; /* rows of the table in the order of time, without those dropped */
    size_t rows;
    size_t *column; /* columns of the table that are kept */
    size_t columns;
    size_t conflicts, first_conflict; /* the latter an index of the report's drops */
    uint64_t clock_change_line;       /* of a contradiction in the night when clocks go back; 0: none */
    struct csv_report *report;
    const struct csv_options *options;
};

/* --- the report -------------------------------------------------------------------------------------------------- */

static void report_guess(struct csv_report *r, const char *what, const char *value, const char *evidence)
{
    r->guess = memory_resize(r->guess, r->guess_n + 1, sizeof *r->guess);
    struct csv_guess *g = &r->guess[r->guess_n++];
    text_copy(g->what, sizeof g->what, what);
    text_copy(g->value, sizeof g->value, value);
    text_copy(g->evidence, sizeof g->evidence, evidence);
}

static void report_warning(struct csv_report *r, const char *text)
{
    r->warning = memory_resize(r->warning, r->warning_n + 1, sizeof *r->warning);
    text_copy(r->warning[r->warning_n++], sizeof r->warning[0], text);
}

static void report_drop(struct csv_report *r, uint64_t line, const char *why)
{
    if ((r->drop_n & (r->drop_n + 1)) == 0) /* room is 2^k - 1 */
        r->drop = memory_resize(r->drop, 2 * r->drop_n + 1, sizeof *r->drop);
    struct csv_drop *d = &r->drop[r->drop_n++];
    d->line = line;
    text_copy(d->why, sizeof d->why, why);
}

void csv_report_free(struct csv_report *report)
{
    free(report->guess);
    free(report->drop);
    free(report->warning);
    *report = (struct csv_report){0};
}

/* --- columns ----------------------------------------------------------------------------------------------------- */

/* One row per asset and time would come out as rows that contradict each other. */
static bool refuse_symbols(const struct table_column *c, struct error *err)
{
    static const char *const word[] = {"symbol", "asset", "ticker", "coin", "pair", "currency", "instrument", "name"};
    if (c->several_texts && name_has_any(c->name, word, ARRAY_N(word)))
        return error_set(err, ERROR_DATA,
                         "column '%s' holds several texts ('%s', ...): this looks like one row per asset "
                         "and time; split the file into one file an asset",
                         c->name, c->text.text);
    return true;
}

static void leave_out(struct import *im, const struct table_column *c, const char *why)
{
    char text[192];
    snprintf(text, sizeof text, "column '%s' is left out: %s%s%s%s", c->name, why, c->texts ? " ('" : "",
             c->texts ? c->text.text : "", c->texts ? "' ...)" : "");
    report_warning(im->report, text);
    if (c->texts && name_has(c->name, "partial"))
        report_warning(im->report, "the rows of this file may be partial: a later export can change them");
}

/* Which columns are kept. A column of texts is left out and named; what is neither is refused. */
static bool choose_columns(struct import *im, struct error *err)
{
    const struct table *t = &im->table;
    im->column = NEW_ARRAY(size_t, t->columns);
    for (size_t c = 0; c < t->columns; c++) {
        const struct table_column *column = &t->column[c];
        if (column->time && c != im->time.column)
            leave_out(im, column, "another column of times");
        if (column->time)
            continue;
        if (!table_check_column(t, c, err) || !refuse_symbols(column, err))
            return false;
        if (column->kind == TABLE_TEXTS)
            leave_out(im, column, "it holds text");
        else if (column->kind == TABLE_INDEX)
            leave_out(im, column, "it only counts the rows");
        else if (column->kind == TABLE_EMPTY && !column->unnamed)
            leave_out(im, column, "it has no value at all");
        else if (column->kind == TABLE_NUMBERS)
            im->column[im->columns++] = c;
    }
    if (im->columns == 0)
        return error_set(err, ERROR_DATA, "no column but the time holds numbers");
    return true;
}

/* --- rows -------------------------------------------------------------------------------------------------------- */

struct order_key {
    int64_t us;
    size_t row;
};

static int compare_keys(const void *a, const void *b)
{
    const struct order_key *x = a, *y = b;
    if (x->us != y->us)
        return x->us < y->us ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static bool sort_rows(struct import *im, struct error *err)
{
    size_t n = im->table.rows;
    im->row = memory_try(n, sizeof *im->row, "the order of rows", err);
    struct order_key *key = memory_try(n, sizeof *key, "the order of rows", err);
    if (im->row && key) {
        for (size_t i = 0; i < n; i++) {
            key[i] = (struct order_key){im->time.us[i], i};
            im->report->reordered = im->report->reordered || (i > 0 && key[i].us < key[i - 1].us);
        }
        if (im->report->reordered)
            qsort(key, n, sizeof *key, compare_keys);
        for (size_t i = 0; i < n; i++)
            im->row[i] = key[i].row;
        im->rows = n;
    }
    free(key);
    return im->row && im->rows == n;
}

/* The first kept column in which two rows differ, or -1. */
static int differing_column(const struct import *im, size_t a, size_t b)
{
    for (size_t k = 0; k < im->columns; k++) {
        const double *value = im->table.column[im->column[k]].value;
        if (value[a] != value[b] && !(isnan(value[a]) && isnan(value[b])))
            return (int)im->column[k];
    }
    return -1;
}

/* Local times repeat an hour when the clocks go back: the last Sunday of October or the first of November, at night.
 * Such rows contradict each other, and every time of the column may be off by hours. */
static bool is_clock_change(int64_t us)
{
    int year, month, day;
    int64_t days = us / CLOCK_DAY_US, weekday = (days + 4) % 7; /* 1970-01-01 was a Thursday; 0 is Sunday */
    clock_civil(days, &year, &month, &day);
    return us > 0 && weekday == 0 && us % CLOCK_DAY_US < 4 * 3600 * CLOCK_SECOND_US &&
           ((month == 10 && day >= 25) || (month == 11 && day <= 7));
}

static void drop_row(struct import *im, size_t row, size_t last)
{
    const struct table *t = &im->table;
    char why[80];
    int differs = differing_column(im, row, last);
    unsigned long long line = (unsigned long long)t->line[last];
    if (differs < 0)
        snprintf(why, sizeof why, "the same row as line %llu", line);
    else
        snprintf(why, sizeof why, "same time as line %llu, which is kept; '%.24s' differs", line,
                 t->column[differs].name);
    if (differs >= 0 && im->conflicts++ == 0)
        im->first_conflict = im->report->drop_n;
    if (differs >= 0 && is_clock_change(im->time.us[row]))
        im->clock_change_line = t->line[row];
    im->report->duplicates++;
    report_drop(im->report, t->line[row], why);
}

/* Of rows with one time the last in the file is kept; each other one is named with what it contradicts. */
static void drop_duplicates(struct import *im)
{
    size_t kept = 0;
    for (size_t first = 0, end; first < im->rows; first = end) {
        end = first + 1;
        while (end < im->rows && im->time.us[im->row[end]] == im->time.us[im->row[first]])
            end++;
        for (size_t i = first; i + 1 < end; i++)
            drop_row(im, im->row[i], im->row[end - 1]);
        im->row[kept++] = im->row[end - 1];
    }
    im->rows = kept;
}

static bool refuse_contradictions(const struct import *im, struct error *err)
{
    const struct csv_report *r = im->report;
    if (im->conflicts > 2 && im->conflicts > im->table.rows / 20)
        return error_set(err, ERROR_DATA,
                         "%zu of %zu rows have a time that another row has with other values (first: line "
                         "%llu, %s): is this one row per asset and time? Split it into one file an asset",
                         im->conflicts, im->table.rows, (unsigned long long)r->drop[im->first_conflict].line,
                         r->drop[im->first_conflict].why);
    const struct timestamp_column *format = &im->time.format;
    if (im->clock_change_line && format->kind != TIMESTAMP_EPOCH && format->has_clock && !format->has_zone)
        return error_set(err, ERROR_DATA,
                         "line %llu repeats an hour on the night when clocks go back: '%s' seems to hold "
                         "local times; write them in UTC or with their offset (2019-11-03T01:00-04:00)",
                         (unsigned long long)im->clock_change_line, im->table.column[im->time.column].name);
    return true;
}

static int compare_drops(const void *a, const void *b)
{
    uint64_t x = ((const struct csv_drop *)a)->line, y = ((const struct csv_drop *)b)->line;
    return (x > y) - (x < y);
}

static bool order_rows(struct import *im, struct error *err)
{
    for (size_t i = 0; i < im->found.drop_n; i++)
        report_drop(im->report, im->found.drop[i].line, im->found.drop[i].why);
    im->report->dropped = im->found.drop_n;
    if (!sort_rows(im, err))
        return false;
    drop_duplicates(im);
    if (!refuse_contradictions(im, err))
        return false;
    if (im->report->drop_n > 0)
        qsort(im->report->drop, im->report->drop_n, sizeof *im->report->drop, compare_drops);
    return true;
}

/* --- the frame --------------------------------------------------------------------------------------------------- */

static struct frame *make_frame(const struct import *im, struct error *err)
{
    struct frame *f = frame_new(im->rows, im->columns, err);
    if (!f)
        return NULL;
    for (size_t i = 0; i < im->rows; i++)
        f->time_us[i] = im->time.us[im->row[i]];
    for (size_t k = 0; k < im->columns; k++) {
        const struct table_column *column = &im->table.column[im->column[k]];
        text_copy(f->column[k].name, sizeof f->column[k].name, column->name);
        for (size_t i = 0; i < im->rows; i++)
            f->column[k].value[i] = column->value[im->row[i]];
    }
    frame_find_step(f);
    return f;
}

static void count_frame(struct csv_report *r, const struct frame *f)
{
    r->rows = f->rows;
    r->columns = f->columns;
    r->first_us = f->time_us[0];
    r->last_us = f->time_us[f->rows - 1];
    r->step_us = f->step_us;
    for (size_t i = 1; i < f->rows; i++)
        r->gaps += f->time_us[i] - f->time_us[i - 1] > f->step_us;
    for (size_t c = 0; c < f->columns; c++)
        for (size_t i = 0; i < f->rows; i++)
            r->missing += isnan(f->column[c].value[i]) ? 1 : 0;
}

/* Impossible values are kept and named. */
static void warn_of_impossible(struct csv_report *r, const struct frame *f)
{
    char text[192];
    int high = frame_find(f, "high"), low = frame_find(f, "low");
    size_t crossed = 0;
    for (size_t i = 0; high >= 0 && low >= 0 && i < f->rows; i++)
        crossed += f->column[low].value[i] > f->column[high].value[i];
    if (crossed) {
        snprintf(text, sizeof text, "in %zu rows the low lies above the high", crossed);
        report_warning(r, text);
    }
    for (size_t c = 0; c < f->columns; c++) {
        size_t negative = 0;
        for (size_t i = 0; i < f->rows; i++)
            negative += f->column[c].value[i] < 0;
        if (negative && name_has(f->column[c].name, "volume")) {
            snprintf(text, sizeof text, "column '%s' has %zu negative volumes", f->column[c].name, negative);
            report_warning(r, text);
        }
    }
}

static void report_form(struct import *im)
{
    struct csv_report *r = im->report;
    const struct timestamp_column *format = &im->time.format;
    for (size_t i = 0; i < im->found.guess_n; i++)
        report_guess(r, im->found.guess[i].what, im->found.guess[i].value, im->found.guess[i].evidence);
    for (size_t i = 0; i < im->found.warning_n; i++)
        report_warning(r, im->found.warning[i]);
    text_copy(r->time_column, sizeof r->time_column, im->table.column[im->time.column].name);
    text_copy(r->time_format, sizeof r->time_format, format->format);
    report_guess(r, "time column", r->time_column, im->time.evidence);
    report_guess(r, "time format", r->time_format, format->evidence);
    if (format->has_clock && !format->has_zone)
        report_guess(r, "zone", "UTC", "the times name no zone");
}

static bool settle_stamp(struct import *im, const struct frame *f, struct error *err)
{
    struct csv_report *r = im->report;
    char evidence[192] = "given with --stamp";
    r->stamp = im->options->stamp;
    if (r->stamp == CSV_STAMP_GUESS && !stamp_guess(&r->stamp, evidence, sizeof evidence, f, r->time_column, err))
        return false;
    report_guess(r, "stamp", csv_stamp_name(r->stamp), evidence);
    return true;
}

static bool read_table(struct import *im, const char *text, size_t n, struct error *err)
{
    return encoding_find(&im->text, &im->found, text, n, im->options->encoding, err) &&
           table_read(&im->table, &im->found, &im->text, im->options, err) &&
           timeline_find(&im->time, &im->table, im->options->date_order, err);
}

static struct frame *assemble(struct import *im, struct error *err)
{
    report_form(im);
    if (!choose_columns(im, err) || !order_rows(im, err))
        return NULL;
    struct frame *f = make_frame(im, err);
    if (!f)
        return NULL;
    count_frame(im->report, f);
    warn_of_impossible(im->report, f);
    if (settle_stamp(im, f, err))
        return f;
    frame_free(f);
    return NULL;
}

struct frame *csv_import_text(const char *name, const char *text, size_t n, struct csv_report *report,
                              const struct csv_options *options, struct error *err)
{
    static const struct csv_options none = {0};
    struct import im = {.report = report, .options = options ? options : &none};
    *report = (struct csv_report){0};
    struct frame *f = read_table(&im, text, n, err) ? assemble(&im, err) : NULL;
    if (!f)
        error_prefix(err, "%s", name);
    table_free(&im.table);
    encoding_free(&im.text);
    findings_free(&im.found);
    timeline_free(&im.time);
    free(im.row);
    free(im.column);
    return f;
}

struct frame *csv_import(const char *path, struct csv_report *report, const struct csv_options *options,
                         struct error *err)
{
    struct source file;
    struct frame *f = NULL;
    *report = (struct csv_report){0};
    if (source_read(&file, path, options ? options->most_bytes : 0, err))
        f = csv_import_text(path, file.text, file.n, report, options, err);
    else
        error_prefix(err, "%s", path);
    source_free(&file);
    return f;
}
