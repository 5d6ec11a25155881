/* Who signed twice is found out when the height is over, too: by a pool that still holds both votes, or by one vote against
 * the certificate in our own block. Only what a block would still punish is kept. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "chain/evidence.h"
#include "tests/unit/many_chain.h"
#include "work/follow_internal.h"

#define BLOCKS 12

static struct fixture f;
static struct many_chain m;
static struct follow_options options;
static struct follow *at;

static int start(void **state)
{
    struct error err = {0};
    (void)state;
    fixture_start(&f);
    many_start(&m, &f);
    f.genesis.evidence_blocks = 8;
    fixture_genesis_changed(&f);
    at = NEW(struct follow);
    options = (struct follow_options){.chain = f.chain};
    at->o = &options;
    at->chain = f.chain_id;
    if (!ledger_create(f.chain, &f.genesis, &err) || !(at->ledger = ledger_open(f.chain, true, &err)))
        fail_msg("%s", err.text);
    for (int i = 1; i <= BLOCKS; i++)
        if (!many_append(&m, at->ledger, 0, START_US + i * CLOCK_SECOND_US, MANY_ALL, NULL, NULL, &err))
            fail_msg("%s", err.text);
    at->pool.height = BLOCKS + 1;
    at->past_left = FOLLOW_PAST_MOST;
    return 0;
}

static int end(void **state)
{
    (void)state;
    vote_past_free(&at->past);
    ledger_close(at->ledger);
    free(at);
    many_end(&m);
    fixture_end(&f);
    return 0;
}

static struct vote vote_of(enum vote_step step, uint64_t height, uint32_t round, uint8_t block, int who)
{
    struct vote v = {.chain = f.chain_id, .step = step, .height = height, .round = round};
    v.block.byte[0] = block;
    vote_sign(&v, m.voting[who]);
    return v;
}

static int kept(struct vote *a, struct vote *b)
{
    struct evidence_proof *proof;
    int n = evidence_list(f.chain, &proof, NULL);
    assert_true(n >= 0);
    if (n) {
        *a = proof[0].a;
        *b = proof[0].b;
    }
    free(proof);
    return n;
}

static void two_votes_of_a_height_that_is_over_convict(void **state)
{
    (void)state;
    struct vote a, b, one = vote_of(VOTE_PREVOTE, 6, 0, 1, MANY_BOB), two = vote_of(VOTE_PREVOTE, 6, 0, 2, MANY_BOB);
    assert_true(follow_past(at, &one, false));
    assert_true(follow_past(at, &one, false));
    assert_int_equal(kept(&a, &b), 0);
    struct vote forged = two;
    forged.signature.byte[3] ^= 1;
    assert_true(follow_past(at, &forged, false));
    assert_int_equal(kept(&a, &b), 0);
    assert_true(follow_past(at, &two, false));
    assert_int_equal(kept(&a, &b), 1);
    assert_true(hash_equal(vote_hash(&a), vote_hash(&one)) || hash_equal(vote_hash(&a), vote_hash(&two)));
    assert_true(vote_conflict(&a, &b));

    /* A block takes it. */
    struct error err = {0};
    struct hash id;
    struct tx tx = fixture_tx(&f, ALICE, TX_EVIDENCE);
    tx.evidence = (struct tx_evidence){a, b};
    fixture_sign(&f, ALICE, &tx);
    if (!ledger_submit(at->ledger, &tx, &id, &err) ||
        !many_append(&m, at->ledger, 0, START_US + (BLOCKS + 1) * CLOCK_SECOND_US, MANY_ALL, NULL, NULL, &err))
        fail_msg("%s", err.text);
    assert_true(state_account_find(ledger_state(at->ledger), f.who[BOB])->barred);
    at->pool.height++;
    struct vote more = vote_of(VOTE_PREVOTE, 7, 0, 1, MANY_BOB), again = vote_of(VOTE_PREVOTE, 7, 0, 2, MANY_BOB);
    assert_true(follow_past(at, &more, false) && follow_past(at, &again, false));
    assert_int_equal(kept(&a, &b), 1); /* he is barred: no more of him */
}

