#include "action/chain_genesis.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"

#include <limits.h>
#include <sodium.h>
#include <stddef.h>

#define HEADER "morphsmith-genesis 1"
#define FILE_MOST ((size_t)64 << 10)

static const struct parameter {
    const char *name;
    size_t at;
    bool wide; /* u64, else u32 */
    uint64_t most;
    uint64_t many; /* what it is on a chain for many whose text leaves it out; 0: as on a chain for one, or by the supply */
} parameters[] = {
    {"supply", offsetof(struct genesis, supply), true, STATE_SUPPLY_MAX, 0},
    {"min_fee", offsetof(struct genesis, min_fee), true, STATE_SUPPLY_MAX, 0},
    {"min_block_seconds", offsetof(struct genesis, min_block_seconds), false, UINT32_MAX, 0},
    {"unbonding_blocks", offsetof(struct genesis, unbonding_blocks), false, UINT32_MAX, 20000},
    {"unbonding_seconds", offsetof(struct genesis, unbonding_seconds), false, UINT32_MAX, 1209600},
    {"expiry_blocks", offsetof(struct genesis, expiry_blocks), false, UINT32_MAX, 0},
    {"expiry_seconds", offsetof(struct genesis, expiry_seconds), false, UINT32_MAX, 604800},
    {"commit_blocks", offsetof(struct genesis, commit_blocks), false, UINT32_MAX, 0},
    {"commit_seconds", offsetof(struct genesis, commit_seconds), false, UINT32_MAX, 3600},
    {"reveal_blocks", offsetof(struct genesis, reveal_blocks), false, UINT32_MAX, 0},
    {"reveal_seconds", offsetof(struct genesis, reveal_seconds), false, UINT32_MAX, 3600},
    {"epoch_blocks", offsetof(struct genesis, epoch_blocks), false, UINT32_MAX, 0},
    {"missed_ppm", offsetof(struct genesis, missed_ppm), false, TX_PPM, 0},
    {"finder_ppm", offsetof(struct genesis, finder_ppm), false, TX_PPM, 0},
    /* from here on: chains for many */
    {"evidence_blocks", offsetof(struct genesis, evidence_blocks), false, UINT32_MAX, 10000},
    {"double_ppm", offsetof(struct genesis, double_ppm), false, TX_PPM, 50000},
    {"attest_ppm", offsetof(struct genesis, attest_ppm), false, TX_PPM, 20000},
    {"dispute_blocks", offsetof(struct genesis, dispute_blocks), false, UINT32_MAX, 100},
    {"dispute_seconds", offsetof(struct genesis, dispute_seconds), false, UINT32_MAX, 3600},
    {"deposit_ppm", offsetof(struct genesis, deposit_ppm), false, TX_PPM, 100000},
    {"least_stake", offsetof(struct genesis, least_stake), true, STATE_SUPPLY_MAX, 0},
};
enum { MANY = ARRAY_N(parameters) - 7, FEE = 1, LEAST = ARRAY_N(parameters) - 1 }; /* places in it */

#define FEES_IN_ALL 1000000 /* so many fees are all units: each entry of the state that stays costs one */
#define SEATS_SHARE 10      /* filling all seats takes a tenth of all units */

/* Who claims and does not open loses the stake: that takes so many blocks that nobody misses it by chance, and fewer than
 * the expiry, behind which the stake would go back. */
void chain_genesis_defaults(struct genesis *g)
{
    int64_t now = clock_wall_us();
    *g = (struct genesis){.time_us = now - now % CLOCK_SECOND_US,
                          .supply = 1000000,
                          .min_fee = 1,
                          .unbonding_blocks = 20,
                          .expiry_blocks = 1000,
                          .commit_blocks = 1,
                          .reveal_blocks = 100,
                          .epoch_blocks = 1,
                          .missed_ppm = 10000,
                          .finder_ppm = 500000};
}

static void put(struct genesis *g, const struct parameter *p, uint64_t v)
{
    uint32_t narrow = (uint32_t)v;
    memcpy((char *)g + p->at, p->wide ? (const void *)&v : &narrow, p->wide ? sizeof v : sizeof narrow);
}

/* What several validators need and the text does not say. Windows are counted in seconds too: with a block every few
 * seconds, windows of blocks alone would close before strangers have re-trained anything. */
static void default_many(struct genesis *g, uint32_t seen)
{
    g->many = true;
    for (size_t i = 0; i < ARRAY_N(parameters); i++)
        if (parameters[i].many && !(seen & UINT32_C(1) << i))
            put(g, &parameters[i], parameters[i].many);
    uint64_t fee = g->supply / FEES_IN_ALL, least = g->supply / (SEATS_SHARE * STATE_VALIDATORS_MAX);
    for (int i = 0; i < g->validators; i++)
        least = g->validator[i].stake < least ? g->validator[i].stake : least;
    if (!(seen & UINT32_C(1) << FEE))
        g->min_fee = fee ? fee : 1;
    if (!(seen & UINT32_C(1) << LEAST))
        g->least_stake = least ? least : 1;
}

