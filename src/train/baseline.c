#include "train/baseline.h"

#include "base/memory.h"
#include "base/text.h"

double baseline_up_share(const struct dataset *d, const struct dataset_fold *fold)
{
    size_t ups = 0, n = fold->train_end - fold->train_first;

    for (size_t i = fold->train_first; i < fold->train_end; i++)
        ups += d->target[i] > 0.5F;
    return n > 0 ? (double)ups / (double)n : 0.5;
}

static void predict_majority(const struct dataset *d, const struct dataset_fold *fold, float *out)
{
    float share = (float)baseline_up_share(d, fold);

    for (size_t i = fold->valid_first; i < fold->valid_end; i++)
        *out++ = share;
}

/* 1 up, -1 down, 0 unknown (also for missing prices, which compare false). */
static int last_direction(const struct dataset *d, size_t sample)
{
    size_t bar = d->bar[sample], back = (size_t)d->task.horizon;

    if (bar < back)
        return 0;
    return (d->price[bar] > d->price[bar - back]) - (d->price[bar] < d->price[bar - back]);
}

static double persistence_share(const struct dataset *d, const struct dataset_fold *fold)
{
    size_t known = 0, went_on = 0;

    for (size_t i = fold->train_first; i < fold->train_end; i++) {
        int direction = last_direction(d, i);
        known += direction != 0;
        went_on += direction != 0 && (direction > 0) == (d->target[i] > 0.5F);
    }
    double share = known > 0 ? (double)went_on / (double)known : 0.5;
    return share > 0.5 + 0x1p-20 ? share : 0.5 + 0x1p-20;
}

static void predict_persistence(const struct dataset *d, const struct dataset_fold *fold, float *out)
{
    double share = persistence_share(d, fold), fallback = baseline_up_share(d, fold);

    for (size_t i = fold->valid_first; i < fold->valid_end; i++) {
        int direction = last_direction(d, i);
        *out++ = (float)(direction > 0 ? share : direction < 0 ? 1.0 - share : fallback);
    }
}

static const struct rule {
    const char *name, *about;
    void (*predict)(const struct dataset *d, const struct dataset_fold *fold, float *out);
} rules[BASELINES] = {
    {"majority", "always the direction that was more frequent in the training part", predict_majority},
    {"persistence", "the direction of the last horizon goes on", predict_persistence},
};

static void score(struct baseline *out, const struct dataset *d, const float *probability, const float *target,
                  float *hit, size_t n)
{
    for (size_t i = 0; i < n; i++)
        hit[i] = (probability[i] > 0.5F) == (target[i] > 0.5F) ? 1.0F : 0.0F;
    metric_of(&out->metric, probability, target, n);
    metric_bootstrap(&out->interval, hit, n, 0.5, metric_block(n, d->task.horizon), d->task.seed);
}

bool baseline_run(const struct dataset *d, struct baseline *out, int *n, int most, struct error *err)
{
    size_t samples = 0, at = 0;

    *n = 0;
    for (int k = 0; k < d->folds; k++)
        samples += d->fold[k].valid_end - d->fold[k].valid_first;
    if (samples == 0)
        return error_set(err, ERROR_DATA, "the data set has no out-of-fold samples to score baselines on");
    float *buffer = memory_try(3 * samples, sizeof *buffer, "the baselines", err);
    if (!buffer)
        return false;
    float *probability = buffer, *target = buffer + samples, *hit = buffer + 2 * samples;
    for (int k = 0; k < d->folds; k++) {
        for (size_t i = d->fold[k].valid_first; i < d->fold[k].valid_end; i++)
            target[at++] = d->target[i];
    }
    for (; *n < BASELINES && *n < most; ++*n) {
        at = 0;
        for (int k = 0; k < d->folds; k++) {
            rules[*n].predict(d, &d->fold[k], probability + at);
            at += d->fold[k].valid_end - d->fold[k].valid_first;
        }
        text_copy(out[*n].name, sizeof out[*n].name, rules[*n].name);
        text_copy(out[*n].about, sizeof out[*n].about, rules[*n].about);
        score(&out[*n], d, probability, target, hit, samples);
    }
    free(buffer);
    return true;
}
