#include "action/action.h"

#include "base/memory.h"
#include "base/text.h"
#include "store/series.h"
#include "store/tasks.h"
#include "train/metric.h"
#include "work/json.h"

#include <math.h>

/* A single feature whose last value alone tells the target this well is no market but a leak (area under the curve). */
#define LEAK_AUC 0.9

/* The price column of a series: the one of that name, or guessed. -1: none, `evidence` says why; -2: an error. */
static int find_price(struct workspace *w, const struct series_row *row, const char *name, char *column,
                      char evidence[256], struct error *err)
{
    struct frame *f = series_frame(w, row->frame, err);
    if (!f)
        return error_prefix(err, "series %s", row->name), -2;
    int found = name ? frame_find(f, name) : dataset_guess_price(f, evidence, 256);
    if (found >= 0)
        text_copy(column, FRAME_NAME_MAX, f->column[found].name);
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

static int no_base(const struct action_task_options *o, const char *names, int candidates, const char *evidence,
                   struct error *err)
{
    if (!names[0] && o->asset)
        error_set(err, ERROR_USAGE, "no series belongs to asset %s; `data list` shows which there are", o->asset);
    else if (!names[0])
        error_set(err, ERROR_USAGE, "there are no series yet; add some with `data add FILE`");
    else if (candidates > 1)
        error_set(err, ERROR_USAGE, "several series have a price:%s; say which asset with --asset", names);
    else if (o->price)
        error_set(err, ERROR_USAGE, "no column is called %s in%s; `data show NAME` lists the columns", o->price, names);
    else
        error_set(err, ERROR_DATA, "no price column found in%s: %s", names, evidence);
    return -1;
}

/* Which series is the base: the one of the asset that has a price; without --asset, the only one with a price. */
static int find_base(struct workspace *w, const struct series_row *rows, int n, const struct action_task_options *o,
                     char *price, struct error *err)
{
    int found = -1, candidates = 0;
    char evidence[256] = "", names[512] = "";
    for (int i = 0; i < n; i++) {
        if (o->asset && !text_equal_nocase(rows[i].asset, o->asset))
            continue;
        text_append(names, sizeof names, " ");
        text_append(names, sizeof names, rows[i].name);
        int column = find_price(w, &rows[i], o->price, price, evidence, err);
        if (column < -1)
            return -1;
        if (column >= 0) {
            found = i;
            candidates++;
        }
    }
    return candidates == 1 ? found : no_base(o, names, candidates, evidence, err);
}

/* The base first, then what else belongs to the asset and what has no price of its own (a sentiment index, say). */
static bool put_all_series(struct workspace *w, struct task *task, const struct series_row *rows, int n, int base,
                           struct error *err)
{
    char evidence[256], column[FRAME_NAME_MAX];
    text_copy(task->asset, sizeof task->asset, rows[base].asset);
    put_series(task, &rows[base]);
    for (int i = 0; i < n; i++) {
        bool belongs = i != base && text_equal_nocase(rows[i].asset, rows[base].asset);
        if (i != base && !belongs) {
            int price = find_price(w, &rows[i], NULL, column, evidence, err);
            if (price < -1)
                return false;
            belongs = price < 0;
        }
        if (belongs && task->series_n == TASK_SERIES_MAX)
            return error_set(err, ERROR_LIMIT, "more than %d series belong to the task", TASK_SERIES_MAX);
        if (belongs)
            put_series(task, &rows[i]);
    }
    return true;
}

static bool choose_series(struct workspace *w, struct task *task, const struct action_task_options *o,
                          struct error *err)
{
    struct series_row *rows;
    int n = series_list(w, &rows, err);
    int base = n < 0 ? -1 : find_base(w, rows, n, o, task->price, err);
    bool ok = base >= 0 && put_all_series(w, task, rows, n, base, err);
    series_list_free(rows, n);
    return ok;
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
    if (o->features && !text_copy(task->features, sizeof task->features, o->features))
        return error_set(err, ERROR_USAGE, "--features is longer than %zu bytes", sizeof task->features - 1);
    if (o->holdout >= 0)
        task->holdout_ppm = (uint32_t)(o->holdout * 1e6 + 0.5);
    if (o->seed >= 0)
        task->seed = (uint64_t)o->seed;
    return take_number(&task->horizon, o->horizon, "horizon", err) &&
           take_number(&task->lookback, o->lookback, "lookback", err) &&
           take_number(&task->folds, o->folds, "folds", err) &&
           take_number(&task->embargo, o->embargo, "embargo", err) &&
           take_number(&task->stride, o->stride, "stride", err);
}

static json_t *close_json(const struct dataset *d, size_t sample)
{
    return sample < d->samples ? json_of_time(d->time_us[d->bar[sample]]) : json_null();
}

static json_t *folds_json(const struct dataset *d)
{
    json_t *folds = json_array();
    for (int k = 0; k < d->folds; k++) {
        const struct dataset_fold *f = &d->fold[k];
        json_array_append_new(
            folds, json_pack("{s:I, s:I, s:o, s:o, s:o}", "train_samples", (json_int_t)(f->train_end - f->train_first),
                             "valid_samples", (json_int_t)(f->valid_end - f->valid_first), "train_last",
                             close_json(d, f->train_end - 1), "valid_first", close_json(d, f->valid_first),
                             "valid_last", close_json(d, f->valid_end - 1)));
    }
    return folds;
}

/* Channels that alone, by their value at the sample's last bar, tell the target implausibly well. */
static json_t *find_leaks(const struct dataset *d)
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
        json_array_append_new(
            leaks, json_pack("{s:o, s:o}", "feature", json_of_text(d->channel[c]), "auc", json_of_number(auc)));
    }
    free(value);
    return leaks;
}

