/* A state as bytes, so that a chain opens without going through all of its blocks. They are a cache, never evidence: what
 * verifies starts from genesis.
 *
 *   "MSCS", u32 version 2, chain id 32, u64 height, i64 time_us, state hash 32, then all that the rules look at, in the
 *   order of state_save.c; BLAKE2b-256 of all before 32
 *
 * Saving is for a state between two blocks. load(save(x)) behaves as x does for all blocks to come and saves the same bytes;
 * what is damaged, of another chain or another version is refused (ERROR_CHAIN). */
#ifndef CHAIN_STATE_SAVE_H
#define CHAIN_STATE_SAVE_H

#include "chain/state.h"

void state_save(const struct state *s, struct bytes *out);
struct state *state_load(const void *data, size_t n, const struct genesis *g, struct error *err);

#endif
