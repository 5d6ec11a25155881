/* Where a table begins, and what its columns are called.
 *
 * Lines before the table (a banner, comments, a title) have fewer cells than its rows, or a web address among them;
 * their text is handed on. Header lines are those whose cells do not fit the kinds of their columns; there may be
 * several (units; an exporter's levels, of which those that tell nothing apart are left out of the names), or none:
 * then known layouts of bars are recognised by their values and all others are called column_1, column_2 ... Names are
 * unique ignoring case: the second "close" is "close_2". */
#ifndef DATA_READ_HEADER_H
#define DATA_READ_HEADER_H

#include "data/read/csv.h"
#include "data/read/dialect.h"
#include "data/read/sample.h"

#define HEADER_LINES_MAX 6
#define HEADER_UNIT_MAX 24

struct header {
    size_t columns;
    char (*name)[FRAME_NAME_MAX];
    char (*unit)[HEADER_UNIT_MAX]; /* of a line of units below the names, or "" */
    bool *unnamed;                 /* the header's cell is empty, or there is no header */
    bool positional;               /* there is no header; bars or column_N */
    bool row_names;                /* the header lacks the first column's name */
    size_t lines;                  /* header lines */
    uint64_t line;                 /* of the first of them, or of the first row */
    uint64_t skipped;              /* lines before it */
    size_t at;                     /* where the rows begin */
    uint64_t before;               /* lines before them */
    const char *raw;               /* the first header line as it stands, borrowed; NULL: none */
    size_t raw_n;
    char banner[512]; /* the text before the table, lines parted by line feeds */
};

/* Free with header_free in every case. */
bool header_find(struct header *h, struct findings *found, const struct encoding *text, const struct dialect *d,
                 const struct csv_options *options, struct error *err);
void header_free(struct header *h);

/* Names of a table without a header, from the values of its first rows (layout.c): true where it is a known layout. */
bool header_layout(struct header *h, struct findings *found, const struct sample *s, size_t first);

/* Names from the header's rows first .. first + h->lines - 1 of the sample (header_names.c). */
void header_names(struct header *h, struct findings *found, const struct sample *s, size_t first);
void header_make_unique(struct header *h, struct findings *found);

#endif
