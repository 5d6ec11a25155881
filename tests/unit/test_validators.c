#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "chain/state_save.h"
#include "tests/unit/state_fixture.h"

#include <string.h>

static struct key *spare; /* a voting key of nobody yet */

static int start(void **state)
{
    static const uint8_t seed[KEY_SEED_BYTES] = {99};
    rules_start(state);
    spare = key_from_seed("spare", seed);
    f.genesis.unbonding_blocks = 20;
    three_validators(); /* val 100000, bob and alice 50000 */
    return 0;
}

static int end(void **state)
{
    key_free(spare);
    return rules_end(state);
}

static struct tx register_tx(int who, const struct key *voting)
{
    struct tx tx = fixture_tx(&f, who, TX_REGISTER);
    tx_register_consent(&tx.registration, f.chain_id, key_public_of(f.key[who]), voting);
    fixture_sign(&f, who, &tx);
    return tx;
}

static struct tx plain(int who, enum tx_type type, uint64_t amount)
{
    struct tx tx = fixture_tx(&f, who, type);
    if (amount)
        tx.stake.amount = amount;
    fixture_sign(&f, who, &tx);
    return tx;
}

static struct vote vote_at(const struct key *voting, uint64_t at, const char *block)
{
    struct vote v = {.chain = f.chain_id, .step = VOTE_PRECOMMIT, .height = at, .round = 1, .block = hash_of_text(block)};
    vote_sign(&v, voting);
    return v;
}

static struct tx evidence_of(int sender, struct vote a, struct vote b)
{
    struct tx tx = fixture_tx(&f, sender, TX_EVIDENCE);
    struct bytes x = {0}, y = {0};
    vote_encode(&a, &x);
    vote_encode(&b, &y);
    bool first = memcmp(x.data, y.data, VOTE_BYTES) < 0;
    tx.evidence.a = first ? a : b;
    tx.evidence.b = first ? b : a;
    fixture_sign(&f, sender, &tx);
    bytes_free(&x);
    bytes_free(&y);
    return tx;
}

static struct tx double_tx(int sender, int culprit, uint64_t at)
{
    return evidence_of(sender, vote_at(f.key[culprit], at, "x"), vote_at(f.key[culprit], at, "y"));
}

static int in_set(int who)
{
    const struct state_validator *v;
    int n = state_validators(s, &v), found = 0;
    for (int i = 0; i < n; i++)
        found += address_equal(v[i].who, f.who[who]);
    return found;
}

static const struct state_account *account(int who)
{
    return state_account_find(s, f.who[who]);
}

static void test_register(void **state)
{
    (void)state;
    f.genesis.least_stake = 600;
    fresh();
    apply_now(fixture_transfer(&f, ALICE, CAROL, 100000));
    refuse(CAROL, register_tx(CAROL, spare), "has staked 0");
    apply_now(plain(CAROL, TX_STAKE, 599));
    refuse(CAROL, register_tx(CAROL, spare), "has staked 599, a validator needs 600");
    apply_now(plain(CAROL, TX_STAKE, 1));
    refuse(CAROL, register_tx(CAROL, f.key[VAL]), "was a validator's already");
    refuse(ALICE, register_tx(ALICE, spare), "a validator already");
    struct tx tx = register_tx(CAROL, spare);
    tx.registration.consent.byte[3] ^= 1;
    refuse(CAROL, tx, "has not signed");
    f.nonce[CAROL]++;
    tx = register_tx(BOB, spare); /* whose consent is for bob */
    f.nonce[BOB]--;
    struct tx_register bobs = tx.registration;
    f.nonce[CAROL]--;
    tx = register_tx(CAROL, spare);
    tx.registration = bobs;
    refuse(CAROL, tx, "has not signed");
    apply_now(register_tx(CAROL, spare));
    refuse(CAROL, register_tx(CAROL, f.key[CAROL]), "a validator already");
    assert_int_equal(in_set(CAROL), 0); /* the set changes when the block ends */
    struct hash before = state_validators_hash(s);
    seal();
    assert_int_equal(in_set(CAROL), 1);
    assert_false(hash_equal(before, state_validators_hash(s)));
    const struct state_voting *v = state_voting_find(s, key_public_of(spare));
    assert_true(address_equal(v->who, f.who[CAROL]));
    assert_int_equal(v->height, 1);
    const struct rotation *r = state_rotation(s);
    assert_int_equal(r->n, 4);
    assert_int_equal(rotation_power(r), 200600);
    assert_int_equal(r->seat[rotation_find(r, key_public_of(spare))].priority, -(200600 + 200600 / 8));
    /* A key that was used once is used up. */
    apply_now(plain(CAROL, TX_RETIRE, 0));
    refuse(CAROL, register_tx(CAROL, spare), "was a validator's already");
    apply_now(register_tx(CAROL, f.key[CAROL])); /* its own identity is nobody else's */
    seal();
    assert_int_equal(in_set(CAROL), 1);
}

