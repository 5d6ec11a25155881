/* Frames and blocks as bytes; see ledger.h and morphsmith-chain(5). Nothing here touches files. */
#ifndef CHAIN_BLOCK_H
#define CHAIN_BLOCK_H

#include "chain/tx.h"

#define FRAME_MAGIC "MSCF"
#define FRAME_HEADER_BYTES 20
#define FRAME_MOST_PAYLOAD (32u << 20)
#define FRAME_MOST_BYTES (FRAME_HEADER_BYTES + FRAME_MOST_PAYLOAD + HASH_BYTES)
#define BLOCK_FIXED_BYTES (32 + 8 + 32 + 32 + 4 + 64) /* a block's payload without transactions */

enum frame_type { FRAME_GENESIS = 0, FRAME_BLOCK = 1 };

struct frame {
    enum frame_type type;
    uint64_t height;
    uint32_t payload_n;
};

/* Appends a whole frame to `out` and returns its hash. `previous` is zeros for genesis. */
struct hash block_frame_encode(struct bytes *out, const struct frame *f, const void *payload, struct hash previous);

/* Reads FRAME_HEADER_BYTES; refuses what no frame of this version has. */
bool block_frame_header(const uint8_t *data, struct frame *out, struct error *err);

/* Bytes of a whole frame. */
size_t block_frame_bytes(const struct frame *f);

/* The hash that a frame must end with; `data` holds block_frame_bytes(f). */
struct hash block_frame_hash(const struct frame *f, const uint8_t *data, struct hash previous);

struct block_tx {
    const uint8_t *data; /* borrowed from the payload */
    size_t n;
};
struct block {
    struct hash parent, state;
    int64_t time_us;
    struct key_public proposer;
    struct block_tx *tx;
    size_t txs, tx_capacity;
    size_t signed_n; /* the signature covers so many bytes of the payload */
    struct key_signature signature;
};
void block_free(struct block *b);

/* The payload of a block, signed. `b->signature` and `signed_n` are not read. */
void block_encode(struct bytes *out, const struct block *b, const struct key *key);

/* Form only; `out` must be zero or an earlier block (its memory is used again). Transactions are not decoded. */
bool block_decode(const uint8_t *payload, size_t n, struct block *out, struct error *err);
bool block_check_signature(const uint8_t *payload, const struct block *b, struct error *err);

#endif
