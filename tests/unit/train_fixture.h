/* Small data sets for the tests of train, filled by hand so that they need no parser. */
#ifndef TESTS_TRAIN_FIXTURE_H
#define TESTS_TRAIN_FIXTURE_H

#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "data/set/dataset.h"
#include "net/arch.h"
#include "train/trainer.h"

#define FIXTURE_LOOKBACK 6
#define FIXTURE_CHANNELS 2

/* Two channels of values near 1 or -1. The target of bar t is the exclusive or of the signs of channel 0 at t and of
 * channel 1 at t - 2: no single value says anything about it. Every bar with a whole window is a sample. */
static inline struct dataset *fixture_xor(size_t bars, uint64_t seed)
{
    struct dataset *d = NEW(struct dataset);
    struct random random = random_start(seed, RANDOM_TEST, 0, 0);

    d->task.lookback = FIXTURE_LOOKBACK;
    d->task.horizon = 1;
    d->task.seed = seed;
    d->task.assets = 1;
    d->asset[0] = (struct dataset_asset){.bars = bars, .visible = bars, .step_us = 86400000000};
    d->bars = d->visible_bars = bars;
    d->channels = FIXTURE_CHANNELS;
    d->time_us = NEW_ARRAY(int64_t, bars);
    d->price = NEW_ARRAY(double, bars);
    d->feature = NEW_ARRAY(float, bars *FIXTURE_CHANNELS);
    d->channel = memory_new(FIXTURE_CHANNELS, sizeof *d->channel);
    d->bar = NEW_ARRAY(uint32_t, bars);
    d->target = NEW_ARRAY(float, bars);
    for (size_t i = 0; i < bars * FIXTURE_CHANNELS; i++)
        d->feature[i] = (random_below(&random, 2) ? 1.0F : -1.0F) + 0.2F * (float)random_normal(&random);
    for (size_t t = 0; t < bars; t++) {
        d->time_us[t] = (int64_t)t * 86400000000;
        d->price[t] = 100.0;
        if (t + 1 < FIXTURE_LOOKBACK)
            continue;
        bool a = d->feature[t * 2] > 0.0F, b = d->feature[(t - 2) * 2 + 1] > 0.0F;
        d->bar[d->samples] = (uint32_t)t;
        d->target[d->samples++] = a != b ? 1.0F : 0.0F;
    }
    d->visible_samples = d->samples;
    return d;
}

/* Walk-forward: fold k validates the (k + 1)-th of folds + 1 equal parts, behind a purge of `purge` samples. */
static inline void fixture_folds(struct dataset *d, int folds, size_t purge)
{
    size_t part = d->samples / (size_t)(folds + 1);

    d->folds = d->task.folds = folds;
    for (int k = 0; k < folds; k++) {
        size_t first = part * (size_t)(k + 1);
        d->fold[k] = (struct dataset_fold){0, first - purge, first, k + 1 < folds ? first + part : d->samples};
    }
}

static inline void fixture_free(struct dataset *d)
{
    free(d->time_us);
    free(d->price);
    free(d->feature);
    free(d->channel);
    free(d->bar);
    free(d->target);
    free(d);
}

static inline struct train_view fixture_view(const struct dataset *d, size_t first, size_t end)
{
    return (struct train_view){.feature = d->feature,
                               .channels = d->channels,
                               .lookback = d->task.lookback,
                               .bar = d->bar + first,
                               .target = d->target + first,
                               .n = end - first};
}

/* A perceptron with one hidden layer "h" on the flattened window. */
static inline struct arch *fixture_arch(int hidden)
{
    char *text = memory_format("morphsmith-arch 1\n"
                               "x input time=%d channels=%d\n"
                               "f flatten in=x\n"
                               "h dense in=f units=%d act=relu\n"
                               "y dense in=h units=1\n",
                               FIXTURE_LOOKBACK, FIXTURE_CHANNELS, hidden);
    struct error err = {0};
    struct arch *a = arch_parse(text, strlen(text), "test.arch", &err);

    free(text);
    if (!a)
        fprintf(stderr, "%s\n", err.text);
    ASSERT(a);
    return a;
}

#endif
