#include "train/loss.h"

#include "base/vmath.h"
#include "data/set/dataset.h"

#include <math.h>

int loss_outputs(const struct loss_goal *goal)
{
    return goal->target == TASK_CLASS ? goal->outputs : 1;
}

int loss_classes(const struct loss_goal *goal)
{
    return goal->target == TASK_CLASS ? goal->outputs : goal->target == TASK_DIRECTION ? 2 : 0;
}

void loss_balance(double *weight, const struct loss_goal *goal, const float *target, size_t n)
{
    size_t of[DATASET_CLASSES_MAX] = {0};
    int seen = 0;

    for (size_t i = 0; i < n; i++)
        of[(int)target[i]]++;
    for (int k = 0; k < loss_classes(goal); k++)
        seen += of[k] > 0;
    for (int k = 0; k < loss_classes(goal); k++)
        weight[k] = of[k] > 0 ? (double)n / ((double)seen * (double)of[k]) : 1.0;
}

static double weight_of(const struct loss_goal *goal, float target)
{
    return goal->weight ? goal->weight[(int)target] : 1.0;
}

/* sigmoid(z) from e = exp(-|z|), on the side where nothing overflows. */
static double sigmoid_of(double z, double e)
{
    return z >= 0.0 ? 1.0 / (1.0 + e) : e / (1.0 + e);
}

/* Shares before they are divided by their sum, which is returned; *most is the greatest logit. exp of 0 is one of them,
 * so the sum is at least 1. */
static double softmax_of(double *share, double *most, const float *logit, int classes)
{
    double sum = 0.0;

    *most = logit[0];
    for (int k = 1; k < classes; k++)
        *most = (double)logit[k] > *most ? (double)logit[k] : *most;
    for (int k = 0; k < classes; k++) {
        share[k] = vmath_exp((double)logit[k] - *most);
        sum += share[k];
    }
    return sum;
}

void loss_predict(float *out, const struct loss_goal *goal, const float *output, int rows)
{
    double share[DATASET_CLASSES_MAX], most;

    for (int i = 0; i < rows; i++) {
        double z = output[i * loss_outputs(goal)];
        if (goal->target == TASK_DIRECTION) {
            out[i] = (float)sigmoid_of(z, vmath_exp(-fabs(z)));
        } else if (goal->target == TASK_RETURN) {
            out[i] = (float)(goal->mean + goal->sd * z);
        } else {
            double sum = softmax_of(share, &most, output + i * goal->outputs, goal->outputs);
            for (int k = 0; k < goal->outputs; k++)
                out[i * goal->outputs + k] = (float)(share[k] / sum);
        }
    }
}

int loss_class(const float *probability, int classes)
{
    int best = 0;

    for (int k = 1; k < classes; k++)
        if (probability[k] > probability[best])
            best = k;
    return best;
}

bool loss_is_right(enum task_target kind, int outputs, const float *prediction, float target)
{
    if (kind == TASK_CLASS)
        return loss_class(prediction, outputs) == (int)target;
    if (kind == TASK_RETURN)
        return (prediction[0] > 0.0F) == (target > 0.0F);
    return (prediction[0] > 0.5F) == (target > 0.5F);
}

static void direction_batch(struct loss_one *each, float *d_logit, const struct loss_goal *goal, const float *logit,
                            const float *target, int rows, int batch)
{
    for (int i = 0; i < rows; i++) {
        double z = logit[i];
        double y = (1.0 - goal->smoothing) * (double)target[i] + goal->smoothing / 2.0;
        double e = vmath_exp(-fabs(z));
        double p = sigmoid_of(z, e);
        double w = weight_of(goal, target[i]);
        each[i].loss = w * ((z > 0.0 ? z : 0.0) - z * y + vmath_log1p(e));
        each[i].right = ((float)p > 0.5F) == (target[i] > 0.5F);
        if (d_logit)
            d_logit[i] = (float)(w * (p - y) / batch) + 0.0F;
    }
}

static double huber(double e, double delta, double *d)
{
    double size = fabs(e);

    *d = size <= delta ? e : copysign(delta, e);
    return size <= delta ? 0.5 * e * e : delta * (size - 0.5 * delta);
}

static void return_batch(struct loss_one *each, float *d_output, const struct loss_goal *goal, const float *output,
                         const float *target, int rows, int batch)
{
    for (int i = 0; i < rows; i++) {
        float predicted;
        double off = (double)output[i] - ((double)target[i] - goal->mean) / goal->sd;
        double d = 2.0 * off;
        each[i].loss = goal->delta > 0.0 ? huber(off, goal->delta, &d) : off * off;
        loss_predict(&predicted, goal, output + i, 1);
        each[i].right = loss_is_right(TASK_RETURN, 1, &predicted, target[i]);
        if (d_output)
            d_output[i] = (float)(d / batch) + 0.0F;
    }
}

/* sum_k q_k z_k */
static double expected_logit(const struct loss_goal *goal, const float *z, int y)
{
    double sum = 0.0;

    if (!(goal->smoothing > 0.0))
        return (double)z[y];
    for (int k = 0; k < goal->outputs; k++)
        sum += (double)z[k];
    return (1.0 - goal->smoothing) * (double)z[y] + goal->smoothing / goal->outputs * sum;
}

static void class_batch(struct loss_one *each, float *d_logit, const struct loss_goal *goal, const float *logit,
                        const float *target, int rows, int batch)
{
    int classes = goal->outputs;
    double spread = goal->smoothing / classes;
    double share[DATASET_CLASSES_MAX], most;
    float probability[DATASET_CLASSES_MAX];

    for (int i = 0; i < rows; i++) {
        const float *z = logit + (size_t)i * (size_t)classes;
        int y = (int)target[i];
        double total = softmax_of(share, &most, z, classes);
        double w = weight_of(goal, target[i]);
        each[i].loss = w * (most - expected_logit(goal, z, y) + vmath_log(total));
        for (int k = 0; k < classes; k++) {
            double p = share[k] / total;
            probability[k] = (float)p;
            if (d_logit)
                d_logit[i * classes + k] =
                    (float)(w * (p - (k == y ? 1.0 - goal->smoothing : 0.0) - spread) / batch) + 0.0F;
        }
        each[i].right = loss_class(probability, classes) == y;
    }
}

void loss_each(struct loss_one *each, float *d_output, const struct loss_goal *goal, const float *output,
               const float *target, int rows, int batch)
{
    switch (goal->target) {
    case TASK_DIRECTION:
        direction_batch(each, d_output, goal, output, target, rows, batch);
        break;
    case TASK_RETURN:
        return_batch(each, d_output, goal, output, target, rows, batch);
        break;
    case TASK_CLASS:
        class_batch(each, d_output, goal, output, target, rows, batch);
        break;
    }
}

void loss_add(struct loss_sum *sum, const struct loss_one *each, int rows)
{
    for (int i = 0; i < rows; i++) {
        sum->loss += each[i].loss;
        sum->correct += each[i].right;
    }
}

#define AT_ONCE 64

void loss_batch(struct loss_sum *sum, float *d_output, const struct loss_goal *goal, const float *output,
                const float *target, int rows)
{
    struct loss_one each[AT_ONCE];
    ptrdiff_t outputs = loss_outputs(goal);

    for (int i = 0; i < rows; i += AT_ONCE) {
        int n = rows - i < AT_ONCE ? rows - i : AT_ONCE;
        loss_each(each, d_output ? d_output + i * outputs : NULL, goal, output + i * outputs, target + i, n, rows);
        loss_add(sum, each, n);
    }
}
