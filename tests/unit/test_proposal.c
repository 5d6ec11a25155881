/* The life of a proposal: every rule of announcing, claiming, attesting, opening, judging, deciding, expiring, paying. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "chain/share.h"
#include "tests/unit/state_fixture.h"

static const int VAL_ALONE[] = {VAL};

#define CHANGED(tx_expression, change)                                                                                 \
    (tx = (tx_expression), (change), tx)

static void test_announce(void **state)
{
    (void)state;
    struct hash task = with_task(10000);
    struct fixture_claim c = fixture_claim(1, 550);
    struct tx tx;
    refuse(BOB, CHANGED(fixture_announce(&f, BOB, task, &c), tx.announce.task.byte[0] ^= 1), "not on this chain");
    refuse(BOB, CHANGED(fixture_announce(&f, BOB, task, &c), tx.announce.stake = 0), "amount is 0");
    refuse(BOB, CHANGED(fixture_announce(&f, BOB, task, &c), tx.announce.stake = 299991), "balance");
    tx = fixture_announce(&f, BOB, task, &c);
    struct hash id = apply(&tx);
    const struct state_proposal *p = state_proposal_find(s, id);
    assert_int_equal(p->state, PROPOSAL_ANNOUNCED);
    assert_int_equal(p->announced.height, 2);
    assert_int_equal(p->order, 0);
    assert_memory_equal(&p->announce, &tx.announce, sizeof tx.announce);
    assert_int_equal(balance(BOB), 300000 - 1010);
    assert_int_equal(state_totals(s).stakes, 100000 + 1000);
    seal();
    assert_int_equal(state_proposal_find(s, id)->announced.time_us, START_US + 2000000);
    struct address turn[STATE_VALIDATORS_MAX];
    assert_int_equal(state_waiting(s, state_proposal_find(s, id), turn), 1);
    assert_true(address_equal(turn[0], f.who[BOB]));
}

static void test_propose(void **state)
{
    (void)state;
    struct hash task = with_task(10000);
    struct fixture_claim c = fixture_claim(1, 550), other = fixture_claim(2, 550);
    struct tx tx;
    struct hash id = apply_now(fixture_announce(&f, BOB, task, &c));
    refuse(BOB, fixture_propose(&f, BOB, id, &c), "earlier block");
    seal();
    refuse(BOB, fixture_propose(&f, BOB, task, &c), "no such proposal");
    refuse(ALICE, fixture_propose(&f, ALICE, id, &c), "somebody else");
    refuse(BOB, fixture_propose(&f, BOB, id, &other), "not what was announced");
    refuse(BOB, CHANGED(fixture_propose(&f, BOB, id, &c), tx.propose.salt.byte[3] ^= 1), "not what was announced");
    refuse(BOB, CHANGED(fixture_propose(&f, BOB, id, &c), tx.propose.evidence.byte[3] ^= 1), "not what was announced");
    refuse(BOB, CHANGED(fixture_propose(&f, BOB, id, &c), tx.propose.counts.correct[0]++), "not what was announced");
    tx = fixture_propose(&f, BOB, id, &c);
    apply(&tx);
    const struct state_proposal *p = state_proposal_find(s, id);
    assert_int_equal(p->state, PROPOSAL_CLAIMED);
    assert_int_equal(p->claimed.height, 3);
    assert_memory_equal(&p->body, &tx.propose, sizeof tx.propose);
    refuse(BOB, fixture_propose(&f, BOB, id, &c), "it would have to be announced");
    seal();
    assert_int_equal(state_proposal_find(s, id)->claimed.time_us, START_US + 3000000);
}

static void refuse_counts(struct hash task, int folds, uint32_t correct, uint32_t total, const char *words)
{
    struct fixture_claim c = fixture_claim(7, 500);
    c.content.counts.folds = folds;
    for (int i = 0; i < folds; i++) { /* what cannot be decoded cannot be announced either */
        c.content.counts.correct[i] = correct;
        c.content.counts.total[i] = total;
    }
    struct hash id = announced(BOB, task, &c);
    refuse(BOB, fixture_propose(&f, BOB, id, &c), words);
}

static void test_counts(void **state)
{
    (void)state;
    struct hash task = with_task(10000);
    refuse_counts(task, 3, 1, 2, "3 folds, its task 2");
    refuse_counts(task, 1, 1, 2, "1 folds, its task 2");
    refuse_counts(task, 2, 0, 0, "no predictions");
    refuse_counts(task, 2, 1001, 1000, "1001 correct of 1000");
}

/* Who announced first goes first; the later one is refused while the earlier one stands, and for good once it is accepted. */
static void test_priority(void **state)
{
    (void)state;
    struct hash task = with_task(10000), second_task = with_task(5);
    struct fixture_claim c = fixture_claim(1, 550);
    struct hash first = apply_now(fixture_announce(&f, BOB, task, &c));
    struct hash second = apply_now(fixture_announce(&f, ALICE, task, &c)); /* same block, behind */
    struct hash elsewhere = apply_now(fixture_announce(&f, ALICE, second_task, &c));
    seal();
    struct hash third = apply_now(fixture_announce(&f, BOB, task, &c));
    seal();
    apply_now(fixture_propose(&f, ALICE, second, &c)); /* nobody earlier has claimed */
    assert_ptr_equal(state_proposal_open(s, task, c.content.arch), state_proposal_find(s, second));
    apply_now(fixture_propose(&f, BOB, first, &c)); /* the earlier one still may */
    assert_ptr_equal(state_proposal_open(s, task, c.content.arch), state_proposal_find(s, first));
    refuse(BOB, fixture_propose(&f, BOB, third, &c), "announced earlier");
    apply_now(fixture_propose(&f, ALICE, elsewhere, &c)); /* another task */
    apply_now(fixture_commit(&f, VAL, first, &c.finding));
    seal();
    apply_now(fixture_open(&f, BOB, first, &c));
    apply_now(fixture_reveal(&f, VAL, first, &c.finding));
    seal();
    refuse(BOB, fixture_propose(&f, BOB, third, &c), "announced earlier"); /* verified */
    apply_now(fixture_decide(&f, ALICE, true, first, &c));
    assert_int_equal(state_of(first), PROPOSAL_ACCEPTED);
    refuse(BOB, fixture_propose(&f, BOB, third, &c), "announced earlier"); /* accepted */
    assert_ptr_equal(state_proposal_open(s, task, c.content.arch), state_proposal_find(s, second));
}

