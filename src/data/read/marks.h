/* What the marks in a table's numbers mean: thousands, decimals, suffixes, units. For column.c alone; see dress.h. */
#ifndef DATA_READ_MARKS_H
#define DATA_READ_MARKS_H

#include "base/threads.h"
#include "data/read/table.h"

/* Reads every column that has dressed cells again, now that all of them are known. */
bool marks_settle(struct table *t, struct findings *found, struct threads *pool, const struct csv_options *options,
                  struct error *err);

#endif
