/* Each strategy's own rule, on a table of all words of eight letters a and b, and by morphisms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "search/search.h"
#include "search/table.h"

#include <math.h>

enum { LETTERS = 8, WORDS = 1 << LETTERS };
static struct search_table *words;

/* Row number = the word's bits, so that neighbours differ in one bit. */
static struct search_table *words_table(void)
{
    struct text t = {0};
    struct error err = {0};
    text_put(&t, "#maximise\n");
    for (int w = 0; w < WORDS; w++) {
        text_printf(&t, "w%d\t%d\t%d\t", w, w, w);
        for (int i = 0; i < LETTERS; i++)
            text_printf(&t, "%s%s", i ? "," : "", w >> i & 1 ? "b" : "a");
        text_put(&t, "\t0>1,1>2,2>3,3>4,4>5,5>6,6>7\n");
    }
    struct search_table *table = search_table_parse(t.data, t.n, "words", &err);
    if (!table)
        fail_msg("%s", err.text);
    text_free(&t);
    return table;
}

static struct search *search_on(const char *strategy, uint64_t seed, int initial)
{
    struct error err = {0};
    struct search *s = search_new(
        &(struct search_options){.strategy = strategy, .seed = seed, .initial = initial, .table = words}, &err);
    if (!s)
        fail_msg("%s", err.text);
    return s;
}

static void tell(struct search *s, int id, int row, double score)
{
    search_tell_row(s, id, row, &(struct search_told){.score = score});
}

static struct search_candidate ask(struct search *s)
{
    struct search_candidate c;
    struct error err = {0};
    if (!search_ask(s, &c, &err))
        fail_msg("%s", err.text);
    return c;
}

static int ones(int word)
{
    int n = 0;
    for (; word; word >>= 1)
        n += word & 1;
    return n;
}

static bool near(int a, int b)
{
    return ones(a ^ b) == 1;
}

/* --- all strategies ----------------------------------------------------------------------------------------------- */

static double score_of(int row)
{
    return ones(row) + 0.3 * (row & 1) + 0.01 * (row % 7);
}

/* The whole table: every row once, then an end with its reason; the first ten alike. */
static void every_row_once(void **state)
{
    int first[10] = {0};
    (void)state;
    for (int k = 0; strategy_table[k]; k++) {
        struct search *s = search_on(strategy_table[k]->name, 11, 10);
        bool seen[WORDS] = {false};
        int rows = text_equal(strategy_table[k]->name, "bayes") ? 40 : WORDS; /* the whole takes a while */
        for (int i = 0; i < rows; i++) {
            struct search_candidate c = ask(s), again = ask(s);
            assert_int_equal(c.row, again.row);
            assert_string_equal(c.why, again.why);
            assert_in_range(c.row, 0, WORDS - 1);
            assert_false(seen[c.row]);
            seen[c.row] = true;
            if (i < 10 && k > 0)
                assert_int_equal(c.row, first[i]);
            if (i < 10)
                first[i] = c.row;
            tell(s, i, c.row, score_of(c.row));
        }
        struct search_candidate c;
        struct error err = {0};
        if (rows == WORDS) {
            assert_false(search_ask(s, &c, &err));
            assert_int_equal(err.kind, ERROR_FAILED);
            assert_non_null(strstr(err.text, "every graph of the table was queried"));
        }
        search_free(s);
    }
}

/* Three trials in flight at any time: none is proposed again, and a search rebuilt from what is known goes on alike. */
static void trials_in_flight_are_respected(void **state)
{
    (void)state;
    for (int k = 0; strategy_table[k]; k++) {
        struct search *s = search_on(strategy_table[k]->name, 5, 6), *t = search_on(strategy_table[k]->name, 5, 6);
        int asked[48], told = 0;
        for (int i = 0; i < 48; i++) {
            struct search_candidate c = ask(s);
            for (int j = 0; j < i; j++)
                assert_int_not_equal(c.row, asked[j]);
            asked[i] = c.row;
            search_pending_row(s, i, c.row);
            if (i >= 3) {
                tell(s, told, asked[told], score_of(asked[told]));
                told++;
            }
        }
        for (int i = 0; i < 48; i++)
            if (i < told)
                tell(t, i, asked[i], score_of(asked[i]));
            else
                search_pending_row(t, i, asked[i]);
        struct search_candidate a = ask(s), b = ask(t);
        assert_int_equal(a.row, b.row);
        assert_int_equal(a.parent, b.parent);
        assert_string_equal(a.why, b.why);
        assert_int_equal(a.predicted, text_equal(strategy_table[k]->name, "bayes"));
        search_free(s);
        search_free(t);
    }
}