/* One that was accepted bars those that were announced behind it, not one before it. */
static void test_priority_over_accepted(void **state)
{
    (void)state;
    f.genesis.expiry_blocks = 50;
    fresh();
    struct hash task = with_task(10000);
    struct fixture_claim c = fixture_claim(1, 550);
    struct hash first = apply_now(fixture_announce(&f, BOB, task, &c));
    struct hash middle = apply_now(fixture_announce(&f, VAL, task, &c));
    struct hash later = verified(ALICE, task, &c);
    apply_now(fixture_decide(&f, ALICE, true, later, &c));
    assert_int_equal(state_of(later), PROPOSAL_ACCEPTED);
    apply_now(fixture_propose(&f, BOB, first, &c));
    apply_now(fixture_commit(&f, VAL, first, &c.finding));
    seal();
    apply_now(fixture_open(&f, BOB, first, &c));
    apply_now(fixture_reveal(&f, VAL, first, &c.finding));
    apply_now(fixture_decide(&f, ALICE, true, first, &c));
    seal();
    assert_int_equal(state_of(first), PROPOSAL_ACCEPTED);
    refuse(VAL, fixture_propose(&f, VAL, middle, &c), "announced earlier"); /* of the accepted the first one counts */
}

/* The same where many are open: of one architecture for a hundred tasks, and of a hundred for one task. */
static void test_priority_among_many(void **state)
{
    (void)state;
    f.genesis.expiry_blocks = 500;
    fresh();
    struct hash task = with_task(0), each[100];
    struct fixture_claim c = fixture_claim(1, 550);
    struct hash first = apply_now(fixture_announce(&f, BOB, task, &c));
    struct hash second = apply_now(fixture_announce(&f, ALICE, task, &c));
    struct hash third = apply_now(fixture_announce(&f, VAL, task, &c));
    seal();
    apply_now(fixture_propose(&f, ALICE, second, &c));
    apply_now(fixture_propose(&f, BOB, first, &c));
    for (int i = 0; i < 100; i++) {
        struct fixture_claim other = fixture_claim(2 + (unsigned)i, 550);
        each[i] = apply_now(fixture_announce(&f, BOB, apply_now(fixture_task(&f, ALICE, 0)), &c));
        claimed(ALICE, task, &other);
    }
    for (int i = 0; i < 100; i++)
        apply_now(fixture_propose(&f, BOB, each[i], &c));
    assert_ptr_equal(state_proposal_open(s, task, c.content.arch), state_proposal_find(s, first));
    refuse(VAL, fixture_propose(&f, VAL, third, &c), "announced earlier");
    for (int i = 0; i < 600; i++)
        seal();
    assert_null(state_proposal_open(s, task, c.content.arch));
}

/* What an expired claim held is free again. */
static void test_free_again(void **state)
{
    (void)state;
    f.genesis.expiry_blocks = 3;
    fresh();
    struct hash task = with_task(10000);
    struct fixture_claim c = fixture_claim(1, 550);
    struct hash first = claimed(BOB, task, &c);
    seal();
    seal();
    struct hash second = apply_now(fixture_announce(&f, ALICE, task, &c));
    seal();
    assert_int_equal(state_of(first), PROPOSAL_CLAIMED);
    refuse(ALICE, fixture_propose(&f, ALICE, second, &c), "announced earlier");
    seal();
    assert_int_equal(state_of(first), PROPOSAL_EXPIRED);
    assert_null(state_proposal_open(s, task, c.content.arch));
    apply_now(fixture_propose(&f, ALICE, second, &c));
}

static void test_commit(void **state)
{
    (void)state;
    three_validators();
    struct tx tx = fixture_tx(&f, ALICE, TX_TASK);
    struct fixture_claim c = fixture_claim(1, 550);
    tx.task = fixture_task(&f, ALICE, 100).task;
    f.nonce[ALICE]--;
    tx.task.reviewers = tx.task.approvals = 1;
    tx.task.reviewer[0] = f.who[CAROL];
    struct hash task = apply(&tx);
    apply_now(fixture_transfer(&f, ALICE, CAROL, 1000));
    struct hash id = announced(BOB, task, &c);
    refuse(VAL, fixture_commit(&f, VAL, id, &c.finding), "it would have to be claimed");
    apply_now(fixture_propose(&f, BOB, id, &c));
    refuse(CAROL, fixture_commit(&f, CAROL, id, &c.finding), "no validator");
    refuse(BOB, fixture_commit(&f, BOB, id, &c.finding), "their own");
    refuse(VAL, fixture_commit(&f, VAL, task, &c.finding), "no such proposal");
    struct address turn[STATE_VALIDATORS_MAX];
    assert_int_equal(state_waiting(s, state_proposal_find(s, id), turn), 2);
    apply_now(fixture_commit(&f, VAL, id, &c.finding));
    refuse(VAL, fixture_commit(&f, VAL, id, &c.finding), "committed already");
    assert_int_equal(state_waiting(s, state_proposal_find(s, id), turn), 1);
    assert_true(address_equal(turn[0], f.who[ALICE]));
    seal();
    assert_int_equal(state_of(id), PROPOSAL_CLAIMED); /* alice may still */
    apply_now(fixture_commit(&f, ALICE, id, &c.finding));
    assert_int_equal(state_of(id), PROPOSAL_CLAIMED);
    seal();
    assert_int_equal(state_of(id), PROPOSAL_REVEALING);
    const struct state_proposal *p = state_proposal_find(s, id);
    assert_int_equal(p->committed.height, height);
    assert_int_equal(p->attests, 2);
    assert_false(p->attest[0].self || p->attest[1].self);
    refuse(ALICE, fixture_commit(&f, ALICE, id, &c.finding), "it would have to be claimed");
    assert_int_equal(state_waiting(s, p, turn), 1);
    assert_true(address_equal(turn[0], f.who[BOB]));
}

/* A validator whose stake is gone cannot commit, and nobody waits for it. */
static void test_commit_without_stake(void **state)
{
    (void)state;
    f.genesis.missed_ppm = 1000000;
    f.genesis.reveal_blocks = 1;
    fresh(); /* with several validators genesis could not take all */
    struct tx tx = fixture_task(&f, ALICE, 100);
    tx.task.reviewers = tx.task.approvals = 1;
    struct hash task = apply(&tx);
    struct fixture_claim c = fixture_claim(1, 550), d = fixture_claim(2, 550);
    struct hash id = opened(BOB, task, &c, (const int[]){VAL}, 1);
    seal();
    seal(); /* val missed its reveal: all of its stake is burnt */
    assert_int_equal(staked(VAL), 0);
    assert_int_equal(state_totals(s).burnt, 100000);
    id = claimed(BOB, task, &d);
    refuse(VAL, fixture_commit(&f, VAL, id, &d.finding), "no validator with a stake");
}

