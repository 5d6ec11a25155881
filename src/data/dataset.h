/* A data set: a task made concrete. Features, targets, samples and folds over the bars that may be seen.
 *
 * Bars are the rows of the base series from its first to its last price. The sealed hold-out (the last share of them)
 * is cut off before anything is computed: a data set built with DATASET_SEARCH does not contain its values at all, only
 * where it begins and how many bars it has; and every choice below (which columns become channels, what is filled)
 * looks only at what was known when the last visible bar closed, in both scopes.
 *
 * A bar is known at its close. A feature of bar t uses only values published at or before the close of bar t. Prices
 * and volumes of the base series are known when their bar closes. Every other column of the base series, a metric, is
 * known at the end of its period plus the publication lag: the task's lag of the series or, where that is shorter, the
 * default (dataset_default_lag), so a daily metric is never used on its own day. All columns of other series are known
 * at the end of their period plus the lag their line of the task gives. A value older than four steps of its series
 * (and than a day) counts as missing.
 *
 * Channels: constant ones are left out. One that is missing at more than a tenth of the visible bars would cost too
 * many samples: of the base series it is left out, of another series it is filled with 0 (no change, neutral
 * sentiment) and the series gets a channel "present NAME", 1 where the value is known. At most DATASET_CHANNELS_KEPT
 * are kept, in the order of families, series and columns. `note` names everything left out or filled.
 *
 * The target of bar t is the direction of price[t+horizon]/price[t]. A sample is the window of `lookback` bars ending
 * at bar t; windows are views into `feature`, never copied. Samples with a missing input, across a gap (two bars more
 * than four steps apart) or with zero return are dropped and counted; `stride` takes every stride-th bar.
 * No target of a visible sample reads a sealed price. */
#ifndef DATA_DATASET_H
#define DATA_DATASET_H

#include "data/frame.h"
#include "data/task.h"

#define DATASET_CHANNELS_MAX 512
#define DATASET_CHANNELS_KEPT 64
#define DATASET_GAP_STEPS 4
#define DATASET_FOLDS_MAX 32

enum dataset_scope { DATASET_SEARCH, DATASET_OPENED };

/* Half-open ranges of sample indices. Between train_end and valid_first lie the purged bars and the embargo. */
struct dataset_fold {
    size_t train_first, train_end, valid_first, valid_end;
};

struct dataset {
    struct task task;
    struct hash hash; /* over the task's text and the bits of every visible feature and target: names the task on the
                       * chain, and is the same in both scopes */
    size_t bars, channels;
    int64_t *time_us;                /* [bars], close of the bar */
    double *price;                   /* [bars] */
    float *feature;                  /* [bars, channels], unscaled, NaN where missing */
    char (*channel)[FRAME_NAME_MAX]; /* [channels], "log_return PriceUSD" */
    size_t samples;
    size_t visible_samples; /* DATASET_OPENED: samples from here on lie in the hold-out; else equal to `samples` */
    uint32_t *bar;          /* [samples], last bar of the window, increasing */
    float *target;          /* [samples], 1 up, 0 down */
    int folds;
    struct dataset_fold fold[DATASET_FOLDS_MAX];
    size_t dropped_missing, dropped_gap, dropped_zero;
    int64_t sealed_first_us, sealed_last_us; /* closes of the first and last sealed bar */
    size_t sealed_bars;
    size_t visible_bars; /* bars before the hold-out; equal to `bars` with DATASET_SEARCH */
    char (*note)[192];   /* columns left out or filled, and why */
    size_t note_n;
};

/* frames[i] belongs to task->series[i] and must have its hash (ERROR_DATA otherwise). */
struct dataset *dataset_build(const struct task *task, const struct frame *const *frames, enum dataset_scope scope,
                              struct error *err);
void dataset_free(struct dataset *d);

/* Takes the hash anew, after the task's text has changed in what does not change the data (accepted leaks). */
void dataset_name(struct dataset *d);

/* Cuts the purged last slice for early stopping off the training samples [first, end): train on [first, *train_end),
 * stop on [*stop_first, end). Returns false if there are too few samples. share in (0, 0.5]. */
bool dataset_early_stop(const struct dataset *d, size_t first, size_t end, double share, size_t *train_end,
                        size_t *stop_first);

/* Scaling fitted on the bars that samples [first, end) see: mean and 1/sd per channel (1 where the sd is 0), computed
 * in double in a fixed order. scaled is [bars, channels]; missing stays NaN. */
bool dataset_scale(const struct dataset *d, float *scaled, size_t first, size_t end, struct error *err);

/* Which column of a base series is its price, by name (close, PriceUSD, price, ...): index or -1 when none or several
 * are equally good; `evidence` says why. */
int dataset_guess_price(const struct frame *f, char *evidence, size_t size);

/* The publication lag that a series gets where none is given, in microseconds, with the reason as text: nothing for
 * prices and volumes alone; for series with metrics a day where the step is a day or longer, else one step. A series of
 * whole dates that close longer periods (month ends) is known when the date is over, a day later. */
int64_t dataset_default_lag(const struct frame *f, enum csv_stamp stamp, char *reason, size_t size);

#endif
