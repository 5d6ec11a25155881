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
#define LEAK_CLASS_AUC 0.9995

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

static int no_base(const struct action_task_options *o, const char *asset, const struct task *task, const char *names,
                   int candidates, const char *evidence, struct error *err)
{
    bool is_class = task->target == TASK_CLASS;
    if (!names[0] && asset)
        error_set(err, ERROR_USAGE, "no series belongs to asset %s; `data list` shows which there are", asset);
    else if (!names[0])
        error_set(err, ERROR_USAGE, "there are no series yet; add some with `data add FILE`");
    else if (candidates > 1)
        error_set(err, ERROR_USAGE, "several series have a %s:%s; say which asset with --asset",
                  is_class ? "column of that name" : "price", names);
    else if (is_class || o->price)
        error_set(err, ERROR_USAGE, "no column is called %s in%s; `data show NAME` lists the columns",
                  is_class ? task->label : o->price, names);
    else
        error_set(err, ERROR_DATA, "no price column found in%s: %s", names, evidence);
    return -1;
}

/* The column of a class in a series, or -1; -2: an error. */
static int find_label(struct workspace *w, const struct series_row *row, const char *label, char evidence[256],
                      struct error *err)
{
    struct frame *f = series_frame(w, row->frame, err);
    if (!f)
        return error_prefix(err, "series %s", row->name), -2;
    int found = frame_find(f, label);
    if (found < 0)
        snprintf(evidence, 256, "no column is called %.64s", label);
    frame_free(f);
    return found;
}

/* May the series be the base? It needs what the target is made of. price is filled where there is one. */
static int can_be_base(struct workspace *w, const struct series_row *row, const struct action_task_options *o,
                       const struct task *task, char *price, char evidence[256], struct error *err)
{
    char why_no_price[256] = "";
    price[0] = '\0';
    if (task->target != TASK_CLASS)
        return find_price(w, row, o->price, price, evidence, err);
    int label = find_label(w, row, task->label, evidence, err);
    if (label < 0)
        return label;
    return find_price(w, row, o->price, price, why_no_price, err) < -1 ? -2 : label;
}

/* Which series is the base of an asset: the one of the asset that has what the target is made of. asset NULL: the only
 * series of all that has. */
static int find_base(struct workspace *w, const struct series_row *rows, int n, const char *asset,
                     const struct action_task_options *o, const struct task *task, char *price, struct error *err)
{
    int found = -1, candidates = 0;
    char evidence[256] = "", names[512] = "", column[FRAME_NAME_MAX];
    for (int i = 0; i < n; i++) {
        if (asset && !text_equal_nocase(rows[i].asset, asset))
            continue;
        text_append(names, sizeof names, " ");
        text_append(names, sizeof names, rows[i].name);
        int fits = can_be_base(w, &rows[i], o, task, column, evidence, err);
        if (fits < -1)
            return -1;
        if (fits < 0)
            continue;
        found = i;
        candidates++;
        text_copy(price, FRAME_NAME_MAX, column);
    }
    return candidates == 1 ? found : no_base(o, asset, task, names, candidates, evidence, err);
}

static bool put_series(struct task *task, const struct series_row *row, int asset, struct error *err)
{
    if (task->series_n == TASK_SERIES_MAX)
        return error_set(err, ERROR_LIMIT, "more than %d series belong to the task", TASK_SERIES_MAX);
    struct task_series *s = &task->series[task->series_n++];
    text_copy(s->name, sizeof s->name, row->name);
    s->frame = row->frame;
    s->stamp = row->stamp;
    s->lag_us = row->lag_us;
    s->asset = asset;
    return true;
}

