/* What the tests of tampering share: a small chain with every kind of transaction, made through the ledger; and an
 * attacker's tools, who knows the format's bytes from morphsmith-chain(5) and takes a file apart and together again. */
#ifndef TESTS_TAMPER_CHAIN_H
#define TESTS_TAMPER_CHAIN_H

#include "chain/block.h"
#include "chain/ledger.h"

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

/* --- the attacker --- */

#define PAGE_TXS 16
#define SCROLL_PAGES 12

/* Places in a block's header. */
enum {
    AT_CHAIN = 0,
    AT_HEIGHT = 32,
    AT_ROUND = 40,
    AT_TIME = 44,
    AT_PARENT = 52,
    AT_PROPOSER = 84,
    AT_TX_ROOT = 116,
    AT_VALIDATORS = 148,
    AT_CERTIFICATE = 180,
    AT_STATE = 212,
    AT_TRANSACTIONS = 244
};

struct page {
    uint8_t header[BLOCK_HEADER_BYTES];
    uint8_t signature[KEY_SIGNATURE_BYTES];
    struct bytes certificate, tx[PAGE_TXS];
    int txs;
};
struct scroll {
    struct bytes genesis;
    struct page page[SCROLL_PAGES]; /* page[0] is block 1 */
    int pages;
    uint64_t offset[SCROLL_PAGES + 2]; /* of the frame of each height, as last written; the end */
};
void scroll_read(struct scroll *s, const char *path);
void scroll_copy(struct scroll *to, const struct scroll *from); /* `to` must be zero or a scroll */
void scroll_free(struct scroll *s);

/* With frame hashes that fit, to the end. */
void scroll_write(struct scroll *s, const char *path);

/* From block `height` on: parents; with `roots`, counts, roots and certificates' hashes; with `by`, proposer and
 * signature. What stands in heights and states is left. */
void scroll_reseal(struct scroll *s, int height, bool roots, const struct key *by);

/* The first transaction of a kind: its block's height and its place there. */
void scroll_find(const struct scroll *s, enum tx_type type, int *height, int *at);
void page_put(struct page *p, int at, const struct tx *tx); /* in place of what is there */

void page_drop(struct page *p, int at);
void page_insert(struct page *p, int at, const struct bytes *tx);

#endif
