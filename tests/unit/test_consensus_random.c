/* Many validators over an unkind network for many heights, seeded: five to twenty of unequal power, up to a third of
 * it lying, messages late, out of order and lost, parties that stop and start again from their guard's bytes, clocks
 * that run at different speeds. No two certificates at a height, ever; and with all honest and connected, each height
 * is decided in its first rounds. */
#include "test_support.h"

#include "chain/guard.h"

#include "base/memory.h"
#include "base/random.h"

#define SEATS_MOST 20
#define SENT_MOST 20000
#define ROUNDS_MOST 400

struct party {
    struct consensus *c;
    struct bytes guard; /* the file */
    bool liar, decided;
    struct hash decision;
    double speed;
    double timer[3]; /* when it ends; 0: not running */
    uint32_t timer_round[3];
};
struct letter {
    struct vote vote;
    bool block; /* with it */
    double at[SEATS_MOST]; /* when it is there; < 0: was read, or never */
};
struct world {
    struct random random;
    struct rotation set;
    uint64_t height;
    int n;
    double now, delay, loss;
    struct party party[SEATS_MOST];
    struct letter *letter;
    size_t letters;
    uint64_t restarts, lost, evidence;
    struct hash final;
    bool any_final;
};

static struct key_public voting_of(int seat)
{
    return (struct key_public){{(uint8_t)(seat + 1)}};
}

static struct hash block_of(uint32_t round, int nth)
{
    struct hash h = {{'b', (uint8_t)(round & 255), (uint8_t)(round >> 8), (uint8_t)nth}};
    return h;
}

static uint32_t made_in(struct hash id)
{
    return (uint32_t)(id.byte[1] | id.byte[2] << 8);
}

static bool chance(struct world *w, double p)
{
    return random_unit(&w->random) < p;
}

/* --- the post ----------------------------------------------------------------------------------------------------- */

static void post(struct world *w, const struct vote *v, bool block, int from)
{
    ASSERT(w->letters < SENT_MOST);
    struct letter *l = &w->letter[w->letters++];
    *l = (struct letter){.vote = *v, .block = block};
    for (int i = 0; i < w->n; i++) {
        bool gone = i != from && chance(w, w->loss);
        w->lost += gone;
        /* what is lost comes all the same, much later: a pool is read again */
        l->at[i] = i == from ? w->now : w->now + w->delay * (random_unit(&w->random) + (gone ? 20 : 0));
    }
}

static struct vote vote_of(const struct world *w, enum vote_step step, int seat, uint32_t round, uint32_t valid,
                           struct hash id)
{
    return (struct vote){.step = step,
                         .height = w->height,
                         .round = round,
                         .valid = valid,
                         .block = id,
                         .voting = voting_of(seat)};
}

/* --- honest ------------------------------------------------------------------------------------------------------- */

static void read_guard(const struct party *p, struct guard_state *out)
{
    assert_true(guard_decode(p->guard.data, p->guard.n, out, NULL));
}

static void write_guard(struct party *p, const struct guard_state *s)
{
    bytes_clear(&p->guard);
    guard_encode(s, &p->guard);
}

static void start_party(struct world *w, int i)
{
    struct party *p = &w->party[i];
    struct guard_state g;
    struct consensus_config config = {.height = w->height, .set = w->set, .votes = true, .voting = voting_of(i)};
    read_guard(p, &g);
    if (g.any && g.last.height == w->height)
        config.record = (struct consensus_record){true, g.last.round, g.last.step, g.locked, g.valid};
    consensus_free(p->c);
    p->c = consensus_new(&config);
    memset(p->timer, 0, sizeof p->timer);
    consensus_start(p->c);
}

/* Through the guard; what it refuses is not sent. */
static bool sign(struct world *w, int i, struct vote *v, const struct consensus_record *record)
{
    struct guard_state g;
    read_guard(&w->party[i], &g);
    enum guard_answer answer = guard_ask(&g, v, NULL);
    assert_int_not_equal(answer, GUARD_NO); /* the machine goes on where the guard is */
    guard_note(&g, v, record);
    write_guard(&w->party[i], &g);
    return true;
}

static void decide(struct world *w, struct party *p, struct hash id)
{
    p->decided = true;
    p->decision = id;
    if (!w->any_final)
        w->final = id;
    w->any_final = true;
    assert_true(hash_equal(w->final, id));
}

