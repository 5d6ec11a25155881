#include "search/surrogate.h"

#include "base/memory.h"
#include "base/text.h"
#include "base/vmath.h"
#include "search/acquire.h"
#include "search/surrogate_fit.h"

#include <math.h>

struct surrogate *surrogate_new(const struct surrogate_options *options)
{
    struct surrogate *s = NEW(struct surrogate);
    s->options = *options;
    s->hyper = surrogate_preset();
    s->spread = 1;
    return s;
}

void surrogate_free(struct surrogate *s)
{
    if (!s)
        return;
    for (int i = 0; i < s->points; i++)
        surrogate_features_end(&s->point[i].f);
    free(s->point);
    free(s->standing);
    gp_end(&s->gp);
    free(s);
}

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

/* Borrows the features. */
static struct surrogate_point point_of(const struct surrogate_features *f)
{
    struct surrogate_point p = {.f = *f};
    double sum = 0;
    for (int t = 0; t < WL_DEPTHS; t++) {
        sum += wl_dot(&f->wl, &f->wl, t);
        p.self[t] = sum;
    }
    return p;
}

static void put_point(struct surrogate *s, struct surrogate_point p)
{
    s->point = memory_grow(s->point, &s->capacity, (size_t)s->points + 1, sizeof *s->point);
    wl_copy(&p.f.wl, &p.f.wl);
    s->point[s->points++] = p;
}

static void forget_beliefs(struct surrogate *s)
{
    while (s->points > s->n)
        surrogate_features_end(&s->point[--s->points].f);
}

