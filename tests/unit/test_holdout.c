/* The sealed hold-out and the baselines, in a tiny workspace. */
#include "tests/unit/search_fixture.h"

#include "action/action.h"
#include "action/holdout.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "search/search.h"
#include "store/arches.h"
#include "store/seals.h"
#include "store/tasks.h"
#include "train/baseline_model.h"
#include "work/json.h"
#include "work/retrain.h"
#include "work/trial.h"

#include <math.h>

static json_t *good(json_t *result, const struct error *err)
{
    if (!result)
        fail_msg("%s", err->text);
    return result;
}

static struct workspace *fresh(void **state, const char *name)
{
    char folder[FILE_PATH_MAX];
    file_join(folder, sizeof folder, *state, name);
    return search_workspace(folder);
}

static struct action_baseline_options quick(void)
{
    return (struct action_baseline_options){.quick = true, .epochs = 2, .threads = 1};
}

static json_t *scored(struct workspace *w, const char *key, int epochs)
{
    struct error err = {0};
    struct action_train_options o = {.threads = 1};
    recipe_defaults(&o.recipe);
    o.recipe.epochs = epochs;
    return good(action_score(w, key, &o, NULL, &err), &err);
}

static json_t *opened(struct workspace *w, const char *key)
{
    struct error err = {0};
    struct action_holdout_options o = {.baseline = quick(), .threads = 1};
    return good(action_holdout_open(w, key, &o, NULL, &err), &err);
}

static const char *text_of_member(const json_t *j, const char *key)
{
    const char *text = json_string_value(json_object_get(j, key));
    return text ? text : "";
}

static int trials_there(struct workspace *w, const char *strategy)
{
    struct task_row task;
    struct trial_row *rows;
    int found = 0;
    assert_true(tasks_active(w, &task, NULL));
    int n = runs_trials(w, task.hash, -1, RUNS_BY_ID, &rows, NULL);
    for (int i = 0; i < n; i++)
        found += !strategy || text_equal(rows[i].strategy, strategy);
    runs_trials_free(rows, n);
    free(task.info);
    return found;
}

static int times_opened(struct workspace *w)
{
    struct task_row task;
    assert_true(tasks_active(w, &task, NULL));
    free(task.info);
    return seals_opened(w, task.hash, NULL);
}

/* --- baselines ---------------------------------------------------------------------------------------------------- */

static void baselines_are_trials_that_are_not_run_twice(void **state)
{
    struct workspace *w = fresh(state, "w");
    struct error err = {0};
    struct action_baseline_options o = quick(), kept = quick();
    kept.kept = true;
    json_t *before = good(action_baseline(w, &kept, NULL, &err), &err);
    assert_int_equal(json_array_size(json_object_get(before, "baselines")), 2);
    assert_int_equal(json_array_size(json_object_get(before, "left")), BASELINE_MODELS);
    assert_int_equal(trials_there(w, NULL), 0);
    json_t *one = good(action_baseline(w, &o, NULL, &err), &err), *two = good(action_baseline(w, &o, NULL, &err), &err);
    const json_t *list = json_object_get(one, "baselines");
    assert_int_equal(json_array_size(list), 2 + 4);
    assert_int_equal(trials_there(w, "baseline"), 4);
    assert_true(json_equal(list, json_object_get(two, "baselines")));
    for (size_t i = 2; i < 6; i++) {
        const json_t *j = json_array_get(list, i);
        assert_true(json_is_object(json_object_get(j, "score")) && json_array_size(json_object_get(j, "folds")) == 2);
    }
    json_t *after = good(action_baseline(w, &kept, NULL, &err), &err);
    json_t *pair = good(action_compare(w, "lstm-32", "majority", &err), &err); /* by the name that the table has */
    const json_t *lstm = json_array_get(list, 3), *side = json_object_get(pair, "a");
    assert_string_equal(text_of_member(lstm, "name"), "lstm-32");
    assert_true(json_member_number(side, "score") == json_member_number(json_object_get(lstm, "score"), "mean"));
    json_decref(pair);
    assert_int_equal(json_array_size(json_object_get(after, "baselines")), 6);
    json_t *board = good(action_board(w, &err), &err);
    assert_int_equal(json_array_size(json_object_get(board, "rows")), 4);
    json_decref(board);
    json_decref(before);
    json_decref(after);
    json_decref(one);
    json_decref(two);
    workspace_close(w);
}

