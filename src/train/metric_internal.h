/* What the scores of the three targets share. */
#ifndef TRAIN_METRIC_INTERNAL_H
#define TRAIN_METRIC_INTERNAL_H

#include "train/metric.h"

#define METRIC_CLIP 1e-12

/* For n > 0 samples; they fill in what is defined. */
void metric_score_class(struct metric *out, const struct metric_input *in);
void metric_score_return(struct metric *out, const struct metric_input *in);

/* Two sides: a value above the threshold says up, up[n] is 1 or 0. Fills correct, both accuracies, F1, MCC, AUC. */
void metric_sides(struct metric *out, const float *value, float threshold, const float *up, size_t n);
double metric_auc(const float *value, const float *up, size_t n);
/* Logarithm of a clipped probability. */
double metric_log(double probability);

#endif
