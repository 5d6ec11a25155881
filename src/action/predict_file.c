/* A file of new bars: read as `data add` reads it, checked against what the workspace has of the same bars, not stored.
 */
#include "action/predict_internal.h"

#include "action/name.h"
#include "base/clock.h"
#include "base/memory.h"
#include "data/read/encoding.h"
#include "data/read/source.h"
#include "data/read/table.h"
#include "data/read/timeline.h"

#include <math.h>

/* --- where a row stands
 * ----------------------------------------------------------------------------------------------- */

/* The line of the row of that time, by reading the file once more: only where it is refused. */
static uint64_t line_of(const char *path, const struct csv_options *csv, int64_t time_us)
{
    struct source file = {0};
    struct encoding text = {0};
    struct findings found = {0};
    struct table table = {0};
    struct timeline time = {0};
    uint64_t line = 0;
    if (source_read(&file, path, csv->most_bytes, NULL) &&
        encoding_find(&text, &found, file.text, file.n, csv->encoding, NULL) &&
        table_read(&table, &found, &text, csv, NULL) && timeline_find(&time, &table, csv, NULL))
        for (size_t i = 0; i < table.rows; i++)
            line = time.us[i] == time_us ? table.line[i] : line;
    timeline_free(&time);
    table_free(&table);
    findings_free(&found);
    encoding_free(&text);
    source_free(&file);
    return line;
}

/* --- is it the task's asset's ----------------------------------------------------------------------------------------
 */

static const struct frame *choose_series(const struct csv_report *r, const struct predict_session *s, const char *path,
                                         struct error *err)
{
    const char *asset = s->head.task->asset[s->head.asset].name;
    if (r->series_n == 1)
        return r->series[0].frame;
    for (size_t i = 0; i < r->series_n; i++) {
        char name[FRAME_NAME_MAX];
        name_of_text(r->series[i].symbol, name, sizeof name);
        if (text_equal_nocase(name, asset))
            return r->series[i].frame;
    }
    error_set(err, ERROR_DATA, "%s holds %zu assets, named by its column '%s', and none of them is %s", path,
              r->series_n, r->symbol_column, asset);
    return NULL;
}

bool predict_fits(const struct predict_session *s, int64_t time_us, int64_t before_us, uint64_t line, const char *name,
                  struct error *err)
{
    int64_t step_us = s->model->data->asset[s->head.asset].step_us;
    char time[40], where[40] = "";
    if (!s->grid || (time_us - before_us) % step_us == 0)
        return true;
    clock_iso(time_us, time, sizeof time);
    if (line > 0)
        snprintf(where, sizeof where, ", line %llu", (unsigned long long)line);
    return error_set(err, ERROR_DATA,
                     "%s%s: the bar of %s does not lie a multiple of %.9g s behind the one before it, as all bars of "
                     "the task do: other bars, or another time zone (--tz)?",
                     name, where, time, (double)step_us / CLOCK_SECOND_US);
}

static bool check_step(const struct predict_session *s, const struct frame *f, const char *path, struct error *err)
{
    int64_t step_us = s->model->data->asset[s->head.asset].step_us, other = f->step_us;
    int64_t off = step_us > other ? step_us - other : other - step_us;
    bool months = step_us >= 28 * CLOCK_DAY_US;
    if (f->rows < 3 || step_us <= 0 || (months ? off <= 3 * CLOCK_DAY_US : off == 0))
        return true;
    return error_set(err, ERROR_DATA, "%s has bars of %.9g s, those of the task are of %.9g s", path,
                     (double)other / CLOCK_SECOND_US, (double)step_us / CLOCK_SECOND_US);
}

/* --- the whole
 * -------------------------------------------------------------------------------------------------------- */

/* Rows that the workspace has too: they agree, or the file is refused with the line. */
static bool check_overlap(const struct predict_session *s, const struct frame *f, const size_t *column,
                          const char *path, const struct csv_options *csv, struct error *err)
{
    size_t rows = predict_history_rows(&s->history), at = predict_history_at(&s->history, f->time_us[0]);
    int64_t last_us = rows > 0 ? predict_history_time(&s->history, rows - 1) : INT64_MIN;
    bool apart = rows > 0 && f->time_us[f->rows - 1] < predict_history_time(&s->history, 0);
    size_t row = 0;
    for (; !apart && row < f->rows && f->time_us[row] <= last_us; row++) {
        size_t from = at;
        if (!predict_agrees(s, &at, f, column, row, 0, path, NULL)) {
            uint64_t line = line_of(path, csv, f->time_us[row]);
            return predict_agrees(s, &from, f, column, row, line, path, err);
        }
    }
    int64_t before_us = apart ? f->time_us[0] : last_us;
    for (; rows > 0 && row < f->rows; before_us = f->time_us[row++])
        if (!predict_fits(s, f->time_us[row], before_us, 0, path, NULL))
            return predict_fits(s, f->time_us[row], before_us, line_of(path, csv, f->time_us[row]), path, err);
    return true;
}

static bool run(struct predict_session *s, const struct frame *f, const char *path, const struct csv_options *csv,
                struct error *err)
{
    size_t *column = NEW_ARRAY(size_t, follow_reads(s->follow));
    bool ok = follow_columns(column, s->follow, f, path, err) && check_step(s, f, path, err) &&
              check_overlap(s, f, column, path, csv, err);
    if (ok) {
        size_t at = predict_history_at(&s->history, f->time_us[0]);
        size_t skip =
            s->options->last > 0 && (size_t)s->options->last < f->rows ? f->rows - (size_t)s->options->last : 0;
        ok = predict_tell_rows(s, f, err);
        predict_warm(s, predict_warm_from(s, at, follow_close(s->follow, f->time_us[0])), at);
        predict_warm_rows(s, f, column, 0, skip);
        ok = ok && predict_feed(s, f, column, skip, f->rows, 0, err) && predict_tell(s, err);
    }
    free(column);
    return ok;
}

bool predict_file(struct predict_session *s, const struct csv_options *csv, json_t *summary, struct error *err)
{
    const char *path = s->options->file;
    struct csv_report report;
    struct csv_options options = *csv;
    const struct task *task = s->head.task;
    options.stamp = task->series[task->asset[s->head.asset].base].stamp;
    bool ok = csv_read(path, &report, &options, err);
    const struct frame *f = ok ? choose_series(&report, s, path, err) : NULL;
    ok = f && run(s, f, path, &options, err);
    json_object_set_new(summary, "rows", json_integer(f ? (json_int_t)f->rows : 0));
    json_object_set_new(summary, "dropped", json_integer((json_int_t)report.dropped));
    json_object_set_new(summary, "duplicates", json_integer((json_int_t)report.duplicates));
    csv_report_free(&report);
    return ok;
}
