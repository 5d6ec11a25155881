/* What a prediction is made of: m(x) = sum over observations of k(x, x_i) alpha_i, in the surrogate's standardised units,
 * and which observations are nearest to x in the kernel. For people. */
#ifndef SEARCH_NEAR_H
#define SEARCH_NEAR_H

#include "search/search.h"

struct near_one {
    int observation; /* in the order in which they were added */
    /* k as a share of the prior variance, 1 at x itself; alpha times that variance. Where several settings are averaged
     * over, the mean k, and alpha so that k alpha is the mean of their terms. */
    double k, alpha;
};

struct near {
    int observations, n;
    double sum; /* of all k alpha */
    struct near_one *one; /* [n], the nearest first; owned */
};
/* At most `most` of them. False where nothing was fitted yet. near_end */
bool near_start(struct near *out, const struct surrogate *s, const struct arch *a, int most);
void near_end(struct near *n);

/* The trial that was told as the surrogate's observation i; -1: none. */
int near_trial(const struct search *s, int i);

#endif
