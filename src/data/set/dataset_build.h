/* What the data set's own files share while one is built: dataset.c runs it, dataset_bars.c finds bars and classes,
 * dataset_channels.c computes the features, dataset_samples.c takes the samples. */
#ifndef DATA_SET_DATASET_BUILD_H
#define DATA_SET_DATASET_BUILD_H

#include "data/set/channel.h"
#include "data/set/dataset.h"

/* One asset. */
struct build_block {
    const struct frame *base;
    struct channel_series *series; /* its base, then what else belongs to it or joins all */
    size_t series_n;
    size_t price, label; /* columns of the base or CHANNEL_NO_COLUMN */
    size_t row, all;     /* the base row of its first bar; its bars with the sealed ones */
    struct channel_plan plan;
    struct channel *channel; /* [d->channels] the plan's, as the data set orders them */
};

struct build {
    struct dataset *d;
    const struct frame *const *frames; /* [task.series_n] */
    enum dataset_scope scope;
    const struct dataset *span; /* each asset has at most as many bars as this one shows; NULL: up to its last target */
    const struct dataset *like; /* the channels and classes are this one's; NULL: they are chosen */
    struct build_block block[TASK_ASSETS_MAX]; /* [task.assets] */
    bool *known;                               /* [bars] every channel is known */
    uint32_t *chain;                           /* [bars] bars of the asset up to this one without a gap */
};

/* In this order. */
bool build_bars(struct build *b, struct error *err);
bool build_classes(struct build *b, struct error *err);
bool build_features(struct build *b, struct error *err);
bool build_samples(struct build *b, struct error *err);

/* The index of a class; NaN where there is none, or one that was never seen before the hold-out. */
double build_class_of(const struct dataset *d, const struct frame_column *label, double value);

/* A data set of the bars that another one shows, from other files: whole and with its own choices, or (`features`) bars
 * and features alone, of the other's channels and classes. */
struct dataset *dataset_rebuild(const struct task *task, const struct frame *const *frames, const struct dataset *of,
                                bool features, struct error *err);

#endif
