/* Scores of predictions against targets. All in double, in a fixed order.
 *
 * direction  predictions are probabilities of up; above one half predicts up. Balanced accuracy leaves out a class that
 *            does not occur, F1 (of "up") and MCC are 0 where their denominator is, AUC is one half with one class
 * only. return     predictions are returns; above zero predicts up, and what is not above zero is not up. The scores of
 *            direction are those of the two signs, AUC that of the predicted return; there is no log loss and no Brier
 *            score. R2 is 1 - sum (y - prediction)^2 / sum (y - reference)^2, the reference being the mean return of
 *            the training part; it and both correlations are 0 where a denominator is.
 * class      predictions are probabilities of the classes; the most probable one is predicted, of equal ones the first.
 *            Accuracy is the share right (in the member `directional_accuracy`); balanced accuracy the mean recall of
 *            the classes that occur; F1 the mean over the classes that occur or are predicted; MCC that of several
 *            classes (Gorodkin 2004, R_K); AUC the mean over the classes that occur of one against the rest, one half
 *            where there is but one; the Brier score half the squared distance, so that it lies in [0, 1] and with two
 *            classes is the usual one.
 *
 * No samples give zeros. A score that is not defined for a target is a NaN. */
#ifndef TRAIN_METRIC_H
#define TRAIN_METRIC_H

#include "data/task.h"

#include <stddef.h>
#include <stdint.h>

struct metric {
    size_t n;
    uint64_t correct;
    double directional_accuracy, balanced_accuracy, f1, mcc;
    double auc;      /* by mid-ranks: ties count one half */
    double log_loss; /* probabilities clipped to [1e-12, 1 - 1e-12] */
    double brier;
    double r2, mae, pearson, spearman; /* of returns; Spearman's by mid-ranks */
};

struct metric_input {
    enum task_target kind;
    int outputs;             /* classes; 1 otherwise */
    const float *prediction; /* [n, outputs] */
    const float *target;     /* [n], as in a data set */
    const double *reference; /* [n], of returns only */
    size_t n;
};

/* ASSERTs that no prediction is a NaN. */
void metric_score(struct metric *out, const struct metric_input *in);
/* Of directions. */
void metric_of(struct metric *out, const float *probability, const float *target, size_t n);

/* What a search maximises: accuracy, R2 or balanced accuracy. */
double metric_objective(const struct metric *m, enum task_target kind);

#define METRIC_RESAMPLES 2000

/* 95 % interval of the mean of hit[n] (0 or 1; differences of such work as well) by the stationary block bootstrap
 * (Politis & Romano 1994: blocks of geometric length around a circle), mean block length `block` >= 1, seeded.
 * p is one-sided, for mean > null_mean: the share (1 + k) / (1 + METRIC_RESAMPLES), k counting the resamples whose
 * mean, shifted to null_mean, is at least the mean seen. Where k = 0 that share is only a bound; then p is the normal
 * tail at (mean - null_mean) / error if that is less, so that p can be corrected for many trials. Where all hits are
 * equal, so that no resample differs, a coin thrown once a block (0.5 / sqrt(n / block)) stands in for the error. */
struct metric_interval {
    double mean, low, high, p;
    double error; /* standard deviation of the resampled means */
};
void metric_bootstrap(struct metric_interval *out, const float *hit, size_t n, double null_mean, double block,
                      uint64_t seed);

/* Moments of samples in the order of time: samples [first[i], first[i + 1]) share moment i. What happens to several
 * assets at one moment is resampled together. */
struct metric_moments {
    size_t n;
    size_t *first; /* [n + 1] */
};
/* Each sample a moment of its own if time_us is NULL. metric_moments_free. */
void metric_moments_of(struct metric_moments *out, const int64_t *time_us, size_t n);
void metric_moments_free(struct metric_moments *m);

/* The same for samples at moments; blocks are counted in moments. With one sample a moment the bits are the same. */
void metric_bootstrap_at(struct metric_interval *out, const double *value, const struct metric_moments *at,
                         double null_mean, double block, uint64_t seed);
/* Interval of what a search maximises; p is 1 (see evidence.h). */
void metric_bootstrap_objective(struct metric_interval *out, const struct metric_input *in,
                                const struct metric_moments *at, double block, uint64_t seed);

/* Two models on the same samples: how far the first lies above the second in what a search maximises, both resampled
 * together. p is two-sided, for no difference: the share (1 + k) / (1 + METRIC_RESAMPLES), k counting the resamples that
 * lie at least as far from the difference seen as that does from 0; 1 where no resample differs. The inputs agree in all
 * but their predictions and references. */
void metric_bootstrap_difference(struct metric_interval *out, const struct metric_input *a,
                                 const struct metric_input *b, const struct metric_moments *at, double block,
                                 uint64_t seed);

/* Mean block length for n samples in order of time: the cube root of n, at least the horizon, at most n. */
double metric_block(size_t n, int horizon);

#endif
