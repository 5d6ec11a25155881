/* Walk-forward cross-validation of an architecture on a data set: for each fold, scaling fitted on the samples it
 * trains on, early stopping on the purged last slice of the training part, validation bars only scored.
 *
 * Fold k trains with a seed of its own, drawn from the recipe's seed and k alone, so that equal recipes give equal
 * bits, whichever folds run and in which order. */
#ifndef TRAIN_CROSSVAL_H
#define TRAIN_CROSSVAL_H

#include "data/set/dataset.h"
#include "train/baseline.h"
#include "train/evidence.h"
#include "train/metric.h"
#include "train/trainer.h"

struct crossval_fold {
    struct metric metric;      /* out of fold */
    struct train_result train; /* its trace is owned by the crossval */
    struct hash weights;
};

/* What one of several assets was scored at. */
struct crossval_asset {
    struct metric metric;
    struct metric_interval interval, objective;
};

struct crossval {
    int folds; /* of the data set; with only_fold the others are zero and have no model */
    struct crossval_fold fold[DATASET_FOLDS_MAX];
    struct model *model[DATASET_FOLDS_MAX]; /* trained; owned */
    size_t n;                               /* out-of-fold samples, in order of time */
    uint32_t *sample;                       /* [n] index into the data set's samples */
    enum task_target kind;
    int outputs;                      /* values a prediction has */
    float *prediction;                /* [n, outputs], see loss_predict */
    float *target;                    /* [n] */
    double *reference;                /* [n], mean target of the training part; NULL unless TASK_RETURN */
    struct metric metric;             /* over all of them */
    struct metric_interval interval;  /* of the share that is right; null: one half */
    struct metric_interval objective; /* of what a search maximises, see metric_objective */
    struct crossval_asset *asset;     /* [task.assets]; NULL for one asset */
    double stability;                 /* standard deviation of the folds' objective; 0 for one fold */
    struct hash trace_root;           /* Merkle root over the trace roots of the folds that ran */
    struct hash weights;              /* hash over the weights hashes of the folds that ran, one behind the other */
    double seconds;
};

/* The seed that fold k trains with: the first 8 bytes, little-endian, of BLAKE2b-256 over the text
 * "morphsmith-fold 1", u64 seed and u32 k in the encoding of base/bytes.h. */
uint64_t crossval_seed(uint64_t seed, int fold);

/* What a fold's training begins with: drawn from the recipe's seed, which must be the fold's own. */
struct model *crossval_fresh(const struct arch *a, const struct recipe *recipe, struct error *err);

/* The predictions as the scores read them. */
struct metric_input crossval_scored(const struct crossval *c);
/* The moments of the samples; metric_moments_free. */
void crossval_moments(struct metric_moments *out, const struct crossval *c, const struct dataset *d);

/* Intervals of the share that is right and of what a search maximises. */
void crossval_intervals(struct metric_interval *right, struct metric_interval *objective, const struct metric_input *in,
                        const struct metric_moments *at, const struct task *task);

/* The first `folds` of them, as crossval_run does; fewer where a training is cut (train_result.cut): the last fold that
 * ran is the one. What is summed up is over the folds that ran. */
struct crossval *crossval_run_part(const struct dataset *d, const struct arch *a, const struct model *const *start,
                                   const struct recipe *recipe, int folds, struct threads *pool,
                                   const struct train_hooks *hooks, struct error *err);

/* start: NULL (from scratch: every fold draws its weights from its own seed), or one model a fold to go on from, which
 * is copied, moments and all; its architecture must have the id of a. `only_fold` >= 0 runs just that fold. The error
 * of a fold says which. */
struct crossval *crossval_run(const struct dataset *d, const struct arch *a, const struct model *const *start,
                              const struct recipe *recipe, int only_fold, struct threads *pool,
                              const struct train_hooks *hooks, struct error *err);
void crossval_free(struct crossval *c);

/* What a training on samples [first, end) reads of them: those it is fitted on, and scaled by, are [first, train_end);
 * the purged last slice [stop_first, end) says when to stop. The goal holds the mean and spread of what is fitted on. */
struct crossval_slices {
    size_t train_end, stop_first;
    struct loss_goal goal;
};
bool crossval_slices(struct crossval_slices *out, const struct dataset *d, size_t first, size_t end, uint32_t stop_ppm,
                     struct error *err);

/* One training on all visible samples (early stopping on their purged last slice), as `train` does. m is trained in
 * place with the recipe's own seed; *valid is the score on that slice, all zero where there is none. The caller frees
 * result->trace. */
bool crossval_train_all(struct model *m, struct train_result *result, struct metric *valid, const struct dataset *d,
                        const struct recipe *recipe, struct threads *pool, const struct train_hooks *hooks,
                        struct error *err);

/* What a training reads without training: its samples and its early-stopping slice, features scaled for them. fold < 0:
 * all visible samples, as crossval_train_all. free(scaled). */
struct crossval_views {
    float *scaled;
    struct train_view train, stop;
};
bool crossval_views(struct crossval_views *out, const struct dataset *d, int fold, const struct recipe *recipe,
                    struct error *err);
/* How many samples those are. */
bool crossval_counts(size_t *train, size_t *stop, const struct dataset *d, int fold, const struct recipe *recipe);

#endif
