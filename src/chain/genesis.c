#include "chain/state.h"

#include "base/clock.h"
#include "base/memory.h"
#include "chain/codec.h"

static void put_many(const struct genesis *g, struct bytes *out)
{
    bytes_put_u32(out, g->evidence_blocks);
    bytes_put_u32(out, g->double_ppm);
    bytes_put_u32(out, g->attest_ppm);
    bytes_put_u32(out, g->dispute_blocks);
    bytes_put_u32(out, g->dispute_seconds);
    bytes_put_u32(out, g->deposit_ppm);
    bytes_put_u64(out, g->least_stake);
}

static void get_many(struct bytes_reader *r, struct genesis *out)
{
    out->many = true;
    out->evidence_blocks = bytes_get_u32(r);
    out->double_ppm = bytes_get_u32(r);
    out->attest_ppm = bytes_get_u32(r);
    out->dispute_blocks = bytes_get_u32(r);
    out->dispute_seconds = bytes_get_u32(r);
    out->deposit_ppm = bytes_get_u32(r);
    out->least_stake = bytes_get_u64(r);
}

void genesis_encode(const struct genesis *g, struct bytes *out)
{
    ASSERT(g->holders >= 0 && g->holders <= STATE_HOLDERS_MAX);
    ASSERT(g->validators >= 0 && g->validators <= STATE_VALIDATORS_MAX);
    bytes_put_text(out, g->name);
    bytes_put_i64(out, g->time_us);
    bytes_put_u64(out, g->supply);
    bytes_put_u64(out, g->min_fee);
    bytes_put_u32(out, g->min_block_seconds);
    bytes_put_u32(out, g->unbonding_blocks);
    bytes_put_u32(out, g->unbonding_seconds);
    bytes_put_u32(out, g->expiry_blocks);
    bytes_put_u32(out, g->expiry_seconds);
    bytes_put_u32(out, g->commit_blocks);
    bytes_put_u32(out, g->commit_seconds);
    bytes_put_u32(out, g->reveal_blocks);
    bytes_put_u32(out, g->reveal_seconds);
    bytes_put_u32(out, g->epoch_blocks);
    bytes_put_u32(out, g->missed_ppm);
    bytes_put_u32(out, g->finder_ppm);
    bytes_put_u32(out, (uint32_t)g->holders);
    for (int i = 0; i < g->holders; i++) {
        codec_put_public(out, &g->holder[i].key);
        bytes_put_u64(out, g->holder[i].balance);
    }
    bytes_put_u32(out, (uint32_t)g->validators);
    for (int i = 0; i < g->validators; i++) {
        codec_put_public(out, &g->validator[i].identity);
        codec_put_public(out, &g->validator[i].voting);
        bytes_put_u64(out, g->validator[i].stake);
    }
    if (g->many)
        put_many(g, out);
}

static bool same_key(const struct key_public *a, const struct key_public *b)
{
    return memcmp(a->byte, b->byte, sizeof a->byte) == 0;
}

static bool holders_sane(const struct genesis *g, uint64_t *sum, struct error *err)
{
    for (int i = 0; i < g->holders; i++) {
        if (g->holder[i].balance > STATE_SUPPLY_MAX)
            return error_set(err, ERROR_CHAIN, "genesis: holder %d has more than 2^42 units", i + 1);
        *sum += g->holder[i].balance; /* 64 holders and 64 validators: at most 2^49 */
        for (int k = 0; k < i; k++)
            if (same_key(&g->holder[i].key, &g->holder[k].key))
                return error_set(err, ERROR_CHAIN, "genesis: holders %d and %d are the same", k + 1, i + 1);
    }
    return true;
}