static uint64_t get(const struct genesis *g, const struct parameter *p)
{
    uint64_t v;
    uint32_t narrow;
    memcpy(&v, (const char *)g + p->at, p->wide ? sizeof v : 0);
    memcpy(&narrow, (const char *)g + p->at, sizeof narrow);
    return p->wide ? v : narrow;
}

static int find_parameter(const char *name)
{
    for (size_t i = 0; i < ARRAY_N(parameters); i++)
        if (text_equal(parameters[i].name, name))
            return (int)i;
    return -1;
}

bool chain_genesis_set(struct genesis *g, const char *name, const char *value, struct error *err)
{
    int at = find_parameter(name);
    uint64_t v;
    if (at < 0)
        return error_set(err, ERROR_USAGE, "a chain has no parameter %s", name);
    const struct parameter *p = &parameters[at];
    if (!text_parse_u64(value, &v) || v > p->most)
        return error_set(err, ERROR_USAGE, "%s is a whole number from 0 to %llu, not %s", name,
                         (unsigned long long)p->most, value);
    put(g, p, v);
    return true;
}

/* --- the text ----------------------------------------------------------------------------------------------------- */

struct reading {
    struct genesis *out;
    uint32_t seen; /* parameters, by their place; name and time behind them */
};

static bool once(struct reading *r, size_t place, const char *name, struct error *err)
{
    if (r->seen & (UINT32_C(1) << place))
        return error_set(err, ERROR_USAGE, "%s is there already", name);
    r->seen |= UINT32_C(1) << place;
    return true;
}

static bool parse_key(const char *hex, struct key_public *out, struct error *err)
{
    struct hash h;
    if (!hex || !hash_from_hex(hex, &h))
        return error_set(err, ERROR_USAGE, "a public key is 64 hexadecimal digits, as `key show` prints it");
    memcpy(out->byte, h.byte, sizeof out->byte);
    return true;
}

static bool parse_units(const char *text, uint64_t *out, struct error *err)
{
    return (text && text_parse_u64(text, out) && *out <= STATE_SUPPLY_MAX) ||
           error_set(err, ERROR_USAGE, "an amount is a whole number up to 2^42");
}

/* The next word, or NULL; the blanks before it are skipped. */
static char *next_word(char **rest)
{
    char *word;
    while ((word = text_next(rest, ' ')) && !word[0])
        ;
    return word;
}

static bool parse_holder(struct genesis *g, char *value, struct error *err)
{
    char *rest = value, *key = next_word(&rest), *balance = next_word(&rest);
    if (g->holders == STATE_HOLDERS_MAX)
        return error_set(err, ERROR_USAGE, "there are at most %d holders", STATE_HOLDERS_MAX);
    if (next_word(&rest))
        return error_set(err, ERROR_USAGE, "expected \"holder PUBLIC_KEY BALANCE\"");
    int i = g->holders++;
    return parse_key(key, &g->holder[i].key, err) && parse_units(balance, &g->holder[i].balance, err);
}

static bool parse_validator(struct genesis *g, char *value, struct error *err)
{
    char *rest = value, *identity = next_word(&rest), *voting = next_word(&rest), *stake = next_word(&rest);
    if (g->validators == STATE_VALIDATORS_MAX)
        return error_set(err, ERROR_USAGE, "there are at most %d validators", STATE_VALIDATORS_MAX);
    if (next_word(&rest))
        return error_set(err, ERROR_USAGE, "expected \"validator IDENTITY VOTING_KEY STAKE\"");
    int i = g->validators++;
    return parse_key(identity, &g->validator[i].identity, err) && parse_key(voting, &g->validator[i].voting, err) &&
           parse_units(stake, &g->validator[i].stake, err);
}

