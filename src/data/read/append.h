/* Several frames of one series, from several files, joined into one.
 *
 * Their columns must be the same by name (in any order), their steps agree. The outcome does not depend on the order in
 * which the parts are given: where two have a row of one time, the part that ends later counts (keep_first: earlier).
 * Rows that are equal are dropped and counted; rows that differ are conflicts, of which the first are named; where many
 * differ the parts are no one series and are refused. */
#ifndef DATA_READ_APPEND_H
#define DATA_READ_APPEND_H

#include "data/read/csv.h"

#define APPEND_PARTS_MAX 4096

struct append_part {
    const char *name; /* for messages */
    const struct frame *frame;
    const char (*empty)[FRAME_NAME_MAX]; /* columns that its file has without any value in them */
    size_t empty_n;
};

/* Fills s->frame, its counts and step; warnings go to the report. */
bool append_join(struct csv_series *s, struct csv_report *report, const struct append_part *parts, size_t n,
                 bool keep_first, struct error *err);

#endif
