/* One update of a model's weights: the gradient is clipped (train/clip.h), the schedule gives the rate
 * (train/schedule.h), and the recipe's optimiser (train/optim/) takes the step on the machine's exact kernels.
 *
 * It has no state of its own that bits depend on: optimizer_start finds all from the model's moments and step count and
 * from the steps that this training has done. The powers beta^t are running products, never pow(), and become 0 below
 * 2^-100, where they no longer change 1 - beta^t. */
#ifndef TRAIN_OPTIMIZER_H
#define TRAIN_OPTIMIZER_H

#include "base/threads.h"
#include "net/model.h"
#include "train/clip.h"
#include "train/recipe.h"

struct optimizer_kind;

struct optimizer {
    const struct optimizer_kind *kind;
    const struct recipe *recipe;
    int64_t done, steps; /* of this training; of all its epochs */
    double power[2];     /* beta^t behind m->step steps */
    double rate;         /* of the last step */
    struct clip clip;
};

const char *optimizer_name(int i); /* NULL behind the last */

/* Gives the model the moments that the optimiser wants: its own go on where there are as many, else they are zeros and
 * its step count 0. `steps`: of all epochs of this training, of which none is done. */
bool optimizer_start(struct optimizer *o, struct model *m, const struct recipe *r, int64_t steps, struct error *err);
/* Goes on behind the model's steps, and behind `done` of this training's. */
void optimizer_go_on(struct optimizer *o, const struct model *m, int64_t done);
void optimizer_end(struct optimizer *o);

/* One step against gradient[m->weights], which it may change; m->step counts up. With `measure`, or where the recipe
 * clips, o->clip.norm is the gradient's length as it came; false, and nothing is changed, if that is not finite.
 * Allocates nothing; threads split the elements. */
bool optimizer_step(struct optimizer *o, struct model *m, float *gradient, bool measure, struct threads *pool);

/* Are all weights finite? */
bool optimizer_is_sane(struct optimizer *o, const struct model *m, struct threads *pool);

#endif
