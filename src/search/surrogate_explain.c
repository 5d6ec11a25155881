/* Why the surrogate predicts what it does. The posterior mean is a sum over observations, k' alpha, and a change of one
 * label's count or of one size changes k in a known way: no factor is touched. */
#include "search/surrogate_internal.h"

#include "base/memory.h"
#include "base/text.h"

#include <math.h>

struct effect {
    char text[WL_NAME_MAX];
    double size;
};

static int compare_effects(const void *a, const void *b)
{
    const struct effect *x = a, *y = b;
    double p = fabs(x->size), q = fabs(y->size);
    return p != q ? (p < q) - (p > q) : strcmp(x->text, y->text);
}

static int count_of(const struct wl *w, uint64_t label)
{
    for (int i = 0; i < w->n[0]; i++)
        if (w->feature[0][i].label == label)
            return w->feature[0][i].count;
    return 0;
}

struct question {
    const struct surrogate *s;
    const struct surrogate_features *f;
    struct surrogate_point p; /* borrows f */
    double *dot[WL_DEPTHS];   /* [points] with the observations, to each depth, not normalised */
    double mean;              /* the prediction, standardised */
};

/* What the score would be less where the standardised mean is `by` less. */
static double effect_of(const struct question *q, double by)
{
    return surrogate_score(q->s, q->mean) - surrogate_score(q->s, q->mean - by);
}

/* The graph's part of a model's mean where dot and self are changed by one label's count. */
static double model_mean(const struct question *q, const struct surrogate_model *m, uint64_t label, int here, int there)
{
    const struct surrogate *s = q->s;
    int n, at = 0, depth = m->at.depth;
    double self = q->p.self[depth] + (double)there * there - (double)here * here, sum = 0;
    const struct wl_posting *posting = wl_index_find(&s->index, label, &n);
    for (int i = 0; i < m->gp.n; i++) {
        double dot = q->dot[depth][i];
        while (at < n && posting[at].point < i)
            at++;
        if (at < n && posting[at].point == i)
            dot += (double)posting[at].count * (there - here);
        sum += m->gp.alpha[i] * surrogate_likeness(dot, self, s->point[i].self[depth]);
    }
    return m->kernel.variance * m->kernel.share * sum;
}

static double graph_mean(const struct question *q, uint64_t label, int here, int there)
{
    double sum = 0;
    for (int k = 0; k < q->s->models; k++)
        sum += model_mean(q, &q->s->model[k], label, here, there) / q->s->models;
    return sum;
}

/* The prediction less what it would be if each label were as frequent as in the incumbent. */
static int label_effects(const struct question *q, struct effect *out)
{
    const struct wl *mine = &q->f->wl, *best = &q->s->point[q->s->incumbent].f.wl;
    int n = 0;
    for (int side = 0; side < 2; side++) {
        const struct wl *w = side == 0 ? mine : best;
        for (int i = 0; i < w->n[0]; i++) {
            uint64_t label = w->feature[0][i].label;
            int here = count_of(mine, label), there = count_of(best, label);
            if (here == there || (side == 1 && here > 0))
                continue;
            text_copy(out[n].text, sizeof out[n].text, w->name[i]);
            out[n++].size = effect_of(q, graph_mean(q, label, here, here) - graph_mean(q, label, here, there));
        }
    }
    return n;
}

/* The sizes' part of a model's mean: mean[0] at the point itself, mean[1 + d] with the incumbent's size d. */
static void add_size_means(const struct question *q, const struct surrogate_model *m, double *mean)
{
    const struct surrogate *s = q->s;
    int dims = s->sizes, n = m->gp.n, room = (n + GP_LANES - 1) / GP_LANES * GP_LANES;
    double *at = NEW_ARRAY(double, (dims + 1) * dims), *k = NEW_ARRAY(double, room *GP_LANES);
    for (int l = 0; l <= dims; l++)
        for (int d = 0; d < dims; d++)
            at[l * dims + d] = m->kernel.scale[d] * (l == d + 1 ? s->point[s->incumbent].f.size[d] : q->f->size[d]);
    kernel_covariances(&m->kernel, k, m->scaled, n, at, dims + 1, NULL);
    for (int i = 0; i < n; i++)
        for (int l = 0; l <= dims; l++)
            mean[l] += m->gp.alpha[i] * k[i * GP_LANES + l] / s->models;
    free(at);
    free(k);
}

static int size_effects(const struct question *q, struct effect *out)
{
    static const char *const name[SURROGATE_SIZES_MAX] = {"parameters", "multiply-adds", "depth",  "size 4",
                                                          "size 5",     "size 6",        "size 7", "size 8"};
    const struct surrogate *s = q->s;
    double mean[SURROGATE_SIZES_MAX + 1] = {0};
    int used = 0;
    for (int k = 0; k < s->models; k++)
        add_size_means(q, &s->model[k], mean);
    for (int d = 0; d < s->sizes; d++) {
        if (s->point[s->incumbent].f.size[d] == q->f->size[d])
            continue;
        text_copy(out[used].text, sizeof out[used].text, name[d]);
        out[used++].size = effect_of(q, mean[0] - mean[d + 1]);
    }
    return used;
}

int surrogate_explain_features(const struct surrogate *s, const struct surrogate_features *f, char (*out)[96], int n)
{
    if (s->fitted_on == 0)
        return 0;
    struct surrogate_view v;
    surrogate_predict_features(s, f, 1, &v);
    struct question q = {
        .s = s, .f = f, .mean = surrogate_standardised(s, v.mean)};
    surrogate_point_of(&q.p, f);
    for (int t = 0; t < WL_DEPTHS; t++) {
        q.dot[t] = NEW_ARRAY(double, s->points);
        for (int i = 0; i < s->points && t > 0; i++)
            q.dot[t][i] = q.dot[t - 1][i];
        wl_index_dots(&s->index, &f->wl, t, q.dot[t]);
    }
    struct effect *effect = NEW_ARRAY(struct effect, f->wl.n[0] + s->point[s->incumbent].f.wl.n[0] + f->sizes);
    int found = label_effects(&q, effect);
    found += size_effects(&q, effect + found);
    qsort(effect, (size_t)found, sizeof *effect, compare_effects);
    n = found < n ? found : n;
    for (int i = 0; i < n; i++)
        snprintf(out[i], sizeof out[i], "%s %+.2g", effect[i].text, effect[i].size);
    free(effect);
    for (int t = 0; t < WL_DEPTHS; t++)
        free(q.dot[t]);
    return n;
}

int surrogate_explain(const struct surrogate *s, const struct arch *a, char (*out)[96], int n)
{
    struct surrogate_features f;
    surrogate_features_of(&f, a);
    n = surrogate_explain_features(s, &f, out, n);
    surrogate_features_end(&f);
    return n;
}
