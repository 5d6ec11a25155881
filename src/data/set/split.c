#include "data/set/split.h"

size_t split_moment(const struct dataset *d, size_t first, size_t sample)
{
    while (sample > first && d->time_us[d->bar[sample - 1]] == d->time_us[d->bar[sample]])
        sample--;
    return sample;
}

size_t split_purge(const struct dataset *d, size_t first, size_t end, size_t next, size_t next_end)
{
    int64_t limit = INT64_MAX;
    for (size_t i = next; i < next_end; i++) {
        int64_t from = dataset_span_of(d, i).from_us;
        limit = from < limit ? from : limit;
    }
    size_t n = first;
    while (n < end && dataset_span_of(d, n).until_us <= limit)
        n++;
    return n;
}

static bool check_fold(const struct dataset *d, int k, struct error *err)
{
    const struct dataset_fold *f = &d->fold[k];
    size_t purge = (size_t)d->task.lookback + (size_t)d->task.horizon + (size_t)d->task.embargo;
    if (f->valid_end - f->valid_first < SPLIT_VALID_LEAST)
        return error_set(err, ERROR_DATA, "%zu samples are too few for %d folds; ask for fewer folds or more data",
                         d->visible_samples, d->folds);
    return f->train_end >= SPLIT_TRAIN_LEAST ||
           error_set(err, ERROR_DATA,
                     "fold %d of %d has %zu training samples left after %zu purged bars (at least "
                     "%d are needed, of %zu samples); ask for fewer folds, a shorter look-back or more data",
                     k + 1, d->folds, f->train_end, purge, SPLIT_TRAIN_LEAST, d->visible_samples);
}

bool split_folds(struct dataset *d, struct error *err)
{
    size_t samples = d->visible_samples, k = (size_t)d->task.folds, block = samples / (k + 1);
    d->folds = d->task.folds;
    if (block < SPLIT_VALID_LEAST)
        return error_set(err, ERROR_DATA,
                         "%zu samples are too few for %d folds; ask for fewer folds, a shorter look-back or "
                         "more data",
                         samples, d->folds);
    for (size_t i = 0; i < k; i++) {
        d->fold[i].valid_first = split_moment(d, 0, samples - (k - i) * block);
        d->fold[i].valid_end = samples;
        if (i > 0)
            d->fold[i - 1].valid_end = d->fold[i].valid_first;
    }
    for (int i = 0; i < d->folds; i++) {
        struct dataset_fold *f = &d->fold[i];
        f->train_first = 0;
        f->train_end = split_purge(d, 0, f->valid_first, f->valid_first, f->valid_end);
        if (!check_fold(d, i, err))
            return false;
    }
    return true;
}
