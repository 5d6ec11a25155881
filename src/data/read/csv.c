#include "data/read/csv.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/read/columns.h"
#include "data/read/flags.h"
#include "data/read/pivot.h"
#include "data/read/report.h"
#include "data/read/series.h"
#include "data/read/source.h"
#include "data/read/stamp.h"
#include "data/read/timeline.h"

#include <ctype.h>

/* What csv_read works on. Everything here is released by import_free whatever happened. */
struct import {
    struct encoding text;
    struct table table;
    struct findings found;
    struct timeline time;
    struct pivot pivot;
    struct columns columns;
    struct rows rows; /* of the series at hand */
    struct csv_report *report;
    const struct csv_options *options;
};

static void import_free(struct import *im)
{
    table_free(&im->table);
    encoding_free(&im->text);
    findings_free(&im->found);
    timeline_free(&im->time);
    pivot_free(&im->pivot);
    rows_free(&im->rows);
    free(im->columns.index);
}

static void report_form(struct import *im)
{
    struct csv_report *r = im->report;
    const struct table *t = &im->table;
    for (size_t i = 0; im->text.name[i] && i + 1 < sizeof r->encoding; i++) /* as it is given to --encoding */
        r->encoding[i] = (char)tolower((unsigned char)im->text.name[i]);
    snprintf(r->delimiter, sizeof r->delimiter, "%c", t->dialect.form.delimiter);
    snprintf(r->decimal, sizeof r->decimal, "%c", t->decimal);
    if (!text_equal(t->thousands, "none"))
        text_copy(r->thousands, sizeof r->thousands, t->thousands);
    r->skipped_lines = (size_t)t->header.skipped;
    r->header_lines = t->header.lines;
    r->table_columns = t->columns;
    for (size_t i = 0; i < im->found.guess_n; i++) {
        const struct finding *g = &im->found.guess[i];
        report_guess(r, g->what, g->value, g->option, "%s", g->evidence);
    }
    for (size_t i = 0; i < im->found.warning_n; i++)
        report_warn(r, "%s", im->found.warning[i]);
    for (size_t i = 0; i < im->found.drop_n; i++)
        report_drop(r, im->found.drop[i].line, im->found.drop[i].why);
    r->dropped = im->found.drop_n;
}

static void report_time(struct import *im)
{
    struct csv_report *r = im->report;
    const struct timeline *time = &im->time;
    const struct timestamp_column *format = &time->format;
    text_copy(r->time_column, sizeof r->time_column, time->name[0] ? time->name : im->table.column[time->column].name);
    text_copy(r->time_format, sizeof r->time_format, format->format);
    r->elapsed = format->elapsed;
    report_guess(r, "time column", r->time_column, "--time", "%s", time->evidence);
    report_guess(r, "time format", r->time_format, timestamp_is_open(format->layout) ? "--date-order" : "--format",
                 "%s", format->evidence);
    if (time->zone[0])
        report_guess(r, "zone", time->zone, "--tz", "%s", time->zone_evidence);
    for (size_t i = 0; i < time->note_n; i++)
        report_warn(r, "%s", time->note[i]);
}

static bool read_table(struct import *im, const char *text, size_t n, struct error *err)
{
    return encoding_find(&im->text, &im->found, text, n, im->options->encoding, err) &&
           table_read(&im->table, &im->found, &im->text, im->options, err) &&
           timeline_find(&im->time, &im->table, im->options, err);
}

static bool settle_stamp(struct import *im, const struct frame *f, struct error *err)
{
    struct csv_report *r = im->report;
    char evidence[192] = "given with --stamp";
    r->stamp = im->options->stamp;
    if (r->stamp == CSV_STAMP_GUESS &&
        !stamp_guess(&r->stamp, evidence, sizeof evidence, f, &im->time, im->table.banner, err))
        return false;
    report_guess(r, "stamp", csv_stamp_name(r->stamp), "--stamp", "%s", evidence);
    return true;
}

/* `rows` of them were looked at. */
static bool refuse_contradictions(const struct import *im, size_t rows, struct error *err)
{
    const struct csv_report *r = im->report;
    const struct rows *found = &im->rows;
    bool many = found->conflicts > 2 ? found->conflicts > rows / 20 : found->conflicts * 4 > rows;
    if (many)
        return error_set(
            err, ERROR_DATA,
            "%zu of %zu rows have a time that another row has with other values (first: line %llu, %s): is "
            "this one row per asset and time? Then name the column of the asset with --symbol",
            found->conflicts, rows, (unsigned long long)r->drop[found->first_conflict].line,
            r->drop[found->first_conflict].why);
    const struct timestamp_column *format = &im->time.format;
    if (found->clock_change_line && format->has_clock && !format->has_zone && !im->options->zone)
        return error_set(
            err, ERROR_DATA,
            "line %llu repeats an hour on the night when clocks go back: '%s' seems to hold local times; say "
            "their zone with --tz (--tz UTC if they are none)",
            (unsigned long long)found->clock_change_line, r->time_column);
    return true;
}