static bool put_asset(struct workspace *w, struct task *task, const struct series_row *rows, int n, const char *asset,
                      const struct action_task_options *o, struct error *err)
{
    char price[FRAME_NAME_MAX] = "";
    int base = find_base(w, rows, n, asset, o, task, price, err);
    if (base < 0)
        return false;
    if (task->assets == TASK_ASSETS_MAX)
        return error_set(err, ERROR_LIMIT, "--asset names more than %d assets", TASK_ASSETS_MAX);
    struct task_asset *a = &task->asset[task->assets];
    text_copy(a->name, sizeof a->name, rows[base].asset);
    text_copy(a->price, sizeof a->price, price);
    a->base = task->series_n;
    return put_series(task, &rows[base], task->assets++, err);
}

/* The asset of the task that a series belongs to or -1. */
static int owner_of(const struct task *task, const struct series_row *row)
{
    for (int i = 0; i < task->assets; i++)
        if (text_equal_nocase(task->asset[i].name, row->asset))
            return i;
    return -1;
}

static bool is_base(const struct task *task, const struct series_row *row)
{
    for (int i = 0; i < task->assets; i++)
        if (text_equal(task->series[task->asset[i].base].name, row->name))
            return true;
    return false;
}

/* Behind the bases: what else belongs to the assets, and what has no price of its own (a sentiment index, say). */
static bool put_other_series(struct workspace *w, struct task *task, const struct series_row *rows, int n,
                             struct error *err)
{
    char evidence[256], column[FRAME_NAME_MAX];
    for (int i = 0; i < n; i++) {
        if (is_base(task, &rows[i]))
            continue;
        int owner = owner_of(task, &rows[i]);
        int price = owner < 0 ? find_price(w, &rows[i], NULL, column, evidence, err) : -1;
        if (price < -1)
            return false;
        if (price < 0 && !put_series(task, &rows[i], owner, err))
            return false;
    }
    return true;
}

