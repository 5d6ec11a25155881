/* Baselines that need no training, scored on the same out-of-fold samples as a cross-validation. Their settings come
 * from each fold's training part alone.
 *
 *   majority     direction and class: what is most frequent in the training part, with the shares there as
 *                probabilities; return: the mean return there ("mean")
 *   persistence  direction: that of the last `horizon` bars goes on; its probability is the share of the training
 *                samples where it did, kept above one half so that the direction stays. Class with a horizon: the class
 *                last published goes on, likewise, the other classes sharing the rest. Return: the return of the last
 *                `horizon` bars times the factor that fits the training part best (least squares). Without a previous
 *                return or class (the first bars, an unchanged or missing price) it falls back to majority. A label
 * that is told of the bar itself (horizon 0) has no persistence. */
#ifndef TRAIN_BASELINE_H
#define TRAIN_BASELINE_H

#include "data/set/dataset.h"
#include "train/metric.h"

#define BASELINES 2

struct baseline {
    char name[32], about[96];
    struct metric metric;
    struct metric_interval interval;  /* of the share that is right; null: one half */
    struct metric_interval objective; /* of what a search maximises */
};

/* Fills out[0 .. *n-1], *n <= min(BASELINES, most). ERROR_DATA for a data set without out-of-fold samples. */
bool baseline_run(const struct dataset *d, struct baseline *out, int *n, int most, struct error *err);

/* Does the task have the rule (0 to BASELINES - 1), what is it called there, and what does it predict out of fold?
 * crossval_free. */
struct crossval;
bool baseline_applies(const struct dataset *d, int rule);
const char *baseline_name(enum task_target target, int rule);
struct crossval *baseline_predictions(const struct dataset *d, int rule, struct error *err);

/* Predictions of the two rules for a fold's validation samples: out[valid samples, outputs]. baseline_persistence is
 * false, and nothing is written, where there is none. */
void baseline_majority(float *out, const struct dataset *d, const struct dataset_fold *fold);
bool baseline_persistence(float *out, const struct dataset *d, const struct dataset_fold *fold);

/* Share of ups in a fold's training part: the majority rule's probability. */
double baseline_up_share(const struct dataset *d, const struct dataset_fold *fold);
/* Mean target of a fold's training part. */
double baseline_mean(const struct dataset *d, const struct dataset_fold *fold);

#endif
