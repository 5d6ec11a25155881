/* Thousands of trades, jobs and predictions, valid and invalid, in any order on a chain with three validators: no unit
 * appears or vanishes, what is refused changes nothing, and the same blocks, also behind a copy or a saved state, lead to
 * the same state hash. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/memory.h"
#include "chain/listing.h"
#include "chain/state_job.h"
#include "chain/state_market.h"
#include "chain/state_save.h"
#include "chain/state_tournament.h"
#include "tests/unit/state_fixture.h"

enum { BLOCKS = 500, BLOCK_TXS = 16 };

static struct random r;
static struct hash task;
static int taken[TX_OUTCOME + 1], refused[TX_OUTCOME + 1];
static struct fixture_claim truth;

struct log {
    struct tx tx[BLOCKS * BLOCK_TXS + 8];
    size_t end[BLOCKS], n;
    int64_t time_us[BLOCKS];
};

static uint32_t below(uint32_t n)
{
    return random_below(&r, n);
}

/* --- what is sent ------------------------------------------------------------------------------------------------- */

static const struct state_listing *some_listing(void)
{
    const struct state_listing *all;
    int n = state_listings(s, &all);
    return n ? &all[n - 1 - (int)below(n < 12 ? (uint32_t)n : 12)] : NULL;
}

static const struct state_job *some_job(void)
{
    const struct state_job *all;
    int n = state_jobs(s, &all);
    return n ? &all[n - 1 - (int)below(n < 8 ? (uint32_t)n : 8)] : NULL;
}

static const struct state_seal *some_seal(void)
{
    const struct state_seal *all;
    int n = state_seals(s, &all);
    return n ? &all[n - 1 - (int)below(n < 12 ? (uint32_t)n : 12)] : NULL;
}

/* Mostly the one whose turn it is. */
static int whoever(struct address who)
{
    int right = 0;
    while (right < WHO_N && !address_equal(f.who[right], who))
        right++;
    return right == WHO_N || below(8) == 0 ? (int)below(WHO_N) : right;
}

static struct hash key_of(uint64_t number)
{
    return hash_of(&number, sizeof number);
}

static struct tx market_tx(enum tx_type type, int *who)
{
    const struct state_listing *l = some_listing();
    struct tx tx = fixture_tx(&f, *who, type);
    if (type == TX_LIST) {
        tx.list = (struct tx_list){.commitment = listing_commitment(key_of(7)),
                                   .price = below(3) ? 1 + below(9000) : random_u64(&r),
                                   .deliver_blocks = below(4),
                                   .deliver_seconds = below(4)};
        return tx;
    }
    if (!l)
        return tx;
    f.nonce[*who]--;
    if (type == TX_DELIVER)
        *who = whoever(l->seller);
    if (type == TX_REFUND)
        *who = whoever(l->state == LISTING_BOUGHT ? l->buyer : l->seller);
    tx = fixture_tx(&f, *who, type);
    if (type == TX_DELIVER)
        tx.deliver = (struct tx_deliver){l->id, key_of(below(9) ? 7 : 8)};
    else
        tx.buy.listing = l->id;
    return tx;
}

static struct tx job_tx(enum tx_type type, int *who)
{
    const struct state_job *j = some_job();
    struct tx tx = fixture_tx(&f, *who, type);
    if (type == TX_JOB) {
        tx.job = (struct tx_job){task, truth.content.arch, below(9) ? 1 + below(5000) : random_u64(&r), below(9) ? 1 + below(3000) : 0,
                                 below(6), below(4)};
        return tx;
    }
    if (!j)
        return tx;
    if (type == TX_RESULT && j->state == JOB_TAKEN) {
        f.nonce[*who]--;
        *who = whoever(state_proposal_find(s, j->proposal)->proposer);
        tx = fixture_tx(&f, *who, type);
    }
    if (type == TX_REFUND) {
        f.nonce[*who]--;
        *who = whoever(j->owner);
        tx = fixture_tx(&f, *who, type);
        tx.refund.of = j->id;
    } else if (type == TX_TAKE) {
        tx.take.job = j->id;
    } else {
        tx.result = (struct tx_result){j->proposal, truth.content.counts, truth.content.hidden_root, truth.content.evidence};
    }
    return tx;
}

