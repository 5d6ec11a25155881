/* What the tests of the state's rules share: one state behind the chain fixture's genesis, and its blocks. */
#ifndef TESTS_STATE_FIXTURE_H
#define TESTS_STATE_FIXTURE_H

#include "tests/unit/chain_fixture.h"

extern struct fixture f;
extern struct state *s;
extern uint64_t height;

int rules_start(void **state);
int rules_end(void **state);
void fresh(void); /* anew behind f.genesis, which the test has changed */

/* val, bob and alice validate with 100000, 50000 and 50000; a new state. */
void three_validators(void); /* a chain for many */
void one_validator(void);    /* a closed chain again */
void many(struct genesis *g); /* what such a chain needs besides */

struct hash apply(const struct tx *tx); /* must be taken; its id */
struct hash apply_now(struct tx tx);

/* Refused with these words, and nothing has changed: the same block with and without it has the same hash. The nonce of
 * who is taken back. */
void refuse(int who, struct tx tx, const char *words);

void seal(void); /* a second later */
void seal_after(int64_t seconds);
uint64_t balance(int who);
uint64_t staked(int who);
enum proposal_state state_of(struct hash proposal);
struct hash with_task(uint64_t pool); /* of alice, who reviews; in a block of its own */

/* Steps of a proposal by `who`: announced and sealed; claimed too; commits of `n` validators closed too; opened too. */
struct hash announced(int who, struct hash task, const struct fixture_claim *c);
struct hash claimed(int who, struct hash task, const struct fixture_claim *c);
struct hash committed(int who, struct hash task, const struct fixture_claim *c, const int *validator, int n);
struct hash opened(int who, struct hash task, const struct fixture_claim *c, const int *validator, int n);
/* By val alone, who finds what is claimed; sealed. */
struct hash verified(int who, struct hash task, const struct fixture_claim *c);

#endif
