/* The compute market: a job from its offer to each of its ends, on a chain with three validators. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "chain/state_job.h"
#include "chain/state_save.h"
#include "tests/unit/state_fixture.h"

static struct hash task;

/* val, bob and alice validate; carol works, with 20000. */
static void ready(void)
{
    three_validators();
    struct tx tx = fixture_task(&f, ALICE, 1000);
    tx.task.reviewers = 1;
    tx.task.approvals = 1;
    tx.task.reviewer[0] = f.who[BOB];
    task = apply(&tx);
    apply_now(fixture_transfer(&f, ALICE, CAROL, 20000));
    seal();
}

static struct tx job(int who, uint64_t pay, uint64_t deposit)
{
    struct tx tx = fixture_tx(&f, who, TX_JOB);
    struct fixture_claim c = fixture_claim(5, 600);
    tx.job = (struct tx_job){task, c.content.arch, pay, deposit, 3, 2};
    return tx;
}

static struct tx take(int who, struct hash id)
{
    struct tx tx = fixture_tx(&f, who, TX_TAKE);
    tx.take.job = id;
    return tx;
}

static struct tx result(int who, struct hash proposal, const struct fixture_claim *c)
{
    struct tx tx = fixture_tx(&f, who, TX_RESULT);
    tx.result = (struct tx_result){proposal, c->content.counts, c->content.hidden_root, c->content.evidence};
    return tx;
}

static struct tx refund(int who, struct hash id)
{
    struct tx tx = fixture_tx(&f, who, TX_REFUND);
    tx.refund.of = id;
    return tx;
}

static struct state_job job_of(struct hash id)
{
    return *state_job_find(s, id);
}

static void test_offer(void **state)
{
    (void)state;
    ready();
    struct tx tx = job(BOB, 0, 100);
    refuse(BOB, tx, "amount is 0");
    refuse(BOB, job(BOB, 100, 0), "deposit");
    tx = job(BOB, 100, 100);
    tx.job.blocks = 0;
    refuse(BOB, tx, "at least one block");
    tx = job(BOB, 100, 100);
    tx.job.task.byte[0] ^= 1;
    refuse(BOB, tx, "not on this chain");
    uint64_t bob = balance(BOB);
    struct hash id = apply_now(job(BOB, 100, 200));
    assert_int_equal(balance(BOB), bob - 110);
    assert_int_equal(state_totals(s).escrows, 1100);
    refuse(BOB, take(BOB, id), "nobody takes their own");
    refuse(CAROL, refund(CAROL, id), "only its owner");
    apply_now(refund(BOB, id));
    assert_int_equal(balance(BOB), bob - 20);
    assert_int_equal(job_of(id).state, JOB_WITHDRAWN);
    refuse(CAROL, take(CAROL, id), "is withdrawn");
    seal();
}

static void test_closed_chain(void **state)
{
    (void)state;
    task = with_task(100);
    refuse(BOB, job(BOB, 100, 100), "closed chain");
}

/* Committed, opened and revealed by val, bob and alice as `found`. */
static void check_result(struct hash proposal, const struct fixture_claim *c, const struct tx_finding *found)
{
    static const int who[] = {VAL, BOB, ALICE};
    for (int i = 0; i < 3; i++)
        apply_now(fixture_commit(&f, who[i], proposal, found));
    seal();
    apply_now(fixture_open(&f, CAROL, proposal, c));
    refuse(BOB, fixture_decide(&f, BOB, true, proposal, c), "job's result");
    refuse(BOB, fixture_decide(&f, BOB, false, proposal, c), "job's result");
    for (int i = 0; i < 3; i++)
        apply_now(fixture_reveal(&f, who[i], proposal, found));
    seal();
}

static struct hash taken(struct hash id)
{
    struct hash proposal = apply_now(take(CAROL, id));
    refuse(VAL, take(VAL, id), "is taken");
    seal();
    return proposal;
}

static void test_paid(void **state)
{
    (void)state;
    ready();
    struct fixture_claim c = fixture_claim(5, 600);
    struct hash id = apply_now(job(BOB, 700, 2000)), proposal = taken(id);
    uint64_t before = balance(CAROL), treasury = state_task_find(s, task)->best_total;
    refuse(CAROL, refund(CAROL, id), "only its owner");
    refuse(BOB, refund(BOB, id), "is taken");
    refuse(VAL, result(VAL, proposal, &c), "somebody else");
    struct tx tx = result(CAROL, proposal, &c);
    tx.result.counts.folds = 1;
    refuse(CAROL, tx, "folds");
    refuse(CAROL, fixture_propose(&f, CAROL, proposal, &c), "job");
    apply_now(result(CAROL, proposal, &c));
    refuse(CAROL, result(CAROL, proposal, &c), "claimed");
    check_result(proposal, &c, &c.finding);
    assert_int_equal(state_of(proposal), PROPOSAL_ACCEPTED);
    assert_int_equal(job_of(id).state, JOB_PAID);
    /* the pay and the deposit, less what attested to it, less two fees */
    uint64_t attested = 2000 * f.genesis.attest_ppm / TX_PPM, back = balance(CAROL) - before + 20;
    assert_in_range(back, 700 + 2000 - attested, 700 + 2000);
    assert_int_equal(state_task_find(s, task)->best_total, treasury); /* no improvement of the task */
    assert_int_equal(state_task_find(s, task)->earned_ppm, 0);
    assert_int_equal(state_totals(s).escrows, 1000);
}

