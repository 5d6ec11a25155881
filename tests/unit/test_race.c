/* The search's driver: strategies side by side, trials that are stopped early, budgets, limits and objectives, with real
 * worker processes. */
#include "tests/unit/search_fixture.h"

#include "action/action.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "search/search.h"
#include "store/arches.h"
#include "store/tasks.h"
#include "work/driver_internal.h"
#include "work/json.h"
#include "work/part.h"
#include "work/trial.h"

#include <math.h>

static int count_of(const struct trial_row *rows, int n, const char *strategy)
{
    int found = 0;
    for (int i = 0; i < n; i++)
        found += text_equal(rows[i].strategy, strategy);
    return found;
}

/* --- races -------------------------------------------------------------------------------------------------------- */

static void a_race_shares_its_trials(void **state)
{
    struct workspace *w = search_fresh(state, "w");
    struct driver_options o = search_options_of("bayes, evolution,random", 10, 2);
    struct trial_row *rows;
    o.deterministic = false;
    json_t *result = search_run(w, &o, NULL), *lanes = json_object_get(result, "strategies");
    int n = search_rows(w, &rows);
    assert_int_equal(n, 10);
    assert_int_equal(count_of(rows, n, ""), 1);
    assert_int_equal(json_array_size(lanes), 3);
    for (size_t i = 0; i < 3; i++) {
        const json_t *lane = json_array_get(lanes, i), *so_far = json_object_get(lane, "best_so_far");
        assert_int_equal(count_of(rows, n, json_string_value(json_object_get(lane, "strategy"))), 3);
        assert_int_equal(json_integer_value(json_object_get(lane, "trials")), 3);
        assert_int_equal(json_array_size(so_far), 4);
        double best = json_member_number(json_object_get(lane, "best"), "score");
        assert_true(json_number_value(json_array_get(so_far, 3)) == best);
        assert_true(json_number_value(json_array_get(so_far, 0)) == rows[0].score);
    }
    runs_trials_free(rows, n);
    json_decref(result);
    workspace_close(w);
}

/* The architectures that a strategy asked for, in order. */
static char *asked_by(struct workspace *w, const char *strategy)
{
    struct trial_row *rows;
    struct text out = {0};
    int n = search_rows(w, &rows);
    for (int i = 0; i < n; i++) {
        char arch[HASH_HEX];
        hash_hex(rows[i].arch, arch);
        if (text_equal(rows[i].strategy, strategy))
            text_printf(&out, "%s %s\n", arch, rows[i].steps);
    }
    runs_trials_free(rows, n);
    char *text = memory_text(text_of(&out));
    text_free(&out);
    return text;
}

/* A strategy knows nothing of the others: in a race it asks for what it would ask for alone. */
static void who_races_does_as_alone(void **state)
{
    static const char *const names[] = {"random", "evolution"};
    struct workspace *both = search_fresh(state, "both");
    struct driver_options o = search_options_of("random,evolution", 17, 2);
    json_decref(search_run(both, &o, NULL));
    for (int i = 0; i < 2; i++) {
        struct workspace *w = search_fresh(state, names[i]);
        o = search_options_of(names[i], 9, 2);
        json_decref(search_run(w, &o, NULL));
        char *alone = asked_by(w, names[i]), *raced = asked_by(both, names[i]);
        assert_string_equal(alone, raced);
        assert_true(strlen(alone) > 8 * 64);
        free(alone);
        free(raced);
        workspace_close(w);
    }
    workspace_close(both);
}

static void count_running(void *context, json_t *event)
{
    const char *what = json_string_value(json_object_get(event, "state"));
    *(int *)context += what && text_equal(what, "running");
}