static uint64_t line_of_row(const void *context, size_t row)
{
    const struct import *im = context;
    return im->table.line[im->rows.row ? im->rows.row[row] : row];
}

/* subset[n]: rows of the table, NULL for all of them. */
static bool make_one(struct import *im, const char *symbol, const uint32_t *subset, size_t n, struct error *err)
{
    struct csv_report *r = im->report;
    struct csv_series *s = &r->series[r->series_n];
    const struct rows_view view = {&im->table, im->time.us, im->columns.index, im->columns.n, im->options->keep_first};
    rows_free(&im->rows);
    if (!rows_order(&im->rows, r, &view, subset, n, err) || !refuse_contradictions(im, n, err) ||
        !series_make(s, &im->table, &im->rows, &view, subset == NULL, err))
        return symbol[0] ? error_prefix(err, "%s", symbol) : false;
    text_copy(s->symbol, sizeof s->symbol, symbol);
    r->series_n++;
    flags_find(s, line_of_row, im);
    return true;
}

static bool make_series(struct import *im, struct error *err)
{
    struct csv_report *r = im->report;
    const struct pivot *p = &im->pivot;
    r->series = NEW_ARRAY(struct csv_series, p->symbols ? p->symbols : 1);
    if (p->symbols < 2)
        return make_one(im, p->symbols ? p->symbol[0] : "", NULL, im->table.rows, err);
    for (size_t i = p->first[p->symbols]; i < p->rows; i++)
        report_drop(r, im->table.line[p->row[i]], "it names no symbol");
    r->dropped += p->rows - p->first[p->symbols];
    for (size_t k = 0; k < p->symbols; k++)
        if (!make_one(im, p->symbol[k], p->row + p->first[k], p->first[k + 1] - p->first[k], err))
            return false;
    return true;
}

static const struct frame *longest(const struct csv_report *r)
{
    const struct frame *f = r->series[0].frame;
    for (size_t i = 1; i < r->series_n; i++)
        f = r->series[i].frame->rows > f->rows ? r->series[i].frame : f;
    return f;
}

/* "A+B" of the columns that name assets. */
static void name_symbols(struct import *im)
{
    const struct pivot *p = &im->pivot;
    for (size_t i = 0; i < p->columns; i++) {
        text_append(im->report->symbol_column, FRAME_NAME_MAX, i ? "+" : "");
        text_append(im->report->symbol_column, FRAME_NAME_MAX, im->table.column[p->column[i]].name);
    }
}

static bool assemble(struct import *im, struct error *err)
{
    struct csv_report *r = im->report;
    report_form(im);
    report_time(im);
    if (!pivot_find(&im->pivot, r, &im->table, im->time.us, im->options->symbol, err))
        return false;
    name_symbols(im);
    if (!columns_choose(&im->columns, r, &im->table, &im->time, im->pivot.column, im->pivot.columns, err) ||
        !make_series(im, err))
        return false;
    report_sort_drops(r);
    series_total(r);
    for (size_t i = 0; i < r->series_n; i++)
        flags_warn(r, &r->series[i]);
    return settle_stamp(im, longest(r), err);
}

bool csv_read_text(const char *name, const char *text, size_t n, struct csv_report *report,
                   const struct csv_options *options, struct error *err)
{
    static const struct csv_options none = {0};
    struct import im = {.report = report, .options = options ? options : &none};
    *report = (struct csv_report){0};
    bool ok = read_table(&im, text, n, err) && assemble(&im, err);
    if (!ok)
        error_prefix(err, "%s", name);
    import_free(&im);
    return ok;
}

bool csv_read(const char *path, struct csv_report *report, const struct csv_options *options, struct error *err)
{
    struct source file = {0};
    *report = (struct csv_report){0};
    bool ok = source_read(&file, path, options ? options->most_bytes : 0, err) || error_prefix(err, "%s", path);
    ok = ok && csv_read_text(path, file.text, file.n, report, options, err);
    source_free(&file);
    return ok;
}

static struct frame *only_frame(const char *name, struct csv_report *report, struct error *err)
{
    if (report->series_n != 1) {
        error_set(err, ERROR_DATA, "%s: it holds %zu series, one for each value of '%s', where one is expected", name,
                  report->series_n, report->symbol_column);
        return NULL;
    }
    struct frame *f = report->series[0].frame;
    report->series[0].frame = NULL;
    return f;
}

struct frame *csv_import_text(const char *name, const char *text, size_t n, struct csv_report *report,
                              const struct csv_options *options, struct error *err)
{
    return csv_read_text(name, text, n, report, options, err) ? only_frame(name, report, err) : NULL;
}

struct frame *csv_import(const char *path, struct csv_report *report, const struct csv_options *options,
                         struct error *err)
{
    return csv_read(path, report, options, err) ? only_frame(path, report, err) : NULL;
}
