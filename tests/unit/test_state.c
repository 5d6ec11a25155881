#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/state_fixture.h"

#include "base/memory.h"
#include "base/text.h"

static void test_genesis(void **state)
{
    (void)state;
    struct genesis g = f.genesis, again;
    struct bytes b = {0};
    genesis_encode(&g, &b);
    assert_true(genesis_decode(b.data, b.n, &again, NULL));
    assert_memory_equal(&g, &again, sizeof g);
    for (size_t n = 0; n < b.n; n++)
        assert_false(genesis_decode(b.data, n, &again, NULL));
    bytes_put_u8(&b, 0);
    assert_false(genesis_decode(b.data, b.n, &again, NULL));
    bytes_free(&b);

#define REFUSED(change)                                                                                                \
    do {                                                                                                               \
        g = f.genesis;                                                                                                 \
        change;                                                                                                        \
        assert_false(genesis_check(&g, NULL));                                                                         \
    } while (0)
    REFUSED(g.holder[0].balance++);
    REFUSED(g.supply = 0);
    REFUSED(g.supply = STATE_SUPPLY_MAX + 1; g.holders = 1; g.holder[0].balance = g.supply - 100000);
    REFUSED(g.holder[0].balance = UINT64_MAX; g.holder[1].balance = g.supply + 1);
    REFUSED(g.holder[1].key = g.holder[0].key);
    REFUSED(g.validators = 0);
    REFUSED(g.holders = 0; g.supply = 100000);
    REFUSED(g.validator[0].stake = 0; g.supply -= 100000);
    REFUSED(g.validator[0].stake++);
    g = f.genesis;
    g.validators = 2;
    g.validator[0].stake = g.validator[1].stake = 50000;
    g.validator[1].identity = *key_public_of(f.key[BOB]);
    g.validator[1].voting = *key_public_of(f.key[CAROL]);
    assert_false(genesis_check(&g, NULL)); /* it has to say what several need */
    many(&g);
    struct genesis two = g;
    assert_true(genesis_check(&g, NULL));
#define REFUSED_TWO(change)                                                                                            \
    do {                                                                                                               \
        g = two;                                                                                                       \
        change;                                                                                                        \
        assert_false(genesis_check(&g, NULL));                                                                         \
    } while (0)
    REFUSED_TWO(g.validator[1].identity = g.validator[0].identity);
    REFUSED_TWO(g.validator[0].voting = g.validator[1].voting);
    REFUSED_TWO(g.validator[0].voting = g.validator[1].identity);
    REFUSED_TWO(g.validator[1].stake = UINT64_MAX; g.supply--);
    REFUSED_TWO(g.evidence_blocks = 0);
    REFUSED_TWO(g.evidence_blocks = g.unbonding_blocks);
    REFUSED_TWO(g.double_ppm = 1000001);
    REFUSED_TWO(g.attest_ppm = 1000001);
    REFUSED_TWO(g.deposit_ppm = 1000001);
    REFUSED_TWO(g.missed_ppm = 1000000);
    REFUSED_TWO(g.dispute_blocks = 0);
    REFUSED_TWO(g.min_fee = 0);
    REFUSED_TWO(g.least_stake = 0);
    REFUSED_TWO(g.least_stake = STATE_SUPPLY_MAX + 1);
    REFUSED_TWO(g.least_stake = 50001);
    g = two;
    g.validators = 1; /* others can join later */
    g.validator[0].stake = 100000;
    assert_true(genesis_check(&g, NULL));
    REFUSED(g.min_fee = g.supply + 1);
    REFUSED(g.time_us = STATE_TIME_MAX_US + 1);
    REFUSED(g.commit_blocks = 0);
    REFUSED(g.reveal_blocks = 0);
    REFUSED(g.epoch_blocks = 0);
    REFUSED(g.missed_ppm = 1000001);
    REFUSED(g.finder_ppm = 1000001);
    REFUSED(g.name[0] = '\0');
    REFUSED(g.name[0] = '\n');
    REFUSED(g.time_us = -1);
    REFUSED(g.expiry_blocks = 0);
    g = f.genesis;
    assert_true(genesis_check(&g, NULL));
    g.supply = STATE_SUPPLY_MAX;
    g.holder[0].balance = STATE_SUPPLY_MAX - g.validator[0].stake;
    g.holders = 1;
    assert_true(genesis_check(&g, NULL));
    const struct state_account *list;
    assert_int_equal(state_accounts(s, &list), 3);
    assert_true(state_account_find(s, f.who[VAL])->validator);
    assert_false(state_account_find(s, f.who[ALICE])->validator);
}

