/* Which columns of a table are kept as values: those of numbers. Another column of times, a column of texts and one
 * without any value are left out and named; what is neither number nor text is refused. */
#ifndef DATA_COLUMNS_H
#define DATA_COLUMNS_H

#include "data/csv.h"
#include "data/timeline.h"

#define COLUMNS_NONE SIZE_MAX

struct columns {
    size_t *index; /* [n] of the table */
    size_t n;
};

/* time: its columns are no values; symbol: the one that names assets, or COLUMNS_NONE. Free c->index. */
bool columns_choose(struct columns *c, struct csv_report *report, const struct table *t, const struct timeline *time,
                    size_t symbol, struct error *err);

#endif