/* The commits' window: height and time, and at least one. */
static void test_commit_window(void **state)
{
    (void)state;
    f.genesis.commit_blocks = 3;
    f.genesis.commit_seconds = 100;
    f.genesis.expiry_blocks = 50;
    f.genesis.unbonding_seconds = 101;
    three_validators();
    struct tx tx = fixture_task(&f, ALICE, 100);
    tx.task.reviewers = tx.task.approvals = 1;
    struct hash task = apply(&tx);
    struct fixture_claim c = fixture_claim(1, 550), d = fixture_claim(2, 550), e = fixture_claim(3, 550);
    struct hash id = claimed(BOB, task, &c), late = apply_now(fixture_announce(&f, BOB, task, &e));
    apply_now(fixture_commit(&f, VAL, id, &c.finding));
    seal(); /* the claim's block */
    struct hash none = claimed(BOB, task, &d);
    seal();
    seal();
    assert_int_equal(state_of(id), PROPOSAL_CLAIMED);
    seal_after(96); /* 3 blocks and 99 s */
    assert_int_equal(state_of(id), PROPOSAL_CLAIMED);
    seal();
    assert_int_equal(state_of(id), PROPOSAL_REVEALING);
    apply_now(fixture_propose(&f, BOB, late, &e));
    apply_now(fixture_commit(&f, VAL, late, &e.finding));
    seal_after(200); /* time alone is not enough */
    seal_after(200);
    seal_after(200);
    assert_int_equal(state_of(late), PROPOSAL_CLAIMED);
    seal();
    assert_int_equal(state_of(late), PROPOSAL_REVEALING);
    assert_int_equal(state_of(none), PROPOSAL_CLAIMED); /* nobody has: it waits, and the first one closes it */
    apply_now(fixture_commit(&f, ALICE, none, &d.finding));
    seal();
    assert_int_equal(state_of(none), PROPOSAL_REVEALING);
}

static void test_open(void **state)
{
    (void)state;
    struct hash task = with_task(10000);
    struct fixture_claim c = fixture_claim(1, 550);
    struct tx tx;
    struct hash id = claimed(BOB, task, &c);
    refuse(BOB, fixture_open(&f, BOB, id, &c), "it would have to be revealing");
    apply_now(fixture_commit(&f, VAL, id, &c.finding));
    seal();
    refuse(VAL, fixture_reveal(&f, VAL, id, &c.finding), "not opened");
    refuse(ALICE, fixture_decide(&f, ALICE, true, id, &c), "not opened");
    refuse(ALICE, fixture_open(&f, ALICE, id, &c), "only the proposer");
    refuse(BOB, CHANGED(fixture_open(&f, BOB, id, &c), tx.open.trace_root.byte[0] ^= 1), "not those that were claimed");
    refuse(BOB, CHANGED(fixture_open(&f, BOB, id, &c), tx.open.weights.byte[0] ^= 1), "not those that were claimed");
    refuse(BOB, CHANGED(fixture_open(&f, BOB, id, &c), tx.open.salt.byte[0] ^= 1), "not those that were claimed");
    apply_now(fixture_open(&f, BOB, id, &c));
    refuse(BOB, fixture_open(&f, BOB, id, &c), "open already");
    struct tx_finding claim = state_claim(state_proposal_find(s, id));
    assert_true(tx_finding_equal(&claim, &c.finding));
    struct address turn[STATE_VALIDATORS_MAX];
    assert_int_equal(state_waiting(s, state_proposal_find(s, id), turn), 1);
    assert_true(address_equal(turn[0], f.who[VAL]));
    seal();
    assert_int_equal(state_proposal_find(s, id)->opened.time_us, START_US + (int64_t)height * 1000000);
}

static void test_reveal(void **state)
{
    (void)state;
    struct hash task = with_task(10000);
    struct fixture_claim c = fixture_claim(1, 550), d = fixture_claim(2, 550);
    struct tx tx;
    struct hash id = opened(BOB, task, &c, VAL_ALONE, 1);
    refuse(ALICE, fixture_reveal(&f, ALICE, id, &c.finding), "has not committed");
    refuse(VAL, fixture_reveal(&f, VAL, id, &d.finding), "not what the sender committed");
    refuse(VAL, CHANGED(fixture_reveal(&f, VAL, id, &c.finding), tx.reveal.salt.byte[9] ^= 1), "not what the sender committed");
    apply_now(fixture_reveal(&f, VAL, id, &c.finding));
    refuse(VAL, fixture_reveal(&f, VAL, id, &c.finding), "revealed already");
    assert_false(state_proposal_find(s, id)->verified);
    seal();
    const struct state_proposal *p = state_proposal_find(s, id);
    assert_true(p->verified);
    assert_int_equal(p->state, PROPOSAL_REVEALING);
    const struct hash *judged;
    assert_int_equal(state_judged(s, &judged), 1);
    assert_true(hash_equal(judged[0], id));
    refuse(VAL, fixture_reveal(&f, VAL, id, &c.finding), "closed");
    struct address turn[STATE_VALIDATORS_MAX];
    assert_int_equal(state_waiting(s, p, turn), 1);
    assert_true(address_equal(turn[0], f.who[ALICE]));
    seal();
    assert_int_equal(state_judged(s, &judged), 0);
}

/* Not opened in time: the whole stake is burnt, and nobody is blamed for a reveal that could not be made. */
static void test_not_opened(void **state)
{
    (void)state;
    f.genesis.reveal_blocks = 2;
    f.genesis.reveal_seconds = 100;
    fresh();
    struct hash task = with_task(10000);
    struct fixture_claim c = fixture_claim(1, 550);
    struct hash id = committed(BOB, task, &c, VAL_ALONE, 1);
    uint64_t before = balance(BOB);
    seal();
    seal();
    seal_after(97);
    assert_int_equal(state_of(id), PROPOSAL_REVEALING);
    seal();
    assert_int_equal(state_of(id), PROPOSAL_REFUTED);
    assert_int_equal(state_totals(s).burnt, 1000);
    assert_int_equal(balance(BOB), before);
    assert_int_equal(staked(VAL), 100000);
    assert_int_equal(state_totals(s).stakes, 100000);
    refuse(BOB, fixture_open(&f, BOB, id, &c), "is refuted");
}

/* Who opens at the last moment leaves the validators their whole window. */
static void test_late_opening(void **state)
{
    (void)state;
    struct hash task = with_task(10000);
    struct fixture_claim c = fixture_claim(1, 550);
    struct hash id = committed(BOB, task, &c, VAL_ALONE, 1);
    seal();
    apply_now(fixture_open(&f, BOB, id, &c)); /* two blocks behind the commits: the last one there is */
    seal();
    seal();
    assert_int_equal(state_of(id), PROPOSAL_REVEALING);
    apply_now(fixture_reveal(&f, VAL, id, &c.finding));
    seal();
    assert_true(state_proposal_find(s, id)->verified);
    assert_int_equal(staked(VAL), 100000);
}

