/* Guard files: refused, or encoded again as what was read; and what a guard has signed is never asked to be signed
 * otherwise. The input, spelt as in fuzz_fill.h, is what stands before the hash, which is put behind it; further
 * VOTE_BYTES are a vote that the guard is asked for. */
#include "fuzz_fill.h"

#include "chain/codec.h"
#include "chain/guard.h"

const char fuzz_corpus[] = "guard";

static void ask(struct guard_state *g, struct vote *v)
{
    v->voting = g->voting; /* the caller's is not looked at */
    struct consensus_record record = {.any = true, .round = v->round, .step = v->step};
    struct guard_state before = *g;
    struct error err = {0};
    enum guard_answer answer = guard_ask(g, v, &err);
    if (answer == GUARD_NO)
        ASSERT(err.text[0] != '\0');
    if (answer == GUARD_AGAIN)
        ASSERT(g->any && !vote_conflict(&g->last, v) && g->last.height == v->height && g->last.round == v->round);
    if (answer != GUARD_NEW)
        return;
    ASSERT(v->height > before.hold);
    if (before.any) /* a later place */
        ASSERT(v->height > before.last.height || (v->height == before.last.height && v->round >= before.last.round));
    guard_note(g, v, &record);
    ASSERT(guard_ask(g, v, NULL) == GUARD_AGAIN);
    struct vote other = *v;
    other.block.byte[0] ^= 1;
    ASSERT(guard_ask(g, &other, NULL) == GUARD_NO);
    struct bytes b = {0};
    guard_encode(g, &b);
    ASSERT(guard_decode(b.data, b.n, &before, NULL)); /* what is written can be read after a crash */
    bytes_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct fill f;
    struct guard_state g;
    struct vote v;
    struct bytes in = {0}, again = {0};
    const size_t body = GUARD_BYTES - HASH_BYTES;
    hash_start();
    if (!f.who[0].byte[0])
        fill_start(&f);
    if (!fill_out(&f, data, n, &in))
        bytes_clear(&in);
    bool asks = in.n == body + VOTE_BYTES && vote_decode(in.data + body, VOTE_BYTES, &v, NULL);
    in.n = in.n > body ? body : in.n;
    codec_put_hash(&in, hash_of(in.data, in.n));
    if (guard_decode(in.data, in.n, &g, NULL)) {
        guard_encode(&g, &again);
        ASSERT(again.n == in.n && memcmp(again.data, in.data, in.n) == 0);
        if (asks)
            ask(&g, &v);
    }
    bytes_free(&in);
    bytes_free(&again);
    return 0;
}
