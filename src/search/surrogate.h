/* The surrogate: a Gaussian process over architectures, or any points with a labelled graph and some sizes.
 *
 * The covariance is search/kernel.h's, with the normalised Weisfeiler-Lehman kernel of the labelled graph (in- and
 * out-neighbours hashed apart, depth h; Shervashidze et al. 2011; Ru et al. 2021, NAS-BOWL), of labels and of pairs of
 * labels in equal parts, and Matern's over the sizes, each with its own length. Targets are taken on a scale of their
 * own (surrogate_scale.c) and standardised. The WL depth and the other hyper-parameters have wide log-normal priors. As
 * long as observations are few, settings are drawn from their posterior by slice sampling, and expected improvement is
 * the mean over them (Snoek, Larochelle and Adams 2012); later one setting stands that maximises it, rounded to 1/256.
 * Settings are found again at certain numbers of observations only (surrogate_fitted_on); between these an observation
 * more costs O(n^2). Order of calls: add ..., fit, believe ..., predict. */
#ifndef SEARCH_SURROGATE_H
#define SEARCH_SURROGATE_H

#include "base/random.h"
#include "base/threads.h"
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
    bool straight;        /* scores are taken as they are, else low ones are compressed (surrogate_scale.c) */
    bool ranks;           /* targets by their ranks (search/rank.h), for scores of any spread; else standardised */
    struct threads *pool; /* borrowed; NULL: on the caller's thread. Does not change a bit */
};
struct surrogate *surrogate_new(const struct surrogate_options *options);
void surrogate_free(struct surrogate *s);

/* An observation; noise is the variance of the score (from the folds' spread), >= 0. Never dropped. */
void surrogate_add(struct surrogate *s, const struct arch *a, double score, double noise);
void surrogate_add_features(struct surrogate *s, const struct surrogate_features *f, double score, double noise);
/* Takes in what was added, with the hyper-parameters' fit where it is due. */
void surrogate_fit(struct surrogate *s);
/* Takes a trial in flight as observed with its own posterior mean (kriging believer), until the next fit. */
void surrogate_believe(struct surrogate *s, const struct arch *a);
void surrogate_believe_features(struct surrogate *s, const struct surrogate_features *f);
int surrogate_n(const struct surrogate *s); /* observations, beliefs not counted */

#define SURROGATE_MODELS_MAX 8

/* What one setting of the hyper-parameters says of a point. */
struct surrogate_part {
    double mean, sd; /* posterior of the score, in the score's units; sd is the way up to the 84th percentile */
    /* EI(x) = E[max(f(x) - best, 0)] = sd (z Phi(z) + phi(z)), z = (mean - best) / sd, as far as the scale is straight,
     * which it is above the median score; below it z is that of the bent scale, and for sd stands what it is at the
     * best's slope. */
    double z, ei, log_ei;
};

struct surrogate_view {
    double mean, sd; /* of the mixture of the parts, as theirs */
    double best;     /* f(x+): largest posterior mean at observed points, over all parts */
    double z;        /* (mean - best) / sd */
    double ei;       /* the mean of the parts' */
    double log_ei;
    int parts; /* 1: there the numbers above are its own */
    struct surrogate_part part[SURROGATE_MODELS_MAX];
};
void surrogate_predict(const struct surrogate *s, const struct arch *a, struct surrogate_view *out);
/* Many at once: out[n]. */
void surrogate_predict_features(const struct surrogate *s, const struct surrogate_features *f, int n,
                                struct surrogate_view *out);

/* One function drawn from the posterior, at n points together, for Thompson's sampling: out[n] in the score's units. */
void surrogate_sample(const struct surrogate *s, const struct surrogate_features *f, int n, struct random *r,
                      double *out);

/* Posterior mean at observation i, in the order they were added; after a fit. */
double surrogate_standing(const struct surrogate *s, int i);

/* The settings, for screens: means over the models, of what is positive geometric ones; variance and noise are those of the standardised scores. */
struct surrogate_fitted {
    int n, models, sizes;
    int depth; /* that most models have */
    double wl_share, variance, noise, jitter, log_likelihood;
    double length[SURROGATE_SIZES_MAX]; /* of each size */
} surrogate_fitted(const struct surrogate *s);

/* Which labels move the prediction most against the incumbent: "conv k3 c16 +0.012", at most n lines. */
int surrogate_explain(const struct surrogate *s, const struct arch *a, char (*out)[96], int n);
int surrogate_explain_features(const struct surrogate *s, const struct surrogate_features *f, char (*out)[96], int n);

#endif
