/* What strategies gain, played on the real state machine in worlds of random parameters. The table that comes out stands in
 * morphsmith-chain(5), section ECONOMY, and must be the one there: with MORPHSMITH_UPDATE_GOLDENS the page is rewritten. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "tests/unit/state_fixture.h"

#include <stdlib.h>

#define WORLDS 400
#define RICH 4000000
#define PAGE "man/morphsmith-chain.5"
#define BEGIN ".\\\" from here on as tests/unit/test_economy.c gives it\n"
#define END ".\\\" up to here\n"

/* val and alice are honest validators; carol is a third one with less than a third of all stakes; bob has none. Alice owns
 * the task and reviews it. */
static struct random r;
static struct hash task;
static uint64_t stake; /* of a claim */
static unsigned networks;

static uint32_t between(uint32_t least, uint32_t most)
{
    return least + random_below(&r, most - least + 1);
}

static void validators(struct genesis *g)
{
    static const int who[] = {VAL, ALICE, CAROL};
    uint32_t val = between(20000, 200000), alice = between(20000, 200000);
    uint32_t own[] = {val, alice, between(5000, (val + alice) / 2 - 1)};
    g->validators = 3;
    g->holders = WHO_N;
    g->supply = 0;
    for (int i = 0; i < WHO_N; i++) {
        g->holder[i].key = *key_public_of(f.key[i]);
        g->holder[i].balance = RICH;
        g->supply += RICH;
    }
    for (int i = 0; i < 3; i++) {
        g->validator[i].identity = g->validator[i].voting = *key_public_of(f.key[who[i]]);
        g->validator[i].stake = own[i];
        g->supply += own[i];
    }
}

static void world(void)
{
    struct genesis *g = &f.genesis;
    many(g);
    validators(g);
    g->missed_ppm = between(10000, 200000);
    g->finder_ppm = between(100000, 900000);
    g->attest_ppm = between(10000, 50000);
    g->double_ppm = between(10000, 100000);
    g->deposit_ppm = between(20000, 200000);
    g->expiry_blocks = 60;
    fresh();
    stake = between(10000, 100000);
    struct tx tx = fixture_task(&f, ALICE, between(10000, 1000000));
    tx.task.full_pay_ppm = between(50000, 200000);
    tx.task.reviewers = tx.task.approvals = 1;
    tx.task.reviewer[0] = f.who[ALICE];
    task = apply(&tx);
    seal();
}

static int64_t wealth(int who)
{
    return (int64_t)(balance(who) + staked(who));
}

/* --- steps ---------------------------------------------------------------------------------------------------------- */

static struct fixture_claim network(uint32_t correct)
{
    return fixture_claim(networks++, correct);
}

static struct hash claim(int who, const struct fixture_claim *c)
{
    struct tx tx = fixture_announce(&f, who, task, c);
    tx.announce.stake = stake;
    struct hash id = apply(&tx);
    seal();
    apply_now(fixture_propose(&f, who, id, c));
    return id;
}

static void commits(struct hash id, const struct tx_finding *found, const int *who, int n)
{
    for (int i = 0; i < n; i++)
        apply_now(fixture_commit(&f, who[i], id, found));
}

static void opens(int who, struct hash id, const struct fixture_claim *c)
{
    while (state_of(id) == PROPOSAL_CLAIMED)
        seal();
    apply_now(fixture_open(&f, who, id, c));
    seal();
}

static void reveals(struct hash id, const struct tx_finding *found, const int *who, int n)
{
    for (int i = 0; i < n; i++)
        apply_now(fixture_reveal(&f, who[i], id, found));
}

static const int honest[] = {VAL, ALICE};

/* A claim that val and alice re-run, and that alice approves where it is true. */
static struct hash judged(int who, const struct fixture_claim *c, const struct tx_finding *truth)
{
    struct hash id = claim(who, c);
    commits(id, truth, honest, 2);
    opens(who, id, c);
    reveals(id, truth, honest, 2);
    seal();
    if (state_proposal_find(s, id)->verified)
        apply_now(fixture_decide(&f, ALICE, true, id, c));
    seal();
    return id;
}

/* --- strategies: what is gained, and what was at risk ----------------------------------------------------------------- */

