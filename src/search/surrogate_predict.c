/* What the surrogate says of points. */
#include "search/surrogate_internal.h"

#include "base/memory.h"
#include "base/vmath.h"
#include "search/acquire.h"

#include <math.h>

/* Points are looked at in blocks, for all models together: what of the graphs' kernel they share is made once. */
#define BLOCK_PANELS 5
#define BLOCK (BLOCK_PANELS * GP_LANES)

struct block {
    const struct surrogate *s;
    const struct surrogate_model *m;
    const struct surrogate_features *f;
    double *graph[WL_DEPTHS]; /* of the depths that models have: room * GP_LANES a panel */
    int room;
};

static int room_for(int n)
{
    return (n + GP_LANES - 1) / GP_LANES * GP_LANES;
}

static ptrdiff_t panel_at(const struct block *b, int point)
{
    return (ptrdiff_t)(point / GP_LANES) * b->room * GP_LANES;
}

static void block_start(struct block *b, const struct surrogate *s, const struct surrogate_features *f, int n)
{
    *b = (struct block){.s = s, .f = f, .room = room_for(s->points)};
    for (int k = 0; k < s->models; k++)
        if (!b->graph[s->model[k].at.depth])
            b->graph[s->model[k].at.depth] = NEW_ARRAY(double, room_for(n) * b->room);
    for (int i = 0; i < n; i++) {
        double *panel[WL_DEPTHS];
        for (int t = 0; t < WL_DEPTHS; t++)
            panel[t] = b->graph[t] ? b->graph[t] + panel_at(b, i) : NULL;
        surrogate_graph_lane(s, panel, i % GP_LANES, &f[i], s->points);
    }
}

static void block_end(struct block *b)
{
    for (int t = 0; t < WL_DEPTHS; t++)
        free(b->graph[t]);
}

static void fill(void *context, double *k, int first, int count)
{
    const struct block *b = context;
    surrogate_model_covariances(b->s, b->m, k, b->f + first, count, b->graph[b->m->at.depth] + panel_at(b, first));
}

struct forecast {
    const struct surrogate *s;
    const struct surrogate_features *f;
    int n;
    double *mean, *variance; /* [models, n] */
};

static void forecast_block(void *context, int task)
{
    const struct forecast *w = context;
    int first = task * BLOCK, count = w->n - first < BLOCK ? w->n - first : BLOCK;
    struct block b;
    struct gp_query q = {.n = count, .fill = fill, .context = &b};
    block_start(&b, w->s, w->f + first, count);
    for (int k = 0; k < w->s->models; k++) {
        ptrdiff_t at = (ptrdiff_t)k * w->n + first;
        b.m = &w->s->model[k];
        gp_posterior(&b.m->gp, &q, vmath_exp(b.m->at.theta[KERNEL_VARIANCE]), w->mean + at, w->variance + at, NULL);
    }
    block_end(&b);
}

void surrogate_posteriors(const struct surrogate *s, const struct surrogate_features *f, int n, double *mean,
                          double *variance)
{
    struct forecast w = {.s = s, .f = f, .n = n, .mean = mean, .variance = variance};
    if (s->fitted_on > 0) {
        threads_run(s->options.pool, (n + BLOCK - 1) / BLOCK, forecast_block, &w);
        return;
    }
    for (int i = 0; i < n; i++) {
        mean[i] = 0;
        variance[i] = vmath_exp(s->model[0].at.theta[KERNEL_VARIANCE]);
    }
}

static void put_part(const struct surrogate *s, double mean, double variance, double best, struct surrogate_part *out)
{
    double sd = sqrt(variance), unit = surrogate_unit(s, best);
    out->mean = surrogate_score(s, mean);
    out->sd = surrogate_score(s, mean + sd) - out->mean;
    out->z = sd > 0 ? (mean - best) / sd : 0;
    out->log_ei = vmath_log(unit) + acquire_log_ei(mean, sd, best);
    out->ei = vmath_exp(out->log_ei);
}