/* One table: what was found, its lead over each of them as a comparison says, and the evidence for it. */
static void what_was_found_stands_beside_the_baselines(void **state)
{
    struct workspace *w = fresh(state, "w");
    struct error err = {0};
    struct action_baseline_options o = quick();
    json_t *table = good(action_baseline(w, &o, NULL, &err), &err), *one;
    size_t i;
    assert_true(action_baseline_found(w, table, &err)); /* manual models alone: nothing was found */
    assert_true(json_is_null(json_object_get(table, "found")));
    assert_null(json_object_get(table, "evidence"));
    json_decref(scored(w, "mlp", 1));
    json_t *best = scored(w, "mlp", 3);
    assert_true(action_baseline_found(w, table, &err));
    const json_t *found = json_object_get(table, "found");
    json_int_t trial = json_integer_value(json_object_get(found, "trial"));
    struct trial_row row;
    assert_true(runs_trial_get(w, trial, &row, &err) && !row.strategy[0]);
    assert_true(json_member_number(json_object_get(found, "score"), "mean") == row.score);
    assert_true(row.score >= json_member_number(json_object_get(best, "score"), "mean"));
    json_array_foreach(json_object_get(table, "baselines"), i, one)
    {
        char key[32];
        snprintf(key, sizeof key, "trial:%lld", trial);
        json_t *pair = good(action_compare(w, key, text_of_member(one, "name"), &err), &err);
        const json_t *lead = json_object_get(one, "lead"), *difference = json_object_get(pair, "difference");
        assert_true(json_member_number(lead, "mean") == json_member_number(difference, "mean"));
        assert_true(json_member_number(lead, "low") == json_member_number(difference, "low"));
        assert_true(json_member_number(lead, "p") == json_member_number(pair, "p"));
        json_decref(pair);
    }
    assert_int_equal(i, 6);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(table, "evidence"), "trials")), 6);
    runs_trial_free(&row);
    json_decref(best);
    json_decref(table);
    workspace_close(w);
}

static void no_search_starts_from_a_baseline(void **state)
{
    struct workspace *w = fresh(state, "w");
    struct error err = {0};
    struct action_baseline_options o = quick();
    struct task_row task;
    struct driver_told told;
    json_decref(good(action_baseline(w, &o, NULL, &err), &err));
    assert_true(tasks_active(w, &task, &err));
    struct driver_options options = search_options(1, 1);
    search_free(driver_known(w, task.hash, &options, DRIVER_KNOWN_MOST, &told, &err));
    assert_int_equal(told.scored, 0);
    json_decref(good(driver_search(w, &options, NULL, &err), &err));
    struct search_row last;
    struct trial_row *rows;
    assert_true(runs_search_last(w, task.hash, &last));
    int n = runs_trials(w, task.hash, last.id, RUNS_BY_ID, &rows, &err);
    assert_int_equal(n, 1);
    assert_string_equal(rows[0].why, "starting point mlp");
    runs_trials_free(rows, n);
    free(last.options);
    free(task.info);
    /* whoever wants one for its own sake has it */
    struct arch_row row;
    assert_true(arches_find(w, "baseline-tcn-32", &row, &err));
    assert_string_equal(row.morphism, ARCHES_BASELINE);
    struct arch *a = arch_parse(row.text, strlen(row.text), row.name, &err);
    struct hash id;
    assert_true(arches_put(w, a, "mine", NULL, NULL, &id, &err));
    free(row.text);
    assert_true(arches_get(w, id, &row, &err));
    assert_string_equal(row.name, "mine");
    assert_string_equal(row.morphism, "");
    free(row.text);
    assert_true(arches_put(w, a, "baseline-tcn-32", NULL, ARCHES_BASELINE, &id, &err)); /* and keeps it */
    assert_true(arches_get(w, id, &row, &err));
    assert_string_equal(row.name, "mine");
    free(row.text);
    arch_free(a);
    workspace_close(w);
}

