/* A chain in a folder: blocks.msc (sealed blocks, append-only), pool/ (unsealed transactions), objects/ (what claims
 * refer to, by hash). The file's bytes are specified in morphsmith-chain(5).
 *
 *   frame  magic "MSCF", u8 version 2, u8 type (0 genesis, 1 block), u16 0, u32 payload length, u64 height, payload,
 *          BLAKE2b-256 over the previous frame's hash (zeros before the first) and all of this frame before it
 *   block  header (chain id 32, u64 height, u32 round, i64 time_us, parent's block id 32, proposer's voting key 32,
 *          tx root 32, validators hash 32, certificate hash 32, state hash 32, u32 transactions), the proposer's
 *          signature 64 over it, domain "morphsmith block"; the parent's certificate and the transactions, as blobs
 *
 * A head is the block id of the last block: the hash of its header; of genesis, the chain id.
 *
 * Appending: write, fdatasync, record the new length and head in blocks.len, then drop the pool files. A torn last frame
 * (beyond the length recorded in blocks.len) is cut by the next writer, its bytes saved aside as blocks.torn-OFFSET; a
 * reader leaves it alone. A bad frame with good ones behind it is refused with its offset. A file shorter than recorded,
 * or with another head, is refused; without a blocks.len (a copied chain) every byte of the file must be good.
 * verify never repairs. One writer (flock on blocks.lock). After an error in submit or seal that leaves the disk in
 * doubt, the ledger refuses to write any more: close it and open it again.
 *
 * On a chain for many nobody seals alone: a block is made, voted on elsewhere, and appended with its certificate, which
 * waits in pool/ until the next block carries it (ledger_make_block and below). A ledger belongs to one thread at a
 * time. */
#ifndef CHAIN_LEDGER_H
#define CHAIN_LEDGER_H

#include "chain/state.h"

struct ledger;

/* A new chain: writes genesis. Refuses if one is there. */
bool ledger_create(const char *folder, const struct genesis *g, struct error *err);

/* Reads and checks everything (as ledger_verify without a re-run); writable takes the lock. Errors are ERROR_CHAIN with
 * height and offset in the text. */
struct ledger *ledger_open(const char *folder, bool writable, struct error *err);
void ledger_close(struct ledger *l);

struct hash ledger_id(const struct ledger *l);
const struct genesis *ledger_genesis(const struct ledger *l);
const struct state *ledger_state(const struct ledger *l);
uint64_t ledger_height(const struct ledger *l); /* genesis is 0 */
struct hash ledger_head(const struct ledger *l);

/* Next nonce of an account, counting its transactions in the pool. */
uint64_t ledger_next_nonce(const struct ledger *l, struct address a);

/* Checks the signed transaction against the state behind the pool and puts it into the pool, durably. */
bool ledger_submit(struct ledger *l, const struct tx *tx, struct hash *id, struct error *err);
/* Would these, once they are signed, be taken one behind the other? Nothing is changed. */
bool ledger_would_take(const struct ledger *l, const struct tx *tx, int n, struct error *err);
int ledger_pool(const struct ledger *l, const struct tx **out); /* in order; borrowed until the next submit or seal */

/* Files of the pool that were left out: damaged, badly signed, or against the rules behind the ones before. */
int ledger_pool_refused(const struct ledger *l);

/* The state behind the pool: what the next transaction will be checked against. */
const struct state *ledger_pool_state(const struct ledger *l);

/* Seals all of the pool into one block with this validator's voting key, an empty one too. ERROR_CHAIN if the key is no
 * validator's, or if time_us is before the parent's (plus the chain's min_block_seconds). */
bool ledger_seal(struct ledger *l, const struct key *voting, int64_t time_us, uint64_t *height, struct hash *id,
                 struct error *err);

/* Facts outside of the state that a transaction's validity hangs on (a re-execution, an object): for the kinds that need
 * one. A lone validator or one that votes asks; whoever reads a certified block trusts its certificate. */