void surrogate_add_features(struct surrogate *s, const struct surrogate_features *f, double score, double noise)
{
    ASSERT(isfinite(score) && noise >= 0 && isfinite(noise));
    ASSERT(f->sizes >= 0 && f->sizes <= SURROGATE_SIZES_MAX && (s->n == 0 || f->sizes == s->point[0].f.sizes));
    forget_beliefs(s);
    struct surrogate_point p = point_of(f);
    p.score = score;
    p.noise = noise;
    put_point(s, p);
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

double surrogate_covariance(const struct surrogate_hyper *h, double wl, double distance)
{
    double r = sqrt(5.0) * distance / h->length;
    double matern = (1 + r + r * r / 3) * vmath_exp(-r);
    return h->variance * (h->wl_share * wl + (1 - h->wl_share) * matern);
}

double surrogate_distance(const struct surrogate_point *a, const struct surrogate_point *b)
{
    double sum = 0;
    for (int i = 0; i < a->f.sizes; i++)
        sum += (a->f.size[i] - b->f.size[i]) * (a->f.size[i] - b->f.size[i]);
    return sqrt(sum);
}

double surrogate_wl(const struct surrogate_point *a, const struct surrogate_point *b, int depth)
{
    double sum = 0;
    for (int t = 0; t <= depth; t++)
        sum += wl_dot(&a->f.wl, &b->f.wl, t);
    return sum / sqrt(a->self[depth] * b->self[depth]);
}

static double covariance(const struct surrogate *s, const struct surrogate_point *a, const struct surrogate_point *b)
{
    return surrogate_covariance(&s->hyper, surrogate_wl(a, b, s->hyper.depth), surrogate_distance(a, b));
}

static double *covariances(const struct surrogate *s, const struct surrogate_point *p)
{
    double *k = NEW_ARRAY(double, s->gp.n);
    for (int i = 0; i < s->gp.n; i++)
        k[i] = covariance(s, p, &s->point[i]);
    return k;
}

/* Mean and spread of the scores. Where all are the same, what their noise says, or 1, stands in for the spread. */
static void standardise(struct surrogate *s)
{
    double sum = 0, square = 0, noise = 0;
    for (int i = 0; i < s->n; i++) {
        sum += s->point[i].score / s->n;
        noise += s->point[i].noise / s->n;
    }
    for (int i = 0; i < s->n; i++)
        square += (s->point[i].score - sum) * (s->point[i].score - sum) / s->n;
    s->centre = s->n > 0 ? sum : 0;
    s->spread = sqrt(square) > 1e-9 * (1 + fabs(sum)) ? sqrt(square) : noise > 0 ? sqrt(noise) : 1;
}

static void find_best(struct surrogate *s)
{
    free(s->standing);
    s->standing = NEW_ARRAY(double, s->n);
    s->incumbent = 0;
    for (int i = 0; i < s->n; i++) {
        double *k = covariances(s, &s->point[i]);
        s->standing[i] = gp_mean(&s->gp, k);
        if (s->standing[i] > s->standing[s->incumbent])
            s->incumbent = i;
        free(k);
    }
}

void surrogate_fit(struct surrogate *s)
{
    forget_beliefs(s);
    standardise(s);
    s->hyper = surrogate_preset();
    gp_end(&s->gp);
    s->fitted = s->n > 0;
    if (!s->fitted)
        return;
    surrogate_search_hyper(s);
    find_best(s);
}

void surrogate_believe_features(struct surrogate *s, const struct surrogate_features *f)
{
    if (!s->fitted)
        return;
    struct surrogate_point p = point_of(f);
    double *k = covariances(s, &p);
    double mean = gp_mean(&s->gp, k);
    gp_append(&s->gp, k, s->hyper.variance + s->hyper.noise, mean);
    p.score = s->centre + s->spread * mean;
    put_point(s, p);
    free(k);
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
    ASSERT(s->fitted && i >= 0 && i < s->n);
    return s->centre + s->spread * s->standing[i];
}

static void predict_one(const struct surrogate *s, const struct surrogate_features *f, struct surrogate_view *out)
{
    double mean = 0, variance = s->hyper.variance, best = 0;
    if (s->fitted) {
        struct surrogate_point p = point_of(f);
        double *k = covariances(s, &p);
        mean = gp_mean(&s->gp, k);
        variance = gp_variance(&s->gp, k, s->hyper.variance);
        best = s->standing[s->incumbent];
        free(k);
    }
    double sd = sqrt(variance);
    out->mean = s->centre + s->spread * mean;
    out->sd = s->spread * sd;
    out->best = s->centre + s->spread * best;
    out->z = sd > 0 ? (mean - best) / sd : 0;
    out->ei = s->spread * acquire_ei(mean, sd, best);
    out->log_ei = vmath_log(s->spread) + acquire_log_ei(mean, sd, best);
}

void surrogate_predict_features(const struct surrogate *s, const struct surrogate_features *f, int n,
                                struct surrogate_view *out)
{
    for (int i = 0; i < n; i++)
        predict_one(s, &f[i], &out[i]);
}

void surrogate_predict(const struct surrogate *s, const struct arch *a, struct surrogate_view *out)
{
    struct surrogate_features f;
    surrogate_features_of(&f, a);
    surrogate_predict_features(s, &f, 1, out);
    surrogate_features_end(&f);
}

struct surrogate_fitted surrogate_fitted(const struct surrogate *s)
{
    const struct surrogate_hyper *h = &s->hyper;
    return (struct surrogate_fitted){.depth = h->depth,
                                     .n = s->n,
                                     .wl_share = h->wl_share,
                                     .length = h->length,
                                     .variance = h->variance,
                                     .noise = h->noise,
                                     .jitter = s->gp.jitter,
                                     .log_likelihood = s->evidence};
}

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

static double mean_of(const struct surrogate *s, const struct surrogate_point *p)
{
    double *k = covariances(s, p), mean = gp_mean(&s->gp, k);
    free(k);
    return mean;
}

/* The prediction less what it would be if this label were as frequent as in the incumbent. */
static double label_effect(const struct surrogate *s, const struct surrogate_point *p, uint64_t label, int count)
{
    struct surrogate_point other = *p;
    wl_with_count(&other.f.wl, &p->f.wl, label, count);
    double change = wl_dot(&other.f.wl, &other.f.wl, 0) - wl_dot(&p->f.wl, &p->f.wl, 0);
    for (int t = 0; t < WL_DEPTHS; t++)
        other.self[t] += change;
    double effect = other.self[0] > 0 ? mean_of(s, p) - mean_of(s, &other) : 0;
    wl_end(&other.f.wl);
    return s->spread * effect;
}

static int label_effects(const struct surrogate *s, const struct surrogate_point *p, struct effect *out)
{
    const struct wl *mine = &p->f.wl, *best = &s->point[s->incumbent].f.wl;
    int n = 0;
    for (int side = 0; side < 2; side++) {
        const struct wl *w = side == 0 ? mine : best;
        for (int i = 0; i < w->n[0]; i++) {
            uint64_t label = w->feature[0][i].label;
            int here = count_of(mine, label), there = count_of(best, label);
            if (here == there || (side == 1 && here > 0))
                continue;
            text_copy(out[n].text, sizeof out[n].text, w->name[i]);
            out[n++].size = label_effect(s, p, label, there);
        }
    }
    return n;
}

static int size_effects(const struct surrogate *s, const struct surrogate_point *p, struct effect *out)
{
    static const char *const name[SURROGATE_SIZES_MAX] = {"parameters", "multiply-adds", "depth",  "size 4",
                                                          "size 5",     "size 6",        "size 7", "size 8"};
    int n = 0;
    for (int i = 0; i < p->f.sizes; i++) {
        struct surrogate_point other = *p;
        other.f.size[i] = s->point[s->incumbent].f.size[i];
        if (other.f.size[i] == p->f.size[i])
            continue;
        text_copy(out[n].text, sizeof out[n].text, name[i]);
        out[n++].size = s->spread * (mean_of(s, p) - mean_of(s, &other));
    }
    return n;
}

int surrogate_explain_features(const struct surrogate *s, const struct surrogate_features *f, char (*out)[96], int n)
{
    if (!s->fitted)
        return 0;
    struct surrogate_point p = point_of(f);
    int most = f->wl.n[0] + s->point[s->incumbent].f.wl.n[0] + f->sizes;
    struct effect *effect = NEW_ARRAY(struct effect, most);
    int found = label_effects(s, &p, effect);
    found += size_effects(s, &p, effect + found);
    qsort(effect, (size_t)found, sizeof *effect, compare_effects);
    n = found < n ? found : n;
    for (int i = 0; i < n; i++)
        snprintf(out[i], sizeof out[i], "%s %+.2g", effect[i].text, effect[i].size);
    free(effect);
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