/* A committed validator that stays silent loses its share, to the fire; the others' majority still counts. */
static void test_missed(void **state)
{
    (void)state;
    f.genesis.expiry_blocks = 50;
    three_validators();
    struct tx tx = fixture_task(&f, ALICE, 100);
    tx.task.reviewers = tx.task.approvals = 1;
    struct hash task = apply(&tx);
    struct fixture_claim c = fixture_claim(1, 550), d = fixture_claim(2, 550), e = fixture_claim(3, 550);
    struct hash id = opened(BOB, task, &c, (const int[]){VAL, ALICE}, 2);
    apply_now(fixture_reveal(&f, VAL, id, &c.finding));
    seal();
    seal();
    assert_int_equal(staked(ALICE), 50000);
    assert_false(state_proposal_find(s, id)->verified);
    seal();
    assert_int_equal(staked(ALICE), 45000);
    assert_int_equal(staked(VAL), 100000);
    assert_int_equal(state_totals(s).burnt, 5000);
    assert_true(state_proposal_find(s, id)->verified);

    /* The silent one's stake does not count at all. */
    id = opened(BOB, task, &e, (const int[]){VAL, ALICE}, 2);
    apply_now(fixture_reveal(&f, ALICE, id, &e.finding));
    seal();
    seal();
    seal();
    assert_true(state_proposal_find(s, id)->verified);
    assert_int_equal(staked(VAL), 90000);

    /* All are silent: nothing is known, the stake returns. */
    uint64_t before = balance(BOB);
    id = opened(BOB, task, &d, (const int[]){VAL, ALICE}, 2);
    seal();
    seal();
    seal();
    assert_int_equal(state_of(id), PROPOSAL_EXPIRED);
    assert_int_equal(staked(ALICE), 40500);
    assert_int_equal(staked(VAL), 81000);
    assert_int_equal(balance(BOB), before - 30);
}

static struct tx amount_tx(int who, enum tx_type type, uint64_t amount)
{
    struct tx tx = fixture_tx(&f, who, type);
    tx.stake.amount = amount;
    return tx;
}

/* Who commits and takes the stake back meanwhile pays as much; what was on its way before is out of reach. */
static void test_missed_and_unstaked(void **state)
{
    (void)state;
    f.genesis.expiry_blocks = 16;
    f.genesis.unbonding_blocks = 20;
    three_validators();
    struct tx tx = fixture_task(&f, ALICE, 100);
    tx.task.reviewers = tx.task.approvals = 1;
    struct hash task = apply(&tx);
    struct fixture_claim c = fixture_claim(1, 550), wrong = fixture_claim(2, 550);
    apply_now(amount_tx(ALICE, TX_UNSTAKE, 10000));
    struct hash id = claimed(BOB, task, &c);
    apply_now(fixture_commit(&f, VAL, id, &c.finding));
    apply_now(fixture_commit(&f, ALICE, id, &c.finding));
    apply_now(amount_tx(ALICE, TX_UNSTAKE, 19999));
    seal();
    apply_now(amount_tx(ALICE, TX_UNSTAKE, 20000));
    apply_now(fixture_open(&f, BOB, id, &c));
    apply_now(fixture_reveal(&f, VAL, id, &c.finding));
    uint64_t stakes = state_totals(s).stakes;
    for (int i = 0; i < 3; i++)
        seal();
    assert_true(state_proposal_find(s, id)->verified);
    assert_int_equal(staked(ALICE), 1);
    assert_int_equal(state_totals(s).burnt, 1999 + 2000);
    assert_int_equal(state_totals(s).stakes, stakes - 1999 - 2000 - 20);
    assert_true(state_audit(s, NULL));
    uint64_t before = balance(ALICE);
    for (int i = 0; i < 20; i++)
        seal();
    assert_int_equal(balance(ALICE), before + 50000 - 1 - 1999 - 2000);

    /* Nor does who has revealed what nobody else found. */
    id = claimed(BOB, task, &wrong);
    apply_now(amount_tx(ALICE, TX_STAKE, 10000));
    apply_now(fixture_commit(&f, VAL, id, &wrong.finding));
    apply_now(fixture_commit(&f, ALICE, id, &c.finding));
    seal();
    apply_now(amount_tx(ALICE, TX_UNSTAKE, 10000));
    apply_now(fixture_open(&f, BOB, id, &wrong));
    apply_now(fixture_reveal(&f, VAL, id, &wrong.finding));
    apply_now(fixture_reveal(&f, ALICE, id, &c.finding));
    seal();
    assert_int_equal(state_totals(s).burnt, 1999 + 2000 + 1000);
}

/* Who was silent has found nothing, not even when others found just nothing. */
static void test_silent_found_nothing(void **state)
{
    (void)state;
    three_validators();
    struct tx tx = fixture_task(&f, ALICE, 100);
    tx.task.reviewers = tx.task.approvals = 1;
    struct hash task = apply(&tx);
    struct fixture_claim c = fixture_claim(1, 550);
    struct tx_finding nothing;
    memset(&nothing, 0, sizeof nothing);
    struct hash id = claimed(BOB, task, &c);
    apply_now(fixture_commit(&f, VAL, id, &nothing));
    apply_now(fixture_commit(&f, ALICE, id, &nothing));
    seal();
    apply_now(fixture_open(&f, BOB, id, &c));
    apply_now(fixture_reveal(&f, ALICE, id, &nothing));
    uint64_t val = balance(VAL), alice = balance(ALICE);
    seal();
    seal();
    seal();
    assert_int_equal(state_of(id), PROPOSAL_REFUTED);
    assert_int_equal(balance(ALICE), alice + 500);
    assert_int_equal(balance(VAL), val);
}

static struct hash judged_by(const struct fixture_claim *c, struct hash task, const struct tx_finding *val,
                             const struct tx_finding *alice)
{
    struct hash id = claimed(BOB, task, c);
    apply_now(fixture_commit(&f, VAL, id, val));
    apply_now(fixture_commit(&f, ALICE, id, alice));
    seal();
    apply_now(fixture_open(&f, BOB, id, c));
    apply_now(fixture_reveal(&f, VAL, id, val));
    apply_now(fixture_reveal(&f, ALICE, id, alice));
    seal();
    return id;
}

/* What one verdict takes away no longer counts in the next one of the same block; the first announced goes first. */
static void test_order_of_verdicts(void **state)
{
    (void)state;
    f.genesis.expiry_blocks = 50;
    three_validators();
    struct tx tx = fixture_task(&f, ALICE, 100);
    tx.task.reviewers = tx.task.approvals = 1;
    struct hash task = apply(&tx);
    apply_now(CHANGED(fixture_tx(&f, VAL, TX_STAKE), (tx.stake.amount = 1)));
    for (int reversed = 0; reversed < 2; reversed++) {
        struct fixture_claim missed = fixture_claim((unsigned)reversed, 550), full = fixture_claim(7, 550);
        struct fixture_claim lie = fixture_claim(8, 600);
        full.content.evidence.byte[0] ^= (uint8_t)reversed; /* another announcement */
        struct hash first = apply_now(fixture_announce(&f, BOB, task, reversed ? &full : &missed));
        struct hash second = apply_now(fixture_announce(&f, BOB, task, reversed ? &missed : &full));
        struct hash id = reversed ? second : first, other = reversed ? first : second;
        seal();
        apply_now(fixture_propose(&f, BOB, id, &missed));
        apply_now(fixture_propose(&f, BOB, other, &full));
        apply_now(fixture_commit(&f, VAL, id, &missed.finding));
        apply_now(fixture_commit(&f, ALICE, id, &missed.finding));
        apply_now(fixture_commit(&f, VAL, other, &full.finding));
        apply_now(fixture_commit(&f, ALICE, other, &lie.finding));
        seal();
        apply_now(fixture_open(&f, BOB, id, &missed));
        apply_now(fixture_open(&f, BOB, other, &full));
        apply_now(fixture_reveal(&f, ALICE, id, &missed.finding));
        apply_now(fixture_reveal(&f, ALICE, other, &lie.finding));
        seal();
        seal();
        apply_now(fixture_reveal(&f, VAL, other, &full.finding));
        seal(); /* val has missed the one and loses a tenth: 90001 of 140001 is no majority, 100001 of 150001 is */
        assert_int_equal(staked(VAL), 90001);
        assert_int_equal(state_of(other), reversed ? PROPOSAL_REVEALING : PROPOSAL_EXPIRED);
        apply_now(CHANGED(fixture_tx(&f, VAL, TX_STAKE), (tx.stake.amount = 10000)));
    }
}

