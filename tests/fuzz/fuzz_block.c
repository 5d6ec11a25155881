/* Blocks and frames as bytes: a frame's header and payload are refused, or encoded again as what was read. The input is a
 * frame without its hash. */
#include "fuzz.h"

#include "chain/block.h"
#include "chain/codec.h"

const char fuzz_corpus[] = "block";

/* By the format's page, not by block_encode, which signs. */
static void encode_again(const struct block *b, struct bytes *out)
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
    codec_put_signature(out, &b->signature);
    bytes_put_blob(out, b->certificate_data, b->certificate_n);
    for (size_t i = 0; i < b->txs; i++)
        bytes_put_blob(out, b->tx[i].data, b->tx[i].n);
}

static void check_payload(const uint8_t *payload, size_t n)
{
    struct block b = {.txs = 0};
    struct bytes again = {0};
    if (block_decode(payload, n, &b, NULL)) {
        encode_again(&b, &again);
        ASSERT(again.n == n && memcmp(again.data, payload, n) == 0);
        block_check_signature(payload, &b, NULL);
        block_tx_root(&b);
        block_certificate_hash(&b);
        block_id(payload);
    }
    ASSERT(b.tx_capacity <= 2 * (n / TX_LEAST_BYTES) + 64); /* memory in proportion to what was given */
    block_free(&b);
    bytes_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct frame f;
    struct bytes again = {0};
    hash_start();
    if (n < FRAME_HEADER_BYTES || !block_frame_header(data, &f, NULL))
        return 0;
    check_payload(data + FRAME_HEADER_BYTES, n - FRAME_HEADER_BYTES);
    if (f.payload_n != n - FRAME_HEADER_BYTES)
        return 0;
    struct hash h = block_frame_encode(&again, &f, data + FRAME_HEADER_BYTES, (struct hash){{0}});
    ASSERT(again.n == block_frame_bytes(&f) && memcmp(again.data, data, n) == 0);
    ASSERT(hash_equal(h, block_frame_hash(&f, again.data, (struct hash){{0}})));
    bytes_free(&again);
    return 0;
}
