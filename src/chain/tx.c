#include "chain/tx.h"

#include "chain/codec.h"

#define TX_DOMAIN "morphsmith tx"

void tx_signing_bytes(const struct tx *tx, struct bytes *out)
{
    const struct tx_kind *kind = tx_kind_of(tx->type);
    ASSERT(kind);
    bytes_put_u16(out, (uint16_t)tx->type);
    codec_put_hash(out, tx->chain);
    codec_put_public(out, &tx->sender);
    bytes_put_u64(out, tx->nonce);
    bytes_put_u64(out, tx->fee);
    kind->encode(tx, out);
}

void tx_encode(const struct tx *tx, struct bytes *out)
{
    tx_signing_bytes(tx, out);
    codec_put_signature(out, &tx->signature);
}

/* Everything before the signature. */
static bool decode_unsigned(struct bytes_reader *r, struct tx *out, struct error *err)
{
    memset(out, 0, sizeof *out);
    unsigned type = bytes_get_u16(r);
    const struct tx_kind *kind = tx_kind_of((enum tx_type)type);
    if (!r->failed && !kind)
        return error_set(err, ERROR_CHAIN, "transaction: kind %u is not known to this version", type);
    out->type = (enum tx_type)type;
    out->chain = codec_get_hash(r);
    out->sender = codec_get_public(r);
    out->nonce = bytes_get_u64(r);
    out->fee = bytes_get_u64(r);
    if (kind)
        kind->decode(r, out);
    if (r->failed)
        return error_set(err, ERROR_CHAIN, "transaction%s%s: malformed or cut near byte %zu", kind ? " " : "",
                         kind ? kind->name : "", r->at);
    return true;
}

static bool decode_end(const struct bytes_reader *r, struct error *err)
{
    if (bytes_done(r))
        return true;
    return error_set(err, ERROR_CHAIN, r->failed ? "transaction: cut near byte %zu of %zu"
                                                 : "transaction: it ends at byte %zu, but there are %zu",
                     r->at, r->n);
}

static bool size_sane(size_t n, struct error *err)
{
    if (n <= TX_BODY_MAX)
        return true;
    return error_set(err, ERROR_CHAIN, "transaction: %zu bytes are more than the %u allowed", n, TX_BODY_MAX);
}

bool tx_decode(const void *data, size_t n, struct tx *out, struct error *err)
{
    struct bytes_reader r = bytes_read(data, n);
    if (!size_sane(n, err) || !decode_unsigned(&r, out, err))
        return false;
    out->signature = codec_get_signature(&r);
    return decode_end(&r, err);
}

bool tx_decode_unsigned(const void *data, size_t n, struct tx *out, struct error *err)
{
    struct bytes_reader r = bytes_read(data, n);
    return size_sane(n, err) && decode_unsigned(&r, out, err) && decode_end(&r, err);
}

void tx_sign(struct tx *tx, const struct key *key)
{
    struct bytes b = {0};
    tx->sender = *key_public_of(key);
    tx_signing_bytes(tx, &b);
    key_sign(key, TX_DOMAIN, b.data, b.n, &tx->signature);
    bytes_free(&b);
}

bool tx_check_signature_bytes(const void *data, size_t n, const struct tx *tx, struct error *err)
{
    ASSERT(n >= KEY_SIGNATURE_BYTES);
    if (key_verify(&tx->sender, TX_DOMAIN, data, n - KEY_SIGNATURE_BYTES, &tx->signature))
        return true;
    return error_set(err, ERROR_CHAIN, "transaction: its signature is not the sender's over these bytes");
}

bool tx_check_signature_alone(const void *data, size_t n)
{
    struct key_public sender;
    struct key_signature signature;
    if (n < TX_LEAST_BYTES)
        return false;
    const uint8_t *bytes = data;
    memcpy(sender.byte, bytes + 2 + HASH_BYTES, sizeof sender.byte);
    memcpy(signature.byte, bytes + n - sizeof signature.byte, sizeof signature.byte);
    return key_verify(&sender, TX_DOMAIN, data, n - sizeof signature.byte, &signature);
}

bool tx_check_signature(const struct tx *tx, struct error *err)
{
    struct bytes b = {0};
    tx_encode(tx, &b);
    bool good = tx_check_signature_bytes(b.data, b.n, tx, err);
    bytes_free(&b);
    return good;
}

struct hash tx_id(const struct tx *tx)
{
    struct bytes b = {0};
    tx_signing_bytes(tx, &b);
    struct hash h = hash_of(b.data, b.n);
    bytes_free(&b);
    return h;
}

struct hash tx_id_of_bytes(const void *data, size_t n)
{
    ASSERT(n > KEY_SIGNATURE_BYTES);
    return hash_of(data, n - KEY_SIGNATURE_BYTES);
}

struct hash tx_leaf(const struct tx *tx)
{
    struct bytes b = {0};
    tx_encode(tx, &b);
    struct hash h = hash_of(b.data, b.n);
    bytes_free(&b);
    return h;
}