/* More than two thirds, not two thirds; and who found the lie gets its share by stake, rounded down. */
static void test_majority(void **state)
{
    (void)state;
    f.genesis.finder_ppm = 333333;
    three_validators();
    struct tx tx = fixture_task(&f, ALICE, 100);
    tx.task.reviewers = tx.task.approvals = 1;
    struct hash task = apply(&tx);
    struct fixture_claim c = fixture_claim(1, 550), d = fixture_claim(2, 550), e = fixture_claim(3, 550);
    struct fixture_claim g = fixture_claim(4, 550), lie = fixture_claim(5, 600);
    uint64_t bob = balance(BOB);
    struct hash id = judged_by(&c, task, &c.finding, &lie.finding); /* 100000 of 150000 is two thirds */
    assert_int_equal(state_of(id), PROPOSAL_EXPIRED);
    assert_int_equal(balance(BOB), bob - 30);
    apply_now(CHANGED(fixture_tx(&f, VAL, TX_STAKE), (tx.stake.amount = 1)));
    id = judged_by(&d, task, &d.finding, &lie.finding); /* 100001 is more */
    assert_true(state_proposal_find(s, id)->verified);
    assert_int_equal(state_proposal_find(s, id)->announce.stake, 980); /* 2 % went to val */
    assert_int_equal(staked(ALICE), 45000);                            /* who found otherwise */
    uint64_t val = balance(VAL), alice = balance(ALICE), burnt = state_totals(s).burnt;
    bob = balance(BOB);
    id = judged_by(&e, task, &lie.finding, &lie.finding);
    assert_int_equal(state_of(id), PROPOSAL_REFUTED);
    assert_int_equal(balance(BOB), bob - 1030);
    assert_int_equal(balance(VAL), val - 20 + 229);     /* 333 * 100001 / 145001 = 229.657 */
    assert_int_equal(balance(ALICE), alice - 20 + 103); /* 333 * 45000 / 145001 = 103.344 */
    assert_int_equal(state_totals(s).burnt, burnt + 1000 - 332);
    val = balance(VAL);
    alice = balance(ALICE);
    id = judged_by(&g, task, &lie.finding, &g.finding); /* who found what was claimed gets nothing */
    assert_int_equal(state_of(id), PROPOSAL_REFUTED);
    assert_int_equal(staked(ALICE), 40500);
    assert_int_equal(balance(VAL), val - 20 + 333);
    assert_int_equal(balance(ALICE), alice - 20);
}

/* Each part of a finding counts. */
static void test_finding_parts(void **state)
{
    (void)state;
    f.genesis.expiry_blocks = 100;
    fresh();
    struct hash task = with_task(10);
    for (int part = 0; part < 5; part++) {
        struct fixture_claim c = fixture_claim((unsigned)part, 550);
        struct tx_finding found = c.finding;
        if (part == 0)
            found.counts.correct[1]--;
        else if (part == 1)
            found.counts.total[0]++;
        else if (part == 2)
            found.trace_root.byte[31] ^= 1;
        else if (part == 3)
            found.weights.byte[0] ^= 1;
        else
            found.counts.folds = 1;
        struct hash id = claimed(BOB, task, &c);
        apply_now(fixture_commit(&f, VAL, id, &found));
        seal();
        apply_now(fixture_open(&f, BOB, id, &c));
        apply_now(fixture_reveal(&f, VAL, id, &found));
        seal();
        assert_int_equal(state_of(id), PROPOSAL_REFUTED);
    }
}

/* Alone one may attest oneself, marked so; and gains nothing by refuting oneself. */
static void test_self(void **state)
{
    (void)state;
    struct hash task = apply_now(fixture_task(&f, VAL, 1000));
    struct fixture_claim c = fixture_claim(1, 550), d = fixture_claim(2, 550), lie = fixture_claim(3, 700);
    struct hash id = opened(VAL, task, &c, VAL_ALONE, 1);
    assert_true(state_proposal_find(s, id)->attest[0].self);
    apply_now(fixture_reveal(&f, VAL, id, &c.finding));
    apply_now(fixture_decide(&f, VAL, true, id, &c));
    assert_true(state_proposal_find(s, id)->decision[0].self);
    assert_int_equal(state_of(id), PROPOSAL_REVEALING);
    seal();
    assert_int_equal(state_of(id), PROPOSAL_ACCEPTED);
    uint64_t before = balance(VAL);
    id = claimed(VAL, task, &d);
    apply_now(fixture_commit(&f, VAL, id, &lie.finding));
    seal();
    apply_now(fixture_open(&f, VAL, id, &d));
    apply_now(fixture_reveal(&f, VAL, id, &lie.finding));
    seal();
    assert_int_equal(state_of(id), PROPOSAL_REFUTED);
    assert_int_equal(balance(VAL), before - 50 - 1000);
    assert_int_equal(state_totals(s).burnt, 1000);

    /* With others nobody decides on their own. */
    three_validators();
    struct tx tx = fixture_task(&f, ALICE, 100);
    tx.task.reviewers = 2;
    tx.task.approvals = 1;
    tx.task.reviewer[0] = f.who[ALICE];
    tx.task.reviewer[1] = f.who[BOB];
    task = apply(&tx);
    id = opened(ALICE, task, &c, (const int[]){VAL, BOB}, 2);
    /* A friend must not save the stake of a false claim before the verdict. */
    refuse(BOB, fixture_decide(&f, BOB, false, id, &c), "not verified");
    refuse(BOB, fixture_decide(&f, BOB, true, id, &c), "not verified");
    apply_now(fixture_reveal(&f, VAL, id, &c.finding));
    apply_now(fixture_reveal(&f, BOB, id, &c.finding));
    seal();
    refuse(ALICE, fixture_decide(&f, ALICE, true, id, &c), "their own");
    refuse(ALICE, fixture_decide(&f, ALICE, false, id, &c), "their own");
    apply_now(fixture_decide(&f, BOB, true, id, &c));
    assert_false(state_proposal_find(s, id)->decision[0].self);
}

