/* A trained model with its plan, ready for window after window: one at a time as bars come, or many at once. The values
 * are the same to the bit whatever the batch. */
#ifndef TRAIN_PREDICTOR_H
#define TRAIN_PREDICTOR_H

#include "train/trainer.h"

struct predictor;

/* The largest batch it computes at once. Model and pool must outlive it; pool may be NULL. ERROR_USAGE where the
 * architecture does not read [lookback, channels] or gives another number of values than the goal wants. */
struct predictor *predictor_new(const struct model *m, const struct loss_goal *goal, int lookback, size_t channels,
                                int batch, struct threads *pool, struct error *err);
void predictor_free(struct predictor *p);

/* out[n, outputs], see loss_predict, for the windows of `lookback` rows of feature[bars, channels] that end at bar[0 ..
 * n
 * - 1]; all of them must lie in the matrix and be finite. ERROR_FAILED where the model gives what is no number. */
bool predictor_run(struct predictor *p, float *out, const float *feature, const uint32_t *bar, size_t n,
                   struct error *err);

#endif
