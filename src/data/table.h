/* A CSV text as a table: the header's names, every cell read as a number, a time or text, and what was seen on the
 * way. Nothing is decided here beyond one cell: which column is the time, which columns stay and what a row means is
 * settled afterwards, by those who see whole columns.
 *
 * Records of another length than the header, a missing header and single-cell tables are refused with their line. */
#ifndef DATA_TABLE_H
#define DATA_TABLE_H

#include "data/frame.h"
#include "data/timestamp.h"

#define TABLE_TIMES_MAX 8
#define TABLE_SHOWN 40 /* bytes of a cell kept for messages */

/* The first cell of a kind that a column met. */
struct table_cell {
    uint64_t line; /* 0: none */
    char text[TABLE_SHOWN];
};

struct table_column {
    char name[FRAME_NAME_MAX];
    double *value;          /* [rows]; NULL for candidates of the time */
    struct timestamp *time; /* [rows] of candidates, else NULL */
    size_t numbers, missing, texts, lookalikes;
    struct table_cell text, lookalike, bad_time;
    bool several_texts; /* not all texts are equal */
};

struct table {
    struct table_column *column;
    size_t columns, rows, capacity;
    uint64_t *line;               /* [rows] */
    uint64_t header_line, *blank; /* lines of rows without any value */
    size_t blank_n, blank_capacity;
    const char *time_column; /* the only candidate, or NULL */
};

/* *t must be zero but for time_column; free it with table_free in every case. */
bool table_read(struct table *t, const char *text, size_t n, struct error *err);
void table_free(struct table *t);

#endif
