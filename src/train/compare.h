/* Two models compared on the bars that both were scored on, paired: what is hard for one is hard for the other, so their
 * difference is known far better than either score. */
#ifndef TRAIN_COMPARE_H
#define TRAIN_COMPARE_H

#include "train/crossval.h"

struct comparison {
    size_t n;                          /* bars that both were scored on */
    double a, b;                       /* what a search maximises, on those */
    struct metric_interval difference; /* a less b; p two-sided (metric_bootstrap_difference) */
    char sentence[320];
};

/* Both are of the data set d. ERROR_DATA where they share no bar. */
bool compare_models(struct comparison *out, const struct crossval *a, const char *name_a, const struct crossval *b,
                    const char *name_b, const struct dataset *d, struct error *err);

#endif
