/* Binary cross-entropy on logits, in double, in the order of the samples:
 *
 *   loss(z, y) = max(z, 0) - z y + log1p(exp(-|z|)),   d loss / d z = sigmoid(z) - y
 *
 * which neither overflows nor cancels for any finite z. */
#ifndef TRAIN_LOSS_H
#define TRAIN_LOSS_H

#include <stddef.h>

struct loss_sum {
    double loss;    /* sum over the samples; not finite if a logit is not */
    size_t correct; /* samples whose probability, as a float, is on the side of the target */
};

/* Probability of target 1, rounded to float once: what every score is computed from. */
float loss_probability(float logit);

/* Adds rows samples to *sum. d_logit[rows] receives the gradient of the batch's *mean* loss; NULL: not wanted. */
void loss_batch(struct loss_sum *sum, float *d_logit, const float *logit, const float *target, int rows);

#endif
