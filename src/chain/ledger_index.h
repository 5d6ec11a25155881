/* What a store may keep about blocks.msc, so that it need not be gone through each time: where each block stands, which
 * block holds a transaction, and states of the past (state_save.h). The chain asks and tells it through these
 * functions; it may be missing, old, damaged or of another chain, and never does harm by it:
 *
 *   - it is believed only while blocks.msc is the very file that it was made of (its stamp: inode, length, times), ends
 *     with the head that blocks.len tells, and holds the block of the saved state, whole and with that state's hash;
 *   - what it says of a place is looked up there, where the frame's own hash must fit;
 *   - ledger_verify never asks it.
 *
 * Else the file is gone through from genesis, and the store told anew. It is told only of what was synced; what it was
 * told of only in part, because going through was stopped, is gone on with from the last state that was kept. A function that
 * fails returns false, and nothing more comes of it: the chain does without. */
#ifndef CHAIN_LEDGER_INDEX_H
#define CHAIN_LEDGER_INDEX_H

#include "base/file.h"
#include "chain/ledger.h"

struct ledger_mark { /* a block and where it stands */
    uint64_t height, offset, end;
    int64_t time_us;
    struct hash id, frame; /* of the block; of its frame */
    uint32_t round;        /* in its header; not the store's to keep */
};
struct ledger_place { /* of a transaction; position from 0 */
    uint64_t height;
    uint32_t position;
};

struct ledger_index {
    void *context;

    /* Asking. The newest saved state of this chain and this very file: true if there is one. */
    bool (*newest)(void *context, struct hash chain, const struct file_stamp *stamp, struct ledger_mark *mark,
                   struct bytes *state);
    bool (*offset)(void *context, uint64_t height, uint64_t *offset);
    /* Where a transaction of this id may stand: how many places, at most `most`. */
    int (*find)(void *context, struct hash id, struct ledger_place *out, int most);

    /* Telling, between begin and commit; all of it is kept or nothing. What was known of heights from `height` on is
     * forgotten; 0: of everything. */
    bool (*begin)(void *context, struct hash chain, uint64_t height);
    bool (*put_tx)(void *context, struct ledger_place place, struct hash id, const struct tx *tx);
    bool (*put_block)(void *context, const struct ledger_block *block);
    bool (*put_state)(void *context, const struct ledger_mark *mark, const struct bytes *state);
    bool (*commit)(void *context, const struct file_stamp *stamp);
    /* As commit, and it is told on: what was told so far is kept even if the rest is never told. */
    bool (*keep)(void *context, const struct file_stamp *stamp);
    void (*cancel)(void *context);

    void (*close)(void *context); /* with the ledger */

    /* While a file is gone through from genesis, a state is kept each time that so many transactions and blocks have
     * passed: whoever stops it goes on from there the next time. 0: none before the end. */
    uint64_t step;
};

/* A state is saved when so many transactions or blocks have come since. */
#define LEDGER_STATE_TXS 2000
#define LEDGER_STATE_BLOCKS 500

/* As ledger_open. The index is the ledger's from here on, which closes it even when it cannot be opened. NULL: none. */
struct ledger *ledger_open_indexed(const char *folder, bool writable, const struct ledger_index *index,
                                   struct error *err);

/* Of ledger.c: the state to go on from, NULL if the index has none that the file bears out. */
struct state *ledger_index_start(const struct ledger_index *x, const char *path, const struct ledger_head *known,
                                 struct ledger_mark *mark);

#endif
