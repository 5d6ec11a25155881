/* What a chain for many costs: parties that follow each other's folders on one machine, and a history that is pulled. */
#include "action/bench_chain.h"
#include "action/bench_follow.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "chain/certificate.h"
#include "chain/extend.h"
#include "chain/guard.h"
#include "store/chain_index.h"
#include "work/json.h"

#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

#define STAKE 1000
#define STEPS_MOST 100000
#define RAW_SECONDS 0.5

/* --- people ----------------------------------------------------------------------------------------------------------- */

static void make_genesis(struct bench_follow *b)
{
    struct genesis *g = &b->genesis;
    uint64_t n = (uint64_t)b->o->validators, supply = 1000000;
    *g = (struct genesis){.name = "bench", .time_us = clock_wall_us() - CLOCK_DAY_US, .min_fee = 1, .expiry_blocks = 1000,
                          .unbonding_blocks = 20000, .commit_blocks = 1, .reveal_blocks = 100, .epoch_blocks = 1,
                          .many = true, .evidence_blocks = 10000, .double_ppm = 50000, .attest_ppm = 20000,
                          .dispute_blocks = 100, .deposit_ppm = 100000, .least_stake = 1, .holders = 1,
                          .validators = b->o->validators};
    for (int i = 0; i < b->o->validators; i++) {
        b->seat[i].key = bench_chain_key(i);
        g->validator[i].identity = g->validator[i].voting = *key_public_of(b->seat[i].key);
        g->validator[i].stake = STAKE;
    }
    g->holder[0].key = *key_public_of(b->seat[0].key);
    g->holder[0].balance = supply - n * STAKE;
    g->supply = supply;
}

struct ledger *bench_seat_open(void *context, struct error *err)
{
    return chain_index_open(((struct bench_seat *)context)->chain, true, true, err);
}

static void close_ledger(void *context, struct ledger *l)
{
    (void)context;
    ledger_close(l);
}

bool bench_seat_place(struct bench_follow *b, int i, struct error *err)
{
    struct bench_seat *s = &b->seat[i];
    char name[32];
    snprintf(name, sizeof name, "%d", i);
    file_join(s->chain, sizeof s->chain, b->share, name);
    snprintf(name, sizeof name, "guard%d", i);
    file_join(s->guard, sizeof s->guard, b->folder, name);
    s->options = (struct follow_options){.chain = s->chain, .place = b->place, .places = 1, .voting = s->key,
                                         .guard = s->guard, .votes = true, .every = b->o->every, .timeout = 1000, .idle = 1000,
                                         .threads = 1, .context = s, .open = bench_seat_open, .close = close_ledger};
    return ledger_create(s->chain, &b->genesis, err) && guard_born(s->guard, key_public_of(s->key), err);
}

bool bench_seat_pay(struct ledger *l, const struct key *from, struct address to, struct error *err)
{
    struct hash id;
    struct tx *tx = NEW(struct tx);
    *tx = (struct tx){.type = TX_TRANSFER, .chain = ledger_id(l), .fee = 1, .transfer = {to, 1}};
    tx->nonce = ledger_next_nonce(l, key_address(key_public_of(from)));
    tx_sign(tx, from);
    bool ok = ledger_submit(l, tx, &id, err);
    free(tx);
    return ok;
}

/* --- blocks by vote ---------------------------------------------------------------------------------------------------- */

/* Everyone in turns, until all have the next block. */
static bool one_block(struct bench_follow *b, int64_t *steps, struct error *err)
{
    uint64_t next = follow_height_of(b->seat[0].follow) + 1;
    struct ledger *l = bench_seat_open(&b->seat[0], err);
    bool ok = l && bench_seat_pay(l, b->seat[0].key, key_address(key_public_of(b->seat[1].key)), err);
    ledger_close(l);
    for (int there = 0; ok && there < b->o->validators;) {
        there = 0;
        for (int i = 0; i < b->o->validators && ok; i++) {
            ok = follow_step(b->seat[i].follow, err);
            there += ok && follow_height_of(b->seat[i].follow) >= next;
        }
        if (ok && ++*steps > STEPS_MOST)
            ok = error_set(err, ERROR_FAILED, "no block comes about");
        if (ok && control_cancelled(b->control))
            ok = error_set(err, ERROR_INTERRUPTED, "interrupted");
    }
    return ok;
}

