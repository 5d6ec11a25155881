/* The functions of dense.h, for one instruction set: DENSE_STRUCT and DENSE_NAME say which. */
#ifndef NET_KERNEL_DENSE_BODY_H
#define NET_KERNEL_DENSE_BODY_H

#include "net/kernel/dense_simd.h"

#define L DENSE_LANES
#define STEP (VECTORS * DW)

_Static_assert(L % ROWS == 0 && L % STEP == 0, "parts must fill a square");

/* One part of the square, held in registers. */
D_INLINE void subtract_part(double *c, const double *a, const double *b, int depth)
{
    vd sum[ROWS][VECTORS];
    UNROLL
    for (int r = 0; r < ROWS; r++)
        UNROLL
    for (int v = 0; v < VECTORS; v++)
        sum[r][v] = d_load(c + r * L + v * DW);
    for (int k = 0; k < depth; k++) {
        vd x[VECTORS];
        UNROLL
        for (int v = 0; v < VECTORS; v++)
            x[v] = d_load(b + (ptrdiff_t)k * L + v * DW);
        UNROLL
        for (int r = 0; r < ROWS; r++) {
            vd y = d_set(a[(ptrdiff_t)k * L + r]);
            UNROLL
            for (int v = 0; v < VECTORS; v++)
                sum[r][v] = d_fnma(y, x[v], sum[r][v]);
        }
    }
    UNROLL
    for (int r = 0; r < ROWS; r++)
        UNROLL
    for (int v = 0; v < VECTORS; v++)
        d_store(c + r * L + v * DW, sum[r][v]);
}

#define DEPTH 96 /* two panels as deep as this stay in the first cache */

static void subtract(double *c, const double *a, const double *b, int depth)
{
    for (int k = 0; k < depth; k += DEPTH) {
        int deep = depth - k < DEPTH ? depth - k : DEPTH;
        for (int l = 0; l < L; l += STEP)
            for (int r = 0; r < L; r += ROWS)
                subtract_part(c + r * L + l, a + (ptrdiff_t)k * L + r, b + (ptrdiff_t)k * L + l, deep);
    }
}

static void subtract_column(double *c, const double *a, const double *b, int depth)
{
    vd sum[L / DW];
    UNROLL
    for (int v = 0; v < L / DW; v++)
        sum[v] = d_load(c + v * DW);
    for (int k = 0; k < depth; k++) {
        vd y = d_set(b[k]);
        UNROLL
        for (int v = 0; v < L / DW; v++)
            sum[v] = d_fnma(d_load(a + (ptrdiff_t)k * L + v * DW), y, sum[v]);
    }
    UNROLL
    for (int v = 0; v < L / DW; v++)
        d_store(c + v * DW, sum[v]);
}

static bool factor(double *c, double *inverse)
{
    for (int j = 0; j < L; j++) {
        double *row = c + j * L, pivot = row[j];
        if (!(pivot > 0 && pivot <= 1e300))
            return false;
        double root = sqrt(pivot);
        inverse[j] = 1 / root;
        for (int l = j + 1; l < L; l++)
            row[l] *= inverse[j];
        row[j] = root;
        for (int i = j + 1; i < L; i++)
            for (int l = i; l < L; l++)
                c[i * L + l] = fma(-row[i], row[l], c[i * L + l]);
    }
    return true;
}

/* ROWS rows at a time: what the rows above leave of them, then among themselves. */
static void solve(double *c, const double *u, const double *inverse)
{
    for (int first = 0; first < L; first += ROWS)
        for (int l = 0; l < L; l += STEP) {
            subtract_part(c + first * L + l, u + first, c + l, first);
            for (int j = first; j < first + ROWS; j++) {
                vd row[VECTORS], by = d_set(inverse[j]);
                UNROLL
                for (int v = 0; v < VECTORS; v++) {
                    row[v] = d_mul(d_load(c + j * L + l + v * DW), by);
                    d_store(c + j * L + l + v * DW, row[v]);
                }
                for (int i = j + 1; i < first + ROWS; i++)
                    UNROLL
                for (int v = 0; v < VECTORS; v++) {
                    double *at = c + i * L + l + v * DW;
                    d_store(at, d_fnma(d_set(u[j * L + i]), row[v], d_load(at)));
                }
            }
        }
}

static void reduce(double *total, double *square, const double *c, const double *w, int rows)
{
    vd sum[L / DW], squares[L / DW];
    UNROLL
    for (int v = 0; v < L / DW; v++) {
        sum[v] = d_load(total + v * DW);
        squares[v] = d_load(square + v * DW);
    }
    for (int k = 0; k < rows; k++) {
        vd y = d_set(w[k]);
        UNROLL
        for (int v = 0; v < L / DW; v++) {
            vd x = d_load(c + (ptrdiff_t)k * L + v * DW);
            sum[v] = d_fma(x, y, sum[v]);
            squares[v] = d_fma(x, x, squares[v]);
        }
    }
    UNROLL
    for (int v = 0; v < L / DW; v++) {
        d_store(total + v * DW, sum[v]);
        d_store(square + v * DW, squares[v]);
    }
}