static void what_was_trained_is_taken_over(void **state)
{
    struct workspace *w = search_fresh(state, "w");
    struct driver_options o = search_options_of("random", 6, 2);
    int running = 0;
    struct control control = {&running, count_running, NULL, NULL};
    struct trial_row *first, *again;
    json_decref(search_run(w, &o, &control));
    assert_int_equal(running, 6);
    int n = search_rows(w, &first);
    running = 0;
    json_t *result = search_run(w, &o, &control);
    int m = search_rows(w, &again);
    /* a grown trial's recipe names its parent's, not its number */
    assert_int_equal(running, 0);
    assert_true(json_number_value(json_object_get(result, "training_macs")) == 0);
    assert_int_equal(m, n);
    for (int i = 0; i < n; i++) {
        assert_string_equal(first[i].recipe_id, again[i].recipe_id);
        assert_true(first[i].score == again[i].score);
        json_t *j = json_loads(again[i].result, 0, NULL);
        assert_int_equal(json_integer_value(json_object_get(j, "taken_over")), first[i].id);
        assert_int_equal(json_integer_value(json_object_get(j, "trial")), again[i].id);
        json_decref(j);
    }
    json_decref(result);
    runs_trials_free(first, n);
    runs_trials_free(again, m);
    workspace_close(w);
}

/* What bayes maximises is said, kept for going on, and makes a difference; each draws the same again. */
static void each_acquisition_asks_for_its_own(void **state)
{
    char *all[SEARCH_EI_PER_COST + 2];
    for (int i = 0; i <= SEARCH_EI_PER_COST + 1; i++) {
        char name[8];
        snprintf(name, sizeof name, "a%d", i);
        struct workspace *w = search_fresh(state, name);
        struct driver_options o = search_options_of("bayes", 12, 2);
        struct task_row task;
        struct search_row last;
        char said[32];
        int n, done;
        o.acquire = i > SEARCH_EI_PER_COST ? SEARCH_EI_PER_COST : (enum search_acquire)i;
        json_decref(search_run(w, &o, NULL));
        assert_true(tasks_active(w, &task, NULL) && runs_search_last(w, task.hash, &last));
        snprintf(said, sizeof said, "\"acquire\":\"%s\"", search_acquire_names[o.acquire]);
        assert_non_null(strstr(last.options, said));
        all[i] = search_trials(w, &n, &done);
        assert_int_equal(done, 12);
        free(task.info);
        free(last.options);
        workspace_close(w);
    }
    assert_string_equal(all[SEARCH_EI_PER_COST], all[SEARCH_EI_PER_COST + 1]);
    assert_string_not_equal(all[SEARCH_EI], all[SEARCH_EI_PER_COST]);
    assert_string_not_equal(all[SEARCH_EI], all[SEARCH_UCB]);
    assert_string_not_equal(all[SEARCH_EI], all[SEARCH_THOMPSON]);
    assert_string_not_equal(all[SEARCH_UCB], all[SEARCH_THOMPSON]);
    for (size_t i = 0; i < ARRAY_N(all); i++)
        free(all[i]);
}

/* --- trials that are stopped -------------------------------------------------------------------------------------- */

static struct driver_options halving(int trials, int workers)
{
    struct driver_options o = search_options_of("random,evolution", trials, workers);
    o.halving = true;
    o.recipe.epochs = 3;
    return o;
}

static void check_stopped(const struct trial_row *t, const struct trial_row *rows, int n)
{
    json_t *j = json_loads(t->result, 0, NULL);
    const json_t *folds = json_object_get(j, "folds");
    assert_true(t->fidelity > 0 && t->fidelity < 1);
    assert_true(json_is_true(json_object_get(j, "partial")));
    assert_int_equal(json_array_size(folds), 1);
    assert_null(json_object_get(json_array_get(folds, 0), "model"));
    assert_true(isnan(t->low) && isnan(t->high));
    const json_t *estimate = json_object_get(j, "estimate");
    assert_true(t->score == json_member_number(estimate, "score"));
    json_int_t against = json_integer_value(json_object_get(estimate, "against"));
    for (int i = 0; i < n; i++) {
        assert_true(rows[i].parent != t->id); /* it has no weights to grow from */
        if (rows[i].id != against)
            continue;
        assert_true(rows[i].fidelity == 1 && against < t->id);
        json_t *other = json_loads(rows[i].result, 0, NULL);
        const json_t *own = json_array_get(folds, 0), *his = json_array_get(json_object_get(other, "folds"), 0);
        double difference = json_member_number(own, "correct") / json_member_number(own, "total") -
                            json_member_number(his, "correct") / json_member_number(his, "total");
        assert_true(fabs(t->score - rows[i].score - difference) < 1e-12);
        assert_true(t->noise > rows[i].score * (1 - rows[i].score) / json_member_number(other, "total"));
        json_decref(other);
    }
    json_decref(j);
}

