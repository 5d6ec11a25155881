/* Disputes in the state: who may challenge what, what waits meanwhile, and to whom each unit goes in every end. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "chain/state_save.h"
#include "chain/state_challenge.h"
#include "tests/unit/state_fixture.h"

#define CHANGED(tx_expression, change) (tx = (tx_expression), (change), tx)
#define DEPOSIT 100 /* a tenth of the stake of 1000 */

static struct tx tx;

/* val 100000, bob 50000 and alice 50000 validate; carol, who owns 50000, is nobody. finder 50 %, missed 10 %, attest 2 %,
 * disputes 3 blocks, reveals 2 blocks. Bob claims; val and alice have committed; it is open and sealed. */
static struct hash task;
static const int others[] = {VAL, ALICE};

static struct hash scene_of(const struct fixture_claim *c, const struct tx_finding *alices)
{
    f.genesis.expiry_blocks = 30;
    f.genesis.reveal_blocks = 4;
    three_validators();
    apply_now(fixture_transfer(&f, ALICE, CAROL, 50000));
    tx = fixture_task(&f, ALICE, 10000);
    tx.task.reviewers = tx.task.approvals = 1;
    tx.task.reviewer[0] = f.who[ALICE];
    task = apply(&tx);
    struct hash id = claimed(BOB, task, c);
    apply_now(fixture_commit(&f, VAL, id, &c->finding));
    apply_now(fixture_commit(&f, ALICE, id, alices));
    seal();
    apply_now(fixture_open(&f, BOB, id, c));
    seal();
    return id;
}

static struct hash scene(const struct fixture_claim *c)
{
    return scene_of(c, &c->finding);
}

static void reveal_both(struct hash id, const struct fixture_claim *c)
{
    apply_now(fixture_reveal(&f, VAL, id, &c->finding));
    apply_now(fixture_reveal(&f, ALICE, id, &c->finding));
}

static const struct state_challenge *challenge(struct hash id)
{
    const struct state_challenge *c = state_challenge_find(s, id);
    assert_non_null(c);
    return c;
}

static void test_who_may(void **state)
{
    (void)state;
    struct fixture_claim c = fixture_claim(1, 550), d = fixture_claim(2, 550);
    struct hash id = scene(&c), closed = committed(BOB, task, &d, others, 2);
    refuse(CAROL, fixture_challenge(&f, CAROL, task, 1, 1, DEPOSIT), "no such proposal");
    refuse(CAROL, fixture_challenge(&f, CAROL, closed, 1, 1, DEPOSIT), "not opened the claim yet");
    refuse(BOB, fixture_challenge(&f, BOB, id, 1, 1, DEPOSIT), "their own");
    refuse(CAROL, fixture_challenge(&f, CAROL, id, 3, 1, DEPOSIT), "no leaf 1 of fold 3");
    refuse(CAROL, fixture_challenge(&f, CAROL, id, 1, 0, DEPOSIT), "no leaf 0 of fold 1");
    refuse(CAROL, fixture_challenge(&f, CAROL, id, 0, 1, DEPOSIT), "no leaf 1 of fold 0");
    refuse(CAROL, CHANGED(fixture_challenge(&f, CAROL, id, 0, 0, DEPOSIT), tx.challenge.found.byte[3] = 1), "neither leaf");
    refuse(CAROL, CHANGED(fixture_challenge(&f, CAROL, id, 0, 0, DEPOSIT), tx.challenge.state.byte[3] = 1), "neither leaf");
    refuse(CAROL, fixture_challenge(&f, CAROL, id, 1, 1, DEPOSIT - 1), "the least is 100");
    refuse(CAROL, fixture_challenge(&f, CAROL, id, 1, 1, 49991), "balance");
    tx = fixture_challenge(&f, CAROL, id, 2, 7, DEPOSIT);
    struct hash first = apply(&tx);
    const struct state_challenge *got = challenge(first);
    assert_memory_equal(&got->body, &tx.challenge, sizeof tx.challenge);
    assert_int_equal(got->state, CHALLENGE_OPEN);
    assert_int_equal(balance(CAROL), 50000 - 10 - DEPOSIT);
    assert_int_equal(state_totals(s).escrows, 10000 + DEPOSIT);
    for (int i = 1; i < STATE_CHALLENGES_OPEN_MAX; i++)
        apply_now(fixture_challenge(&f, i % 2 ? VAL : CAROL, id, 0, 0, DEPOSIT + 1));
    refuse(CAROL, fixture_challenge(&f, CAROL, id, 1, 1, DEPOSIT), "8 challenges to this proposal are open");
    assert_ptr_equal(state_challenge_first(s, state_proposal_find(s, id)), challenge(first));
    seal();
    assert_int_equal(challenge(first)->made.time_us, START_US + (int64_t)height * 1000000);
    const struct state_challenge *all;
    assert_int_equal(state_challenges(s, &all), 8);
    assert_true(hash_equal(all[0].id, first));
}

