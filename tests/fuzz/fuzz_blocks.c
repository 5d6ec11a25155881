/* A chain's whole file: what verifying refuses does not open, and the other way round. The input is the file; where its
 * first byte is 'R' instead of the magic's first, its frames' hashes are made to fit, so that what stands in them is
 * reached. */
#include "fuzz_folder.h"

#include "chain/block.h"
#include "chain/ledger.h"

#include <unistd.h>

const char fuzz_corpus[] = "blocks";

static void make_hashes_fit(struct bytes *b)
{
    struct hash previous = {{0}};
    size_t at = 0;
    while (at + FRAME_HEADER_BYTES <= b->n) {
        struct frame f;
        if (!block_frame_header(b->data + at, &f, NULL) || block_frame_bytes(&f) > b->n - at)
            return;
        previous = block_frame_hash(&f, b->data + at, previous);
        at += block_frame_bytes(&f);
        memcpy(b->data + at - HASH_BYTES, previous.byte, HASH_BYTES);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char path[FILE_PATH_MAX];
    struct ledger_verdict v;
    struct bytes b = {0};
    struct error err = {0};
    hash_start();
    bytes_put(&b, data, n);
    if (n && data[0] == 'R') {
        b.data[0] = (uint8_t)FRAME_MAGIC[0];
        make_hashes_fit(&b);
    }
    fuzz_put("blocks.msc", b.data, b.n, path);
    bool good = ledger_verify(fuzz_folder(), &v, NULL, NULL, NULL, &err);
    ASSERT(good == v.ok && (good || (err.kind == ERROR_CHAIN && v.error_offset <= n)));
    struct ledger *l = ledger_open(fuzz_folder(), false, NULL);
    ASSERT(good == (l != NULL));
    ledger_close(l);
    unlink(path);
    bytes_free(&b);
    return 0;
}