static void what_is_behind_is_stopped(void **state)
{
    struct workspace *w = search_fresh(state, "w");
    struct driver_options o = halving(17, 2);
    struct trial_row *rows;
    json_t *result = search_run(w, &o, NULL);
    int n = search_rows(w, &rows), stopped = 0, climbed = 0;
    double best = 0;
    for (int i = 0; i < n; i++) {
        assert_string_equal(rows[i].state, "done");
        stopped += rows[i].fidelity < 1;
        climbed += rows[i].fidelity == 1 && rows[i].strategy[0];
        best = rows[i].fidelity == 1 && rows[i].score > best ? rows[i].score : best;
        if (rows[i].fidelity < 1)
            check_stopped(&rows[i], rows, n);
    }
    assert_int_equal(n, 17);
    assert_in_range(climbed, 2, 10);
    assert_int_equal(stopped, 16 - climbed);
    assert_int_equal(json_integer_value(json_object_get(result, "stopped")), stopped);
    assert_true(json_member_number(json_object_get(json_object_get(result, "best"), "score"), "mean") == best);
    assert_null(json_object_get(json_object_get(result, "best"), "partial"));
    runs_trials_free(rows, n);
    json_decref(result);
    json_t *board = action_board(w, NULL), *list = json_object_get(board, "rows");
    double above = 1;
    for (size_t i = 0; i < json_array_size(list); i++) { /* those in full stand before */
        double fidelity = json_member_number(json_array_get(list, i), "fidelity");
        assert_true(fidelity <= above);
        above = fidelity < 1 ? 0.999999 : 1;
    }
    assert_true(above < 1);
    json_decref(board);
    workspace_close(w);
}

/* However few trials there are: what was only stopped could be compared with nothing. */
static void the_best_of_each_strategy_is_run_in_full(void **state)
{
    int alone = 0;
    for (int seed = 1; seed <= 3; seed++) {
        char name[8];
        snprintf(name, sizeof name, "w%d", seed);
        struct workspace *w = search_fresh(state, name);
        struct driver_options o = halving(5, 2);
        struct trial_row *rows;
        o.seed = (uint64_t)seed;
        json_decref(search_run(w, &o, NULL));
        int n = search_rows(w, &rows);
        assert_int_equal(n, 5);
        for (int k = 0; k < 2; k++) {
            const char *strategy = k ? "evolution" : "random";
            int full = 0, own = 0;
            for (int i = 0; i < n; i++) {
                if (!text_equal(rows[i].strategy, strategy))
                    continue;
                own++;
                full += rows[i].fidelity == 1;
            }
            assert_int_equal(own, 2);
            assert_in_range(full, 1, 2);
            alone += full == 1;
        }
        runs_trials_free(rows, n);
        workspace_close(w);
    }
    assert_in_range(alone, 1, 6); /* and no more than has to be */
}

static void halving_is_the_same_with_any_workers(void **state)
{
    char *all[2];
    for (int i = 0; i < 2; i++) {
        struct workspace *w = search_fresh(state, i ? "three" : "one");
        struct driver_options o = halving(17, i ? 3 : 1);
        int n, done;
        json_decref(search_run(w, &o, NULL));
        all[i] = search_trials(w, &n, &done);
        assert_int_equal(done, 17);
        workspace_close(w);
    }
    assert_string_equal(all[0], all[1]);
    free(all[0]);
    free(all[1]);
}

