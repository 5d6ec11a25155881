/* The surrogate: a Gaussian process over architectures.
 *
 * k(x, x') = variance * [ w * WL(x, x') + (1 - w) * Matern52(s(x), s(x')) ] + noise, with WL the normalised
 * Weisfeiler-Lehman kernel of the labelled graph (in- and out-neighbours hashed apart, depth h; Shervashidze et al.
 * 2011; Ru et al. 2021, NAS-BOWL) and s = (log10 parameters, log10 multiply-adds, depth / 8), depth being the nodes on
 * the longest path. Targets are standardised. The WL depth and the other hyper-parameters maximise the marginal
 * likelihood times wide log-normal priors, which decide where few observations say little (NLopt, derivative-free, a
 * fixed number of steps, the result rounded to 1/256). Cholesky of our own in a fixed order, so that proposals are the
 * same on every machine. Order of calls: add ..., fit, believe ..., predict. */
#ifndef SEARCH_SURROGATE_H
#define SEARCH_SURROGATE_H

#include "search/wl.h"

struct surrogate;

/* What the surrogate sees of a point. All points of one surrogate have as many sizes, each of a scale of some units. */
#define SURROGATE_SIZES_MAX 8
struct surrogate_features {
    struct wl wl;
    double size[SURROGATE_SIZES_MAX]; /* an architecture's: log10 parameters, log10 multiply-adds, depth / 8 */
    int sizes;
};
void surrogate_features_of(struct surrogate_features *out, const struct arch *a);
void surrogate_features_end(struct surrogate_features *f);

struct surrogate_options {
    bool deterministic;   /* the same proposals on every machine: hyper-parameters without derivatives */
    struct threads *pool; /* borrowed; NULL: on the caller's thread. Does not change a bit */
};
struct surrogate *surrogate_new(const struct surrogate_options *options);
void surrogate_free(struct surrogate *s);

/* An observation; noise is the variance of the score (from the folds' spread), >= 0. Never dropped. */
void surrogate_add(struct surrogate *s, const struct arch *a, double score, double noise);
void surrogate_add_features(struct surrogate *s, const struct surrogate_features *f, double score, double noise);
void surrogate_fit(
    struct surrogate *s); /* hyper-parameters and factor; needs >= 2 observations, else the prior stands */
/* Takes a trial in flight as observed with its own posterior mean (kriging believer), until the next fit. */
void surrogate_believe(struct surrogate *s, const struct arch *a);
void surrogate_believe_features(struct surrogate *s, const struct surrogate_features *f);
int surrogate_n(const struct surrogate *s); /* observations, beliefs not counted */

struct surrogate_view {
    double mean, sd;      /* posterior of the score, in the score's units */
    double best;          /* f(x+): largest posterior mean at observed points */
    double z, ei, log_ei; /* EI(x) = E[max(f(x) - best, 0)] = sd * (z Phi(z) + phi(z)), z = (mean - best) / sd */
};
void surrogate_predict(const struct surrogate *s, const struct arch *a, struct surrogate_view *out);
/* Many at once: out[n]. */
void surrogate_predict_features(const struct surrogate *s, const struct surrogate_features *f, int n,
                                struct surrogate_view *out);

/* Posterior mean at observation i, in the order they were added; after a fit. */
double surrogate_standing(const struct surrogate *s, int i);

/* The fitted numbers, for screens; variance and noise are those of the standardised scores. */
struct surrogate_fitted {
    int depth, n;
    double wl_share, length, variance, noise, jitter, log_likelihood;
} surrogate_fitted(const struct surrogate *s);

/* Which labels move the prediction most against the incumbent: "conv k3 c16 +0.012", at most n lines. */
int surrogate_explain(const struct surrogate *s, const struct arch *a, char (*out)[96], int n);
int surrogate_explain_features(const struct surrogate *s, const struct surrogate_features *f, char (*out)[96], int n);

#endif
