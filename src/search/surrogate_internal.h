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

/* A Gaussian process with one setting of the hyper-parameters. */
struct surrogate_model {
    struct kernel_drawn at;
    struct kernel kernel; /* there */
    double *scaled;       /* the points' sizes in units of the lengths, whole panels */
    struct gp gp;         /* over all points, standardised */
    double *standing;     /* [n] posterior means, standardised */
};

struct surrogate {
    struct surrogate_options options;
    struct surrogate_point *point; /* [points]: n observations, then beliefs */
    int points, n, sizes;
    size_t capacity;
    struct wl_index index; /* of all points */

    int fitted_on; /* the first so many observations the numbers below were fitted on; 0: the prior stands */
    struct surrogate_model model[SURROGATE_MODELS_MAX];
    int models; /* all weigh the same */
    bool bent;             /* scores below the knee are compressed: surrogate_scale.c */
    double knee, width;    /* where bent */
    double centre, spread; /* of the scores, or of what bending made of them */
    struct ranks ranks;    /* where the options say so: of all observations */

    double *standing; /* [n] posterior means over all models, standardised */
    int incumbent;    /* the observation with the largest */
};

/* surrogate_model.c */
void surrogate_model_end(struct surrogate_model *m);
void surrogate_model_factor(const struct surrogate *s, struct surrogate_model *m); /* the first fitted_on points */
void surrogate_model_scale(const struct surrogate *s, struct surrogate_model *m);  /* all points' sizes */
/* Point i, the first that the factor lacks, taken in with the target y. */
void surrogate_model_take_in(const struct surrogate *s, struct surrogate_model *m, int i, double y);
void surrogate_model_stand(const struct surrogate *s, struct surrogate_model *m);
/* Covariances of f[count <= GP_LANES] with the model's points, as kernel_covariances has them. */
void surrogate_model_covariances(const struct surrogate *s, const struct surrogate_model *m, double *k,
                                 const struct surrogate_features *f, int count, const double *graph);
/* Those of one f, one after the other: [gp.n]. free() */
double *surrogate_model_column(const struct surrogate *s, const struct surrogate_model *m,
                               const struct surrogate_features *f);

/* surrogate_fit.c: the models' hyper-parameters and the scale from the first n observations. */
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
/* What each model says of f[n], standardised: mean and variance [models, n]. */
void surrogate_posteriors(const struct surrogate *s, const struct surrogate_features *f, int n, double *mean,
                          double *variance);
void surrogate_point_of(struct surrogate_point *out, const struct surrogate_features *f); /* borrows */

/* graph[t][i * GP_LANES + lane] = the WL kernel of depth t of f with point i < points, where graph[t] is not NULL. */
void surrogate_graph_lane(const struct surrogate *s, double *const graph[WL_DEPTHS], int lane,
                          const struct surrogate_features *f, int points);
/* surrogate_scale.c */
void surrogate_set_scale(struct surrogate *s, int n); /* from the first n observations */
double surrogate_standardised(const struct surrogate *s, double score);
double surrogate_score(const struct surrogate *s, double standardised);
double surrogate_unit(const struct surrogate *s, double standardised); /* d score / d standardised */
double surrogate_noise(const struct surrogate *s, int i);              /* of observation i, standardised variance */
void surrogate_set_ranks(struct surrogate *s, int n);                  /* where the options say so */

#endif
