/* Calibration: does what is said with a probability of 0.7 happen in seven cases of ten? Ten bins of equal width over the
 * probability of up (direction), or of the class that is said (class; Guo et al. 2017); a probability of 1 belongs to
 * the last. The expected calibration error is the mean over all samples of how far a bin's share lies from the mean
 * probability in it. Returns have no probabilities. */
#ifndef TRAIN_CALIBRATION_H
#define TRAIN_CALIBRATION_H

#include "train/metric.h"

#define CALIBRATION_BINS 10

struct calibration {
    struct calibration_bin {
        size_t n;
        double said, seen; /* mean probability; share that went up, or that was right; 0 in an empty bin */
    } bin[CALIBRATION_BINS];
    double error;
};

/* false for returns and without samples; *out is then zero. */
bool calibration_of(struct calibration *out, const struct metric_input *in);

#endif
