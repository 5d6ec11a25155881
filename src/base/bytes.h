/* Canonical encoding: fixed-width little-endian integers, length-prefixed texts and blobs, no floats, no padding.
 * Every value has exactly one spelling; a reader refuses every other one.
 *
 * `struct bytes` is a growing buffer that owns its memory: zero-initialise it, free it with bytes_free.
 * `struct bytes_reader` borrows a buffer. Reading past the end sets `failed`, returns zeros from then on and never
 * touches memory outside; check bytes_done() once at the end: it is true only if all was read and nothing failed. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
    uint8_t *data;
    size_t n, capacity;
};

void bytes_free(struct bytes *b);
void bytes_clear(struct bytes *b); /* keeps the memory */
void bytes_put(struct bytes *b, const void *data, size_t n);
void bytes_put_u8(struct bytes *b, uint8_t v);
void bytes_put_u16(struct bytes *b, uint16_t v);
void bytes_put_u32(struct bytes *b, uint32_t v);
void bytes_put_u64(struct bytes *b, uint64_t v);
void bytes_put_i64(struct bytes *b, int64_t v);
void bytes_put_f64(struct bytes *b, double v);                 /* the IEEE-754 bits; for data, never for what is signed */
void bytes_put_text(struct bytes *b, const char *text);         /* u32 length, then the bytes, no NUL */
void bytes_put_blob(struct bytes *b, const void *data, size_t n); /* u32 length, then the bytes */

struct bytes_reader {
    const uint8_t *data;
    size_t n, at;
    bool failed;
};

struct bytes_reader bytes_read(const void *data, size_t n);
uint8_t bytes_get_u8(struct bytes_reader *r);
uint16_t bytes_get_u16(struct bytes_reader *r);
uint32_t bytes_get_u32(struct bytes_reader *r);
uint64_t bytes_get_u64(struct bytes_reader *r);
int64_t bytes_get_i64(struct bytes_reader *r);
double bytes_get_f64(struct bytes_reader *r);
const uint8_t *bytes_get(struct bytes_reader *r, size_t n); /* borrowed, or NULL when fewer than n bytes are left */

/* A length-prefixed text into out[size], NUL-terminated. Fails if it is longer than size - 1 or holds a NUL. */
void bytes_get_text(struct bytes_reader *r, char *out, size_t size);

/* A length-prefixed blob of at most `most` bytes: borrowed pointer, length in *n. */
const uint8_t *bytes_get_blob(struct bytes_reader *r, size_t most, size_t *n);
bool bytes_done(const struct bytes_reader *r);

#endif
