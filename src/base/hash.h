/* BLAKE2b-256 (RFC 7693, through libsodium) and Merkle trees (RFC 6962 shape, BLAKE2b in place of SHA-256). */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HASH_BYTES 32
#define HASH_HEX 65 /* 64 digits and the NUL */

struct hash {
    uint8_t byte[HASH_BYTES];
};

/* One call per process before anything else here; ASSERTs that libsodium starts. Cheap to repeat. */
void hash_start(void);

struct hash hash_of(const void *data, size_t n);
struct hash hash_of_text(const char *text);

struct hash_stream; /* opaque; for data that comes in pieces */
struct hash_stream *hash_stream_new(void);
void hash_stream_put(struct hash_stream *s, const void *data, size_t n);
struct hash hash_stream_end(struct hash_stream *s); /* frees it */

bool hash_equal(struct hash a, struct hash b);
bool hash_is_zero(struct hash a);
int hash_compare(const void *a, const void *b); /* memcmp order, for qsort over struct hash */
void hash_hex(struct hash h, char out[HASH_HEX]);
void hash_short(struct hash h, char out[13]); /* the first 12 digits, for people */
bool hash_from_hex(const char *hex, struct hash *out); /* exactly 64 lower-case digits */

/* Root of n leaves' hashes: H(0x00 || leaf), H(0x01 || left || right), split at the largest power of two below n.
 * The root of no leaves is H(""). */
struct hash hash_merkle_root(const struct hash *leaf, size_t n);

/* The proof that leaf `at` is one of n (RFC 6962, 2.1.1): the hashes beside the way from the leaf up to the root, at most
 * HASH_PATH_MOST of them, nearest to the leaf first. Returns how many. */
#define HASH_PATH_MOST 64
size_t hash_merkle_path(const struct hash *leaf, size_t n, size_t at, struct hash out[HASH_PATH_MOST]);

/* The root that such a path leads to (RFC 9162, 2.1.3.2). False if a path of n leaves has another length there. */
bool hash_merkle_climb(struct hash leaf, size_t n, size_t at, const struct hash *path, size_t path_n, struct hash *root);

#endif
