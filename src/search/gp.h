/* A Gaussian process with given covariances: factor, posterior, evidence. The mean is zero: callers standardise.
 *
 * Matrices are symmetric, and their upper halves stand in panels of GP_LANES columns (net/kernel/dense.h). The factor
 * is U with U' U = K + jitter I; what the last panel has beyond n is the unit matrix. Each entry's sum runs over the
 * rows above it in order, whether it was factored with the others or appended, so that both ways, on any number of
 * threads and on every machine lead to the same bits; no BLAS is in it. */
#ifndef SEARCH_GP_H
#define SEARCH_GP_H

#include "base/threads.h"
#include "net/kernel/dense.h"

#define GP_LANES DENSE_LANES

struct gp_matrix {
    int n, panels;
    double **panel; /* panel[p] has (p + 1) GP_LANES rows */
};
void gp_matrix_start(struct gp_matrix *m, int n); /* zeros */
void gp_matrix_end(struct gp_matrix *m);

static inline double *gp_matrix_at(const struct gp_matrix *m, int row, int column) /* row <= column */
{
    return &m->panel[column / GP_LANES][(ptrdiff_t)row * GP_LANES + column % GP_LANES];
}

struct gp {
    int n;
    struct gp_matrix factor;
    double *inverse; /* 1 / U[i][i] */
    double *target;  /* y */
    double *solved;  /* U'^-1 y */
    double *alpha;   /* K^-1 y */
    double jitter;   /* what had to be added to the diagonal; 0 where nothing had to */
};

/* Factors K, noise on its diagonal already; g is zeros or holds an earlier factor, whose place is taken. Where a pivot
 * is not positive, 1e-10 of the mean diagonal is added, then ten times as much, until it is. */
void gp_factor(struct gp *g, const struct gp_matrix *k, const double *y);
void gp_end(struct gp *g);

/* One observation more in O(n^2): its covariances with the n old ones, its own variance with noise, its target. Where
 * it is so like others that its pivot vanishes, the pivot is 1e-12 of the variance. */
void gp_append(struct gp *g, const double *k, double variance, double y);
void gp_truncate(struct gp *g, int n);           /* forgets all but the first n */
void gp_retarget(struct gp *g, const double *y); /* the same covariances, other targets */

/* Posterior at a point with covariances k [n] and prior variance; variance is at least 0. */
double gp_mean(const struct gp *g, const double *k);
double gp_variance(const struct gp *g, const double *k, double prior);

/* The posterior at many points. fill() writes the covariances of the points first .. first + count - 1 with the
 * observations, k[i * GP_LANES + l] for i < n, l < count <= GP_LANES, and may write
 * anything into the rows and lanes beyond; it is called from the pool's threads. */
struct gp_query {
    int n;
    void (*fill)(void *context, double *k, int first, int count);
    void *context;
};
void gp_posterior(const struct gp *g, const struct gp_query *q, double prior, double *mean, double *variance,
                  struct threads *pool);

/* The same with all covariances between the points: `prior` becomes the posterior's. */
void gp_posterior_joint(const struct gp *g, const struct gp_query *q, struct gp_matrix *prior, double *mean);

/* K^-1 into zeros. */
void gp_inverse(const struct gp *g, struct gp_matrix *out, struct threads *pool);

/* log p(y | K) = -1/2 y' K^-1 y - 1/2 log |K| - n/2 log 2 pi (Rasmussen and Williams 2006, eq. 2.30). */
double gp_evidence(const struct gp *g);

#endif
