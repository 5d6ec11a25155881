/* What the tests of the chain share: a temporary folder, named keys, a small genesis, signed transactions. */
#ifndef TESTS_CHAIN_FIXTURE_H
#define TESTS_CHAIN_FIXTURE_H

#include "base/random.h"
#include "chain/ledger.h"

enum { ALICE, BOB, CAROL, VAL, WHO_N };
#define START_US INT64_C(1600000000000000)
#define SUPPLY UINT64_C(1150000)

struct fixture {
    char folder[64]; /* temporary */
    char chain[128]; /* folder/chain, not made */
    struct key *key[WHO_N];
    struct address who[WHO_N];
    /* alice 700000, bob 300000, val 50000 and a stake of 100000: it validates with its own key; fee 10, unbonding 2 blocks,
     * expiry 6, commits 2, reveals 2, epochs of 1; missed 10 %, finder 50 % */
    struct genesis genesis;
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

/* What somebody claims and the run behind it; another architecture is another run. The salts are made from its hash. */
struct fixture_claim {
    struct tx_propose content;
    struct tx_finding finding;
    struct hash announce_salt, root_salt, leaves;
};
struct fixture_claim fixture_claim(unsigned arch, uint32_t correct); /* 2 folds, correct of 1000 in each */
struct tx fixture_announce(struct fixture *f, int who, struct hash task, const struct fixture_claim *c); /* stake 1000 */
struct tx fixture_propose(struct fixture *f, int who, struct hash proposal, const struct fixture_claim *c);
struct tx fixture_commit(struct fixture *f, int who, struct hash proposal, const struct tx_finding *found);
struct tx fixture_open(struct fixture *f, int who, struct hash proposal, const struct fixture_claim *c);
struct tx fixture_reveal(struct fixture *f, int who, struct hash proposal, const struct tx_finding *found);
struct tx fixture_decide(struct fixture *f, int who, bool approve, struct hash proposal, const struct fixture_claim *c);
struct tx fixture_holdout(struct fixture *f, int who, struct hash task); /* 60 of 100 */
struct tx fixture_challenge(struct fixture *f, int who, struct hash proposal, uint32_t fold, uint64_t leaf,
                            uint64_t deposit);
struct tx fixture_respond(struct fixture *f, int who, struct hash challenge, bool concede);
struct tx fixture_verdict(struct fixture *f, int who, struct hash challenge, bool upheld);

/* Removes every file of a folder and the folder. */
void fixture_remove(const char *folder);
void fixture_copy_file(const char *from, const char *to);

/* A random transaction of a kind with values that decoding accepts. */
void fixture_random_tx(struct random *r, const struct tx_kind *kind, struct tx *out);

#endif
