#include "chain/batch.h"

#include "base/memory.h"
#include "chain/codec.h"

#define BATCH_MAGIC "MSOFFL01"
#define BATCH_DOMAIN "morphsmith transactions"
enum { BATCH_PREPARED = 1, BATCH_SIGNED = 2 };

/* --- what is signed together -------------------------------------------------------------------------------------- */

void batch_bytes(const struct tx *tx, int n, struct bytes *out)
{
    if (n == 1) {
        tx_signing_bytes(tx, out);
        return;
    }
    bytes_put_text(out, BATCH_DOMAIN);
    bytes_put_u32(out, (uint32_t)n);
    for (int i = 0; i < n; i++) {
        struct bytes one = {0};
        tx_signing_bytes(&tx[i], &one);
        bytes_put_blob(out, one.data, one.n);
        bytes_free(&one);
    }
}

bool batch_show(const struct tx *tx, int n, struct text *out, struct error *err)
{
    bool good = true;
    for (int i = 0; good && i < n; i++) {
        struct bytes one = {0};
        tx_signing_bytes(&tx[i], &one);
        if (n > 1)
            text_printf(out, "%s%d of %d that are signed together\n", i ? "\n" : "", i + 1, n);
        good = tx_show(one.data, one.n, out, err);
        bytes_free(&one);
    }
    return good;
}

/* --- the file ----------------------------------------------------------------------------------------------------- */

void batch_free(struct batch *b)
{
    free(b->tx);
    *b = (struct batch){0};
}

static bool fits_the_others(const struct batch *b, const struct tx *tx, struct error *err)
{
    if (b->n == 0 || (hash_equal(tx->chain, b->tx[0].chain) &&
                      memcmp(&tx->sender, &b->tx[0].sender, sizeof tx->sender) == 0 &&
                      tx->nonce == b->tx[b->n - 1].nonce + 1))
        return true;
    return error_set(err, ERROR_CHAIN,
                     "transaction %d of the file is of another chain or sender than the one before, or does not follow it",
                     b->n + 1);
}

static bool take(struct batch *b, const struct tx *tx, struct error *err)
{
    if (b->n == BATCH_MOST)
        return error_set(err, ERROR_LIMIT, "at most %d transactions are signed together", BATCH_MOST);
    if (!fits_the_others(b, tx, err))
        return false;
    size_t capacity = (size_t)b->n;
    b->tx = memory_grow(b->tx, &capacity, (size_t)b->n + 1, sizeof *b->tx);
    b->tx[b->n++] = *tx;
    return true;
}

bool batch_add(struct batch *b, const void *signing_bytes, size_t n, struct error *err)
{
    struct tx *tx = NEW(struct tx);
    bool good = tx_decode_unsigned(signing_bytes, n, tx, err) && take(b, tx, err);
    free(tx);
    return good;
}

void batch_encode(const struct batch *b, struct bytes *out)
{
    ASSERT(b->n >= 1 && b->n <= BATCH_MOST);
    bytes_put(out, BATCH_MAGIC, strlen(BATCH_MAGIC));
    bytes_put_u8(out, b->is_signed ? BATCH_SIGNED : BATCH_PREPARED);
    bytes_put_u32(out, (uint32_t)b->n);
    for (int i = 0; i < b->n; i++) {
        struct bytes one = {0};
        (b->is_signed ? tx_encode : tx_signing_bytes)(&b->tx[i], &one);
        bytes_put_blob(out, one.data, one.n);
        bytes_free(&one);
    }
    codec_put_hash(out, hash_of(out->data, out->n));
}

static bool read_one(struct batch *b, struct bytes_reader *r, struct error *err)
{
    size_t n;
    const uint8_t *data = bytes_get_blob(r, TX_BODY_MAX, &n);
    if (!data)
        return error_set(err, ERROR_CHAIN, "damaged near byte %zu of %zu", r->at, r->n);
    if (!b->is_signed)
        return batch_add(b, data, n, err);
    struct tx *tx = NEW(struct tx);
    bool good = tx_decode(data, n, tx, err) && tx_check_signature_bytes(data, n, tx, err) && take(b, tx, err);
    free(tx);
    return good;
}

static bool whole(const void *data, size_t n, struct bytes_reader *r, struct error *err)
{
    const size_t magic = strlen(BATCH_MAGIC);
    if (n < magic || memcmp(data, BATCH_MAGIC, magic) != 0)
        return error_set(err, ERROR_CHAIN,
                         "no file of `chain prepare` or `chain sign` (it does not start with " BATCH_MAGIC ")");
    if (n < magic + 1 + 4 + HASH_BYTES)
        return error_set(err, ERROR_CHAIN, "it ends at byte %zu, inside of its head", n);
    struct hash said, is = hash_of(data, n - HASH_BYTES);
    memcpy(said.byte, (const uint8_t *)data + n - HASH_BYTES, HASH_BYTES);
    if (!hash_equal(said, is))
        return error_set(err, ERROR_CHAIN, "damaged: its hash is not that of its %zu bytes; copy it again", n);
    *r = bytes_read(data, n - HASH_BYTES);
    bytes_get(r, magic);
    return true;
}

bool batch_decode(struct batch *b, const void *data, size_t n, struct error *err)
{
    struct bytes_reader r;
    batch_free(b);
    if (!whole(data, n, &r, err))
        return false;
    uint8_t type = bytes_get_u8(&r);
    uint32_t many = bytes_get_u32(&r);
    bool good = (type == BATCH_PREPARED || type == BATCH_SIGNED) ||
                error_set(err, ERROR_CHAIN, "its type %u is not known to this program", type);
    if (good && (many < 1 || many > BATCH_MOST))
        good = error_set(err, ERROR_CHAIN, "it holds %u transactions; 1 to %d are allowed", many, BATCH_MOST);
    b->is_signed = type == BATCH_SIGNED;
    for (uint32_t i = 0; good && i < many; i++)
        good = read_one(b, &r, err);
    if (good && !bytes_done(&r))
        good = error_set(err, ERROR_CHAIN, "there is more behind its %u transactions, at byte %zu", many, r.at);
    if (!good)
        batch_free(b);
    return good;
}

bool batch_sign(struct batch *b, const struct key *key, struct error *err)
{
    for (int i = 0; i < b->n; i++)
        if (memcmp(&b->tx[i].sender, key_public_of(key), sizeof b->tx[i].sender) != 0)
            return error_set(err, ERROR_KEY, "'%s' is not the identity that this was prepared for", key_name(key));
    for (int i = 0; i < b->n; i++)
        tx_sign(&b->tx[i], key);
    b->is_signed = true;
    return true;
}