static void test_closed_chains_have_none(void **state)
{
    (void)state;
    struct hash home = with_task(10);
    struct fixture_claim c = fixture_claim(1, 550);
    struct hash id = opened(BOB, home, &c, (const int[]){VAL}, 1);
    refuse(ALICE, fixture_challenge(&f, ALICE, id, 1, 1, DEPOSIT), "closed chain");
}

static void test_upheld(void **state)
{
    (void)state;
    struct fixture_claim c = fixture_claim(1, 550), truth = fixture_claim(2, 500);
    struct hash id = scene_of(&c, &truth.finding);
    apply_now(fixture_reveal(&f, VAL, id, &c.finding)); /* who says it found the false claim */
    apply_now(fixture_reveal(&f, ALICE, id, &truth.finding));
    struct hash first = apply_now(fixture_challenge(&f, CAROL, id, 2, 7, DEPOSIT));
    struct hash other = apply_now(fixture_challenge(&f, ALICE, id, 1, 1, 400));
    seal(); /* all have revealed, but nobody judges now */
    assert_int_equal(state_of(id), PROPOSAL_REVEALING);
    assert_false(state_proposal_find(s, id)->verified);
    uint64_t carol = balance(CAROL), alice = balance(ALICE), bob = balance(BOB), burnt = state_totals(s).burnt;
    refuse(CAROL, fixture_verdict(&f, CAROL, id, true), "no such challenge");
    apply_now(fixture_verdict(&f, VAL, first, true)); /* anybody may say it; whether it is so, the voters check */
    assert_int_equal(state_of(id), PROPOSAL_REFUTED);
    assert_int_equal(balance(CAROL), carol + DEPOSIT + 500); /* half of the stake of 1000 */
    assert_int_equal(balance(ALICE), alice + 400);
    assert_int_equal(balance(BOB), bob);
    assert_int_equal(staked(VAL), 90000);
    assert_int_equal(staked(ALICE), 50000);
    assert_int_equal(state_totals(s).burnt, burnt + 500 + 10000);
    assert_int_equal(state_totals(s).escrows, 10000);
    assert_int_equal(challenge(first)->state, CHALLENGE_UPHELD);
    assert_int_equal(challenge(first)->closed, height + 1);
    assert_true(hash_equal(challenge(first)->found, hash_of_text("re-executed")));
    assert_int_equal(challenge(other)->state, CHALLENGE_RETURNED);
    refuse(VAL, fixture_verdict(&f, VAL, first, true), "the challenge is upheld");
    refuse(VAL, fixture_verdict(&f, VAL, other, false), "the challenge is returned");
    refuse(BOB, fixture_respond(&f, BOB, other, false), "the challenge is returned");
    const struct hash *ruled;
    assert_int_equal(state_ruled(s, &ruled), 0);
    seal();
    assert_int_equal(state_ruled(s, &ruled), 1);
    assert_true(hash_equal(ruled[0], first));
    seal();
    assert_int_equal(state_ruled(s, &ruled), 0);
    refuse(CAROL, fixture_challenge(&f, CAROL, id, 1, 1, DEPOSIT), "is refuted");
}

/* Who committed and lets the reveals run out meanwhile does not get away. */
static void test_upheld_behind_the_reveals(void **state)
{
    (void)state;
    struct fixture_claim c = fixture_claim(1, 550);
    struct hash id = scene(&c);
    apply_now(fixture_reveal(&f, VAL, id, &c.finding));
    struct hash challenged = apply_now(fixture_challenge(&f, CAROL, id, 2, 7, DEPOSIT));
    seal();
    seal();
    struct state *early = state_copy(s);
    seal();
    apply_now(fixture_verdict(&f, CAROL, challenged, true));
    assert_int_equal(staked(ALICE), 45000); /* opened four blocks ago */
    assert_int_equal(staked(VAL), 90000);
    struct error err = {0};
    f.nonce[CAROL]--;
    tx = fixture_verdict(&f, CAROL, challenged, true);
    assert_true(state_apply(early, &tx, &err));
    assert_int_equal(state_account_find(early, f.who[ALICE])->stake, 50000); /* she still had time */
    state_free(early);
}

