/* Which series a task is made of, and its options. */
#include "action/task_internal.h"

#include "base/memory.h"
#include "base/text.h"
#include "store/series.h"

#include <math.h>

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
    for (int i = 0; i < task->assets; i++)
        if (text_equal(task->asset[i].name, rows[base].asset))
            return error_set(err, ERROR_USAGE, "--asset names %s twice", rows[base].asset);
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

bool task_choose_series(struct workspace *w, struct task *task, const struct action_task_options *o, struct error *err)
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

bool task_take_options(struct task *task, const struct action_task_options *o, struct error *err)
{
    if (o->target && !task_set_target(task, o->target, err))
        return false;
    if (o->features && !text_copy(task->features, sizeof task->features, o->features))
        return error_set(err, ERROR_USAGE, "--features is longer than %zu bytes", sizeof task->features - 1);
    if (o->missing && !text_equal(o->missing, "drop") && !text_equal(o->missing, "mask"))
        return error_set(err, ERROR_USAGE, "--missing-inputs is drop or mask, not %s", o->missing);
    task->missing = o->missing && text_equal(o->missing, "mask") ? TASK_MISSING_MASK : TASK_MISSING_DROP;
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