static void test_decide(void **state)
{
    (void)state;
    struct hash task = with_task(10000);
    struct fixture_claim c = fixture_claim(1, 525), other = c;
    struct hash id = opened(BOB, task, &c, VAL_ALONE, 1);
    refuse(BOB, fixture_decide(&f, BOB, true, id, &c), "no reviewer");
    refuse(ALICE, fixture_decide(&f, ALICE, true, task, &c), "no such proposal");
    other.content.evidence.byte[0] ^= 1;
    refuse(ALICE, fixture_decide(&f, ALICE, true, id, &other), "what was shown");
    other = c;
    other.leaves.byte[0] ^= 1;
    refuse(ALICE, fixture_decide(&f, ALICE, true, id, &other), "what was shown");
    other = c;
    other.finding.trace_root.byte[0] ^= 1;
    refuse(ALICE, fixture_decide(&f, ALICE, true, id, &other), "what was shown");
    other = c;
    other.finding.weights.byte[0] ^= 1;
    refuse(ALICE, fixture_decide(&f, ALICE, true, id, &other), "what was shown");
    apply_now(fixture_decide(&f, ALICE, true, id, &c));
    refuse(ALICE, fixture_decide(&f, ALICE, true, id, &c), "decided already");
    refuse(ALICE, fixture_decide(&f, ALICE, false, id, &c), "decided already");
    assert_int_equal(state_of(id), PROPOSAL_REVEALING); /* approved, not verified yet */
    apply_now(fixture_reveal(&f, VAL, id, &c.finding));
    seal();
    const struct state_proposal *p = state_proposal_find(s, id);
    assert_int_equal(p->state, PROPOSAL_ACCEPTED);
    assert_string_equal(p->decision[0].reason, "re-ran it");
    assert_false(p->decision[0].self);
    refuse(ALICE, fixture_decide(&f, ALICE, false, id, &c), "is accepted");
}

static void test_approvals_wanted(void **state)
{
    (void)state;
    struct tx tx = fixture_task(&f, ALICE, 10000);
    tx.task.reviewers = 3;
    tx.task.approvals = 2;
    tx.task.reviewer[0] = f.who[ALICE];
    tx.task.reviewer[1] = f.who[BOB];
    tx.task.reviewer[2] = f.who[VAL];
    struct hash task = apply(&tx);
    struct fixture_claim c = fixture_claim(1, 525);
    struct hash id = verified(ALICE, task, &c);
    apply_now(fixture_decide(&f, BOB, true, id, &c));
    seal();
    assert_int_equal(state_of(id), PROPOSAL_REVEALING);
    struct address turn[STATE_VALIDATORS_MAX];
    assert_int_equal(state_waiting(s, state_proposal_find(s, id), turn), 2);
    apply_now(fixture_decide(&f, VAL, true, id, &c));
    assert_int_equal(state_of(id), PROPOSAL_ACCEPTED);
}

static void test_reject(void **state)
{
    (void)state;
    struct hash task = with_task(10000);
    struct fixture_claim c = fixture_claim(1, 525);
    struct hash id = opened(BOB, task, &c, VAL_ALONE, 1);
    uint64_t before = balance(BOB);
    apply_now(fixture_decide(&f, ALICE, false, id, &c));
    assert_int_equal(state_of(id), PROPOSAL_REJECTED);
    assert_int_equal(balance(BOB), before + 1000);
    refuse(VAL, fixture_reveal(&f, VAL, id, &c.finding), "is rejected");
    for (int i = 0; i < 8; i++) /* no deadline is left behind */
        seal();
    assert_int_equal(staked(VAL), 100000);
    assert_int_equal(state_task_find(s, task)->best_total, 0);
    assert_int_equal(state_totals(s).stakes, 100000);
}

/* Announced, claimed or verified: expiry wants height and time, and returns the stake. */
static void test_expiry(void **state)
{
    (void)state;
    f.genesis.expiry_blocks = 5;
    f.genesis.expiry_seconds = 60;
    fresh();
    struct hash task = with_task(10000);
    struct fixture_claim c = fixture_claim(1, 550), d = fixture_claim(2, 550), e = fixture_claim(3, 550);
    struct hash silent = apply_now(fixture_announce(&f, BOB, task, &c)); /* block 2 */
    struct hash quick = apply_now(fixture_announce(&f, BOB, task, &d));
    struct hash slow = apply_now(fixture_announce(&f, BOB, task, &e));
    seal();
    apply_now(fixture_propose(&f, BOB, quick, &d)); /* block 3 */
    seal();
    seal();
    apply_now(fixture_propose(&f, BOB, slow, &e)); /* block 5 */
    apply_now(fixture_commit(&f, VAL, slow, &e.finding));
    seal();
    apply_now(fixture_open(&f, BOB, slow, &e));
    apply_now(fixture_reveal(&f, VAL, slow, &e.finding));
    seal(); /* 6 */
    assert_true(state_proposal_find(s, slow)->verified);
    seal_after(55); /* 7: 5 blocks and 59 s behind the announcement */
    assert_int_equal(state_of(silent), PROPOSAL_ANNOUNCED);
    seal_after(1); /* 8 */
    assert_int_equal(state_of(silent), PROPOSAL_EXPIRED);
    assert_int_equal(state_of(quick), PROPOSAL_CLAIMED); /* 5 blocks and 59 s behind the claim */
    seal_after(1);                                       /* 9 */
    assert_int_equal(state_of(quick), PROPOSAL_EXPIRED);
    assert_int_equal(state_of(slow), PROPOSAL_REVEALING); /* 4 blocks behind */
    seal_after(1);                                        /* 10: 5 blocks and 59 s */
    assert_int_equal(state_of(slow), PROPOSAL_REVEALING);
    seal_after(1);
    assert_int_equal(state_of(slow), PROPOSAL_EXPIRED);
    assert_int_equal(state_totals(s).stakes, 100000);
    assert_int_equal(balance(BOB), 300000 - 60);
}

/* Nobody escapes a verdict by waiting for the expiry. */
static void test_no_escape(void **state)
{
    (void)state;
    f.genesis.expiry_blocks = 2;
    f.genesis.reveal_blocks = 4;
    fresh();
    struct hash task = with_task(10000);
    struct fixture_claim c = fixture_claim(1, 550), d = fixture_claim(2, 550);
    struct hash id = committed(BOB, task, &c, VAL_ALONE, 1);
    seal();
    seal();
    assert_int_equal(state_of(id), PROPOSAL_REVEALING);
    seal();
    seal();
    assert_int_equal(state_of(id), PROPOSAL_REFUTED);
    id = committed(BOB, task, &d, VAL_ALONE, 1); /* a good one whose verdict is late expires with it, unless approved */
    seal();
    seal();
    apply_now(fixture_open(&f, BOB, id, &d));
    apply_now(fixture_reveal(&f, VAL, id, &d.finding));
    struct state *copy = state_copy(s);
    seal();
    assert_int_equal(state_of(id), PROPOSAL_EXPIRED);
    assert_true(state_proposal_find(s, id)->verified);
    state_free(s);
    s = copy;
    height--;
    apply_now(fixture_decide(&f, ALICE, true, id, &d));
    seal();
    assert_int_equal(state_of(id), PROPOSAL_ACCEPTED);
}

