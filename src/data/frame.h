/* A frame: columns of float64 over one int64 time line, strictly increasing; NaN is missing.
 *
 * A frame owns its columns. Its canonical bytes (frame_encode) are what the workspace stores and what a task's hash
 * covers: magic "MSFRAME1", u32 columns, u64 rows, i64 step_us, the column names as texts, rows x i64 times, then each
 * column as rows x 8-byte IEEE-754 little-endian (every NaN written as 0x7ff8000000000000). */
#ifndef DATA_FRAME_H
#define DATA_FRAME_H

#include "base/bytes.h"
#include "base/error.h"
#include "base/hash.h"

#define FRAME_NAME_MAX 64
#define FRAME_COLUMNS_MAX 4096

struct frame_column {
    char name[FRAME_NAME_MAX];
    double *value; /* [rows] */
};

struct frame {
    size_t rows, columns;
    int64_t *time_us; /* [rows], as stamped in the file, UTC */
    int64_t step_us;  /* most frequent distance between neighbouring rows; 0 if fewer than two rows */
    struct frame_column *column;
};

struct frame *frame_new(size_t rows, size_t columns, struct error *err);
/* Its columns are not there yet (value is NULL): the caller puts arrays there that free() can release. */
struct frame *frame_new_empty(size_t rows, size_t columns, struct error *err);
void frame_free(struct frame *f);
int frame_find(const struct frame *f, const char *column); /* index or -1; exact, then ignoring ASCII case */
void frame_find_step(struct frame *f);
void frame_encode(const struct frame *f, struct bytes *out);
struct frame *frame_decode(const void *data, size_t n, struct error *err);
struct hash frame_hash(const struct frame *f);

#endif
