/* What the measurements share: models, data, and how a figure is told. */
#ifndef ACTION_BENCH_INTERNAL_H
#define ACTION_BENCH_INTERNAL_H

#include "action/bench.h"
#include "train/trainer.h"
#include "work/json.h"

#define BENCH_BLOCKS 7 /* a figure is the median of so many blocks of equal length */

struct arch *bench_arch(const struct action_bench_options *o, struct error *err);

struct bench_data {
    float *feature, *target;
    uint32_t *bar;
    struct train_view view;
};
/* Random windows, as many as fill every batch. */
bool bench_data_make(struct bench_data *d, int time, int channels, int64_t batch, struct error *err);
void bench_data_free(struct bench_data *d);

double bench_peak_mb(void); /* the most memory that this process has held */

/* {"median","least","most"}; sorts value[n]. */
json_t *bench_spread(double *value, int n);
double bench_median(double *value, int n); /* sorts too */

#endif