static struct hash accepted(struct hash task, unsigned arch, uint32_t correct)
{
    struct fixture_claim c = fixture_claim(arch, correct);
    struct hash id = opened(BOB, task, &c, VAL_ALONE, 1);
    apply_now(fixture_reveal(&f, VAL, id, &c.finding));
    apply_now(fixture_decide(&f, ALICE, true, id, &c));
    seal();
    assert_int_equal(state_of(id), PROPOSAL_ACCEPTED);
    return id;
}

static void test_accept(void **state)
{
    (void)state;
    struct hash task = with_task(10000);
    uint64_t before = balance(BOB);
    struct hash id = accepted(task, 1, 525);
    /* 25000 ppm over 500000, half of full pay: half of the pool */
    assert_int_equal(state_proposal_find(s, id)->improvement_ppm, 25000);
    assert_int_equal(state_proposal_find(s, id)->reward, 5000);
    assert_int_equal(balance(BOB), before - 30 + 5000);
    const struct state_task *t = state_task_find(s, task);
    assert_int_equal(t->pool_left, 5000);
    assert_int_equal(t->best_correct, 1050);
    assert_int_equal(t->best_total, 2000);
    id = accepted(task, 2, 520); /* worse than the best: nothing paid, the best stays */
    assert_int_equal(state_proposal_find(s, id)->reward, 0);
    assert_int_equal(state_task_find(s, task)->best_correct, 1050);
    id = accepted(task, 3, 900); /* far better: the whole of what is left */
    assert_int_equal(state_proposal_find(s, id)->reward, 5000);
    assert_int_equal(state_task_find(s, task)->pool_left, 0);
    assert_int_equal(state_totals(s).escrows, 0);
}

/* A poor network that is accepted first must not lower what the next has to beat. */
static void test_no_pay_below_baseline(void **state)
{
    (void)state;
    struct tx tx = fixture_task(&f, ALICE, 10000);
    tx.task.baseline_ppm = 600000;
    struct hash task = apply(&tx);
    static const struct {
        uint32_t correct;
        uint64_t best, reward;
    } next[] = {{0, 0, 0}, {100, 200, 0}, {550, 1100, 0}, {300, 1100, 0}, {600, 1200, 0}, {625, 1250, 5000}};
    for (unsigned i = 0; i < sizeof next / sizeof next[0]; i++) {
        struct hash id = accepted(task, i, next[i].correct);
        assert_int_equal(state_proposal_find(s, id)->reward, next[i].reward);
        assert_int_equal(state_task_find(s, task)->best_correct, next[i].best);
        assert_int_equal(state_task_find(s, task)->best_total, 2000);
    }
    assert_int_equal(state_task_find(s, task)->pool_left, 5000);
}

static void test_reward_rounding(void **state)
{
    (void)state;
    struct state_task t = {.pool_left = 1000,
                           .body = {.min_improvement_ppm = 1000, .full_pay_ppm = 30000, .baseline_ppm = 500000}};
    assert_int_equal(state_score_ppm(2, 3), 666666);
    assert_int_equal(state_improvement(&t, 500999), 0);
    assert_int_equal(state_improvement(&t, 501000), 1000);
    assert_int_equal(state_improvement(&t, 400000), 0);
    t.body.min_improvement_ppm = 0;
    assert_int_equal(state_improvement(&t, 500000), 0);
    t.best_correct = 2;
    t.best_total = 3;
    assert_int_equal(state_improvement(&t, 666667), 1);
    assert_int_equal(state_epoch_pay(&t, 1000), 33); /* 33.3 */
    assert_int_equal(state_epoch_pay(&t, 29999), 999);
    assert_int_equal(state_epoch_pay(&t, 30000), 1000);
    assert_int_equal(state_epoch_pay(&t, UINT64_C(1) << 40), 1000);
    t.pool_left = STATE_SUPPLY_MAX;
    t.body.full_pay_ppm = 1000000;
    assert_int_equal(state_epoch_pay(&t, 333334),
                     STATE_SUPPLY_MAX / 1000000 * 333334 + STATE_SUPPLY_MAX % 1000000 * 333334 / 1000000);
    /* The largest counts there can be. */
    uint64_t most = (uint64_t)TX_FOLDS_MAX * UINT32_MAX;
    assert_int_equal(state_score_ppm(most, most), 1000000);
    assert_int_equal(state_score_ppm(most - 1, most), 999999);
    /* Shares, where the products have 84 bits. */
    uint64_t max = STATE_SUPPLY_MAX;
    assert_int_equal(share_of(max, max, max), max);
    assert_int_equal(share_of(max, max - 1, max), max - 1);
    assert_int_equal(share_of(max, 1, 3), max / 3);
    assert_int_equal(share_of(max - 1, max - 1, max), max - 2);
    assert_int_equal(share_of(333, 50000, 150001), 110);
    assert_int_equal(share_of(0, 1, 1), 0);
}

/* Improvements of one epoch share what the pool pays for their sum; the rest stays. */
static void test_epoch(void **state)
{
    (void)state;
    f.genesis.epoch_blocks = 20;
    f.genesis.expiry_blocks = 100;
    fresh();
    struct hash task = with_task(10001), other = with_task(1000);
    struct hash first = accepted(task, 1, 510), second = accepted(task, 2, 517);
    struct hash third = accepted(other, 1, 550);
    struct hash none = accepted(task, 3, 517);
    assert_int_equal(state_task_find(s, task)->earned_ppm, 17000);
    assert_int_equal(state_proposal_find(s, first)->reward, 0);
    uint64_t before = balance(BOB);
    while (height < 19)
        seal();
    assert_int_equal(balance(BOB), before);
    seal(); /* 10001 * 17000 / 50000 = 3400.34: shares of 10/17 and 7/17 */
    assert_int_equal(state_proposal_find(s, first)->reward, 2000);
    assert_int_equal(state_proposal_find(s, second)->reward, 1400);
    assert_int_equal(state_proposal_find(s, third)->reward, 1000);
    assert_int_equal(state_proposal_find(s, none)->reward, 0);
    assert_int_equal(balance(BOB), before + 4400);
    assert_int_equal(state_task_find(s, task)->pool_left, 10001 - 3400);
    assert_int_equal(state_task_find(s, task)->earned_ppm, 0);
    before = balance(BOB);
    while (height < 40)
        seal();
    assert_int_equal(balance(BOB), before); /* once only */
}