static bool by_vote(struct bench_follow *b, json_t *result, struct error *err)
{
    int64_t steps = 0;
    bool ok = true;
    for (int i = 0; i < b->o->validators && ok; i++)
        ok = bench_seat_place(b, i, err) && (b->seat[i].follow = follow_begin(&b->seat[i].options, b->control, err));
    ok = ok && one_block(b, &steps, err); /* the first meeting */
    steps = 0;
    double wall = clock_boot_seconds(), busy = clock_processor_seconds();
    for (int64_t i = 0; i < b->o->blocks && ok; i++)
        ok = one_block(b, &steps, err);
    wall = clock_boot_seconds() - wall;
    busy = clock_processor_seconds() - busy;
    double n = (double)b->o->blocks;
    json_object_update_new(result, json_pack("{s:I, s:o, s:o, s:o}", "blocks", (json_int_t)b->o->blocks,
                                             "processor_seconds_per_block", json_of_number(busy / n), "seconds_per_block",
                                             json_of_number(wall / n), "looks_per_block", json_of_number((double)steps / n)));
    return ok;
}

/* --- a history that is pulled -------------------------------------------------------------------------------------------- */

static int proposer_of(const struct bench_follow *b, const struct state *s)
{
    const struct rotation *set = state_rotation(s);
    int at = rotation_proposer(set, 0);
    for (int i = 0; i < b->o->validators; i++)
        if (memcmp(key_public_of(b->seat[i].key), &set->seat[at].voting, sizeof set->seat[at].voting) == 0)
            return i;
    return 0;
}

static bool certify(const struct bench_follow *b, const struct ledger *l, struct hash id, struct bytes *out,
                    struct error *err)
{
    struct vote vote[STATE_VALIDATORS_MAX];
    struct certificate *c = NEW(struct certificate);
    uint64_t height = ledger_height(l) + 1;
    for (int i = 0; i < b->o->validators; i++) {
        vote[i] = (struct vote){.chain = ledger_id(l), .step = VOTE_PRECOMMIT, .height = height, .block = id};
        vote_sign(&vote[i], b->seat[i].key);
    }
    bytes_clear(out);
    bool ok = certificate_build(c, state_rotation(ledger_state(l)), height, 0, id, vote, (size_t)b->o->validators) ||
              error_set(err, ERROR_FAILED, "the votes make no certificate");
    if (ok)
        certificate_encode(c, out);
    free(c);
    return ok;
}

static bool build_history(struct bench_follow *b, const char *folder, struct bytes *tip, struct error *err)
{
    struct bytes payload = {0}, certificate = {0};
    bool ok = ledger_create(folder, &b->genesis, err);
    struct ledger *l = ok ? ledger_open(folder, true, err) : NULL;
    ok = l != NULL;
    for (int64_t i = 0; ok && i < b->o->history; i++) {
        struct hash id;
        ok = (i >= 1 || bench_seat_pay(l, b->seat[0].key, key_address(key_public_of(b->seat[1].key)), err)) &&
             ledger_make_block(l, b->seat[proposer_of(b, ledger_state(l))].key, 0, clock_wall_us(), &certificate, NULL,
                               &payload, &id, err) &&
             certify(b, l, id, &certificate, err) &&
             ledger_append_block(l, payload.data, payload.n, &certificate, err);
        if (ok && control_cancelled(b->control))
            ok = error_set(err, ERROR_INTERRUPTED, "interrupted");
    }
    if (ok)
        bytes_put(tip, certificate.data, certificate.n);
    ledger_close(l);
    bytes_free(&payload);
    bytes_free(&certificate);
    return ok;
}

/* Signatures that libsodium checks in a second of the processor, one thread. */
static double raw_rate(const struct key *k)
{
    uint8_t data[VOTE_BYTES - KEY_SIGNATURE_BYTES] = {1};
    struct key_signature s;
    int64_t n = 0;
    key_sign(k, "morphsmith vote", data, sizeof data, &s);
    double from = clock_processor_seconds();
    while (clock_processor_seconds() - from < RAW_SECONDS)
        for (int i = 0; i < 100; i++, n++)
            ASSERT(key_verify(key_public_of(k), "morphsmith vote", data, sizeof data, &s));
    return (double)n / (clock_processor_seconds() - from);
}

