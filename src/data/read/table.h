/* A CSV text as a table: names, every cell read as a number, a time or text, and what was seen on the way.
 *
 * The rows are read in chunks by several threads; the result, and every message, is the same for any number of them.
 * Rows of another length than the header are dropped and named (many refuse the file); so are repeated headers,
 * comments, footers and empty rows. Each column's numbers are settled over the whole column: which marks part thousands
 * and decimals, suffixes, units, booleans; what only the user can know is refused with the option that settles it.
 *
 * Which column is the time, which columns stay and what a row means is decided afterwards by those who see the table.
 * The text must outlive the table: cells of text are not copied, but found again in it (table_visit, table_words). */
#ifndef DATA_READ_TABLE_H
#define DATA_READ_TABLE_H

#include "data/read/csv.h"
#include "data/read/dialect.h"
#include "data/read/header.h"
#include "data/read/number.h"
#include "data/time/timestamp.h"

#define TABLE_TIMES_MAX 8
#define TABLE_SHOWN 40     /* bytes of a cell kept for messages */
#define TABLE_WORDS_MAX 64 /* a text column with at most so many spellings keeps them */
#define TABLE_WORDLESS 65535

/* The first cell of a kind that a column met. */
struct table_cell {
    uint64_t line; /* 0: none */
    char text[TABLE_SHOWN];
};

enum table_kind {
    TABLE_NUMBERS,
    TABLE_TIMES, /* a candidate of the time */
    TABLE_TEXTS,
    TABLE_EMPTY, /* no value at all */
    TABLE_INDEX  /* an unnamed first column that counts 0, 1, 2 ... or 1, 2, 3 ... */
};

/* The spellings of a text column, in the order of their bytes. */
struct table_words {
    char **word;
    size_t n;
    uint16_t *code; /* [rows] index of the word, TABLE_WORDLESS where missing */
};

struct table_column {
    char name[FRAME_NAME_MAX];
    enum table_kind kind;
    char unit[HEADER_UNIT_MAX]; /* from a line of units below the header, or "" */
    bool unnamed;               /* the name was made up here */
    double *value;              /* [rows]; NULL for candidates of the time */
    char decimal;               /* the mark of decimals in a candidate of the time */
    struct timestamp *time; /* [rows] of candidates, else NULL; kind NONE where the cell is no time. timeline_find turns
                             * candidates that are plain numbers and not the time into columns of values */
    size_t numbers, missing, texts, lookalikes, infinite, booleans, dressed; /* cells of each kind */
    struct table_cell text, lookalike, endless, bad_time;
    bool several_texts;       /* not all texts are equal */
    struct table_words words; /* of a text column with 2 to TABLE_WORDS_MAX spellings */
};

struct table {
    struct table_column *column;
    size_t columns, rows;
    uint64_t *line; /* [rows] */
    size_t *at;     /* [rows] where each begins in the text */
    uint64_t header_line;
    struct dialect dialect;
    struct header header;
    const struct encoding *text;
    char decimal;            /* '.' or ',': settled over the file, '.' where nothing speaks */
    char thousands[12];      /* "none", "comma", "point", "blank", "apostrophe" */
    size_t ragged;           /* rows dropped for their length */
    const char *time_column; /* the only candidate, or NULL; borrowed from the options */
    struct timestamp_format format;
    const struct timestamp_format *time_format; /* how the cells of the time are written; NULL: guessed */
    const char *banner;                         /* the lines before the header, or NULL */
    const char *missing;                        /* spellings of missing besides the usual ones; borrowed */
};

/* *t must be zero; free it with table_free in every case. */
bool table_read(struct table *t, struct findings *found, const struct encoding *text, const struct csv_options *options,
                struct error *err);
void table_free(struct table *t);

/* Calls each(context, row, cells, n) for rows from .. to - 1 in order, with all their cells. */
void table_visit(const struct table *t, size_t from, size_t to,
                 void (*each)(void *context, size_t row, const struct record_cell *cell, size_t n), void *context);

/* One cell, escaped and cut for a message. */
void table_show(const struct table *t, size_t row, size_t column, struct table_cell *out);

/* Reads a column's cells as words. False (and *out empty) where there are more than `most` (at most 65534), or
 * no memory is left for one code a row. */
bool table_read_words(const struct table *t, size_t column, size_t most, struct table_words *out);
void table_words_free(struct table_words *words);

/* Whether a column can be kept: ERROR_DATA where it mixes what cannot be read together. A column of text is fine. */
bool table_check_column(const struct table *t, size_t column, struct error *err);

#endif
