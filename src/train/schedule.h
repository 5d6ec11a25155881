/* Learning-rate schedules: the rate of a step as a pure function of the recipe, the step (from 0) and the steps of the
 * whole training (all epochs, however early it stops). In double and base/vmath, so that it is the same everywhere.
 *
 * Of n steps behind the warm-up of w, s is done and p = s / n:
 *   constant   learning_rate
 *   linear     falls in a line from learning_rate to min_rate
 *   cosine     min_rate + (learning_rate - min_rate) (1 + cos(pi p)) / 2  (Loshchilov & Hutter 2017, eq. 5, no restart)
 *   step       learning_rate gamma^floor(epochs done / step_size), at least min_rate
 *   onecycle   by half cosines from learning_rate / 25 to learning_rate at p = 0.3, then to min_rate (Smith & Topin 2019,
 *              in the form that PyTorch made usual)
 * In the warm-up step s (from 0) has (s + 1) / w of learning_rate (Goyal et al. 2017, section 2.2). */
#ifndef TRAIN_SCHEDULE_H
#define TRAIN_SCHEDULE_H

#include "train/recipe.h"

const char *schedule_name(int i); /* NULL behind the last */
double schedule_rate(const struct recipe *r, int64_t step, int64_t steps);

#endif
