/* The as-of join: a bar sees of every series the last value that was published at or before the bar's close.
 *
 * A value is published at the end of its period (see stamp.h) plus the publication lag of its series. A value that is
 * older than `stale` counts as missing: a series that ended must not speak for ever. Empty cells publish nothing. */
#ifndef DATA_JOIN_H
#define DATA_JOIN_H

#include "data/read/csv.h"

/* published[i] of every row of f; increasing as the rows are. */
void join_published(int64_t *published_us, const struct frame *f, enum csv_stamp stamp, int64_t lag_us);

/* How long a value of f may stand in for the next: four steps (a weekend and a holiday of daily data), a day at least.
 */
int64_t join_stale(const struct frame *f);

/* out[i] for every bar close at_us[i] (increasing): the last finite value published at or before it, at most stale_us
 * ago; NaN where there is none. */
void join_as_of(double *out, const int64_t *at_us, size_t n, const double *value, const int64_t *published_us,
                size_t rows, int64_t stale_us);

#endif
