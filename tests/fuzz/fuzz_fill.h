/* Short spellings of what an input cannot know: ids, keys, the chain. In the bytes of a fuzz program's input
 *
 *   EE 00+k   k + 1 zero bytes (k < 40)         EE 70+k   the voting key of party k, 32 bytes
 *   EE 40+k   the k-th id so far, 32 bytes      EE 80     the chain's id, 32 bytes
 *   EE 60+k   the address of party k, 20 bytes  EE 81     a signature that is good (fuzz_signature.c), 64 bytes
 *   EE 68+k   the key of party k, 32 bytes      EE 82     the height behind the last block, u64; EE 83: the one before it
 *
 * (numbers hexadecimal), EE and any other byte that byte itself; all other bytes are themselves. */
#ifndef TESTS_FUZZ_FILL_H
#define TESTS_FUZZ_FILL_H

#include "fuzz.h"

#include "base/bytes.h"
#include "chain/state.h"

#define FILL_ESCAPE 0xee
#define FILL_PARTIES 8
#define FILL_IDS 32
#define FILL_MOST 4096 /* bytes: one input cannot ask for more */

struct fill {
    struct key_public key[FILL_PARTIES], voting[FILL_PARTIES];
    struct address who[FILL_PARTIES];
    struct hash chain, id[FILL_IDS];
    int ids;
    uint64_t height;
};

void fill_start(struct fill *f);                 /* the parties; no ids */
void fill_note(struct fill *f, struct hash id);  /* one more; of too many, the first are kept */

/* A chain of the first parties: six holders, and validators among them; for many, or closed (with one). */
void fill_genesis(const struct fill *f, bool many, int validators, struct genesis *out);

/* n bytes in memory of just that length, so that the sanitizer sees one read too many. */
void fill_exact(const void *data, size_t n, struct bytes *out);

/* n bytes of an input, spelt out behind what `out` holds; false if that is too much. If it is empty, exactly. */
bool fill_out(const struct fill *f, const uint8_t *data, size_t n, struct bytes *out);

/* Up to the byte FD, which may also stand behind an escape. */
#define FILL_END 0xfd
size_t fill_length(const uint8_t *data, size_t n);

/* The other way round, for making a corpus: the shortest spelling of n bytes, with FILL_END escaped, too. */
void fill_in(const struct fill *f, const uint8_t *data, size_t n, struct bytes *out);

#endif