static bool validators_sane(const struct genesis *g, uint64_t *sum, struct error *err)
{
    for (int i = 0; i < g->validators; i++) {
        if (g->validator[i].stake < 1 || g->validator[i].stake > STATE_SUPPLY_MAX)
            return error_set(err, ERROR_CHAIN, "genesis: validator %d needs a stake of 1 to 2^42 units", i + 1);
        *sum += g->validator[i].stake;
        for (int k = 0; k < g->validators; k++) {
            if (k < i && same_key(&g->validator[i].identity, &g->validator[k].identity))
                return error_set(err, ERROR_CHAIN, "genesis: validators %d and %d are the same", k + 1, i + 1);
            if (k < i && same_key(&g->validator[i].voting, &g->validator[k].voting))
                return error_set(err, ERROR_CHAIN, "genesis: validators %d and %d vote with the same key", k + 1, i + 1);
            if (k != i && same_key(&g->validator[i].voting, &g->validator[k].identity))
                return error_set(err, ERROR_CHAIN, "genesis: validator %d votes with the identity of validator %d", i + 1,
                                 k + 1);
        }
    }
    return true;
}

static bool name_sane(const char *name)
{
    for (const char *p = name; *p; p++)
        if (*p < 0x20 || *p > 0x7e)
            return false;
    return name[0] != '\0' && name[0] != ' ' && name[strlen(name) - 1] != ' ';
}

/* How long after a commit its stake can be fined: claims are judged behind the commits, the opening, the reveals and a
 * dispute; a verified one can be challenged until it expires. Who unstakes must not be gone by then. */
static bool outlasts(const struct genesis *g, bool seconds, struct error *err)
{
    const char *unit = seconds ? "seconds" : "blocks";
    uint64_t expiry = seconds ? g->expiry_seconds : g->expiry_blocks, commit = seconds ? g->commit_seconds : g->commit_blocks;
    uint64_t reveal = seconds ? g->reveal_seconds : g->reveal_blocks;
    uint64_t dispute = seconds ? g->dispute_seconds : g->dispute_blocks;
    uint64_t unbonding = seconds ? g->unbonding_seconds : g->unbonding_blocks;
    bool expires = expiry >= commit + 2 * reveal;
    uint64_t fined = (expires ? expiry : commit + 2 * reveal) + dispute;
    if (unbonding > fined || (seconds && fined == 0))
        return true;
    char sum[96];
    if (expires)
        snprintf(sum, sizeof sum, "expiry_%s + dispute_%s", unit, unit);
    else
        snprintf(sum, sizeof sum, "commit_%s + 2 x reveal_%s + dispute_%s", unit, unit, unit);
    return error_set(err, ERROR_CHAIN, "genesis: unbonding_%s is %llu, but must be above %s = %llu: so long after its commit a "
                                       "validator can be fined, and must not have left with its stake",
                     unit, (unsigned long long)unbonding, sum, (unsigned long long)fined);
}

/* A share of all would leave a set without power. */
static bool many_sane(const struct genesis *g, struct error *err)
{
    if (!g->many)
        return g->validators == 1 || error_set(err, ERROR_CHAIN, "genesis: %d validators, but it says nothing of what "
                                                                 "several need (evidence_blocks and the like)",
                                               g->validators);
    if (g->dispute_blocks < 1)
        return error_set(err, ERROR_CHAIN, "genesis: expiry, windows and epochs last for at least one block");
    if (g->evidence_blocks < 1 || g->evidence_blocks >= g->unbonding_blocks)
        return error_set(err, ERROR_CHAIN, "genesis: evidence_blocks is at least 1 and below unbonding_blocks, so that no "
                                           "stake has left before a double signature is punished");
    if (!outlasts(g, false, err) || !outlasts(g, true, err))
        return false;
    if (g->min_fee < 1)
        return error_set(err, ERROR_CHAIN, "genesis: with several validators min_fee is at least 1, or whoever likes fills "
                                           "everybody's state for nothing");
    if (g->double_ppm > TX_PPM || g->attest_ppm > TX_PPM || g->deposit_ppm > TX_PPM)
        return error_set(err, ERROR_CHAIN, "genesis: no share is above 1000000 parts per million");
    if (g->missed_ppm == TX_PPM)
        return error_set(err, ERROR_CHAIN, "genesis: with several validators a missed reveal cannot cost the whole stake");
    if (g->least_stake < 1 || g->least_stake > STATE_SUPPLY_MAX)
        return error_set(err, ERROR_CHAIN, "genesis: a validator's least stake is 1 to 2^42 units");
    for (int i = 0; i < g->validators; i++)
        if (g->validator[i].stake < g->least_stake)
            return error_set(err, ERROR_CHAIN, "genesis: validator %d has less than the least stake", i + 1);
    return true;
}