static void act(struct world *w, int i, const struct consensus_action *a)
{
    struct party *p = &w->party[i];
    bool make = a->act == CONSENSUS_PROPOSE;
    struct hash id = make && !a->valid ? block_of(a->round, 0) : a->id;
    if (a->act == CONSENSUS_TIMER) {
        p->timer[a->step] = w->now + p->speed * (4 + 2 * a->round);
        p->timer_round[a->step] = a->round;
    } else if (a->act == CONSENSUS_DECIDE) {
        decide(w, p, id);
    } else if (a->act == CONSENSUS_EVIDENCE) {
        assert_true(vote_conflict(&a->a, &a->b));
        assert_true(w->party[a->a.voting.byte[0] - 1].liar); /* no honest one is ever convicted */
        w->evidence++;
    } else {
        struct vote v = vote_of(w, make ? VOTE_PROPOSAL : a->step, i, a->round, make ? a->valid : 0, id);
        if (sign(w, i, &v, &a->record))
            post(w, &v, make, i);
    }
}

static void read_letters(struct world *w, int i)
{
    struct party *p = &w->party[i];
    struct consensus_action a;
    for (size_t k = 0; k < w->letters; k++) {
        struct letter *l = &w->letter[k];
        if (l->at[i] < 0 || l->at[i] > w->now)
            continue;
        if (l->block)
            consensus_block(p->c, l->vote.block, made_in(l->vote.block), CONSENSUS_GOOD);
        /* what was refused is offered again: by then others may stand behind it */
        l->at[i] = consensus_vote(p->c, &l->vote) ? -1 : w->now + 10;
    }
    for (int step = 0; step < 3; step++)
        if (p->timer[step] > 0 && p->timer[step] <= w->now) {
            p->timer[step] = 0;
            consensus_timeout(p->c, p->timer_round[step], (enum vote_step)step);
        }
    while (consensus_next(p->c, &a))
        act(w, i, &a);
}

/* Stops, loses all but the guard's file and the pool, starts again. */
static void restart(struct world *w, int i)
{
    for (size_t k = 0; k < w->letters; k++)
        if (w->letter[k].at[i] < 0)
            w->letter[k].at[i] = w->now + w->delay * random_unit(&w->random);
    start_party(w, i);
    w->restarts++;
}

/* --- lies --------------------------------------------------------------------------------------------------------- */

/* To one party, to others long after: what one honest party has, at last all have, since they share their pools. */
static void whisper(struct world *w, const struct vote *v, bool block, int to)
{
    if (w->letters + 100 > SENT_MOST)
        return;
    post(w, v, block, to);
    for (int i = 0; i < w->n; i++)
        if (i != to && chance(w, 0.5))
            w->letter[w->letters - 1].at[i] += 40 * w->delay * random_unit(&w->random);
}

static void lie(struct world *w, int i, uint32_t round)
{
    uint32_t r = chance(w, 0.1) ? random_below(&w->random, ROUNDS_MOST) : round;
    struct rotation turn = w->set;
    bool mine = rotation_proposer(&turn, r) == i;
    for (int to = 0; to < w->n; to++) {
        int nth = (int)random_below(&w->random, 3);
        struct hash id = nth == 2 && w->letters ? w->letter[random_below(&w->random, (uint32_t)w->letters)].vote.block
                                                : block_of(r, nth);
        enum vote_step step = (enum vote_step)random_below(&w->random, 3);
        bool proposal = step == VOTE_PROPOSAL;
        if ((proposal && (!mine || hash_is_zero(id))) || chance(w, 0.5))
            continue;
        struct vote v = vote_of(w, step, i, r, proposal ? random_below(&w->random, r + 1) : 0, id);
        whisper(w, &v, proposal, to);
    }
}

/* --- heights ------------------------------------------------------------------------------------------------------ */

static uint32_t highest_round(struct world *w)
{
    uint32_t most = 0;
    for (int i = 0; i < w->n; i++) {
        struct consensus_view v;
        if (w->party[i].liar)
            continue;
        consensus_look(w->party[i].c, &v);
        most = v.round > most ? v.round : most;
    }
    return most;
}

static bool all_decided(const struct world *w)
{
    for (int i = 0; i < w->n; i++)
        if (!w->party[i].liar && !w->party[i].decided)
            return false;
    return true;
}

static void assert_certified(struct world *w, int i)
{
    struct consensus_view v;
    struct vote votes[ROTATION_SEATS_MAX];
    uint64_t power = 0;
    consensus_look(w->party[i].c, &v);
    int n = consensus_certificate(w->party[i].c, v.decision_round, v.decision, votes);
    for (int k = 0; k < n; k++)
        power += w->set.seat[votes[k].voting.byte[0] - 1].power;
    assert_true(3 * power > 2 * rotation_power(&w->set));
}

