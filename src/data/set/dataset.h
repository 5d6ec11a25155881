/* A data set: a task made concrete. Features, targets, samples and folds over the bars that may be seen.
 *
 * Bars are the rows of an asset's base series from its first to its last price (for a class: from the first to the
 * last row that has one). Those of several assets stand one asset behind the other. The sealed hold-out is the last
 * share of all bars in the order of time: it begins at one moment for all assets. It is cut off before anything is
 * computed: a data set built with DATASET_SEARCH does not contain its values at all, only where it begins and how many
 * bars it has; and every choice below (which columns become channels, what is filled, which classes there are) looks
 * only at what was known when the last visible bar closed, in both scopes.
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
 * are kept, in the order of families, series and columns. `note` names everything left out or filled. Several assets
 * have the same channels, each computed from its own series and from those that join all: a channel that one of them
 * lacks is left out for all. (What belongs to one asset besides its base is matched by its name without the asset's.)
 *
 * The target of bar t is the direction of price[t+horizon]/price[t], or its logarithm rounded to float once, or the
 * class of bar t+horizon. Classes are the distinct values of the label column at the visible bars, 2 to
 * DATASET_CLASSES_MAX whole numbers in ascending order, or names in the order of their bytes. The label column is never
 * read by a feature family; with a horizon of 1 or more every class but the first gets a channel "label NAME", 1 where
 * it was the last published one (the label is published like a metric of the base); with horizon 0 no label is an input
 * at all.
 *
 * A sample is the window of `lookback` bars ending at bar t; windows are views into `feature`, never copied. Samples
 * with a missing input or target, across a gap (two bars more than four steps apart) or without a direction are dropped
 * and counted; `stride` takes every stride-th bar of an asset. Samples stand in the order of their bars' closes, those
 * of one moment in the order of the assets. No target of a visible sample reads a sealed bar. */
#ifndef DATA_SET_DATASET_H
#define DATA_SET_DATASET_H

#include "data/frame.h"
#include "data/task.h"

#define DATASET_CHANNELS_MAX 512
#define DATASET_CHANNELS_KEPT 64
#define DATASET_GAP_STEPS 4
#define DATASET_FOLDS_MAX 32
#define DATASET_CLASSES_MAX 64

enum dataset_scope { DATASET_SEARCH, DATASET_OPENED };

/* Half-open ranges of sample indices. Between train_end and valid_first lie the purged bars and the embargo. */
struct dataset_fold {
    size_t train_first, train_end, valid_first, valid_end;
};

/* Where the bars of an asset stand: [first, first + bars), the first `visible` of them before the hold-out. */
struct dataset_asset {
    size_t first, bars, visible;
    int64_t step_us;
};

struct dataset {
    struct task task;
    struct hash hash; /* over the task's text and the bits of every visible feature and target: names the task on the
                       * chain, and is the same in both scopes */
    size_t bars, channels;
    struct dataset_asset asset[TASK_ASSETS_MAX]; /* [task.assets] */
    int64_t *time_us;                            /* [bars], close of the bar; increasing within an asset */
    double *price;                               /* [bars]; NULL if an asset has none */
    int classes;                                 /* 0 unless the target is a class */
    double class_value[DATASET_CLASSES_MAX];
    char (*class_name)[FRAME_NAME_MAX]; /* [classes], "2" or what the column calls it */
    float *label;                    /* [bars], index of the bar's class, NaN where it has none; NULL unless a class */
    float *past_label;               /* [bars], of the last class published by the bar's close; NULL unless a class */
    float *feature;                  /* [bars, channels], unscaled, NaN where missing */
    char (*channel)[FRAME_NAME_MAX]; /* [channels], "log_return PriceUSD" */
    struct channel *made;            /* [assets, planned] how each asset's are computed, see channel.h; those of the
                                      * label's past stand behind them and have none */
    size_t planned;
    size_t samples;
    size_t visible_samples; /* DATASET_OPENED: samples from here on lie in the hold-out; else equal to `samples` */
    uint32_t *bar;          /* [samples], last bar of the window */
    float *target;          /* [samples]: 1 up, 0 down; or the log return; or the index of the class */
    int folds;
    struct dataset_fold fold[DATASET_FOLDS_MAX];
    size_t dropped_missing, dropped_gap, dropped_zero;
    int64_t sealed_first_us, sealed_last_us; /* closes of the first and last sealed bar */
    size_t sealed_bars;
    int opened; /* how often bars of it that were sealed have been looked at; the store says so (0 without it) */
    size_t visible_bars; /* bars before the hold-out, of all assets; equal to `bars` with DATASET_SEARCH */
    char (*note)[192];   /* columns left out or filled, and why */
    size_t note_n;
    void *map; /* the mapped file of map_n bytes that holds the arrays of bars and samples, which must not be written to
                * (dataset_file.h); NULL: they are the data set's own */
    size_t map_n;
};

/* frames[i] belongs to task->series[i] and must have its hash (ERROR_DATA otherwise). */
struct dataset *dataset_build(const struct task *task, const struct frame *const *frames, enum dataset_scope scope,
                              struct error *err);
void dataset_free(struct dataset *d);

/* Values that a network gives for a sample: one, or one a class. */
int dataset_outputs(const struct dataset *d);
/* Index of the asset that a bar belongs to. */
int dataset_asset_of(const struct dataset *d, size_t bar);

/* What a sample reads, in time. `from_us` is the close of the bar before the first bar that its window's changes read,
 * `until_us` that of the bar that its target is read from, later by the embargo. Bars that do not exist are counted on
 * by the asset's step. */
struct dataset_span {
    int64_t from_us, until_us;
};
struct dataset_span dataset_span_of(const struct dataset *d, size_t sample);

/* The target of a bar, of its price and of the price and the class (as an index) `horizon` bars later; NaN where it has
 * none. A direction of two equal prices is none. */
float dataset_target(const struct task *task, double price, double then, float label_then);

/* Takes the hash anew, after the task's text has changed in what does not change the data (accepted leaks). */
void dataset_name(struct dataset *d);

/* Cuts the purged last slice for early stopping off the training samples [first, end): train on [first, *train_end),
 * stop on [*stop_first, end). Returns false if there are too few samples. share in (0, 0.5]. */
bool dataset_early_stop(const struct dataset *d, size_t first, size_t end, double share, size_t *train_end,
                        size_t *stop_first);

/* Scaling fitted on the bars that samples [first, end) see: mean and 1/sd per channel (1 where the sd is 0), computed
 * in double in a fixed order. */
struct dataset_scaling {
    double mean, factor;
};
/* out is [channels]. */
bool dataset_scaling_fit(struct dataset_scaling *out, const struct dataset *d, size_t first, size_t end,
                         struct error *err);
/* Missing stays NaN. */
static inline float dataset_scaled(struct dataset_scaling s, float feature)
{
    return (float)(((double)feature - s.mean) * s.factor);
}
/* The same of all bars: scaled is [bars, channels]. */
bool dataset_scale(const struct dataset *d, float *scaled, size_t first, size_t end, struct error *err);

/* Which column of a base series is its price, by name (close, PriceUSD, price, ...): index or -1 when none or several
 * are equally good; `evidence` says why. */
int dataset_guess_price(const struct frame *f, char *evidence, size_t size);

/* The publication lag that a series gets where none is given, in microseconds, with the reason as text: nothing for
 * prices and volumes alone; for series with metrics a day where the step is a day or longer, else one step. A series of
 * whole dates that close longer periods (month ends) is known when the date is over, a day later. */
int64_t dataset_default_lag(const struct frame *f, enum csv_stamp stamp, char *reason, size_t size);

#endif
