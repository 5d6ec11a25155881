#include "search/surrogate_internal.h"

#include "base/memory.h"
#include "base/vmath.h"

#include <math.h>

struct surrogate *surrogate_new(const struct surrogate_options *options)
{
    struct surrogate *s = NEW(struct surrogate);
    s->options = *options;
    s->spread = 1;
    surrogate_start_theta(s);
    return s;
}

static void forget_factor(struct surrogate *s)
{
    gp_end(&s->gp);
    kernel_end(&s->kernel);
    free(s->scaled);
    free(s->standing);
    s->scaled = s->standing = NULL;
    s->fitted_on = 0;
}

void surrogate_free(struct surrogate *s)
{
    if (!s)
        return;
    for (int i = 0; i < s->points; i++)
        surrogate_features_end(&s->point[i].f);
    free(s->point);
    wl_index_end(&s->index);
    ranks_end(&s->ranks);
    forget_factor(s);
    free(s);
}

/* --- points ------------------------------------------------------------------------------------------------------- */

static double longest_path(const struct arch *a)
{
    int *length = NEW_ARRAY(int, a->nodes), most = 0;
    for (int i = 0; i < a->nodes; i++) {
        for (int k = 0; k < a->node[i].inputs; k++)
            if (length[a->node[i].input[k]] > length[i])
                length[i] = length[a->node[i].input[k]];
        length[i]++;
        most = length[i] > most ? length[i] : most;
    }
    free(length);
    return most;
}

static double log10_of(int64_t n)
{
    return vmath_log((double)(n > 1 ? n : 1)) * 0.43429448190325182765;
}

void surrogate_features_of(struct surrogate_features *out, const struct arch *a)
{
    *out = (struct surrogate_features){
        .size = {log10_of(arch_parameters(a)), log10_of(arch_macs(a)), longest_path(a) / 8}, .sizes = 3};
    wl_start(&out->wl, a);
}

void surrogate_features_end(struct surrogate_features *f)
{
    wl_end(&f->wl);
}

void surrogate_point_of(struct surrogate_point *out, const struct surrogate_features *f)
{
    double sum = 0;
    *out = (struct surrogate_point){.f = *f};
    for (int t = 0; t < WL_DEPTHS; t++) {
        sum += wl_dot(&f->wl, &f->wl, t);
        out->self[t] = sum;
    }
}

double surrogate_likeness(double dot, double a, double b)
{
    double g = a > 0 && b > 0 ? dot / sqrt(a * b) : a > 0 || b > 0 ? 0 : 1;
    return 0.5 * (g + g * g);
}

double surrogate_wl(const struct surrogate_point *a, const struct surrogate_point *b, int depth)
{
    double sum = 0;
    for (int t = 0; t <= depth; t++)
        sum += wl_dot(&a->f.wl, &b->f.wl, t);
    return surrogate_likeness(sum, a->self[depth], b->self[depth]);
}

void surrogate_graph_lane(const struct surrogate *s, double *graph, int lane, const struct surrogate_features *f,
                          int points)
{
    double *dot = NEW_ARRAY(double, s->points), self = 0;
    for (int t = 0; t <= s->depth; t++) {
        wl_index_dots(&s->index, &f->wl, t, dot);
        self += wl_dot(&f->wl, &f->wl, t);
    }
    for (int i = 0; i < points; i++)
        graph[i * GP_LANES + lane] = surrogate_likeness(dot[i], self, s->point[i].self[s->depth]);
    free(dot);
}

static void check(const struct surrogate *s, const struct surrogate_features *f)
{
    ASSERT(f->sizes >= 0 && f->sizes <= SURROGATE_SIZES_MAX && (s->points == 0 || f->sizes == s->sizes));
    for (int i = 0; i < f->sizes; i++)
        ASSERT(isfinite(f->size[i]));
}

static void put_point(struct surrogate *s, const struct surrogate_features *f, double score, double noise)
{
    s->point = memory_grow(s->point, &s->capacity, (size_t)s->points + 1, sizeof *s->point);
    struct surrogate_point *p = &s->point[s->points];
    surrogate_point_of(p, f);
    wl_copy(&p->f.wl, &f->wl);
    p->score = score;
    p->noise = noise;
    s->sizes = f->sizes;
    wl_index_add(&s->index, &f->wl, s->points++);
}

static void forget_beliefs(struct surrogate *s)
{
    if (s->points == s->n)
        return;
    while (s->points > s->n)
        surrogate_features_end(&s->point[--s->points].f);
    wl_index_cut(&s->index, s->n);
    if (s->gp.n > s->n)
        gp_truncate(&s->gp, s->n);
}

void surrogate_add_features(struct surrogate *s, const struct surrogate_features *f, double score, double noise)
{
    ASSERT(isfinite(score) && noise >= 0 && isfinite(noise));
    check(s, f);
    forget_beliefs(s);
    put_point(s, f, score, noise);
    s->n = s->points;
}

void surrogate_add(struct surrogate *s, const struct arch *a, double score, double noise)
{
    struct surrogate_features f;
    surrogate_features_of(&f, a);
    surrogate_add_features(s, &f, score, noise);
    surrogate_features_end(&f);
}

int surrogate_n(const struct surrogate *s)
{
    return s->n;
}

/* --- factor ------------------------------------------------------------------------------------------------------- */

/* One observation more moves the ranks of all. */
static void rank_again(struct surrogate *s)
{
    if (!s->options.ranks)
        return;
    surrogate_set_ranks(s, s->n);
    double *y = NEW_ARRAY(double, s->n);
    for (int i = 0; i < s->n; i++)
        y[i] = surrogate_standardised(s, s->point[i].score);
    gp_retarget(&s->gp, y);
    free(y);
}

