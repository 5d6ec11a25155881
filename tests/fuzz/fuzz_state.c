/* A saved state: refused, or it is one in which no unit is missing and which is saved as what was read. The input is what
 * stands before the hash, which is put behind it. */
#include "fuzz.h"

#include "chain/state_save.h"

const char fuzz_corpus[] = "state";

/* The genesis of fuzz_rules' corpus. */
static void fill_genesis(struct genesis *g)
{
    *g = (struct genesis){.name = "fuzz", .supply = 1000000, .min_fee = 1, .expiry_blocks = 4, .commit_blocks = 1,
                          .reveal_blocks = 1, .epoch_blocks = 2, .holders = 1, .validators = 1};
    memset(g->holder[0].key.byte, 2, sizeof g->holder[0].key.byte);
    memset(g->validator[0].identity.byte, 1, sizeof g->validator[0].identity.byte);
    g->validator[0].voting = g->validator[0].identity;
    g->validator[0].stake = 100000;
    g->holder[0].balance = 900000;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct genesis g;
    struct bytes b = {0}, again = {0};
    hash_start();
    fill_genesis(&g);
    bytes_put(&b, data, n);
    struct hash h = hash_of(data, n);
    bytes_put(&b, h.byte, sizeof h.byte);
    struct state *s = state_load(b.data, b.n, &g, NULL);
    if (s) {
        ASSERT(state_audit(s, NULL));
        state_save(s, &again);
        ASSERT(again.n == b.n && memcmp(again.data, b.data, b.n) == 0);
        state_free(s);
    }
    bytes_free(&b);
    bytes_free(&again);
    return 0;
}
