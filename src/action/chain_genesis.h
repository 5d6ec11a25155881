/* How a chain begins, as a person gives it: parameters by name, or a text file of all of it:
 *
 *   morphsmith-genesis 1
 *   name        my chain
 *   time        2026-01-31T12:00:00Z            when it begins; left out: now
 *   supply      1000000                         the sum of all balances and stakes
 *   min_fee     1                               this and the other parameters may be left out
 *   holder      PUBLIC_KEY BALANCE              as often as there are holders
 *   validator   IDENTITY VOTING_KEY STAKE       as often as there are validators
 *
 * With more than one validator, or with a parameter that only several need (evidence_blocks, double_ppm, attest_ppm,
 * dispute_blocks, dispute_seconds, deposit_ppm, least_stake), it is a chain for many; with one validator and none of them
 * it is closed.
 * Keys are 64 hexadecimal digits, as `key show` prints them. `#` begins a comment; no name but holder and validator stands
 * twice. */
#ifndef ACTION_CHAIN_GENESIS_H
#define ACTION_CHAIN_GENESIS_H

#include "chain/state.h"

/* A lone chain's, without name, holders and validators; its time is now. */
void chain_genesis_defaults(struct genesis *g);

/* One of "supply", "min_fee", "commit_blocks", ...: ERROR_USAGE naming what it takes. */
bool chain_genesis_set(struct genesis *g, const char *name, const char *value, struct error *err);

/* ERROR_USAGE with the line. Whether it can be a chain, ledger_create says. */
bool chain_genesis_read(const char *path, struct genesis *out, struct error *err);
char *chain_genesis_text(const struct genesis *g); /* free() */

#endif
