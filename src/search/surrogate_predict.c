/* What the surrogate says of points. */
#include "search/surrogate_internal.h"

#include "base/memory.h"
#include "base/vmath.h"
#include "search/acquire.h"

#include <math.h>

struct look {
    const struct surrogate *s;
    const struct surrogate_features *f;
};

static void fill(void *context, double *k, int first, int count)
{
    const struct look *w = context;
    const struct surrogate *s = w->s;
    int n = s->gp.n, dims = s->sizes, room = (n + GP_LANES - 1) / GP_LANES * GP_LANES;
    double *graph = NEW_ARRAY(double, room *GP_LANES), *at = NEW_ARRAY(double, GP_LANES *dims);
    for (int l = 0; l < count; l++) {
        const struct surrogate_features *f = &w->f[first + l];
        for (int d = 0; d < dims; d++)
            at[l * dims + d] = f->size[d] * s->kernel.scale[d];
        surrogate_graph_lane(s, graph, l, f, n);
    }
    kernel_covariances(&s->kernel, k, s->scaled, n, at, count, graph);
    free(graph);
    free(at);
}

static void put_view(const struct surrogate *s, double mean, double variance, struct surrogate_view *out)
{
    double sd = sqrt(variance), best = s->standing ? s->standing[s->incumbent] : 0, unit = surrogate_unit(s, best);
    out->mean = surrogate_score(s, mean);
    out->sd = surrogate_score(s, mean + sd) - out->mean;
    out->best = surrogate_score(s, best);
    out->unit = unit * sd;
    out->z = sd > 0 ? (mean - best) / sd : 0;
    out->ei = unit * acquire_ei(mean, sd, best);
    out->log_ei = vmath_log(unit) + acquire_log_ei(mean, sd, best);
}

void surrogate_predict_features(const struct surrogate *s, const struct surrogate_features *f, int n,
                                struct surrogate_view *out)
{
    double *mean = NEW_ARRAY(double, n), *variance = NEW_ARRAY(double, n), prior = vmath_exp(s->theta[KERNEL_VARIANCE]);
    struct look w = {.s = s, .f = f};
    struct gp_query q = {.n = n, .fill = fill, .context = &w};
    if (s->fitted_on > 0)
        gp_posterior(&s->gp, &q, prior, mean, variance, s->options.pool);
    for (int i = 0; i < n; i++)
        put_view(s, mean[i], s->fitted_on > 0 ? variance[i] : prior, &out[i]);
    free(mean);
    free(variance);
}

void surrogate_predict(const struct surrogate *s, const struct arch *a, struct surrogate_view *out)
{
    struct surrogate_features f;
    surrogate_features_of(&f, a);
    surrogate_predict_features(s, &f, 1, out);
    surrogate_features_end(&f);
}

/* graph[i * GP_LANES + lane] = the graph kernel of point `at` with the points i < rows of p, all of which are in x. */
static void graph_among(const struct surrogate *s, const struct wl_index *x, const struct surrogate_point *p, int at,
                        double *dot, int n, double *graph, int rows)
{
    memset(dot, 0, (size_t)n * sizeof *dot);
    for (int t = 0; t <= s->depth; t++)
        wl_index_dots(x, &p[at].f.wl, t, dot);
    for (int i = 0; i < rows; i++)
        graph[i * GP_LANES + at % GP_LANES] = surrogate_likeness(dot[i], p[i].self[s->depth], p[at].self[s->depth]);
}

/* The prior covariances among points that are asked about. */
static void prior_among(const struct surrogate *s, const struct surrogate_features *f, int n, struct gp_matrix *out)
{
    struct kernel_data shape = {.dims = s->sizes, .graph = out};
    struct kernel k;
    struct wl_index index = {.room = 0};
    double *x = NEW_ARRAY(double, n * s->sizes), *graph = NEW_ARRAY(double, out->panels *DENSE_SQUARE);
    double *dot = NEW_ARRAY(double, n);
    struct surrogate_point *p = NEW_ARRAY(struct surrogate_point, n);
    kernel_start(&k, &shape, s->theta);
    for (int i = 0; i < n; i++) {
        surrogate_point_of(&p[i], &f[i]);
        wl_index_add(&index, &f[i].wl, i);
        memcpy(x + i * s->sizes, f[i].size, (size_t)s->sizes * sizeof *x);
    }
    double *scaled = kernel_scaled(&k, x, n);
    for (int q = 0; q < out->panels; q++) {
        int first = q * GP_LANES, rows = first + GP_LANES < n ? first + GP_LANES : n;
        for (int l = 0; l < GP_LANES && first + l < n; l++)
            graph_among(s, &index, p, first + l, dot, n, graph, rows);
        kernel_covariances(&k, out->panel[q], scaled, rows, scaled + (ptrdiff_t)first * s->sizes,
                           n - first < GP_LANES ? n - first : GP_LANES, graph);
    }
    kernel_end(&k);
    wl_index_end(&index);
    free(dot);
    free(scaled);
    free(graph);
    free(x);
    free(p);
}

void surrogate_sample(const struct surrogate *s, const struct surrogate_features *f, int n, struct random *r,
                      double *out)
{
    struct gp_matrix covariance;
    struct gp root = {0};
    double *normal = NEW_ARRAY(double, n), *mean = NEW_ARRAY(double, n);
    struct look w = {.s = s, .f = f};
    struct gp_query q = {.n = n, .fill = fill, .context = &w};
    gp_matrix_start(&covariance, n);
    prior_among(s, f, n, &covariance);
    if (s->fitted_on > 0)
        gp_posterior_joint(&s->gp, &q, &covariance, mean);
    for (int i = 0; i < n; i++) {
        normal[i] = random_normal(r);
        *gp_matrix_at(&covariance, i, i) += 1e-10; /* of a variance near 1: what rounding leaves may be below zero */
    }
    gp_factor(&root, &covariance, normal);
    for (int i = 0; i < n; i++) {
        double sum = mean[i];
        for (int j = 0; j <= i; j++)
            sum += *gp_matrix_at(&root.factor, j, i) * normal[j];
        out[i] = surrogate_score(s, sum);
    }
    gp_end(&root);
    gp_matrix_end(&covariance);
    free(normal);
    free(mean);
}