/* The next step of a result, as of any claim; one validator in five finds something else. */
static struct tx check_tx(int *who)
{
    const struct state_job *j = some_job();
    for (int i = 0; i < 6 && j && (j->state != JOB_TAKEN || state_proposal_find(s, j->proposal)->state == PROPOSAL_ANNOUNCED); i++)
        j = some_job();
    struct hash id = j ? j->proposal : task;
    const struct state_proposal *p = state_proposal_find(s, id);
    struct tx_finding found = truth.finding;
    if (id.byte[0] % 5 == 0)
        found.weights.byte[0] ^= 1;
    if (!p || p->state == PROPOSAL_CLAIMED)
        return fixture_commit(&f, *who, id, &found);
    if (p->opened.height)
        return fixture_reveal(&f, *who, id, &found);
    *who = whoever(p->proposer);
    return fixture_open(&f, *who, id, &truth);
}

/* What a seal says of its bars: what its sender's address and its first bar make of it. */
static uint64_t said(struct address who, uint32_t first, uint32_t n)
{
    return (who.byte[0] * UINT64_C(0x9e3779b97f4a7c15) ^ first * UINT64_C(0xbf58476d1ce4e5b9)) & tx_bars_mask(n);
}

static struct tx tournament_tx(enum tx_type type, int *who)
{
    uint32_t end = state_outcome_end(s, task), n = 1 + below(5);
    const struct state_seal *seal = some_seal();
    struct hash salt = {{3}};
    if (type == TX_REVEAL_SEAL && seal)
        *who = whoever(seal->who);
    if (type == TX_OUTCOME)
        *who = whoever(f.who[ALICE]);
    struct tx tx = fixture_tx(&f, *who, type);
    if (type == TX_SEAL) {
        uint32_t first = end + below(5);
        tx.seal = (struct tx_seal){task, first, n, tx_seal_commitment(salt, &tx.sender, task, first, n, said(f.who[*who], first, n))};
    } else if (type == TX_OUTCOME) {
        tx.outcome = (struct tx_outcome){.task = task, .first = end + (below(9) ? 1 : 2), .n = n};
        tx.outcome.up = random_u64(&r) & tx_bars_mask(n);
        tx.outcome.none = random_u64(&r) & random_u64(&r) & tx_bars_mask(n) & ~tx.outcome.up;
        for (uint32_t i = 0; i < n; i++)
            tx.outcome.until_us[i] = START_US + (int64_t)(height + below(3)) * 1000000;
    } else if (seal) {
        tx.reveal_seal = (struct tx_reveal_seal){seal->id, salt, said(seal->who, seal->body.first, seal->body.n) ^ (below(9) == 0)};
    }
    return tx;
}

static struct tx random_tx(int *who)
{
    static const enum tx_type types[] = {TX_LIST,   TX_LIST, TX_BUY,    TX_BUY,    TX_DELIVER,     TX_REFUND,      TX_REFUND,
                                         TX_JOB,    TX_TAKE, TX_TAKE,   TX_RESULT, TX_RESULT,      TX_COMMIT,      TX_COMMIT,
                                         TX_COMMIT, TX_COMMIT, TX_COMMIT, TX_COMMIT, TX_COMMIT, TX_SEAL, TX_SEAL,   TX_SEAL,   TX_REVEAL_SEAL, TX_REVEAL_SEAL, TX_OUTCOME,
                                         TX_OUTCOME, TX_TRANSFER};
    enum tx_type type = types[below(sizeof types / sizeof *types)];
    *who = (int)below(WHO_N);
    switch (type) {
    case TX_TRANSFER:
        return fixture_transfer(&f, *who, (int)below(WHO_N), below(2000));
    case TX_REFUND:
        return below(2) ? market_tx(type, who) : job_tx(type, who);
    case TX_LIST:
    case TX_BUY:
    case TX_DELIVER:
        return market_tx(type, who);
    case TX_COMMIT:
        return check_tx(who);
    case TX_SEAL:
    case TX_REVEAL_SEAL:
    case TX_OUTCOME:
        return tournament_tx(type, who);
    default:
        return job_tx(type, who);
    }
}

/* --- running ------------------------------------------------------------------------------------------------------ */

static struct hash behind_a_block(const struct state *state)
{
    struct state *copy = state_copy(state);
    assert_true(state_end_block(copy, height + 1, START_US + INT64_C(1000000000000), NULL));
    struct hash h = state_hash(copy);
    state_free(copy);
    return h;
}

static bool send(struct tx *tx, int who)
{
    bool compare = below(20) == 0;
    struct hash before = compare ? behind_a_block(s) : task;
    bool good = state_apply(s, tx, NULL);
    (good ? taken : refused)[tx->type]++;
    if (good)
        return true;
    f.nonce[who]--;
    if (compare)
        assert_true(hash_equal(before, behind_a_block(s)));
    return false;
}

