#include "train/calibration.h"

#include "train/loss.h"

#include <math.h>

/* The probability of what is said, and whether it came so. */
static double said(const struct metric_input *in, size_t i, bool *seen)
{
    const float *p = in->prediction + i * (size_t)in->outputs;

    if (in->kind == TASK_DIRECTION) {
        *seen = in->target[i] > 0.5F;
        return p[0];
    }
    int class = loss_class(p, in->outputs);
    *seen = class == (int)in->target[i];
    return p[class];
}

bool calibration_of(struct calibration *out, const struct metric_input *in)
{
    *out = (struct calibration){0};
    if (in->kind == TASK_RETURN || in->n == 0)
        return false;
    for (size_t i = 0; i < in->n; i++) {
        bool seen;
        double p = said(in, i, &seen);
        int at = (int)(p * CALIBRATION_BINS);
        struct calibration_bin *bin = &out->bin[at < CALIBRATION_BINS ? at : CALIBRATION_BINS - 1];
        bin->n++;
        bin->said += p;
        bin->seen += seen ? 1.0 : 0.0;
    }
    for (int b = 0; b < CALIBRATION_BINS; b++) {
        struct calibration_bin *bin = &out->bin[b];
        if (bin->n == 0)
            continue;
        bin->said /= (double)bin->n;
        bin->seen /= (double)bin->n;
        out->error += fabs(bin->said - bin->seen) * (double)bin->n / (double)in->n;
    }
    return true;
}
