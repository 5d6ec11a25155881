/* Scores of predicted probabilities against directions. All in double, in a fixed order. */
#ifndef TRAIN_METRIC_H
#define TRAIN_METRIC_H

#include <stddef.h>
#include <stdint.h>

struct metric {
    size_t n;
    uint64_t correct; /* p > 0.5 predicts up */
    double directional_accuracy, balanced_accuracy, f1, mcc, auc, log_loss, brier;
};

void metric_of(struct metric *out, const float *probability, const float *target, size_t n);

/* 95 % interval of the mean of hit[n] (0 or 1) by the stationary block bootstrap (Politis & Romano 1994), mean block length
 * `block` >= 1, seeded; and the share of resamples whose mean is at most `null_mean` + (mean - centred): a one-sided p-value for mean >
 * null_mean. */
struct metric_interval {
    double mean, low, high, p;
};
void metric_bootstrap(struct metric_interval *out, const float *hit, size_t n, double null_mean, double block, uint64_t seed);

#endif
