/* The bytes of a file that is about to be read: all of them, as they stood at one moment, or none.
 *
 * Only regular files are opened, and none is waited for: a folder, FIFO, device or socket is refused by name. A file
 * that grows, shrinks or is written to meanwhile is refused, for what was read then belongs to no single state of it.
 * One line that never ends is refused while it is read, so that memory stays bounded. */
#ifndef DATA_READ_SOURCE_H
#define DATA_READ_SOURCE_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

#define SOURCE_MOST_BYTES ((size_t)4 << 30)
#define SOURCE_LINE_MOST ((size_t)4 << 20) /* bytes without a line end */

struct source {
    char *text; /* n bytes and a NUL behind them */
    size_t n;
};

/* most: 0 for SOURCE_MOST_BYTES. Free with source_free in every case. */
bool source_read(struct source *s, const char *path, size_t most, struct error *err);
void source_free(struct source *s);

#endif
