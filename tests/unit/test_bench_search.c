/* bench search on a table that the test makes: the figures, what they do not depend on, refusals, cancelling. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "action/bench.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>

static char folder[FILE_PATH_MAX], maximise[FILE_PATH_MAX], minimise[FILE_PATH_MAX];

/* Words of four letters out of three; the test score is the validation score and a half, or their negatives. */
static void write_table(const char *path, int sign)
{
    struct text t = {0};
    struct error err = {0};
    text_printf(&t, "#%s\n", sign > 0 ? "maximise" : "minimise");
    for (int w = 0; w < 81; w++) {
        int d[4] = {w % 3, w / 3 % 3, w / 9 % 3, w / 27};
        int score = d[0] + 2 * d[1] + d[2] * d[3] + (d[0] == d[3]);
        text_printf(&t, "w%d\t%d\t%g\tin,%c,%c,%c,%c\t0>1,1>2,2>3,3>4\n", w, sign * score, sign * (score + 0.5),
                    'a' + d[0], 'a' + d[1], 'a' + d[2], 'a' + d[3]);
    }
    if (!file_write(path, t.data, t.n, 0600, &err))
        fail_msg("%s", err.text);
    text_free(&t);
}

static json_t *run(struct action_bench_search_options o, const struct control *control, struct error *err)
{
    struct action_bench_search_options full = {.table = o.table ? o.table : maximise,
                                               .strategies = o.strategies ? o.strategies : "random",
                                               .queries = o.queries ? o.queries : 50,
                                               .seeds = o.seeds ? o.seeds : 4,
                                               .seed = o.seed ? o.seed : 1,
                                               .acquire = o.acquire,
                                               .threads = o.threads ? o.threads : 1};
    return action_bench_search(&full, control, err);
}

static double at(const json_t *list, size_t i)
{
    return json_number_value(json_array_get(list, i));
}

static const json_t *strategy_of(const json_t *r, size_t k)
{
    return json_array_get(json_object_get(r, "strategies"), k);
}

/* Read once by eye and kept: a change of any strategy's draws shows here. */
static void golden(void **state)
{
    static const char *const names[] = {"random", "evolution", "local", "anneal", "grid"};
    static const double best[5][3] = {{9.25, 9.25, 11.5}, {9.25, 9.25, 11.5}, {9.25, 11.5, 11.5}, {9.25, 11.5, 11.5}, {9.25, 10.5, 11.5}};
    (void)state;
    json_t *r = run((struct action_bench_search_options){.strategies = "random,evolution,local,anneal,grid"}, NULL, NULL);
    assert_non_null(r);
    assert_int_equal(json_integer_value(json_object_get(r, "graphs")), 81);
    assert_int_equal(json_array_size(json_object_get(r, "queries")), 3);
    assert_int_equal(at(json_object_get(r, "queries"), 2), 50);
    for (size_t k = 0; k < 5; k++) {
        const json_t *one = strategy_of(r, k), *list = json_object_get(one, "best");
        assert_string_equal(json_string_value(json_object_get(one, "strategy")), names[k]);
        for (size_t i = 0; i < 3; i++)
            if (!(fabs(at(list, i) - best[k][i]) < 1e-12))
                fail_msg("%s: {%.17g, %.17g, %.17g}", names[k], at(list, 0), at(list, 1), at(list, 2));
        assert_true(at(list, 0) == at(json_object_get(r, "best"), 0)); /* the first ten are alike */
    }
    assert_int_equal(json_array_size(json_object_get(r, "paired")), 10);
    json_decref(r);
}

/* Mean, standard error and paired interval against a computation of their own, from seeds run one by one. */
static void figures_are_what_they_say(void **state)
{
    enum { SEEDS = 4 };
    double value[2][SEEDS], mean[2] = {0, 0}, square = 0, difference = 0, off = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        json_t *r = run((struct action_bench_search_options){.strategies = "local,random", .seeds = 1, .seed = seed}, NULL,
                        NULL);
        for (size_t k = 0; k < 2; k++)
            mean[k] += (value[k][seed - 1] = at(json_object_get(strategy_of(r, k), "best"), 1)) / SEEDS;
        assert_true(json_is_null(json_array_get(json_object_get(r, "standard_error"), 0))); /* of one seed: none */
        json_decref(r);
    }
    for (int i = 0; i < SEEDS; i++) {
        square += (value[0][i] - mean[0]) * (value[0][i] - mean[0]);
        difference += (value[0][i] - value[1][i]) / SEEDS;
    }
    for (int i = 0; i < SEEDS; i++)
        off += (value[0][i] - value[1][i] - difference) * (value[0][i] - value[1][i] - difference);
    json_t *r = run((struct action_bench_search_options){.strategies = "local,random"}, NULL, NULL);
    const json_t *pair = json_array_get(json_object_get(r, "paired"), 0);
    assert_true(fabs(at(json_object_get(r, "best"), 1) - mean[0]) < 1e-12);
    assert_true(fabs(at(json_object_get(r, "standard_error"), 1) - sqrt(square / 3 / 4)) < 1e-12);
    assert_true(fabs(at(json_object_get(pair, "ahead"), 1) - difference) < 1e-12);
    assert_true(fabs(at(json_object_get(pair, "high"), 1) - (difference + 3.1824 * sqrt(off / 3 / 4))) < 1e-9);
    assert_true(fabs(at(json_object_get(pair, "low"), 1) - (difference - 3.1824 * sqrt(off / 3 / 4))) < 1e-9);
    json_decref(r);
}

