/* One stretch of a table's text, read into the rows set aside for it. For table.c alone.
 *
 * Chunks are cut by size and not by the number of threads, and what they saw is joined in their order: the result does
 * not depend on who read which. */
#ifndef DATA_READ_CHUNK_H
#define DATA_READ_CHUNK_H

#include "data/read/table.h"

enum chunk_seen { CHUNK_BAD_TIME = NUMBER_TEXT + 1, CHUNK_KINDS };

/* What one column met in a chunk: how many cells of each kind, and the row (of the chunk) of the first. */
struct chunk_tally {
    uint32_t count[CHUNK_KINDS], first[CHUNK_KINDS];
};

enum chunk_why { CHUNK_RAGGED, CHUNK_REPEATED, CHUNK_EMPTY, CHUNK_COMMENT };

struct chunk_drop {
    uint64_t line;
    uint32_t cells;
    enum chunk_why why;
};

struct chunk {
    size_t at, end;            /* of the text */
    uint64_t line;             /* lines before it */
    size_t slot, most;         /* its first row in the table, and how many are set aside */
    size_t rows;               /* how many it has */
    struct chunk_tally *tally; /* [columns] */
    struct chunk_drop *drop;
    size_t drops, drop_capacity;
    struct error err;
};

void chunk_read(struct chunk *chunk, struct table *t);
void chunk_free(struct chunk *chunk);

#endif