/* One jump pays at least as much as the same in two steps of one epoch, and the pool never pays more than it has. */
static void test_epoch_rounding(void **state)
{
    (void)state;
    f.genesis.epoch_blocks = 30;
    f.genesis.expiry_blocks = 100;
    fresh();
    struct tx tx = fixture_task(&f, ALICE, 10);
    tx.task.min_improvement_ppm = 0;
    tx.task.full_pay_ppm = 3000;
    struct hash task = apply(&tx), id[3];
    for (unsigned i = 0; i < 3; i++)
        id[i] = accepted(task, i, 501 + i);
    while (height < 30)
        seal();
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(state_proposal_find(s, id[i])->reward, 3); /* 10 / 3 */
    assert_int_equal(state_task_find(s, task)->pool_left, 1);
}

static void test_holdout(void **state)
{
    (void)state;
    struct hash task = with_task(10), other = with_task(11);
    struct tx tx;
    refuse(BOB, CHANGED(fixture_holdout(&f, BOB, task), tx.holdout.task.byte[0] ^= 1), "not on this chain");
    refuse(BOB, CHANGED(fixture_holdout(&f, BOB, task), (tx.holdout.total = tx.holdout.correct = 0)), "no predictions");
    refuse(BOB, CHANGED(fixture_holdout(&f, BOB, task), tx.holdout.correct = 101), "101 correct of 100");
    tx = fixture_holdout(&f, BOB, task);
    apply(&tx);
    refuse(BOB, fixture_holdout(&f, BOB, task), "already");
    apply_now(fixture_holdout(&f, ALICE, task));
    apply_now(fixture_holdout(&f, BOB, other));
    seal();
    refuse(BOB, fixture_holdout(&f, BOB, task), "already");
    const struct state_holdout *h;
    assert_int_equal(state_holdouts(s, &h), 3);
    assert_memory_equal(&h[0].body, &tx.holdout, sizeof tx.holdout);
    assert_int_equal(h[0].height, 3);
    assert_ptr_equal(state_holdout_find(s, task, f.who[ALICE]), &h[1]);
    assert_null(state_holdout_find(s, other, f.who[ALICE]));
}

/* Takes a claim of block 3 through blocks 43 and 44. */
static void attest_late(struct hash id, const struct fixture_claim *c)
{
    assert_int_equal(state_of(id), PROPOSAL_REVEALING);
    apply_now(fixture_open(&f, BOB, id, c));
    apply_now(fixture_reveal(&f, VAL, id, &c->finding));
    apply_now(fixture_decide(&f, ALICE, true, id, c));
}

/* Closed proposals are forgotten in batches; open ones, their deadlines, those to be paid and what is found by id stay
 * right. */
static void test_forgetting(void **state)
{
    (void)state;
    f.genesis.expiry_blocks = 40;
    f.genesis.epoch_blocks = 58;
    fresh();
    struct hash task = with_task(1000), last = task;
    struct fixture_claim c = fixture_claim(0, 550), d = fixture_claim(1, 540);
    struct hash paid = apply_now(fixture_announce(&f, BOB, task, &c)), plain = claimed(BOB, task, &d);
    apply_now(fixture_propose(&f, BOB, paid, &c)); /* both claimed in block 3 */
    seal();
    for (unsigned i = 0; i < 13000; i++) {
        struct tx tx = fixture_tx(&f, ALICE, TX_ANNOUNCE);
        tx.announce.task = task;
        tx.announce.stake = 1;
        last = apply(&tx);
        if (i % 1000 == 999)
            seal(); /* blocks 4 to 16; they expire in blocks 44 to 56 */
    }
    struct fixture_claim e = fixture_claim(2, 530);
    struct hash open = claimed(BOB, task, &e); /* in block 18 */
    while (height < 42)
        seal();
    const struct state_proposal *list;
    int n = state_proposals(s, &list);
    assert_int_equal(n, 13003);
    apply_now(fixture_commit(&f, VAL, paid, &c.finding));
    apply_now(fixture_commit(&f, VAL, plain, &d.finding));
    seal(); /* 43: saved from expiring by their commits */
    attest_late(paid, &c);
    attest_late(plain, &d);
    seal();
    assert_int_equal(state_of(paid), PROPOSAL_ACCEPTED);
    assert_int_equal(state_of(plain), PROPOSAL_ACCEPTED);
    while (height < 50)
        seal();
    n = state_proposals(s, &list);
    assert_int_equal(n, 13003); /* 7002 closed: not yet enough to pay for moving the 6000 that are open */
    while (height < 55)
        seal();
    n = state_proposals(s, &list);
    assert_true(n >= STATE_CLOSED_KEPT + 1000 && n <= 2 * STATE_CLOSED_KEPT + 2000);
    assert_null(state_proposal_find(s, plain));
    assert_int_equal(state_proposal_find(s, paid)->reward, 0);
    assert_true(hash_equal(list[0].id, paid));
    assert_int_equal(state_of(last), PROPOSAL_ANNOUNCED);
    assert_true(hash_equal(list[n - 1].id, open) && hash_equal(list[n - 2].id, last));
    assert_ptr_equal(state_proposal_open(s, task, e.content.arch), state_proposal_find(s, open));
    seal();
    assert_int_equal(state_of(last), PROPOSAL_EXPIRED);
    assert_int_equal(state_totals(s).stakes, 101000);
    seal();
    assert_int_equal(state_of(open), PROPOSAL_CLAIMED);
    seal();
    assert_int_equal(state_of(open), PROPOSAL_EXPIRED);
    assert_null(state_proposal_open(s, task, e.content.arch));
    assert_int_equal(state_proposal_find(s, paid)->reward, 1000);
    /* What was accepted and forgotten is still taken. */
    struct hash again = announced(ALICE, task, &d);
    refuse(ALICE, fixture_propose(&f, ALICE, again, &d), "announced earlier");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rules_start, rules_end)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_announce),
                                       TEST(test_propose),
                                       TEST(test_counts),
                                       TEST(test_priority),
                                       TEST(test_priority_over_accepted),
                                       TEST(test_priority_among_many),
                                       TEST(test_free_again),
                                       TEST(test_commit),
                                       TEST(test_commit_without_stake),
                                       TEST(test_commit_window),
                                       TEST(test_open),
                                       TEST(test_reveal),
                                       TEST(test_not_opened),
                                       TEST(test_late_opening),
                                       TEST(test_missed),
                                       TEST(test_missed_and_unstaked),
                                       TEST(test_silent_found_nothing),
                                       TEST(test_majority),
                                       TEST(test_order_of_verdicts),
                                       TEST(test_finding_parts),
                                       TEST(test_self),
                                       TEST(test_decide),
                                       TEST(test_approvals_wanted),
                                       TEST(test_reject),
                                       TEST(test_expiry),
                                       TEST(test_no_escape),
                                       TEST(test_accept),
                                       TEST(test_no_pay_below_baseline),
                                       TEST(test_reward_rounding),
                                       TEST(test_epoch),
                                       TEST(test_epoch_rounding),
                                       TEST(test_holdout),
                                       TEST(test_forgetting)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
