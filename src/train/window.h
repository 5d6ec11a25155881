/* Windows of a view as mini-batches. A window is `lookback` rows of the feature matrix that lie behind one another, so
 * a sample is one copy. */
#ifndef TRAIN_WINDOW_H
#define TRAIN_WINDOW_H

#include "train/trainer.h"

/* ERROR_DATA unless every window lies in the matrix and holds finite values only, and every target is one of the
 * goal (targets may be absent). `what` names the view in messages ("the training samples"). */
bool window_check(const struct train_view *view, const char *what, struct error *err);

/* ERROR_USAGE unless the architecture reads [lookback, channels] and gives as many values as the goal wants. */
bool window_fits(const struct train_view *view, const struct arch *a, struct error *err);
bool window_output_fits(const struct loss_goal *goal, const struct arch *a, struct error *err);

/* Samples pick[0 .. rows-1] (NULL: first, first + 1, ...) into out[rows, lookback, channels]; a -0 becomes +0.
 * Allocates nothing; behind numeric_start. */
void window_gather(float *out, const struct train_view *view, const uint32_t *pick, size_t first, int rows,
                   struct threads *pool);

#endif
