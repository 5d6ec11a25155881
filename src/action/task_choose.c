/* Which series a task is made of, and its options. */
#include "action/task_internal.h"

#include "base/memory.h"
#include "base/text.h"
#include "store/series.h"

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

bool task_choose_series(struct workspace *w, struct task *task, const struct action_task_options *o, struct error *err)
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

bool task_take_options(struct task *task, const struct action_task_options *o, struct error *err)
{
    if (o->target && !text_equal(o->target, "direction"))
        return error_set(err, ERROR_USAGE, "--target %s: this version predicts the direction only", o->target);
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
