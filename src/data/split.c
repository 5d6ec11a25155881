#include "data/split.h"

size_t split_purge(const uint32_t *bar, size_t first, size_t end, size_t next, size_t purge)
{
    while (end > first && (uint64_t)bar[end - 1] + purge >= bar[next])
        end--;
    return end;
}

bool split_folds(struct dataset_fold *fold, int folds, const uint32_t *bar, size_t samples, size_t purge,
                 struct error *err)
{
    size_t k = (size_t)folds, block = samples / (k + 1);
    if (block < SPLIT_VALID_LEAST)
        return error_set(err, ERROR_DATA,
                         "%zu samples are too few for %d folds; ask for fewer folds, a shorter look-back or "
                         "more data",
                         samples, folds);
    for (size_t i = 0; i < k; i++) {
        size_t valid_first = samples - (k - i) * block;
        fold[i].train_first = 0;
        fold[i].train_end = split_purge(bar, 0, valid_first, valid_first, purge);
        fold[i].valid_first = valid_first;
        fold[i].valid_end = valid_first + block;
        if (fold[i].train_end < SPLIT_TRAIN_LEAST)
            return error_set(err, ERROR_DATA,
                             "fold %zu of %d has %zu training samples left after %zu purged bars (at least "
                             "%d are needed, of %zu samples); ask for fewer folds, a shorter look-back or more data",
                             i + 1, folds, fold[i].train_end, purge, SPLIT_TRAIN_LEAST, samples);
    }
    return true;
}
