/* blocks.len: how far blocks.msc was synced, and what it ended with. Written after every append, all or nothing.
 *
 *   "MSCL", u8 version 2, 3 zero bytes, u64 length, u64 height, block id 32, BLAKE2b-256 of all before 32 */
#ifndef CHAIN_HEAD_H
#define CHAIN_HEAD_H

#include "chain/ledger.h"

bool head_write(const char *folder, const struct ledger_head *h, struct error *err);

/* *there is false, and the result true, if there is no such file: a copied chain. */
bool head_read(const char *folder, struct ledger_head *out, bool *there, struct error *err);

#endif
