#include "action/action.h"

#include "action/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/series.h"
#include "store/tasks.h"
#include "train/metric.h"

#include <math.h>

/* A single feature whose last value alone tells the target this well is no market but a leak (area under the curve). */
#define LEAK_AUC 0.9

static bool has_price(struct workspace *w, const struct series_row *row, char *evidence, size_t size)
{
    struct frame *f = series_frame(w, row->frame, NULL);
    bool found = f && dataset_guess_price(f, evidence, size) >= 0;
    frame_free(f);
    return found;
}

static void put_series(struct task *task, const struct series_row *row)
{
    struct task_series *s = &task->series[task->series_n++];
    text_copy(s->name, sizeof s->name, row->name);
    s->frame = row->frame;
    s->stamp = row->stamp;
    s->lag_us = row->lag_us;
}

/* Which series is the base: the one of the asset that has a price; without --asset, the only one with a price. */
static int find_base(struct workspace *w, const struct series_row *rows, int n, const struct action_task_options *o,
                     struct error *err)
{
    int found = -1, candidates = 0;
    char evidence[256] = "", names[512] = "";
    for (int i = 0; i < n; i++) {
        if (o->asset && !text_equal_nocase(rows[i].asset, o->asset))
            continue;
        text_append(names, sizeof names, " ");
        text_append(names, sizeof names, rows[i].name);
        if (o->price ? candidates == 0 : has_price(w, &rows[i], evidence, sizeof evidence)) {
            found = i;
            candidates++;
        }
    }
    if (!names[0])
        error_set(err, ERROR_USAGE, o->asset ? "no series belongs to asset %s; `data list` shows which there are" : "there are no series yet; add some with `data add FILE%s`",
                  o->asset ? o->asset : "");
    else if (!candidates)
        error_set(err, ERROR_DATA, "no price column found in%s: %s", names, evidence);
    else if (candidates > 1)
        error_set(err, ERROR_USAGE, "several series have a price:%s; say which asset with --asset", names);
    return candidates == 1 ? found : -1;
}

/* The base first, then what else belongs to the asset and what has no price of its own (a sentiment index, say). */
static bool choose_series(struct workspace *w, struct task *task, const struct action_task_options *o, struct error *err)
{
    struct series_row *rows;
    int n = series_list(w, &rows, err);
    int base = n < 0 ? -1 : find_base(w, rows, n, o, err);
    if (base >= 0) {
        char evidence[256];
        struct frame *f = series_frame(w, rows[base].frame, err);
        int price = !f ? -1 : o->price ? frame_find(f, o->price) : dataset_guess_price(f, evidence, sizeof evidence);
        if (price >= 0)
            text_copy(task->price, sizeof task->price, f->column[price].name);
        else if (f)
            error_set(err, ERROR_USAGE, "series %s has no column %s", rows[base].name, o->price);
        text_copy(task->asset, sizeof task->asset, rows[base].asset);
        put_series(task, &rows[base]);
        for (int i = 0; i < n && task->series_n < TASK_SERIES_MAX; i++) {
            bool same = text_equal_nocase(rows[i].asset, rows[base].asset);
            if (i != base && (same || !has_price(w, &rows[i], evidence, sizeof evidence)))
                put_series(task, &rows[i]);
        }
        frame_free(f);
        base = price;
    }
    series_list_free(rows, n > 0 ? n : 0);
    return base >= 0;
}

static bool take_number(int *out, int64_t given, const char *what, struct error *err)
{
    if (given < 0)
        return true;
    if (given > 1000000)
        return error_set(err, ERROR_USAGE, "--%s %lld is out of range", what, (long long)given);
    *out = (int)given;
    return true;
}

static bool take_options(struct task *task, const struct action_task_options *o, struct error *err)
{
    if (o->target && !text_equal(o->target, "direction"))
        return error_set(err, ERROR_USAGE, "--target %s: this version predicts the direction only", o->target);
    if (o->features)
        text_copy(task->features, sizeof task->features, o->features);
    if (o->holdout >= 0)
        task->holdout_ppm = (uint32_t)(o->holdout * 1e6 + 0.5);
    if (o->seed >= 0)
        task->seed = (uint64_t)o->seed;
    return take_number(&task->horizon, o->horizon, "horizon", err) &&
           take_number(&task->lookback, o->lookback, "lookback", err) &&
           take_number(&task->folds, o->folds, "folds", err) && take_number(&task->embargo, o->embargo, "embargo", err) &&
           take_number(&task->stride, o->stride, "stride", err);
}