static void test_dismissed(void **state)
{
    (void)state;
    struct fixture_claim c = fixture_claim(1, 550);
    struct hash id = scene(&c);
    reveal_both(id, &c);
    struct hash challenged = apply_now(fixture_challenge(&f, CAROL, id, 2, 7, 251));
    seal();
    assert_int_equal(state_of(id), PROPOSAL_REVEALING);
    uint64_t bob = balance(BOB), val = balance(VAL), carol = balance(CAROL), burnt = state_totals(s).burnt;
    apply_now(fixture_verdict(&f, VAL, challenged, false));
    assert_int_equal(challenge(challenged)->state, CHALLENGE_DISMISSED);
    assert_int_equal(balance(BOB), bob + 125);
    assert_int_equal(balance(CAROL), carol);
    assert_int_equal(state_totals(s).burnt, burnt + 126);
    assert_int_equal(state_of(id), PROPOSAL_REVEALING); /* until the block ends */
    assert_int_equal(state_challenge_least(s, state_proposal_find(s, id)), 2 * DEPOSIT);
    refuse(CAROL, fixture_challenge(&f, CAROL, id, 2, 7, 2 * DEPOSIT - 1), "the least is 200");
    seal();
    assert_true(state_proposal_find(s, id)->verified); /* judged behind it, and those who checked are paid */
    assert_int_equal(state_proposal_find(s, id)->announce.stake, 980 + 1);
    assert_int_equal(balance(VAL), val - 10 + 13); /* 20 * 100000 / 150000 */
    apply_now(fixture_decide(&f, ALICE, true, id, &c));
    assert_int_equal(state_of(id), PROPOSAL_ACCEPTED);
    assert_int_equal(staked(VAL), 100000);
}

/* Nobody decides: lapsed when both parts of the window have passed, and then as dismissed. */
static void test_lapsed(void **state)
{
    (void)state;
    f.genesis.dispute_seconds = 20;
    f.genesis.expiry_seconds = 1000;
    f.genesis.unbonding_seconds = 1021;
    struct fixture_claim c = fixture_claim(1, 550);
    struct hash id = scene(&c);
    apply_now(fixture_reveal(&f, VAL, id, &c.finding));
    struct hash challenged = apply_now(fixture_challenge(&f, CAROL, id, 2, 7, DEPOSIT));
    seal();
    uint64_t bob = balance(BOB), burnt = state_totals(s).burnt;
    for (int i = 0; i < 3; i++)
        seal(); /* the blocks, and the reveals' window */
    assert_int_equal(challenge(challenged)->state, CHALLENGE_OPEN);
    int64_t end = challenge(challenged)->made.time_us + 20000000;
    assert_false(state_waits(s, (struct state_moment){height + 1, end - 1}));
    assert_true(state_waits(s, (struct state_moment){height + 1, end}));
    seal_after(17);
    assert_int_equal(challenge(challenged)->state, CHALLENGE_LAPSED);
    assert_int_equal(challenge(challenged)->closed, height);
    assert_int_equal(balance(BOB), bob + 50);
    assert_int_equal(state_challenge_least(s, state_proposal_find(s, id)), 2 * 98); /* it counts as lost */
    assert_int_equal(staked(ALICE), 45000); /* the judging that had waited */
    assert_int_equal(state_totals(s).burnt, burnt + 50 + 5000);
    assert_true(state_proposal_find(s, id)->verified);
    apply_now(fixture_decide(&f, ALICE, true, id, &c));
    assert_int_equal(state_of(id), PROPOSAL_ACCEPTED);
}

/* A verified claim can be challenged too, as long as it is not accepted; approvals count behind the dispute. */
static void test_verified_waits(void **state)
{
    (void)state;
    struct fixture_claim c = fixture_claim(1, 550);
    struct hash id = scene(&c), challenged;
    reveal_both(id, &c);
    seal();
    assert_true(state_proposal_find(s, id)->verified);
    assert_int_equal(state_challenge_least(s, state_proposal_find(s, id)), 98); /* of what is left of the stake */
    challenged = apply_now(fixture_challenge(&f, CAROL, id, 0, 0, DEPOSIT));
    refuse(ALICE, fixture_decide(&f, ALICE, false, id, &c), "a challenge to this proposal is open");
    apply_now(fixture_decide(&f, ALICE, true, id, &c));
    assert_int_equal(state_of(id), PROPOSAL_REVEALING);
    refuse(ALICE, fixture_decide(&f, ALICE, false, id, &c), "decided already");
    seal();
    assert_int_equal(state_of(id), PROPOSAL_REVEALING);
    apply_now(fixture_verdict(&f, CAROL, challenged, false));
    assert_int_equal(state_of(id), PROPOSAL_REVEALING);
    seal();
    assert_int_equal(state_of(id), PROPOSAL_ACCEPTED);
}

