/* The consensus machine against a liar, over all orders of messages up to a bound.
 *
 * Four validators of equal power, three honest, one liar; one height; rounds 0 and 1 to their end (whoever goes on to
 * round 2 does nothing more there). The honest ones run src/chain/consensus*.c and guard_ask/guard_note of
 * src/chain/guard.c, not a copy of their rules. Whose turn it is follows rotation.c: seat 0 in round 0, seat 1 in
 * round 1. The liar sits at seat 0 (proposes first), at 1 (proposes second) and at 2 (never proposes; seat 3 is the
 * same by symmetry).
 *
 * Explored, all of it, until no new state comes:
 *   - every order, delay and loss of messages: anything sent may reach anyone at any later time, or never;
 *   - the liar sends anyone anything at any time: as proposer, either of two blocks of its own or any other block,
 *     with any valid round; prevotes and precommits for nil and any block, none, one, or all of them at once, other
 *     ones to each receiver;
 *   - blocks that have not come, that are doubted, and good ones; a proposer that makes no block; timers that end at
 *     any moment at which they may run;
 *   - an honest validator stops and starts again from its guard's file at any moment, as often as it likes.
 * Not: blocks that are refused (nobody votes for them; test_consensus), other powers and more validators
 * (test_consensus_random).
 * In each state: no two certificates for different blocks of this height can be made from what the honest ones signed
 * and whatever the liar signs, and no two have decided differently. From each state with two locks on different
 * blocks, and every 64th other: if the liar falls silent and the honest ones hear each other, all three decide on the
 * same block within eight rounds. model_local.h and model_search.h say what is reduced and why that loses nothing;
 * two tests here check it.
 *
 * Tests of the test: without the lock, without unlocking, without the guard, with half of the power in place of two
 * thirds, each makes it fail, and the run that breaks it is printed.
 *
 * MORPHSMITH_MODEL_STATES=N (make check-model): three rounds, breadth first until the steps of N states were gone
 * through, for each of the four places of the liar; and of two rounds, progress from every state and a hundred thousand
 * runs without a restart. */
#include "test_support.h"

#include "tests/unit/model_search.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"

#define LIARS 3

/* AddressSanitizer takes ten times as long. */
#if defined(__SANITIZE_ADDRESS__)
#define STATES_MOST 100000
#else
#define STATES_MOST 0
#endif

/* --- what must hold in a state ------------------------------------------------------------------------------------ */

static uint64_t others, checked, sparse = 64;

static bool locks_differ(const struct model_search *s, const uint32_t state[MODEL_SEATS])
{
    unsigned values = 0;
    for (int i = 0; i < 3; i++) {
        const struct local *l = &s->m.local[state[s->honest[i]]];
        values |= l->locked.next ? 1u << l->locked.value : 0;
    }
    return (values & (values - 1)) != 0;
}

static bool stuck_somewhere(struct model_search *s, const uint32_t state[MODEL_SEATS])
{
    if (!locks_differ(s, state) && others++ % sparse != 0)
        return false;
    checked++;
    return model_stuck(s, state);
}

static bool unsafe_or_stuck(struct model_search *s, const uint32_t state[MODEL_SEATS])
{
    return model_two_certificates(s, state) || stuck_somewhere(s, state);
}

static void explore(struct model_search *s, int liar, int rounds, size_t limit)
{
    double begin = clock_seconds();
    others = checked = 0;
    model_search_start(s, liar, rounds, true);
    s->limit = limit;
    int64_t bad = model_search_run(s, unsafe_or_stuck);
    print_message("# liar at seat %d, %d rounds: %zu states, %llu steps, %llu runs of the machine; progress from %llu of "
                  "them; %.1f s\n",
                  liar, rounds, s->states, (unsigned long long)s->steps, (unsigned long long)s->m.runs,
                  (unsigned long long)checked, clock_seconds() - begin);
    if (bad >= 0) {
        uint32_t state[MODEL_SEATS];
        model_search_state(s, (size_t)bad, state);
        fail_msg("%s; for the run that leads there, explore without symmetry",
                 model_two_certificates(s, state) ? "two certificates" : "no progress");
    }
    assert_true(s->exhausted || limit > 0);
    assert_int_equal(s->m.refusals, 0); /* the machine asks for nothing that the guard must refuse */
}

/* --- what is reduced ---------------------------------------------------------------------------------------------- */