static void halving_goes_on_as_unbroken(void **state)
{
    char *all[2];
    for (int i = 0; i < 2; i++) {
        struct workspace *w = search_fresh(state, i ? "broken" : "whole");
        struct driver_options o = halving(25, 2);
        int n, done;
        for (int k = 1; i && k < 8; k += 2) {
            struct error err = {0};
            struct search_stopper stopper = {k};
            struct control control = {&stopper, search_count_down, search_is_over, NULL};
            assert_null(driver_search(w, &o, &control, &err));
            assert_int_equal(err.kind, ERROR_INTERRUPTED);
            o = search_options(3, 3); /* the stored options count, not these */
            o.resume = true;
        }
        json_decref(search_run(w, &o, NULL));
        all[i] = search_trials(w, &n, &done);
        assert_int_equal(done, 25);
        workspace_close(w);
    }
    assert_string_equal(all[0], all[1]);
    free(all[0]);
    free(all[1]);
}

static json_t *run_part(struct workspace *w, const char *limits, int folds)
{
    struct error err = {0};
    struct task_row task;
    struct arch_row *arches;
    struct trial_row t = {.id = 1};
    struct recipe recipe;
    struct part part = {.folds = folds, .limits = json_loads(limits, 0, NULL)};
    recipe_defaults(&recipe);
    recipe.epochs = 4;
    assert_true(tasks_active(w, &task, NULL));
    assert_int_equal(arches_list(w, &arches, NULL), 1);
    trial_prepare(&t, arches[0].id, task.hash, &recipe, NULL, "");
    t.result = part_write(&part, NULL);
    struct dataset *d = tasks_dataset(w, &task, NULL);
    json_t *result = trial_run(w, d, &t, NULL, NULL, &err);
    if (!result)
        fail_msg("%s", err.text);
    assert_true(trial_finish(&t, result, &err));
    assert_true(t.fidelity == (json_object_get(result, "partial") ? json_member_number(result, "fidelity") : 1));
    runs_trial_free(&t);
    arches_list_free(arches, 1);
    part_free(&part);
    dataset_free(d);
    free(task.info);
    return result;
}

static struct trial_row scored(double score, double noise, int first, int second)
{
    return (struct trial_row){.state = "done",
                              .fidelity = 1,
                              .score = score,
                              .noise = noise,
                              .result = memory_format("{\"score_name\":\"%s\",\"total\":200,\"folds\":[{\"correct\":"
                                                      "%d,\"total\":100},{\"correct\":%d,\"total\":100}]}",
                                                      task_score_name(TASK_DIRECTION), first, second)};
}

/* A fold that is hard for all is no noise; one that is hard for one alone is. */
static void noise_is_what_folds_differ_in_from_others(void **state)
{
    struct trial_row ref = scored(0.6, 0.01, 50, 70), even = scored(0.7, 0.01, 60, 80), odd = scored(0.6, 0.5, 60, 60),
                     part = scored(0.7, 0.5, 60, 80);
    (void)state;
    part.fidelity = 0.5;
    assert_true(driver_reference(&ref, 1) == &ref && driver_reference(&part, 1) == NULL);
    assert_true(fabs(driver_noise(&even, &ref) - 0.7 * 0.3 / 200 / 4) < 1e-12);
    assert_true(fabs(driver_noise(&odd, &ref) - 0.01) < 1e-12); /* +0.1 and -0.1: 0.02 / 1 / 2 */
    odd.noise = 0.002;
    assert_true(driver_noise(&odd, &ref) == 0.002);
    assert_true(fabs(driver_noise(&part, &ref) - 0.7 * 0.3 / 200 * 1.5) < 1e-12);
    assert_true(driver_noise(&even, NULL) == 0.01);
    free(ref.result);
    free(even.result);
    free(odd.result);
    free(part.result);
}

