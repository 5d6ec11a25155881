/* What one prediction takes on this machine: the predictor at batch 1, one thread, as predict and a follower of bars use
 * it. Measured beside whatever else runs. */
#ifndef WORK_LATENCY_H
#define WORK_LATENCY_H

#include "data/set/dataset.h"
#include "net/model.h"

/* Microseconds: the median over blocks of calls, about 50 ms of them. ERROR_FAILED where the model gives no numbers. */
bool latency_measure(double *latency_us, const struct model *m, const struct dataset *d, struct error *err);

#endif
