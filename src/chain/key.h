/* Identities: Ed25519 key pairs (libsodium). Where they are kept: chain/keystore.h.
 *
 * Address: "ms1" + lower-case hex of the first 20 bytes of BLAKE2b-256(public key) + 4 check bytes (the first bytes of
 * BLAKE2b-256("morphsmith address" || 0x00 || those 20)), so that a mistyped one is refused.
 *
 * Secret bytes live only in pages of base/secret.h. */
#ifndef CHAIN_KEY_H
#define CHAIN_KEY_H

#include "base/bytes.h"
#include "base/error.h"
#include "base/hash.h"

#define KEY_SEED_BYTES 32
#define KEY_PUBLIC_BYTES 32
#define KEY_SIGNATURE_BYTES 64
#define KEY_ADDRESS_MAX 64
#define KEY_NAME_MAX 32

struct key_public {
    uint8_t byte[KEY_PUBLIC_BYTES];
};
struct key_signature {
    uint8_t byte[KEY_SIGNATURE_BYTES];
};
struct address {
    uint8_t byte[20];
};

struct key; /* an unlocked identity */

struct address key_address(const struct key_public *pub);
void address_text(struct address a, char out[KEY_ADDRESS_MAX]);
bool address_parse(const char *text, struct address *out, struct error *err);
bool address_equal(struct address a, struct address b);

void key_free(struct key *k); /* wipes */

/* An identity that is written nowhere: tests, benchmarks, the guided tour's published key. */
struct key *key_from_seed(const char *name, const uint8_t seed[KEY_SEED_BYTES]);

const struct key_public *key_public_of(const struct key *k);
const char *key_name(const struct key *k);

/* Signs domain || 0x00 || data. Domains are ASCII, e.g. "morphsmith tx". */
void key_sign(const struct key *k, const char *domain, const void *data, size_t n, struct key_signature *out);

/* 32 bytes that only this key can tell, the same each time: what hides a commitment needs to be stored nowhere. `purpose`
 * is ASCII ("announce"). Keyed BLAKE2b-256 of purpose || 0x00 || data; its key is BLAKE2b-256 of "morphsmith salt" || 0x00,
 * keyed with the seed. */
struct hash key_salt(const struct key *k, const char *purpose, const void *data, size_t n);
bool key_verify(const struct key_public *pub, const char *domain, const void *data, size_t n,
                const struct key_signature *signature);

#endif