struct ledger_witness {
    bool (*check)(void *context, const struct state *s, const struct tx *tx, struct error *err);
    void *context;
};

/* As ledger_seal; what the witness refuses stays in the pool. NULL: all that needs one stays. */
bool ledger_seal_witnessed(struct ledger *l, const struct key *voting, int64_t time_us, const struct ledger_witness *w,
                           uint64_t *height, struct hash *id, struct error *err);

/* --- chains for many (ledger_many.c); each is refused on a closed chain --- */

/* A block behind the head, of the pool without what the witness refuses; writes nothing. `certificate` is the head's
 * (ledger_tip_certificate), empty at height 1. Whether it is this key's turn in the round is checked. */
bool ledger_make_block(const struct ledger *l, const struct key *voting, uint32_t round, int64_t time_us,
                       const struct bytes *certificate, const struct ledger_witness *w, struct bytes *payload,
                       struct hash *id, struct error *err);

/* All that a replay would check of it behind the present head, and the witness; writes nothing. */
bool ledger_check_block(struct ledger *l, const void *payload, size_t n, const struct ledger_witness *w, struct hash *id,
                        struct error *err);

/* Checks the block and its own certificate (no witness: certified blocks are trusted in that), stores the certificate
 * durably, then appends. What ledger_check_block found good last is not gone through again. */
bool ledger_append_block(struct ledger *l, const void *payload, size_t n, const struct bytes *certificate,
                         struct error *err);

/* The same for blocks that follow each other, 1 to LEDGER_APPEND_MOST: each brings the certificate of the one before, the
 * last one's is given. Signatures are checked by all threads (0: as many as the machine has); all of them are appended,
 * with one sync, or none. *good: how many keep the rules, of which the first *good - 1 are final. */
struct ledger_payload {
    const void *data;
    size_t n;
};
#define LEDGER_APPEND_MOST 128
bool ledger_append_blocks(struct ledger *l, const struct ledger_payload *block, int n, const struct bytes *certificate,
                          int threads, int *good, struct error *err);

/* The certificate of the head, from pool/; empty at height 0. ERROR_CHAIN if there is none that is good. */
bool ledger_tip_certificate(const struct ledger *l, struct bytes *out, struct error *err);

/* Up to here the validators' votes prove that nothing will change: the head, or the block before it while the head's
 * certificate is not here. On a closed chain the head. */
uint64_t ledger_final_height(const struct ledger *l);

/* --- staying in memory while others may write (ledger_rest.c) --- */

/* Gives the lock away. Until ledger_wake the ledger is only read. */
void ledger_rest(struct ledger *l);
/* Takes it again. *same false: another process has sealed meanwhile; then all that can be done is closing it. */
bool ledger_wake(struct ledger *l, bool *same, struct error *err);
/* Reads pool/ again if it holds files that are not known here and not to `other`; *more: there are new transactions. */
bool ledger_pool_renew(struct ledger *l, bool (*other)(void *context, struct hash id), void *context, bool *more,
                       struct error *err);
/* Removes the files of transactions that no block can hold any more (their nonce was used), of those that the rules have
 * refused for so long, and what a stopped writer left half. */
void ledger_pool_clear(const struct ledger *l, double seconds);
bool ledger_pool_knows(const struct ledger *l, struct hash id);
int64_t ledger_time(const struct ledger *l); /* of the head */

/* Blocks, for screens and dumps. */
struct ledger_block {
    uint64_t height, offset, bytes;
    int64_t time_us;
    struct hash id;             /* of the block */
    struct key_public proposer; /* its voting key; zeros for genesis */
    uint32_t round;             /* for which it was made first */
    int transactions;
};
bool ledger_block(const struct ledger *l, uint64_t height, struct ledger_block *out);
/* That the block of this height is final: nothing on a closed chain and of genesis; of the head, as ledger_tip_certificate. */
bool ledger_certificate(const struct ledger *l, uint64_t height, struct bytes *out, struct error *err);
bool ledger_block_tx(const struct ledger *l, uint64_t height, int index, struct tx *out, struct error *err);
/* All of a block in their order, reading it once; ends where `take` is false, which may set err. */
bool ledger_block_txs(const struct ledger *l, uint64_t height,
                      bool (*take)(void *context, const struct tx *tx, struct error *err), void *context,
                      struct error *err);

