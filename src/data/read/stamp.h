/* What a row's time says about its period: the time opens it, closes it, or is the whole date. */
#ifndef DATA_READ_STAMP_H
#define DATA_READ_STAMP_H

#include "data/read/csv.h"

struct timeline;

/* Settles the stamp of a series from its time column's name and form, the lines above its header (NULL: none) and its
 * times, with the evidence; ERROR_DATA asking for --stamp where it is open. f needs its times, step and column names.
 */
bool stamp_guess(enum csv_stamp *stamp, char *evidence, size_t size, const struct frame *f, const struct timeline *time,
                 const char *banner, struct error *err);

/* When the period of a row stamped t is over: t + step for OPEN, t for CLOSE, and for DATE the end of the day, or of
 * the step where that is longer. Steps of a month, a quarter, half a year or a year end with the calendar where they
 * begin on the first of a month, else after the longest of their kind. */
int64_t stamp_period_end(enum csv_stamp stamp, int64_t t, int64_t step_us);

#endif