/* Limits of -1 are below any loss. */
static void a_curve_that_is_behind_is_cut(void **state)
{
    static const struct {
        const char *limits;
        int asked, folds, epochs, cut; /* the last fold's epochs */
    } part[] = {{"[[null,-1,-1],[]]", 0, 1, 2, 1},  {"[[null,null,99],[]]", 0, 2, 4, 0}, {"[]", 1, 1, 4, 0},
                {"[[],[-1]]", 0, 2, 1, 1},          {"[[null,null,null,-1]]", 0, 2, 4, 0}};
    struct workspace *w = search_fresh(state, "w");
    json_t *all = run_part(w, "[]", 0);
    assert_null(json_object_get(all, "partial"));
    for (size_t i = 0; i < sizeof part / sizeof part[0]; i++) {
        json_t *j = run_part(w, part[i].limits, part[i].asked), *folds = json_object_get(j, "folds");
        const json_t *last = json_array_get(folds, json_array_size(folds) - 1);
        assert_int_equal(json_array_size(folds), part[i].folds);
        assert_int_equal(json_integer_value(json_object_get(last, "epochs")), part[i].epochs);
        assert_int_equal(json_object_get(j, "cut") != NULL, part[i].cut);
        assert_int_equal(json_object_get(j, "partial") != NULL, part[i].cut || part[i].folds < 2);
        double macs = json_member_number(j, "training_macs"), whole = json_member_number(all, "training_macs");
        assert_true(macs > 0 && (json_object_get(j, "partial") ? macs < whole : macs == whole));
        if (part[i].folds == 2 && !part[i].cut) /* the bits are those of the whole */
            assert_true(hash_equal(json_member_hash(j, "weights_hash"), json_member_hash(all, "weights_hash")));
        json_decref(j);
    }
    json_decref(all);
    workspace_close(w);
}

/* --- budgets, limits, objectives ---------------------------------------------------------------------------------- */

static void multiply_adds_and_stalling_end_it(void **state)
{
    struct workspace *w = search_fresh(state, "w");
    struct driver_options o = search_options_of("random", 40, 2);
    struct trial_row *rows;
    o.macs = 1; /* the starting point spends it */
    json_t *result = search_run(w, &o, NULL);
    assert_int_equal(json_integer_value(json_object_get(result, "trials")), 1);
    double one = json_number_value(json_object_get(result, "training_macs"));
    assert_true(one > 1);
    json_decref(result);
    o.macs = one * 3;
    o.seed = 9;
    result = search_run(w, &o, NULL);
    assert_in_range(json_integer_value(json_object_get(result, "trials")), 2, 20);
    assert_true(json_number_value(json_object_get(result, "training_macs")) >= o.macs);
    json_int_t cap = json_integer_value(json_object_get(result, "max_macs"));
    json_decref(result);
    int m = search_rows(w, &rows); /* a fortieth of the budget is less than the first network took: twice that is allowed */
    for (int i = 0; i < m; i++) {
        struct arch_row row;
        assert_true(arches_get(w, rows[i].arch, &row, NULL));
        assert_true(i > 0 || cap == 2 * row.macs);
        assert_in_range(row.macs, 1, cap);
        free(row.text);
    }
    runs_trials_free(rows, m);
    o.macs = 0;
    o.stall = 3;
    json_decref(search_run(w, &o, NULL));
    int n = search_rows(w, &rows), best = 0;
    for (int i = 0; i < n; i++)
        best = rows[i].score > rows[best].score ? i : best;
    assert_in_range(n, 4, 39);
    assert_in_range(n - 1 - best, 3, 6); /* rounds of four are asked for whole */
    runs_trials_free(rows, n);
    workspace_close(w);
}

