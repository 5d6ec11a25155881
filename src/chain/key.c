#include "chain/key_private.h"

#include "base/memory.h"
#include "base/secret.h"
#include "base/text.h"

bool key_name_valid(const char *name)
{
    size_t n = strlen(name);
    if (n < 1 || n >= KEY_NAME_MAX)
        return false;
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == n;
}

struct key *key_from_seed(const char *name, const uint8_t seed[KEY_SEED_BYTES])
{
    hash_start();
    struct key *k = NEW(struct key);
    ASSERT(text_copy(k->name, sizeof k->name, name));
    k->secret = secret_new(crypto_sign_SECRETKEYBYTES, NULL);
    ASSERT(k->secret);
    crypto_sign_seed_keypair(k->public_key.byte, k->secret, seed);
    sodium_mprotect_readonly(k->secret);
    return k;
}

void key_free(struct key *k)
{
    if (!k)
        return;
    secret_free(k->secret);
    sodium_memzero(k, sizeof *k);
    free(k);
}

const struct key_public *key_public_of(const struct key *k)
{
    return &k->public_key;
}

const char *key_name(const struct key *k)
{
    return k->name;
}

/* domain || 0x00 || data, in `small` if it fits, else in memory to free. The domain's own NUL is the 0x00. */
static uint8_t *message_join(uint8_t *small, size_t small_n, const char *domain, const void *data, size_t n,
                             size_t *total)
{
    size_t head = strlen(domain) + 1;
    *total = head + n;
    uint8_t *m = *total <= small_n ? small : memory_new(*total, 1);
    memcpy(m, domain, head);
    if (n)
        memcpy(m + head, data, n);
    return m;
}

void key_sign(const struct key *k, const char *domain, const void *data, size_t n, struct key_signature *out)
{
    uint8_t small[1024];
    size_t total;
    uint8_t *m = message_join(small, sizeof small, domain, data, n, &total);
    crypto_sign_detached(out->byte, NULL, m, total, k->secret);
    if (m != small)
        free(m);
}

struct hash key_salt(const struct key *k, const char *purpose, const void *data, size_t n)
{
    static const char domain[] = "morphsmith salt"; /* hashed with its NUL */
    uint8_t small[1024], salting[HASH_BYTES];
    size_t total;
    struct hash out;
    uint8_t *m = message_join(small, sizeof small, purpose, data, n, &total);
    /* The secret key begins with the seed. */
    crypto_generichash(salting, sizeof salting, (const uint8_t *)domain, sizeof domain, k->secret, KEY_SEED_BYTES);
    crypto_generichash(out.byte, sizeof out.byte, m, total, salting, sizeof salting);
    sodium_memzero(salting, sizeof salting);
    if (m != small)
        free(m);
    return out;
}

bool key_verify(const struct key_public *pub, const char *domain, const void *data, size_t n,
                const struct key_signature *signature)
{
    uint8_t small[1024];
    size_t total;
    uint8_t *m = message_join(small, sizeof small, domain, data, n, &total);
    bool good = crypto_sign_verify_detached(signature->byte, m, total, pub->byte) == 0;
    if (m != small)
        free(m);
    return good;
}
