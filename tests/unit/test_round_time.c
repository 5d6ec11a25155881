/* Rounds by the clock where messages are slow (git, with a pull each minute): the real machines of four, a clock of the test's
 * own, and the times that following gives to rounds. */
#include "tests/unit/test_support.h"

#include "base/memory.h"
#include "base/random.h"
#include "chain/consensus.h"
#include "work/follow.h"

#include <math.h>

#define SEATS 4
#define MESSAGES_MOST 65536
#define TIMERS_MOST 4096

struct message {
    struct vote vote;
    double at[SEATS]; /* when it arrives; NAN: it has */
};
struct timer {
    int seat;
    uint32_t round;
    enum vote_step step;
    double at;
};
struct world {
    struct consensus *machine[SEATS];
    bool decided[SEATS];
    struct hash decision[SEATS];
    struct message message[MESSAGES_MOST];
    struct timer timer[TIMERS_MOST];
    int messages, timers, away; /* away: a seat of which nothing is heard, or -1 */
    double now, base, least, most; /* seconds; of a message's way */
    double (*seconds)(double base, uint32_t round);
    struct random random;
};

static struct key_public voting_of(int seat)
{
    return (struct key_public){{(uint8_t)(seat + 1)}};
}

/* A block's id says in which round it was made. */
static struct hash block_of(uint32_t round, int seat)
{
    return (struct hash){{'b', (uint8_t)round, (uint8_t)(round >> 8), (uint8_t)seat}};
}

static void send(struct world *w, int from, struct vote v)
{
    assert_true(w->messages < MESSAGES_MOST);
    struct message *m = &w->message[w->messages++];
    m->vote = v;
    for (int i = 0; i < SEATS; i++)
        m->at[i] = w->now + w->least + (w->most - w->least) * random_unit(&w->random);
    m->at[from] = (double)NAN;
    if (v.step == VOTE_PROPOSAL)
        consensus_block(w->machine[from], v.block, (uint32_t)v.block.byte[1] | (uint32_t)v.block.byte[2] << 8, CONSENSUS_GOOD);
    consensus_vote(w->machine[from], &v);
}

static void act(struct world *w, int seat, const struct consensus_action *a)
{
    struct vote v = {.height = 1, .round = a->round, .block = a->id, .voting = voting_of(seat), .step = a->step};
    if (a->act == CONSENSUS_PROPOSE) {
        v.step = VOTE_PROPOSAL;
        v.valid = a->valid;
        v.block = a->valid ? a->id : block_of(a->round, seat);
    }
    if (a->act == CONSENSUS_PROPOSE || a->act == CONSENSUS_SIGN) {
        send(w, seat, v);
    } else if (a->act == CONSENSUS_TIMER) {
        assert_true(w->timers < TIMERS_MOST);
        w->timer[w->timers++] = (struct timer){seat, a->round, a->step, w->now + w->seconds(w->base, a->round)};
    } else if (a->act == CONSENSUS_DECIDE) {
        w->decided[seat] = true;
        w->decision[seat] = a->id;
    }
}

static void act_all(struct world *w, int seat)
{
    struct consensus_action a;
    while (consensus_next(w->machine[seat], &a))
        act(w, seat, &a);
}

static void deliver(struct world *w, int seat, struct message *m)
{
    if (!(m->at[seat] <= w->now))
        return;
    m->at[seat] = (double)NAN;
    if (m->vote.step == VOTE_PROPOSAL)
        consensus_block(w->machine[seat], m->vote.block,
                        (uint32_t)m->vote.block.byte[1] | (uint32_t)m->vote.block.byte[2] << 8, CONSENSUS_GOOD);
    consensus_vote(w->machine[seat], &m->vote);
    act_all(w, seat);
}

static void fire(struct world *w)
{
    for (int i = 0; i < w->timers; i++) {
        struct timer t = w->timer[i];
        if (t.at > w->now)
            continue;
        w->timer[i--] = w->timer[--w->timers];
        consensus_timeout(w->machine[t.seat], t.round, t.step);
        act_all(w, t.seat);
    }
}

