#include "search/weigh.h"

#include "base/vmath.h"
#include "search/acquire.h"

#include <math.h>

#define AUGMENT 0.05

static double range_of(const struct weigh *w, int j)
{
    return w->most[j] > w->least[j] ? w->most[j] - w->least[j] : 1;
}

void weigh_costs(const struct weigh *w, const double cost[WEIGH_N], double *most, double *sum)
{
    *most = -INFINITY;
    *sum = 0;
    for (int j = WEIGH_SCORE + 1; j < WEIGH_N; j++) {
        double f = w->weight[j] > 0 ? w->weight[j] * (cost[j] - w->least[j]) / range_of(w, j) : 0;
        *most = w->weight[j] > 0 && f > *most ? f : *most;
        *sum += f;
    }
}

double weigh_at(const struct weigh *w, double score, const double cost[WEIGH_N])
{
    double most, sum, f = w->weight[WEIGH_SCORE] * (w->most[WEIGH_SCORE] - score) / range_of(w, WEIGH_SCORE);
    weigh_costs(w, cost, &most, &sum);
    return (f > most ? f : most) + AUGMENT * (f + sum);
}

/* With u the score's own weighed loss, g = max(u, most) + AUGMENT (u + sum). Where u > most, g falls with the score by
 * 1 + AUGMENT a unit of u, beyond by AUGMENT alone. So max(best - g, 0) is
 *   (1 + AUGMENT) (from - u)+ - (most - u)+   if it begins at some u = from > most,
 *   AUGMENT (from - u)+                       else,
 * and u is linear in the score: each (..)+ is an expected improvement. Piece by piece in units of u, ei(t) =
 * E[max(t - u, 0)] for u ~ N(mean, sd^2) is that of a maximum with both signs turned. */
struct pieces {
    double mean, sd, from, kink; /* of u */
    bool steep;                  /* the improvement begins above the kink */
};

static struct pieces pieces_of(const struct weigh *w, double mean, double sd, const double cost[WEIGH_N])
{
    double sum, by = w->weight[WEIGH_SCORE] / range_of(w, WEIGH_SCORE);
    struct pieces p = {.mean = by * (w->most[WEIGH_SCORE] - mean), .sd = by * sd};
    weigh_costs(w, cost, &p.kink, &sum);
    p.from = (w->best - AUGMENT * sum) / (1 + AUGMENT);
    p.steep = p.from > p.kink;
    if (!p.steep)
        p.from = (w->best - p.kink) / AUGMENT - sum;
    return p;
}

double weigh_ei(const struct weigh *w, double mean, double sd, const double cost[WEIGH_N])
{
    struct pieces p = pieces_of(w, mean, sd, cost);
    double ei = acquire_ei(-p.mean, p.sd, -p.from);
    if (!p.steep)
        return AUGMENT * ei;
    double beyond = isfinite(p.kink) ? acquire_ei(-p.mean, p.sd, -p.kink) : 0;
    ei = (1 + AUGMENT) * ei - beyond;
    return ei > 0 ? ei : 0;
}

double weigh_log_ei(const struct weigh *w, double mean, double sd, const double cost[WEIGH_N])
{
    struct pieces p = pieces_of(w, mean, sd, cost);
    double first = acquire_log_ei(-p.mean, p.sd, -p.from);
    if (!p.steep)
        return first + vmath_log(AUGMENT);
    if (!isfinite(p.kink))
        return first + vmath_log1p(AUGMENT);
    double beyond = acquire_log_ei(-p.mean, p.sd, -p.kink); /* at most the first: the kink is met later */
    return first + vmath_log(1 + AUGMENT - vmath_exp(beyond < first ? beyond - first : 0));
}
