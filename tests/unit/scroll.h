/* An attacker's tools, who knows the format's bytes from morphsmith-chain(5) and takes a chain's file apart and together
 * again. */
#ifndef TESTS_SCROLL_H
#define TESTS_SCROLL_H

#include "chain/block.h"
#include "chain/ledger.h"

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
