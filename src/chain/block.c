#include "chain/block.h"

#include "base/memory.h"
#include "chain/codec.h"

#define FRAME_VERSION 2
#define FRAME_VERSION_FIRST 1
#define BLOCK_DOMAIN "morphsmith block"

size_t block_frame_bytes(const struct frame *f)
{
    return FRAME_HEADER_BYTES + (size_t)f->payload_n + HASH_BYTES;
}

struct hash block_frame_hash(const struct frame *f, const uint8_t *data, struct hash previous)
{
    struct hash_stream *s = hash_stream_new();
    hash_stream_put(s, previous.byte, sizeof previous.byte);
    hash_stream_put(s, data, block_frame_bytes(f) - HASH_BYTES);
    return hash_stream_end(s);
}

struct hash block_frame_encode(struct bytes *out, const struct frame *f, const void *payload, struct hash previous)
{
    size_t start = out->n;
    ASSERT(f->payload_n <= FRAME_MOST_PAYLOAD);
    bytes_put(out, FRAME_MAGIC, strlen(FRAME_MAGIC));
    bytes_put_u8(out, FRAME_VERSION);
    bytes_put_u8(out, (uint8_t)f->type);
    bytes_put_u16(out, 0);
    bytes_put_u32(out, f->payload_n);
    bytes_put_u64(out, f->height);
    bytes_put(out, payload, f->payload_n);
    struct hash h = block_frame_hash(f, out->data + start, previous);
    codec_put_hash(out, h);
    return h;
}

bool block_refuse_first(struct error *err)
{
    return error_set(err, ERROR_CHAIN, "this chain has the first format, which programs of this version do not read: "
                                       "keep it with the program that wrote it, and make a new one with `chain init` "
                                       "in a new workspace");
}

bool block_frame_header(const uint8_t *data, struct frame *out, struct error *err)
{
    struct bytes_reader r = bytes_read(data, FRAME_HEADER_BYTES);
    const uint8_t *magic = bytes_get(&r, strlen(FRAME_MAGIC));
    unsigned version = bytes_get_u8(&r), type = bytes_get_u8(&r), reserved = bytes_get_u16(&r);
    uint32_t n = bytes_get_u32(&r);
    uint64_t height = bytes_get_u64(&r);
    if (memcmp(magic, FRAME_MAGIC, strlen(FRAME_MAGIC)) != 0)
        return error_set(err, ERROR_CHAIN, "no frame begins here");
    if (version == FRAME_VERSION_FIRST)
        return block_refuse_first(err);
    if (version != FRAME_VERSION)
        return error_set(err, ERROR_CHAIN, "frame version %u is not known to this program", version);
    if (type > FRAME_BLOCK || reserved != 0)
        return error_set(err, ERROR_CHAIN, "frame type %u with flags %u is not known to this program", type, reserved);
    if (n > FRAME_MOST_PAYLOAD)
        return error_set(err, ERROR_CHAIN, "a frame of %u bytes is more than the %u allowed", n, FRAME_MOST_PAYLOAD);
    *out = (struct frame){.type = (enum frame_type)type, .height = height, .payload_n = n};
    return true;
}

void block_free(struct block *b)
{
    free(b->tx);
    memset(b, 0, sizeof *b);
}

struct hash block_tx_root(const struct block *b)
{
    struct hash *leaf = NEW_ARRAY(struct hash, b->txs);
    for (size_t i = 0; i < b->txs; i++)
        leaf[i] = hash_of(b->tx[i].data, b->tx[i].n);
    struct hash root = hash_merkle_root(leaf, b->txs);
    free(leaf);
    return root;
}

struct hash block_certificate_hash(const struct block *b)
{
    return hash_of(b->certificate_data, b->certificate_n);
}

static void put_header(struct bytes *out, const struct block *b)
{
    codec_put_hash(out, b->chain);
    bytes_put_u64(out, b->height);
    bytes_put_u32(out, b->round);
    bytes_put_i64(out, b->time_us);
    codec_put_hash(out, b->parent);
    codec_put_public(out, &b->proposer);
    codec_put_hash(out, b->tx_root);
    codec_put_hash(out, b->validators);
    codec_put_hash(out, b->certificate);
    codec_put_hash(out, b->state);
    bytes_put_u32(out, (uint32_t)b->txs);
}

static uint32_t get_header(struct bytes_reader *r, struct block *b)
{
    b->chain = codec_get_hash(r);
    b->height = bytes_get_u64(r);
    b->round = bytes_get_u32(r);
    b->time_us = bytes_get_i64(r);
    b->parent = codec_get_hash(r);
    b->proposer = codec_get_public(r);
    b->tx_root = codec_get_hash(r);
    b->validators = codec_get_hash(r);
    b->certificate = codec_get_hash(r);
    b->state = codec_get_hash(r);
    return bytes_get_u32(r);
}

void block_encode(struct bytes *out, struct block *b, const struct key *voting)
{
    size_t start = out->n;
    b->proposer = *key_public_of(voting);
    b->tx_root = block_tx_root(b);
    b->certificate = block_certificate_hash(b);
    put_header(out, b);
    ASSERT(out->n - start == BLOCK_HEADER_BYTES);
    key_sign(voting, BLOCK_DOMAIN, out->data + start, BLOCK_HEADER_BYTES, &b->signature);
    codec_put_signature(out, &b->signature);
    bytes_put_blob(out, b->certificate_data, b->certificate_n);
    for (size_t i = 0; i < b->txs; i++)
        bytes_put_blob(out, b->tx[i].data, b->tx[i].n);
}

struct hash block_id(const uint8_t *payload)
{
    static const char domain[] = "morphsmith header"; /* hashed with its NUL */
    uint8_t all[sizeof domain + BLOCK_HEADER_BYTES];
    memcpy(all, domain, sizeof domain);
    memcpy(all + sizeof domain, payload, BLOCK_HEADER_BYTES);
    return hash_of(all, sizeof all);
}

bool block_decode_header(const uint8_t *data, size_t n, struct block *out, uint32_t *txs)
{
    struct bytes_reader r = bytes_read(data, n);
    *txs = get_header(&r, out);
    return bytes_done(&r);
}

bool block_decode(const uint8_t *payload, size_t n, struct block *out, struct error *err)
{
    struct bytes_reader r = bytes_read(payload, n);
    uint32_t count = get_header(&r, out);
    out->signature = codec_get_signature(&r);
    out->certificate_data = bytes_get_blob(&r, BLOCK_CERTIFICATE_MOST, &out->certificate_n);
    out->txs = 0;
    for (uint32_t i = 0; i < count && !r.failed; i++) {
        struct block_tx tx;
        tx.data = bytes_get_blob(&r, TX_BODY_MAX, &tx.n);
        r.failed = r.failed || tx.n < TX_LEAST_BYTES; /* millions of empty ones would cost memory */
        if (r.failed)
            break;
        out->tx = memory_grow(out->tx, &out->tx_capacity, out->txs + 1, sizeof *out->tx);
        out->tx[out->txs++] = tx;
    }
    if (!bytes_done(&r))
        return error_set(err, ERROR_CHAIN, "the block is malformed near byte %zu of its %zu", r.at, n);
    return true;
}

bool block_check_signature(const uint8_t *payload, const struct block *b, struct error *err)
{
    if (key_verify(&b->proposer, BLOCK_DOMAIN, payload, BLOCK_HEADER_BYTES, &b->signature))
        return true;
    return error_set(err, ERROR_CHAIN, "the block's signature is not its proposer's");
}
