/* A receipt: one transaction with everything that proves that a chain holds it, alone, years later, without the chain.
 * The bytes are specified in morphsmith-chain(5):
 *
 *   "MSRC", u8 version 1, 3 zero bytes, genesis payload as a blob, the head when it was made (u64 height, block id 32),
 *   u32 items 1..RECEIPT_ITEMS_MAX, the items, BLAKE2b-256 of all before 32
 *   item: block header, the proposer's signature 64 over it, the proof that it is final as a blob (empty on a closed
 *         chain), u32 position of the transaction in the block, u32 length of the path, its hashes
 *         (base/hash.h: hash_merkle_path), the transaction as a blob
 *
 * The first item is the transaction that the receipt is for. If that is about a claim, the others are the task, the
 * announcement, the claim and its opening, as far as they came before it: what the decision was about, bound to it by ids and promises.
 *
 *   proof: the block's own certificate as a blob, u32 n, then for each of the set of its height 32 voting key, u64 power,
 *          which are what the header's validators hash is of
 *
 * Of a chain for many it proves that more than two thirds of the set that each header names have signed the block for good. That
 * this set is the chain's is proven at height 1, where it is that of genesis; later ones follow from the chain only.
 * Of a closed chain it proves that the chain's validator sealed them in blocks of this chain, signed by whom. What it cannot prove: that
 * the head is the chain's (compare it with one that was remembered), and that the sealing validator kept the rules. */
#ifndef CHAIN_RECEIPT_H
#define CHAIN_RECEIPT_H

#include "chain/ledger.h"

#define RECEIPT_ITEMS_MAX 5
#define RECEIPT_MOST ((size_t)8 << 20)

struct receipt_item {
    uint64_t height;
    int64_t time_us;
    struct hash block; /* block id */
    uint32_t position, transactions;
    struct hash id;    /* of the transaction */
    struct tx tx;
    int signers, seats; /* of a chain for many: how many signed, and could have; else 0 */
    uint64_t signed_power, power;
    uint32_t round;     /* of the certificate */
    struct rotation set; /* who could have, with their power; */
    bool signed_by[ROTATION_SEATS_MAX]; /* who of them did */
};
struct receipt {
    struct genesis genesis;
    struct hash chain;
    struct ledger_head head; /* when it was made; length 0 */
    struct receipt_item item[RECEIPT_ITEMS_MAX];
    int items;
};

bool receipt_make(const struct ledger *l, struct hash tx, struct bytes *out, struct error *err);

/* Everything is checked; false: ERROR_CHAIN and why. `out` is large: not for the stack. */
bool receipt_check(const void *data, size_t n, struct receipt *out, struct error *err);

#endif
