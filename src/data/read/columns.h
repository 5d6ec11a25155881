/* Which columns of a table are kept as values: those of numbers, and texts with few spellings as classes (the index of
 * the spelling). Another column of times, of many texts or without any value is left out and named; what is neither
 * number nor text is refused. */
#ifndef DATA_READ_COLUMNS_H
#define DATA_READ_COLUMNS_H

#include "data/read/csv.h"
#include "data/read/table.h"
#include "data/read/timeline.h"

struct columns {
    size_t *index; /* [n] of the table */
    size_t n;
};

/* symbol[n]: the table's columns that name assets. Classes get their values in *t. Free c->index. */
bool columns_choose(struct columns *c, struct csv_report *report, struct table *t, const struct timeline *time,
                    const size_t *symbol, size_t n, struct error *err);

#endif
