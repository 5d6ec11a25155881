/* Ask and tell: what is proposed, what never is, and that it pays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "net/op.h"
#include "search/search.h"

#include <math.h>

static struct arch *root(void)
{
    static const char text[] =
        "morphsmith-arch 1\nx input time=8 channels=4\nc conv in=x channels=4 kernel=3 act=relu\n"
        "p last in=c\nd dense in=p units=4 act=relu\ny dense in=d units=1\n";
    struct error err = {0};
    struct arch *a = arch_parse(text, strlen(text), "test", &err);
    if (!a)
        fail_msg("%s", err.text);
    return a;
}

/* Best near 2,500 parameters and with four convolutions; a little pseudo-noise that an architecture keeps. */
static double objective(const struct arch *a)
{
    int convs = 0, sums = 0;
    for (int i = 0; i < a->nodes; i++) {
        convs += text_equal(a->node[i].op->name, "conv");
        sums += text_equal(a->node[i].op->name, "add");
    }
    double size = log10((double)arch_parameters(a)) - 3.4;
    struct hash h = arch_id(a);
    return 0.7 - 0.10 * size * size - 0.02 * abs(convs - 4) - 0.01 * abs(sums - 2) + 0.004 * (h.byte[0] / 255.0 - 0.5);
}

static struct search *search_of(const char *strategy, uint64_t seed, int64_t limit)
{
    struct search_options o = {.strategy = strategy, .seed = seed, .max_parameters = limit};
    struct error err = {0};
    struct search *s = search_new(&o, &err);
    if (!s)
        fail_msg("%s", err.text);
    return s;
}

static void tell_root(struct search *s)
{
    struct arch *a = root();
    search_tell(s, 0, a, &(struct search_told){.score = objective(a), .noise = 1e-5, .failed = false});
    arch_free(a);
}

static double run(const char *strategy, uint64_t seed, int trials)
{
    struct search *s = search_of(strategy, seed, 20000);
    double best = -INFINITY;
    tell_root(s);
    for (int id = 1; id <= trials; id++) {
        struct search_candidate c;
        struct error err = {0};
        if (!search_ask(s, &c, &err))
            fail_msg("%s", err.text);
        double score = objective(c.arch);
        search_tell(s, id, c.arch, &(struct search_told){.score = score, .noise = 1e-5, .failed = false});
        best = score > best ? score : best;
        search_candidate_free(&c);
    }
    search_free(s);
    return best;
}

static void bayes_beats_random(void **state)
{
    double sum[2] = {0, 0};
    int wins = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        double b = run("bayes", seed, 13), r = run("random", seed, 13);
        sum[0] += b / 10;
        sum[1] += r / 10;
        wins += b > r;
    }
    print_message("mean best: bayes %.4f, random %.4f; bayes ahead in %d of 10\n", sum[0], sum[1], wins);
    assert_true(sum[0] > sum[1]);
    assert_true(wins >= 8);
}

static bool same_candidate(const struct search_candidate *a, const struct search_candidate *b)
{
    struct hash x = arch_id(a->arch), y = arch_id(b->arch);
    return hash_equal(x, y) && a->parent == b->parent && a->steps == b->steps && text_equal(a->why, b->why);
}

/* A candidate's architecture is its steps applied to its parent. */
static void assert_grows(const struct search_candidate *c, struct arch *const *trial)
{
    struct arch *a = arch_copy(trial[c->parent]);
    assert_in_range(c->steps, 1, SEARCH_CHAIN_MAX);
    for (int i = 0; i < c->steps; i++) {
        struct arch *next = morph_apply_arch(a, &c->step[i], NULL);
        assert_non_null(next);
        arch_free(a);
        a = next;
    }
    struct hash x = arch_id(a), y = arch_id(c->arch);
    assert_true(hash_equal(x, y));
    arch_free(a);
}

enum { TRIALS = 16 };