static int64_t honest_claim(int64_t *risk)
{
    struct fixture_claim c = network(between(505, 600));
    int64_t before = wealth(BOB);
    *risk = (int64_t)stake;
    assert_int_equal(state_of(judged(BOB, &c, &c.finding)), PROPOSAL_ACCEPTED);
    return wealth(BOB) - before;
}

static int64_t honest_validator(int64_t *risk)
{
    struct fixture_claim c = network(550);
    int64_t before = wealth(CAROL);
    *risk = (int64_t)staked(CAROL);
    struct hash id = claim(BOB, &c);
    commits(id, &c.finding, (const int[]){VAL, ALICE, CAROL}, 3);
    opens(BOB, id, &c);
    reveals(id, &c.finding, (const int[]){VAL, ALICE, CAROL}, 3);
    seal();
    assert_true(state_proposal_find(s, id)->verified);
    return wealth(CAROL) - before;
}

/* Bob's false claim, attested by a validator in league with him while the others were away; somebody re-runs it in time. */
static struct hash conspiracy(const struct fixture_claim *c)
{
    struct hash id = claim(BOB, c);
    commits(id, &c->finding, (const int[]){CAROL}, 1);
    opens(BOB, id, c);
    return id;
}

static int64_t honest_challenger(int64_t *risk)
{
    struct fixture_claim c = network(700);
    struct hash id = conspiracy(&c);
    int64_t before = wealth(VAL);
    uint64_t deposit = state_challenge_least(s, state_proposal_find(s, id));
    *risk = (int64_t)deposit;
    struct hash challenged = apply_now(fixture_challenge(&f, VAL, id, 1, 3, deposit));
    seal();
    apply_now(fixture_verdict(&f, ALICE, challenged, true));
    seal();
    return wealth(VAL) - before;
}

static int64_t false_claim(int64_t *risk)
{
    struct fixture_claim c = network(700), truth = network(520);
    int64_t before = wealth(BOB);
    *risk = (int64_t)stake;
    assert_int_equal(state_of(judged(BOB, &c, &truth.finding)), PROPOSAL_REFUTED);
    return wealth(BOB) - before;
}

static int64_t false_claim_with_a_friend(int64_t *risk)
{
    struct fixture_claim c = network(700);
    int64_t before = wealth(BOB) + wealth(CAROL);
    *risk = (int64_t)stake;
    struct hash id = conspiracy(&c);
    uint64_t deposit = state_challenge_least(s, state_proposal_find(s, id));
    struct hash challenged = apply_now(fixture_challenge(&f, VAL, id, 1, 3, deposit));
    reveals(id, &c.finding, (const int[]){CAROL}, 1);
    seal();
    apply_now(fixture_verdict(&f, ALICE, challenged, true));
    seal();
    assert_int_equal(state_of(id), PROPOSAL_REFUTED);
    return wealth(BOB) + wealth(CAROL) - before;
}

/* Found out, he has a friend challenge first and concedes, so that the finder's share stays in the family. */
static int64_t false_claim_rescued(int64_t *risk)
{
    struct fixture_claim c = network(700), truth = network(520);
    int64_t before = wealth(BOB) + wealth(CAROL);
    *risk = (int64_t)stake;
    struct hash id = claim(BOB, &c);
    commits(id, &truth.finding, honest, 2);
    opens(BOB, id, &c);
    uint64_t deposit = state_challenge_least(s, state_proposal_find(s, id));
    struct hash challenged = apply_now(fixture_challenge(&f, CAROL, id, 1, 3, deposit));
    apply_now(fixture_respond(&f, BOB, challenged, true));
    seal();
    return wealth(BOB) + wealth(CAROL) - before;
}

/* The commitment of another, which binds its key: it cannot be revealed. */
static int64_t copier(int64_t *risk)
{
    struct fixture_claim c = network(550);
    int64_t before = wealth(CAROL);
    *risk = (int64_t)staked(CAROL);
    struct hash id = claim(BOB, &c);
    commits(id, &c.finding, honest, 2);
    struct tx copied = fixture_commit(&f, CAROL, id, &c.finding);
    copied.commit.commitment = state_proposal_find(s, id)->attest[0].commitment;
    apply(&copied);
    opens(BOB, id, &c);
    reveals(id, &c.finding, honest, 2);
    refuse(CAROL, fixture_reveal(&f, CAROL, id, &c.finding), "not what the sender committed to");
    for (int i = 0; i < 3; i++)
        seal();
    assert_true(state_proposal_find(s, id)->verified);
    return wealth(CAROL) - before;
}