static void test_register_identity_of_another(void **state)
{
    (void)state;
    apply_now(fixture_transfer(&f, ALICE, CAROL, 1000));
    apply_now(plain(CAROL, TX_STAKE, 5));
    struct address a = key_address(key_public_of(spare));
    struct tx tx = fixture_transfer(&f, ALICE, BOB, 1);
    tx.transfer.to = a;
    fixture_sign(&f, ALICE, &tx);
    apply(&tx);
    refuse(CAROL, register_tx(CAROL, spare), "identity of another account");
}

static void test_full(void **state)
{
    (void)state;
    char name[32];
    f.genesis.min_fee = 1;
    fresh();
    for (int i = 3; i <= STATE_VALIDATORS_MAX; i++) {
        uint8_t seed[KEY_SEED_BYTES] = {(uint8_t)i, 7};
        snprintf(name, sizeof name, "v%d", i);
        struct key *k = key_from_seed(name, seed);
        struct address who = key_address(key_public_of(k));
        struct tx tx = fixture_transfer(&f, ALICE, BOB, 12);
        tx.transfer.to = who;
        fixture_sign(&f, ALICE, &tx);
        apply(&tx);
        tx = (struct tx){.type = TX_STAKE, .chain = f.chain_id, .nonce = 1, .fee = 1, .stake.amount = 10};
        tx_sign(&tx, k);
        apply(&tx);
        struct tx reg = {.type = TX_REGISTER, .chain = f.chain_id, .nonce = 2, .fee = 1};
        tx_register_consent(&reg.registration, f.chain_id, key_public_of(k), k);
        tx_sign(&reg, k);
        struct error err = {0};
        bool taken = state_apply(s, &reg, &err);
        assert_int_equal(taken, i < STATE_VALIDATORS_MAX);
        if (!taken)
            assert_non_null(strstr(err.text, "64 validators already"));
        key_free(k);
    }
    seal();
    assert_int_equal(state_rotation(s)->n, STATE_VALIDATORS_MAX);
}

static void test_retire(void **state)
{
    (void)state;
    refuse(CAROL, plain(CAROL, TX_RETIRE, 0), "fee"); /* carol has nothing */
    apply_now(fixture_transfer(&f, ALICE, CAROL, 1000));
    refuse(CAROL, plain(CAROL, TX_RETIRE, 0), "no validator");
    refuse(BOB, plain(BOB, TX_UNSTAKE, 50000), "a validator keeps a stake");
    apply_now(plain(BOB, TX_RETIRE, 0));
    refuse(BOB, plain(BOB, TX_RETIRE, 0), "no validator");
    assert_int_equal(in_set(BOB), 1);
    seal();
    assert_int_equal(in_set(BOB), 0);
    assert_int_equal(staked(BOB), 50000);
    assert_int_equal(state_rotation(s)->n, 2);
    apply_now(plain(BOB, TX_UNSTAKE, 50000)); /* all of it */
    apply_now(plain(VAL, TX_RETIRE, 0));
    refuse(ALICE, plain(ALICE, TX_RETIRE, 0), "no other validator");
    seal();
    assert_int_equal(state_rotation(s)->n, 1);
}