/* Nobody leaves with a stake that can still be fined: as long as a commit can be judged, disputed and overturned. */
static void unbonding_outlasts_every_fine(void **state)
{
    static const struct {
        uint32_t expiry, commit, reveal, dispute, fined;
        const char *says;
    } window[] = {{40, 2, 3, 5, 45, "expiry_%s + dispute_%s = 45"},
                  {11, 4, 4, 5, 17, "commit_%s + 2 x reveal_%s + dispute_%s = 17"},
                  {12, 4, 4, 5, 17, "expiry_%s + dispute_%s = 17"},
                  {1, UINT32_MAX, UINT32_MAX, UINT32_MAX, 0, "= 17179869180"}};
    (void)state;
    three_validators();
    const struct genesis good = f.genesis;
    for (size_t i = 0; i < 2 * ARRAY_N(window); i++) {
        bool seconds = i % 2;
        struct genesis g = good;
        g.evidence_blocks = 1;
        char says[128], *unit = seconds ? "seconds" : "blocks";
        *(seconds ? &g.expiry_seconds : &g.expiry_blocks) = window[i / 2].expiry;
        *(seconds ? &g.commit_seconds : &g.commit_blocks) = window[i / 2].commit;
        *(seconds ? &g.reveal_seconds : &g.reveal_blocks) = window[i / 2].reveal;
        *(seconds ? &g.dispute_seconds : &g.dispute_blocks) = window[i / 2].dispute;
        uint32_t *unbonding = seconds ? &g.unbonding_seconds : &g.unbonding_blocks, fined = window[i / 2].fined;
        struct error err = {0};
        *unbonding = fined ? fined + 1 : UINT32_MAX;
        assert_int_equal(genesis_check(&g, NULL), fined != 0);
        *unbonding = fined ? fined : UINT32_MAX;
        assert_false(genesis_check(&g, &err));
        assert_true(text_starts(err.text, seconds ? "genesis: unbonding_seconds is" : "genesis: unbonding_blocks is"));
        snprintf(says, sizeof says, window[i / 2].says, unit, unit, unit);
        if (!strstr(err.text, says))
            fail_msg("%s: %s", says, err.text);
        g.many = false; /* alone, nobody is fined who could leave */
        g.validators = 1;
        g.evidence_blocks = g.double_ppm = g.attest_ppm = g.dispute_blocks = g.dispute_seconds = g.deposit_ppm = 0;
        g.least_stake = 0;
        g.supply = SUPPLY;
        g.validator[0].stake = 100000;
        assert_true(genesis_check(&g, NULL));
    }
    assert_int_equal(good.unbonding_seconds, 0); /* windows of blocks alone are allowed */
    assert_true(genesis_check(&good, NULL));
    one_validator();
}

