/* Thousands of valid and invalid transactions in any order: no unit appears or vanishes, what is refused changes nothing,
 * and the same blocks lead to the same state hash again. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/memory.h"
#include "chain/state_save.h"
#include "tests/unit/state_fixture.h"

#define BLOCKS 600
#define BLOCK_TXS 12
#define CLAIMS 24
#define TASKS 3

static struct random r;
static struct hash task[TASKS], proposal[CLAIMS];
static struct fixture_claim claim[CLAIMS];
static int owner[CLAIMS];
static int taken[TX_VERDICT + 1], refused[TX_VERDICT + 1];
static struct hash disputed[CLAIMS];

static uint32_t below(uint32_t n)
{
    return random_below(&r, n);
}

/* What a validator finds: mostly what is claimed, sometimes its own, the same for all that lie about this claim. */
static struct tx_finding finding_of(int k, int who)
{
    struct tx_finding found = claim[k].finding;
    if (k % 5 == 4 || (k % 7 == 3 && who == BOB))
        found.weights.byte[0] ^= 1;
    return found;
}

static void announce_one(int who, int k, struct tx *tx)
{
    const struct state_proposal *p = state_proposal_find(s, proposal[k]);
    if (!p || proposal_closed(p->state)) { /* else it would never come to an end */
        claim[k] = fixture_claim(below(40), 450 + below(400));
        owner[k] = who;
    }
    *tx = fixture_announce(&f, who, task[below(TASKS)], &claim[k]);
}

/* A kind that may fit where the proposal is: any at random would hardly ever be right. */
static enum tx_type fitting(int k)
{
    static const enum tx_type revealing[] = {TX_OPEN,    TX_REVEAL,    TX_REVEAL,  TX_REVEAL, TX_APPROVE,
                                             TX_REJECT, TX_CHALLENGE, TX_CHALLENGE, TX_RESPOND, TX_VERDICT};
    const struct state_proposal *p = state_proposal_find(s, proposal[k]);
    if (!p || proposal_closed(p->state) || below(3) == 0)
        return (enum tx_type)(1 + below(TX_HOLDOUT));
    if (p->state == PROPOSAL_ANNOUNCED)
        return TX_PROPOSE;
    if (p->state == PROPOSAL_CLAIMED)
        return TX_COMMIT;
    if (p->disputes > 0 && below(4))
        return below(2) ? TX_RESPOND : TX_VERDICT;
    return revealing[below(p->opened.height ? 10 : 2)];
}

/* Any step for any claim; whether it is the turn of it and of *who, the rules say. */
static struct tx random_tx(int *who, int *k)
{
    struct tx tx;
    *k = (int)below(CLAIMS);
    enum tx_type type = fitting(*k);
    uint64_t amount = below(20000);
    if ((type == TX_PROPOSE || type == TX_OPEN || type == TX_RESPOND) && below(10))
        *who = owner[*k];
    struct tx_finding found = finding_of(*k, *who);
    switch (type) {
    case TX_TRANSFER:
        return fixture_transfer(&f, *who, (int)below(WHO_N), amount);
    case TX_STAKE:
    case TX_UNSTAKE:
        tx = fixture_tx(&f, *who, below(2) ? TX_STAKE : TX_UNSTAKE);
        tx.stake.amount = amount;
        return tx;
    case TX_TASK:
        tx = fixture_task(&f, *who, below(3) ? 0 : amount);
        tx.task.folds = below(10) ? 0 : 2; /* mostly refused: the state keeps every task */
        tx.task.reviewers = WHO_N;
        tx.task.approvals = 1;
        memcpy(tx.task.reviewer, f.who, sizeof f.who);
        return tx;
    case TX_PROPOSE:
        return fixture_propose(&f, *who, proposal[*k], &claim[*k]);
    case TX_COMMIT:
        return fixture_commit(&f, *who, proposal[*k], &found);
    case TX_REVEAL:
        return fixture_reveal(&f, *who, proposal[*k], &found);
    case TX_OPEN:
        return fixture_open(&f, *who, proposal[*k], &claim[*k]);
    case TX_APPROVE:
    case TX_REJECT:
        return fixture_decide(&f, *who, below(3) != 0, proposal[*k], &claim[*k]);
    case TX_CHALLENGE:
        return fixture_challenge(&f, *who, proposal[*k], 1 + below(2), below(8), 100 + below(400));
    case TX_RESPOND:
        return fixture_respond(&f, *who, disputed[*k], below(4) == 0);
    case TX_VERDICT:
        return fixture_verdict(&f, *who, disputed[*k], below(3) == 0);
    case TX_HOLDOUT:
        return fixture_holdout(&f, *who, task[below(TASKS)]);
    default:
        announce_one(*who, *k, &tx);
        return tx;
    }
}

static void expect_same(const struct state *a, const struct state *b)
{
    struct state *x = state_copy(a), *y = state_copy(b);
    struct state_totals t = state_totals(a), u = state_totals(b);
    assert_memory_equal(&t, &u, sizeof t);
    int64_t far = START_US + INT64_C(1000000000000); /* all that waits falls due */
    for (uint64_t h = height + 1; h < height + 12; h++) {
        assert_true(state_end_block(x, h, far, NULL) && state_end_block(y, h, far, NULL));
        assert_true(hash_equal(state_hash(x), state_hash(y)));
    }
    state_free(x);
    state_free(y);
}