static json_t *info_json(const struct dataset *d, json_t *leaks)
{
    json_t *channels = json_array();
    size_t up = 0;
    for (size_t c = 0; c < d->channels; c++)
        json_array_append_new(channels, json_of_text(d->channel[c]));
    for (size_t i = 0; i < d->samples; i++)
        up += d->target[i] > 0.5f;
    return json_pack(
        "{s:o, s:o, s:o, s:i, s:i, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:{s:I, s:I, s:I}, s:{s:I, s:o, s:o}}", "task",
        json_of_hash(d->hash), "asset", json_of_text(d->task.asset), "price", json_of_text(d->task.price), "horizon",
        d->task.horizon, "lookback", d->task.lookback, "bars", (json_int_t)d->bars, "channels", (json_int_t)d->channels,
        "samples", (json_int_t)d->samples, "share_up",
        json_of_number(d->samples ? (double)up / (double)d->samples : 0.0), "features", channels, "folds",
        folds_json(d), "leaks", leaks, "dropped", "missing", (json_int_t)d->dropped_missing, "gap",
        (json_int_t)d->dropped_gap, "zero_return", (json_int_t)d->dropped_zero, "sealed", "bars",
        (json_int_t)d->sealed_bars, "first", json_of_time(d->sealed_first_us), "last", json_of_time(d->sealed_last_us));
}

/* By its whole name ("log_return PriceUSD") or by its column's alone. */
static bool is_named(const char *feature, const struct action_task_options *o)
{
    const char *blank = strchr(feature, ' '), *column = blank ? blank + 1 : feature;
    for (int i = 0; i < o->accepted_n; i++)
        if (text_equal(feature, o->accept_leak[i]) || text_equal(column, o->accept_leak[i]))
            return true;
    return false;
}

/* A leak passes only if it was named, so that accepting one does not accept the next. */
static bool leaks_accepted(const json_t *leaks, const struct action_task_options *o, struct error *err)
{
    size_t i;
    const json_t *leak;
    json_array_foreach((json_t *)leaks, i, leak)
    {
        const char *feature = json_string_value(json_object_get(leak, "feature"));
        if (!is_named(feature, o))
            return error_set(err, ERROR_DATA,
                             "feature \"%s\" alone tells the target (area under the curve %.3f): it probably "
                             "looks ahead; remove that column, or go on with --accept-leak \"%s\"",
                             feature, json_member_number(leak, "auc"), feature);
    }
    return true;
}

json_t *action_task_set(struct workspace *w, const struct action_task_options *options, struct error *err)
{
    struct task task;
    task_defaults(&task);
    if (!take_options(&task, options, err) || !choose_series(w, &task, options, err) || !task_settle(&task, err) ||
        !task_check(&task, err))
        return NULL;
    struct dataset *d = tasks_build(w, &task, err);
    if (!d)
        return NULL;
    json_t *leaks = find_leaks(d), *info = info_json(d, leaks);
    char *text = json_dumps(info, JSON_COMPACT | JSON_PRESERVE_ORDER);
    bool ok = leaks_accepted(leaks, options, err) && tasks_put(w, &d->task, d->hash, text, err);
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
    if (info)
        json_object_set_new(info, "text", json_of_text(text));
    else
        error_set(err, ERROR_FAILED, "the stored task is damaged: set it again with `task set`");
    free(text);
    free(row.info);
    return info;
}
