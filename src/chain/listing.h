/* What is sold: an object that lies encrypted in objects/ from the moment it is listed, and the key that opens it, which
 * the seller shows when it is paid.
 *
 *   "MSLISTED", nonce 24, XChaCha20-Poly1305 of the plaintext; these first 32 bytes are the associated data
 *
 * What came from others is opened by listing_open alone, which believes nothing: the cipher's tag and the hash of the
 * plaintext both must fit. One listing is one sale: whoever reads the chain has the key from the delivery on. */
#ifndef CHAIN_LISTING_H
#define CHAIN_LISTING_H

#include "chain/state.h"

#define LISTING_MAGIC "MSLISTED"
#define LISTING_NONCE_BYTES 24
#define LISTING_HEAD_BYTES 32
#define LISTING_OVERHEAD (LISTING_HEAD_BYTES + 16) /* and the tag */
#define LISTING_MOST (((size_t)64 << 20) - LISTING_OVERHEAD) /* bytes of plaintext: an object has at most 64 MiB */

/* What the listing promises of its key: H("morphsmith listing", a zero byte, key). */
struct hash listing_commitment(struct hash key);

/* With a key that nothing else is encrypted with; of the nonce the first 24 bytes. ERROR_LIMIT beyond LISTING_MOST. `out`
 * is replaced. */
bool listing_seal(struct hash key, struct hash nonce, const void *plain, size_t n, struct bytes *out, struct error *err);

/* The plaintext, whose hash must be `content`. ERROR_CHAIN: no such file, another key, or another plaintext. */
bool listing_open(struct hash key, struct hash content, const void *object, size_t n, struct bytes *out,
                  struct error *err);

/* The listed object, out of the chain's folder. ERROR_CHAIN where it is not there, or is damaged. */
bool listing_object(const char *folder, struct hash id, struct bytes *out, struct error *err);

/* Of a delivery, what the state cannot know: the listed object is in this chain's folder, and opens to what was listed. */
bool listing_witness(const char *folder, const struct state *s, const struct tx *tx, struct error *err);

#endif
