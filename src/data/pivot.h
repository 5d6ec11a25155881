/* Long tables: one row for each asset and time. Which column names the asset, and which rows are whose.
 *
 * A column is taken without being named only where it alone explains the table: many rows share a time, and none does
 * among the rows of one symbol. Two columns together can be named as "A+B". */
#ifndef DATA_PIVOT_H
#define DATA_PIVOT_H

#include "data/csv.h"
#include "data/table.h"

#define PIVOT_SYMBOLS_MAX 4096
#define PIVOT_COLUMNS_MAX 2

struct pivot {
    size_t column[PIVOT_COLUMNS_MAX]; /* of the table */
    size_t columns;                   /* 0: the table holds one series */
    char (*symbol)[FRAME_NAME_MAX];   /* [symbols], in the order of their bytes */
    size_t symbols;
    uint32_t *row;  /* rows of the table, symbol by symbol, in the order of the file */
    size_t *first;  /* [symbols + 1] where each begins in `row` */
    size_t nameless; /* rows without a symbol: they stand behind the last */
};

/* us[rows of the table]. ERROR_USAGE where --symbol names no column. Free with pivot_free in every case. */
bool pivot_find(struct pivot *p, struct csv_report *report, const struct table *t, const int64_t *us, const char *given,
                struct error *err);
void pivot_free(struct pivot *p);

#endif
