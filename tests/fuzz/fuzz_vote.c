/* Votes: refused, or encoded again as what was read; and whether two convict their key does not depend on their order. The
 * input is spelt as in fuzz_fill.h: one vote, or two of VOTE_BYTES each. */
#include "fuzz_fill.h"

#include "chain/vote.h"

const char fuzz_corpus[] = "vote";

static bool check_one(const uint8_t *data, size_t n, struct vote *v)
{
    struct bytes again = {0};
    if (!vote_decode(data, n, v, NULL))
        return false;
    vote_encode(v, &again);
    ASSERT(n == VOTE_BYTES && again.n == n && memcmp(again.data, data, n) == 0);
    ASSERT(v->height >= 1 && v->round <= ROTATION_ROUND_MOST && vote_step_name(v->step)[0] != '\0');
    ASSERT(hash_equal(vote_hash(v), hash_of(data, n)));
    vote_check(v, NULL);
    bytes_free(&again);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct fill f;
    struct vote a, b;
    struct bytes in = {0};
    hash_start();
    if (!f.who[0].byte[0])
        fill_start(&f);
    if (!fill_out(&f, data, n, &in))
        bytes_clear(&in);
    size_t first = in.n > VOTE_BYTES ? VOTE_BYTES : in.n;
    if (check_one(in.data, first, &a) && in.n > first && check_one(in.data + first, in.n - first, &b)) {
        ASSERT(vote_conflict(&a, &b) == vote_conflict(&b, &a) && !vote_conflict(&a, &a));
        ASSERT(!vote_conflict(&a, &b) || (a.height == b.height && a.round == b.round && a.step == b.step));
    }
    bytes_free(&in);
    return 0;
}