static double noise_of(const struct surrogate *s, int i)
{
    return s->kernel.noise + surrogate_noise(s, i);
}

/* The factor over the first `fitted_on` points, from scratch. */
static void factor(struct surrogate *s)
{
    int n = s->fitted_on, dims = s->sizes;
    struct gp_matrix graph;
    double *x = NEW_ARRAY(double, n *dims), *y = NEW_ARRAY(double, n), *noise = NEW_ARRAY(double, n);
    gp_matrix_start(&graph, n);
    for (int i = 0; i < n; i++) {
        memcpy(x + i * dims, s->point[i].f.size, (size_t)dims * sizeof *x);
        y[i] = surrogate_standardised(s, s->point[i].score);
        noise[i] = surrogate_noise(s, i);
    }
    double *column = NEW_ARRAY(double, n *GP_LANES);
    for (int j = 0; j < n; j++) {
        surrogate_graph_lane(s, column, 0, &s->point[j].f, j + 1);
        for (int i = 0; i <= j; i++)
            *gp_matrix_at(&graph, i, j) = column[i * GP_LANES];
    }
    struct kernel_data data = {.n = n, .dims = dims, .x = x, .y = y, .noise = noise, .graph = &graph};
    kernel_end(&s->kernel);
    kernel_start(&s->kernel, &data, s->theta);
    kernel_evidence(&data, s->theta, NULL, &s->gp, s->options.pool);
    gp_matrix_end(&graph);
    free(column);
    free(x);
    free(y);
    free(noise);
}

static void scale_points(struct surrogate *s)
{
    double *x = NEW_ARRAY(double, s->points * s->sizes);
    for (int i = 0; i < s->points; i++)
        memcpy(x + i * s->sizes, s->point[i].f.size, (size_t)s->sizes * sizeof *x);
    free(s->scaled);
    s->scaled = kernel_scaled(&s->kernel, x, s->points);
    free(x);
}

/* Point i, the first that the factor lacks, taken in with the target y. */
static void take_in(struct surrogate *s, int i, double y)
{
    int room = (i + GP_LANES) / GP_LANES * GP_LANES;
    double *graph = NEW_ARRAY(double, room *GP_LANES), *k = NEW_ARRAY(double, room *GP_LANES);
    surrogate_graph_lane(s, graph, 0, &s->point[i].f, i);
    kernel_covariances(&s->kernel, k, s->scaled, i, s->scaled + i * s->sizes, 1, graph);
    for (int j = 0; j < i; j++)
        k[j] = k[j * GP_LANES];
    gp_append(&s->gp, k, s->kernel.variance + noise_of(s, i), y);
    free(graph);
    free(k);
}

/* Posterior means at the observations: (K - noise) alpha = y - noise alpha. */
static void find_best(struct surrogate *s)
{
    free(s->standing);
    s->standing = NEW_ARRAY(double, s->n);
    s->incumbent = 0;
    for (int i = 0; i < s->n; i++) {
        s->standing[i] = s->gp.target[i] - (noise_of(s, i) + s->gp.jitter) * s->gp.alpha[i];
        if (s->standing[i] > s->standing[s->incumbent])
            s->incumbent = i;
    }
}

void surrogate_fit(struct surrogate *s)
{
    forget_beliefs(s);
    if (s->n == 0)
        return;
    int on = surrogate_fitted_on(s->n);
    if (s->fitted_on != on) {
        forget_factor(s);
        s->fitted_on = on;
        surrogate_search_theta(s, on);
        factor(s);
    }
    scale_points(s);
    for (int i = s->gp.n; i < s->n; i++)
        take_in(s, i, surrogate_standardised(s, s->point[i].score));
    rank_again(s);
    s->evidence = gp_evidence(&s->gp);
    find_best(s);
}

void surrogate_believe_features(struct surrogate *s, const struct surrogate_features *f)
{
    if (s->fitted_on == 0)
        return;
    check(s, f);
    ASSERT(s->gp.n == s->points); /* fitted behind what was added */
    struct surrogate_view v;
    surrogate_predict_features(s, f, 1, &v);
    put_point(s, f, v.mean, 0);
    scale_points(s);
    take_in(s, s->points - 1, surrogate_standardised(s, v.mean));
}

void surrogate_believe(struct surrogate *s, const struct arch *a)
{
    struct surrogate_features f;
    surrogate_features_of(&f, a);
    surrogate_believe_features(s, &f);
    surrogate_features_end(&f);
}

double surrogate_standing(const struct surrogate *s, int i)
{
    ASSERT(s->standing && i >= 0 && i < s->n);
    return surrogate_score(s, s->standing[i]);
}

struct surrogate_fitted surrogate_fitted(const struct surrogate *s)
{
    struct surrogate_fitted f = {.depth = s->depth,
                                 .n = s->n,
                                 .wl_share = s->sizes > 0 ? vmath_sigmoid(s->theta[KERNEL_SHARE]) : 1,
                                 .variance = vmath_exp(s->theta[KERNEL_VARIANCE]),
                                 .noise = vmath_exp(s->theta[KERNEL_NOISE]),
                                 .sizes = s->sizes,
                                 .jitter = s->gp.jitter,
                                 .log_likelihood = s->evidence};
    for (int d = 0; d < s->sizes; d++)
        f.length[d] = vmath_exp(s->theta[KERNEL_LENGTH + d]);
    return f;
}
