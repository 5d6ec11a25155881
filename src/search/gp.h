/* A Gaussian process with given covariances: factor, posterior, evidence. The matrix is symmetric and stored by its
 * lower rows one after the other: entry (i, j <= i) at GP_AT(i, j). All sums run in one written order, without libm and
 * without BLAS, so that results have the same bits on every machine. The mean is zero: callers standardise. */
#ifndef SEARCH_GP_H
#define SEARCH_GP_H

#include <stdbool.h>
#include <stddef.h>

#define GP_AT(i, j) ((size_t)(i) * ((size_t)(i) + 1) / 2 + (size_t)(j))

struct gp {
    int n;
    double *factor; /* L with L L' = K + jitter I */
    double *target; /* y */
    double *solved; /* L^-1 y */
    double *alpha;  /* K^-1 y */
    double jitter;  /* what had to be added to the diagonal; 0 where nothing had to */
};

/* Factors K [n(n+1)/2], noise on its diagonal already. Where a pivot is not positive, 1e-10 of the mean diagonal is
 * added, then ten times as much, until it is. */
void gp_factor(struct gp *g, const double *k, const double *y, int n);
void gp_end(struct gp *g);

/* One observation more in O(n^2): its covariances with the n old ones, its own variance with noise, its target. */
void gp_append(struct gp *g, const double *k, double variance, double y);

/* Posterior at a point with covariances k [n] and prior variance; variance is at least 0. */
double gp_mean(const struct gp *g, const double *k);
double gp_variance(const struct gp *g, const double *k, double prior);

/* log p(y | K) = -1/2 y' K^-1 y - 1/2 log |K| - n/2 log 2 pi (Rasmussen and Williams 2006, eq. 2.30). */
double gp_evidence(const struct gp *g);

#endif
