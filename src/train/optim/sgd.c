/* Stochastic gradient descent, plain or with momentum (Polyak 1964), also looking ahead (Nesterov 1983), in the form of
 * Sutskever et al. 2013 that PyTorch has: the velocity is a sum of gradients, and the rate multiplies it last. Weight
 * decay is a part of the gradient (L2). */
#include "net/kernel/kernel.h"
#include "train/optim/kinds.h"

static void apply_sgd(const struct optimizer_at *at, size_t n, float *gradient, float *weight, float *const moment[2])
{
    struct sgd set = {.rate = (float)at->rate,
                      .momentum = at->recipe->momentum,
                      .l2 = at->recipe->weight_decay,
                      .ahead = at->recipe->nesterov};

    kernel_active()->sgd(&set, n, gradient, weight, moment[0]);
}

const struct optimizer_kind optimizer_sgd = {.name = "sgd", .moments = 1, .apply = apply_sgd};
