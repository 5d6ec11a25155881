#include "data/csv.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/columns.h"
#include "data/flags.h"
#include "data/report.h"
#include "data/series.h"
#include "data/source.h"
#include "data/stamp.h"
#include "data/timeline.h"

#include <ctype.h>

/* What csv_read works on. Everything here is released by import_free whatever happened. */
struct import {
    struct encoding text;
    struct table table;
    struct findings found;
    struct timeline time;
    struct columns columns;
    struct rows rows;
    struct csv_report *report;
    const struct csv_options *options;
};

static void import_free(struct import *im)
{
    table_free(&im->table);
    encoding_free(&im->text);
    findings_free(&im->found);
    timeline_free(&im->time);
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
    report_guess(r, "time column", r->time_column, "--time", "%s", time->evidence);
    report_guess(r, "time format", r->time_format, format->layout == TIMESTAMP_YEAR_LAST ? "--date-order" : "--format",
                 "%s", format->evidence);
    if (time->zone[0])
        report_guess(r, "zone", time->zone, "--tz", "%s", time->zone_evidence);
    else if (format->has_clock && !format->has_zone)
        report_guess(r, "zone", "UTC", "--tz", "the times name no zone");
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
    if (r->stamp == CSV_STAMP_GUESS && im->time.stamp != CSV_STAMP_GUESS) {
        r->stamp = im->time.stamp;
        text_copy(evidence, sizeof evidence, im->time.stamp_evidence);
    }
    if (r->stamp == CSV_STAMP_GUESS && !stamp_guess(&r->stamp, evidence, sizeof evidence, f, r->time_column, err))
        return false;
    report_guess(r, "stamp", csv_stamp_name(r->stamp), "--stamp", "%s", evidence);
    return true;
}

static bool refuse_contradictions(const struct import *im, struct error *err)
{
    const struct csv_report *r = im->report;
    const struct rows *rows = &im->rows;
    if (rows->conflicts > 2 && rows->conflicts > im->table.rows / 20)
        return error_set(err, ERROR_DATA,
                         "%zu of %zu rows have a time that another row has with other values (first: line "
                         "%llu, %s): is this one row per asset and time? Then name the asset's column with --symbol",
                         rows->conflicts, im->table.rows, (unsigned long long)r->drop[rows->first_conflict].line,
                         r->drop[rows->first_conflict].why);
    const struct timestamp_column *format = &im->time.format;
    if (rows->clock_change_line && format->has_clock && !format->has_zone)
        return error_set(err, ERROR_DATA,
                         "line %llu repeats an hour on the night when clocks go back: '%s' seems to hold "
                         "local times; write them in UTC or with their offset (2019-11-03T01:00-04:00)",
                         (unsigned long long)rows->clock_change_line, im->table.column[im->time.column].name);
    return true;
}

static uint64_t line_of_row(const void *context, size_t row)
{
    const struct import *im = context;
    return im->table.line[im->rows.row ? im->rows.row[row] : row];
}

static bool make_series(struct import *im, struct error *err)
{
    struct csv_report *r = im->report;
    const struct rows_view view = {&im->table, im->time.us, im->columns.index, im->columns.n, im->options->keep_first};
    if (!rows_order(&im->rows, r, &view, NULL, im->table.rows, err) || !refuse_contradictions(im, err))
        return false;
    r->series = NEW_ARRAY(struct csv_series, 1);
    r->series_n = 1;
    if (!series_make(&r->series[0], &im->table, &im->rows, &view, true, err)) {
        r->series_n = 0;
        return false;
    }
    flags_find(&r->series[0], line_of_row, im);
    return true;
}

static bool assemble(struct import *im, struct error *err)
{
    struct csv_report *r = im->report;
    report_form(im);
    report_time(im);
    if (!columns_choose(&im->columns, r, &im->table, &im->time, NULL, 0, err) || !make_series(im, err))
        return false;
    report_sort_drops(r);
    series_total(r);
    for (size_t i = 0; i < r->series_n; i++)
        flags_warn(r, &r->series[i]);
    return settle_stamp(im, r->series[0].frame, err);
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
