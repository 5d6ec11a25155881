/* The covariance of two points, its evidence and how its hyper-parameters are found.
 *
 *   k(a, b) = variance * [ share * graph(a, b) + (1 - share) * Matern52(|(x_a - x_b) / length|) ] + noise * [a is b]
 *
 * with graph any positive semi-definite kernel that the caller gives by its matrix, and one length a dimension
 * (Rasmussen and Williams 2006, sections 4.2 and 5.1). Hyper-parameters are searched in theta: logit of the share, logs
 * of variance, noise and lengths. Where there is no graph or no dimension, the share is 0 or 1 and stays. */
#ifndef SEARCH_KERNEL_H
#define SEARCH_KERNEL_H

#include "base/random.h"
#include "search/gp.h"

enum { KERNEL_SHARE, KERNEL_VARIANCE, KERNEL_NOISE, KERNEL_LENGTH }; /* theta[KERNEL_LENGTH + d] */

/* Observations, borrowed. */
struct kernel_data {
    int n, dims;
    const double *x;               /* [n, dims] */
    const double *y;               /* [n] */
    const double *noise;           /* [n] known variances besides the fitted noise, or NULL */
    const struct gp_matrix *graph; /* or NULL */
};

struct kernel {
    int dims;
    double share, variance, noise;
    double *scale; /* 1 / length, owned */
};
void kernel_start(struct kernel *k, const struct kernel_data *d, const double *theta);
void kernel_end(struct kernel *k);

/* x in units of the lengths, with zeros behind to whole panels. free() */
double *kernel_scaled(const struct kernel *k, const double *x, int n);

/* The covariances, without noise, of count <= GP_LANES points at[] with n observations x[], both scaled:
 * out[i * GP_LANES + l]; graph the same way, or NULL. x and out are padded to whole panels. */
void kernel_covariances(const struct kernel *k, double *out, const double *x, int n, const double *at, int count,
                        const double *graph);

/* log p(y | theta), and its derivatives by theta where gradient is not NULL. g (zeros, or of an earlier call) is the
 * factor. */
double kernel_evidence(const struct kernel_data *d, const double *theta, double *gradient, struct gp *g,
                       struct threads *pool);

/* What is known of a coordinate of theta beforehand: where the search starts and its bounds, and a normal prior around
 * the start; spread 0: none. */
struct kernel_prior {
    double start, spread, least, most;
};

struct kernel_fit {
    const struct kernel_prior *prior; /* [KERNEL_LENGTH + dims] */
    bool derivatives;                 /* L-BFGS, else Nelder and Mead's simplex */
    int most;                         /* evaluations */
    double grid; /* theta is rounded to its multiples, where not 0: searches on two machines end in the same place
                    although the optimiser may round differently there */
    struct threads *pool;
};
/* The theta of largest log posterior: that of the evidence plus the priors', which is returned. `evaluations` may be
 * NULL. */
double kernel_search(const struct kernel_fit *f, const struct kernel_data *d, double *theta, int *evaluations);

/* Draws from the posterior of theta and of the graph kernel's depth, by slice sampling one coordinate after the other
 * (Neal, Annals of Statistics 2003; for a surrogate: Murray and Adams, NIPS 2010) and the depth given the rest. Nothing
 * of it is an optimiser's: the same stream leads to the same bits everywhere. */
#define KERNEL_DIMS_MAX 8
#define KERNEL_DEPTHS_MAX 4
struct kernel_drawn {
    int depth; /* of those of the chain */
    double theta[KERNEL_LENGTH + KERNEL_DIMS_MAX];
};
struct kernel_chain {
    const struct kernel_prior *prior; /* [KERNEL_LENGTH + dims]; the walk begins at their starts */
    const struct gp_matrix *graph;    /* [depths], instead of the data's; depths 0: the data's */
    int depths;                       /* equally likely beforehand */
    int burn, apart; /* sweeps before the first draw, and between two */
    struct threads *pool;
};
void kernel_draw(const struct kernel_chain *c, const struct kernel_data *d, struct random *r,
                 struct kernel_drawn *out, int n);

#endif
