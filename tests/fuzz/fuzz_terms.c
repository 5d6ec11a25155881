/* How a chain begins, as a person writes it: refused with the place, or what is written of it is read as the same. */
#include "fuzz_folder.h"

#include "action/chain_genesis.h"
#include "base/memory.h"

const char fuzz_corpus[] = "terms";

#define FILE_NAME "genesis.txt"

/* One without a name is none yet; who writes one asks for it. */
static void check(const struct genesis *g)
{
    if (!g->name[0])
        return;
    struct genesis *again = NEW(struct genesis);
    struct bytes a = {0}, b = {0};
    char *text = chain_genesis_text(g);
    fuzz_put(FILE_NAME, (const uint8_t *)text, strlen(text));
    ASSERT(chain_genesis_read(FUZZ_FOLDER "/" FILE_NAME, again, NULL));
    genesis_encode(g, &a);
    genesis_encode(again, &b);
    ASSERT(a.n == b.n && memcmp(a.data, b.data, a.n) == 0);
    if (genesis_check(g, NULL)) {
        ASSERT(genesis_decode(a.data, a.n, again, NULL));
        ASSERT(hash_equal(genesis_id(g), genesis_id(again)));
    }
    bytes_free(&a);
    bytes_free(&b);
    free(text);
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct genesis *g = NEW(struct genesis);
    struct error err = {0};
    hash_start();
    fuzz_put(FILE_NAME, data, n);
    if (chain_genesis_read(FUZZ_FOLDER "/" FILE_NAME, g, &err))
        check(g);
    else
        ASSERT((err.kind == ERROR_USAGE || err.kind == ERROR_LIMIT) && strstr(err.text, FILE_NAME));
    free(g);
    return 0;
}
