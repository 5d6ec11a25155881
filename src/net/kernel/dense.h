/* Linear algebra in double for matrices that do not come from training: a Gaussian process's. As everything here, one
 * body compiled for each instruction set, the same bits from all.
 *
 * A matrix is cut into columns' panels of DENSE_LANES columns, each stored row after row: entry (k, l) of a panel is
 * p[k * DENSE_LANES + l]. Lanes are always outputs: every sum runs over k in ascending order, one fused multiply-add
 * after the other, so that it does not matter how the work is cut. Callers pad to whole panels. */
#ifndef NET_KERNEL_DENSE_H
#define NET_KERNEL_DENSE_H

#include <stdbool.h>
#include <stddef.h>

#define DENSE_LANES 24
#define DENSE_SQUARE (DENSE_LANES * DENSE_LANES)

struct dense {
    const char *name;

    /* c[r][l] -= sum over k < depth of a[k][r] b[k][l], a and b panels. */
    void (*subtract)(double *c, const double *a, const double *b, int depth);

    /* c[r] -= sum over k < depth of a[k][r] b[k]. */
    void (*subtract_column)(double *c, const double *a, const double *b, int depth);

    /* U with U' U = c, upper, in c's place; what lies below the diagonal is left as it is. inverse[l] = 1 / U[l][l].
     * False where a pivot is not positive and finite: c is then worthless. */
    bool (*factor)(double *c, double *inverse);

    /* U'^-1 c in c's place, for a square that factor() gave. */
    void (*solve)(double *c, const double *u, const double *inverse);

    /* total[l] += sum over k of c[k][l] w[k], and square[l] += sum of c[k][l]^2; k < rows. */
    void (*reduce)(double *total, double *square, const double *c, const double *w, int rows);

    /* out[j][l] = sum over d of (x[j * dims + d] - lane[d][l])^2, j < rows, a multiple of 4. */
    void (*distance)(double *out, const double *x, const double *lane, int rows, int dims);

    /* Matern's kernel with nu = 5/2 of squared scaled distances s (Rasmussen and Williams 2006, eq. 4.17): with
     * r = sqrt(5 s), value = by (1 + r + r^2 / 3) exp(-r), and what a part t of s has on its value when its length
     * grows, d value / d log length = t slope: slope = by 5/3 (1 + r) exp(-r). slope may be NULL. n is a multiple of
     * DENSE_LANES. value may be s. */
    void (*matern)(double *value, double *slope, const double *s, double by, int n);

    /* out[d][l] += sum over j < rows of g[j][l] (x[j * dims + d] - lane[d][l])^2. */
    void (*slopes)(double *out, const double *g, const double *x, const double *lane, int rows, int dims);
};

extern const struct dense *const dense_table[]; /* best first, NULL behind the last */
bool dense_runs(const struct dense *d);         /* on this processor */

/* What goes with the kernels that were chosen (MORPHSMITH_ISA), or, where none were yet, the best that runs here. */
const struct dense *dense_active(void);

#endif
