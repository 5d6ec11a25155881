/* Walk-forward folds over samples in the order of time.
 *
 * The last folds/(folds+1) of the samples are cut into `folds` validation blocks of equal size, moved so that samples
 * of one moment stay together; the training part of a fold is everything before its block less the purged samples: it
 * ends before the first sample that reads until later than any sample of the block reads from (see dataset_span). So no
 * bar that one side reads, as input or as target, overlaps in time with a bar that the other reads, of whichever asset.
 * For one asset this leaves lookback + horizon + embargo bars between the last bars of the two. */
#ifndef DATA_SET_SPLIT_H
#define DATA_SET_SPLIT_H

#include "data/set/dataset.h"

#define SPLIT_TRAIN_LEAST 16
#define SPLIT_VALID_LEAST 4

/* Fills d->fold and d->folds from the visible samples. ERROR_DATA, naming the numbers, where a fold would be too small.
 */
bool split_folds(struct dataset *d, struct error *err);

/* The first sample of the same moment, not before `first`. */
size_t split_moment(const struct dataset *d, size_t first, size_t sample);

/* The samples of [first, end) that are over before any of [next, next_end) begins to read: their end. */
size_t split_purge(const struct dataset *d, size_t first, size_t end, size_t next, size_t next_end);

#endif
