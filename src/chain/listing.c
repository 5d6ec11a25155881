#include "chain/listing.h"

#include "base/memory.h"
#include "chain/codec.h"
#include "chain/ledger.h"
#include "chain/state_market.h"

#include <sodium.h>

struct hash listing_commitment(struct hash key)
{
    static const char domain[] = "morphsmith listing"; /* hashed with its NUL */
    struct bytes b = {0};
    bytes_put(&b, domain, sizeof domain);
    codec_put_hash(&b, key);
    struct hash h = hash_of(b.data, b.n);
    sodium_memzero(b.data, b.n);
    bytes_free(&b);
    return h;
}

bool listing_seal(struct hash key, struct hash nonce, const void *plain, size_t n, struct bytes *out, struct error *err)
{
    unsigned long long cipher_n = 0;
    if (n > LISTING_MOST)
        return error_set(err, ERROR_LIMIT, "what is listed has %zu bytes, more than the %zu allowed", n, LISTING_MOST);
    uint8_t *cipher = memory_try(n + crypto_aead_xchacha20poly1305_ietf_ABYTES, 1, "what is listed", err);
    if (!cipher)
        return false;
    bytes_clear(out);
    bytes_put(out, LISTING_MAGIC, strlen(LISTING_MAGIC));
    bytes_put(out, nonce.byte, LISTING_NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(cipher, &cipher_n, plain, n, out->data, LISTING_HEAD_BYTES, NULL,
                                               nonce.byte, key.byte);
    bytes_put(out, cipher, (size_t)cipher_n);
    free(cipher);
    return true;
}

bool listing_open(struct hash key, struct hash content, const void *object, size_t n, struct bytes *out,
                  struct error *err)
{
    const uint8_t *data = object;
    bytes_clear(out);
    if (n < LISTING_OVERHEAD || n > LISTING_MOST + LISTING_OVERHEAD ||
        memcmp(data, LISTING_MAGIC, strlen(LISTING_MAGIC)) != 0)
        return error_set(err, ERROR_CHAIN, "the listed object is no encrypted object (it does not begin with "
                                           LISTING_MAGIC ")");
    size_t plain_n = n - LISTING_OVERHEAD;
    uint8_t *plain = memory_try(plain_n + 1, 1, "what is listed", err);
    if (!plain)
        return false;
    bool good = crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, data + LISTING_HEAD_BYTES,
                                                           n - LISTING_HEAD_BYTES, data, LISTING_HEAD_BYTES,
                                                           data + strlen(LISTING_MAGIC), key.byte) == 0;
    if (!good)
        error_set(err, ERROR_CHAIN, "the listed object does not open with this key: another key, or it was damaged");
    else if (!hash_equal(hash_of(plain, plain_n), content))
        good = error_set(err, ERROR_CHAIN, "the listed object opens to something else than the listing promises");
    if (good)
        bytes_put(out, plain, plain_n);
    sodium_memzero(plain, plain_n);
    free(plain);
    return good;
}

bool listing_object(const char *folder, struct hash id, struct bytes *out, struct error *err)
{
    struct error why = {0};
    char hex[HASH_HEX];
    if (ledger_object_get(folder, id, out, &why))
        return true;
    hash_hex(id, hex);
    if (why.kind == ERROR_MEMORY || why.kind == ERROR_LIMIT)
        return error_set(err, why.kind, "%s", why.text);
    return error_set(err, ERROR_CHAIN, "the listed object: %s; copy objects/%.12s... from whoever has it", why.text, hex);
}

bool listing_witness(const char *folder, const struct state *s, const struct tx *tx, struct error *err)
{
    const struct state_listing *l = tx->type == TX_DELIVER ? state_listing_find(s, tx->deliver.listing) : NULL;
    struct bytes object = {0}, plain = {0};
    if (!l)
        return error_set(err, ERROR_CHAIN, "delivery: there is no such listing on this chain");
    bool ok = listing_object(folder, l->body.object, &object, err) &&
              listing_open(tx->deliver.key, l->body.content, object.data, object.n, &plain, err);
    bytes_free(&object);
    bytes_free(&plain);
    return ok;
}
