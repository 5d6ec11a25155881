#include "action/action.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/dataset.h"
#include "data/feature.h"
#include "data/synth.h"
#include "store/series.h"
#include "store/tasks.h"
#include "work/json.h"

#include <math.h>

json_t *action_init(const char *folder, struct error *err)
{
    if (!workspace_create(folder, err))
        return NULL;
    return json_pack("{s:o}", "workspace", json_of_text(folder));
}

static json_t *seconds_json(int64_t us)
{
    return json_of_number((double)us / (double)CLOCK_SECOND_US);
}

static json_t *series_json(const struct series_row *r)
{
    return json_pack("{s:o, s:o, s:o, s:I, s:I, s:o, s:o, s:o, s:s, s:o, s:o, s:o}", "name", json_of_text(r->name),
                     "asset", json_of_text(r->asset), "path", json_of_text(r->path), "rows", (json_int_t)r->rows,
                     "columns", (json_int_t)r->columns, "first", json_of_time(r->first_us), "last",
                     json_of_time(r->last_us), "step_seconds", seconds_json(r->step_us), "stamp",
                     csv_stamp_name(r->stamp), "lag_seconds", seconds_json(r->lag_us), "lag_reason",
                     json_of_text(r->lag_reason), "frame", json_of_hash(r->frame));
}

json_t *action_data_list(struct workspace *w, struct error *err)
{
    struct series_row *rows;
    int n = series_list(w, &rows, err);
    if (n < 0)
        return NULL;
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, series_json(&rows[i]));
    series_list_free(rows, n);
    return json_pack("{s:o}", "series", list);
}

/* The close of the first sealed bar of the task in force, as ISO 8601; false where nothing is sealed. */
static bool sealed_from(struct workspace *w, char *out, size_t size)
{
    struct task_row task;
    if (!tasks_active(w, &task, NULL))
        return false;
    json_t *info = json_loads(task.info, 0, NULL);
    const char *first = json_string_value(json_object_get(json_object_get(info, "sealed"), "first"));
    bool any = first && text_copy(out, size, first);
    json_decref(info);
    free(task.info);
    return any;
}

/* Rows before the hold-out of the task in force: what lies behind is sealed, its extremes too. */
static size_t visible_rows(const struct frame *f, const char *sealed)
{
    size_t rows = f->rows;
    char stamp[40];
    for (; rows > 0; rows--) { /* ISO 8601 in UTC sorts as text */
        clock_iso(f->time_us[rows - 1], stamp, sizeof stamp);
        if (strcmp(stamp, sealed) < 0)
            break;
    }
    return rows;
}

/* What the importer marked behind the seal would tell of sealed values. */
static void cut_flags(json_t *report, const char *sealed)
{
    json_t *flags = json_object_get(report, "flags");
    for (size_t i = json_array_size(flags); i-- > 0;) {
        const char *time = json_string_value(json_object_get(json_array_get(flags, i), "time"));
        if (!time || strcmp(time, sealed) >= 0)
            json_array_remove(flags, i);
    }
}

static json_t *column_json(const struct frame *f, size_t column, size_t rows)
{
    const double *v = f->column[column].value;
    double least = (double)NAN, most = (double)NAN;
    json_int_t missing = 0;
    for (size_t i = 0; i < rows; i++) {
        if (isnan(v[i])) {
            missing++;
            continue;
        }
        least = isnan(least) || v[i] < least ? v[i] : least;
        most = isnan(most) || v[i] > most ? v[i] : most;
    }
    const struct frame_column *c = &f->column[column];
    json_t *j = json_pack("{s:o, s:s, s:I}", "name", json_of_text(c->name), "role",
                          c->label ? "class" : feature_role_name(feature_role_of(c->name, v, rows)), "missing", missing);
    if (c->label) {
        json_t *classes = json_array();
        for (size_t k = 0; k < c->labels; k++)
            json_array_append_new(classes, json_of_text(c->label[k]));
        json_object_set_new(j, "classes", classes);
    } else if (!isnan(least)) {
        json_object_set_new(j, "least", json_of_number(least));
        json_object_set_new(j, "most", json_of_number(most));
    }
    return j;
}

