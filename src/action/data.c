#include "action/action.h"
#include "action/import.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/feature.h"
#include "data/set/dataset.h"
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

/* Is one of the rows of that second sealed? */
static bool is_sealed(const struct frame *f, const bool *shown, int64_t second_us)
{
    size_t low = 0, high = f->rows;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (f->time_us[middle] < second_us)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < f->rows && f->time_us[low] < second_us + CLOCK_SECOND_US; low++)
        if (!shown[low])
            return true;
    return false;
}

/* What the importer marked behind the seal would tell of sealed values. */
static void cut_flags(json_t *report, const struct frame *f, const bool *shown)
{
    json_t *flags = json_object_get(report, "flags");
    for (size_t i = json_array_size(flags); i-- > 0;) {
        const char *time = json_string_value(json_object_get(json_array_get(flags, i), "time"));
        if (!time || is_sealed(f, shown, import_time_of(time)))
            json_array_remove(flags, i);
    }
}

static json_t *column_json(const struct frame *f, size_t column, const bool *shown)
{
    const double *v = f->column[column].value;
    double least = (double)NAN, most = (double)NAN;
    json_int_t missing = 0;
    size_t seen = 0;
    while (seen < f->rows && shown[seen])
        seen++;
    for (size_t i = 0; i < f->rows; i++) {
        if (!shown[i])
            continue;
        if (isnan(v[i])) {
            missing++;
            continue;
        }
        least = isnan(least) || v[i] < least ? v[i] : least;
        most = isnan(most) || v[i] > most ? v[i] : most;
    }
    const struct frame_column *c = &f->column[column];
    json_t *j =
        json_pack("{s:o, s:s, s:I}", "name", json_of_text(c->name), "role",
                  c->label ? "class" : feature_role_name(feature_role_of(c->name, v, seen)), "missing", missing);
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
        bool *shown = memory_new(f->rows + 1, sizeof *shown);
        size_t hidden = import_shown(shown, w, f, &row);
        for (size_t i = 0; i < f->columns; i++)
            json_array_append_new(columns, column_json(f, i, shown));
        result = series_json(&row);
        json_object_set_new(result, "sealed_rows_left_out", json_integer((json_int_t)hidden));
        json_object_set_new(result, "columns", columns);
        json_t *report = json_loads(row.report, 0, NULL);
        cut_flags(report, f, shown);
        free(shown);
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
                           (json_int_t)d->channels + (d->task.assets > 1 ? 3 : 2), "sealed_rows_left_out",
                           (json_int_t)d->sealed_bars);
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
