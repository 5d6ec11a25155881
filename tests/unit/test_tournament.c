/* The tournament: seals, outcomes, what counts, what is shown. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "chain/state_save.h"
#include "chain/state_tournament.h"
#include "tests/unit/state_fixture.h"

static struct hash task;
static const struct hash salt = {{5}};

static struct tx sealing(int who, uint32_t first, uint32_t n, uint64_t up)
{
    struct tx tx = fixture_tx(&f, who, TX_SEAL);
    tx.seal = (struct tx_seal){task, first, n, tx_seal_commitment(salt, key_public_of(f.key[who]), task, first, n, up)};
    return tx;
}

static struct tx showing(int who, struct hash id, uint64_t up)
{
    struct tx tx = fixture_tx(&f, who, TX_REVEAL_SEAL);
    tx.reveal_seal = (struct tx_reveal_seal){id, salt, up};
    return tx;
}

/* Until so many seconds behind the start. */
static struct tx outcome(int who, uint32_t first, uint32_t n, uint64_t up, uint64_t none, int64_t until)
{
    struct tx tx = fixture_tx(&f, who, TX_OUTCOME);
    tx.outcome = (struct tx_outcome){.task = task, .first = first, .n = n, .up = up, .none = none};
    for (uint32_t i = 0; i < n; i++)
        tx.outcome.until_us[i] = START_US + (until + (int64_t)i) * 1000000;
    return tx;
}

static const struct state_score *score(int who)
{
    return state_score_find(s, task, f.who[who]);
}

static const struct state_seal *seal_of(struct hash id)
{
    return state_seal_find(s, id);
}

static void test_counts(void **state)
{
    (void)state;
    task = with_task(0);
    struct hash a = apply_now(sealing(BOB, 1, 4, 0x5)); /* block 2, at 2 s */
    seal();
    refuse(BOB, showing(BOB, a, 0x5), "do not cover");
    struct hash late = apply_now(sealing(VAL, 1, 4, 0xf)); /* block 3, at 3 s */
    seal();
    apply_now(outcome(ALICE, 1, 4, 0x3, 0x8, 3)); /* until 3, 4, 5 s; the fourth has none */
    refuse(BOB, showing(BOB, a, 0x5), "in an earlier block");
    seal();
    assert_int_equal(seal_of(a)->counts, 0x7);
    assert_int_equal(seal_of(late)->counts, 0x6); /* not the first: its block has the very time */
    assert_int_equal(score(BOB)->total, 3);
    assert_int_equal(score(BOB)->correct, 0); /* wrong until shown */
    refuse(BOB, showing(BOB, a, 0x4), "not the predictions");
    refuse(VAL, showing(VAL, a, 0x5), "somebody else");
    refuse(BOB, showing(BOB, a, 0x15), "more bars");
    refuse(BOB, showing(BOB, salt, 0x5), "no such seal");
    apply_now(showing(BOB, a, 0x5));
    apply_now(showing(VAL, late, 0xf));
    assert_int_equal(score(BOB)->correct, 1); /* up, not down, not up */
    assert_int_equal(score(VAL)->correct, 1);
    assert_int_equal(score(VAL)->total, 2);
    assert_int_equal(score(BOB)->revealed, 1);
    refuse(BOB, showing(BOB, a, 0x5), "is revealed");
    seal();
}

static void test_rules(void **state)
{
    (void)state;
    task = with_task(0);
    apply_now(sealing(BOB, 2, 2, 0));
    refuse(BOB, sealing(BOB, 3, 1, 0), "already");
    refuse(BOB, sealing(BOB, 1, 1, 0), "already"); /* nor one before: seals go forwards */
    apply_now(sealing(BOB, 4, 1, 0));
    refuse(VAL, sealing(VAL, STATE_SEAL_AHEAD, 2, 0), "ahead");
    apply_now(sealing(VAL, STATE_SEAL_AHEAD, 1, 0));
    refuse(ALICE, outcome(ALICE, 2, 1, 0, 0, 9), "the next one is 1");
    refuse(BOB, outcome(BOB, 1, 1, 0, 0, 9), "owner");
    struct tx tx = outcome(ALICE, 1, 2, 0, 0, 9);
    tx.outcome.until_us[1] = tx.outcome.until_us[0] - 1;
    refuse(ALICE, tx, "backwards");
    apply_now(outcome(ALICE, 1, 3, 0, 0, 9));
    refuse(ALICE, sealing(ALICE, 3, 1, 0), "known already");
    refuse(ALICE, outcome(ALICE, 1, 3, 0, 0, 9), "the next one is 4");
    struct hash real = task;
    task = salt;
    refuse(ALICE, sealing(ALICE, 9, 1, 0), "not on this chain");
    refuse(ALICE, outcome(ALICE, 1, 1, 0, 0, 9), "not on this chain");
    task = real;
    assert_int_equal(state_outcome_end(s, task), 3);
    assert_null(state_outcome_of(s, task, 4));
    assert_null(state_outcome_of(s, task, 0));
    assert_int_equal(state_outcome_of(s, task, 3)->body.first, 1);
    seal();
}

/* Sealed and told in one block: nobody knows what was first. */
static void test_one_block(void **state)
{
    (void)state;
    task = with_task(0);
    struct hash id = apply_now(sealing(BOB, 1, 1, 1));
    apply_now(outcome(ALICE, 1, 1, 1, 0, 1000));
    seal();
    assert_int_equal(seal_of(id)->state, SEAL_JUDGED);
    assert_int_equal(seal_of(id)->counts, 0);
    apply_now(showing(BOB, id, 1));
    assert_int_equal(score(BOB)->total, 0);
    assert_int_equal(score(BOB)->correct, 0);
    seal();
}

