/* The dialect of a CSV file: what its bytes say before a single cell is read.
 *
 * The importer reads UTF-8 (with or without a byte order mark), lines ended by LF or CRLF, cells parted by commas.
 * dialect_find accepts that and refuses every other form by name, with the line or byte and the remedy: compressed
 * files, UTF-16, other 8-bit encodings, binary, bare CR, semicolons, tabs and bars. It decides nothing in silence. */
#ifndef DATA_DIALECT_H
#define DATA_DIALECT_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct dialect {
    size_t skip; /* bytes of the byte order mark */
    bool crlf;   /* of the first line */
    uint64_t lines;
};

bool dialect_find(struct dialect *d, const char *text, size_t n, struct error *err);

#endif