static void proposals_are_new_and_within_limits(void **state)
{
    (void)state;
    for (int k = 0; strategy_table[k]; k++) {
        struct search *s = search_of(strategy_table[k]->name, 3, 600);
        struct arch *trial[TRIALS] = {root()};
        tell_root(s);
        for (int id = 1; id < TRIALS; id++) {
            struct search_candidate c, again;
            assert_true(search_ask(s, &c, NULL));
            assert_true(search_ask(s, &again, NULL));
            assert_true(same_candidate(&c, &again));
            search_candidate_free(&again);
            assert_true(arch_parameters(c.arch) <= 600);
            assert_true(c.why[0] != '\0');
            assert_grows(&c, trial);
            struct hash mine = arch_id(c.arch);
            for (int i = 0; i < id; i++)
                assert_false(hash_equal(mine, arch_id(trial[i])));
            trial[id] = c.arch;
            if (id % 4 == 0)
                search_pending(s, id, c.arch);
            else
                search_tell(s, id, c.arch, &(struct search_told){.score = objective(c.arch), .noise = 0, .failed = id % 3 == 0});
            if (id % 4 == 3 && id > 4)
                search_tell(s, id - 3, trial[id - 3], &(struct search_told){.score = objective(trial[id - 3]), .noise = 0, .failed = false});
            assert_true(id % 4 == 0 || id % 3 != 0 || c.parent != id);
        }
        search_free(s);
        for (int i = 0; i < TRIALS; i++)
            arch_free(trial[i]);
    }
}

static void rebuilds_alike(const char *strategy)
{
    struct search *s = search_of(strategy, 5, 0);
    struct arch *trial[9] = {root()};
    tell_root(s);
    for (int id = 1; id < 9; id++) {
        struct search_candidate c;
        assert_true(search_ask(s, &c, NULL));
        trial[id] = c.arch;
        search_pending(s, id, c.arch);
        search_tell(s, id, c.arch, &(struct search_told){.score = objective(c.arch), .noise = 1e-5, .failed = false});
    }
    struct search *t = search_of(strategy, 5, 0);
    tell_root(t);
    for (int id = 1; id < 9; id++)
        search_tell(t, id, trial[id], &(struct search_told){.score = objective(trial[id]), .noise = 1e-5, .failed = false});
    struct search_candidate a, b;
    assert_true(search_ask(s, &a, NULL));
    assert_true(search_ask(t, &b, NULL));
    assert_true(same_candidate(&a, &b));
    assert_int_equal(a.predicted, text_equal(strategy, "bayes"));
    assert_memory_equal(&a.view, &b.view, sizeof a.view);
    search_candidate_free(&a);
    search_candidate_free(&b);
    search_free(s);
    search_free(t);
    for (int i = 0; i < 9; i++)
        arch_free(trial[i]);
}

static void rebuilt_searches_go_on_alike(void **state)
{
    (void)state;
    for (int k = 0; strategy_table[k]; k++)
        rebuilds_alike(strategy_table[k]->name);
}

/* Breadth first: all steps from the first trial in their own order, then all from the second. */
static void grid_goes_breadth_first(void **state)
{
    (void)state;
    struct search *s = search_of("grid", 1, 0);
    int last = 0, from_root = 0, children = 0;
    tell_root(s);
    for (int id = 1; id < 160; id++) {
        struct search_candidate c;
        assert_true(search_ask(s, &c, NULL));
        assert_int_equal(c.steps, 1);
        assert_true(c.parent >= last);
        last = c.parent;
        from_root += c.parent == 0;
        children += c.parent == 1;
        search_tell(s, id, c.arch, &(struct search_told){.score = 0.5 - 0.001 * id});
        search_candidate_free(&c);
    }
    assert_true(from_root > 10 && children > 10);
    search_free(s);
}

/* --- several objectives -------------------------------------------------------------------------------------------- */

static bool shrinks(const struct search_candidate *c)
{
    for (int i = 0; i < c->steps; i++)
        if (c->step[i].kind->shrinks)
            return true;
    return false;
}

struct outcome {
    int shrunk;
    double parameters; /* mean logarithm */
    double best;
};

/* A larger network scores better, ever less so. */
static double by_size(const struct arch *a)
{
    return 0.5 + 0.1 * log10((double)arch_parameters(a));
}