static void note(struct log *log, const struct tx *tx)
{
    log->tx[log->n++] = *tx;
}

static void record(struct log *log)
{
    struct tx tx = fixture_task(&f, ALICE, 1000);
    int64_t now = START_US;
    tx.task.reviewers = tx.task.approvals = 1;
    tx.task.reviewer[0] = f.who[BOB];
    task = apply(&tx);
    note(log, &tx);
    tx = fixture_transfer(&f, ALICE, CAROL, 100000);
    apply(&tx);
    note(log, &tx);
    for (int b = 0; b < BLOCKS; b++) {
        for (uint32_t i = below(BLOCK_TXS); i > 0; i--) {
            int who;
            tx = random_tx(&who);
            if (send(&tx, who))
                note(log, &tx);
        }
        log->end[b] = log->n;
        log->time_us[b] = now += below(3) * 1000000;
        struct error err = {0};
        if (!state_end_block(s, ++height, now, &err) || !state_audit(s, &err))
            fail_msg("%s", err.text);
        struct state_totals t = state_totals(s);
        assert_int_equal(t.balances + t.stakes + t.escrows + t.treasury + t.burnt, f.genesis.supply);
    }
}

static struct state *through_bytes(struct state *from)
{
    struct bytes b = {0};
    struct error err = {0};
    state_save(from, &b);
    struct state *again = state_load(b.data, b.n, &f.genesis, &err);
    if (!again)
        fail_msg("%s", err.text);
    bytes_free(&b);
    state_free(from);
    return again;
}

static void replay(const struct log *log, struct hash expected)
{
    struct state *again = state_new(&f.genesis, NULL);
    size_t i = 0;
    for (int b = 0; b < BLOCKS; b++) {
        for (; i < log->end[b]; i++)
            assert_true(state_apply(again, &log->tx[i], NULL));
        assert_true(state_end_block(again, (uint64_t)b + 1, log->time_us[b], NULL));
        if (b % 20 == 7)
            again = through_bytes(again);
        if (b % 20 == 17) {
            struct state *copy = state_copy(again);
            state_free(again);
            again = copy;
        }
    }
    assert_true(hash_equal(state_hash(again), expected));
    state_free(again);
}

static void count_ends(int listing[LISTING_WITHDRAWN + 1], int job[JOB_WITHDRAWN + 1], int seal[SEAL_LAPSED + 1])
{
    const struct state_listing *l;
    const struct state_job *j;
    const struct state_seal *x;
    for (int n = state_listings(s, &l), i = 0; i < n; i++)
        listing[l[i].state]++;
    for (int n = state_jobs(s, &j), i = 0; i < n; i++)
        job[j[i].state]++;
    for (int n = state_seals(s, &x), i = 0; i < n; i++)
        seal[x[i].state]++;
}

static void test_any_order(void **state)
{
    int listing[LISTING_WITHDRAWN + 1] = {0}, job[JOB_WITHDRAWN + 1] = {0}, sealed[SEAL_LAPSED + 1] = {0};
    (void)state;
    truth = fixture_claim(5, 600);
    f.genesis.expiry_blocks = 12;
    f.genesis.commit_blocks = 4;
    f.genesis.reveal_blocks = 6;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct log *log = NEW(struct log);
        three_validators();
        r = random_start(seed, RANDOM_TEST, 0, 0);
        record(log);
        count_ends(listing, job, sealed);
        replay(log, state_hash(s));
        free(log);
    }
    for (int k = TX_LIST; k <= TX_OUTCOME; k++)
        if (taken[k] < 20 || refused[k] < 10)
            fail_msg("kind %d: %d taken, %d refused", k, taken[k], refused[k]);
    for (int e = LISTING_DELIVERED; e <= LISTING_WITHDRAWN; e++)
        if (listing[e] < 5)
            fail_msg("%d listings are %s", listing[e], listing_state_name((enum listing_state)e));
    for (int e = JOB_PAID; e <= JOB_WITHDRAWN; e++)
        if (job[e] < 5)
            fail_msg("%d jobs are %s", job[e], job_state_name((enum job_state)e));
    for (int e = SEAL_WAITING; e <= SEAL_LAPSED; e++)
        if (sealed[e] < 5)
            fail_msg("%d seals are %s", sealed[e], seal_state_name((enum seal_state)e));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rules_start, rules_end)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_any_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
