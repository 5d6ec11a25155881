/* The samples of a data set: which bars have a whole window and a target, in the order of time. */
#include "data/set/dataset_build.h"

#include "base/memory.h"
#include "base/vmath.h"
#include "data/set/split.h"

#include <math.h>

static bool mark_bars(struct build *b, struct error *err)
{
    const struct dataset *d = b->d;
    bool by_price = d->task.target != TASK_CLASS;
    b->known = memory_try(d->bars, sizeof *b->known, "the samples", err);
    b->chain = memory_try(d->bars, sizeof *b->chain, "the samples", err);
    if (!b->known || !b->chain)
        return false;
    for (int k = 0; k < d->task.assets; k++) {
        const struct dataset_asset *a = &d->asset[k];
        int64_t limit = a->step_us * DATASET_GAP_STEPS;
        for (size_t i = a->first; i < a->first + a->bars; i++) {
            bool follows = i > a->first && d->time_us[i] - d->time_us[i - 1] <= limit;
            b->chain[i] = follows ? b->chain[i - 1] + 1 : 1;
            b->known[i] = !by_price || d->price[i] > 0;
            for (size_t c = 0; c < d->channels; c++)
                b->known[i] = b->known[i] && !isnan(d->feature[i * d->channels + c]);
        }
    }
    return true;
}

float dataset_target(const struct task *task, double price, double then, float label_then)
{
    if (task->target == TASK_CLASS)
        return label_then;
    if (!(price > 0 && then > 0))
        return NAN;
    if (task->target == TASK_RETURN) /* two logarithms would lose what near prices have in common */
        return (float)vmath_log(then / price);
    return then > price ? 1.0f : then < price ? 0.0f : NAN;
}

static float target_of(const struct dataset *d, size_t i)
{
    size_t then = i + (size_t)d->task.horizon;
    return dataset_target(&d->task, d->price ? d->price[i] : (double)NAN, d->price ? d->price[then] : (double)NAN,
                          d->label ? d->label[then] : NAN);
}

/* Is it a direction that is none because nothing moved? */
static bool stands_still(const struct dataset *d, size_t i)
{
    return d->task.target == TASK_DIRECTION && d->price[i] > 0 && d->price[i] == d->price[i + (size_t)d->task.horizon];
}

static void take_sample(struct build *b, size_t i, size_t known_run)
{
    struct dataset *d = b->d;
    size_t horizon = (size_t)d->task.horizon, lookback = (size_t)d->task.lookback;
    float target = target_of(d, i);
    if (b->chain[i + horizon] < lookback + horizon) {
        d->dropped_gap++;
    } else if (known_run >= lookback && stands_still(d, i)) {
        d->dropped_zero++;
    } else if (known_run < lookback || !isfinite(target)) {
        d->dropped_missing++;
    } else {
        d->bar[d->samples] = (uint32_t)i;
        d->target[d->samples++] = target;
    }
}

/* Samples of one asset whose last bar is one of its [first, end) and whose target is read before `end`. */
static void take_samples(struct build *b, const struct dataset_asset *a, size_t first, size_t end)
{
    const struct task *task = &b->d->task;
    size_t lookback = (size_t)task->lookback, run = 0;
    for (size_t i = first > lookback ? first - lookback : 0; i + (size_t)task->horizon < end; i++) {
        run = b->known[a->first + i] ? run + 1 : 0;
        if (i >= first && i + 1 >= lookback && i % (size_t)task->stride == 0)
            take_sample(b, a->first + i, run);
    }
}

struct placed {
    int64_t time_us;
    uint32_t bar;
    float target;
};

static int by_time(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    return (x->bar > y->bar) - (x->bar < y->bar);
}

/* Those of one asset stand in order already. */
static bool order_samples(struct dataset *d, size_t first, struct error *err)
{
    size_t n = d->samples - first;
    if (d->task.assets == 1)
        return true;
    struct placed *p = memory_try(n, sizeof *p, "the samples", err);
    if (!p)
        return false;
    for (size_t i = 0; i < n; i++)
        p[i] = (struct placed){d->time_us[d->bar[first + i]], d->bar[first + i], d->target[first + i]};
    qsort(p, n, sizeof *p, by_time);
    for (size_t i = 0; i < n; i++) {
        d->bar[first + i] = p[i].bar;
        d->target[first + i] = p[i].target;
    }
    free(p);
    return true;
}

static bool take_all(struct build *b, struct error *err)
{
    struct dataset *d = b->d;
    for (int k = 0; k < d->task.assets; k++)
        take_samples(b, &d->asset[k], 0, d->asset[k].visible);
    d->visible_samples = d->samples;
    for (int k = 0; k < d->task.assets; k++)
        if (d->asset[k].bars > d->asset[k].visible)
            take_samples(b, &d->asset[k], d->asset[k].visible, d->asset[k].bars);
    size_t sealed = d->visible_samples;
    size_t all = d->samples;
    d->samples = sealed;
    bool ok = order_samples(d, 0, err);
    d->samples = all;
    return ok && order_samples(d, sealed, err);
}

bool build_samples(struct build *b, struct error *err)
{
    struct dataset *d = b->d;
    d->bar = memory_try(d->bars, sizeof *d->bar, "the samples", err);
    d->target = memory_try(d->bars, sizeof *d->target, "the samples", err);
    if (!d->bar || !d->target || !mark_bars(b, err) || !take_all(b, err))
        return false;
    if (split_folds(d, err))
        return true;
    return error_prefix(
        err,
        "of %zu bars before the hold-out %zu samples were dropped for missing inputs, %zu for gaps and %zu "
        "for a return of zero",
        d->visible_bars, d->dropped_missing, d->dropped_gap, d->dropped_zero);
}
