/* An optimiser: one file in train/optim/ that fills one struct, and one line in train/optim/table.c. It keeps nothing but
 * the model's moments: all else is a pure function of the recipe, the rate and the number of steps. */
#ifndef TRAIN_OPTIM_KINDS_H
#define TRAIN_OPTIM_KINDS_H

#include "train/recipe.h"

struct optimizer_at {
    const struct recipe *recipe;
    double rate;     /* the schedule's, of this step */
    double power[2]; /* beta^t behind this step, t steps of the moments; 0 below 2^-100 */
};

struct optimizer_kind {
    const char *name;
    int moments;    /* 1 or 2 of the model's */
    double beta[2]; /* of the moments, where the powers are wanted */
    /* One step of n weights and their moments (moment[1] is NULL where there is one). gradient may be changed. */
    void (*apply)(const struct optimizer_at *at, size_t n, float *gradient, float *weight, float *const moment[2]);
};

extern const struct optimizer_kind optimizer_adam, optimizer_adamw, optimizer_sgd;
extern const struct optimizer_kind *const optimizer_table[]; /* NULL-terminated */

#endif
