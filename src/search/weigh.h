/* Several objectives as one: ParEGO (Knowles, IEEE TEC 2006). Each proposal draws weights and seeks what makes
 *
 *   g = max_j w_j f_j + 0.05 sum_j w_j f_j        (augmented Tchebycheff)
 *
 * small, f_j being the losses scaled to 0 .. 1 over the trials told: of the score linearly, of parameters, multiply-adds
 * and latency by their logarithms. Parameters and multiply-adds are known of a candidate, latency is taken as a second
 * surrogate's mean: only the score is uncertain, g falls with it in two straight pieces, and the expected improvement of
 * g has a closed form. */
#ifndef SEARCH_WEIGH_H
#define SEARCH_WEIGH_H

#include "search/search.h"

enum { WEIGH_SCORE, WEIGH_PARAMETERS, WEIGH_MACS, WEIGH_LATENCY, WEIGH_N };

struct weigh {
    double weight[WEIGH_N]; /* 0 where it is no objective; they sum to 1 */
    double least[WEIGH_N], most[WEIGH_N]; /* of the trials told: of the score itself, of the others' logarithms */
    double best;                          /* smallest g at a trial told, with the posterior mean as its score */
};

/* The losses beside the score's, as max and sum of w_j f_j. cost: logarithms. */
void weigh_costs(const struct weigh *w, const double cost[WEIGH_N], double *most, double *sum);
/* g for a score. */
double weigh_at(const struct weigh *w, double score, const double cost[WEIGH_N]);
/* E[max(best - g, 0)] for a score ~ N(mean, sd^2), and its logarithm. */
double weigh_ei(const struct weigh *w, double mean, double sd, const double cost[WEIGH_N]);
double weigh_log_ei(const struct weigh *w, double mean, double sd, const double cost[WEIGH_N]);

#endif