static void our_own_block_convicts_too(void **state)
{
    (void)state;
    struct vote a, b, other = vote_of(VOTE_PRECOMMIT, 9, 0, 7, MANY_ALICE), round = vote_of(VOTE_PRECOMMIT, 9, 1, 7, MANY_VAL);
    struct vote step = vote_of(VOTE_PREVOTE, 9, 0, 7, MANY_VAL), tip = vote_of(VOTE_PRECOMMIT, BLOCKS, 0, 7, MANY_VAL);
    struct ledger_block block;
    assert_true(follow_past(at, &round, false) && follow_past(at, &step, false));
    struct vote same = vote_of(VOTE_PRECOMMIT, 9, 0, 0, MANY_BOB);
    assert_true(ledger_block(at->ledger, 9, &block));
    same.block = block.id;
    vote_sign(&same, m.voting[MANY_BOB]);
    assert_true(follow_past(at, &same, false));
    assert_int_equal(kept(&a, &b), 0);
    assert_true(follow_past(at, &other, false));
    assert_int_equal(kept(&a, &b), 1);
    assert_true(hash_equal(a.block, block.id) || hash_equal(b.block, block.id));
    assert_true(follow_past(at, &tip, false)); /* its certificate lies in the pool */
    assert_int_equal(kept(&a, &b), 2);
}

static void what_nobody_would_punish_costs_nothing(void **state)
{
    (void)state;
    uint8_t seed[KEY_SEED_BYTES] = {200};
    struct key *nobody = key_from_seed("nobody", seed);
    struct vote a, b;
    for (uint8_t block = 1; block <= 2; block++) {
        struct vote old = vote_of(VOTE_PREVOTE, BLOCKS + 1 - 9, 0, block, MANY_BOB);
        struct vote next = vote_of(VOTE_PREVOTE, BLOCKS + 1, 0, block, MANY_BOB);
        struct vote unknown = vote_of(VOTE_PREVOTE, 6, 0, block, MANY_BOB), zero = vote_of(VOTE_PREVOTE, 0, 0, block, MANY_BOB);
        vote_sign(&unknown, nobody);
        assert_true(follow_past(at, &old, false) && follow_past(at, &next, false) && follow_past(at, &unknown, false) &&
                    follow_past(at, &zero, false));
    }
    assert_int_equal(at->past_left, FOLLOW_PAST_MOST);
    assert_int_equal(kept(&a, &b), 0);
    for (uint8_t block = 1; block <= 2; block++) { /* the oldest that is punished */
        struct vote old = vote_of(VOTE_PREVOTE, BLOCKS + 1 - 8, 0, block, MANY_BOB);
        assert_true(follow_past(at, &old, false));
    }
    assert_int_equal(kept(&a, &b), 1);
    assert_int_equal(at->past_left, FOLLOW_PAST_MOST - 2);
    key_free(nobody);
}

static void so_much_is_looked_at_in_a_pass(void **state)
{
    (void)state;
    struct vote a, b, one = vote_of(VOTE_PREVOTE, 6, 0, 1, MANY_BOB), two = vote_of(VOTE_PREVOTE, 6, 0, 2, MANY_BOB);
    at->past_left = 1;
    assert_true(follow_past(at, &one, false));
    assert_false(follow_past(at, &two, false)); /* it comes again */
    assert_int_equal(kept(&a, &b), 0);
    assert_true(follow_past(at, &two, true)); /* one from our own pool, whose signature was checked, is no work */
    assert_int_equal(kept(&a, &b), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(two_votes_of_a_height_that_is_over_convict),
        TEST(our_own_block_convicts_too),
        TEST(what_nobody_would_punish_costs_nothing),
        TEST(so_much_is_looked_at_in_a_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
