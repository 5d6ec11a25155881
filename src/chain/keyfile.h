/* One key file in memory: reading, sealing a seed into it, opening it. The bytes are in chain/keystore.h. */
#ifndef CHAIN_KEYFILE_H
#define CHAIN_KEYFILE_H

#include "chain/key_private.h"
#include "chain/keystore.h"

#define KEYFILE_SUFFIX ".key"
#define KEYFILE_PUBLIC_SUFFIX ".pub"
#define KEYFILE_MAGIC "MSKEY001"
#define KEYFILE_CIPHER_BYTES (KEY_SEED_BYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES)

struct keyfile {
    struct key_info info;
    uint64_t ops, mem; /* Argon2id's passes and bytes */
    uint8_t salt[crypto_pwhash_argon2id_SALTBYTES];
    uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];
    uint8_t cipher[KEYFILE_CIPHER_BYTES];
};

bool keyfile_parse(const char *path, const struct bytes *in, struct keyfile *f, struct error *err);

/* private: refuse a file that is open to others. */
bool keyfile_read(const char *path, bool private, struct keyfile *f, struct error *err);
void keyfile_bytes(const struct keyfile *f, struct bytes *out);

/* Raises the limits to what `strength` asks for; false if they were that high already. */
bool keyfile_strengthen(struct keyfile *f, int strength);

/* Encrypts under a new salt and nonce; name, public key and limits are set. */
bool keyfile_seal(struct keyfile *f, const uint8_t *seed, const char *passphrase, struct error *err);

/* The seed (to be freed by secret_free) if the passphrase opens it and the public key is its own; else NULL. */
uint8_t *keyfile_open(const char *path, const struct keyfile *f, const char *passphrase, struct error *err);

#endif