static bool choose_series(struct workspace *w, struct task *task, const struct action_task_options *o,
                          struct error *err)
{
    struct series_row *rows;
    int n = series_list(w, &rows, err);
    char *names = o->asset ? memory_text(o->asset) : NULL, *rest = names;
    bool ok = n >= 0 && (names || put_asset(w, task, rows, n, NULL, o, err));
    for (char *name; ok && (name = text_next(&rest, ','));)
        ok = put_asset(w, task, rows, n, text_trim(name), o, err);
    ok = ok && put_other_series(w, task, rows, n, err);
    free(names);
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
    if (o->target && !task_set_target(task, o->target, err))
        return false;
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

/* How well a value alone tells the target, as an area under the curve: of a class the best of one against the rest, of
 * a return that of its sign. */
static double tells(const struct dataset *d, const float *value, float *is)
{
    double best = 0.5;
    for (int k = 0; k < (d->classes > 0 ? d->classes : 1); k++) {
        struct metric m;
        for (size_t i = 0; i < d->samples; i++)
            is[i] = (d->classes > 0 ? (int)d->target[i] == k
                                    : d->target[i] > (d->task.target == TASK_RETURN ? 0.0f : 0.5f))
                        ? 1.0f
                        : 0.0f;
        metric_of(&m, value, is, d->samples);
        double auc = m.auc < 0.5 ? 1 - m.auc : m.auc;
        best = auc > best ? auc : best;
    }
    return best;
}

/* Channels that alone, by their value at the sample's last bar, tell the target implausibly well. A class may be plain
 * to see in a signal and may last: only what tells it without fail is taken for the label itself in another form. */
static json_t *find_leaks(const struct dataset *d)
{
    json_t *leaks = json_array();
    float *value = NEW_ARRAY(float, d->samples), *is = NEW_ARRAY(float, d->samples);
    bool is_class = d->task.target == TASK_CLASS;
    size_t own = is_class && d->task.horizon > 0 ? (size_t)d->classes - 1 : 0; /* the label's past stands last */
    for (size_t c = 0; c + own < d->channels; c++) {
        for (size_t i = 0; i < d->samples; i++)
            value[i] = d->feature[d->bar[i] * d->channels + c];
        double auc = tells(d, value, is);
        if (auc < (is_class ? LEAK_CLASS_AUC : LEAK_AUC))
            continue;
        json_array_append_new(
            leaks, json_pack("{s:o, s:o}", "feature", json_of_text(d->channel[c]), "auc", json_of_number(auc)));
    }
    free(value);
    free(is);
    return leaks;
}

/* How often each class, or up and not up, is the target. */
static json_t *classes_json(const struct dataset *d)
{
    json_t *list = json_array();
    for (int k = 0; k < d->classes; k++) {
        size_t n = 0;
        for (size_t i = 0; i < d->samples; i++)
            n += (int)d->target[i] == k;
        json_array_append_new(list, json_pack("{s:o, s:I}", "class", json_of_text(d->class_name[k]), "samples",
                                              (json_int_t)n));
    }
    return list;
}

static json_t *target_json(const struct task *task)
{
    char text[FRAME_NAME_MAX + 8] = "class:";
    if (task->target != TASK_CLASS)
        return json_string(task->target == TASK_RETURN ? "return" : "direction");
    text_append(text, sizeof text, task->label);
    return json_of_text(text);
}

static json_t *assets_json(const struct dataset *d)
{
    json_t *list = json_array();
    for (int k = 0; k < d->task.assets; k++) {
        const struct dataset_asset *a = &d->asset[k];
        size_t n = 0;
        for (size_t i = 0; i < d->samples; i++)
            n += dataset_asset_of(d, d->bar[i]) == k;
        json_array_append_new(
            list, json_pack("{s:o, s:o, s:o, s:I, s:I, s:o}", "asset", json_of_text(d->task.asset[k].name), "series",
                            json_of_text(d->task.series[d->task.asset[k].base].name), "price",
                            d->task.asset[k].price[0] ? json_of_text(d->task.asset[k].price) : json_null(), "bars",
                            (json_int_t)a->visible, "samples", (json_int_t)n, "first", json_of_time(d->time_us[a->first])));
    }
    return list;
}

static json_t *info_json(const struct dataset *d, json_t *leaks)
{
    json_t *channels = json_array();
    size_t up = 0;
    for (size_t c = 0; c < d->channels; c++)
        json_array_append_new(channels, json_of_text(d->channel[c]));
    for (size_t i = 0; i < d->samples; i++)
        up += d->target[i] > (d->task.target == TASK_RETURN ? 0.0f : 0.5f);
    char names[256];
    task_asset_names(&d->task, names, sizeof names);
    json_t *info = json_pack(
        "{s:o, s:o, s:o, s:i, s:i, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:{s:I, s:I, s:I}, s:{s:I, s:o, s:o}}", "task",
        json_of_hash(d->hash), "asset", json_of_text(names), "price",
        d->task.asset[0].price[0] ? json_of_text(d->task.asset[0].price) : json_null(), "horizon",
        d->task.horizon, "lookback", d->task.lookback, "bars", (json_int_t)d->bars, "channels", (json_int_t)d->channels,
        "samples", (json_int_t)d->samples, "share_up",
        d->task.target != TASK_CLASS ? json_of_number(d->samples ? (double)up / (double)d->samples : 0.0) : json_null(),
        "features", channels, "folds",
        folds_json(d), "leaks", leaks, "dropped", "missing", (json_int_t)d->dropped_missing, "gap",
        (json_int_t)d->dropped_gap, "zero_return", (json_int_t)d->dropped_zero, "sealed", "bars",
        (json_int_t)d->sealed_bars, "first", json_of_time(d->sealed_first_us), "last", json_of_time(d->sealed_last_us));
    json_object_set_new(info, "target", target_json(&d->task));
    json_object_set_new(info, "score_name", json_string(task_score_name(d->task.target)));
    json_object_set_new(info, "outputs", json_integer(dataset_outputs(d)));
    json_object_set_new(info, "assets", assets_json(d));
    if (d->classes > 0)
        json_object_set_new(info, "classes", classes_json(d));
    return info;
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
    if (!take_options(&task, options, err) || !choose_series(w, &task, options, err) || !task_check(&task, err))
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
