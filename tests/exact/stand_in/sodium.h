/* What base/hash.c needs of libsodium, for machines whose libsodium is not at hand: BLAKE2b-256 without a key. The
 * proofs that run natively use libsodium itself and have the same golden hashes, so that one checks the other. */
#ifndef TESTS_EXACT_STAND_IN_SODIUM_H
#define TESTS_EXACT_STAND_IN_SODIUM_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t chain[8], bytes;
    uint8_t block[128];
    size_t filled;
} crypto_generichash_state;

int sodium_init(void);
char *sodium_bin2hex(char *hex, size_t hex_size, const unsigned char *data, size_t n);
int crypto_generichash(unsigned char *out, size_t out_n, const unsigned char *data, unsigned long long n,
                       const unsigned char *key, size_t key_n);
int crypto_generichash_init(crypto_generichash_state *s, const unsigned char *key, size_t key_n, size_t out_n);
int crypto_generichash_update(crypto_generichash_state *s, const unsigned char *data, unsigned long long n);
int crypto_generichash_final(crypto_generichash_state *s, unsigned char *out, size_t out_n);

#endif
