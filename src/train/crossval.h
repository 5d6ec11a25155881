/* Walk-forward cross-validation of an architecture on a data set: for each fold, scaling fitted on its training part,
 * early stopping on the purged last slice of the training part, validation bars only scored. */
#ifndef TRAIN_CROSSVAL_H
#define TRAIN_CROSSVAL_H

#include "data/dataset.h"
#include "train/metric.h"
#include "train/trainer.h"

struct crossval_fold {
    struct metric metric; /* out of fold */
    struct train_result train; /* its trace is owned by the crossval */
    struct hash weights;
};

struct crossval {
    int folds;
    struct crossval_fold fold[DATASET_FOLDS_MAX];
    struct model *model[DATASET_FOLDS_MAX]; /* trained; owned */
    size_t n;                /* out-of-fold samples, in order of time */
    uint32_t *sample;        /* [n] index into the data set's samples */
    float *probability, *target; /* [n] */
    struct metric metric;    /* over all of them */
    struct metric_interval interval;
    double stability;        /* standard deviation of the folds' accuracy */
    struct hash trace_root;  /* Merkle root over the folds' trace roots */
    struct hash weights;     /* hash over the folds' weights hashes */
    double seconds;
};

/* start: NULL (from scratch: every fold draws its own seed from the recipe's), or one model a fold to go on from (copied). `only_fold` >= 0 runs just that fold. */
struct crossval *crossval_run(const struct dataset *d, const struct arch *a, const struct model *const *start,
                              const struct recipe *recipe, int only_fold, struct threads *pool,
                              const struct train_hooks *hooks, struct error *err);
void crossval_free(struct crossval *c);

/* One training on all visible samples (early stopping on their purged last slice), as `train` does. */
bool crossval_train_all(struct model *m, struct train_result *result, struct metric *valid, const struct dataset *d,
                        const struct recipe *recipe, struct threads *pool, const struct train_hooks *hooks,
                        struct error *err);

/* Manual baselines scored on the same out-of-fold samples: majority (of the training part) and persistence. */
struct baseline {
    char name[32], about[96];
    struct metric metric;
    struct metric_interval interval;
};
bool baseline_run(const struct dataset *d, struct baseline *out, int *n, int most, struct error *err);

/* Is there evidence of skill? The best of `trials` against the better of majority and one half, paired on the same bars, p corrected for the
 * number of trials (Bonferroni), at the 1 % level. */
struct evidence {
    bool skill;
    double p;
    int trials;
    char sentence[256];
};
void evidence_of(struct evidence *out, const struct crossval *best, const struct dataset *d, int trials);

#endif