static void test_expiry_waits(void **state)
{
    (void)state;
    struct fixture_claim c = fixture_claim(1, 550);
    struct hash id;
    f.genesis.expiry_blocks = 8;
    three_validators();
    apply_now(fixture_transfer(&f, ALICE, CAROL, 50000));
    tx = fixture_task(&f, ALICE, 10000);
    tx.task.reviewers = tx.task.approvals = 1;
    task = apply(&tx);
    id = opened(BOB, task, &c, others, 2); /* claimed at 2 */
    reveal_both(id, &c);
    seal();
    while (height < 8)
        seal();
    struct hash challenged = apply_now(fixture_challenge(&f, CAROL, id, 0, 0, DEPOSIT));
    seal();
    seal();
    assert_int_equal(height, 10);
    assert_int_equal(state_of(id), PROPOSAL_REVEALING);
    uint64_t bob = balance(BOB);
    apply_now(fixture_verdict(&f, CAROL, challenged, false));
    seal();
    assert_int_equal(state_of(id), PROPOSAL_EXPIRED);
    assert_int_equal(balance(BOB), bob + 50 + 980 + 1); /* of its deposit, and what is left of its own stake */
}

static void test_answers(void **state)
{
    (void)state;
    struct fixture_claim c = fixture_claim(1, 550);
    struct hash id = scene(&c);
    apply_now(fixture_reveal(&f, VAL, id, &c.finding));
    struct hash first = apply_now(fixture_challenge(&f, CAROL, id, 2, 7, DEPOSIT));
    struct hash second = apply_now(fixture_challenge(&f, VAL, id, 1, 1, DEPOSIT));
    refuse(CAROL, fixture_respond(&f, CAROL, first, false), "only the proposer");
    refuse(BOB, fixture_respond(&f, BOB, id, false), "no such challenge");
    refuse(BOB, CHANGED(fixture_respond(&f, BOB, first, true), tx.respond.object.byte[0] = 1), "gives no state");
    refuse(BOB, fixture_respond(&f, BOB, second, true), "an earlier challenge");
    apply_now(fixture_respond(&f, BOB, second, false));
    assert_int_equal(challenge(second)->answered, CHALLENGE_ANSWERED);
    assert_true(hash_equal(challenge(second)->answer, hash_of_text("own state")));
    refuse(BOB, fixture_respond(&f, BOB, second, false), "answered already");
    seal();
    uint64_t carol = balance(CAROL), val = balance(VAL), burnt = state_totals(s).burnt;
    apply_now(fixture_respond(&f, BOB, first, true));
    assert_int_equal(state_of(id), PROPOSAL_REFUTED);
    assert_int_equal(challenge(first)->state, CHALLENGE_UPHELD);
    assert_int_equal(challenge(first)->answered, CHALLENGE_CONCEDED);
    assert_true(hash_equal(challenge(first)->found, hash_of_text("found")));
    assert_int_equal(challenge(second)->state, CHALLENGE_RETURNED);
    assert_int_equal(balance(CAROL), carol + DEPOSIT + 500);
    assert_int_equal(balance(VAL), val + DEPOSIT);
    assert_int_equal(staked(VAL), 90000);
    assert_int_equal(state_totals(s).burnt, burnt + 10000 + 500);
    seal();
    const struct hash *ruled;
    assert_int_equal(state_ruled(s, &ruled), 0); /* no verdict: nothing to execute again */
}

/* A state that was saved and read goes on to the same hashes, disputes and all. */
static void test_saved(void **state)
{
    (void)state;
    struct fixture_claim c = fixture_claim(1, 550);
    struct hash id = scene(&c);
    reveal_both(id, &c);
    struct hash lost = apply_now(fixture_challenge(&f, CAROL, id, 2, 7, DEPOSIT));
    apply_now(fixture_challenge(&f, CAROL, id, 1, 7, DEPOSIT));
    apply_now(fixture_respond(&f, BOB, lost, false));
    apply_now(fixture_verdict(&f, CAROL, lost, false));
    seal();
    struct bytes saved = {0};
    struct error err = {0};
    state_save(s, &saved);
    struct state *again = state_load(saved.data, saved.n, &f.genesis, &err);
    if (!again)
        fail_msg("%s", err.text);
    assert_int_equal(state_challenge_least(again, state_proposal_find(again, id)), 2 * DEPOSIT);
    assert_int_equal(state_proposal_find(again, id)->disputes, 1);
    for (int i = 1; i < 9; i++) {
        assert_true(state_end_block(again, height + (uint64_t)i, START_US + 900000000, NULL));
        assert_true(state_audit(again, NULL));
    }
    seal_after(900 - (int64_t)height);
    for (int i = 1; i < 8; i++)
        seal_after(0);
    assert_true(hash_equal(state_hash(s), state_hash(again)));
    state_free(again);
    bytes_free(&saved);
}

