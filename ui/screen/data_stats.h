/* The figures of the column under the cursor (histogram, moments, quantiles) and how the task's features go with its
 * target.
 *
 * Both are of the training part alone: the bars before the first validated sample of the first fold, which no fold is
 * judged on; on request all bars before the hold-out. Never of sealed ones. Computed off the drawing path. */
#ifndef UI_SCREEN_DATA_STATS_H
#define UI_SCREEN_DATA_STATS_H

#include "base/hash.h"
#include "data/frame.h"

#define DATA_BINS 64
#define DATA_SAMPLES_MOST ((size_t)200 * 1000) /* of more, every k-th is taken */

struct data_figures {
    size_t n, missing;
    double mean, sd, least, most;
    double quantile[5]; /* 5, 25, 50, 75, 95 % */
    size_t bin[DATA_BINS];
};

/* How one feature, by its value at the sample's last bar, goes with the target. */
struct data_tie {
    char feature[FRAME_NAME_MAX];
    double pearson, spearman, auc; /* NaN: not defined, or the target is no direction */
    double eta; /* of classes: the square root of the share of the spread that lies between them; else NaN */
    size_t n;
};

struct data_stats {
    bool all; /* every bar before the hold-out in place of the training part */
    /* of one column */
    struct hash frame;
    int column;
    bool has_figures, figures_all;
    struct data_figures figures;
    /* of the task */
    struct hash task;
    bool has_ties, computing, ties_all;
    struct data_tie *tie; /* the strongest first */
    int ties;
    size_t samples, every;
    int classes; /* more than two: eta stands in the place of the coefficients, which an order of names would make up */
    double seconds;
    char trouble[256];
    int top, most;
};

void data_figures_of(struct data_figures *out, const double *value, size_t n);
/* Ranks with ties averaged, as Spearman's coefficient and the area under the curve want them: rank[n] of value[n],
 * from 1. */
void data_ranks(double *rank, const double *value, size_t n);
double data_pearson(const double *x, const double *y, size_t n); /* NaN where one of them is constant */
/* Of the classes y, whole numbers from 0 below `classes`. */
double data_eta(const double *x, const double *y, size_t n, int classes);
void data_tie_of(struct data_tie *out, const double *x, const double *y, size_t n,
                 bool direction); /* both without NaN */
void data_stats_free(struct data_stats *s);

#endif
