#include "train/loss.h"

#include "base/vmath.h"

#include <math.h>

/* sigmoid(z) from e = exp(-|z|), on the side where nothing overflows. */
static double sigmoid_of(double z, double e)
{
    return z >= 0.0 ? 1.0 / (1.0 + e) : e / (1.0 + e);
}

float loss_probability(float logit)
{
    double z = logit;

    return (float)sigmoid_of(z, vmath_exp(-fabs(z)));
}

void loss_batch(struct loss_sum *sum, float *d_logit, const float *logit, const float *target, int rows)
{
    for (int i = 0; i < rows; i++) {
        double z = logit[i];
        double y = target[i];
        double e = vmath_exp(-fabs(z));
        double p = sigmoid_of(z, e);
        sum->loss += (z > 0.0 ? z : 0.0) - z * y + vmath_log1p(e);
        sum->correct += ((float)p > 0.5F) == (y > 0.5);
        if (d_logit)
            d_logit[i] = (float)((p - y) / rows) + 0.0F;
    }
}