static struct outcome sought(unsigned objectives, int64_t max_macs)
{
    struct search_options o = {.strategy = "bayes", .seed = 2, .objectives = objectives, .max_macs = max_macs};
    struct search *s = search_new(&o, NULL);
    struct outcome out = {0};
    struct arch *a = root();
    enum { N = 12 };
    search_tell(s, 0, a, &(struct search_told){.score = by_size(a), .latency_us = (double)arch_macs(a), .start = true});
    arch_free(a);
    for (int id = 1; id <= N; id++) {
        struct search_candidate c, again;
        assert_true(search_ask(s, &c, NULL));
        assert_true(search_ask(s, &again, NULL));
        assert_true(same_candidate(&c, &again));
        assert_true(max_macs == 0 || arch_macs(c.arch) <= max_macs);
        out.shrunk += shrinks(&c);
        out.parameters += log10((double)arch_parameters(c.arch)) / N;
        out.best = by_size(c.arch) > out.best ? by_size(c.arch) : out.best;
        search_tell(s, id, c.arch, &(struct search_told){.score = by_size(c.arch), .latency_us = (double)arch_macs(c.arch)});
        search_candidate_free(&c);
        search_candidate_free(&again);
    }
    search_free(s);
    return out;
}

static void several_objectives_look_small_too(void **state)
{
    (void)state;
    struct arch *a = root();
    int64_t most = 2 * arch_macs(a);
    arch_free(a);
    struct outcome score = sought(SEARCH_SCORE, 0), both = sought(SEARCH_SCORE | SEARCH_PARAMETERS, 0),
                   latency = sought(SEARCH_SCORE | SEARCH_LATENCY, 0), capped = sought(SEARCH_SCORE, most);
    print_message("score alone: 10^%.2f parameters; and parameters: 10^%.2f, %d steps shrink; and latency: 10^%.2f\n",
                  score.parameters, both.parameters, both.shrunk, latency.parameters);
    assert_int_equal(score.shrunk, 0);
    assert_int_equal(capped.shrunk, 0);
    assert_true(both.shrunk > 0);
    assert_true(both.parameters < score.parameters - 0.1);
    assert_true(latency.parameters < score.parameters - 0.1);
    assert_true(capped.best < score.best);
}

static void a_clock_has_no_place_in_a_deterministic_search(void **state)
{
    struct search_options o = {.objectives = SEARCH_SCORE | SEARCH_LATENCY, .deterministic = true};
    struct error err = {0};
    (void)state;
    assert_null(search_new(&o, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.text, "clock"));
}

static void suggestions_are_ranked(void **state)
{
    (void)state;
    struct search *s = search_of("bayes", 8, 5000);
    struct search_candidate c[10];
    tell_root(s);
    for (int id = 1; id < 8; id++) {
        assert_true(search_ask(s, &c[0], NULL));
        search_tell(s, id, c[0].arch, &(struct search_told){.score = objective(c[0].arch), .noise = 1e-5, .failed = false});
        search_candidate_free(&c[0]);
    }
    int n = search_suggest(s, c, 10, NULL);
    assert_int_equal(n, 10);
    for (int i = 0; i < n; i++) {
        assert_true(c[i].predicted);
        assert_non_null(strstr(c[i].why, " of trial "));
        assert_non_null(strstr(c[i].why, "EI "));
        assert_non_null(strstr(c[i].why, "predicted "));
        assert_true(i == 0 || c[i].view.log_ei <= c[i - 1].view.log_ei);
        assert_true(c[i].value == c[i].view.log_ei); /* what people are shown is what ranks */
        for (int j = 0; j < i; j++)
            assert_false(hash_equal(arch_id(c[i].arch), arch_id(c[j].arch)));
    }
    struct search_candidate first;
    assert_true(search_ask(s, &first, NULL));
    assert_true(same_candidate(&first, &c[0]));
    search_candidate_free(&first);
    for (int i = 0; i < n; i++)
        search_candidate_free(&c[i]);
    assert_int_equal(surrogate_n(search_surrogate(s)), 8);
    search_free(s);
}

