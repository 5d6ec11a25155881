#include "search/gp.h"

#include "base/memory.h"
#include "base/vmath.h"

#include <math.h>

#define LOG_2PI 1.8378770664093454836

/* Four running sums, joined in pairs: one fixed tree. */
static double dot(const double *a, const double *b, int n)
{
    double sum[4] = {0, 0, 0, 0};
    int i = 0;
    for (; i + 4 <= n; i += 4)
        for (int k = 0; k < 4; k++)
            sum[k] += a[i + k] * b[i + k];
    for (; i < n; i++)
        sum[0] += a[i] * b[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static bool factor_row(double *l, const double *k, int i, double jitter)
{
    double *row = l + GP_AT(i, 0);
    for (int j = 0; j < i; j++)
        row[j] = (k[j] - dot(row, l + GP_AT(j, 0), j)) / l[GP_AT(j, j)];
    double pivot = k[i] + jitter - dot(row, row, i);
    if (!(pivot > 0) || isinf(pivot))
        return false;
    row[i] = sqrt(pivot);
    return true;
}

static bool factor_all(struct gp *g, const double *k)
{
    for (int i = 0; i < g->n; i++)
        if (!factor_row(g->factor, k + GP_AT(i, 0), i, g->jitter))
            return false;
    return true;
}

/* alpha = L'^-1 solved: column by column, from the last. */
static void solve_alpha(struct gp *g)
{
    memcpy(g->alpha, g->solved, (size_t)g->n * sizeof *g->alpha);
    for (int i = g->n - 1; i >= 0; i--) {
        const double *row = g->factor + GP_AT(i, 0);
        g->alpha[i] /= row[i];
        for (int j = 0; j < i; j++)
            g->alpha[j] -= row[j] * g->alpha[i];
    }
}

static void solve_lower(const struct gp *g, const double *b, double *out)
{
    for (int i = 0; i < g->n; i++)
        out[i] = (b[i] - dot(g->factor + GP_AT(i, 0), out, i)) / g->factor[GP_AT(i, i)];
}

void gp_factor(struct gp *g, const double *k, const double *y, int n)
{
    double mean = 0;
    for (int i = 0; i < n; i++)
        mean += k[GP_AT(i, i)] / n;
    *g = (struct gp){.n = n,
                     .factor = NEW_ARRAY(double, GP_AT(n, 0)),
                     .target = memory_copy(y, (size_t)n * sizeof *y),
                     .solved = NEW_ARRAY(double, n),
                     .alpha = NEW_ARRAY(double, n)};
    while (!factor_all(g, k)) {
        g->jitter = g->jitter > 0 ? 10 * g->jitter : 1e-10 * mean;
        ASSERT(g->jitter > 0 && g->jitter < 1e6 * mean); /* K holds a NaN, or is no covariance */
    }
    solve_lower(g, y, g->solved);
    solve_alpha(g);
}

void gp_end(struct gp *g)
{
    free(g->factor);
    free(g->target);
    free(g->solved);
    free(g->alpha);
    *g = (struct gp){0};
}

void gp_append(struct gp *g, const double *k, double variance, double y)
{
    int n = g->n;
    g->factor = memory_resize(g->factor, GP_AT(n + 1, 0), sizeof(double));
    g->target = memory_resize(g->target, (size_t)n + 1, sizeof(double));
    g->solved = memory_resize(g->solved, (size_t)n + 1, sizeof(double));
    g->alpha = memory_resize(g->alpha, (size_t)n + 1, sizeof(double));
    double *row = g->factor + GP_AT(n, 0);
    solve_lower(g, k, row);
    double pivot = variance + g->jitter - dot(row, row, n), least = 1e-12 * variance;
    row[n] = sqrt(pivot > least ? pivot : least);
    g->target[n] = y;
    g->solved[n] = (y - dot(row, g->solved, n)) / row[n];
    g->n = n + 1;
    solve_alpha(g);
}

double gp_mean(const struct gp *g, const double *k)
{
    return dot(k, g->alpha, g->n);
}

double gp_variance(const struct gp *g, const double *k, double prior)
{
    double *v = NEW_ARRAY(double, g->n);
    solve_lower(g, k, v);
    double variance = prior - dot(v, v, g->n);
    free(v);
    return variance > 0 ? variance : 0;
}

double gp_evidence(const struct gp *g)
{
    double log_root = 0;
    for (int i = 0; i < g->n; i++)
        log_root += vmath_log(g->factor[GP_AT(i, i)]);
    return -0.5 * dot(g->solved, g->solved, g->n) - log_root - 0.5 * g->n * LOG_2PI;
}