/* Eight challenges to a claim that is conceded at once. */
static struct hash eight(unsigned k, struct hash *oldest)
{
    struct fixture_claim c = fixture_claim(k, 550);
    struct hash id = opened(BOB, task, &c, others, 2), one;
    for (int i = 0; i < STATE_CHALLENGES_OPEN_MAX; i++) {
        one = apply_now(fixture_challenge(&f, CAROL, id, 0, 0, DEPOSIT));
        if (i == 0)
            *oldest = one;
    }
    apply_now(fixture_respond(&f, BOB, *oldest, true));
    apply_now(fixture_transfer(&f, CAROL, BOB, 1000));
    assert_int_equal(state_of(id), PROPOSAL_REFUTED);
    return one;
}

/* Those of claims that are closed are dropped, in batches; an open claim keeps all of its own. */
static void test_forgotten(void **state)
{
    (void)state;
    struct fixture_claim c = fixture_claim(1, 550);
    struct hash oldest, first, last = {{0}};
    const struct state_challenge *all;
    const unsigned batches = 2 * STATE_CLOSED_KEPT / STATE_CHALLENGES_OPEN_MAX + 2;
    f.genesis.finder_ppm = 1000000;
    f.genesis.commit_blocks = 1;
    scene(&c);
    f.genesis.expiry_blocks = f.genesis.dispute_blocks = 100000;
    f.genesis.unbonding_blocks = 200001;
    f.genesis.commit_blocks = 1;
    fresh();
    apply_now(fixture_transfer(&f, ALICE, CAROL, 300000));
    tx = fixture_task(&f, ALICE, 0);
    tx.task.reviewers = tx.task.approvals = 1;
    task = apply(&tx);
    struct hash id = opened(ALICE, task, &c, (const int[]){VAL, BOB}, 2);
    struct hash lost = apply_now(fixture_challenge(&f, CAROL, id, 0, 0, DEPOSIT));
    apply_now(fixture_verdict(&f, VAL, lost, false));
    struct hash open = apply_now(fixture_challenge(&f, CAROL, id, 0, 0, 2 * DEPOSIT));
    for (unsigned k = 0; k < batches; k++) {
        last = eight(2 + k, &oldest);
        first = k ? first : oldest;
        if (k == batches / 2)
            assert_non_null(state_challenge_find(s, first));
    }
    seal();
    assert_null(state_challenge_find(s, first));
    assert_non_null(state_challenge_find(s, last));
    assert_true(state_challenges(s, &all) < 2 * STATE_CLOSED_KEPT);
    assert_int_equal(challenge(lost)->state, CHALLENGE_DISMISSED);
    assert_int_equal(challenge(open)->state, CHALLENGE_OPEN);
    assert_int_equal(state_challenge_least(s, state_proposal_find(s, id)), 2 * DEPOSIT);
    apply_now(fixture_verdict(&f, VAL, open, true));
    assert_int_equal(state_of(id), PROPOSAL_REFUTED);
    seal();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rules_start, rules_end)

/* Those that are forgotten are not those of the block that is being hashed. */
static void test_many_end_in_one_block(void **state)
{
    (void)state;
    struct fixture_claim c = fixture_claim(1, 550);
    struct hash id = scene(&c), first = {{0}};
    for (uint32_t i = 0; i < 3 * STATE_CLOSED_KEPT; i++) {
        struct tx_challenge body = {.proposal = id, .deposit = 1};
        struct hash name = hash_of(&i, sizeof i);
        first = i ? first : name;
        state_add_challenge(s, name, f.who[VAL], &body);
    }
    uint64_t before = balance(VAL);
    apply_now(fixture_verdict(&f, CAROL, first, true));
    seal();
    assert_int_equal(balance(VAL), before + 3 * STATE_CLOSED_KEPT + 500);
    assert_int_equal(challenge(first)->state, CHALLENGE_UPHELD);
    const struct state_challenge *all;
    assert_int_equal(state_challenges(s, &all), 3 * STATE_CLOSED_KEPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_who_may), TEST(test_closed_chains_have_none), TEST(test_upheld),
        TEST(test_many_end_in_one_block), TEST(test_upheld_behind_the_reveals), TEST(test_dismissed),
        TEST(test_lapsed), TEST(test_verified_waits), TEST(test_expiry_waits), TEST(test_answers),
        TEST(test_saved), TEST(test_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
