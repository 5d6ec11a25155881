/* Adam (Kingma & Ba 2015, algorithm 1), beta 0.9 and 0.999, epsilon 1e-8, with weight decay as a part of the gradient
 * (L2); AdamW, where the decay is apart from it (Loshchilov & Hutter 2019, algorithm 2). */
#include "net/kernel/kernel.h"
#include "train/optim/kinds.h"

#include <math.h>

#define BETA1 0.9
#define BETA2 0.999
#define EPSILON 1e-8F

static struct adam numbers(const struct optimizer_at *at)
{
    return (struct adam){.beta1_rest = (float)(1.0 - BETA1),
                         .beta2 = (float)BETA2,
                         .beta2_rest = (float)(1.0 - BETA2),
                         .rate = (float)(at->rate / (1.0 - at->power[0])),
                         .root = (float)(1.0 / sqrt(1.0 - at->power[1])),
                         .epsilon = EPSILON};
}

static void apply_adam(const struct optimizer_at *at, size_t n, float *gradient, float *weight, float *const moment[2])
{
    const struct kernel *k = kernel_active();
    struct adam set = numbers(at);

    if (at->recipe->weight_decay > 0.0F)
        k->axpy(n, at->recipe->weight_decay, weight, gradient);
    k->adam(&set, n, gradient, weight, moment[0], moment[1]);
}

static void apply_adamw(const struct optimizer_at *at, size_t n, float *gradient, float *weight, float *const moment[2])
{
    struct adam set = numbers(at);

    set.decay = (float)(at->rate * (double)at->recipe->weight_decay);
    kernel_active()->adam(&set, n, gradient, weight, moment[0], moment[1]);
}

const struct optimizer_kind optimizer_adam = {
    .name = "adam", .moments = 2, .beta = {BETA1, BETA2}, .apply = apply_adam};
const struct optimizer_kind optimizer_adamw = {
    .name = "adamw", .moments = 2, .beta = {BETA1, BETA2}, .apply = apply_adamw};