/* mean[k * n] and variance[k * n] are those of model k. The mixture's variance is the mean of the models' and what their
 * means are apart. */
static void put_view(const struct surrogate *s, const double *mean, const double *variance, int n,
                     struct surrogate_view *out)
{
    double best = s->standing ? s->standing[s->incumbent] : 0, m = 0, v = 0, log_ei[SURROGATE_MODELS_MAX];
    *out = (struct surrogate_view){.parts = s->models};
    for (int k = 0; k < s->models; k++)
        m += mean[k * n] / s->models;
    for (int k = 0; k < s->models; k++) {
        double off = mean[k * n] - m;
        v += (variance[k * n] + off * off) / s->models;
        put_part(s, mean[k * n], variance[k * n], best, &out->part[k]);
        log_ei[k] = out->part[k].log_ei;
    }
    out->mean = surrogate_score(s, m);
    out->sd = surrogate_score(s, m + sqrt(v)) - out->mean;
    out->best = surrogate_score(s, best);
    out->z = v > 0 ? (m - best) / sqrt(v) : 0;
    out->log_ei = acquire_log_mean(log_ei, s->models);
    out->ei = vmath_exp(out->log_ei);
}

void surrogate_predict_features(const struct surrogate *s, const struct surrogate_features *f, int n,
                                struct surrogate_view *out)
{
    double *mean = NEW_ARRAY(double, n * s->models), *variance = NEW_ARRAY(double, n * s->models);
    surrogate_posteriors(s, f, n, mean, variance);
    for (int i = 0; i < n; i++)
        put_view(s, mean + i, variance + i, n, &out[i]);
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
static void graph_among(int depth, const struct wl_index *x, const struct surrogate_point *p, int at, double *dot,
                        int n, double *graph, int rows)
{
    memset(dot, 0, (size_t)n * sizeof *dot);
    for (int t = 0; t <= depth; t++)
        wl_index_dots(x, &p[at].f.wl, t, dot);
    for (int i = 0; i < rows; i++)
        graph[i * GP_LANES + at % GP_LANES] = surrogate_likeness(dot[i], p[i].self[depth], p[at].self[depth]);
}

/* The prior covariances among points that are asked about. */
static void prior_among(const struct surrogate *s, const struct surrogate_model *m, const struct surrogate_features *f,
                        int n, struct gp_matrix *out)
{
    struct kernel_data shape = {.dims = s->sizes, .graph = out};
    struct kernel k;
    struct wl_index index = {.room = 0};
    double *x = NEW_ARRAY(double, n * s->sizes), *graph = NEW_ARRAY(double, out->panels *DENSE_SQUARE);
    double *dot = NEW_ARRAY(double, n);
    struct surrogate_point *p = NEW_ARRAY(struct surrogate_point, n);
    kernel_start(&k, &shape, m->at.theta);
    for (int i = 0; i < n; i++) {
        surrogate_point_of(&p[i], &f[i]);
        wl_index_add(&index, &f[i].wl, i);
        memcpy(x + i * s->sizes, f[i].size, (size_t)s->sizes * sizeof *x);
    }
    double *scaled = kernel_scaled(&k, x, n);
    for (int q = 0; q < out->panels; q++) {
        int first = q * GP_LANES, rows = first + GP_LANES < n ? first + GP_LANES : n;
        for (int l = 0; l < GP_LANES && first + l < n; l++)
            graph_among(m->at.depth, &index, p, first + l, dot, n, graph, rows);
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
    const struct surrogate_model *m = &s->model[random_below(r, (uint32_t)s->models)];
    struct block b;
    struct gp_query q = {.n = n, .fill = fill, .context = &b};
    gp_matrix_start(&covariance, n);
    prior_among(s, m, f, n, &covariance);
    block_start(&b, s, f, n);
    b.m = m;
    if (s->fitted_on > 0)
        gp_posterior_joint(&m->gp, &q, &covariance, mean);
    block_end(&b);
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
