/* Which column of a table is its time, and what its times are. One candidate is taken; several are settled only where
 * they say the same or are the opening and the close of one period; everything else is a question. */
#ifndef DATA_TIMELINE_H
#define DATA_TIMELINE_H

#include "data/csv.h"
#include "data/table.h"

struct timeline {
    int64_t *us;   /* [rows of the table], in the file's order; owned */
    size_t column; /* of the table */
    struct timestamp_column format;
    char evidence[192]; /* why this column */
};

/* Free with timeline_free in every case. */
bool timeline_find(struct timeline *line, const struct table *t, enum csv_date_order order, struct error *err);
void timeline_free(struct timeline *line);

#endif
