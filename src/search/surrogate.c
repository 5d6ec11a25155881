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
    for (int k = 0; k < s->models; k++)
        surrogate_model_end(&s->model[k]);
    free(s->standing);
    s->standing = NULL;
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

void surrogate_graph_lane(const struct surrogate *s, double *const graph[WL_DEPTHS], int lane,
                          const struct surrogate_features *f, int points)
{
    double *dot = NEW_ARRAY(double, s->points), self = 0;
    int deepest = WL_DEPTHS - 1;
    while (deepest > 0 && !graph[deepest])
        deepest--;
    for (int t = 0; t <= deepest; t++) {
        wl_index_dots(&s->index, &f->wl, t, dot);
        self += wl_dot(&f->wl, &f->wl, t);
        for (int i = 0; i < points && graph[t]; i++)
            graph[t][(ptrdiff_t)i * GP_LANES + lane] = surrogate_likeness(dot[i], self, s->point[i].self[t]);
    }
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
    for (int k = 0; k < s->models; k++)
        if (s->model[k].gp.n > s->n)
            gp_truncate(&s->model[k].gp, s->n);
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

/* --- fit ---------------------------------------------------------------------------------------------------------- */

/* One observation more moves the ranks of all. */
static void rank_again(struct surrogate *s)
{
    if (!s->options.ranks)
        return;
    surrogate_set_ranks(s, s->n);
    double *y = NEW_ARRAY(double, s->n);
    for (int i = 0; i < s->n; i++)
        y[i] = surrogate_standardised(s, s->point[i].score);
    for (int k = 0; k < s->models; k++)
        gp_retarget(&s->model[k].gp, y);
    free(y);
}

static void find_best(struct surrogate *s)
{
    free(s->standing);
    s->standing = NEW_ARRAY(double, s->n);
    s->incumbent = 0;
    for (int k = 0; k < s->models; k++) {
        surrogate_model_stand(s, &s->model[k]);
        for (int i = 0; i < s->n; i++)
            s->standing[i] += s->model[k].standing[i] / s->models;
    }
    for (int i = 0; i < s->n; i++)
        if (s->standing[i] > s->standing[s->incumbent])
            s->incumbent = i;
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
        for (int k = 0; k < s->models; k++)
            surrogate_model_factor(s, &s->model[k]);
    }
    for (int k = 0; k < s->models; k++) {
        struct surrogate_model *m = &s->model[k];
        surrogate_model_scale(s, m);
        for (int i = m->gp.n; i < s->n; i++)
            surrogate_model_take_in(s, m, i, surrogate_standardised(s, s->point[i].score));
    }
    rank_again(s);
    find_best(s);
}

/* What each model believes is its own mean: no mean moves by it. */
void surrogate_believe_features(struct surrogate *s, const struct surrogate_features *f)
{
    double y[SURROGATE_MODELS_MAX], variance[SURROGATE_MODELS_MAX], mean = 0;
    if (s->fitted_on == 0)
        return;
    check(s, f);
    ASSERT(s->model[0].gp.n == s->points); /* fitted behind what was added */
    surrogate_posteriors(s, f, 1, y, variance);
    for (int k = 0; k < s->models; k++)
        mean += y[k] / s->models;
    put_point(s, f, surrogate_score(s, mean), 0);
    for (int k = 0; k < s->models; k++) {
        surrogate_model_scale(s, &s->model[k]);
        surrogate_model_take_in(s, &s->model[k], s->points - 1, y[k]);
    }
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
    struct surrogate_fitted f = {.n = s->n, .models = s->models, .sizes = s->sizes};
    double theta[KERNEL_LENGTH + SURROGATE_SIZES_MAX] = {0};
    int votes[WL_DEPTHS] = {0};
    for (int k = 0; k < s->models; k++) {
        const struct surrogate_model *m = &s->model[k];
        if (++votes[m->at.depth] > votes[f.depth])
            f.depth = m->at.depth;
        for (int i = 0; i < KERNEL_LENGTH + s->sizes; i++)
            theta[i] += m->at.theta[i] / s->models;
        f.jitter = m->gp.jitter > f.jitter ? m->gp.jitter : f.jitter;
        f.log_likelihood += m->gp.n > 0 ? gp_evidence(&m->gp) / s->models : 0;
    }
    f.wl_share = s->sizes > 0 ? vmath_sigmoid(theta[KERNEL_SHARE]) : 1;
    f.variance = vmath_exp(theta[KERNEL_VARIANCE]);
    f.noise = vmath_exp(theta[KERNEL_NOISE]);
    for (int d = 0; d < s->sizes; d++)
        f.length[d] = vmath_exp(theta[KERNEL_LENGTH + d]);
    return f;
}
