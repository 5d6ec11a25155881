/* Which rows of a table make up a series, and in which order: by time, each time once.
 *
 * Of rows with one time all but one are dropped and named: exact copies, and rows that contradict each other, of which
 * the last in the file is kept unless told otherwise. */
#ifndef DATA_READ_ROWS_H
#define DATA_READ_ROWS_H

#include "data/read/csv.h"
#include "data/read/table.h"

struct rows {
    uint32_t *row; /* [n] rows of the table in the order of time; NULL: all of them, as they stand */
    size_t n;
    size_t duplicates, conflicts, first_conflict; /* the latter an index of the report's drops */
    bool reordered;
    uint64_t clock_change_line; /* of a contradiction in the night when clocks go back; 0: none */
};

struct rows_view {
    const struct table *table;
    const int64_t *us;    /* [rows of the table] */
    const size_t *column; /* those compared */
    size_t columns;
    bool keep_first;
};

/* subset[n], increasing, are the rows of one symbol; NULL: all rows of the table. Free with rows_free. */
bool rows_order(struct rows *out, struct csv_report *report, const struct rows_view *view, const uint32_t *subset,
                size_t n, struct error *err);
void rows_free(struct rows *r);

#endif