static json_t *folds_json(const struct dataset *d)
{
    json_t *folds = json_array();
    for (int k = 0; k < d->folds; k++) {
        const struct dataset_fold *f = &d->fold[k];
        json_array_append_new(
            folds, json_pack("{s:I, s:I, s:o, s:o, s:o}", "train_samples", (json_int_t)(f->train_end - f->train_first),
                             "valid_samples", (json_int_t)(f->valid_end - f->valid_first), "train_last",
                             json_of_time(d->time_us[d->bar[f->train_end - 1]]), "valid_first",
                             json_of_time(d->time_us[d->bar[f->valid_first]]), "valid_last",
                             json_of_time(d->time_us[d->bar[f->valid_end - 1]])));
    }
    return folds;
}

/* Channels that alone, by their value at the sample's last bar, tell the target implausibly well. */
static json_t *find_leaks(const struct dataset *d, bool *suspicious)
{
    json_t *leaks = json_array();
    float *value = NEW_ARRAY(float, d->samples);
    for (size_t c = 0; c < d->channels; c++) {
        for (size_t i = 0; i < d->samples; i++)
            value[i] = d->feature[d->bar[i] * d->channels + c];
        struct metric m;
        metric_of(&m, value, d->target, d->samples);
        double auc = m.auc < 0.5 ? 1 - m.auc : m.auc;
        if (auc < LEAK_AUC)
            continue;
        *suspicious = true;
        json_array_append_new(leaks, json_pack("{s:s, s:f}", "feature", d->channel[c], "auc", auc));
    }
    free(value);
    return leaks;
}

static json_t *info_json(const struct dataset *d, json_t *leaks)
{
    json_t *channels = json_array();
    size_t up = 0;
    for (size_t c = 0; c < d->channels; c++)
        json_array_append_new(channels, json_string(d->channel[c]));
    for (size_t i = 0; i < d->samples; i++)
        up += d->target[i] > 0.5f;
    return json_pack("{s:o, s:s, s:s, s:i, s:i, s:I, s:I, s:I, s:f, s:o, s:o, s:o, s:{s:I, s:I, s:I}, s:{s:I, s:o, s:o}}", "task",
                     json_of_hash(d->hash), "asset", d->task.asset, "price", d->task.price, "horizon", d->task.horizon,
                     "lookback", d->task.lookback, "bars", (json_int_t)d->bars, "channels", (json_int_t)d->channels,
                     "samples", (json_int_t)d->samples, "share_up", d->samples ? (double)up / (double)d->samples : 0.0,
                     "features", channels, "folds", folds_json(d), "leaks", leaks, "dropped", "missing",
                     (json_int_t)d->dropped_missing, "gap", (json_int_t)d->dropped_gap, "zero_return",
                     (json_int_t)d->dropped_zero, "sealed", "bars", (json_int_t)d->sealed_bars, "first",
                     json_of_time(d->sealed_first_us), "last", json_of_time(d->sealed_last_us));
}

json_t *action_task_set(struct workspace *w, const struct action_task_options *options, struct error *err)
{
    struct task task;
    task_defaults(&task);
    if (!take_options(&task, options, err) || !choose_series(w, &task, options, err) ||
        !task_check(&task, err))
        return NULL;
    struct dataset *d = tasks_build(w, &task, err);
    if (!d)
        return NULL;
    bool suspicious = false;
    json_t *info = info_json(d, find_leaks(d, &suspicious));
    bool ok = true;
    if (suspicious && !options->accept_leak) {
        const json_t *first = json_array_get(json_object_get(info, "leaks"), 0);
        ok = error_set(err, ERROR_DATA, "feature \"%s\" alone tells the target (area under the curve %.3f): it probably looks ahead; "
                       "remove that column, or go on with --accept-leak", json_string_value(json_object_get(first, "feature")),
                       json_number_value(json_object_get(first, "auc")));
    }
    char *text = json_dumps(info, JSON_COMPACT | JSON_PRESERVE_ORDER);
    ok = ok && tasks_put(w, &d->task, d->hash, text, err);
    free(text);
    dataset_free(d);
    if (!ok) {
        json_decref(info);
        return NULL;
    }
    return info;
}

json_t *action_task_show(struct workspace *w, struct error *err)
{
    struct task_row row;
    if (!tasks_active(w, &row, err))
        return NULL;
    json_t *info = json_loads(row.info, 0, NULL);
    char *text = task_format(&row.task);
    json_object_set_new(info, "text", json_string(text));
    free(text);
    free(row.info);
    return info;
}
