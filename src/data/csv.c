#include "data/csv.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/columns.h"
#include "data/dialect.h"
#include "data/flags.h"
#include "data/report.h"
#include "data/series.h"
#include "data/stamp.h"
#include "data/timeline.h"

#define MOST_BYTES ((size_t)4 << 30)

/* What csv_read works on. Everything here is released by import_free whatever happened. */
struct import {
    struct dialect dialect;
    struct timestamp_format format;
    struct table table;
    struct timeline time;
    struct columns columns;
    struct rows rows;
    struct csv_report *report;
    const struct csv_options *options;
};

static void import_free(struct import *im)
{
    table_free(&im->table);
    timeline_free(&im->time);
    rows_free(&im->rows);
    free(im->columns.index);
}

static void report_form(struct import *im)
{
    struct csv_report *r = im->report;
    const struct timestamp_column *format = &im->time.format;
    unsigned long long header = (unsigned long long)im->table.header_line;
    text_copy(r->encoding, sizeof r->encoding, "utf-8");
    text_copy(r->delimiter, sizeof r->delimiter, ",");
    text_copy(r->decimal, sizeof r->decimal, ".");
    r->header_lines = 1;
    report_guess(r, "encoding", im->dialect.skip ? "UTF-8 with byte order mark" : "UTF-8", "--encoding",
                 "every byte fits");
    report_guess(r, "line ends", im->dialect.crlf ? "CRLF" : "LF", "", "the first line's");
    report_guess(r, "delimiter", "comma", "--delimiter", "every record has the %zu cells of line %llu",
                 im->table.columns, header);
    report_guess(r, "header", "one line", "--header", "line %llu holds no number and no time", header);
    text_copy(r->time_column, sizeof r->time_column, im->time.name);
    text_copy(r->time_format, sizeof r->time_format, format->format);
    report_guess(r, "time column", r->time_column, "--time", "%s", im->time.evidence);
    report_guess(r, "time format", r->time_format, timestamp_is_open(format->layout) ? "--date-order" : "--format", "%s",
                 format->evidence);
    if (*im->time.zone)
        report_guess(r, "zone", im->time.zone, "--tz", "%s", im->time.zone_evidence);
    for (size_t i = 0; i < im->time.note_n; i++)
        report_warn(r, "%s", im->time.note[i]);
}

/* What cannot be followed yet is refused by name, so that no option is silently without effect. */
static bool check_options(const struct csv_options *o, struct error *err)
{
    const struct {
        const char *option, *value, *only[2];
    } later[] = {{"--delimiter", o->delimiter, {",", "comma"}},
                 {"--decimal", o->decimal, {"."}},
                 {"--thousands", o->thousands, {"none"}},
                 {"--encoding", o->encoding, {"utf-8", "utf8"}},
                 {"--missing", o->missing, {NULL}},
                 {"--symbol", o->symbol, {"none"}},
                 {"--skip", o->skip > 0 ? "more than 0" : NULL, {NULL}},
                 {"--header", o->header_lines != 0 && o->header_lines != 1 ? "but 1" : NULL, {NULL}}};
    for (size_t i = 0; i < ARRAY_N(later); i++) {
        const char *const *only = later[i].only;
        if (later[i].value && !(only[0] && text_equal_nocase(later[i].value, only[0])) &&
            !(only[1] && text_equal_nocase(later[i].value, only[1])))
            return error_set(err, ERROR_USAGE, "%s %s is not in this version", later[i].option, later[i].value);
    }
    return true;
}

static bool read_table(struct import *im, const char *text, size_t n, struct error *err)
{
    if (!timestamp_format_parse(&im->format, im->options->format, err))
        return false;
    im->table.time_column = im->options->time_column;
    im->table.time_format = &im->format;
    return dialect_find(&im->dialect, text, n, err) &&
           table_read(&im->table, text + im->dialect.skip, n - im->dialect.skip, err) &&
           timeline_find(&im->time, &im->table, im->options, err);
}

static bool settle_stamp(struct import *im, const struct frame *f, struct error *err)
{
    struct csv_report *r = im->report;
    char evidence[192] = "given with --stamp";
    r->stamp = im->options->stamp;
    if (r->stamp == CSV_STAMP_GUESS && !stamp_guess(&r->stamp, evidence, sizeof evidence, f, &im->time,
                                                        im->table.banner, err))
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
    if (rows->clock_change_line && format->has_clock && !format->has_zone && !im->options->zone)
        return error_set(err, ERROR_DATA,
                         "line %llu repeats an hour on the night when clocks go back: '%s' seems to hold "
                         "local times; write them in UTC or with their offset (2019-11-03T01:00-04:00)",
                         (unsigned long long)rows->clock_change_line, im->time.name);
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
    for (size_t i = 0; i < im->table.blank_n; i++)
        report_drop(r, im->table.blank[i], "every cell is empty");
    r->dropped = im->table.blank_n;
    if (!columns_choose(&im->columns, r, &im->table, &im->time, COLUMNS_NONE, err) || !make_series(im, err))
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
    bool ok = check_options(im.options, err) && read_table(&im, text, n, err) && assemble(&im, err);
    if (!ok)
        error_prefix(err, "%s", name);
    import_free(&im);
    return ok;
}

bool csv_read(const char *path, struct csv_report *report, const struct csv_options *options, struct error *err)
{
    struct bytes file = {0};
    *report = (struct csv_report){0};
    bool ok = file_read(path, options && options->most_bytes ? options->most_bytes : MOST_BYTES, &file, err) &&
              csv_read_text(path, file.n ? (const char *)file.data : "", file.n, report, options, err);
    bytes_free(&file);
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
