/* Losses on a network's outputs, in double, in the order of the samples and of their outputs.
 *
 *   direction  binary cross-entropy on one logit: max(z, 0) - z q + log1p(exp(-|z|)), with the derivative sigmoid(z) - q,
 *              which neither overflows nor cancels for any finite z; q = (1 - smoothing) y + smoothing / 2
 *   return     square of e = z - (y - mean) / sd on one output, with the derivative 2 e; Huber's (1964) instead, with a
 *              delta: e^2 / 2 and e up to delta in size, beyond it delta (|e| - delta / 2) and delta with e's sign
 *   class      softmax cross-entropy on a logit a class: m - sum_k q_k z_k + log(sum_k exp(z_k - m)), m = max_k z_k, with
 *              the derivative softmax(z)_k - q_k; q_k = (1 - smoothing) [k = y] + smoothing / classes (Szegedy et al. 2016,
 *              section 7)
 *
 * A weight of the sample's class multiplies loss and derivative. Mean and sd are those of the targets that are trained
 * on, in double, so that a return enters the loss without being rounded again. */
#ifndef TRAIN_LOSS_H
#define TRAIN_LOSS_H

#include "data/task.h"

#include <stddef.h>

/* What is predicted. All zero is direction. */
struct loss_goal {
    enum task_target target;
    int outputs;     /* classes; one output otherwise */
    double mean, sd; /* TASK_RETURN; sd > 0 */
    double delta;         /* TASK_RETURN: Huber's; 0: the square */
    double smoothing;     /* the others: 0 to below 1 */
    const double *weight; /* the others: of each class (direction: down, up); NULL: all 1. Borrowed */
};

/* Classes that a target tells apart: 2 for directions, 0 for returns. */
int loss_classes(const struct loss_goal *goal);

/* Weights under which all classes of target[n] weigh the same and a sample weighs 1 on average: n / (classes seen x
 * samples of the class); 1 for a class that is not there. weight[loss_classes], at most DATASET_CLASSES_MAX. */
void loss_balance(double *weight, const struct loss_goal *goal, const float *target, size_t n);

/* Values that a network gives a sample. */
int loss_outputs(const struct loss_goal *goal);

struct loss_sum {
    double loss;    /* sum over the samples; not finite if an output is not */
    size_t correct; /* samples whose prediction is right: see loss_is_right */
};

/* Of one sample. */
struct loss_one {
    double loss;
    bool right;
};

/* Predictions of rows samples, each value rounded to float once: what every score is computed from. direction: the
 * probability of up; return: mean + sd z; class: the probability of each class, out[rows, outputs]. */
void loss_predict(float *out, const struct loss_goal *goal, const float *output, int rows);

/* Is a prediction right? direction: on the side of the target; return: both above zero or both not; class: the most
 * probable class (of equally probable ones the first) is the target. */
bool loss_is_right(enum task_target kind, int outputs, const float *prediction, float target);
/* The most probable class. */
int loss_class(const float *probability, int classes);

/* Adds rows samples to *sum. d_output[rows, outputs] receives the gradient of the batch's *mean* loss; NULL: not
 * wanted. Targets as in a data set: 0 or 1, the return, the index of the class. */
void loss_batch(struct loss_sum *sum, float *d_output, const struct loss_goal *goal, const float *output,
                const float *target, int rows);
/* The same of some rows of a batch, whose mean it is; loss and right of each row are written instead of summed. */
void loss_each(struct loss_one *each, float *d_output, const struct loss_goal *goal, const float *output,
               const float *target, int rows, int batch);
/* Adds them, one after the other. */
void loss_add(struct loss_sum *sum, const struct loss_one *each, int rows);

#endif
