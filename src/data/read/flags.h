/* Values that cannot be or hardly can: kept, but named in a warning and marked by time, so that a person decides. */
#ifndef DATA_READ_FLAGS_H
#define DATA_READ_FLAGS_H

#include "data/read/csv.h"

/* Fills s->flag and s->flag_count. line_of(context, row) is the file's line of a row of the frame, 0 where there
 * is none: then its time is told. */
void flags_find(struct csv_series *s, uint64_t (*line_of)(const void *context, size_t row), const void *context);

/* One warning for each kind and column that has flags, with its first lines and the count. */
void flags_warn(struct csv_report *r, const struct csv_series *s);

#endif