/* The claim's own counts, which are public, with a root that is made up. */
static int64_t guesser(int64_t *risk)
{
    struct fixture_claim c = network(550), guess = network(550);
    int64_t before = wealth(CAROL);
    *risk = (int64_t)staked(CAROL);
    struct hash id = claim(BOB, &c);
    commits(id, &c.finding, honest, 2);
    commits(id, &guess.finding, (const int[]){CAROL}, 1);
    opens(BOB, id, &c);
    reveals(id, &c.finding, honest, 2);
    reveals(id, &guess.finding, (const int[]){CAROL}, 1);
    seal();
    assert_true(state_proposal_find(s, id)->verified);
    return wealth(CAROL) - before;
}

static int64_t missed_reveal(int64_t *risk)
{
    struct fixture_claim c = network(550);
    int64_t before = wealth(CAROL);
    *risk = (int64_t)staked(CAROL);
    struct hash id = claim(BOB, &c);
    commits(id, &c.finding, (const int[]){VAL, ALICE, CAROL}, 3);
    opens(BOB, id, &c);
    reveals(id, &c.finding, honest, 2);
    for (int i = 0; i < 3; i++)
        seal();
    assert_true(state_proposal_find(s, id)->verified);
    return wealth(CAROL) - before;
}

static struct vote vote_of(struct hash block)
{
    struct vote v = {.chain = f.chain_id, .step = VOTE_PRECOMMIT, .height = height, .block = block};
    vote_sign(&v, f.key[CAROL]);
    return v;
}

static int64_t double_signer(int64_t *risk)
{
    struct tx tx = fixture_tx(&f, BOB, TX_EVIDENCE);
    struct bytes a = {0}, b = {0};
    int64_t before = wealth(CAROL);
    *risk = (int64_t)staked(CAROL);
    tx.evidence.a = vote_of(hash_of_text("one"));
    tx.evidence.b = vote_of(hash_of_text("other"));
    vote_encode(&tx.evidence.a, &a);
    vote_encode(&tx.evidence.b, &b);
    if (memcmp(a.data, b.data, VOTE_BYTES) > 0) {
        struct vote first = tx.evidence.b;
        tx.evidence.b = tx.evidence.a;
        tx.evidence.a = first;
    }
    bytes_free(&a);
    bytes_free(&b);
    apply(&tx);
    seal();
    return wealth(CAROL) - before;
}

static int64_t frivolous(int64_t *risk, bool decided)
{
    struct fixture_claim c = network(550);
    int64_t before = wealth(CAROL);
    struct hash id = claim(BOB, &c);
    commits(id, &c.finding, honest, 2);
    opens(BOB, id, &c);
    uint64_t deposit = state_challenge_least(s, state_proposal_find(s, id));
    *risk = (int64_t)deposit;
    struct hash challenged = apply_now(fixture_challenge(&f, CAROL, id, 1, 3, deposit));
    seal();
    if (decided)
        apply_now(fixture_verdict(&f, VAL, challenged, false));
    for (int i = 0; i < 4; i++)
        seal();
    assert_int_equal(state_challenge_find(s, challenged)->state, decided ? CHALLENGE_DISMISSED : CHALLENGE_LAPSED);
    return wealth(CAROL) - before;
}

static int64_t frivolous_decided(int64_t *risk)
{
    return frivolous(risk, true);
}

static int64_t frivolous_lapsed(int64_t *risk)
{
    return frivolous(risk, false);
}

