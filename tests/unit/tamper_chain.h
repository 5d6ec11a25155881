/* What the tests of tampering share: a small chain with every kind of transaction, made through the ledger. */
#ifndef TESTS_TAMPER_CHAIN_H
#define TESTS_TAMPER_CHAIN_H

#include "tests/unit/scroll.h"

enum { ALICE, BOB, CAROL, DAVE, VAL, VOTE, MALLORY, TAMPER_KEYS };
#define TAMPER_START_US INT64_C(1600000000000000)

struct tamper {
    char folder[64]; /* temporary */
    char chain[80];  /* folder/chain */
    char path[96];   /* folder/chain/blocks.msc */
    struct key *key[TAMPER_KEYS];
    struct address who[TAMPER_KEYS];
    struct genesis genesis;
    struct hash id;
    uint64_t nonce[TAMPER_KEYS];
    struct hash task, proposal[3];
};

/* `small`: each kind once. Else three proposals: one is accepted, one rejected, one refuted. The genesis' name tells two
 * chains apart. blocks.len is removed: the file has to speak for itself. */
void tamper_start(struct tamper *t, const char *name, bool small);
void tamper_end(struct tamper *t);

/* A transaction with the next nonce, unsigned, fee 10. */
struct tx tamper_tx(struct tamper *t, int who, enum tx_type type);

#endif
