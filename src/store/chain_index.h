/* chain/index.db: where the blocks and transactions of blocks.msc stand, and states of the past (chain/ledger_index.h). An
 * SQLite database that may be removed at any time: it is made anew. One that is damaged, of another version or no
 * database at all is removed and made anew; where nothing can be written it is read, or done without.
 *
 *   about     version, chain id, stamp of blocks.msc (inode, length, times) behind the last commit
 *   block     height, offset, bytes, id, time, proposer's voting key, transactions
 *   tx        id, height, position, kind, sender, proposal (0: none), for `chain log` and other tools; the first 8 bytes of
 *             each id stand for it, so that what is found has to be looked up in its block
 *   state     height and place of a block, the state behind it (chain/state_save.h), its hash; the newest two are kept */
#ifndef STORE_CHAIN_INDEX_H
#define STORE_CHAIN_INDEX_H

#include "chain/ledger_index.h"

/* As ledger_open, with the index of the folder; `keep` false: nothing is written to it (the workspace is read-only). What
 * cannot be opened or written is done without. */
struct ledger *chain_index_open(const char *folder, bool writable, bool keep, struct error *err);

/* The index alone, for ledger_open_indexed, which closes it; the folder's path is at most FILE_PATH_MAX - 128 long. */
const struct ledger_index *chain_index_new(const char *folder, bool keep);

#endif