static void show(struct world *w)
{
    for (int i = 0; i < w->n; i++) {
        struct consensus_view v;
        if (w->party[i].liar) {
            print_message("# %d lies, power %llu\n", i, (unsigned long long)w->set.seat[i].power);
            continue;
        }
        consensus_look(w->party[i].c, &v);
        print_message("# %d power %llu round %u step %s locked %u %02x%02x%02x valid %u %02x%02x%02x%s\n", i,
                      (unsigned long long)w->set.seat[i].power, v.round, vote_step_name(v.step), v.locked.next,
                      v.locked.id.byte[1], v.locked.id.byte[2], v.locked.id.byte[3], v.valid.next, v.valid.id.byte[1],
                      v.valid.id.byte[2], v.valid.id.byte[3], v.decided ? " decided" : "");
    }
}

/* One height; returns its last round. `storms`: so many ticks until messages come in time and nobody stops any more. */
static uint32_t play(struct world *w, int storms)
{
    double delay = w->delay, loss = w->loss;
    w->letters = 0;
    w->any_final = false;
    w->now = 0;
    for (int i = 0; i < w->n; i++) {
        w->party[i].decided = false;
        start_party(w, i);
    }
    for (int tick = 0; !all_decided(w); tick++, w->now += 0.5) {
        w->delay = tick < storms ? delay : 0.4;
        w->loss = tick < storms ? loss : 0;
        if (tick >= 4000) {
            show(w);
            fail_msg("no progress at height %llu", (unsigned long long)w->height);
        }
        uint32_t round = highest_round(w);
        for (int i = 0; i < w->n; i++) {
            if (w->party[i].liar && tick < 2 * storms)
                lie(w, i, round);
            else if (!w->party[i].liar && !w->party[i].decided && tick < storms && chance(w, 0.01))
                restart(w, i);
            if (!w->party[i].liar)
                read_letters(w, i);
        }
    }
    for (int i = 0; i < w->n; i++)
        if (!w->party[i].liar)
            assert_certified(w, i);
    uint32_t round = highest_round(w);
    w->delay = delay;
    w->loss = loss;
    return round;
}

/* Powers of 1 to 9, liars of less than a third of it all. */
static void begin(struct world *w, uint32_t run, bool liars)
{
    uint64_t total = 0, lying = 0;
    *w = (struct world){.random = random_start(11, RANDOM_TEST, run, 0), .letter = NEW_ARRAY(struct letter, SENT_MOST)};
    w->n = w->set.n = 5 + (int)random_below(&w->random, SEATS_MOST - 4);
    for (int i = 0; i < w->n; i++) {
        w->set.seat[i] = (struct rotation_seat){voting_of(i), 1 + random_below(&w->random, 9), 0};
        total += w->set.seat[i].power;
    }
    for (int i = 0; i < w->n; i++) {
        struct guard_state g = {.voting = voting_of(i)};
        w->party[i].speed = 0.7 + 0.6 * random_unit(&w->random);
        w->party[i].liar = liars && 3 * (lying + w->set.seat[i].power) < total && chance(w, 0.5);
        lying += w->party[i].liar ? w->set.seat[i].power : 0;
        write_guard(&w->party[i], &g);
    }
}

static void end(struct world *w)
{
    for (int i = 0; i < w->n; i++) {
        consensus_free(w->party[i].c);
        bytes_free(&w->party[i].guard);
    }
    free(w->letter);
}

static void test_all_honest_and_connected(void **state)
{
    (void)state;
    for (uint32_t run = 0; run < 20; run++) {
        struct world w;
        begin(&w, run, false);
        w.delay = 0.4;
        for (w.height = 1; w.height <= 10; w.height++) {
            assert_int_equal(play(&w, 0), 0); /* in the first round */
            rotation_advance(&w.set);
        }
        assert_int_equal(w.evidence, 0);
        end(&w);
    }
}

static void test_storms_and_liars(void **state)
{
    uint64_t restarts = 0, lost = 0, evidence = 0, heights = 0;
    uint32_t most = 0;
    (void)state;
    for (uint32_t run = 0; run < 30; run++) {
        struct world w;
        begin(&w, 1000 + run, true);
        w.delay = 1 + 8 * random_unit(&w.random);
        w.loss = 0.3 * random_unit(&w.random);
        for (w.height = 1; w.height <= 4; w.height++, heights++) {
            uint32_t round = play(&w, 60);
            most = round > most ? round : most;
            rotation_advance(&w.set);
        }
        restarts += w.restarts;
        lost += w.lost;
        evidence += w.evidence;
        end(&w);
    }
    print_message("# %llu heights, %llu restarts, %llu messages late, %llu convictions, at most round %u\n",
                  (unsigned long long)heights, (unsigned long long)restarts, (unsigned long long)lost,
                  (unsigned long long)evidence, most);
    assert_true(restarts > 100 && lost > 1000 && evidence > 10 && most > 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_honest_and_connected),
        cmocka_unit_test(test_storms_and_liars),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