static bool all_decided(const struct world *w)
{
    for (int i = 0; i < SEATS; i++)
        if (i != w->away && !w->decided[i])
            return false;
    return true;
}

/* The seconds until all that are there have decided; INFINITY: not within `limit`. */
static double run(struct world *w, double limit)
{
    struct consensus_config config = {.height = 1, .votes = true, .set = {.n = SEATS}};
    for (int i = 0; i < SEATS; i++)
        config.set.seat[i] = (struct rotation_seat){voting_of(i), 1, 0};
    for (int i = 0; i < SEATS; i++) {
        config.voting = voting_of(i);
        w->machine[i] = consensus_new(&config);
    }
    for (int i = 0; i < SEATS; i++)
        if (i != w->away) {
            consensus_start(w->machine[i]);
            act_all(w, i);
        }
    for (; w->now < limit && !all_decided(w); w->now++) {
        fire(w);
        for (int m = 0; m < w->messages; m++)
            for (int i = 0; i < SEATS; i++)
                if (i != w->away)
                    deliver(w, i, &w->message[m]);
    }
    for (int i = 0; i < SEATS; i++) {
        if (w->decided[i])
            assert_true(hash_equal(w->decision[i], w->decision[w->away == 0 ? 1 : 0]));
        consensus_free(w->machine[i]);
    }
    return all_decided(w) ? w->now : (double)INFINITY;
}

static double run_with(double base, double least, double most, int away, double (*seconds)(double, uint32_t), uint64_t seed,
                       double limit)
{
    struct world *w = NEW(struct world);
    *w = (struct world){.base = base, .least = least, .most = most, .away = away, .seconds = seconds};
    w->random = random_start(seed, RANDOM_SYNTH, 0, 0);
    double took = run(w, limit);
    free(w);
    return took;
}

/* Each pushes and pulls once a minute: up to two minutes on the way. */
static void test_a_pull_each_minute(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 10; seed++)
        for (int away = -1; away < 2; away++) {
            assert_true(run_with(180, 1, 120, away, follow_round_seconds, seed, 3600) < 3600); /* follow --every 60 */
            assert_true(run_with(6, 1, 120, away, follow_round_seconds, seed, 3 * 3600) < 3 * 3600); /* --every 2 */
        }
}

static double never_grows(double base, uint32_t round)
{
    (void)round;
    return base;
}

static double grows_no_more_behind_twenty(double base, uint32_t round)
{
    return base * (1 + (round < 20 ? round : 20) / 2.0);
}

/* The test can fail: rounds that stay shorter than the way reach nothing. */
static void test_rounds_that_do_not_grow(void **unused)
{
    (void)unused;
    assert_true(isinf(run_with(6, 90, 120, -1, never_grows, 1, 3600)));
    assert_true(isinf(run_with(6, 90, 120, -1, grows_no_more_behind_twenty, 1, 3 * 3600)));
    assert_true(run_with(6, 90, 120, -1, follow_round_seconds, 1, 3 * 3600) < 3 * 3600);
}

static void test_round_seconds(void **unused)
{
    (void)unused;
    assert_true(fabs(follow_round_seconds(6, 0) - 6) <= 0);
    assert_true(fabs(follow_round_seconds(6, 8) - 30) <= 0);
    assert_true(fabs(follow_round_seconds(6, 9) - 36) <= 1e-9);
    for (uint32_t r = 0; r < ROTATION_ROUND_MOST; r++)
        assert_true(follow_round_seconds(0.3, r) <= follow_round_seconds(0.3, r + 1));
    assert_true(fabs(follow_round_seconds(0.3, ROTATION_ROUND_MOST) - 86400) <= 0);
    assert_true(fabs(follow_round_seconds(864000, 3) - 864000) <= 0); /* what was asked for is not shortened */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_pull_each_minute),
        cmocka_unit_test(test_rounds_that_do_not_grow),
        cmocka_unit_test(test_round_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
