/* What a candidate is worth: its prediction and the acquisition's value. Declared in state.h. */
#include "search/state.h"

#include "base/memory.h"
#include "base/vmath.h"
#include "search/acquire.h"
#include "search/weigh.h"

#include <math.h>

#define UCB_SDS 2.0 /* standard deviations above the mean that are hoped for */

static const enum search_objective objective_of[WEIGH_N] = {SEARCH_SCORE, SEARCH_PARAMETERS, SEARCH_MACS,
                                                            SEARCH_LATENCY};

static double log_of(double n)
{
    return vmath_log(n > 1 ? n : 1);
}

/* Logarithms of what it costs; the latency measured, else as its surrogate has it. */
static void costs_of(const struct search *s, struct space_point p, double latency_us, double cost[WEIGH_N])
{
    int64_t parameters, macs;
    struct surrogate_view v = {.mean = 0};
    s->space.kind->costs(&s->space, p, &parameters, &macs);
    if (s->latency && !(latency_us > 0) && surrogate_n(s->latency) > 0) {
        struct surrogate_features own = {.sizes = 0};
        surrogate_predict_features(s->latency, s->space.kind->features(&s->space, p, &own), 1, &v);
        surrogate_features_end(&own);
    }
    cost[WEIGH_SCORE] = 0;
    cost[WEIGH_PARAMETERS] = log_of((double)parameters);
    cost[WEIGH_MACS] = log_of((double)macs);
    cost[WEIGH_LATENCY] = latency_us > 0 ? vmath_log(latency_us) : v.mean;
}

/* Even on the simplex: exponential numbers over their sum (Devroye 1986, chapter 5). */
static void draw_weights(const struct search *s, double weight[WEIGH_N])
{
    struct random r = random_start(s->options.seed, RANDOM_SEARCH, (uint32_t)s->told.n, (uint32_t)s->pending.n + 1);
    double sum = 0;
    for (int j = 0; j < WEIGH_N; j++) {
        double u = 1 - random_unit(&r);
        weight[j] = s->options.objectives & objective_of[j] ? -vmath_log(u) : 0;
        sum += weight[j];
    }
    for (int j = 0; j < WEIGH_N; j++)
        weight[j] = sum > 0 ? weight[j] / sum : j == WEIGH_SCORE;
}

static void widen(struct weigh *w, int j, double v)
{
    w->least[j] = v < w->least[j] ? v : w->least[j];
    w->most[j] = v > w->most[j] ? v : w->most[j];
}

static struct weigh weigh_told(const struct search *s)
{
    struct weigh w = {.best = INFINITY};
    const struct surrogate *g = search_surrogate(s);
    double(*cost)[WEIGH_N] = memory_new((size_t)s->told.n, sizeof *cost);
    int n = 0;
    draw_weights(s, w.weight);
    for (int j = 0; j < WEIGH_N; j++) {
        w.least[j] = INFINITY;
        w.most[j] = -INFINITY;
    }
    for (int i = 0; i < s->told.n; i++)
        if (!s->told.item[i].failed) {
            costs_of(s, search_point(&s->told.item[i]), s->told.item[i].latency_us, cost[n]);
            widen(&w, WEIGH_SCORE, surrogate_standing(g, n));
            for (int j = WEIGH_SCORE + 1; j < WEIGH_N; j++)
                widen(&w, j, cost[n][j]);
            n++;
        }
    for (int i = 0; i < n; i++) {
        double at = weigh_at(&w, surrogate_standing(g, i), cost[i]);
        w.best = at < w.best ? at : w.best;
    }
    free(cost);
    return w;
}

/* The logarithm of expected improvement, by multiply-adds where that is asked for: training costs in proportion to them,
 * and unlike seconds they are known beforehand and the same on every machine. */
static double value_of_ei(const struct search *s, const struct search_candidate *c)
{
    int64_t parameters, macs;
    if (s->options.acquire != SEARCH_EI_PER_COST)
        return c->view.log_ei;
    s->space.kind->costs(&s->space, space_point_of(c), &parameters, &macs);
    return c->view.log_ei - log_of((double)macs);
}

/* One objective: the view has it all. */
static double value_alone(const struct search *s, const struct search_candidate *c)
{
    return s->options.acquire == SEARCH_UCB ? c->view.mean + UCB_SDS * c->view.sd : value_of_ei(s, c);
}

static double value_weighed(const struct search *s, const struct weigh *w, struct search_candidate *c)
{
    double cost[WEIGH_N], log_ei[SURROGATE_MODELS_MAX];
    costs_of(s, space_point_of(c), 0, cost);
    for (int k = 0; k < c->view.parts; k++) {
        struct surrogate_part *part = &c->view.part[k];
        part->ei = weigh_ei(w, part->mean, part->sd, cost);
        log_ei[k] = part->log_ei = weigh_log_ei(w, part->mean, part->sd, cost);
    }
    c->view.log_ei = acquire_log_mean(log_ei, c->view.parts);
    c->view.ei = vmath_exp(c->view.log_ei);
    return s->options.acquire == SEARCH_UCB ? -weigh_at(w, c->view.mean + UCB_SDS * c->view.sd, cost) : value_of_ei(s, c);
}

static void put_values(const struct search *s, struct search_candidate *c, int n)
{
    struct weigh w;
    bool several = s->options.objectives != SEARCH_SCORE;
    if (several)
        w = weigh_told(s);
    for (int i = 0; i < n; i++)
        c[i].value = several ? value_weighed(s, &w, &c[i]) : value_alone(s, &c[i]);
}

static struct surrogate_features *features_of(const struct search *s, const struct search_candidate *c, int n,
                                              struct surrogate_features **own)
{
    struct surrogate_features *f = memory_new((size_t)n, sizeof *f);
    *own = memory_new((size_t)n, sizeof **own);
    for (int i = 0; i < n; i++)
        f[i] = *s->space.kind->features(&s->space, space_point_of(&c[i]), &(*own)[i]);
    return f;
}

static void features_free(struct surrogate_features *f, struct surrogate_features *own, int n)
{
    for (int i = 0; i < n; i++)
        surrogate_features_end(&own[i]);
    free(own);
    free(f);
}

void search_predict(const struct search *s, struct search_candidate *c, int n)
{
    const struct surrogate *g = search_surrogate(s);
    if (!g || surrogate_n(g) < 1 || n == 0)
        return;
    struct surrogate_features *own, *f = features_of(s, c, n, &own);
    struct surrogate_view *view = memory_new((size_t)n, sizeof *view);
    surrogate_predict_features(g, f, n, view);
    for (int i = 0; i < n; i++) {
        c[i].predicted = true;
        c[i].view = view[i];
    }
    put_values(s, c, n);
    features_free(f, own, n);
    free(view);
}

void search_sample(const struct search *s, struct search_candidate *c, int n, struct random *r)
{
    struct weigh w;
    bool several = s->options.objectives != SEARCH_SCORE;
    struct surrogate_features *own, *f = features_of(s, c, n, &own);
    double *score = NEW_ARRAY(double, n), cost[WEIGH_N];
    surrogate_sample(search_surrogate(s), f, n, r, score);
    if (several)
        w = weigh_told(s);
    for (int i = 0; i < n; i++) {
        if (several)
            costs_of(s, space_point_of(&c[i]), 0, cost);
        c[i].value = several ? -weigh_at(&w, score[i], cost) : score[i];
    }
    features_free(f, own, n);
    free(score);
}