/* Sends one; remembers what it made. */
static bool send(struct tx *tx, int who, int k)
{
    bool compare = below(40) == 0;
    struct state *before = compare ? state_copy(s) : NULL;
    if (below(30) == 0)
        tx->nonce += below(3);
    if (below(60) == 0)
        tx->chain.byte[0] ^= 1;
    bool good = state_apply(s, tx, NULL);
    (good ? taken : refused)[tx->type]++;
    if (good && tx->type == TX_TASK)
        task[below(TASKS)] = tx_id(tx);
    if (good && tx->type == TX_CHALLENGE)
        disputed[k] = tx_id(tx);
    if (good && tx->type == TX_ANNOUNCE && owner[k] == who)
        proposal[k] = tx_id(tx);
    if (!good) {
        f.nonce[who]--;
        if (compare)
            expect_same(before, s);
    } else {
        f.nonce[who] = tx->nonce;
    }
    state_free(before);
    return good;
}

/* The blocks of a run, to go through again. */
struct log {
    struct tx tx[BLOCKS * BLOCK_TXS];
    size_t end[BLOCKS], n;
    int64_t time_us[BLOCKS];
};

static void record(struct log *log)
{
    int64_t now = START_US;
    for (int i = 0; i < TASKS; i++) {
        struct tx tx = fixture_task(&f, ALICE, 30000);
        tx.task.reviewers = WHO_N;
        tx.task.approvals = 1 + i % 2;
        memcpy(tx.task.reviewer, f.who, sizeof f.who);
        task[i] = apply(&tx);
        log->tx[log->n++] = tx;
    }
    struct tx tx = fixture_transfer(&f, ALICE, CAROL, 50000);
    apply(&tx);
    log->tx[log->n++] = tx;
    for (int b = 0; b < BLOCKS; b++) {
        for (int i = 0; i < BLOCK_TXS - 4; i++) {
            int k, who = (int)below(WHO_N);
            tx = random_tx(&who, &k);
            if (send(&tx, who, k))
                log->tx[log->n++] = tx;
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

static struct state *saved_and_read(struct state *old)
{
    struct bytes saved = {0};
    struct error err = {0};
    state_save(old, &saved);
    struct state *s_read = state_load(saved.data, saved.n, &f.genesis, &err);
    if (!s_read)
        fail_msg("%s", err.text);
    bytes_free(&saved);
    state_free(old);
    return s_read;
}

static void replay(const struct log *log, struct hash expected)
{
    struct state *again = state_new(&f.genesis, NULL);
    size_t i = 0;
    for (int b = 0; b < BLOCKS; b++) {
        for (; i < log->end[b]; i++)
            assert_true(state_apply(again, &log->tx[i], NULL));
        assert_true(state_end_block(again, (uint64_t)b + 1, log->time_us[b], NULL));
        if (b % 50 == 0) { /* a copy goes the same way */
            struct state *copy = state_copy(again);
            state_free(again);
            again = copy;
        }
        if (b % 50 == 25) /* and what was saved and read */
            again = saved_and_read(again);
    }
    assert_true(hash_equal(state_hash(again), expected));
    state_free(again);
}

static void run(uint64_t seed)
{
    struct log *log = NEW(struct log);
    r = random_start(seed, RANDOM_TEST, 0, 0);
    for (int k = 0; k < CLAIMS; k++) {
        claim[k] = fixture_claim(below(12), 500);
        proposal[k] = hash_of(&k, sizeof k);
        owner[k] = (int)below(WHO_N);
    }
    record(log);
    replay(log, state_hash(s));
    free(log);
}

/* That every kind was taken and refused, and every end reached, or the test shows little. */
static void count_ends(int ends[PROPOSAL_REFUTED + 1])
{
    const struct state_proposal *list;
    int n = state_proposals(s, &list);
    for (int i = 0; i < n; i++)
        ends[list[i].state]++;
}

static void test_any_order(void **state)
{
    (void)state;
    int ends[PROPOSAL_REFUTED + 1] = {0};
    f.genesis.epoch_blocks = 3;
    f.genesis.expiry_blocks = 12;
    f.genesis.expiry_seconds = 9;
    f.genesis.commit_blocks = 3;
    f.genesis.reveal_blocks = 5;
    f.genesis.unbonding_seconds = 10;
    memset(taken, 0, sizeof taken);
    memset(refused, 0, sizeof refused);
    for (uint64_t seed = 1; seed <= 15; seed++) {
        one_validator();
        if (seed % 2)
            three_validators();
        run(seed);
        count_ends(ends);
    }
    for (int k = TX_TRANSFER; k <= TX_VERDICT; k++)
        if ((k <= TX_HOLDOUT || k >= TX_CHALLENGE) && (taken[k] < 10 || refused[k] < 10))
            fail_msg("kind %d: %d taken, %d refused", k, taken[k], refused[k]);
    for (int e = PROPOSAL_ACCEPTED; e <= PROPOSAL_REFUTED; e++)
        if (ends[e] < 5)
            fail_msg("%d proposals are %s", ends[e], proposal_state_name((enum proposal_state)e));
    assert_true(state_totals(s).burnt > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rules_start, rules_end)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_any_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
