#include "chain/block.h"

#include "base/memory.h"
#include "chain/codec.h"

#define FRAME_VERSION 1
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

bool block_frame_header(const uint8_t *data, struct frame *out, struct error *err)
{
    struct bytes_reader r = bytes_read(data, FRAME_HEADER_BYTES);
    const uint8_t *magic = bytes_get(&r, strlen(FRAME_MAGIC));
    unsigned version = bytes_get_u8(&r), type = bytes_get_u8(&r), reserved = bytes_get_u16(&r);
    uint32_t n = bytes_get_u32(&r);
    uint64_t height = bytes_get_u64(&r);
    if (memcmp(magic, FRAME_MAGIC, strlen(FRAME_MAGIC)) != 0)
        return error_set(err, ERROR_CHAIN, "no frame begins here");
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

void block_encode(struct bytes *out, const struct block *b, const struct key *key)
{
    size_t start = out->n;
    codec_put_hash(out, b->parent);
    bytes_put_i64(out, b->time_us);
    codec_put_public(out, key_public_of(key));
    codec_put_hash(out, b->state);
    bytes_put_u32(out, (uint32_t)b->txs);
    for (size_t i = 0; i < b->txs; i++)
        bytes_put_blob(out, b->tx[i].data, b->tx[i].n);
    struct key_signature signature;
    key_sign(key, BLOCK_DOMAIN, out->data + start, out->n - start, &signature);
    codec_put_signature(out, &signature);
}

bool block_decode(const uint8_t *payload, size_t n, struct block *out, struct error *err)
{
    struct bytes_reader r = bytes_read(payload, n);
    out->parent = codec_get_hash(&r);
    out->time_us = bytes_get_i64(&r);
    out->proposer = codec_get_public(&r);
    out->state = codec_get_hash(&r);
    uint32_t count = bytes_get_u32(&r);
    out->txs = 0;
    for (uint32_t i = 0; i < count && !r.failed; i++) {
        struct block_tx tx;
        tx.data = bytes_get_blob(&r, TX_BODY_MAX, &tx.n);
        if (r.failed)
            break;
        out->tx = memory_grow(out->tx, &out->tx_capacity, out->txs + 1, sizeof *out->tx);
        out->tx[out->txs++] = tx;
    }
    out->signed_n = r.at;
    out->signature = codec_get_signature(&r);
    if (!bytes_done(&r))
        return error_set(err, ERROR_CHAIN, "the block is malformed near byte %zu of its %zu", r.at, n);
    return true;
}

bool block_check_signature(const uint8_t *payload, const struct block *b, struct error *err)
{
    if (key_verify(&b->proposer, BLOCK_DOMAIN, payload, b->signed_n, &b->signature))
        return true;
    return error_set(err, ERROR_CHAIN, "the block's signature is not its proposer's");
}