/* Forms that differ by symmetry alone are found together: as many states as there are classes of the others. */
static void test_symmetry(void **state)
{
    (void)state;
    for (int liar = 0; liar < LIARS; liar++) {
        struct model_search with, without;
        uint32_t at[MODEL_SEATS];
        model_search_start(&with, liar, 1, true);
        model_search_start(&without, liar, 1, false);
        assert_int_equal(model_search_run(&with, model_two_certificates), -1);
        assert_int_equal(model_search_run(&without, model_two_certificates), -1);
        assert_true(with.states < without.states);
        /* each of the many is an equal form of one of the few, and the few are among the many */
        assert_int_equal(with.m.locals, without.m.locals);
        for (size_t i = 0; i < without.states; i++) {
            uint32_t same[MODEL_SEATS] = {0};
            model_search_state(&without, i, at);
            for (int k = 0; k < 3; k++)
                same[with.honest[k]] = model_intern(&with.m, &without.m.local[at[without.honest[k]]]);
            assert_true(model_search_has(&with, same));
        }
        for (size_t i = 0; i < with.states; i++) {
            uint32_t same[MODEL_SEATS] = {0};
            model_search_state(&with, i, at);
            for (int k = 0; k < 3; k++)
                same[without.honest[k]] = model_intern(&without.m, &with.m.local[at[with.honest[k]]]);
            assert_true(model_search_has(&without, same));
        }
        model_search_free(&with);
        model_search_free(&without);
    }
}

/* Machines that keep all that they received, one message at a time, in a random order. */
struct keeper {
    struct consensus *c;
    struct local local;
    bool timer[3];
};
struct keepers {
    struct model_search *s;
    struct random random;
    struct keeper keeper[3];
    struct vote sent[64];
    int n;
    uint64_t seen;
};

static int below(struct keepers *k, int n)
{
    return (int)random_below(&k->random, (uint32_t)n);
}

static bool is_over(const struct keepers *k, const struct keeper *p)
{
    return p->local.decided || p->local.round >= k->s->m.rounds;
}

static void assert_state_is_known(struct keepers *k)
{
    uint32_t state[MODEL_SEATS] = {0};
    for (int i = 0; i < 3; i++)
        state[k->s->honest[i]] = model_intern(&k->s->m, &k->keeper[i].local);
    assert_true(model_search_has(k->s, state));
    k->seen++;
}

static struct model_mark mark_of(const struct consensus_mark *m)
{
    return m->next ? (struct model_mark){(uint8_t)m->next, (uint8_t)model_value(m->id)} : (struct model_mark){0, 0};
}

static void keep_action(struct keepers *k, int i, const struct consensus_action *a)
{
    struct keeper *p = &k->keeper[i];
    struct local to;
    if (a->act == CONSENSUS_TIMER)
        p->timer[a->step] = true;
    if (a->act == CONSENSUS_TIMER || a->act == CONSENSUS_EVIDENCE ||
        (a->act != CONSENSUS_DECIDE && (int)a->round >= k->s->m.rounds) ||
        (a->act == CONSENSUS_PROPOSE && below(k, 8) == 0))
        return;
    assert_true(model_act(&k->s->m, &p->local, a, &to));
    p->local = to;
    if (a->act == CONSENSUS_DECIDE)
        return;
    int value = a->act == CONSENSUS_PROPOSE && !a->valid ? model_fresh(&k->s->m, (int)a->round, 0) : model_value(a->id);
    struct vote v = model_vote(a->step, k->s->honest[i], (int)a->round, (int)a->valid, value);
    assert_true((size_t)k->n < ARRAY_N(k->sent));
    k->sent[k->n++] = v;
    consensus_vote(p->c, &v);
}

/* Does what the machine asks for, and looks at the state behind it. */
static void keep_actions(struct keepers *k, int i)
{
    struct keeper *p = &k->keeper[i];
    struct consensus_action a;
    struct consensus_view view;
    while (!is_over(k, p) && consensus_next(p->c, &a))
        keep_action(k, i, &a);
    if (!p->local.decided) {
        consensus_look(p->c, &view);
        p->local.valid = mark_of(&view.valid);
        p->local.round = (uint8_t)((int)view.round < k->s->m.rounds ? (int)view.round : k->s->m.rounds);
    }
    assert_state_is_known(k);
}

static struct vote lie(struct keepers *k)
{
    const struct model *m = &k->s->m;
    enum vote_step step = (enum vote_step)below(k, 3);
    int round = below(k, m->rounds), value = below(k, m->values + 1) - 1;
    if (step == VOTE_PROPOSAL && model_proposer(round) == m->liar && value >= 0)
        return model_vote(step, m->liar, round, below(k, round + 1), value);
    return model_vote(step == VOTE_PROPOSAL ? VOTE_PREVOTE : step, m->liar, round, 0, value);
}

static void keep_step(struct keepers *k)
{
    int i = below(k, 3), what = below(k, 8);
    struct keeper *p = &k->keeper[i];
    const struct model *m = &k->s->m;
    if (is_over(k, p))
        return;
    if (what < 4 && k->n > 0) {
        consensus_vote(p->c, &k->sent[below(k, k->n)]);
    } else if (what < 6) {
        struct vote v = lie(k);
        consensus_vote(p->c, &v);
    } else if (what == 6) {
        int value = below(k, m->values);
        enum consensus_opinion opinion = below(k, 3) ? CONSENSUS_GOOD : CONSENSUS_DOUBTED;
        consensus_block(p->c, model_id(value), (uint32_t)m->made[value], opinion);
    } else {
        int step = below(k, 3);
        if (below(k, 3) == 0)
            consensus_timeout(p->c, p->local.round, (enum vote_step)step);
    }
    keep_actions(k, i);
}

