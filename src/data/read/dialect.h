/* The dialect of a CSV text: which character parts its cells and where its first record begins.
 *
 * The first records are split with each candidate (comma, semicolon, tab, bar); the one wins whose records agree on
 * their number of cells and whose cells are most often numbers and times. Blanks part cells only where that is asked
 * for. Excel's first line "sep=;" is obeyed. A tie is a question. */
#ifndef DATA_READ_DIALECT_H
#define DATA_READ_DIALECT_H

#include "data/read/csv.h"
#include "data/read/encoding.h"
#include "data/read/findings.h"
#include "data/read/record.h"

struct dialect {
    struct record_form form;
    char name[16]; /* "comma", "semicolon", "tab", "bar", "space", or the character */
    size_t at;     /* where the first record begins */
    uint64_t line; /* lines before it */
};

bool dialect_find(struct dialect *d, struct findings *found, const struct encoding *text,
                  const struct csv_options *options, struct error *err);

#endif
