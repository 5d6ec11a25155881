/* Receipts: refused, or what they say is signed. The input is what stands before the hash, which is put behind it. */
#include "fuzz.h"

#include "base/memory.h"
#include "chain/receipt.h"

const char fuzz_corpus[] = "receipt";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct receipt *r = NEW(struct receipt);
    struct bytes b = {0};
    hash_start();
    receipt_check(data, n, r, NULL);
    bytes_put(&b, data, n);
    struct hash h = hash_of(data, n);
    bytes_put(&b, h.byte, sizeof h.byte);
    if (receipt_check(b.data, b.n, r, NULL)) {
        ASSERT(r->items >= 1 && r->items <= RECEIPT_ITEMS_MAX);
        ASSERT(hash_equal(r->chain, genesis_id(&r->genesis)));
        for (int i = 0; i < r->items; i++) {
            const struct receipt_item *it = &r->item[i];
            ASSERT(it->position < it->transactions && it->height <= r->head.height);
            ASSERT(hash_equal(it->id, tx_id(&it->tx)) && hash_equal(it->tx.chain, r->chain));
            ASSERT(tx_check_signature(&it->tx, NULL));
        }
    }
    bytes_free(&b);
    free(r);
    return 0;
}