/* "2026-01-31T12:00:00Z", also with microseconds. */
static bool parse_time(const char *text, int64_t *out, struct error *err)
{
    static const char plain[] = "dddd-dd-ddTdd:dd:ddZ", parts[] = "dddd-dd-ddTdd:dd:dd.ddddddZ";
    const char *shape = strlen(text) == sizeof parts - 1 ? parts : plain;
    int64_t v[8] = {0};
    bool ok = strlen(text) == strlen(shape);
    for (size_t i = 0, k = 0; ok && shape[i]; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';
        ok = shape[i] == 'd' ? digit : text[i] == shape[i];
        if (digit)
            v[k] = 10 * v[k] + (text[i] - '0');
        else
            k++;
    }
    if (!ok || v[0] < 1970 || !clock_date_valid((int)v[0], (int)v[1], (int)v[2]) || v[3] > 23 || v[4] > 59 || v[5] > 59)
        return error_set(err, ERROR_USAGE, "a time is like 2026-01-31T12:00:00Z");
    *out = clock_days((int)v[0], (int)v[1], (int)v[2]) * CLOCK_DAY_US +
           ((v[3] * 60 + v[4]) * 60 + v[5]) * CLOCK_SECOND_US + v[6];
    return true;
}

static bool parse_name(struct genesis *g, const char *value, struct error *err)
{
    return (value[0] && text_copy(g->name, sizeof g->name, value)) ||
           error_set(err, ERROR_USAGE, "a chain's name has 1 to %zu characters", sizeof g->name - 1);
}

static bool parse_line(struct reading *r, char *line, struct error *err)
{
    enum { NAME = ARRAY_N(parameters), TIME };
    char *rest = line, *name = text_next(&rest, ' '), *value = text_trim(rest ? rest : line + strlen(line));
    int at = find_parameter(name);
    if (at >= 0)
        return once(r, (size_t)at, name, err) && chain_genesis_set(r->out, name, value, err);
    if (text_equal(name, "holder"))
        return parse_holder(r->out, value, err);
    if (text_equal(name, "validator"))
        return parse_validator(r->out, value, err);
    if (text_equal(name, "name"))
        return once(r, NAME, name, err) && parse_name(r->out, value, err);
    if (text_equal(name, "time"))
        return once(r, TIME, name, err) && parse_time(value, &r->out->time_us, err);
    return error_set(err, ERROR_USAGE, "a chain has no parameter %s", name);
}

static bool parse(char *text, struct genesis *out, struct error *err)
{
    struct reading r = {.out = out};
    char *rest = text, *line;
    bool header = false;
    chain_genesis_defaults(out);
    for (int number = 1; (line = text_next(&rest, '\n')); number++) {
        char *comment = strchr(line, '#');
        if (comment)
            *comment = 0;
        line = text_trim(line);
        if (!line[0])
            continue;
        if (!header && !text_equal(line, HEADER))
            return error_set(err, ERROR_USAGE, "line %d: a genesis begins with \"" HEADER "\"", number);
        if (header && !parse_line(&r, line, err))
            return error_prefix(err, "line %d", number);
        header = true;
    }
    if (out->validators > 1 || r.seen >> MANY & ((UINT32_C(1) << (ARRAY_N(parameters) - MANY)) - 1))
        default_many(out, r.seen);
    return header || error_set(err, ERROR_USAGE, "it is empty: a genesis begins with \"" HEADER "\"");
}

bool chain_genesis_read(const char *path, struct genesis *out, struct error *err)
{
    struct bytes b = {0};
    bool ok = file_read(path, FILE_MOST, &b, err);
    if (ok) {
        bytes_put_u8(&b, 0);
        ok = (strlen((const char *)b.data) + 1 == b.n && text_is_utf8((const char *)b.data, b.n - 1)) ||
             error_set(err, ERROR_USAGE, "it is no text");
        ok = (ok && parse((char *)b.data, out, err)) || error_prefix(err, "%s", path);
    }
    bytes_free(&b);
    return ok;
}

static void put_key(struct text *t, const struct key_public *k)
{
    char hex[2 * KEY_PUBLIC_BYTES + 1];
    sodium_bin2hex(hex, sizeof hex, k->byte, sizeof k->byte);
    text_printf(t, " %s", hex);
}

char *chain_genesis_text(const struct genesis *g)
{
    struct text t = {0};
    char time[40];
    clock_iso(g->time_us, time, sizeof time);
    text_printf(&t, HEADER "\nname %s\ntime %s\n", g->name, time);
    for (size_t i = 0; i < (g->many ? ARRAY_N(parameters) : (size_t)MANY); i++)
        text_printf(&t, "%s %llu\n", parameters[i].name, (unsigned long long)get(g, &parameters[i]));
    for (int i = 0; i < g->holders; i++) {
        text_put(&t, "holder");
        put_key(&t, &g->holder[i].key);
        text_printf(&t, " %llu\n", (unsigned long long)g->holder[i].balance);
    }
    for (int i = 0; i < g->validators; i++) {
        text_put(&t, "validator");
        put_key(&t, &g->validator[i].identity);
        put_key(&t, &g->validator[i].voting);
        text_printf(&t, " %llu\n", (unsigned long long)g->validator[i].stake);
    }
    return t.data;
}
