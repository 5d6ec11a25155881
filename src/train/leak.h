/* The leak detector: does anything in a data set know more than could be known? It runs before a task is accepted. What
 * it finds is a suspicion, not a proof; what it does not find may still leak. Each check says what it can see.
 *
 *   alone     (Where the target is a price's direction or return, a channel is suspected as well if it contains returns
 *             to come: if of what the last LEAK_AHEAD_BARS returns leave of it the next as many explain
 *             LEAK_AHEAD_SHARE. So a mean that is centred on its bar is found, which tells the next bar alone only so
 *             well.) Every channel by itself, at each of the window's last LEAK_LAGS bars, against the target: the area
 * under the curve (direction), the largest one-against-the-rest area (class), or Spearman's rank correlation (return).
 * A channel is suspected above a level that no honest single feature of a market has (LEAK_AUC, LEAK_RANK; the honest
 * files that this was tried on stay below 0.67 and 0.39) if the score is also no accident of few samples: p, corrected
 * for all channels, lags and classes, is at most LEAK_P. Classes of other fields can be told by one honest sensor, as
 * they last: there a channel is suspected from LEAK_CLASS on, and only if it tells the class of the bar to come better
 * than it tells the class of its own bar. With horizon 0 only a channel that is the label itself is suspected
 * (LEAK_LABEL). together  A ridge regression on all channels of the window's last two bars (without the columns that
 * are suspected already), walk-forward over the folds: a future that is spread over several columns. A made market may
 * honestly give its rule away here, up to its Bayes accuracy, so only what no rule with noise reaches is suspected:
 * LEAK_FIT_AUC, LEAK_FIT_RANK; of classes LEAK_LABEL. shuffled  The same regression on targets whose blocks were
 * shuffled in time. Nothing can be known of those, so a score that stays high says that the validation is seen while
 * fitting: folds that overlap, a scaling or a choice made with the answers. It says nothing about leaking columns:
 * shuffling destroys their trick too. twins     Stretches of validation windows that stand bit by bit, in the same
 * order, in the training part, with the same targets: rows pasted twice under other dates. (Windows that never change
 * are not counted.) future    Every channel once more from files that end at a bar: see dataset_cut.h, which does it.
 *
 * The first four look at no more than LEAK_SAMPLES samples (twins: at all), evenly spread, and are the same on every
 * machine. */
#ifndef TRAIN_LEAK_H
#define TRAIN_LEAK_H

#include "data/set/dataset.h"

#define LEAK_LAGS 32
#define LEAK_AUC 0.9
#define LEAK_RANK 0.75 /* of two normal variables: an area of 0.86 against the sign */
#define LEAK_FIT_AUC 0.97
#define LEAK_FIT_RANK 0.95
#define LEAK_CLASS 0.9
#define LEAK_LABEL 0.999
#define LEAK_AHEAD_BARS 16
#define LEAK_AHEAD_SHARE 0.8
#define LEAK_P 1e-3
#define LEAK_MARGIN 0.01 /* to tell better than what cannot look ahead */
#define LEAK_SAMPLES 4096
#define LEAK_SHUFFLES 16

enum leak_check { LEAK_ALONE, LEAK_TOGETHER, LEAK_SHUFFLED, LEAK_TWINS, LEAK_FUTURE, LEAK_CHECKS };

struct leak_finding {
    enum leak_check check;
    char name[FRAME_NAME_MAX]; /* the channel; of what concerns all of them the check's name */
    double score, level;       /* and above which level it is suspected */
    double p;                  /* corrected; NaN where the check has none */
    int lag;                   /* bars before the window's last; of `alone` */
    char text[256];            /* what was seen */
    char remedy[192];          /* what to do about it */
};

/* What a check came to, found or not. */
struct leak_line {
    bool ran, passed;
    double score, level; /* the highest score there was; NaN where it has none */
    char text[256];
};

struct leak_report {
    struct leak_finding *finding; /* at most one a column and check */
    size_t n, capacity;
    struct leak_line line[LEAK_CHECKS];
};

/* The view of a data set that the checks read; of its visible samples alone. */
struct leak_view {
    const float *feature; /* [bars, channels] */
    size_t bars, channels;
    const char (*channel)[FRAME_NAME_MAX];
    const uint32_t *bar;
    const float *target;
    size_t samples;
    const struct dataset_fold *fold;
    int folds, lookback, horizon, classes; /* classes: 0 unless the target is one */
    bool is_return;
    const double *price;        /* [bars]; NULL where there is none */
    const int64_t *time_us;     /* [bars] where there is a price: increasing within an asset */
    const struct channel *made; /* [planned] how the first channels are computed; NULL: not known */
    size_t planned;
    const char *price_name; /* the base's column; "" or NULL: none */
    uint64_t seed;
};

struct leak_view leak_view_of(const struct dataset *d);

/* Cannot look ahead of the target: the calendar, and the past of the price that the target is made of. Where these tell
 * it, as in a temperature over the day, the target is simply predictable; that they are what they say is for `future`.
 */
bool leak_is_own(const struct leak_view *v, size_t channel);

/* Runs all checks but `future`. Free the report with leak_report_free in every case. ERROR_MEMORY. */
bool leak_run(struct leak_report *out, const struct leak_view *v, struct error *err);
void leak_report_free(struct leak_report *r);
struct leak_finding *leak_add(struct leak_report *r, enum leak_check check, const char *name);
const char *leak_check_name(enum leak_check check);

#endif
