#include "train/window.h"

#include "base/memory.h"
#include "base/text.h"
#include "net/kernel/kernel.h"

#include <math.h>

/* A thread gathers the rows that it multiplies afterwards: shares as kernel_gemm makes them. */
#define SHARE_ROUND 4
#define SHARE_FLOATS 65536 /* less is not worth waking a thread */

/* Finite rows that end at each bar, counted up to the look-back: run[bars]. */
static void count_runs(uint32_t *run, const struct train_view *view, size_t bars)
{
    uint32_t length = 0;

    for (size_t t = 0; t < bars; t++) {
        const float *row = view->feature + t * view->channels;
        bool finite = true;
        for (size_t c = 0; c < view->channels; c++)
            finite = finite && isfinite(row[c]);
        if (!finite)
            length = 0;
        else if (length < (uint32_t)view->lookback)
            length++;
        run[t] = length;
    }
}

static bool target_fits(const struct loss_goal *goal, float target)
{
    if (goal->target == TASK_RETURN)
        return isfinite(target);
    if (goal->target == TASK_CLASS)
        return target >= 0.0F && target < (float)goal->outputs && floorf(target) == target;
    return target == 0.0F || target == 1.0F;
}

static bool check_samples(const struct train_view *view, const uint32_t *run, const char *what, struct error *err)
{
    static const char *const wanted[] = {"0 or 1", "a finite return", "the index of a class"};

    for (size_t i = 0; i < view->n; i++) {
        if (run[view->bar[i]] < (uint32_t)view->lookback)
            return error_set(
                err, ERROR_DATA,
                "%s: the window of sample %zu (bars up to %u) starts before the first bar or holds a value "
                "that is missing or infinite; such samples must be dropped",
                what, i, (unsigned)view->bar[i]);
        if (view->target && !target_fits(&view->goal, view->target[i]))
            return error_set(err, ERROR_DATA, "%s: the target of sample %zu is %g, not %s", what, i,
                             (double)view->target[i], wanted[view->goal.target]);
    }
    return true;
}

bool window_check(const struct train_view *view, const char *what, struct error *err)
{
    size_t bars = 0;

    ASSERT(view->lookback > 0 && view->channels > 0);
    for (size_t i = 0; i < view->n; i++)
        bars = view->bar[i] >= bars ? (size_t)view->bar[i] + 1 : bars;
    uint32_t *run = memory_try(bars, sizeof *run, "the check of the samples", err);
    if (!run)
        return false;
    count_runs(run, view, bars);
    bool ok = check_samples(view, run, what, err);
    free(run);
    return ok;
}

bool window_output_fits(const struct loss_goal *goal, const struct arch *a, struct error *err)
{
    const struct arch_shape *out = &a->shape[a->nodes - 1];
    int outputs = loss_outputs(goal);

    if (out->channels == outputs)
        return true;
    return error_set(err, ERROR_USAGE, "node %s: the output has %d values a sample, the task needs %d (%s: units=%d)",
                     a->node[a->nodes - 1].name, out->channels, outputs,
                     goal->target == TASK_CLASS    ? "one logit a class"
                     : goal->target == TASK_RETURN ? "the return"
                                                   : "one logit",
                     outputs);
}

bool window_fits(const struct train_view *view, const struct arch *a, struct error *err)
{
    for (int i = 0; i < a->nodes; i++) {
        if (a->node[i].inputs == 0 &&
            (a->shape[i].time != view->lookback || (size_t)a->shape[i].channels != view->channels))
            return error_set(
                err, ERROR_USAGE,
                "node %s: the architecture reads windows of %d bars x %d channels, the data gives %d x %zu",
                a->node[i].name, a->shape[i].time, a->shape[i].channels, view->lookback, view->channels);
    }
    return window_output_fits(&view->goal, a, err);
}

struct gather {
    float *out;
    const struct train_view *view;
    const uint32_t *pick;
    size_t first;
    int rows, share;
};

static void gather_share(void *context, int task)
{
    const struct gather *g = context;
    size_t floats = (size_t)g->view->lookback * g->view->channels;
    int end = (task + 1) * g->share < g->rows ? (task + 1) * g->share : g->rows;

    for (int i = task * g->share; i < end; i++) {
        size_t sample = g->pick ? g->pick[i] : g->first + (size_t)i;
        size_t row = (size_t)g->view->bar[sample] + 1 - (size_t)g->view->lookback;
        kernel_active()->act(ACT_NONE, floats, g->view->feature + row * g->view->channels, g->out + (size_t)i * floats);
    }
}

void window_gather(float *out, const struct train_view *view, const uint32_t *pick, size_t first, int rows,
                   struct threads *pool)
{
    bool small = (size_t)rows * (size_t)view->lookback * view->channels < SHARE_FLOATS;
    int threads = small ? 1 : threads_n(pool), share = (rows + threads - 1) / threads;
    struct gather g = {out, view, pick, first, rows, (share + SHARE_ROUND - 1) / SHARE_ROUND * SHARE_ROUND};

    threads_run(pool, (rows + g.share - 1) / g.share, gather_share, &g);
}
