/* The inside of the surrogate. For surrogate*.c alone, and for their tests. */
#ifndef SEARCH_SURROGATE_INTERNAL_H
#define SEARCH_SURROGATE_INTERNAL_H

#include "search/kernel.h"
#include "search/rank.h"
#include "search/surrogate.h"
#include "search/wl_index.h"

struct surrogate_point {
    struct surrogate_features f; /* owned */
    double self[WL_DEPTHS];      /* the WL kernel with itself, depths 0 .. t summed */
    double score, noise;
};

struct surrogate {
    struct surrogate_options options;
    struct surrogate_point *point; /* [points]: n observations, then beliefs */
    int points, n, sizes;
    size_t capacity;
    struct wl_index index; /* of all points */

    int fitted_on; /* the first so many observations the numbers below were fitted on; 0: the prior stands */
    int depth;
    double theta[KERNEL_LENGTH + SURROGATE_SIZES_MAX];
    bool bent;             /* scores below the knee are compressed: surrogate_scale.c */
    double knee, width;    /* where bent */
    double centre, spread; /* of the scores, or of what bending made of them */
    struct ranks ranks;    /* where the options say so: of all observations */
    double evidence;       /* log likelihood of all observations */

    struct kernel kernel; /* at theta */
    double *scaled;       /* the points' sizes in units of the lengths, whole panels */
    struct gp gp;         /* over all points, standardised */
    double *standing;     /* [n] posterior means, standardised */
    int incumbent;        /* the observation with the largest */
};

/* surrogate_fit.c: theta, depth and scale from the first n observations. */
void surrogate_start_theta(struct surrogate *s);
void surrogate_search_theta(struct surrogate *s, int n);

/* The observations up to which the hyper-parameters are fitted when there are n. */
int surrogate_fitted_on(int n);

/* The graph kernel, from the product of two graphs' labels and those of each with itself: half the normalised product g,
 * which adds up what each label is worth, half g^2, which does so for pairs of labels; 1 for the same, also where none
 * has a label. (Products of kernels are kernels: Schur. Chosen among g, g^2 mixed in, g^3 and exponentials of g by what a
 * search finds on benchmark tables.) */
double surrogate_likeness(double dot, double a, double b);

/* The graph kernel of two points. */
double surrogate_wl(const struct surrogate_point *a, const struct surrogate_point *b, int depth);
void surrogate_point_of(struct surrogate_point *out, const struct surrogate_features *f); /* borrows */

/* graph[i * GP_LANES + lane] = the WL kernel of f with point i < points. */
void surrogate_graph_lane(const struct surrogate *s, double *graph, int lane, const struct surrogate_features *f,
                          int points);
/* surrogate_scale.c */
void surrogate_set_scale(struct surrogate *s, int n); /* from the first n observations */
double surrogate_standardised(const struct surrogate *s, double score);
double surrogate_score(const struct surrogate *s, double standardised);
double surrogate_unit(const struct surrogate *s, double standardised); /* d score / d standardised */
double surrogate_noise(const struct surrogate *s, int i);              /* of observation i, standardised variance */
void surrogate_set_ranks(struct surrogate *s, int n);                  /* where the options say so */

#endif
