/* Walk-forward folds over samples in the order of time.
 *
 * The last folds/(folds+1) of the samples are cut into `folds` equal validation blocks; the training part of a fold
 * is everything before its block less the purged samples. Between the last bar of a training sample and the last bar of
 * the first validation sample lie at least `purge` bars, so with purge = lookback + horizon + embargo no bar is read by
 * both sides, as input or as target. */
#ifndef DATA_SPLIT_H
#define DATA_SPLIT_H

#include "data/dataset.h"

#define SPLIT_TRAIN_LEAST 16
#define SPLIT_VALID_LEAST 4

/* ERROR_DATA, naming the numbers, where a fold would be too small. */
bool split_folds(struct dataset_fold *fold, int folds, const uint32_t *bar, size_t samples, size_t purge,
                 struct error *err);

/* The samples of [first, end) that lie at least `purge` bars before the last bar of sample `next`: their end. */
size_t split_purge(const uint32_t *bar, size_t first, size_t end, size_t next, size_t purge);

#endif
