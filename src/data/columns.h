/* Which columns of a table are kept as values: those of numbers. Another column of times, a column of texts and one
 * without any value are left out and named; what is neither number nor text is refused. */
#ifndef DATA_COLUMNS_H
#define DATA_COLUMNS_H

#include "data/csv.h"
#include "data/table.h"

#define COLUMNS_NONE SIZE_MAX

struct columns {
    size_t *index; /* [n] of the table */
    size_t n;
};

/* time: the table's column of the time; symbol: the one that names assets, or COLUMNS_NONE. Free c->index. */
bool columns_choose(struct columns *c, struct csv_report *report, const struct table *t, size_t time, size_t symbol,
                    struct error *err);

#endif
