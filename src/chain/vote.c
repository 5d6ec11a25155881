#include "chain/vote.h"

#include "base/memory.h"
#include "chain/codec.h"

#define VOTE_DOMAIN "morphsmith vote"

const char *vote_step_name(enum vote_step s)
{
    static const char *const name[] = {"proposal", "prevote", "precommit"};
    ASSERT((size_t)s < ARRAY_N(name));
    return name[s];
}

static void put_content(const struct vote *v, struct bytes *out)
{
    codec_put_hash(out, v->chain);
    bytes_put_u8(out, (uint8_t)v->step);
    bytes_put_u64(out, v->height);
    bytes_put_u32(out, v->round);
    bytes_put_u32(out, v->valid);
    codec_put_hash(out, v->block);
    codec_put_public(out, &v->voting);
}

void vote_encode(const struct vote *v, struct bytes *out)
{
    put_content(v, out);
    codec_put_signature(out, &v->signature);
}

static bool sane(const struct vote *v, struct error *err)
{
    if (v->height < 1 || v->round > ROTATION_ROUND_MOST)
        return error_set(err, ERROR_CHAIN, "vote: height %llu, round %u: a height is at least 1, a round at most %d",
                         (unsigned long long)v->height, v->round, ROTATION_ROUND_MOST);
    if (v->step != VOTE_PROPOSAL && v->valid != 0)
        return error_set(err, ERROR_CHAIN, "vote: only a proposal names a valid round");
    if (v->valid > v->round) /* the round itself plus 1 would not be before this one */
        return error_set(err, ERROR_CHAIN, "vote: its valid round is not before its round");
    if (v->step == VOTE_PROPOSAL && hash_is_zero(v->block))
        return error_set(err, ERROR_CHAIN, "vote: a proposal of no block");
    return true;
}

bool vote_decode(const void *data, size_t n, struct vote *out, struct error *err)
{
    struct bytes_reader r = bytes_read(data, n);
    out->chain = codec_get_hash(&r);
    unsigned step = bytes_get_u8(&r);
    out->step = step <= VOTE_PRECOMMIT ? (enum vote_step)step : VOTE_PROPOSAL;
    out->height = bytes_get_u64(&r);
    out->round = bytes_get_u32(&r);
    out->valid = bytes_get_u32(&r);
    out->block = codec_get_hash(&r);
    out->voting = codec_get_public(&r);
    out->signature = codec_get_signature(&r);
    if (!bytes_done(&r) || step > VOTE_PRECOMMIT)
        return error_set(err, ERROR_CHAIN, "vote: %zu bytes, step %u: it has %d and a step of 0 to 2", n, step, VOTE_BYTES);
    return sane(out, err);
}

void vote_sign(struct vote *v, const struct key *voting)
{
    struct bytes b = {0};
    v->voting = *key_public_of(voting);
    put_content(v, &b);
    key_sign(voting, VOTE_DOMAIN, b.data, b.n, &v->signature);
    bytes_free(&b);
}

bool vote_check(const struct vote *v, struct error *err)
{
    struct bytes b = {0};
    put_content(v, &b);
    bool good = key_verify(&v->voting, VOTE_DOMAIN, b.data, b.n, &v->signature);
    bytes_free(&b);
    return good || error_set(err, ERROR_CHAIN, "vote: its signature is not its voting key's over these bytes");
}

struct hash vote_hash(const struct vote *v)
{
    struct bytes b = {0};
    vote_encode(v, &b);
    struct hash h = hash_of(b.data, b.n);
    bytes_free(&b);
    return h;
}

bool vote_conflict(const struct vote *a, const struct vote *b)
{
    return hash_equal(a->chain, b->chain) && memcmp(a->voting.byte, b->voting.byte, sizeof a->voting.byte) == 0 &&
           a->step == b->step && a->height == b->height && a->round == b->round &&
           (a->valid != b->valid || !hash_equal(a->block, b->block));
}