static void test_transfer(void **state)
{
    (void)state;
    struct tx tx = fixture_transfer(&f, ALICE, CAROL, 1000);
    apply(&tx);
    assert_int_equal(balance(ALICE), 700000 - 1010);
    assert_int_equal(balance(CAROL), 1000);
    f.nonce[ALICE]--;
    refuse(ALICE, fixture_transfer(&f, ALICE, CAROL, 1000), "nonce is 1");
    f.nonce[ALICE] += 2;
    refuse(ALICE, fixture_transfer(&f, ALICE, CAROL, 1000), "nonce is 3, the account's next is 2");
    f.nonce[ALICE]--;
    refuse(ALICE, fixture_transfer(&f, ALICE, CAROL, 0), "0");
    refuse(ALICE, fixture_transfer(&f, ALICE, ALICE, 5), "same account");
    refuse(ALICE, fixture_transfer(&f, ALICE, BOB, 700000 - 1010 - 9), "the balance is 698980 after the fee");
    refuse(ALICE, fixture_transfer(&f, ALICE, BOB, UINT64_MAX), "balance");
    tx = fixture_transfer(&f, CAROL, BOB, 1);
    tx.fee = 1001;
    refuse(CAROL, tx, "fee is 1001, but the balance is 1000");
    tx = fixture_transfer(&f, ALICE, BOB, 1);
    tx.fee = 9;
    refuse(ALICE, tx, "the least is 10");
    tx = fixture_transfer(&f, ALICE, BOB, 1);
    tx.fee = UINT64_MAX;
    refuse(ALICE, tx, "fee");
    tx = fixture_transfer(&f, ALICE, BOB, 1);
    tx.chain.byte[0] ^= 1;
    refuse(ALICE, tx, "another chain");
    tx = fixture_transfer(&f, ALICE, BOB, 700000 - 1010 - 10);
    apply(&tx);
    assert_int_equal(balance(ALICE), 0);
    seal();
    assert_int_equal(state_totals(s).treasury, 20);
}

static void test_stake(void **state)
{
    (void)state;
    struct tx tx = fixture_tx(&f, ALICE, TX_STAKE);
    tx.stake.amount = 5000;
    apply(&tx);
    seal();
    assert_int_equal(state_account_find(s, f.who[ALICE])->stake, 5000);
    tx = fixture_tx(&f, ALICE, TX_UNSTAKE);
    tx.stake.amount = 5001;
    refuse(ALICE, tx, "only 5000");
    tx = fixture_tx(&f, ALICE, TX_UNSTAKE);
    refuse(ALICE, tx, "amount is 0");
    for (int i = 0; i < 2; i++) { /* two in one block share one entry */
        tx = fixture_tx(&f, ALICE, TX_UNSTAKE);
        tx.stake.amount = 2000;
        apply(&tx);
    }
    seal(); /* block 2: due behind block 4 */
    uint64_t before = balance(ALICE);
    assert_int_equal(state_totals(s).stakes, 105000);
    seal();
    assert_int_equal(balance(ALICE), before);
    seal();
    assert_int_equal(balance(ALICE), before + 4000);
    assert_int_equal(state_totals(s).stakes, 101000);
    tx = fixture_tx(&f, VAL, TX_UNSTAKE);
    tx.stake.amount = 100000;
    refuse(VAL, tx, "at least 1");
    tx = fixture_tx(&f, VAL, TX_UNSTAKE);
    tx.stake.amount = 99999;
    apply(&tx);
    tx = fixture_tx(&f, ALICE, TX_UNSTAKE); /* others may take out all */
    tx.stake.amount = 1000;
    apply(&tx);
    seal();
    assert_int_equal(staked(VAL), 1);
    assert_int_equal(staked(ALICE), 0);
}