/* EI by multiply-adds: the value says so, ranks by it, and what is named costs less than by EI alone. */
static void improvement_is_weighed_against_its_cost(void **state)
{
    double macs[2] = {0};
    (void)state;
    for (int per_cost = 0; per_cost < 2; per_cost++) {
        struct search_options o = {.seed = 3, .acquire = per_cost ? SEARCH_EI_PER_COST : SEARCH_EI};
        struct search *s = search_new(&o, NULL);
        struct search_candidate c[8];
        tell_root(s);
        for (int id = 1; id < 8; id++) {
            assert_true(search_ask(s, &c[0], NULL));
            search_tell(s, id, c[0].arch, &(struct search_told){.score = objective(c[0].arch), .noise = 1e-5});
            search_candidate_free(&c[0]);
        }
        int n = search_suggest(s, c, 8, NULL);
        assert_int_equal(n, 8);
        for (int i = 0; i < n; i++) {
            double cost = log((double)arch_macs(c[i].arch));
            assert_true(fabs(c[i].value - (c[i].view.log_ei - (per_cost ? cost : 0))) < 1e-9);
            assert_true(i == 0 || c[i].value <= c[i - 1].value);
            macs[per_cost] += cost / n;
            search_candidate_free(&c[i]);
        }
        search_free(s);
    }
    print_message("of what is named by EI 10^%.2f multiply-adds, by its cost 10^%.2f\n", macs[0] / log(10), macs[1] / log(10));
    assert_true(macs[1] < macs[0]);
}

static void trials_in_flight_are_left_alone(void **state)
{
    (void)state;
    struct search *s = search_of("bayes", 9, 5000);
    struct search_candidate c, d;
    tell_root(s);
    for (int id = 1; id < 7; id++) {
        assert_true(search_ask(s, &c, NULL));
        search_tell(s, id, c.arch, &(struct search_told){.score = objective(c.arch), .noise = 1e-5, .failed = false});
        search_candidate_free(&c);
    }
    assert_true(search_ask(s, &c, NULL));
    search_pending(s, 7, c.arch);
    assert_true(search_ask(s, &d, NULL));
    assert_false(hash_equal(arch_id(c.arch), arch_id(d.arch)));
    struct surrogate_view v;
    surrogate_predict(search_surrogate(s), c.arch, &v);
    assert_true(v.sd < c.view.sd);
    search_candidate_free(&c);
    search_candidate_free(&d);
    search_free(s);
}

static void says_when_there_is_nothing(void **state)
{
    (void)state;
    for (int k = 0; strategy_table[k]; k++) {
        struct arch *a = root();
        struct search_candidate c;
        struct error err = {0};
        struct search *s = search_of(strategy_table[k]->name, 1, arch_parameters(a));
        assert_false(search_ask(s, &c, &err));
        assert_int_equal(err.kind, ERROR_FAILED);
        assert_non_null(strstr(err.text, "no trial was told"));
        err = (struct error){0};
        search_tell(s, 0, a, &(struct search_told){.score = NAN, .noise = 0, .failed = false});
        assert_false(search_ask(s, &c, &err));
        assert_non_null(strstr(err.text, "no trial was told"));
        err = (struct error){0};
        search_tell(s, 1, a, &(struct search_told){.score = 0.5, .noise = 0, .failed = false});
        search_tell(s, 2, a, &(struct search_told){.score = 0.6, .noise = 0, .failed = false});
        for (int i = 3; i < 9; i++)
            search_tell(s, i, a, &(struct search_told){.score = 0.6, .noise = 0, .failed = true});
        assert_false(search_ask(s, &c, &err));
        assert_int_equal(err.kind, ERROR_FAILED);
        assert_non_null(strstr(err.text, "limit of parameters"));
        assert_int_equal(search_surrogate(s) != NULL, text_equal(strategy_table[k]->name, "bayes"));
        search_free(s);
        arch_free(a);
    }
    struct search_options o = {.strategy = "psychic"};
    struct error err = {0};
    assert_null(search_new(&o, &err));
    assert_non_null(strstr(err.text, "bayes, evolution, local"));
}

static int start(void **state)
{
    (void)state;
    hash_start();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_when_there_is_nothing),      cmocka_unit_test(proposals_are_new_and_within_limits),
        cmocka_unit_test(rebuilt_searches_go_on_alike),    cmocka_unit_test(suggestions_are_ranked),
        cmocka_unit_test(improvement_is_weighed_against_its_cost),
        cmocka_unit_test(trials_in_flight_are_left_alone), cmocka_unit_test(bayes_beats_random),
        cmocka_unit_test(grid_goes_breadth_first),
        cmocka_unit_test(several_objectives_look_small_too),
        cmocka_unit_test(a_clock_has_no_place_in_a_deterministic_search),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