/* Neither threads nor the table's direction change what is found. */
static void threads_and_direction_change_nothing(void **state)
{
    (void)state;
    struct action_bench_search_options o = {.strategies = "bayes,evolution", .queries = 25, .seeds = 3};
    json_t *one = run(o, NULL, NULL);
    o.threads = 3;
    json_t *three = run(o, NULL, NULL);
    o.table = minimise;
    json_t *turned = run(o, NULL, NULL);
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < 2; i++) {
            double best = at(json_object_get(strategy_of(one, k), "best"), i);
            assert_true(best == at(json_object_get(strategy_of(three, k), "best"), i));
            assert_true(best == -at(json_object_get(strategy_of(turned, k), "best"), i));
        }
    const json_t *pair[2] = {json_array_get(json_object_get(one, "paired"), 0),
                             json_array_get(json_object_get(turned, "paired"), 0)};
    assert_true(at(json_object_get(pair[0], "ahead"), 1) == at(json_object_get(pair[1], "ahead"), 1));
    json_decref(one);
    json_decref(three);
    json_decref(turned);
}

static void what_cannot_be_is_refused(void **state)
{
    static const struct {
        struct action_bench_search_options o;
        const char *what;
    } bad[] = {
        {{.strategies = "bayes,psychic"}, "psychic"},        {{.strategies = "local,local"}, "twice"},
        {{.strategies = ""}, "there is no strategy \"\""},   {{.queries = 82}, "81 graphs"},
        {{.queries = 9}, "at least 10"},                     {{.table = "/nowhere.tsv"}, "/nowhere.tsv"},
        {{.table = "/tmp"}, "/tmp"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_N(bad); i++) {
        struct error err = {0};
        assert_null(run(bad[i].o, NULL, &err));
        if (!strstr(err.text, bad[i].what))
            fail_msg("%s", err.text);
    }
}

struct watcher {
    int events, stop_behind;
    double progress;
};

static void watch(void *context, json_t *event)
{
    struct watcher *w = context;
    double progress = json_number_value(json_object_get(event, "progress"));
    assert_true(progress > w->progress);
    w->progress = progress;
    w->events++;
}

static bool enough(void *context)
{
    const struct watcher *w = context;
    return w->stop_behind > 0 && w->events >= w->stop_behind;
}

static void it_tells_how_far_it_is_and_stops(void **state)
{
    (void)state;
    struct watcher w = {0};
    struct control control = {.context = &w, .event = watch, .cancelled = enough};
    json_t *r = run((struct action_bench_search_options){.strategies = "random,grid", .threads = 2}, &control, NULL);
    assert_int_equal(w.events, 8);
    assert_true(w.progress == 1.0);
    json_decref(r);
    w = (struct watcher){.stop_behind = 3};
    struct error err = {0};
    assert_null(run((struct action_bench_search_options){.strategies = "random,grid"}, &control, &err));
    assert_int_equal(err.kind, ERROR_INTERRUPTED);
    assert_int_equal(w.events, 3);
}

static int start(void **state)
{
    (void)state;
    hash_start();
    const char *tmp = getenv("TMPDIR");
    file_join(folder, sizeof folder, tmp && *tmp ? tmp : "/tmp", "msbenchXXXXXX");
    assert_non_null(mkdtemp(folder));
    file_join(maximise, sizeof maximise, folder, "up.tsv");
    file_join(minimise, sizeof minimise, folder, "down.tsv");
    write_table(maximise, 1);
    write_table(minimise, -1);
    return 0;
}

static int end(void **state)
{
    (void)state;
    return file_remove(maximise, NULL) && file_remove(minimise, NULL) && remove(folder) == 0 ? 0 : 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden),
        cmocka_unit_test(figures_are_what_they_say),
        cmocka_unit_test(threads_and_direction_change_nothing),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(it_tells_how_far_it_is_and_stops),
    };
    return cmocka_run_group_tests(tests, start, end);
}