/* Mean best score after 40 queries. */
static double best_of(const char *strategy)
{
    double sum = 0;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct search *s = search_on(strategy, seed, 5);
        double best = -1;
        for (int i = 0; i < 40; i++) {
            struct search_candidate c = ask(s);
            tell(s, i, c.row, score_of(c.row));
            best = score_of(c.row) > best ? score_of(c.row) : best;
        }
        sum += best / 12;
        search_free(s);
    }
    return sum;
}

static void rules_beat_chance(void **state)
{
    double chance = best_of("random");
    (void)state;
    static const char *const rule[] = {"bayes", "local", "anneal", "evolution"};
    for (size_t i = 0; i < ARRAY_N(rule); i++) {
        double best = best_of(rule[i]);
        print_message("%s %.3f, random %.3f\n", rule[i], best, chance);
        assert_true(best > chance + (text_equal(rule[i], "evolution") ? 0.05 : 0.2)); /* its first 30 are random */
    }
}

/* --- evolution ---------------------------------------------------------------------------------------------------- */

/* How often, over seeds, the trial told first is the parent, `n` trials told; it has by far the best score. */
static int first_is_parent(int n)
{
    int times = 0;
    for (uint64_t seed = 0; seed < 1000; seed++) {
        struct search *s = search_on("evolution", seed, 1);
        for (int i = 0; i < n; i++)
            tell(s, i, i == 0 ? 255 : i, i == 0 ? 1000 : i);
        struct search_candidate c = ask(s);
        assert_true(c.parent >= 0);
        assert_true(near(c.row, c.parent == 0 ? 255 : c.parent));
        times += c.parent == 0;
        search_free(s);
    }
    return times;
}

static void the_oldest_leaves(void **state)
{
    (void)state;
    int inside = first_is_parent(30);
    print_message("the best of 30 is the parent in %d of 1000\n", inside);
    assert_in_range(inside, 230, 345); /* 1 - (29/30)^10 = 28.8 % of tournaments of ten, within four sigma */
    assert_int_equal(first_is_parent(31), 0);
}

static void failed_trials_have_no_children(void **state)
{
    (void)state;
    for (int k = 0; strategy_table[k]; k++)
        for (uint64_t seed = 0; seed < 20; seed++) {
            struct search *s = search_on(strategy_table[k]->name, seed, 2);
            for (int i = 0; i < 34; i++)
                search_tell_row(s, i, i, &(struct search_told){.score = i % 2 ? (double)NAN : i, .failed = i % 4 == 3});
            struct search_candidate c = ask(s);
            assert_true(c.parent < 0 || c.parent % 2 == 0);
            assert_true(c.row >= 34);
            search_free(s);
        }
}

/* --- local -------------------------------------------------------------------------------------------------------- */

static void local_climbs_and_restarts(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct search *s = search_on("local", seed, 3);
        tell(s, 0, 1, 5);
        tell(s, 1, 240, 9); /* the best of the first three: here it begins */
        tell(s, 2, 2, 7);
        struct search_candidate c = ask(s);
        assert_int_equal(c.parent, 1);
        assert_true(near(c.row, 240));
        tell(s, 3, c.row, 8); /* worse: it stays */
        c = ask(s);
        assert_int_equal(c.parent, 1);
        tell(s, 4, c.row, 9.5); /* better: it moves, though others are left */
        int top = c.row, id = 5;
        for (; id < 5 + LETTERS - 1; id++) { /* the eighth neighbour is known: where it came from */
            c = ask(s);
            assert_int_equal(c.parent, 4);
            assert_true(near(c.row, top));
            tell(s, id, c.row, 1);
        }
        c = ask(s);
        assert_int_equal(c.parent, -1); /* anew */
        tell(s, id, c.row, 0.5);        /* worse than all, yet it stands there now */
        int fresh = c.row;
        c = ask(s);
        assert_int_equal(c.parent, id);
        assert_true(near(c.row, fresh));
        search_free(s);
    }
}

