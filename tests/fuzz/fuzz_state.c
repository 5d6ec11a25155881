/* A saved state: refused, or it is one in which no unit is missing and which is saved as what was read. The input's first
 * byte tells the chain (bit 0: one for many, with three validators), the rest is what stands behind magic, version and chain id, and before the
 * hash, all of which are put there. */
#include "fuzz_fill.h"

#include "chain/codec.h"
#include "chain/state_save.h"

const char fuzz_corpus[] = "state";

static struct genesis genesis[2];

/* Magic, version and chain id, as saving writes them. */
static const struct bytes *head_of(bool many)
{
    static struct bytes head[2];
    if (head[many].n == 0) {
        struct fill f;
        hash_start();
        fill_start(&f);
        fill_genesis(&f, many, many ? 3 : 1, &genesis[many]);
        struct state *s = state_new(&genesis[many], NULL);
        ASSERT(s);
        state_save(s, &head[many]);
        head[many].n = 4 + 4 + HASH_BYTES;
        state_free(s);
    }
    return &head[many];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct bytes b = {0}, again = {0};
    bool many = n && (data[0] & 1);
    const struct bytes *head = head_of(many);
    bytes_put(&b, head->data, head->n);
    if (n)
        bytes_put(&b, data + 1, n - 1);
    codec_put_hash(&b, hash_of(b.data, b.n));
    struct state *s = state_load(b.data, b.n, &genesis[many], NULL);
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
