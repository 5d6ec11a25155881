/* What the checks of the leak detector share. */
#ifndef TRAIN_LEAK_INTERNAL_H
#define TRAIN_LEAK_INTERNAL_H

#include "train/leak.h"

/* Every so many samples are looked at. */
size_t leak_stride(const struct leak_view *v);

/* Scores of value[n] against target[n], as 0.5 .. 1 (areas) or -1 .. 1 (ranks); mid-ranks. Both reorder nothing. */
struct leak_pair {
    double value, target;
};
/* Sorts by value. NaN values count as the least. */
void leak_sort(struct leak_pair *pair, size_t n);
/* Of sorted pairs: the area under the curve for target == positive; NaN where one side is empty. */
double leak_area(const struct leak_pair *sorted, size_t n, double positive);
/* Spearman's; reorders. NaN where a side does not vary. */
double leak_rank(struct leak_pair *pair, size_t n);

/* Samples that count as independent: targets overlap over the horizon, and classes last. */
double leak_effective(const struct leak_view *v, size_t stride);

/* Are they made of one column? "sentiment value" and "sentiment_change value". */
bool leak_same_column(const char *a, const char *b);

/* Which share of what a channel's past returns leave unexplained of it the returns to come explain, from about 0 to 1;
 * NaN where that cannot be told. Ended with leak_ahead_end in every case; without a price there is nothing to tell. */
struct leak_ahead {
    void *work;
};
bool leak_ahead_start(struct leak_ahead *l, const struct leak_view *v, struct error *err);
double leak_ahead(const struct leak_ahead *l, size_t channel);
void leak_ahead_end(struct leak_ahead *l);

bool leak_run_alone(struct leak_report *out, const struct leak_view *v, struct error *err);
bool leak_run_fit(struct leak_report *out, const struct leak_view *v, struct error *err);
bool leak_run_twins(struct leak_report *out, const struct leak_view *v, struct error *err);

void leak_say(struct leak_report *out, enum leak_check check, bool passed, double score, double level,
              const char *format, ...) __attribute__((format(printf, 6, 7)));

#endif
