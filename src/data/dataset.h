/* A data set: a task made concrete. Features, targets, samples and folds over the bars that may be seen.
 *
 * The sealed hold-out (the last share of time) is cut off before anything is computed: a data set built with
 * DATASET_SEARCH does not contain its values at all, only where it begins and how many bars it has.
 *
 * A bar is known at its close. A feature of bar t uses only values published at or before the close of bar t (as-of
 * join: end of the period + publication lag). The target of bar t is the direction of price[t+horizon]/price[t].
 * A sample is the window of `lookback` bars ending at bar t; windows are views into `feature`, never copied. Samples
 * with a missing input, across a gap, or with zero return are dropped and counted. */
#ifndef DATA_DATASET_H
#define DATA_DATASET_H

#include "data/frame.h"
#include "data/task.h"

#define DATASET_CHANNELS_MAX 512
#define DATASET_FOLDS_MAX 32

enum dataset_scope { DATASET_SEARCH, DATASET_OPENED };

/* Half-open ranges of sample indices. Between train_end and valid_first lie the purged bars and the embargo. */
struct dataset_fold {
    size_t train_first, train_end, valid_first, valid_end;
};

struct dataset {
    struct task task;
    struct hash hash; /* over the task's text and the bits of every feature and target: names the task on the chain */
    size_t bars, channels;
    int64_t *time_us;  /* [bars], close of the bar */
    double *price;     /* [bars] */
    float *feature;    /* [bars, channels], unscaled, NaN where missing */
    char (*channel)[FRAME_NAME_MAX]; /* [channels], "log_return PriceUSD" */
    size_t samples;
    uint32_t *bar;     /* [samples], last bar of the window, increasing */
    float *target;     /* [samples], 1 up, 0 down */
    int folds;
    struct dataset_fold fold[DATASET_FOLDS_MAX];
    size_t dropped_missing, dropped_gap, dropped_zero;
    int64_t sealed_first_us, sealed_last_us; /* closes of the first and last sealed bar */
    size_t sealed_bars;
};

/* frames[i] belongs to task->series[i] and must have its hash (ERROR_DATA otherwise). */
struct dataset *dataset_build(const struct task *task, const struct frame *const *frames, enum dataset_scope scope,
                              struct error *err);
void dataset_free(struct dataset *d);

/* Samples usable for training up to sample index `end` (exclusive): where the purged last slice for early stopping
 * begins. Returns false if there are too few samples. share in (0, 0.5]. */
bool dataset_early_stop(const struct dataset *d, size_t first, size_t end, double share, size_t *train_end,
                        size_t *stop_first);

/* Scaling fitted on the bars that samples [first, end) see: mean and 1/sd per channel (1 where the sd is 0), computed
 * in double in a fixed order. scaled is [bars, channels]; missing stays NaN. */
bool dataset_scale(const struct dataset *d, float *scaled, size_t first, size_t end, struct error *err);

/* Which column of a base series is its price, by name (close, PriceUSD, price, ...): index or -1 when none or several
 * are equally good; `evidence` says why. */
int dataset_guess_price(const struct frame *f, char *evidence, size_t size);

/* The publication lag that a series gets where none is given, in microseconds, with the reason as text: daily and slower
 * metrics are known only after their period ends, so a daily metric is never used on its own day. */
int64_t dataset_default_lag(const struct frame *f, enum csv_stamp stamp, char *reason, size_t size);

#endif
