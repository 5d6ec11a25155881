/* What the columns of a table hold, settled over all their cells. For table.c alone; see table.h.
 *
 * Marks in numbers are settled by elimination: the readings that every cell of the column allows remain. If both a
 * decimal point and a decimal comma do, the other columns of the file speak; where they are silent it is a question. */
#ifndef DATA_READ_COLUMN_H
#define DATA_READ_COLUMN_H

#include "base/threads.h"
#include "data/read/table.h"

bool column_settle(struct table *t, struct findings *found, struct threads *pool, const struct csv_options *options,
                   struct error *err);

#endif