/* Neighbours in flight are not given up for: when one of them turns out better, it is moved to. */
static void local_waits_for_those_in_flight(void **state)
{
    (void)state;
    struct search *s = search_on("local", 3, 1);
    int id = 1, last = -1;
    tell(s, 0, 0, 1);
    for (; id <= LETTERS; id++) {
        struct search_candidate c = ask(s);
        assert_int_equal(c.parent, 0);
        search_pending_row(s, id, last = c.row);
    }
    struct search_candidate elsewhere = ask(s);
    assert_int_equal(elsewhere.parent, -1);
    tell(s, 100, elsewhere.row, 0.5); /* not yet all told: no beginning */
    tell(s, LETTERS, last, 2);
    struct search_candidate c = ask(s);
    assert_int_equal(c.parent, LETTERS);
    search_free(s);
}

/* --- anneal ------------------------------------------------------------------------------------------------------- */

/* First scores 0 and 2 have the standard deviation sqrt 2: a neighbour worse by d is stood on with exp(-d / sqrt 2). */
static void anneal_accepts_by_metropolis(void **state)
{
    static const double worse[] = {0.2, 1, 3};
    (void)state;
    for (size_t k = 0; k < ARRAY_N(worse); k++) {
        int moved = 0, n = 2000;
        double spread = 0, mean = (0 + 2 + (2 - worse[k])) / 3, p;
        spread = sqrt((mean * mean + (2 - mean) * (2 - mean) + (2 - worse[k] - mean) * (2 - worse[k] - mean)) / 2);
        p = exp(-worse[k] / spread); /* the third score is among the first ten, from which the temperature comes */
        for (int seed = 0; seed < n; seed++) {
            struct search *s = search_on("anneal", (uint64_t)seed, 2);
            tell(s, 0, 7, 0);
            tell(s, 1, 96, 2);
            tell(s, 2, 97, 2 - worse[k]);
            struct search_candidate c = ask(s);
            assert_true(c.parent == 1 || c.parent == 2);
            moved += c.parent == 2;
            search_free(s);
        }
        print_message("worse by %.1f: stood on in %.3f, exp(-d / T) = %.3f\n", worse[k], (double)moved / n, p);
        assert_true(fabs((double)moved / n - p) < 4 * sqrt(p * (1 - p) / n));
    }
}

static void anneal_always_takes_the_better(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct search *s = search_on("anneal", seed, 1);
        tell(s, 0, 0, 1);
        tell(s, 1, 1, 1.001);
        struct search_candidate c = ask(s);
        assert_int_equal(c.parent, 1);
        search_free(s);
    }
}

/* By then nothing is stood on that is worse by the first spread. */
static void anneal_cools(void **state)
{
    int moved = 0;
    (void)state;
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct search *s = search_on("anneal", seed, 2);
        for (int i = 0; i < 100; i++)
            tell(s, i, i, i % 2 ? 3 : 2);
        tell(s, 100, 200, 2);
        struct search_candidate c = ask(s);
        moved += c.parent == 100;
        search_free(s);
    }
    assert_int_equal(moved, 0);
}

/* --- grid --------------------------------------------------------------------------------------------------------- */

static void grid_spreads_early(void **state)
{
    (void)state;
    struct search *s = search_on("grid", 9, 1);
    bool seen[WORDS] = {false};
    for (int i = 0; i < WORDS / 4; i++) {
        struct search_candidate c = ask(s);
        seen[c.row] = true;
        tell(s, i, c.row, 1);
    }
    int gap = 0, widest = 0;
    for (int i = 0; i < 2 * WORDS; i++) {
        gap = seen[i % WORDS] ? 0 : gap + 1;
        widest = gap > widest ? gap : widest;
    }
    assert_in_range(widest, 3, 10); /* a quarter is known; chance leaves gaps of some fifteen */
    search_free(s);
}

/* --- acquisitions ------------------------------------------------------------------------------------------------- */

/* Ten trials known: what is hoped for, expected and drawn are not always the same. */
static void acquisitions_differ(void **state)
{
    int differ[3] = {0};
    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        int row[3];
        for (int k = 0; k < 3; k++) {
            struct search_options o = {
                .strategy = "bayes", .seed = seed, .initial = 5, .acquire = (enum search_acquire)k, .table = words};
            struct search *s = search_new(&o, NULL);
            for (int i = 0; i < 10; i++)
                tell(s, i, (i * 37 + 11 * (int)seed) % WORDS,
                     score_of((i * 37 + 11 * (int)seed) % WORDS) + i * i * 7 % 13 * 0.1);
            struct search_candidate c = ask(s), again = ask(s);
            assert_int_equal(c.row, again.row);
            row[k] = c.row;
            search_free(s);
        }
        differ[0] += row[0] != row[1];
        differ[1] += row[0] != row[2];
        differ[2] += row[1] != row[2];
    }
    print_message("of 8: ei and ucb differ in %d, ei and thompson in %d, ucb and thompson in %d\n", differ[0],
                  differ[1], differ[2]);
    assert_true(differ[0] > 0 && differ[1] > 0 && differ[2] > 0);
}