/* A result is in no proposal's way, nor a proposal in a result's. */
static void test_beside_proposals(void **state)
{
    (void)state;
    ready();
    struct fixture_claim c = fixture_claim(5, 600);
    struct hash own = apply_now(fixture_announce(&f, BOB, task, &c));
    struct hash id = apply_now(job(BOB, 700, 2000)), proposal = taken(id);
    apply_now(fixture_propose(&f, BOB, own, &c));
    apply_now(result(CAROL, proposal, &c));
    struct hash later = announced(ALICE, task, &c);
    refuse(ALICE, fixture_propose(&f, ALICE, later, &c), "announced earlier");
    assert_int_equal(state_of(own), PROPOSAL_CLAIMED);
    assert_int_equal(state_of(proposal), PROPOSAL_CLAIMED);
}

static void test_refuted(void **state)
{
    (void)state;
    ready();
    struct fixture_claim c = fixture_claim(5, 600), other = fixture_claim(5, 500);
    struct hash id = apply_now(job(BOB, 700, 2000)), proposal = taken(id);
    apply_now(result(CAROL, proposal, &c));
    uint64_t bob = balance(BOB), carol = balance(CAROL), burnt = state_totals(s).burnt;
    check_result(proposal, &c, &other.finding);
    assert_int_equal(state_of(proposal), PROPOSAL_REFUTED);
    assert_int_equal(job_of(id).state, JOB_RETURNED);
    assert_int_equal(balance(CAROL), carol - 10); /* the opening's fee: the deposit is gone */
    assert_true(balance(BOB) >= bob + 700 - 40);
    assert_true(state_totals(s).burnt > burnt);
    assert_int_equal(state_totals(s).escrows, 1000);
}

/* Taken in block 2 at 2 s: three blocks and two seconds later nothing is there. */
static void test_not_delivered(void **state)
{
    (void)state;
    ready();
    struct hash id = apply_now(job(BOB, 700, 2001)), proposal = taken(id);
    uint64_t bob = balance(BOB);
    seal_after(0);
    seal_after(1);
    assert_int_equal(state_of(proposal), PROPOSAL_ANNOUNCED);
    seal_after(0); /* the blocks have passed, the seconds have not */
    assert_int_equal(state_of(proposal), PROPOSAL_ANNOUNCED);
    assert_true(state_waits(s, (struct state_moment){height + 1, START_US + 9000000}));
    seal_after(1);
    assert_int_equal(state_of(proposal), PROPOSAL_EXPIRED);
    assert_int_equal(job_of(id).state, JOB_RETURNED);
    assert_int_equal(balance(BOB), bob + 700 + 1000); /* half of the deposit, rounded down */
    assert_int_equal(state_totals(s).burnt, 1001);
    struct fixture_claim c = fixture_claim(5, 600);
    refuse(CAROL, result(CAROL, proposal, &c), "expired");
}

/* No empty blocks are made for a window that is longer than any of the chain's own. */
static void test_long_windows_wait_for_nobody(void **state)
{
    (void)state;
    ready();
    struct tx long_one = job(BOB, 700, 2001), usual = long_one;
    long_one.job.blocks = f.genesis.expiry_blocks + 1;
    usual.job.blocks = f.genesis.expiry_blocks;
    taken(apply(&long_one));
    seal_after(1);
    struct state_moment later = {height + 1, START_US + 900000000};
    assert_false(state_waits(s, later));
    usual.nonce = ++f.nonce[BOB];
    taken(apply(&usual));
    seal_after(1);
    later.height = height + 1;
    assert_true(state_waits(s, later));
}

/* Delivered in the last block of the window; what then nobody commits to returns both. */
static void test_nobody_checks(void **state)
{
    (void)state;
    ready();
    struct fixture_claim c = fixture_claim(5, 600);
    struct hash id = apply_now(job(BOB, 700, 2000)), proposal = taken(id);
    uint64_t bob = balance(BOB), carol = balance(CAROL);
    seal();
    seal();
    apply_now(result(CAROL, proposal, &c));
    for (uint32_t i = 0; i <= f.genesis.expiry_blocks; i++)
        seal();
    assert_int_equal(state_of(proposal), PROPOSAL_EXPIRED);
    assert_int_equal(job_of(id).state, JOB_RETURNED);
    assert_int_equal(balance(BOB), bob + 700);
    assert_int_equal(balance(CAROL), carol + 2000 - 10);
    assert_int_equal(state_totals(s).burnt, 0);
}

/* What is due is noted again when a state is loaded. */
static void test_saved(void **state)
{
    (void)state;
    ready();
    struct hash ids[40], proposal = {{0}};
    for (int i = 0; i < 40; i++) {
        struct tx tx = job(BOB, 10, 20);
        tx.job.blocks = 1 + (uint32_t)(i * 7 % 13);
        ids[i] = apply(&tx);
    }
    seal();
    for (int i = 0; i < 40; i += 2)
        proposal = apply_now(take(CAROL, ids[i]));
    seal();
    struct bytes b = {0};
    struct error err = {0};
    state_save(s, &b);
    struct state *again = state_load(b.data, b.n, &f.genesis, &err);
    if (!again)
        fail_msg("%s", err.text);
    for (int i = 0; i < 20; i++) {
        seal();
        assert_true(state_end_block(again, height, START_US + (int64_t)height * 1000000, NULL));
        assert_true(hash_equal(state_hash(s), state_hash(again)));
    }
    assert_int_equal(state_of(proposal), PROPOSAL_EXPIRED);
    for (int i = 0; i < 40; i++)
        assert_int_equal(job_of(ids[i]).state, i % 2 ? JOB_OPEN : JOB_RETURNED);
    state_free(again);
    bytes_free(&b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rules_start, rules_end)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_offer),         TEST(test_closed_chain), TEST(test_paid),
                                       TEST(test_beside_proposals), TEST(test_refuted),   TEST(test_not_delivered),
                                       TEST(test_long_windows_wait_for_nobody),
                                       TEST(test_nobody_checks), TEST(test_saved)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