/* Each state that they come to is among those found. */
static void run_keepers(struct model_search *s, uint32_t runs)
{
    uint64_t seen = 0, decided = 0;
    for (uint32_t run = 0; run < runs; run++) {
        struct keepers k = {.s = s, .random = random_start(7, RANDOM_TEST, run, (uint32_t)s->m.liar)};
        for (int i = 0; i < 3; i++) {
            const struct local first = {.round = 0};
            k.keeper[i] = (struct keeper){.c = model_machine(&s->m, s->honest[i], &first)};
            consensus_start(k.keeper[i].c);
            keep_actions(&k, i);
        }
        for (int step = 0; step < 200; step++)
            keep_step(&k);
        for (int i = 0; i < 3; i++) {
            decided += k.keeper[i].local.decided != 0;
            consensus_free(k.keeper[i].c);
        }
        seen += k.seen;
    }
    print_message("# %u runs without a restart: %llu states looked up, %llu decisions\n", runs,
                  (unsigned long long)seen, (unsigned long long)decided);
    assert_true(decided > runs / 20);
}

/* --- the test ----------------------------------------------------------------------------------------------------- */

static void check_liar(int liar)
{
    struct model_search s;
    explore(&s, liar, 2, STATES_MOST);
    assert_true(checked >= 1000);
    if (s.exhausted)
        run_keepers(&s, 3000);
    model_search_free(&s);
}

static void test_liar_proposes_first(void **state)
{
    (void)state;
    check_liar(0);
}

static void test_liar_proposes_second(void **state)
{
    (void)state;
    check_liar(1);
}

static void test_liar_never_proposes(void **state)
{
    (void)state;
    check_liar(2);
}

/* --- tests of the test -------------------------------------------------------------------------------------------- */

static void assert_breaks(struct model_search *s, const char *what,
                          bool (*bad)(struct model_search *s, const uint32_t state[MODEL_SEATS]))
{
    struct text run = {0};
    int64_t at = model_search_run(s, bad);
    if (at < 0)
        fail_msg("%s: nothing went wrong", what);
    model_search_show(s, (size_t)at, &run);
    print_message("# %s: broken after\n%s", what, run.data);
    text_free(&run);
    model_search_free(s);
}

static void test_no_lock_breaks_it(void **state)
{
    struct model_search s;
    (void)state;
    model_search_start(&s, 2, 2, false);
    s.m.flaws.no_lock = true;
    assert_breaks(&s, "without the lock, two certificates", model_two_certificates);
}

static void test_no_unlock_breaks_it(void **state)
{
    struct model_search s;
    (void)state;
    others = 0;
    model_search_start(&s, 2, 2, false);
    s.m.flaws.no_unlock = true;
    assert_breaks(&s, "without unlocking, no progress", stuck_somewhere);
}

static void test_no_guard_breaks_it(void **state)
{
    struct model_search s;
    (void)state;
    model_search_start(&s, 0, 1, false);
    s.m.no_guard = true;
    assert_breaks(&s, "without the guard, two certificates", model_two_certificates);
}

static void test_half_is_enough_breaks_it(void **state)
{
    struct model_search s;
    (void)state;
    model_search_start(&s, 0, 1, false);
    s.m.flaws.half_is_enough = true;
    assert_breaks(&s, "with half of the power, two decisions", model_two_certificates);
}

/* --- longer ------------------------------------------------------------------------------------------------------- */

static void test_longer(void **state)
{
    struct model_search s;
    int64_t n;
    (void)state;
    assert_true(text_parse_int(getenv("MORPHSMITH_MODEL_STATES"), 1, INT64_C(1) << 31, &n));
    for (int liar = 0; liar < MODEL_SEATS; liar++) {
        sparse = 1024;
        explore(&s, liar, 3, (size_t)n);
        model_search_free(&s);
        sparse = 1;
        explore(&s, liar == MODEL_SEATS - 1 ? 2 : liar, 2, 0);
        run_keepers(&s, 100000);
        model_search_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_liar_proposes_first),
        cmocka_unit_test(test_liar_proposes_second),
        cmocka_unit_test(test_liar_never_proposes),
        cmocka_unit_test(test_symmetry),
        cmocka_unit_test(test_no_lock_breaks_it),
        cmocka_unit_test(test_no_unlock_breaks_it),
        cmocka_unit_test(test_no_guard_breaks_it),
        cmocka_unit_test(test_half_is_enough_breaks_it),
    };
    const struct CMUnitTest longer[] = {cmocka_unit_test(test_longer)};
    return getenv("MORPHSMITH_MODEL_STATES") ? cmocka_run_group_tests(longer, NULL, NULL)
                                             : cmocka_run_group_tests(tests, NULL, NULL);
}