static void test_evidence(void **state)
{
    (void)state;
    apply_now(fixture_transfer(&f, ALICE, CAROL, 1000));
    apply_now(plain(BOB, TX_UNSTAKE, 5000)); /* at height 1 */
    seal();
    apply_now(plain(BOB, TX_UNSTAKE, 7000)); /* 2 */
    seal();
    apply_now(plain(BOB, TX_UNSTAKE, 8000)); /* 3 */
    uint64_t carol = balance(CAROL), burnt = state_totals(s).burnt;
    apply_now(double_tx(CAROL, BOB, 2));
    /* 5 % of 30000, of 7000 and of 8000; half of it for carol */
    assert_int_equal(staked(BOB), 28500);
    assert_int_equal(balance(CAROL), carol - 10 + 1125);
    assert_int_equal(state_totals(s).burnt, burnt + 1125);
    assert_true(account(BOB)->barred && !account(BOB)->validator);
    refuse(CAROL, double_tx(CAROL, BOB, 2), "barred already");
    refuse(CAROL, double_tx(CAROL, BOB, 3), "barred already");
    refuse(BOB, register_tx(BOB, spare), "barred for good");
    seal();
    assert_int_equal(in_set(BOB), 0);
    uint64_t had = balance(BOB);
    while (height < 20)
        seal();
    assert_int_equal(balance(BOB), had);
    seal();
    assert_int_equal(balance(BOB), had + 5000); /* began before */
    seal();
    assert_int_equal(balance(BOB), had + 5000 + 6650);
    seal();
    assert_int_equal(balance(BOB), had + 5000 + 6650 + 7600);
    apply_now(plain(BOB, TX_UNSTAKE, 28500));
    seal();
}

static void test_evidence_refused(void **state)
{
    (void)state;
    struct vote a = vote_at(f.key[BOB], 1, "x"), b = vote_at(f.key[BOB], 1, "y");
    refuse(ALICE, evidence_of(ALICE, vote_at(spare, 1, "x"), vote_at(spare, 1, "y")), "never a validator's");
    refuse(ALICE, double_tx(ALICE, BOB, 2), "has not reached");
    struct tx tx = evidence_of(ALICE, a, b);
    struct vote swap = tx.evidence.a;
    tx.evidence.a = tx.evidence.b;
    tx.evidence.b = swap;
    refuse(ALICE, tx, "lower bytes comes first");
    refuse(ALICE, evidence_of(ALICE, a, a), "do not contradict");
    refuse(ALICE, evidence_of(ALICE, a, vote_at(f.key[VAL], 1, "y")), "do not contradict");
    struct vote forged = b;
    forged.signature.byte[1] ^= 1;
    refuse(ALICE, evidence_of(ALICE, a, forged), "its signature");
    struct vote c = a, d = b;
    c.chain = d.chain = hash_of_text("another");
    vote_sign(&c, f.key[BOB]);
    vote_sign(&d, f.key[BOB]);
    refuse(ALICE, evidence_of(ALICE, c, d), "another chain");
    while (height < 20)
        seal();
    refuse(ALICE, double_tx(ALICE, BOB, 1), "20 blocks old, 19 are the most");
    apply_now(double_tx(ALICE, BOB, 2));
}

static void test_evidence_of_oneself(void **state)
{
    (void)state;
    uint64_t had = balance(BOB);
    apply_now(double_tx(BOB, BOB, 1));
    assert_int_equal(balance(BOB), had - 10);
    assert_int_equal(staked(BOB), 47500);
    assert_int_equal(state_totals(s).burnt, 2500);
}

/* After it has retired, too. */
static void test_evidence_of_the_past(void **state)
{
    (void)state;
    apply_now(plain(BOB, TX_RETIRE, 0));
    seal();
    apply_now(plain(BOB, TX_UNSTAKE, 50000));
    seal();
    apply_now(double_tx(ALICE, BOB, 1));
    assert_true(account(BOB)->barred);
    assert_int_equal(state_totals(s).burnt, 1250);
    seal();
    assert_int_equal(state_rotation(s)->n, 2);
}

/* The last one loses, but stays; and what was punished is not punished again. */
static void test_evidence_of_the_last(void **state)
{
    (void)state;
    f.genesis.double_ppm = 1000000;
    fresh();
    apply_now(double_tx(ALICE, BOB, 1));
    assert_int_equal(staked(BOB), 0);
    apply_now(double_tx(BOB, VAL, 1));
    assert_int_equal(staked(VAL), 0);
    assert_int_equal(state_totals(s).burnt, 75000);
    uint64_t had = balance(BOB);
    apply_now(double_tx(BOB, ALICE, 1));
    assert_int_equal(staked(ALICE), 1);
    assert_true(account(ALICE)->validator && !account(ALICE)->barred);
    assert_int_equal(balance(BOB), had - 10 + 24999);
    refuse(BOB, double_tx(BOB, ALICE, 1), "punished for height 1 already");
    seal();
    assert_int_equal(state_rotation(s)->n, 1);
    apply_now(double_tx(BOB, ALICE, 2));
    assert_int_equal(staked(ALICE), 1);
    seal();
}

