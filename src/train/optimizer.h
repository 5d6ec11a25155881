/* Adam (Kingma & Ba 2015, algorithm 1, beta 0.9 and 0.999, epsilon 1e-8) over a model's weights, on the machine's exact
 * kernel. The powers beta^t are running products, never pow(), and become 0 below 2^-100, where they no longer change
 * 1 - beta^t. */
#ifndef TRAIN_OPTIMIZER_H
#define TRAIN_OPTIMIZER_H

#include "base/threads.h"
#include "net/model.h"
#include "train/recipe.h"

struct optimizer {
    float learning_rate;
    double power[2]; /* beta^t behind m->step steps */
};

/* Goes on behind the model's steps; the model has moments. */
void optimizer_start(struct optimizer *o, const struct model *m, const struct recipe *r);

/* One step against gradient[m->weights]; m->step counts up. Allocates nothing; threads split the elements. */
void optimizer_step(struct optimizer *o, struct model *m, const float *gradient, struct threads *pool);

#endif
