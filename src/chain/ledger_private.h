/* Inside of the ledger, for ledger*.c only. */
#ifndef CHAIN_LEDGER_PRIVATE_H
#define CHAIN_LEDGER_PRIVATE_H

#include "chain/block.h"
#include "chain/ledger_index.h"
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
    uint64_t *offset; /* of the frame of each height from offset_first on; those before are the index's to tell */
    size_t offsets, offset_capacity;
    uint64_t offset_first;
    const struct ledger_index *index, *owned; /* index is NULL if there is none, or it failed */
    bool from_genesis, telling; /* opened so; the index is being told */
    uint64_t txs_unsaved, blocks_unsaved; /* since the newest saved state */
};

/* What the index is told while the ledger is opened from genesis, or of one block that was sealed; after a failure the
 * ledger has no index any more. */
bool ledger_tell_start(struct ledger *l, uint64_t height);
void ledger_tell_tx(struct ledger *l, uint64_t height, uint32_t position, struct hash id, const struct tx *tx);
void ledger_tell_block(struct ledger *l, const struct ledger_block *b);
/* With the state behind the head if `save`. `before` is the file's stamp from before it was read, or NULL if nobody else
 * could have written. */
void ledger_tell_end(struct ledger *l, bool save, const struct file_stamp *before);
void ledger_tell_cancel(struct ledger *l);

/* A block by reading it again; b borrows from data. */
bool ledger_read_block(const struct ledger *l, uint64_t height, struct bytes *data, struct block *b, struct error *err);

/* Marks what waits in the pool though the index knows it in a block. */
void ledger_seal_known(struct ledger *l);

#endif