static void test_closed(void **state)
{
    (void)state;
    one_validator();
    refuse(ALICE, register_tx(ALICE, spare), "closed");
    refuse(VAL, plain(VAL, TX_RETIRE, 0), "closed");
    refuse(ALICE, double_tx(ALICE, VAL, 1), "closed");
    assert_int_equal(state_rotation(s)->n, 0);
    assert_null(state_voting_find(s, key_public_of(f.key[VAL])));
}

/* A saved state goes on as the one it was saved from. */
static void test_saved(void **state)
{
    (void)state;
    apply_now(plain(BOB, TX_UNSTAKE, 300));
    apply_now(double_tx(ALICE, BOB, 1));
    apply_now(fixture_transfer(&f, ALICE, CAROL, 1000));
    apply_now(plain(CAROL, TX_STAKE, 77));
    seal();
    apply_now(register_tx(CAROL, spare));
    seal();
    struct bytes b = {0}, again = {0};
    struct error err = {0};
    state_save(s, &b);
    struct state *t = state_load(b.data, b.n, &f.genesis, &err);
    if (!t)
        fail_msg("%s", err.text);
    state_save(t, &again);
    assert_int_equal(b.n, again.n);
    assert_memory_equal(b.data, again.data, b.n);
    const struct state_account *bob = state_account_find(t, f.who[BOB]);
    assert_true(bob->barred);
    struct tx tx = double_tx(ALICE, BOB, 2);
    assert_false(state_apply(t, &tx, NULL));
    f.nonce[ALICE]--;
    tx = double_tx(ALICE, VAL, 2);
    assert_true(state_apply(t, &tx, NULL));
    apply(&tx);
    seal();
    assert_true(state_end_block(t, height, START_US + (int64_t)height * 1000000, &err));
    assert_true(hash_equal(state_hash(s), state_hash(t)));
    assert_true(hash_equal(state_validators_hash(s), state_validators_hash(t)));
    assert_memory_equal(state_rotation(s), state_rotation(t), sizeof(struct rotation));
    state_free(t);
    bytes_free(&b);
    bytes_free(&again);
}

/* The turns are those of the set behind the parent. */
static void test_turns(void **state)
{
    (void)state;
    struct rotation plain_one = *state_rotation(s);
    int turns[3] = {0};
    for (int i = 0; i < 4; i++) {
        int at = rotation_proposer(state_rotation(s), 0);
        assert_int_equal(at, rotation_advance(&plain_one));
        turns[at]++;
        seal();
    }
    int val = rotation_find(&plain_one, key_public_of(f.key[VAL]));
    for (int i = 0; i < 3; i++)
        assert_int_equal(turns[i], i == val ? 2 : 1);
}

static void test_waits(void **state)
{
    (void)state;
    struct state_moment now = {height + 1, START_US};
    f.genesis.unbonding_seconds = 60;
    fresh();
    assert_false(state_waits(s, now));
    apply_now(plain(BOB, TX_UNSTAKE, 10));
    seal();
    now = (struct state_moment){height + 1, START_US + 1000000};
    assert_false(state_waits(s, now)); /* no block brings the minute nearer */
    now.time_us += 60000000;
    assert_true(state_waits(s, now));
    while (height < 20)
        seal_after(60);
    assert_true(state_waits(s, now));
    seal();
    assert_false(state_waits(s, now));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_register),
                                       TEST(test_register_identity_of_another),
                                       TEST(test_full),
                                       TEST(test_retire),
                                       TEST(test_evidence),
                                       TEST(test_evidence_refused),
                                       TEST(test_evidence_of_oneself),
                                       TEST(test_evidence_of_the_past),
                                       TEST(test_evidence_of_the_last),
                                       TEST(test_closed),
                                       TEST(test_saved),
                                       TEST(test_turns),
                                       TEST(test_waits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
