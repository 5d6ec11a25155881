#include "work/latency.h"

#include "base/clock.h"
#include "base/memory.h"
#include "train/predictor.h"

#include <stdlib.h>

#define BLOCKS 9
#define BLOCK_SECONDS 0.004

static bool time_block(struct predictor *p, float *out, const float *window, uint32_t bar, int64_t calls,
                       double *seconds, struct error *err)
{
    double from = clock_seconds();
    for (int64_t i = 0; i < calls; i++)
        if (!predictor_run(p, out, window, &bar, 1, err))
            return false;
    *seconds = clock_seconds() - from;
    return true;
}

static bool time_blocks(struct predictor *p, float *out, const float *window, uint32_t bar, double *each,
                        struct error *err)
{
    int64_t calls = 1;
    double seconds;
    for (;; calls *= 2) { /* these warm it up */
        if (!time_block(p, out, window, bar, calls, &seconds, err))
            return false;
        if (seconds >= BLOCK_SECONDS / 2)
            break;
    }
    for (int i = 0; i < BLOCKS; i++) {
        if (!time_block(p, out, window, bar, calls, &seconds, err))
            return false;
        int at = i;
        for (; at > 0 && each[at - 1] > seconds / (double)calls; at--)
            each[at] = each[at - 1];
        each[at] = seconds / (double)calls;
    }
    return true;
}

bool latency_measure(double *latency_us, const struct model *m, const struct dataset *d, struct error *err)
{
    struct loss_goal goal = {.target = d->task.target, .outputs = dataset_outputs(d), .sd = 1.0};
    size_t rows = (size_t)d->task.lookback, n = rows * d->channels;
    double each[BLOCKS] = {0};
    struct predictor *p = predictor_new(m, &goal, d->task.lookback, d->channels, 1, NULL, err);
    if (!p)
        return false;
    float *window = NEW_ARRAY(float, n), *out = NEW_ARRAY(float, goal.outputs);
    for (size_t i = 0; i < n; i++)
        window[i] = (float)(i * 7919 % 2000) / 1000.0f - 1.0f; /* what bars look like, scaled */
    bool ok = time_blocks(p, out, window, (uint32_t)rows - 1, each, err);
    *latency_us = each[BLOCKS / 2] * 1e6;
    predictor_free(p);
    free(window);
    free(out);
    return ok;
}