#define NEAR 4 /* points whose distances share the loads of the lanes */

D_INLINE void distance_part(double *out, const double *x, const double *lane, int dims)
{
    vd sum[NEAR][VECTORS];
    UNROLL
    for (int j = 0; j < NEAR; j++)
        UNROLL
    for (int v = 0; v < VECTORS; v++)
        sum[j][v] = d_set(0);
    for (int d = 0; d < dims; d++) {
        vd y[VECTORS];
        UNROLL
        for (int v = 0; v < VECTORS; v++)
            y[v] = d_load(lane + (ptrdiff_t)d * L + v * DW);
        UNROLL
        for (int j = 0; j < NEAR; j++) {
            vd at = d_set(x[(ptrdiff_t)j * dims + d]);
            UNROLL
            for (int v = 0; v < VECTORS; v++) {
                vd off = d_sub(at, y[v]);
                sum[j][v] = d_fma(off, off, sum[j][v]);
            }
        }
    }
    UNROLL
    for (int j = 0; j < NEAR; j++)
        UNROLL
    for (int v = 0; v < VECTORS; v++)
        d_store(out + j * L + v * DW, sum[j][v]);
}

static void distance(double *out, const double *x, const double *lane, int rows, int dims)
{
    for (int j = 0; j < rows; j += NEAR)
        for (int l = 0; l < L; l += STEP)
            distance_part(out + (ptrdiff_t)j * L + l, x + (ptrdiff_t)j * dims, lane + l, dims);
}

/* exp(x) for -700 <= x <= 0, below one part in 2^51: Cody and Waite's reduction, then Taylor's series, whose first term
 * left out is below 2^-57 of the result. */
D_INLINE vd exp_of(vd x)
{
    static const double series[] = {
        1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040,
        1.0 / 720,        1.0 / 120,       1.0 / 24,       1.0 / 6,       1.0 / 2,      1,           1};
    vd magic = d_set(0x1.8p52), t = d_fma(x, d_set(0x1.71547652b82fep+0), magic), n = d_sub(t, magic);
    vd r = d_fnma(n, d_set(0x1.abc9e3b39803fp-56), d_fnma(n, d_set(0x1.62e42fefa39efp-1), x));
    vd y = d_set(series[0]);
    UNROLL
    for (int i = 1; i < 14; i++)
        y = d_fma(y, r, d_set(series[i]));
    return d_mul(y, d_power(t));
}

static void matern(double *value, double *slope, const double *s, double by, int n)
{
    for (int i = 0; i < n; i += L)
        UNROLL
    for (int v = 0; v < L / DW; v++) {
        int at = i + v * DW;
        vd square = d_mul(d_load(s + at), d_set(5)), r = d_sqrt(square);
        vd e = d_mul(exp_of(d_max(d_sub(d_set(0), r), d_set(-700))), d_set(by)), one = d_add(r, d_set(1));
        d_store(value + at, d_mul(d_fma(square, d_set(1.0 / 3), one), e));
        if (slope)
            d_store(slope + at, d_mul(d_mul(one, e), d_set(5.0 / 3)));
    }
}

#define BLOCK 48 /* rows of g that stay in the first cache for all dimensions */

static void slopes(double *out, const double *g, const double *x, const double *lane, int rows, int dims)
{
    for (int first = 0; first < rows; first += BLOCK) {
        int last = rows - first < BLOCK ? rows : first + BLOCK;
        for (int d = 0; d < dims; d++)
            for (int l = 0; l < L; l += STEP) {
                vd sum[VECTORS];
                UNROLL
                for (int v = 0; v < VECTORS; v++)
                    sum[v] = d_load(out + (ptrdiff_t)d * L + l + v * DW);
                for (int j = first; j < last; j++) {
                    vd y = d_set(x[(ptrdiff_t)j * dims + d]);
                    UNROLL
                    for (int v = 0; v < VECTORS; v++) {
                        vd off = d_sub(y, d_load(lane + (ptrdiff_t)d * L + l + v * DW));
                        vd w = d_mul(d_load(g + (ptrdiff_t)j * L + l + v * DW), off);
                        sum[v] = d_fma(w, off, sum[v]);
                    }
                }
                UNROLL
                for (int v = 0; v < VECTORS; v++)
                    d_store(out + (ptrdiff_t)d * L + l + v * DW, sum[v]);
            }
    }
}

extern const struct dense DENSE_STRUCT;
const struct dense DENSE_STRUCT = {.name = DENSE_NAME,
                                   .subtract = subtract,
                                   .subtract_column = subtract_column,
                                   .factor = factor,
                                   .solve = solve,
                                   .reduce = reduce,
                                   .distance = distance,
                                   .matern = matern,
                                   .slopes = slopes};

#endif
