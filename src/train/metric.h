/* Scores of predicted probabilities against directions. All in double, in a fixed order.
 *
 * A probability above one half predicts up. Where a score is not defined: balanced accuracy leaves out a class that
 * does not occur, F1 (of "up") and MCC are 0 where their denominator is, AUC is one half with one class only; no
 * samples give zeros. */
#ifndef TRAIN_METRIC_H
#define TRAIN_METRIC_H

#include <stddef.h>
#include <stdint.h>

struct metric {
    size_t n;
    uint64_t correct; /* p > 0.5 predicts up */
    double directional_accuracy, balanced_accuracy, f1, mcc;
    double auc;      /* by mid-ranks: ties count one half */
    double log_loss; /* probabilities clipped to [1e-12, 1 - 1e-12] */
    double brier;
};

/* ASSERTs that no probability is a NaN. */
void metric_of(struct metric *out, const float *probability, const float *target, size_t n);

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

/* Mean block length for n samples in order of time: the cube root of n, at least the horizon, at most n. */
double metric_block(size_t n, int horizon);

#endif
