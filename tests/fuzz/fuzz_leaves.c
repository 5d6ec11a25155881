/* Lists of leaf hashes: refused, or the only spelling of what they say. */
#include "fuzz.h"

#include "base/text.h"
#include "work/leaves.h"

const char fuzz_corpus[] = "leaves";

static void spell(const struct leaves *l, struct text *out)
{
    char hex[HASH_HEX];
    text_put(out, "morphsmith-leaves 1\n");
    for (int i = 0; i < l->folds; i++) {
        const struct leaves_fold *f = &l->fold[i];
        text_printf(out, "fold %d interval %lld leaves %llu\n", i + 1, (long long)f->interval, (unsigned long long)f->n);
        for (uint64_t k = 0; k < f->n; k++) {
            hash_hex(f->leaf[k], hex);
            text_printf(out, "%s\n", hex);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct leaves l;
    struct leaves_gap gap;
    hash_start();
    memset(&l, 0, sizeof l);
    if (leaves_parse(&l, (const char *)data, n, NULL)) {
        struct text again = {0};
        spell(&l, &again);
        ASSERT(again.n == n && memcmp(text_of(&again), data, n) == 0);
        ASSERT(!leaves_differ(&l, &l, &gap));
        leaves_root(&l);
        text_free(&again);
    }
    leaves_free(&l);
    return 0;
}
