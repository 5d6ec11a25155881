#include "chain/certificate.h"

#include "chain/codec.h"

static bool two_thirds(uint64_t signed_power, uint64_t all)
{
    return 3 * signed_power > 2 * all; /* at most 2^42 each */
}

static const struct vote *precommit_of(const struct certificate *c, const struct key_public *voting,
                                       const struct vote *votes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (votes[i].step == VOTE_PRECOMMIT && votes[i].height == c->height && votes[i].round == c->round &&
            hash_equal(votes[i].block, c->block) &&
            memcmp(votes[i].voting.byte, voting->byte, sizeof voting->byte) == 0)
            return &votes[i];
    return NULL;
}

bool certificate_build(struct certificate *out, const struct rotation *set, uint64_t height, uint32_t round,
                       struct hash block, const struct vote *votes, size_t n)
{
    uint64_t power = 0;
    *out = (struct certificate){.height = height, .round = round, .block = block};
    for (int i = 0; i < set->n; i++) {
        const struct vote *v = precommit_of(out, &set->seat[i].voting, votes, n);
        if (!v)
            continue;
        out->signer[out->n].voting = v->voting;
        out->signer[out->n++].signature = v->signature;
        power += set->seat[i].power;
    }
    return two_thirds(power, rotation_power(set));
}

void certificate_encode(const struct certificate *c, struct bytes *out)
{
    ASSERT(c->n > 0 && c->n <= ROTATION_SEATS_MAX);
    bytes_put_u64(out, c->height);
    bytes_put_u32(out, c->round);
    codec_put_hash(out, c->block);
    bytes_put_u32(out, (uint32_t)c->n);
    for (int i = 0; i < c->n; i++) {
        codec_put_public(out, &c->signer[i].voting);
        codec_put_signature(out, &c->signer[i].signature);
    }
}

uint64_t certificate_signers(size_t bytes)
{
    return bytes < 8 + 4 + 32 + 4 ? 0 : (bytes - (8 + 4 + 32 + 4)) / (32 + 64);
}

static bool sane(const struct certificate *c, struct error *err)
{
    if (c->height < 1 || c->round > ROTATION_ROUND_MOST || hash_is_zero(c->block) || c->n < 1)
        return error_set(err, ERROR_CHAIN, "certificate: height %llu, round %u, %d signers: it cannot be one",
                         (unsigned long long)c->height, c->round, c->n);
    for (int i = 1; i < c->n; i++)
        if (memcmp(c->signer[i - 1].voting.byte, c->signer[i].voting.byte, KEY_PUBLIC_BYTES) >= 0)
            return error_set(err, ERROR_CHAIN, "certificate: its signers are not in order, or one stands there twice");
    return true;
}

bool certificate_decode(const void *data, size_t n, struct certificate *out, struct error *err)
{
    struct bytes_reader r = bytes_read(data, n);
    memset(out, 0, sizeof *out);
    out->height = bytes_get_u64(&r);
    out->round = bytes_get_u32(&r);
    out->block = codec_get_hash(&r);
    out->n = (int)codec_get_bounded(&r, ROTATION_SEATS_MAX);
    for (int i = 0; i < out->n; i++) {
        out->signer[i].voting = codec_get_public(&r);
        out->signer[i].signature = codec_get_signature(&r);
    }
    if (!bytes_done(&r))
        return error_set(err, ERROR_CHAIN, "certificate: malformed near byte %zu of %zu", r.at, n);
    return sane(out, err);
}

bool certificate_check_power(const struct certificate *c, const struct rotation *set, struct error *err)
{
    uint64_t power = 0, all = rotation_power(set);
    for (int i = 0; i < c->n; i++) {
        int at = rotation_find(set, &c->signer[i].voting);
        if (at < 0)
            return error_set(err, ERROR_CHAIN, "certificate: signer %d of %d is no validator at height %llu", i + 1, c->n,
                             (unsigned long long)c->height);
        power += set->seat[at].power;
    }
    return two_thirds(power, all) ||
           error_set(err, ERROR_CHAIN, "certificate: it has a power of %llu of %llu: not more than two thirds",
                     (unsigned long long)power, (unsigned long long)all);
}

struct vote certificate_vote(const struct certificate *c, struct hash chain, int i)
{
    return (struct vote){.chain = chain, .step = VOTE_PRECOMMIT, .height = c->height, .round = c->round,
                         .block = c->block, .voting = c->signer[i].voting, .signature = c->signer[i].signature};
}

bool certificate_check(const struct certificate *c, struct hash chain, const struct rotation *set, struct error *err)
{
    if (!certificate_check_power(c, set, err))
        return false;
    for (int i = 0; i < c->n; i++) {
        struct vote v = certificate_vote(c, chain, i);
        if (!vote_check(&v, err))
            return error_prefix(err, "certificate, signer %d of %d", i + 1, c->n);
    }
    return true;
}
