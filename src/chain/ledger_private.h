/* Inside of the ledger, for ledger*.c only. */
#ifndef CHAIN_LEDGER_PRIVATE_H
#define CHAIN_LEDGER_PRIVATE_H

#include "chain/block.h"
#include "chain/ledger_index.h"
#include "chain/replay.h"
#include "chain/replay_window.h"
#include "chain/tx_pool.h"

struct ledger {
    char folder[FILE_PATH_MAX], path[FILE_PATH_MAX];
    bool writable, broken;
    int lock;
    struct file_append *file;
    struct genesis genesis;
    struct hash id, frame; /* of the chain; of the last frame */
    struct state *state, *pool_state;
    struct pool pool;
    struct ledger_head head;
    bool recorded; /* blocks.len says so when opened */
    uint64_t synced; /* so far it was synced when opened */
    int64_t time_us;
    uint32_t round;    /* of the head, in its header */
    struct bytes tip;  /* the head's certificate, if pool/ has one; on closed chains empty */
    struct bytes coming; /* that of the block that is about to be appended; it is stored already */
    struct ledger_checked *checked; /* the block that was checked last, behind this very head; or NULL */
    uint64_t *offset; /* of the frame of each height from offset_first on; those before are the index's to tell */
    size_t offsets, offset_capacity;
    uint64_t offset_first;
    const struct ledger_index *index, *owned; /* index is NULL if there is none, or it failed */
    bool telling; /* the index is being told */
    uint64_t txs_unsaved, blocks_unsaved; /* since the newest saved state */
    struct hash strangers; /* of ledger_rest.c: names in pool/ that were looked at and are no transactions */
};

/* Blocks that were found good behind the head, as frames that can be appended. */
struct ledger_checked {
    struct replay_window *window;
    struct replay replay; /* its state is what the last one leads to; NULL once it was taken over */
};
struct ledger_checked *ledger_check_payloads(const struct ledger *l, const struct ledger_payload *block, int n, int threads,
                                             const struct ledger_witness *w, bool trusted, int *good, struct error *err);
void ledger_checked_free(struct ledger_checked *c);
void ledger_forget_checked(struct ledger *l);

bool ledger_may_write(const struct ledger *l, struct error *err);
struct replay_parent ledger_parent(const struct ledger *l);

/* A block behind the head, of what the pool holds and the witness bears out; *next, a copy of the state, becomes what it
 * leads to. */
bool ledger_build(const struct ledger *l, const struct key *voting, uint32_t round, int64_t time_us,
                  const struct bytes *certificate, const struct ledger_witness *w, struct state *next,
                  struct bytes *payload, struct error *err);

/* The certificate of what is about to be appended: durable when this returns. It becomes the tip's in ledger_drop_passed. */
bool ledger_keep_certificate(struct ledger *l, const struct bytes *certificate, struct error *err);
/* Behind an append: clears pool/ of what is sealed now and of the old head's certificate; else the next writer does it. */
void ledger_drop_passed(struct ledger *l);
void ledger_renew_pool_state(struct ledger *l);

/* Writes the window's blocks behind the head, durably, and takes over what they lead to (next). */
bool ledger_append_window(struct ledger *l, const struct replay_window *w, struct state *next, struct error *err);

/* Of the folder's pool: a certificate of this block that is good. False: there is none. */
bool ledger_find_tip(const char *folder, const struct replay_parent *head, struct bytes *out);
bool ledger_drop_certificates(const struct ledger *l, struct error *err); /* those of older blocks */

void ledger_note_offset(struct ledger *l, uint64_t offset);
/* Removes the files of what is sealed already: a writer was stopped before it could. */
bool ledger_drop_sealed(const struct ledger *l, struct error *err);

/* What the index is told while the ledger is opened from genesis, or of blocks that were appended; after a failure the
 * ledger has no index any more. */
bool ledger_tell_start(struct ledger *l, uint64_t height);
void ledger_tell_tx(struct ledger *l, uint64_t height, uint32_t position, struct hash id, const struct tx *tx);
void ledger_tell_block(struct ledger *l, const struct ledger_block *b);
/* With the state behind the head if `save`. `before` is the file's stamp from before it was read, or NULL if nobody else
 * could have written. */
void ledger_tell_end(struct ledger *l, bool save, const struct file_stamp *before);
/* In the middle of going through the file, behind a block that is good: with the state there. */
void ledger_tell_step(struct ledger *l, const struct replay *r, const struct file_stamp *before);
void ledger_tell_cancel(struct ledger *l);

/* A block by reading it again; b borrows from data. */
bool ledger_read_block(const struct ledger *l, uint64_t height, struct bytes *data, struct block *b, struct error *err);

/* Marks what waits in the pool though the index knows it in a block. */
void ledger_seal_known(struct ledger *l);

#endif