json_t *action_data_show(struct workspace *w, const char *name, struct error *err)
{
    struct series_row row;
    if (!series_get(w, name, &row, err))
        return NULL;
    json_t *result = NULL;
    struct frame *f = series_frame(w, row.frame, err);
    if (f) {
        json_t *columns = json_array();
        char sealed[40];
        bool any = sealed_from(w, sealed, sizeof sealed);
        size_t rows = any ? visible_rows(f, sealed) : f->rows;
        for (size_t i = 0; i < f->columns; i++)
            json_array_append_new(columns, column_json(f, i, rows));
        result = series_json(&row);
        json_object_set_new(result, "sealed_rows_left_out", json_integer((json_int_t)(f->rows - rows)));
        json_object_set_new(result, "columns", columns);
        json_t *report = json_loads(row.report, 0, NULL);
        if (any)
            cut_flags(report, sealed);
        json_object_set_new(result, "report", report ? report : json_null());
    }
    frame_free(f);
    free(row.report);
    return result;
}

json_t *action_data_remove(struct workspace *w, const char *name, struct error *err)
{
    struct series_row row;
    struct task_row task;
    bool used = false;
    if (!series_get(w, name, &row, err))
        return NULL;
    free(row.report);
    if (tasks_active(w, &task, NULL)) {
        for (int i = 0; i < task.task.series_n; i++)
            used = used || text_equal(task.task.series[i].name, row.name);
        free(task.info);
    }
    if (used) {
        error_set(err, ERROR_USAGE, "series %s belongs to the task in force; set another task first", row.name);
        return NULL;
    }
    if (!series_remove(w, &row, err))
        return NULL;
    return json_pack("{s:o, s:I}", "removed", json_of_text(row.name), "rows", (json_int_t)row.rows);
}

static void write_heading(struct text *csv, const char *name)
{
    text_put(csv, ",\"");
    for (; *name; name++)
        text_put_n(csv, *name == '"' ? "\"\"" : name, *name == '"' ? 2 : 1);
    text_put(csv, "\"");
}

static void write_cell(struct text *csv, double v)
{
    char cell[40];
    text_of_double(v, cell, sizeof cell);
    text_printf(csv, ",%s", isnan(v) ? "" : cell);
}

/* The price, or for a class its name; the asset first where there are several. */
static void write_bar(struct text *csv, const struct dataset *d, size_t i)
{
    char cell[40];
    if (d->task.assets > 1)
        text_printf(csv, "%s,", d->task.asset[dataset_asset_of(d, i)].name);
    clock_iso(d->time_us[i], cell, sizeof cell);
    text_put(csv, cell);
    if (d->task.target != TASK_CLASS)
        write_cell(csv, d->price[i]);
    else if (isnan(d->label[i]))
        text_put(csv, ",");
    else
        write_heading(csv, d->class_name[(int)d->label[i]]);
}

static void write_table(struct text *csv, const struct dataset *d)
{
    char cell[40];
    text_put(csv, d->task.assets > 1 ? "asset,close_time" : "close_time");
    if (d->task.target == TASK_CLASS)
        write_heading(csv, d->task.label);
    else
        text_put(csv, ",price");
    for (size_t c = 0; c < d->channels; c++)
        write_heading(csv, d->channel[c]);
    text_put(csv, "\n");
    for (size_t i = 0; i < d->bars; i++) {
        write_bar(csv, d, i);
        for (size_t c = 0; c < d->channels; c++) {
            float v = d->feature[i * d->channels + c];
            text_of_float(v, cell, sizeof cell);
            text_printf(csv, ",%s", isnan(v) ? "" : cell);
        }
        text_put(csv, "\n");
    }
}

json_t *action_data_export(struct workspace *w, const char *path, struct error *err)
{
    struct task_row task;
    if (!tasks_active(w, &task, err))
        return NULL;
    struct dataset *d = tasks_dataset(w, &task, err);
    free(task.info);
    if (!d)
        return NULL;
    struct text csv = {0};
    write_table(&csv, d);
    json_t *result = NULL;
    if (file_write(path, csv.data, csv.n, 0666, err))
        result = json_pack("{s:o, s:I, s:I, s:I}", "path", json_of_text(path), "rows", (json_int_t)d->bars, "columns",
                           (json_int_t)d->channels + (d->task.assets > 1 ? 3 : 2), "sealed_rows_left_out", (json_int_t)d->sealed_bars);
    text_free(&csv);
    dataset_free(d);
    return result;
}

json_t *action_synth(const char *kind, uint64_t seed, int64_t bars, double bayes, const char *path, struct error *err)
{
    struct text csv = {0};
    struct synth_options options = {kind, seed, bars, bayes};
    double accuracy = 0;
    json_t *result = NULL;
    if (synth_write(&csv, &accuracy, &options, err) && file_write(path, csv.data, csv.n, 0666, err))
        result = json_pack("{s:o, s:s, s:I, s:o}", "path", json_of_text(path), "kind", kind, "bars", (json_int_t)bars,
                           "bayes_accuracy", json_of_number(accuracy));
    text_free(&csv);
    return result;
}
