/* Hansen's test for superior predictive ability ("A Test for Superior Predictive Ability", Journal of Business &
 * Economic Statistics 23, 2005): is the best of many trials better than the reference, or would the best of so many
 * look as good by chance alone?
 *
 * Each trial k has a gain over the reference at each moment. Its statistic is t_k = mean_k / error_k (studentised); the
 * test's is the largest, at least 0. Its distribution where nobody is better comes from resamples of the moments that
 * all trials share, so that trials that resemble one another count little more than one. A resampled mean is shifted to
 * 0 by the trial's own mean unless that lies below -error_k sqrt(2 log log n): the paper's "consistent" version, which
 * lets poor trials stay poor. error_k is the standard deviation of the resampled means.
 *
 * Moments are resampled by the stationary bootstrap (Politis & Romano 1994), blocks of mean length `block`. Above
 * SPA_CELLS moments, as many neighbours as needed are taken together, so that time and memory are bounded: a trial costs
 * at most `resamples` times SPA_CELLS additions and none is kept. A trial that was scored on a part of the moments takes
 * part with these: its mean is that over its own samples, in each resample too.
 *
 * Same bits on every machine. Order: spa_new, spa_add for each trial, spa_p. */
#ifndef TRAIN_SPA_H
#define TRAIN_SPA_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

#define SPA_CELLS 4096
#define SPA_RESAMPLES 2000
#define SPA_RESAMPLES_MANY 1000 /* for more than SPA_MANY trials */
#define SPA_MANY 5000

struct spa;

struct spa_trial {
    double mean, error, t;
};

/* samples[moments]: how many samples each moment has. ERROR_MEMORY. */
struct spa *spa_new(const double *samples, size_t moments, double block, int resamples, uint64_t seed,
                    struct error *err);

/* gain[moments]: the sum of the gains of a moment's samples; samples[moments]: how many of them the trial was scored on,
 * NULL: all. Where no resample differs, so that there is no error to divide by, least_error > 0 stands in for it; with 0
 * such a trial has t = 0. */
struct spa_trial spa_add(struct spa *s, const double *gain, const double *samples, double least_error);

/* The share (1 + k) / (1 + resamples), k counting the resamples whose largest statistic is at least t. */
double spa_p(const struct spa *s, double t);
void spa_free(struct spa *s);

#endif