/* One improvement in two to four steps instead of one, in the same world; against what the jump gains. */
static int64_t splitting(int64_t *risk)
{
    uint32_t whole = between(520, 600), parts = between(2, 4), at = 500;
    struct state *same = state_copy(s);
    uint64_t nonce[WHO_N];
    struct fixture_claim c = network(whole);
    memcpy(nonce, f.nonce, sizeof nonce);
    uint64_t was = height;
    int64_t before = wealth(BOB);
    judged(BOB, &c, &c.finding);
    int64_t jump = wealth(BOB) - before;
    state_free(s);
    s = same;
    height = was;
    memcpy(f.nonce, nonce, sizeof nonce);
    for (uint32_t i = 1; i <= parts; i++) {
        uint32_t next = i == parts ? whole : at + (whole - at) / (parts - i + 1);
        c = network(next);
        judged(BOB, &c, &c.finding);
        at = next;
    }
    *risk = (int64_t)stake;
    return wealth(BOB) - before - jump;
}

/* --- the table ------------------------------------------------------------------------------------------------------ */

struct strategy {
    const char *name, *risk;
    int64_t (*play)(int64_t *risk);
    bool dishonest;
};
static const struct strategy strategies[] = {
    {"a true claim", "its stake", honest_claim, false},
    {"training again and revealing", "own stake", honest_validator, false},
    {"challenging a false claim", "the deposit", honest_challenger, false},
    {"a false claim", "its stake", false_claim, true},
    {"  with a validator in league", "its stake", false_claim_with_a_friend, true},
    {"  conceded to a friend", "its stake", false_claim_rescued, true},
    {"copying a commitment", "own stake", copier, true},
    {"guessing instead of training", "own stake", guesser, true},
    {"not revealing", "own stake", missed_reveal, true},
    {"signing twice", "own stake", double_signer, true},
    {"a groundless challenge", "the deposit", frivolous_decided, true},
    {"  that nobody decides", "the deposit", frivolous_lapsed, true},
    {"splitting one improvement", "its stake", splitting, true},
};

static void put_row(struct text *out, const struct strategy *w)
{
    double sum = 0, best = -1e9, worst = 1e9;
    r = random_start(20, RANDOM_TEST, (uint32_t)(w - strategies), 0);
    for (int i = 0; i < WORLDS; i++) {
        int64_t risk;
        world();
        int64_t gain = w->play(&risk);
        double share = 100.0 * (double)gain / (double)risk;
        assert_true(state_audit(s, NULL));
        sum += share;
        best = share > best ? share : best;
        worst = share < worst ? share : worst;
    }
    if (w->dishonest ? best >= 0 : sum <= 0)
        fail_msg("%s gains from %.4f to %.4f %%, %.4f on average", w->name, worst, best, sum / WORLDS);
    text_printf(out, "%-32s%-12s%9.1f%9.1f%9.1f\n", w->name, w->risk, sum / WORLDS, worst, best);
}

static char *table(void)
{
    struct text t = {0};
    text_printf(&t, ".nf\n%-32s%-12s%9s%9s%9s\n", "strategy", "at risk", "mean %", "least %", "most %");
    for (size_t i = 0; i < ARRAY_N(strategies); i++)
        put_row(&t, &strategies[i]);
    text_put(&t, ".fi\n");
    return t.data;
}

static void rewrite(const char *path, const char *page, const char *at, const char *end, const char *now)
{
    struct text t = {0};
    text_printf(&t, "%.*s%s%s", (int)(at - page), page, now, end);
    assert_true(file_write(path, t.data, t.n, 0644, NULL));
    text_free(&t);
}

static void test_no_dishonesty_pays(void **state)
{
    (void)state;
    const char *top = getenv("top_srcdir");
    char path[FILE_PATH_MAX], *now = table();
    struct bytes page = {0};
    file_join(path, sizeof path, top ? top : ".", PAGE);
    assert_true(file_read(path, 1 << 22, &page, NULL));
    bytes_put_u8(&page, 0);
    char *at = strstr((char *)page.data, BEGIN), *end = at ? strstr(at, END) : NULL;
    assert_non_null(end);
    at += strlen(BEGIN);
    bool same = (size_t)(end - at) == strlen(now) && memcmp(at, now, strlen(now)) == 0;
    if (!same && getenv("MORPHSMITH_UPDATE_GOLDENS"))
        rewrite(path, (char *)page.data, at, end, now);
    else if (!same)
        fail_msg("the page has another table than the simulation:\n%s", now);
    bytes_free(&page);
    free(now);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rules_start, rules_end)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_no_dishonesty_pays)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
