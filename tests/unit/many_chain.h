/* What the tests of chains for many share: val, bob and alice validate with 100000, 50000 and 50000, each with a voting key
 * of its own, and vote as they are told. */
#ifndef TESTS_MANY_CHAIN_H
#define TESTS_MANY_CHAIN_H

#include "chain/certificate.h"
#include "tests/unit/chain_fixture.h"

enum { MANY_VAL, MANY_BOB, MANY_ALICE, MANY_N };
#define MANY_ALL 7u

struct many_chain {
    struct key *voting[MANY_N];
};
void many_start(struct many_chain *m, struct fixture *f); /* changes f's genesis and chain id */
void many_end(struct many_chain *m);

int many_proposer(const struct many_chain *m, const struct rotation *set, uint32_t round);

/* Precommits of those in the mask, of whatever set. */
void many_certificate(const struct many_chain *m, struct hash chain, uint64_t height, uint32_t round, struct hash block,
                      unsigned mask, struct bytes *out);

/* The next block of this round at this time. False if it is refused at any step; payload and certificate, if given, are
 * filled as far as it came. */
bool many_append(const struct many_chain *m, struct ledger *l, uint32_t round, int64_t time_us, unsigned mask,
                 struct bytes *payload, struct bytes *certificate, struct error *err);

#endif