/* Where a transaction stands. ERROR_CHAIN if no block holds it. Without an index every block is read. */
bool ledger_find_tx(const struct ledger *l, struct hash id, uint64_t *height, int *index, struct error *err);

/* The one transaction whose id begins with these lower-case hex digits; every block is read. */
bool ledger_find_prefix(const struct ledger *l, const char *digits, struct hash *id, struct error *err);

/* Objects by hash. */
bool ledger_object_put(const char *folder, const void *data, size_t n, struct hash *id, struct error *err);
bool ledger_object_get(const char *folder, struct hash id, struct bytes *out, struct error *err); /* checks the hash */
bool ledger_object_here(const char *folder, struct hash id); /* is there such a file? Not whether it is whole. */

/* Whole verification from genesis, on all processors; it writes nothing. rerun, if given, is called for each
 * proposal that the validators' reveals have verified or refuted: it re-trains from objects and fills what it found; a
 * difference from what was verified, or the same as what was refuted, is ERROR_CHAIN. progress may be NULL: bytes done of all bytes.
 * True only if all is well. Else err says why, and out has the height, offset and reason of the first breach; height,
 * head and counts are those of the good part before it. */
struct ledger_rerun {
    bool (*run)(void *context, const struct state_task *task, const struct state_proposal *proposal,
                struct tx_finding *found, struct error *err);
    void *context;
    /* Of each challenge that a verdict has decided, what doing its place again comes to; NULL: they are not looked at. */
    bool (*rule)(void *context, const struct state *s, const struct state_challenge *challenge, bool *upheld,
                 struct hash *found, struct error *err);
    /* Of each outcome, in the state before it, whether the bars that it names yield what it says; NULL: not looked at. */
    bool (*outcome)(void *context, const struct state *s, const struct tx_outcome *outcome, struct error *err);
};
struct ledger_verdict {
    bool ok;
    uint64_t height, blocks, transactions, signatures, reruns;
    uint64_t final_height; /* so far certificates are known; on a closed chain: height */
    double seconds;
    struct hash head;
    uint64_t error_height, error_offset;
    unsigned missed; /* bit i: the breach is that the remembered block i is not in the chain */
    char reason[512];
};
bool ledger_verify(const char *folder, struct ledger_verdict *out, const struct ledger_rerun *rerun,
                   void (*progress)(void *context, uint64_t done, uint64_t bytes), void *progress_context,
                   struct error *err);

/* A block that was seen once. What no file can show of itself, a cut exactly behind a block, is found against it. */
struct ledger_head {
    uint64_t height, length; /* length of blocks.msc behind it, 0 if not known */
    struct hash id;          /* of the block; of genesis, the chain id */
};

/* As ledger_verify; the chain must also contain this block. remembered may be NULL. */
bool ledger_verify_against(const char *folder, struct ledger_verdict *out, const struct ledger_head *remembered,
                           const struct ledger_rerun *rerun,
                           void (*progress)(void *context, uint64_t done, uint64_t bytes), void *progress_context,
                           struct error *err);

/* The same for several such blocks: at most LEDGER_HEADS_MOST; threads 0: as many as the machine has processors. */
#define LEDGER_HEADS_MOST 4
bool ledger_verify_heads(const char *folder, struct ledger_verdict *out, const struct ledger_head *remembered, int n,
                         int threads, const struct ledger_rerun *rerun,
                         void (*progress)(void *context, uint64_t done, uint64_t bytes), void *progress_context,
                         struct error *err);

#endif