static double found_by(enum search_acquire acquire)
{
    struct search_options o = {.strategy = "bayes", .seed = 4, .initial = 5, .acquire = acquire, .table = words};
    struct search *s = search_new(&o, NULL);
    double best = 0;
    for (int i = 0; i < 25; i++) {
        struct search_candidate c = ask(s);
        best = score_of(c.row) > best ? score_of(c.row) : best;
        tell(s, i, c.row, score_of(c.row));
    }
    search_free(s);
    return best;
}

/* Each graph is there three times: bayes asks for one of each before it asks for a second of any. */
static void copies_come_last(void **state)
{
    enum { GRAPHS = 8, ALIKE = 3 };
    struct text t = {0};
    struct error err = {0};
    (void)state;
    text_put(&t, "#maximise\n");
    for (int i = 0; i < GRAPHS * ALIKE; i++)
        text_printf(&t, "w%d\t%d\t0\tinput,%s,%s,%s,output\t0>1,1>2,2>3,3>4\n", i, i / ALIKE, i / ALIKE & 1 ? "a" : "b",
                    i / ALIKE & 2 ? "a" : "b", i / ALIKE & 4 ? "a" : "b");
    struct search_table *table = search_table_parse(t.data, t.n, "copies", &err);
    assert_non_null(table);
    struct search *s =
        search_new(&(struct search_options){.strategy = "bayes", .seed = 5, .initial = 2, .table = table}, &err);
    int times[GRAPHS] = {0}, drawn = 0, graphs = 0;
    for (int i = 0; i < GRAPHS * ALIKE; i++) {
        struct search_candidate c = ask(s);
        int graph = c.row / ALIKE;
        if (i < 2)
            drawn += times[graph] == 0;
        else if (graphs < GRAPHS)
            assert_int_equal(times[graph], 0);
        graphs += times[graph]++ == 0;
        tell(s, i, c.row, graph);
    }
    assert_int_equal(graphs, GRAPHS);
    assert_true(drawn >= 1);
    search_free(s);
    search_table_free(table);
    text_free(&t);
}

static void every_acquisition_finds(void **state)
{
    (void)state;
    for (int k = 0; k < SEARCH_EI_PER_COST; k++) /* a table has no costs */
        assert_true(found_by((enum search_acquire)k) > 8); /* of at most 8.33; chance finds 7 */
}

static void a_table_refuses_what_it_does_not_know(void **state)
{
    static const struct search_options bad[] = {{.max_parameters = 5},
                                                {.max_macs = 5},
                                                {.acquire = SEARCH_EI_PER_COST},
                                                {.objectives = SEARCH_SCORE | SEARCH_MACS},
                                                {.initial = -1},
                                                {.objectives = SEARCH_MACS},
                                                {.objectives = 64},
                                                {.strategy = "Bayes"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_N(bad); i++) {
        struct search_options o = bad[i];
        struct error err = {0};
        o.table = words;
        assert_null(search_new(&o, &err));
        assert_int_equal(err.kind, ERROR_USAGE);
    }
}

static int start(void **state)
{
    (void)state;
    hash_start();
    words = words_table();
    return 0;
}

static int end(void **state)
{
    (void)state;
    search_table_free(words);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_once),
        cmocka_unit_test(trials_in_flight_are_respected),
        cmocka_unit_test(rules_beat_chance),
        cmocka_unit_test(the_oldest_leaves),
        cmocka_unit_test(failed_trials_have_no_children),
        cmocka_unit_test(local_climbs_and_restarts),
        cmocka_unit_test(local_waits_for_those_in_flight),
        cmocka_unit_test(anneal_accepts_by_metropolis),
        cmocka_unit_test(anneal_always_takes_the_better),
        cmocka_unit_test(anneal_cools),
        cmocka_unit_test(grid_spreads_early),
        cmocka_unit_test(acquisitions_differ),
        cmocka_unit_test(copies_come_last),
        cmocka_unit_test(every_acquisition_finds),
        cmocka_unit_test(a_table_refuses_what_it_does_not_know),
    };
    return cmocka_run_group_tests(tests, start, end);
}
