/* Long tables: one row for each asset and time. Which column names the asset, and which rows are whose.
 *
 * A column is taken without being named only where it alone explains the table: many rows share their time with
 * another, and none does among the rows of one symbol. Two columns together can be named as "A+B". A column that says
 * the same symbol on every row names the asset of the whole. */
#ifndef DATA_READ_PIVOT_H
#define DATA_READ_PIVOT_H

#include "data/read/csv.h"
#include "data/read/table.h"

#define PIVOT_SYMBOLS_MAX 4096
#define PIVOT_COLUMNS_MAX 2

struct pivot {
    size_t column[PIVOT_COLUMNS_MAX]; /* of the table; they are no values */
    size_t columns;                   /* 0: nothing names an asset */
    char (*symbol)[FRAME_NAME_MAX];   /* [symbols] in the order of their bytes, or of their numbers */
    size_t symbols;                   /* 1: the asset of the whole table; then row and first are NULL */
    uint32_t *row;                    /* rows of the table, symbol by symbol, each in the order of the file */
    size_t *first;                    /* [symbols + 1] where each begins in `row`; behind the last: rows without one */
    size_t rows;                      /* of the table */
};

/* us[rows of the table]. given: the option, see csv.h. ERROR_USAGE where it names no column of symbols, ERROR_LIMIT
 * where there are too many. Free with pivot_free in every case. */
bool pivot_find(struct pivot *p, struct csv_report *report, const struct table *t, const int64_t *us, const char *given,
                struct error *err);
void pivot_free(struct pivot *p);

#endif
