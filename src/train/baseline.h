/* Baselines that need no training, scored on the same out-of-fold samples as a cross-validation. Their settings come
 * from each fold's training part alone.
 *
 *   majority     the class that is more frequent in the training part; its probability is the share of ups there
 *   persistence  the direction of the last `horizon` bars goes on; its probability is the share of the training
 *                samples where it did, kept above one half so that the direction stays. Without a previous return
 *                (the first bars, an unchanged or missing price) it falls back to majority. */
#ifndef TRAIN_BASELINE_H
#define TRAIN_BASELINE_H

#include "data/dataset.h"
#include "train/metric.h"

#define BASELINES 2

struct baseline {
    char name[32], about[96];
    struct metric metric;
    struct metric_interval interval; /* of the accuracy; null: one half */
};

/* Fills out[0 .. *n-1], *n = min(BASELINES, most). ERROR_DATA for a data set without out-of-fold samples. */
bool baseline_run(const struct dataset *d, struct baseline *out, int *n, int most, struct error *err);

/* Share of ups in a fold's training part: the majority rule's probability. */
double baseline_up_share(const struct dataset *d, const struct dataset_fold *fold);

#endif
