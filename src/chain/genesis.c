#include "chain/state.h"

#include "base/clock.h"
#include "base/memory.h"
#include "chain/codec.h"

#define HOLDERS_MOST ((int)ARRAY_N(((struct genesis *)0)->holder))
#define VALIDATORS_MOST ((int)ARRAY_N(((struct genesis *)0)->validator))

void genesis_encode(const struct genesis *g, struct bytes *out)
{
    ASSERT(g->holders >= 0 && g->holders <= HOLDERS_MOST);
    ASSERT(g->validators >= 0 && g->validators <= VALIDATORS_MOST);
    bytes_put_text(out, g->name);
    bytes_put_i64(out, g->time_us);
    bytes_put_u64(out, g->supply);
    bytes_put_u64(out, g->min_fee);
    bytes_put_u32(out, g->min_block_seconds);
    bytes_put_u32(out, g->unbonding_blocks);
    bytes_put_u32(out, g->expiry_blocks);
    bytes_put_u32(out, (uint32_t)g->holders);
    for (int i = 0; i < g->holders; i++) {
        codec_put_public(out, &g->holder[i].key);
        bytes_put_u64(out, g->holder[i].balance);
    }
    bytes_put_u32(out, (uint32_t)g->validators);
    for (int i = 0; i < g->validators; i++)
        codec_put_public(out, &g->validator[i]);
}

static bool same_key(const struct key_public *a, const struct key_public *b)
{
    return memcmp(a->byte, b->byte, sizeof a->byte) == 0;
}

static bool holders_sane(const struct genesis *g, struct error *err)
{
    uint64_t sum = 0;
    for (int i = 0; i < g->holders; i++) {
        if (g->holder[i].balance > STATE_SUPPLY_MAX)
            return error_set(err, ERROR_CHAIN, "genesis: holder %d has more than 2^42 units", i + 1);
        sum += g->holder[i].balance; /* 64 holders: at most 2^48 */
        for (int k = 0; k < i; k++)
            if (same_key(&g->holder[i].key, &g->holder[k].key))
                return error_set(err, ERROR_CHAIN, "genesis: holders %d and %d are the same", k + 1, i + 1);
    }
    if (sum != g->supply)
        return error_set(err, ERROR_CHAIN, "genesis: its holders have %llu units, but the supply is %llu",
                         (unsigned long long)sum, (unsigned long long)g->supply);
    return true;
}

static bool name_sane(const char *name)
{
    for (const char *p = name; *p; p++)
        if (*p < 0x20 || *p > 0x7e)
            return false;
    return name[0] != '\0' && name[0] != ' ' && name[strlen(name) - 1] != ' ';
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
    if (g->expiry_blocks < 1)
        return error_set(err, ERROR_CHAIN, "genesis: proposals must live for at least one block");
    if (g->holders < 1 || g->validators < 1)
        return error_set(err, ERROR_CHAIN, "genesis: it needs at least one holder and one validator");
    for (int i = 0; i < g->validators; i++)
        for (int k = 0; k < i; k++)
            if (same_key(&g->validator[i], &g->validator[k]))
                return error_set(err, ERROR_CHAIN, "genesis: validators %d and %d are the same", k + 1, i + 1);
    return holders_sane(g, err);
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
    out->expiry_blocks = bytes_get_u32(&r);
    out->holders = (int)codec_get_bounded(&r, (uint32_t)HOLDERS_MOST);
    for (int i = 0; i < out->holders; i++) {
        out->holder[i].key = codec_get_public(&r);
        out->holder[i].balance = bytes_get_u64(&r);
    }
    out->validators = (int)codec_get_bounded(&r, (uint32_t)VALIDATORS_MOST);
    for (int i = 0; i < out->validators; i++)
        out->validator[i] = codec_get_public(&r);
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
