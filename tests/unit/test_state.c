#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/chain_fixture.h"

static struct fixture f;
static struct state *s;
static uint64_t height;

static void fresh(void)
{
    state_free(s);
    fixture_genesis_changed(&f);
    memset(f.nonce, 0, sizeof f.nonce);
    s = state_new(&f.genesis, NULL);
    assert_non_null(s);
    height = 0;
}

static int start(void **state)
{
    (void)state;
    fixture_start(&f);
    s = NULL;
    fresh();
    return 0;
}

static int end(void **state)
{
    (void)state;
    state_free(s);
    fixture_end(&f);
    return 0;
}

static struct hash apply(const struct tx *tx)
{
    struct error err = {0};
    if (!state_apply(s, tx, &err))
        fail_msg("%s", err.text);
    return tx_hash(tx);
}

/* Refused with these words, and nothing has changed: the same block with and without it has the same hash. */
static void refuse(struct fixture *fixture, int who, struct tx tx, const char *words)
{
    struct error err = {0};
    struct state *before = state_copy(s), *after;
    assert_false(state_apply(s, &tx, &err));
    assert_int_equal(err.kind, ERROR_CHAIN);
    if (!strstr(err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", err.text, words);
    after = state_copy(s);
    assert_true(state_end_block(before, height + 1, NULL));
    assert_true(state_end_block(after, height + 1, NULL));
    assert_true(hash_equal(state_hash(before), state_hash(after)));
    state_free(before);
    state_free(after);
    fixture->nonce[who]--;
}

static void seal(void)
{
    struct error err = {0};
    if (!state_end_block(s, ++height, &err) || !state_audit(s, &err))
        fail_msg("%s", err.text);
}

static uint64_t balance(int who)
{
    const struct state_account *a = state_account_find(s, f.who[who]);
    return a ? a->balance : 0;
}

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
    REFUSED(g.supply = g.holder[0].balance = STATE_SUPPLY_MAX + 1; g.holders = 1);
    REFUSED(g.holder[0].balance = UINT64_MAX; g.holder[1].balance = g.supply + 1);
    REFUSED(g.holder[1].key = g.holder[0].key);
    REFUSED(g.validators = 0);
    REFUSED(g.validators = 2; g.validator[1] = g.validator[0]);
    REFUSED(g.name[0] = '\0');
    REFUSED(g.name[0] = '\n');
    REFUSED(g.time_us = -1);
    REFUSED(g.expiry_blocks = 0);
    g = f.genesis;
    assert_true(genesis_check(&g, NULL));
    g.supply = g.holder[0].balance = STATE_SUPPLY_MAX;
    g.holders = 1;
    assert_true(genesis_check(&g, NULL));
    const struct state_account *list;
    assert_int_equal(state_accounts(s, &list), 3);
    assert_true(state_account_find(s, f.who[VAL])->validator);
    assert_false(state_account_find(s, f.who[ALICE])->validator);
}

static void test_transfer(void **state)
{
    (void)state;
    struct tx tx = fixture_transfer(&f, ALICE, CAROL, 1000);
    apply(&tx);
    assert_int_equal(balance(ALICE), 700000 - 1010);
    assert_int_equal(balance(CAROL), 1000);
    f.nonce[ALICE]--;
    refuse(&f, ALICE, fixture_transfer(&f, ALICE, CAROL, 1000), "nonce is 1");
    f.nonce[ALICE] += 2;
    refuse(&f, ALICE, fixture_transfer(&f, ALICE, CAROL, 1000), "nonce is 3, the account's next is 2");
    f.nonce[ALICE]--;
    refuse(&f, ALICE, fixture_transfer(&f, ALICE, CAROL, 0), "0");
    refuse(&f, ALICE, fixture_transfer(&f, ALICE, ALICE, 5), "same account");
    refuse(&f, ALICE, fixture_transfer(&f, ALICE, BOB, 700000 - 1010 - 9), "the balance is 698980 after the fee");
    refuse(&f, ALICE, fixture_transfer(&f, ALICE, BOB, UINT64_MAX), "balance");
    refuse(&f, VAL, fixture_transfer(&f, VAL, BOB, 1), "fee is 10, but the balance is 0");
    tx = fixture_transfer(&f, ALICE, BOB, 1);
    tx.fee = 9;
    refuse(&f, ALICE, tx, "the least is 10");
    tx = fixture_transfer(&f, ALICE, BOB, 1);
    tx.fee = UINT64_MAX;
    refuse(&f, ALICE, tx, "fee");
    tx = fixture_transfer(&f, ALICE, BOB, 1);
    tx.chain.byte[0] ^= 1;
    refuse(&f, ALICE, tx, "another chain");
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
    refuse(&f, ALICE, tx, "only 5000");
    tx = fixture_tx(&f, ALICE, TX_UNSTAKE);
    refuse(&f, ALICE, tx, "amount is 0");
    for (int i = 0; i < 2; i++) { /* two in one block share one entry */
        tx = fixture_tx(&f, ALICE, TX_UNSTAKE);
        tx.stake.amount = 2000;
        apply(&tx);
    }
    seal(); /* block 2: due behind block 4 */
    uint64_t before = balance(ALICE);
    assert_int_equal(state_totals(s).stakes, 5000);
    seal();
    assert_int_equal(balance(ALICE), before);
    seal();
    assert_int_equal(balance(ALICE), before + 4000);
    assert_int_equal(state_totals(s).stakes, 1000);
}

static void test_task(void **state)
{
    (void)state;
    struct tx tx;
#define REFUSED_TASK(change, words)                                                                                    \
    do {                                                                                                               \
        tx = fixture_task(&f, ALICE, 100);                                                                             \
        change;                                                                                                        \
        refuse(&f, ALICE, tx, words);                                                                                  \
    } while (0)
    REFUSED_TASK(tx.task.pool = 700000, "balance");
    REFUSED_TASK(tx.task.folds = 0, "fold");
    REFUSED_TASK(tx.task.numeric[0] = '\0', "numeric");
    REFUSED_TASK(tx.task.full_pay_ppm = 0, "full pay");
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

static struct hash with_task(uint64_t pool)
{
    struct tx tx = fixture_task(&f, ALICE, pool);
    struct hash id = apply(&tx);
    seal();
    return id;
}

static void test_propose(void **state)
{
    (void)state;
    struct hash task = with_task(10000);
    struct tx tx;
#define REFUSED_PROPOSAL(change, words)                                                                                \
    do {                                                                                                               \
        tx = fixture_propose(&f, BOB, task, 1, 550);                                                                   \
        change;                                                                                                        \
        refuse(&f, BOB, tx, words);                                                                                    \
    } while (0)
    REFUSED_PROPOSAL(tx.propose.task.byte[0] ^= 1, "not on this chain");
    REFUSED_PROPOSAL(tx.propose.folds = 3, "3 folds, its task 2");
    REFUSED_PROPOSAL(tx.propose.total[1] = 0; tx.propose.correct[1] = 0, "no predictions");
    REFUSED_PROPOSAL(tx.propose.correct[1] = 1001, "1001 correct of 1000");
    REFUSED_PROPOSAL(tx.propose.stake = 0, "amount is 0");
    REFUSED_PROPOSAL(tx.propose.stake = 300000, "balance");
    tx = fixture_propose(&f, BOB, task, 1, 550);
    struct hash id = apply(&tx);
    refuse(&f, ALICE, fixture_propose(&f, ALICE, task, 1, 560), "open proposal");
    seal();
    refuse(&f, ALICE, fixture_propose(&f, ALICE, task, 1, 560), "open proposal");
    assert_int_equal(state_totals(s).stakes, 1000);
    assert_int_equal(balance(BOB), 300000 - 1010);
    assert_ptr_equal(state_proposal_open(s, task, tx.propose.arch), state_proposal_find(s, id));

    /* Opened in block 2: expires at the end of block 5. */
    seal();
    seal();
    assert_int_equal(state_proposal_find(s, id)->state, PROPOSAL_OPEN);
    seal();
    assert_int_equal(state_proposal_find(s, id)->state, PROPOSAL_EXPIRED);
    assert_int_equal(balance(BOB), 300000 - 10);
    assert_int_equal(state_totals(s).stakes, 0);
    refuse(&f, ALICE, fixture_decide(&f, ALICE, true, id, hash_of_text("evidence")), "not open");
    tx = fixture_propose(&f, ALICE, task, 1, 560); /* free again */
    apply(&tx);
}

static void test_accept(void **state)
{
    (void)state;
    struct hash task = with_task(10000), e = hash_of_text("evidence");
    struct tx tx = fixture_propose(&f, BOB, task, 1, 525);
    struct hash id = apply(&tx);
    refuse(&f, BOB, fixture_decide(&f, BOB, true, id, e), "no reviewer");
    refuse(&f, ALICE, fixture_decide(&f, ALICE, true, id, hash_of_text("other")), "other evidence");
    refuse(&f, ALICE, fixture_decide(&f, ALICE, true, e, e), "no such open");
    tx = fixture_decide(&f, ALICE, true, id, e);
    apply(&tx);
    seal();
    const struct state_proposal *p = state_proposal_find(s, id);
    assert_int_equal(p->state, PROPOSAL_ACCEPTED);
    assert_int_equal(p->decisions, 1);
    assert_true(p->decision[0].approve);
    assert_false(p->decision[0].self);
    assert_string_equal(p->decision[0].reason, "re-ran it");
    assert_int_equal(p->decision[0].height, 2);
    /* 25000 ppm over 500000, half of full pay: half of the pool */
    assert_int_equal(p->reward, 5000);
    assert_int_equal(balance(BOB), 300000 - 10 + 5000);
    const struct state_task *t = state_task_find(s, task);
    assert_int_equal(t->pool_left, 5000);
    assert_int_equal(t->best_correct, 1050);
    assert_int_equal(t->best_total, 2000);

    /* Worse than the best: accepted, nothing paid, the best stays. */
    tx = fixture_propose(&f, BOB, task, 2, 520);
    id = apply(&tx);
    tx = fixture_decide(&f, ALICE, true, id, e);
    apply(&tx);
    assert_int_equal(state_proposal_find(s, id)->reward, 0);
    assert_int_equal(state_task_find(s, task)->best_correct, 1050);
    seal();

    /* Far better: capped at the whole of what is left. */
    tx = fixture_propose(&f, BOB, task, 3, 900);
    id = apply(&tx);
    tx = fixture_decide(&f, ALICE, true, id, e);
    apply(&tx);
    seal();
    assert_int_equal(state_proposal_find(s, id)->reward, 5000);
    assert_int_equal(state_task_find(s, task)->pool_left, 0);
    assert_int_equal(state_totals(s).escrows, 0);
}

/* A poor network that is accepted first must not lower what the next has to beat. */
static void test_no_pay_below_baseline(void **state)
{
    (void)state;
    struct hash task = with_task(10000), e = hash_of_text("evidence");
    static const struct {
        uint32_t correct;
        uint64_t best, reward;
    } next[] = {{100, 200, 0}, {450, 900, 0}, {300, 900, 0}, {500, 1000, 0}, {525, 1050, 5000}};
    for (unsigned i = 0; i < sizeof next / sizeof next[0]; i++) {
        struct tx tx = fixture_propose(&f, BOB, task, i, next[i].correct);
        struct hash id = apply(&tx);
        tx = fixture_decide(&f, ALICE, true, id, e);
        apply(&tx);
        seal();
        assert_int_equal(state_proposal_find(s, id)->state, PROPOSAL_ACCEPTED);
        assert_int_equal(state_proposal_find(s, id)->reward, next[i].reward);
        assert_int_equal(state_task_find(s, task)->best_correct, next[i].best);
    }
    assert_int_equal(state_task_find(s, task)->pool_left, 5000);
}

static void test_reward_rounding(void **state)
{
    (void)state;
    struct state_task t = {.pool_left = 1000, .body = {.min_improvement_ppm = 1000, .full_pay_ppm = 30000}};
    assert_int_equal(state_score_ppm(2, 3), 666666);
    assert_int_equal(state_reward(&t, 500999), 0);
    assert_int_equal(state_reward(&t, 501000), 33); /* 33.3 */
    assert_int_equal(state_reward(&t, 530000), 1000);
    assert_int_equal(state_reward(&t, 529999), 999);
    assert_int_equal(state_reward(&t, 1000000), 1000);
    assert_int_equal(state_reward(&t, 400000), 0);
    t.body.min_improvement_ppm = 0;
    assert_int_equal(state_reward(&t, 500000), 0);
    t.best_correct = 2;
    t.best_total = 3;
    assert_int_equal(state_reward(&t, 666667), 0); /* 1000 / 30000 */
    assert_int_equal(state_reward(&t, 666696), 1);
    t.pool_left = STATE_SUPPLY_MAX;
    t.body.full_pay_ppm = 1000000;
    assert_int_equal(state_reward(&t, 1000000), STATE_SUPPLY_MAX / 1000000 * 333334 +
                                                    STATE_SUPPLY_MAX % 1000000 * 333334 / 1000000);
    /* The largest counts there can be. */
    uint64_t most = (uint64_t)TX_FOLDS_MAX * UINT32_MAX;
    assert_int_equal(state_score_ppm(most, most), 1000000);
    assert_int_equal(state_score_ppm(most - 1, most), 999999);
}

static void test_reject(void **state)
{
    (void)state;
    struct hash task = with_task(10000), e = hash_of_text("evidence");
    struct tx tx = fixture_propose(&f, BOB, task, 1, 525);
    struct hash id = apply(&tx);
    tx = fixture_decide(&f, ALICE, false, id, e);
    apply(&tx);
    assert_int_equal(state_proposal_find(s, id)->state, PROPOSAL_REJECTED);
    assert_int_equal(balance(BOB), 300000 - 10);
    refuse(&f, ALICE, fixture_decide(&f, ALICE, true, id, e), "not open");
    seal();
    assert_int_equal(state_task_find(s, task)->best_total, 0);
    assert_int_equal(state_task_find(s, task)->pool_left, 10000);
}

static struct hash reviewed_task(int owner)
{
    struct tx tx = fixture_tx(&f, owner, TX_TASK);
    struct tx_task body = fixture_task(&f, owner, 10000).task;
    f.nonce[owner]--;
    tx.task = body;
    tx.task.reviewers = 3;
    tx.task.approvals = 2;
    tx.task.reviewer[0] = f.who[ALICE];
    tx.task.reviewer[1] = f.who[BOB];
    tx.task.reviewer[2] = f.who[VAL];
    struct hash id = apply(&tx);
    seal();
    return id;
}

static void test_several_reviewers(void **state)
{
    (void)state;
    f.genesis.min_fee = 0;
    fresh();
    struct hash task = reviewed_task(ALICE), e = hash_of_text("evidence");
    struct tx tx = fixture_propose(&f, BOB, task, 1, 550);
    struct hash id = apply(&tx);
    tx = fixture_decide(&f, ALICE, true, id, e);
    apply(&tx);
    seal();
    assert_int_equal(state_proposal_find(s, id)->state, PROPOSAL_OPEN);
    refuse(&f, ALICE, fixture_decide(&f, ALICE, true, id, e), "decided already");
    refuse(&f, ALICE, fixture_decide(&f, ALICE, false, id, e), "decided already");
    tx = fixture_tx(&f, VAL, TX_APPROVE); /* an account without tokens, where nothing is asked */
    tx.fee = 0;
    tx.decide.proposal = id;
    tx.decide.evidence = e;
    apply(&tx);
    assert_int_equal(state_proposal_find(s, id)->state, PROPOSAL_ACCEPTED);
    seal();
}

static void test_self(void **state)
{
    (void)state;
    struct hash task = with_task(10000), e = hash_of_text("evidence");
    struct tx tx = fixture_propose(&f, ALICE, task, 1, 550);
    struct hash id = apply(&tx);
    tx = fixture_decide(&f, ALICE, true, id, e);
    apply(&tx);
    assert_int_equal(state_proposal_find(s, id)->state, PROPOSAL_ACCEPTED);
    assert_true(state_proposal_find(s, id)->decision[0].self);
    seal();

    /* With a second validator nobody is alone: no default reviewer, no decision on one's own. */
    f.genesis.validators = 2;
    f.genesis.validator[1] = *key_public_of(f.key[BOB]);
    fresh();
    refuse(&f, ALICE, fixture_task(&f, ALICE, 10), "name its reviewers");
    task = reviewed_task(ALICE);
    tx = fixture_propose(&f, ALICE, task, 1, 550);
    id = apply(&tx);
    refuse(&f, ALICE, fixture_decide(&f, ALICE, true, id, e), "their own");
    refuse(&f, ALICE, fixture_decide(&f, ALICE, false, id, e), "their own");
    tx = fixture_decide(&f, BOB, true, id, e);
    apply(&tx);
    assert_false(state_proposal_find(s, id)->decision[0].self);
    seal();
}

/* Closed proposals are forgotten in batches; open ones and what is found by id stay right. */
static void test_forgetting(void **state)
{
    (void)state;
    struct hash task = with_task(0), keep, last = task;
    struct tx tx = fixture_propose(&f, BOB, task, 0, 550);
    f.genesis.expiry_blocks = 1u << 30;
    fresh();
    task = with_task(0);
    tx = fixture_propose(&f, BOB, task, 0, 550);
    keep = apply(&tx);
    const struct state_proposal *list;
    for (unsigned i = 1; i < 9000; i++) {
        tx = fixture_propose(&f, ALICE, task, i, 550);
        last = apply(&tx);
        tx = fixture_decide(&f, ALICE, false, last, tx.propose.evidence);
        apply(&tx);
        if (i % 500 == 0)
            seal();
    }
    seal();
    int n = state_proposals(s, &list);
    assert_true(n >= STATE_CLOSED_KEPT && n <= 2 * STATE_CLOSED_KEPT + 500);
    assert_int_equal(state_proposal_find(s, keep)->state, PROPOSAL_OPEN);
    assert_int_equal(state_proposal_find(s, last)->state, PROPOSAL_REJECTED);
    assert_true(hash_equal(list[0].id, keep));
    assert_true(hash_equal(list[n - 1].id, last));
    tx = fixture_decide(&f, ALICE, true, keep, hash_of_text("evidence"));
    apply(&tx);
    seal();
}

static void random_tx(struct random *r, struct hash *task, struct hash *proposal, struct tx *tx)
{
    static const enum tx_type pick[] = {TX_TRANSFER, TX_STAKE, TX_UNSTAKE, TX_PROPOSE, TX_PROPOSE, TX_APPROVE, TX_REJECT};
    int who = (int)random_below(r, 3);
    uint64_t amount = random_below(r, 20000);
    uint32_t dice = random_below(r, 50);
    if (dice == 0)
        *tx = fixture_task(&f, who, amount);
    else
        switch (pick[dice % 7]) {
        case TX_PROPOSE:
            *tx = fixture_propose(&f, who, *task, random_below(r, 20), 400 + random_below(r, 600));
            break;
        case TX_APPROVE:
        case TX_REJECT:
            *tx = fixture_decide(&f, who, dice % 7 == 5, *proposal, hash_of_text("evidence"));
            break;
        case TX_TRANSFER:
            *tx = fixture_transfer(&f, who, (who + 1) % 3, amount);
            break;
        default:
            *tx = fixture_tx(&f, who, pick[dice % 7]);
            tx->stake.amount = amount;
        }
    if (!state_apply(s, tx, NULL)) {
        f.nonce[who]--;
        return;
    }
    if (tx->type == TX_TASK)
        *task = tx_hash(tx);
    if (tx->type == TX_PROPOSE)
        *proposal = tx_hash(tx);
}

/* Whatever happens in whatever order, no unit appears or vanishes, and a copy goes the same way. */
static void test_conservation(void **state)
{
    (void)state;
    struct random r = random_start(4, RANDOM_TEST, 0, 0);
    struct hash task = with_task(50000), proposal = task;
    for (int block = 0; block < 300; block++) {
        struct state *copy = state_copy(s);
        struct tx tx[10];
        for (int i = 0; i < 10; i++)
            random_tx(&r, &task, &proposal, &tx[i]);
        seal();
        for (int i = 0; i < 10; i++)
            state_apply(copy, &tx[i], NULL);
        assert_true(state_end_block(copy, height, NULL));
        assert_true(hash_equal(state_hash(copy), state_hash(s)));
        state_free(copy);
        struct state_totals t = state_totals(s);
        assert_int_equal(t.balances + t.stakes + t.escrows + t.treasury + t.burnt, SUPPLY);
    }
    int closed[4] = {0}, n;
    const struct state_proposal *list;
    n = state_proposals(s, &list);
    for (int i = 0; i < n; i++)
        closed[list[i].state]++;
    assert_true(closed[PROPOSAL_ACCEPTED] > 3 && closed[PROPOSAL_REJECTED] > 3 && closed[PROPOSAL_EXPIRED] > 3);
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
    assert_true(state_apply(other, &tx, NULL) && state_end_block(other, 1, NULL));
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_genesis),      TEST(test_transfer),     TEST(test_stake),
        TEST(test_task),         TEST(test_propose),      TEST(test_accept),
        TEST(test_no_pay_below_baseline), TEST(test_reward_rounding), TEST(test_reject),    TEST(test_several_reviewers),
        TEST(test_self),         TEST(test_forgetting),   TEST(test_conservation),
        TEST(test_state_hash),   TEST(test_accounts_sorted)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