struct stopper {
    int asked, after;
};

static bool stops(void *context)
{
    struct stopper *s = context;
    return ++s->asked > s->after;
}

static void interrupted_baselines_go_on(void **state)
{
    struct workspace *w = fresh(state, "w"), *whole = fresh(state, "whole");
    struct action_baseline_options o = quick();
    struct error err = {0};
    json_t *expected = good(action_baseline(whole, &o, NULL, &err), &err), *got = NULL;
    int stopped = 0;
    for (int after = 3; !got; after += 8) {
        struct stopper s = {.after = after};
        struct control control = {.context = &s, .cancelled = stops};
        error_clear(&err);
        got = action_baseline(w, &o, &control, &err);
        if (!got)
            assert_int_equal(err.kind, ERROR_INTERRUPTED);
        stopped += !got;
    }
    assert_true(stopped >= 2);
    for (size_t i = 2; i < 6; i++)
        assert_string_equal(
            text_of_member(json_array_get(json_object_get(got, "baselines"), i), "weights_hash"),
            text_of_member(json_array_get(json_object_get(expected, "baselines"), i), "weights_hash"));
    json_decref(expected);
    json_decref(got);
    workspace_close(w);
    workspace_close(whole);
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

static void a_holdout_is_opened_once(void **state)
{
    struct workspace *w = fresh(state, "w");
    struct error err = {0};
    struct action_holdout_options o = {.baseline = quick(), .threads = 1};
    json_t *show = good(action_holdout_show(w, &err), &err);
    assert_string_equal(text_of_member(show, "state"), "sealed");
    json_decref(show);
    assert_null(action_holdout_open(w, "mlp", &o, NULL, &err)); /* nothing is known of it */
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_int_equal(times_opened(w), 0);
    error_clear(&err);
    json_decref(scored(w, "mlp", 3));
    json_t *result = opened(w, "mlp");
    assert_int_equal(times_opened(w), 1);
    assert_int_equal(json_array_size(json_object_get(result, "baselines")), 2 + 4);
    assert_int_equal(json_array_size(json_object_get(result, "leads")), 2 + 4);
    const json_t *chosen = json_object_get(result, "chosen"), *span = json_object_get(result, "span");
    assert_int_equal(json_integer_value(json_object_get(chosen, "total")),
                     json_integer_value(json_object_get(span, "samples")));
    assert_true(json_integer_value(json_object_get(span, "bars")) == 45);
    assert_non_null(strstr(text_of_member(json_object_get(result, "evidence"), "sentence"), "hold-out"));
    assert_null(strstr(text_of_member(json_object_get(result, "evidence"), "sentence"), "opened"));
    assert_null(action_holdout_open(w, "mlp", &o, NULL, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.text, "opened once"));
    assert_int_equal(times_opened(w), 1);
    error_clear(&err);
    show = good(action_holdout_show(w, &err), &err);
    json_object_del(show, "opened_at");
    assert_true(json_equal(show, result));
    json_decref(show);
    json_decref(result);
    /* and is told from then on */
    result = scored(w, "mlp", 2);
    assert_int_equal(json_integer_value(json_object_get(result, "opened")), 1);
    json_decref(result);
    struct action_task_options again = {
        .horizon = 1, .lookback = 10, .folds = 2, .embargo = -1, .stride = -1, .seed = -1, .holdout = 0.1};
    result = good(action_task_set(w, &again, &err), &err);
    json_decref(result);
    assert_true(times_opened(w) >= 1);
    workspace_close(w);
}

static void a_task_without_a_holdout_has_none_to_open(void **state)
{
    struct workspace *w = fresh(state, "w");
    struct error err = {0};
    struct action_task_options open = {.horizon = 1, .lookback = 8, .folds = 2, .embargo = -1, .stride = -1, .seed = -1,
                                       .holdout = 0, .open_sealed = true};
    struct action_holdout_options o = {.baseline = quick(), .threads = 1};
    json_decref(good(action_task_set(w, &open, &err), &err));
    json_decref(scored(w, "mlp", 2));
    assert_null(action_holdout_open(w, "mlp", &o, NULL, &err));
    assert_non_null(strstr(err.text, "seals nothing"));
    workspace_close(w);
}

static void interrupted_it_goes_on_to_the_same_bits(void **state)
{
    struct workspace *w = fresh(state, "w"), *whole = fresh(state, "whole");
    struct error err = {0};
    struct action_holdout_options o = {.baseline = quick(), .threads = 1};
    json_decref(scored(w, "mlp", 3));
    json_decref(scored(whole, "mlp", 3));
    json_t *expected = opened(whole, "mlp"), *got = NULL;
    int stopped = 0, behind = 0;
    for (int after = 5; !got; after += 12) {
        struct stopper s = {.after = after};
        struct control control = {.context = &s, .cancelled = stops};
        error_clear(&err);
        got = action_holdout_open(w, "mlp", &o, &control, &err);
        if (got)
            break;
        assert_int_equal(err.kind, ERROR_INTERRUPTED);
        stopped++;
        behind += times_opened(w) == 1;
        json_t *show = good(action_holdout_show(w, &err), &err);
        assert_string_equal(text_of_member(show, "state"), times_opened(w) ? "opened" : "sealed");
        assert_null(json_object_get(show, "chosen")); /* no score is shown before the end */
        json_decref(show);
    }
    assert_true(stopped >= 3 && behind >= 2);
    assert_int_equal(times_opened(w), 1);
    assert_string_equal(text_of_member(json_object_get(got, "chosen"), "weights_hash"),
                        text_of_member(json_object_get(expected, "chosen"), "weights_hash"));
    for (size_t i = 0; i < 6; i++) {
        const json_t *a = json_array_get(json_object_get(got, "baselines"), i),
                     *b = json_array_get(json_object_get(expected, "baselines"), i);
        assert_string_equal(text_of_member(a, "predictions"), text_of_member(b, "predictions"));
        assert_true(json_equal(json_object_get(a, "score"), json_object_get(b, "score")));
    }
    assert_true(json_equal(json_object_get(got, "leads"), json_object_get(expected, "leads")));
    json_decref(got);
    json_decref(expected);
    workspace_close(w);
    workspace_close(whole);
}

/* --- what must not be read ---------------------------------------------------------------------------------------- */

static int64_t best_trial(struct workspace *w, const char *name)
{
    struct arch_row arch;
    struct task_row task;
    struct trial_row t;
    assert_true(arches_find(w, name, &arch, NULL) && tasks_active(w, &task, NULL));
    assert_true(runs_trial_of_arch(w, task.hash, arch.id, NULL, &t));
    int64_t id = t.id;
    runs_trial_free(&t);
    free(arch.text);
    free(task.info);
    return id;
}

static void training_reads_nothing_behind_its_own_samples(void **state)
{
    struct workspace *w = fresh(state, "w");
    struct error err = {0};
    struct task_row task;
    struct retrain_data d;
    json_decref(scored(w, "mlp", 3));
    int64_t trial = best_trial(w, "mlp");
    assert_true(tasks_active(w, &task, &err));
    assert_true(retrain_open(&d, w, &task, &err));
    const struct dataset_fold *f = &d.view.fold[0];
    struct dataset *o = d.opened;
    struct crossval *clean = retrain_trial(w, &d, trial, NULL, NULL, &err);
    assert_non_null(clean);
    assert_int_equal(clean->n, o->samples - o->visible_samples);
    /* No bar that a training target or window reads lies where a window of the hold-out reads, or behind it. */
    size_t last_read = o->bar[f->train_end - 1] + 1, first_read = o->bar[f->valid_first] - 8; /* one before the window */
    assert_true(last_read <= first_read);
    assert_true(f->train_end < o->visible_samples); /* something was purged at all */
    /* Poisoned, all of it: the weights stay as they were. */
    for (size_t bar = last_read; bar < o->bars; bar++) {
        o->price[bar] = (double)NAN;
        for (size_t c = 0; c < o->channels; c++)
            o->feature[bar * o->channels + c] = NAN;
    }
    for (size_t i = f->train_end; i < o->visible_samples; i++)
        o->target[i] = NAN;
    /* The hold-out's own windows must stay readable to be scored: give them other values. */
    for (size_t bar = first_read; bar < o->bars; bar++)
        for (size_t c = 0; c < o->channels; c++)
            o->feature[bar * o->channels + c] = 3.0F;
    struct crossval *poisoned = retrain_trial(w, &d, trial, NULL, NULL, &err);
    if (!poisoned)
        fail_msg("%s", err.text);
    assert_true(hash_equal(clean->weights, poisoned->weights));
    assert_true(hash_equal(clean->trace_root, poisoned->trace_root));
    assert_true(memcmp(clean->prediction, poisoned->prediction, clean->n * sizeof(float)) != 0);
    /* While what is trained on matters. */
    o->target[f->train_end - 1] = 1.0F - o->target[f->train_end - 1];
    struct crossval *other = retrain_trial(w, &d, trial, NULL, NULL, &err);
    assert_non_null(other);
    assert_false(hash_equal(clean->weights, other->weights));
    crossval_free(clean);
    crossval_free(poisoned);
    crossval_free(other);
    retrain_close(&d);
    free(task.info);
    workspace_close(w);
}

/* A trial that grew is grown again, stage by stage, each for its own median. */
static void a_lineage_is_trained_again(void **state)
{
    struct workspace *w = fresh(state, "w");
    struct error err = {0};
    struct task_row task;
    struct retrain_data d;
    struct driver_options options = search_options(3, 1);
    options.recipe.epochs = 4;
    json_decref(good(driver_search(w, &options, NULL, &err), &err));
    assert_true(tasks_active(w, &task, &err));
    struct trial_row *rows;
    int n = runs_trials(w, task.hash, -1, RUNS_BY_ID, &rows, &err), child = -1;
    for (int i = 0; i < n; i++)
        child = rows[i].parent ? i : child;
    assert_true(child > 0);
    struct trial_row parent, t = rows[child];
    assert_true(runs_trial_get(w, t.parent, &parent, &err));
    int64_t grandparent = parent.parent;
    assert_true(retrain_open(&d, w, &task, &err));
    struct crossval *got = retrain_trial(w, &d, t.id, NULL, NULL, &err);
    if (!got)
        fail_msg("%s", err.text);
    assert_true(hash_equal(arch_id(got->model[0]->arch), t.arch));
    if (grandparent == 0) { /* by hand */
        struct recipe r;
        json_t *result = json_loads(parent.result, 0, NULL);
        struct arch *a = arches_load(w, parent.arch, &err);
        assert_true(a && recipe_parse(&r, parent.recipe, &err));
        r.epochs = retrain_epochs(result);
        r.stop_ppm = 0;
        struct crossval *first = crossval_run(&d.view, a, NULL, &r, -1, NULL, NULL, &err);
        assert_non_null(first);
        json_decref(result);
        result = json_loads(t.result, 0, NULL);
        struct model *m = trial_grow(model_copy(first->model[0], &err), t.steps, r.seed, &err);
        assert_non_null(m);
        r.epochs = retrain_epochs(result);
        struct crossval *second =
            crossval_run(&d.view, m->arch, (const struct model *const *)&m, &r, -1, NULL, NULL, &err);
        assert_non_null(second);
        assert_true(hash_equal(second->weights, got->weights));
        model_free(m);
        crossval_free(first);
        crossval_free(second);
        json_decref(result);
        arch_free(a);
    }
    crossval_free(got);
    retrain_close(&d);
    runs_trial_free(&parent);
    runs_trials_free(rows, n);
    free(task.info);
    workspace_close(w);
}

static void the_median_of_the_folds_epochs(void **state)
{
    static const struct {
        const char *text;
        int epochs;
    } known[] = {{"{\"folds\":[{\"best_epoch\":9},{\"best_epoch\":2},{\"best_epoch\":5}]}", 5},
                 {"{\"folds\":[{\"best_epoch\":8},{\"best_epoch\":3}]}", 3},
                 {"{\"folds\":[{\"best_epoch\":0}]}", 1},
                 {"{}", 1}};
    (void)state;
    for (size_t i = 0; i < ARRAY_N(known); i++) {
        json_t *j = json_loads(known[i].text, 0, NULL);
        assert_int_equal(retrain_epochs(j), known[i].epochs);
        json_decref(j);
    }
}

/* --- comparing, seeds ---------------------------------------------------------------------------------------------- */

static void two_are_compared_by_name(void **state)
{
    struct workspace *w = fresh(state, "w");
    struct error err = {0};
    json_t *one = scored(w, "mlp", 2);
    json_t *rule = good(action_compare(w, "mlp", "majority", &err), &err);
    json_t *itself = good(action_compare(w, "mlp", "trial:1", &err), &err);
    assert_true(json_member_number(json_object_get(itself, "difference"), "mean") == 0.0);
    assert_true(json_member_number(itself, "p") == 1.0);
    assert_non_null(strstr(text_of_member(itself, "sentence"), "cannot be told from"));
    assert_true(fabs(json_member_number(json_object_get(rule, "a"), "score") -
                     json_member_number(json_object_get(one, "score"), "mean")) < 1e-12);
    assert_null(action_compare(w, "mlp", "trial:99", &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    error_clear(&err);
    assert_null(action_compare(w, "nothing", "mlp", &err));
    assert_non_null(strstr(err.text, "there is no architecture nothing"));
    json_decref(one);
    json_decref(rule);
    json_decref(itself);
    workspace_close(w);
}

static void seeds_have_a_spread(void **state)
{
    struct workspace *w = fresh(state, "w");
    struct error err = {0};
    struct action_train_options o = {.threads = 1, .seeds = 3};
    recipe_defaults(&o.recipe);
    o.recipe.epochs = 2;
    json_t *result = good(action_score(w, "mlp", &o, NULL, &err), &err);
    const json_t *seeds = json_object_get(result, "seeds"), *scores = json_object_get(seeds, "scores");
    assert_int_equal(json_array_size(scores), 3);
    assert_int_equal(trials_there(w, NULL), 3);
    double a = json_number_value(json_array_get(scores, 0)), b = json_number_value(json_array_get(scores, 1)),
           c = json_number_value(json_array_get(scores, 2)), mean = (a + b + c) / 3;
    assert_true(a == json_member_number(json_object_get(result, "score"), "mean"));
    assert_true(fabs(json_member_number(seeds, "mean") - mean) < 1e-12);
    assert_true(fabs(json_member_number(seeds, "sd") -
                     sqrt(((a - mean) * (a - mean) + (b - mean) * (b - mean) + (c - mean) * (c - mean)) / 2)) < 1e-12);
    json_decref(result);
    workspace_close(w);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, test_folder_new, test_folder_free)

int main(int n, char **argument)
{
    const struct CMUnitTest tests[] = {
        TEST(baselines_are_trials_that_are_not_run_twice),
        TEST(what_was_found_stands_beside_the_baselines),
        TEST(no_search_starts_from_a_baseline),
        TEST(interrupted_baselines_go_on),
        TEST(a_holdout_is_opened_once),
        TEST(a_task_without_a_holdout_has_none_to_open),
        TEST(interrupted_it_goes_on_to_the_same_bits),
        TEST(training_reads_nothing_behind_its_own_samples),
        TEST(a_lineage_is_trained_again),
        TEST(the_median_of_the_folds_epochs),
        TEST(two_are_compared_by_name),
        TEST(seeds_have_a_spread),
    };
    int status = search_worker(n, argument);
    return status >= 0 ? status : cmocka_run_group_tests(tests, NULL, NULL);
}
