/* Genesis: refused, or encoded again as what was read, and a state comes of it in which no unit is missing. */
#include "fuzz.h"

#include "base/memory.h"
#include "chain/state.h"

const char fuzz_corpus[] = "genesis";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct genesis *g = NEW(struct genesis);
    struct bytes b = {0};
    hash_start();
    if (genesis_decode(data, n, g, NULL)) {
        genesis_encode(g, &b);
        ASSERT(b.n == n && memcmp(b.data, data, n) == 0);
        ASSERT(genesis_check(g, NULL));
        struct state *s = state_new(g, NULL);
        ASSERT(s && state_audit(s, NULL));
        state_free(s);
    }
    bytes_free(&b);
    free(g);
    return 0;
}