static bool genesis_sane(const struct genesis *g, struct error *err)
{
    if (!name_sane(g->name))
        return error_set(err, ERROR_CHAIN, "genesis: a chain's name has 1 to %zu printable ASCII characters, no blank "
                                           "at either end",
                         sizeof g->name - 1);
    if (g->time_us < 0 || g->time_us > STATE_TIME_MAX_US)
        return error_set(err, ERROR_CHAIN, "genesis: its time is before 1970 or after 9999");
    if (g->supply < 1 || g->supply > STATE_SUPPLY_MAX || g->min_fee > g->supply)
        return error_set(err, ERROR_CHAIN, "genesis: the supply must be 1 to 2^42 units, and no fee may be above it");
    if (g->expiry_blocks < 1 || g->commit_blocks < 1 || g->reveal_blocks < 1 || g->epoch_blocks < 1)
        return error_set(err, ERROR_CHAIN, "genesis: expiry, windows and epochs last for at least one block");
    if (g->missed_ppm > TX_PPM || g->finder_ppm > TX_PPM)
        return error_set(err, ERROR_CHAIN, "genesis: no share is above 1000000 parts per million");
    if (g->holders < 1 || g->validators < 1)
        return error_set(err, ERROR_CHAIN, "genesis: it needs at least one holder and one validator");
    uint64_t sum = 0;
    if (!holders_sane(g, &sum, err) || !validators_sane(g, &sum, err) || !many_sane(g, err))
        return false;
    if (sum != g->supply)
        return error_set(err, ERROR_CHAIN, "genesis: holders and validators have %llu units, but the supply is %llu",
                         (unsigned long long)sum, (unsigned long long)g->supply);
    return true;
}

bool genesis_decode(const void *data, size_t n, struct genesis *out, struct error *err)
{
    struct bytes_reader r = bytes_read(data, n);
    memset(out, 0, sizeof *out);
    bytes_get_text(&r, out->name, sizeof out->name);
    out->time_us = bytes_get_i64(&r);
    out->supply = bytes_get_u64(&r);
    out->min_fee = bytes_get_u64(&r);
    out->min_block_seconds = bytes_get_u32(&r);
    out->unbonding_blocks = bytes_get_u32(&r);
    out->unbonding_seconds = bytes_get_u32(&r);
    out->expiry_blocks = bytes_get_u32(&r);
    out->expiry_seconds = bytes_get_u32(&r);
    out->commit_blocks = bytes_get_u32(&r);
    out->commit_seconds = bytes_get_u32(&r);
    out->reveal_blocks = bytes_get_u32(&r);
    out->reveal_seconds = bytes_get_u32(&r);
    out->epoch_blocks = bytes_get_u32(&r);
    out->missed_ppm = bytes_get_u32(&r);
    out->finder_ppm = bytes_get_u32(&r);
    out->holders = (int)codec_get_bounded(&r, STATE_HOLDERS_MAX);
    for (int i = 0; i < out->holders; i++) {
        out->holder[i].key = codec_get_public(&r);
        out->holder[i].balance = bytes_get_u64(&r);
    }
    out->validators = (int)codec_get_bounded(&r, STATE_VALIDATORS_MAX);
    for (int i = 0; i < out->validators; i++) {
        out->validator[i].identity = codec_get_public(&r);
        out->validator[i].voting = codec_get_public(&r);
        out->validator[i].stake = bytes_get_u64(&r);
    }
    if (!r.failed && r.at < n)
        get_many(&r, out);
    if (!bytes_done(&r))
        return error_set(err, ERROR_CHAIN, "genesis: malformed near byte %zu of %zu", r.at, n);
    return genesis_sane(out, err);
}

bool genesis_check(const struct genesis *g, struct error *err)
{
    struct genesis again;
    struct bytes b = {0};
    genesis_encode(g, &b);
    bool good = genesis_decode(b.data, b.n, &again, err);
    bytes_free(&b);
    return good;
}

struct hash genesis_id(const struct genesis *g)
{
    struct bytes b = {0};
    genesis_encode(g, &b);
    struct hash h = hash_of(b.data, b.n);
    bytes_free(&b);
    return h;
}
