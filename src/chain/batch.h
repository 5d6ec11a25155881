/* Transactions that are shown, confirmed and signed together, and the file in which they travel to a key on another
 * machine and back.
 *
 * One word and one hash cover all: over the signing bytes themselves where there is one transaction, else over
 *   "morphsmith transactions" (text), u32 n, the signing bytes of each as a blob
 *
 * The file: "MSOFFL01", u8 type (1 prepared: not signed, 2 signed), u32 n (1 to 16), each transaction as a blob (signing
 * bytes, or all bytes with the signature), 32 bytes BLAKE2b-256 of everything before. Canonical, like all of the chain:
 * every other spelling is refused. The hash at the end is there against damage on the way; nothing is believed for its
 * sake. All of a file are of one chain and one sender. */
#ifndef CHAIN_BATCH_H
#define CHAIN_BATCH_H

#include "chain/tx.h"

#define BATCH_MOST 16
#define BATCH_FILE_MOST ((size_t)BATCH_MOST * (TX_BODY_MAX + 4) + 64)

/* What is hashed for `expect` and for the word. */
void batch_bytes(const struct tx *tx, int n, struct bytes *out);

/* All of them, each decoded from the very bytes to be signed. */
bool batch_show(const struct tx *tx, int n, struct text *out, struct error *err);

/* Zero-initialise; free with batch_free. */
struct batch {
    struct tx *tx; /* [n] */
    int n;
    bool is_signed;
};
void batch_free(struct batch *b);

/* Takes n transactions by their signing bytes, which are checked. */
bool batch_add(struct batch *b, const void *signing_bytes, size_t n, struct error *err);
void batch_encode(const struct batch *b, struct bytes *out);
/* Checks form, order and hash; for a signed one each signature too. */
bool batch_decode(struct batch *b, const void *data, size_t n, struct error *err);

/* Signs all with the key that they name; ERROR_KEY if it is another. */
bool batch_sign(struct batch *b, const struct key *key, struct error *err);

#endif