static void test_lapse(void **state)
{
    (void)state;
    task = with_task(0);
    struct hash id = apply_now(sealing(BOB, 1, 1, 1));
    seal();
    apply_now(outcome(ALICE, 1, 1, 1, 0, 1000));
    seal();
    for (uint32_t i = 1; i < f.genesis.expiry_blocks; i++)
        seal();
    assert_int_equal(seal_of(id)->state, SEAL_JUDGED);
    seal();
    assert_int_equal(seal_of(id)->state, SEAL_LAPSED);
    refuse(BOB, showing(BOB, id, 1), "is lapsed");
    assert_int_equal(score(BOB)->total, 1);
    assert_int_equal(score(BOB)->correct, 0);
}

/* Against a plain recount: many seals and outcomes of random lengths, saved and loaded on the way. */
struct plain {
    uint64_t up;
    uint32_t first, n;
    int who, block;
    struct hash id;
    bool shown;
};

static void test_random(void **state)
{
    enum { SEALS = 300 };
    static struct plain p[SEALS];
    static int answer[4096], told[4096];
    static int64_t until[4096];
    uint64_t total[WHO_N] = {0}, correct[WHO_N] = {0};
    uint32_t to[WHO_N] = {0}, end = 0;
    int n = 0;
    struct random r = random_start(11, RANDOM_TEST, 0, 0);
    (void)state;
    f.genesis.expiry_blocks = 1000000;
    fresh();
    task = with_task(0);
    apply_now(fixture_transfer(&f, ALICE, CAROL, 50000));
    while (n < SEALS || end < 400) {
        for (int k = 0; k < 3 && n < SEALS; k++) {
            int who = (int)random_below(&r, WHO_N);
            uint32_t from = (to[who] > end ? to[who] : end) + 1 + random_below(&r, 3), bars = 1 + random_below(&r, random_below(&r, 4) ? 4 : 64);
            uint64_t up = random_u64(&r) & tx_bars_mask(bars);
            p[n] = (struct plain){up, from, bars, who, (int)height + 1, apply_now(sealing(who, from, bars, up)), false};
            to[who] = from + bars - 1;
            n++;
        }
        if (random_below(&r, 2)) {
            uint32_t bars = 1 + random_below(&r, 9);
            uint64_t up = random_u64(&r) & tx_bars_mask(bars), none = random_u64(&r) & random_u64(&r) & tx_bars_mask(bars) & ~up;
            int64_t when = (int64_t)height - 3 + random_below(&r, 6);
            apply_now(outcome(ALICE, end + 1, bars, up, none, when < 0 ? 0 : when));
            for (uint32_t i = 0; i < bars; i++) {
                answer[end + i] = none >> i & 1 ? -1 : (int)(up >> i & 1);
                told[end + i] = (int)height + 1;
                until[end + i] = (when < 0 ? 0 : when) + i;
            }
            end += bars;
        }
        seal();
        if (random_below(&r, 20) == 0) {
            struct bytes b = {0};
            struct error err = {0};
            state_save(s, &b);
            struct state *again = state_load(b.data, b.n, &f.genesis, &err);
            if (!again)
                fail_msg("%s", err.text);
            state_free(s);
            s = again;
            bytes_free(&b);
        }
    }
    for (int i = 0; i < n; i++) {
        if (p[i].first + p[i].n - 1 > end)
            continue;
        bool shows = random_below(&r, 5) > 0;
        for (uint32_t k = 0; k < p[i].n; k++) {
            uint32_t at = p[i].first + k - 1;
            bool counts = answer[at] >= 0 && p[i].block < told[at] && p[i].block < until[at];
            total[p[i].who] += counts;
            correct[p[i].who] += counts && shows && answer[at] == (int)(p[i].up >> k & 1);
        }
        if (shows)
            apply_now(showing(p[i].who, p[i].id, p[i].up));
    }
    seal();
    uint64_t all = 0;
    for (int who = 0; who < WHO_N; who++) {
        assert_int_equal(score(who)->total, total[who]);
        assert_int_equal(score(who)->correct, correct[who]);
        all += total[who];
    }
    assert_true(all > 200);
}

static void test_forgetting(void **state)
{
    (void)state;
    f.genesis.min_fee = 0;
    fresh();
    task = with_task(0);
    struct hash first = {{0}};
    uint32_t bar = 1;
    for (int block = 0; block < 30; block++) {
        struct hash id[400];
        uint32_t begin = bar;
        for (int i = 0; i < 400; i++, bar++) {
            struct tx tx = sealing(BOB, bar, 1, 1);
            tx.fee = 0;
            id[i] = apply(&tx);
            first = block + i == 0 ? id[0] : first;
        }
        seal();
        for (uint32_t at = begin; at < bar; at += 50)
            apply_now(outcome(ALICE, at, 50, UINT64_MAX >> 14, 0, 100000));
        seal();
        for (int i = 0; i < 400; i++) {
            struct tx tx = showing(BOB, id[i], 1);
            tx.fee = 0;
            apply(&tx);
        }
    }
    seal();
    seal();
    const struct state_seal *item;
    assert_in_range(state_seals(s, &item), STATE_CLOSED_KEPT, 2 * STATE_CLOSED_KEPT + 400);
    assert_null(seal_of(first));
    refuse(BOB, showing(BOB, first, 1), "no such seal");
    assert_int_equal(score(BOB)->correct, 12000);
    assert_int_equal(score(BOB)->total, 12000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rules_start, rules_end)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_counts), TEST(test_rules),  TEST(test_one_block),
                                       TEST(test_lapse),  TEST(test_random), TEST(test_forgetting)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
