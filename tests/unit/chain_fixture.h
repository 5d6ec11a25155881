/* What the tests of the chain share: a temporary folder, named keys, a small genesis, signed transactions. */
#ifndef TESTS_CHAIN_FIXTURE_H
#define TESTS_CHAIN_FIXTURE_H

#include "base/random.h"
#include "chain/ledger.h"

enum { ALICE, BOB, CAROL, VAL, WHO_N };
#define START_US INT64_C(1600000000000000)
#define SUPPLY UINT64_C(1000000)

struct fixture {
    char folder[64]; /* temporary */
    char chain[128]; /* folder/chain, not made */
    struct key *key[WHO_N];
    struct address who[WHO_N];
    struct genesis genesis; /* alice 700000, bob 300000; val validates; fee 10, unbonding 2, expiry 3 */
    struct hash chain_id;
    uint64_t nonce[WHO_N]; /* last one used by fixture_tx */
};

void fixture_start(struct fixture *f);
void fixture_end(struct fixture *f); /* removes the folder */
void fixture_genesis_changed(struct fixture *f);

/* A transaction of this kind with the next nonce and fee 10, body zero, not signed. */
struct tx fixture_tx(struct fixture *f, int who, enum tx_type type);
void fixture_sign(struct fixture *f, int who, struct tx *tx);

struct tx fixture_transfer(struct fixture *f, int from, int to, uint64_t amount);
struct tx fixture_task(struct fixture *f, int who, uint64_t pool); /* 2 folds, pays from 1000, whole at 50000 ppm */
struct tx fixture_propose(struct fixture *f, int who, struct hash task, unsigned arch, uint32_t correct);
struct tx fixture_decide(struct fixture *f, int who, bool approve, struct hash proposal, struct hash evidence);

/* Removes every file of a folder and the folder. */
void fixture_remove(const char *folder);
void fixture_copy_file(const char *from, const char *to);

/* A random transaction of a kind with values that decoding accepts. */
void fixture_random_tx(struct random *r, const struct tx_kind *kind, struct tx *out);

#endif