static void the_front_holds_whom_nobody_dominates(void **state)
{
    struct workspace *w = search_fresh(state, "w");
    struct driver_options o = search_options_of("random", 8, 2);
    struct trial_row *rows;
    o.deterministic = false;
    o.objectives = SEARCH_SCORE | SEARCH_PARAMETERS | SEARCH_LATENCY;
    json_t *result = search_run(w, &o, NULL), *front = json_object_get(result, "front");
    int n = search_rows(w, &rows), on = 0;
    assert_in_range(json_array_size(front), 1, 8);
    for (int i = 0; i < n; i++) {
        struct arch_row a, b;
        bool dominated = false, there = false;
        assert_true(rows[i].latency_us > 0 && rows[i].latency_us < 1e6);
        assert_true(arches_get(w, rows[i].arch, &a, NULL));
        for (int k = 0; k < n; k++) {
            assert_true(arches_get(w, rows[k].arch, &b, NULL));
            dominated |= rows[k].score >= rows[i].score && b.parameters <= a.parameters &&
                         rows[k].latency_us <= rows[i].latency_us &&
                         (rows[k].score > rows[i].score || b.parameters < a.parameters ||
                          rows[k].latency_us < rows[i].latency_us);
            free(b.text);
        }
        for (size_t k = 0; k < json_array_size(front); k++)
            there |= json_integer_value(json_object_get(json_array_get(front, k), "trial")) == rows[i].id;
        assert_int_equal(there, !dominated);
        on += there;
        free(a.text);
    }
    assert_int_equal(on, json_array_size(front));
    runs_trials_free(rows, n);
    json_decref(result);
    workspace_close(w);
}

static void what_predicts_too_slowly_is_not_trained(void **state)
{
    struct error err = {0};
    struct workspace *w = search_fresh(state, "w");
    struct driver_options o = search_options_of("random", 4, 1);
    struct trial_row *rows;
    o.deterministic = false;
    o.max_latency_us = 0.001;
    assert_null(driver_search(w, &o, NULL, &err));
    int n = search_rows(w, &rows);
    assert_int_equal(n, 1);
    assert_string_equal(rows[0].state, "failed");
    assert_non_null(strstr(rows[0].result, "not trained"));
    runs_trials_free(rows, n);
    o.max_latency_us = 1e6; /* generous */
    o.max_macs = 1;
    error_clear(&err);
    assert_null(driver_search(w, &o, NULL, &err));
    assert_non_null(strstr(err.text, "multiply-adds"));
    o.max_macs = 0;
    json_t *result = search_run(w, &o, NULL);
    n = search_rows(w, &rows);
    for (int i = 0; i < n; i++)
        assert_true(rows[i].latency_us > 0 && rows[i].latency_us <= o.max_latency_us);
    runs_trials_free(rows, n);
    json_decref(result);
    workspace_close(w);
}

static void what_does_not_go_together_is_refused(void **state)
{
    static const struct {
        struct driver_options o;
        const char *says;
    } bad[] = {{{.strategy = "random,luck", .trials = 2}, "luck"},
               {{.strategy = "random,random", .trials = 2}, "twice"},
               {{.strategy = "", .trials = 2}, "strategy"},
               {{.strategy = "random", .trials = 0}, "--trials"},
               {{.strategy = "random", .trials = 2, .deterministic = true, .seconds = 1}, "--time"},
               {{.strategy = "random", .trials = 2, .deterministic = true, .objectives = SEARCH_SCORE | SEARCH_LATENCY},
                "latency"},
               {{.strategy = "random", .trials = 2, .deterministic = true, .max_latency_us = 5}, "latency"},
               {{.strategy = "random", .trials = 2, .objectives = SEARCH_MACS}, "score"}};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct error err = {0};
        assert_false(driver_options_check(&bad[i].o, &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        if (!strstr(err.text, bad[i].says))
            fail_msg("%s", err.text);
    }
}

#define T(f) cmocka_unit_test_setup_teardown(f, test_folder_new, test_folder_free)

int main(int n, char **argument)
{
    int worker = search_worker(n, argument);
    if (worker >= 0)
        return worker;
    const struct CMUnitTest tests[] = {
        T(a_race_shares_its_trials),
        T(who_races_does_as_alone),
        T(what_was_trained_is_taken_over),
        T(what_is_behind_is_stopped),
        T(each_acquisition_asks_for_its_own),
        T(the_best_of_each_strategy_is_run_in_full),
        T(halving_is_the_same_with_any_workers),
        T(halving_goes_on_as_unbroken),
        T(noise_is_what_folds_differ_in_from_others),
        T(a_curve_that_is_behind_is_cut),
        T(multiply_adds_and_stalling_end_it),
        T(the_front_holds_whom_nobody_dominates),
        T(what_predicts_too_slowly_is_not_trained),
        T(what_does_not_go_together_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