/* Height and time; what is unstaked later waits longer, and an entry of another block is another one. */
static void test_unbonding(void **state)
{
    (void)state;
    f.genesis.unbonding_blocks = 3;
    f.genesis.unbonding_seconds = 50;
    fresh();
    struct tx tx = fixture_tx(&f, VAL, TX_UNSTAKE);
    tx.stake.amount = 10;
    apply(&tx);
    seal(); /* 1 */
    tx = fixture_tx(&f, VAL, TX_UNSTAKE);
    tx.stake.amount = 20;
    apply(&tx);
    seal(); /* 2 */
    uint64_t before = balance(VAL);
    seal();
    seal();
    assert_int_equal(balance(VAL), before); /* 3 blocks */
    seal_after(46);
    assert_int_equal(balance(VAL), before); /* 49 s */
    seal();
    assert_int_equal(balance(VAL), before + 10);
    seal();
    assert_int_equal(balance(VAL), before + 30);
    tx = fixture_tx(&f, VAL, TX_UNSTAKE);
    tx.stake.amount = 30;
    apply(&tx);
    seal();
    for (int i = 0; i < 2; i++)
        seal_after(100);
    assert_int_equal(balance(VAL), before + 20); /* time alone is not enough; the fee is 10 */
    seal();
    assert_int_equal(balance(VAL), before + 50);
}

/* Thousands that unbond at once. */
static void test_unbonding_many(void **state)
{
    (void)state;
    for (int i = 0; i < 3000; i++) {
        struct tx tx = fixture_tx(&f, ALICE, i % 2 ? TX_UNSTAKE : TX_STAKE);
        tx.stake.amount = 5;
        apply(&tx);
        if (i % 7 == 0)
            seal();
    }
    seal();
    seal();
    seal();
    assert_int_equal(balance(ALICE), 700000 - 30000);
    assert_int_equal(state_totals(s).stakes, 100000);
}

/* What a header names: the powers behind its parent, in order of the voting keys. */
static void test_validators(void **state)
{
    (void)state;
    f.genesis.validator[0].voting = *key_public_of(f.key[CAROL]);
    three_validators();
    const struct state_validator *v;
    assert_int_equal(state_validators(s, &v), 3);
    for (int i = 1; i < 3; i++)
        assert_true(memcmp(v[i - 1].voting.byte, v[i].voting.byte, 32) < 0);
    assert_int_equal(v[0].power + v[1].power + v[2].power, 200000);
    assert_non_null(state_validator_find(s, key_public_of(f.key[VAL])));
    assert_null(state_validator_find(s, key_public_of(f.key[CAROL])));
    struct hash before = state_validators_hash(s);
    struct tx tx = fixture_tx(&f, VAL, TX_STAKE);
    tx.stake.amount = 1;
    apply(&tx);
    assert_true(hash_equal(state_validators_hash(s), before)); /* not before the block has ended */
    seal();
    assert_false(hash_equal(state_validators_hash(s), before));
    before = state_validators_hash(s);
    seal();
    assert_true(hash_equal(state_validators_hash(s), before));
}

static void test_task(void **state)
{
    (void)state;
    struct tx tx;
#define REFUSED_TASK(change, words)                                                                                    \
    do {                                                                                                               \
        tx = fixture_task(&f, ALICE, 100);                                                                             \
        change;                                                                                                        \
        refuse(ALICE, tx, words);                                                                                  \
    } while (0)
    REFUSED_TASK(tx.task.pool = 700000, "balance");
    REFUSED_TASK(tx.task.folds = 0, "fold");
    REFUSED_TASK(tx.task.numeric[0] = '\0', "numeric");
    REFUSED_TASK(tx.task.full_pay_ppm = 0, "full pay");
    three_validators();
    REFUSED_TASK((void)0, "name its reviewers");
    one_validator();
    REFUSED_TASK(tx.task.approvals = 2, "only reviewer");
    REFUSED_TASK(tx.task.reviewers = 1, "0 approvals by 1");
    REFUSED_TASK(tx.task.reviewers = 1; tx.task.approvals = 2, "2 approvals by 1");
    REFUSED_TASK(tx.task.reviewers = 2; tx.task.approvals = 1, "are the same");
    tx = fixture_task(&f, ALICE, 5000);
    struct hash id = apply(&tx);
    seal();
    const struct state_task *t = state_task_find(s, id);
    assert_int_equal(t->pool_left, 5000);
    assert_int_equal(t->body.reviewers, 1);
    assert_int_equal(t->body.approvals, 1);
    assert_true(address_equal(t->body.reviewer[0], f.who[ALICE]));
    assert_int_equal(state_totals(s).escrows, 5000);
    assert_int_equal(balance(ALICE), 700000 - 5010);
    assert_int_equal(t->height, 1);
}

