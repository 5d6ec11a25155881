/* Frames and blocks as bytes; see ledger.h and morphsmith-chain(5). Nothing here touches files. */
#ifndef CHAIN_BLOCK_H
#define CHAIN_BLOCK_H

#include "chain/tx.h"

#define FRAME_MAGIC "MSCF"
#define FRAME_HEADER_BYTES 20
#define FRAME_MOST_PAYLOAD (32u << 20)
#define FRAME_MOST_BYTES (FRAME_HEADER_BYTES + FRAME_MOST_PAYLOAD + HASH_BYTES)
#define BLOCK_HEADER_BYTES (32 + 8 + 4 + 8 + 32 + 32 + 32 + 32 + 32 + 32 + 4)
#define BLOCK_FIXED_BYTES (BLOCK_HEADER_BYTES + KEY_SIGNATURE_BYTES + 4) /* a payload without certificate and transactions */
#define BLOCK_CERTIFICATE_MOST (1u << 20)

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

/* What to say about a chain of format version 1; false. */
bool block_refuse_first(struct error *err);

/* Bytes of a whole frame. */
size_t block_frame_bytes(const struct frame *f);

/* The hash that a frame must end with; `data` holds block_frame_bytes(f). */
struct hash block_frame_hash(const struct frame *f, const uint8_t *data, struct hash previous);

struct block_tx {
    const uint8_t *data; /* borrowed from the payload */
    size_t n;
};
struct block {
    struct hash chain;
    uint64_t height;
    uint32_t round; /* 0 with one validator */
    int64_t time_us;
    struct hash parent;         /* the parent's block id; the chain id at height 1 */
    struct key_public proposer; /* its voting key */
    struct hash tx_root, validators, certificate, state;
    struct key_signature signature;
    const uint8_t *certificate_data; /* of the parent; borrowed from the payload */
    size_t certificate_n;
    struct block_tx *tx;
    size_t txs, tx_capacity;
};
void block_free(struct block *b);

/* The tx root and the certificate's hash, from what the block holds. */
struct hash block_tx_root(const struct block *b);
struct hash block_certificate_hash(const struct block *b);

/* The payload of a block, signed with the voting key: fills b's proposer, tx_root, certificate, and signature. */
void block_encode(struct bytes *out, struct block *b, const struct key *voting);

/* What a head names: the hash of the header. `payload` begins with BLOCK_HEADER_BYTES of it. */
struct hash block_id(const uint8_t *payload);

/* Form only; `out` must be zero or an earlier block (its memory is used again). Transactions are not decoded, and
 * neither root nor certificate compared. */
bool block_decode(const uint8_t *payload, size_t n, struct block *out, struct error *err);
/* The header alone, without signature; false if it is cut. */
bool block_decode_header(const uint8_t *data, size_t n, struct block *out, uint32_t *txs);
bool block_check_signature(const uint8_t *payload, const struct block *b, struct error *err);

#endif
