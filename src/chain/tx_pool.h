/* pool/: unsealed messages, one a file, named by the id of what is inside (64 hex digits).
 *
 *   "MSCP", u8 version 2, u8 type (1: transaction), u16 0, u64 order (its place in this folder's pool; not signed and
 *   not part of the id), then the message as a blob
 *
 * The order keeps what depends on each other in place when the pool is read again. Other names are ignored. */
#ifndef CHAIN_TX_POOL_H
#define CHAIN_TX_POOL_H

#include "chain/index.h"
#include "chain/state.h"

struct pool_entry {
    struct hash id;
    uint64_t order;
    size_t bytes; /* of the transaction */
    bool sealed;  /* found in a block */
};

/* tx[i] and entry[i] belong together, in order. Zero-initialise; free with tx_pool_free. */
struct pool {
    char folder[4096];
    struct tx *tx;
    struct pool_entry *entry;
    size_t n, tx_capacity, entry_capacity;
    struct index index;
    uint64_t next_order;
    size_t bytes;
    int refused;
};

/* Reads folder/pool. Damaged or badly signed files are counted in refused, never an error. */
bool tx_pool_load(struct pool *p, const char *folder, struct error *err);
void tx_pool_free(struct pool *p);

/* Marks a transaction that a block holds. */
void tx_pool_seal(struct pool *p, struct hash id);

/* Applies all that are not sealed to the state; the ones that it refuses leave the list, and count as refused. */
void tx_pool_apply(struct pool *p, struct state *s);

/* A new one, durably; *stored tells after a failure whether the file may be there all the same. */
bool tx_pool_put(struct pool *p, const struct tx *tx, const struct bytes *encoded, struct hash id, bool *stored,
              struct error *err);

/* What was found must not be lost with the power: its writer may have been stopped, or refused, before it synced. */
bool tx_pool_sync(const struct pool *p, struct error *err);

/* Removes the files of ids[n], those that are there, and syncs the folder once. */
bool tx_pool_remove(const char *folder, const struct hash *ids, size_t n, struct error *err);

#endif