static struct tx unstake_of(int who, uint64_t amount)
{
    struct tx tx = fixture_tx(&f, who, TX_UNSTAKE);
    tx.stake.amount = amount;
    return tx;
}

static void expect_hex(struct hash h, const char *expected)
{
    char hex[HASH_HEX];
    hash_hex(h, hex);
    assert_string_equal(hex, expected);
}

/* Computed by a second program from morphsmith-chain(5) alone. */
static void test_golden(void **state)
{
    (void)state;
    expect_hex(state_hash(s), "0ffea9f760af97cdedccf822abd15637de48c7db641ee831c2b3addffc32102c");
    expect_hex(state_validators_hash(s), "794f1cc476eeb39e5aa4e95a42bc0ffcf4c4aa0cfe8d1b8c0028dc1ec9cd71a1");
    apply_now(fixture_transfer(&f, ALICE, BOB, 5));
    seal();
    expect_hex(state_hash(s), "7f246876289c3e9f02c599f0e016b5943eaf07aab3eebdece1b8c7f75637c64e");
}

static void test_golden_unbonding(void **state)
{
    (void)state;
    for (int i = 1; i <= 2; i++)
        apply_now(unstake_of(VAL, 10 * (uint64_t)i));
    seal();
    expect_hex(state_hash(s), "e3c598b8bd1f9e8debd2bc2e3e37e4fc5ffab086e17c3bb88cb5ae59f142ea71");
    seal();
    seal(); /* released: the entry is gone */
    expect_hex(state_hash(s), "dbc10577d6b4526cbb1d199b27f870e5d7e6612a07f47294e121dd4e2cfc13a5");
    expect_hex(state_validators_hash(s), "229e7120193583ba47601824a9e1d6989d91f6b69d4eb13645ee34ac9401a7fe");
}

/* The hash covers every field that a rule can set. */
static void test_state_hash(void **state)
{
    (void)state;
    struct state *other = state_copy(s);
    struct hash before = state_hash(s);
    struct tx tx = fixture_transfer(&f, ALICE, BOB, 7);
    apply(&tx);
    seal();
    tx.transfer.amount = 8;
    assert_true(state_apply(other, &tx, NULL) && state_end_block(other, 1, START_US + 1000000, NULL));
    assert_false(hash_equal(state_hash(s), before));
    assert_false(hash_equal(state_hash(s), state_hash(other)));
    state_free(other);
    before = state_hash(s);
    seal(); /* an empty block has its own hash, too */
    assert_false(hash_equal(state_hash(s), before));
}

static void test_accounts_sorted(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 200; i++) {
        struct tx tx = fixture_tx(&f, ALICE, TX_TRANSFER);
        struct hash h = hash_of(&i, sizeof i);
        memcpy(tx.transfer.to.byte, h.byte, sizeof tx.transfer.to.byte);
        tx.transfer.amount = i + 1;
        apply(&tx);
    }
    const struct state_account *list;
    int n = state_accounts(s, &list);
    assert_int_equal(n, 203);
    for (int i = 1; i < n; i++)
        assert_true(memcmp(list[i - 1].address.byte, list[i].address.byte, 20) < 0);
    for (int i = 0; i < n; i++)
        assert_int_equal(state_account_find(s, list[i].address)->balance, list[i].balance);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rules_start, rules_end)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_genesis), TEST(unbonding_outlasts_every_fine), TEST(test_transfer), TEST(test_stake),
                                       TEST(test_unbonding),      TEST(test_unbonding_many), TEST(test_validators),
                                       TEST(test_task), TEST(test_golden), TEST(test_golden_unbonding), TEST(test_state_hash), TEST(test_accounts_sorted)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
