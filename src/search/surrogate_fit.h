/* The inside of the surrogate: its observations, its hyper-parameters and how they are found. For surrogate.c and
 * surrogate_fit.c alone, and for their tests. */
#ifndef SEARCH_SURROGATE_FIT_H
#define SEARCH_SURROGATE_FIT_H

#include "search/gp.h"
#include "search/surrogate.h"
#include "search/wl.h"

struct surrogate_point {
    struct surrogate_features f; /* owned */
    double self[WL_DEPTHS];      /* the WL kernel with itself, depths 0 .. t summed */
    double score, noise;
};

struct surrogate_hyper {
    int depth;
    double wl_share, length, variance, noise; /* variance and noise of standardised scores */
};

struct surrogate {
    struct surrogate_options options;
    struct surrogate_point *point; /* [points]: n observations, then beliefs */
    int points, n;
    size_t capacity;
    struct surrogate_hyper hyper;
    struct gp gp; /* over point[0 .. gp.n - 1], standardised */
    bool fitted;
    double centre, spread; /* score = centre + spread * standardised */
    double *standing;      /* [n] posterior means, standardised */
    int incumbent;         /* the observation with the largest */
    double evidence;
};

struct surrogate_hyper surrogate_preset(void);

/* Hyper-parameters for the observations, and the factor with them. Needs n >= 1; with one, the preset stands. */
void surrogate_search_hyper(struct surrogate *s);

double surrogate_covariance(const struct surrogate_hyper *h, double wl, double distance);
double surrogate_distance(const struct surrogate_point *a, const struct surrogate_point *b);
double surrogate_wl(const struct surrogate_point *a, const struct surrogate_point *b, int depth); /* normalised */

#endif
