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

/* A candidate of the time holds `time` and no `value`: its first rows are all times, or numbers under a name that
 * speaks of time, without a name, or in the first column. Cells of it that timestamp_scan_as does not read are
 * TIMESTAMP_NONE, the first of them is bad_time, and number_parse counts what they are in the counters below.
 * timeline_find turns candidates that are plain numbers and not the time into columns of values. */
struct table_column {
    char name[FRAME_NAME_MAX];
    char unit[24];          /* from a line of units below the header, or "" */
    bool unnamed;           /* the name was made up here */
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
    const char *time_column; /* the only candidate (two: "DATE+CLOCK"), or NULL */
    const struct timestamp_format *time_format; /* how its cells are written; borrowed; NULL: guessed */
    char *banner;            /* the lines before the header, or NULL; owned */
};

/* *t must be zero but for time_column; free it with table_free in every case. */
bool table_read(struct table *t, const char *text, size_t n, struct error *err);
void table_free(struct table *t);

#endif
