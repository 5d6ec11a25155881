/* Records of a comma-separated text, split by libcsv in its strict mode, with the line each record begins on.
 *
 * A cell is borrowed and lives until the next record. Blanks around an unquoted cell are trimmed; blank lines are no
 * records. Quotes in the middle of a cell, a quote that is never closed and records beyond RECORD_BYTES_MAX are
 * refused with their line. */
#ifndef DATA_RECORD_H
#define DATA_RECORD_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

#define RECORD_BYTES_MAX (1u << 20)
#define RECORD_CELLS_MAX 4097

struct record_cell {
    const char *text; /* n bytes and a NUL behind them */
    size_t n;
};

struct record {
    uint64_t line; /* from 1 */
    const struct record_cell *cell;
    size_t n;
};

/* Calls each(context, record, err) for every record until it returns false. */
bool record_each(const char *text, size_t n, bool (*each)(void *context, const struct record *r, struct error *err),
                 void *context, struct error *err);

#endif