static bool pull(struct bench_follow *b, const char *from, const char *to, const struct bytes *tip, int threads,
                 json_t *result, struct error *err)
{
    char path[FILE_PATH_MAX];
    struct certificate *c = NEW(struct certificate);
    struct extend_report r = {.blocks = 0};
    file_join(path, sizeof path, from, "blocks.msc");
    const struct extend_source source = {.path = path, .certificate = c, .certificates = 1, .threads = threads};
    bool ok = certificate_decode(tip->data, tip->n, c, err) && ledger_create(to, &b->genesis, err);
    struct ledger *l = ok ? chain_index_open(to, true, true, err) : NULL;
    double raw = raw_rate(b->seat[0].key);
    double wall = clock_boot_seconds(), busy = clock_processor_seconds();
    ok = l && ledger_extend(l, &source, &r, err);
    wall = clock_boot_seconds() - wall;
    busy = clock_processor_seconds() - busy;
    raw = (raw + raw_rate(b->seat[0].key)) / 2;
    if (ok && r.blocks != (uint64_t)b->o->history)
        ok = error_set(err, ERROR_FAILED, "%llu blocks were pulled", (unsigned long long)r.blocks);
    double signatures = (double)b->o->history * (b->o->validators + 1) + 1;
    json_object_update_new(result, json_pack("{s:I, s:I, s:o, s:o, s:o, s:o}", "history", (json_int_t)b->o->history,
                                             "signatures", (json_int_t)signatures, "pull_seconds", json_of_number(wall),
                                             "signatures_per_second", json_of_number(signatures / wall),
                                             "signatures_per_processor_second", json_of_number(signatures / busy),
                                             "libsodium_per_processor_second", json_of_number(raw)));
    ledger_close(l);
    free(c);
    return ok;
}

static bool by_pull(struct bench_follow *b, json_t *result, struct error *err)
{
    char from[FILE_PATH_MAX], to[FILE_PATH_MAX];
    struct bytes tip = {0};
    file_join(from, sizeof from, b->folder, "history");
    file_join(to, sizeof to, b->folder, "pulled");
    bool ok = build_history(b, from, &tip, err) && pull(b, from, to, &tip, b->o->threads, result, err);
    bytes_free(&tip);
    return ok;
}

/* --- all of it ----------------------------------------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st, (void)kind, (void)where;
    return remove(path);
}

static bool make_place(struct bench_follow *b, struct error *err)
{
    const char *temporary = getenv("TMPDIR");
    file_join(b->folder, sizeof b->folder, temporary ? temporary : "/tmp", "morphsmith-bench-XXXXXX");
    if (!mkdtemp(b->folder))
        return error_set_errno(err, ERROR_IO, "cannot make a folder for the benchmark");
    file_join(b->share, sizeof b->share, b->folder, "share");
    b->place[0] = b->share;
    return file_make_folder(b->share, 0755, err);
}

json_t *action_bench_follow(const struct bench_follow_options *o, const struct control *control, struct error *err)
{
    struct bench_follow *b = NEW(struct bench_follow);
    json_t *result = json_pack("{s:s, s:i, s:i}", "case", "follow", "validators", o->validators, "threads", o->threads);
    /* What happens in each block is of no interest here. */
    const struct control quiet = {.context = control ? control->context : NULL,
                                  .cancelled = control ? control->cancelled : NULL};
    b->o = o;
    b->control = &quiet;
    bool ok = make_place(b, err);
    if (ok) {
        make_genesis(b);
        ok = (o->blocks == 0 || (o->processes ? bench_follow_processes : by_vote)(b, result, err)) && (o->history == 0 || by_pull(b, result, err));
        for (int i = 0; i < o->validators; i++) {
            follow_end(b->seat[i].follow);
            key_free(b->seat[i].key);
        }
        nftw(b->folder, remove_one, 32, FTW_DEPTH | FTW_PHYS);
    }
    free(b);
    if (ok)
        return result;
    json_decref(result);
    return NULL;
}
