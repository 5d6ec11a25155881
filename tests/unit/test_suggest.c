/* What is done with suggestions: skipped, pinned, scored as they grow from their parents, and what the surrogate says
 * along a chain of them. */
#include "tests/unit/search_fixture.h"

#include "action/action.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "search/search.h"
#include "store/arches.h"
#include "store/marks.h"
#include "store/tasks.h"

#include <math.h>

static struct workspace *fresh(void **state)
{
    char folder[FILE_PATH_MAX];
    file_join(folder, sizeof folder, *state, "w");
    return search_workspace(folder);
}

static json_t *good(json_t *result, const struct error *err)
{
    if (!result)
        fail_msg("%s", err->text);
    return result;
}

static void refused(json_t *result, struct error *err, enum error_kind kind, const char *word)
{
    assert_null(result);
    assert_int_equal(err->kind, kind);
    if (!strstr(err->text, word))
        fail_msg("no \"%s\" in: %s", word, err->text);
    error_clear(err);
}

static struct action_train_options training(int epochs)
{
    struct action_train_options o = {.threads = 1};
    recipe_defaults(&o.recipe);
    o.recipe.epochs = epochs;
    return o;
}

static void score(struct workspace *w, const char *key)
{
    struct error err = {0};
    struct action_train_options o = training(3);
    json_decref(good(action_score(w, key, &o, NULL, &err), &err));
}

static struct hash hash_at(const json_t *object, const char *key)
{
    struct hash id;
    const char *hex = json_string_value(json_object_get(object, key));
    assert_non_null(hex);
    assert_true(hash_from_hex(hex, &id));
    return id;
}

static json_t *suggestions(struct workspace *w, int n, json_t **whole)
{
    struct error err = {0};
    *whole = good(action_suggest(w, n, 1, &err), &err);
    return json_object_get(*whole, "suggestions");
}

static bool lists(const json_t *list, const char *arch)
{
    const json_t *one;
    size_t i;
    json_array_foreach(list, i, one)
        if (text_equal(json_string_value(json_object_get(one, "arch")), arch))
            return true;
    return false;
}

/* A chain of three trials: mlp, widened, and that deepened; each scored as it grows. */
static void grow_chain(struct workspace *w, char key[2][HASH_HEX])
{
    static const char *const kind[] = {"widen", "deepen"};
    struct error err = {0};
    struct action_train_options o = training(3);
    score(w, "mlp");
    o.grow = true;
    for (int i = 0; i < 2; i++) {
        json_t *made = good(action_morph(w, i == 0 ? "mlp" : key[0], kind[i], "d1", NULL, 0, &err), &err);
        text_copy(key[i], HASH_HEX, json_string_value(json_object_get(made, "arch")));
        json_decref(made);
        json_decref(good(action_score(w, key[i], &o, NULL, &err), &err));
    }
}

/* --- what suggestions rest on ---------------------------------------------------------------------------------------- */

/* Trial 1 is the oldest: unless it is the best, it is the one that is left out, and not proposed all the same. */
static void of_many_the_best_and_the_newest_count(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state);
    struct driver_options o = {.strategy = "bayes", .seed = 1};
    struct search_candidate c[32];
    struct driver_told told;
    struct task_row task;
    struct trial_row *rows;
    char key[2][HASH_HEX];
    grow_chain(w, key);
    assert_true(tasks_active(w, &task, &err));
    free(task.info);
    struct search *s = driver_known(w, task.hash, &o, DRIVER_KNOWN_MOST, &told, &err);
    assert_true(told.scored == 3 && told.left_out == 0);
    search_free(s);
    s = driver_known(w, task.hash, &o, 2, &told, &err);
    assert_non_null(s);
    assert_true(told.scored == 2 && told.left_out == 1);
    int got = search_suggest(s, c, 32, &err), n = runs_trials(w, task.hash, -1, RUNS_BY_ID, &rows, &err), best = 0;
    assert_int_equal(got, 32);
    for (int i = 0; i < n; i++)
        best = rows[i].score > rows[best].score ? i : best;
    int64_t left = rows[best == 0 ? 1 : 0].id;
    for (int i = 0; i < got; i++) {
        assert_true(c[i].parent != left);
        for (int k = 0; k < n; k++)
            assert_false(hash_equal(arch_id(c[i].arch), rows[k].arch));
        search_candidate_free(&c[i]);
    }
    assert_int_equal(surrogate_n(search_surrogate(s)), 2);
    runs_trials_free(rows, n);
    search_free(s);
    workspace_close(w);
}

/* --- marks ----------------------------------------------------------------------------------------------------------- */

static void what_is_skipped_is_never_suggested(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state);
    json_t *first, *second, *list;
    char arch[HASH_HEX];
    score(w, "mlp");
    list = suggestions(w, 4, &first);
    assert_int_equal(json_array_size(list), 4);
    text_copy(arch, sizeof arch, json_string_value(json_object_get(json_array_get(list, 0), "arch")));
    json_t *mark = good(action_mark(w, arch, MARKS_SKIP, true, &err), &err);
    assert_true(json_is_true(json_object_get(mark, "on")));
    assert_string_equal(json_string_value(json_object_get(mark, "arch")), arch);
    assert_string_equal(json_string_value(json_object_get(mark, "mark")), MARKS_SKIP);
    json_decref(mark);
    assert_false(lists(suggestions(w, 32, &second), arch));
    json_decref(second);
    json_t *marked = good(action_marked(w, &err), &err);
    assert_int_equal(json_array_size(json_object_get(marked, "marked")), 1);
    assert_true(lists(json_object_get(marked, "marked"), arch));
    json_decref(marked);
    json_decref(good(action_mark(w, arch, MARKS_SKIP, false, &err), &err));
    list = suggestions(w, 4, &second);
    assert_true(lists(list, arch)); /* the same as before it was skipped */
    json_decref(first);
    json_decref(second);
    workspace_close(w);
}

static void what_is_pinned_stays_on_top_until_it_was_tried(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state);
    json_t *first, *second, *list;
    char arch[HASH_HEX];
    score(w, "mlp");
    list = suggestions(w, 4, &first);
    text_copy(arch, sizeof arch, json_string_value(json_object_get(json_array_get(list, 3), "arch")));
    json_decref(good(action_mark(w, arch, MARKS_PIN, true, &err), &err));
    list = suggestions(w, 2, &second);
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "arch")), arch);
    assert_true(json_is_true(json_object_get(json_array_get(list, 0), "pinned")));
    json_decref(second);
    score(w, arch);
    assert_false(lists(suggestions(w, 8, &second), arch));
    json_decref(first);
    json_decref(second);
    workspace_close(w);
}

static void marks_are_refused_where_they_cannot_be_set(void **state)
{
    struct error err = {0};
    char folder[FILE_PATH_MAX];
    struct workspace *w = fresh(state);
    refused(action_mark(w, "no-such-network", MARKS_SKIP, true, &err), &err, ERROR_USAGE, "no-such-network");
    workspace_close(w);
    file_join(folder, sizeof folder, *state, "w");
    w = workspace_open(folder, true, &err);
    refused(action_mark(w, "mlp", MARKS_SKIP, true, &err), &err, ERROR_USAGE, "only read");
    json_t *marked = good(action_marked(w, &err), &err);
    assert_int_equal(json_array_size(json_object_get(marked, "marked")), 0);
    json_decref(marked);
    workspace_close(w);
}

/* --- grown ----------------------------------------------------------------------------------------------------------- */

/* As a search does: the parent's weights, a shorter recipe; and the same again is known. */
static void a_suggestion_is_scored_from_its_parents_weights(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state);
    struct action_train_options o = training(6);
    json_t *asked;
    char arch[HASH_HEX];
    struct trial_row grown;
    json_decref(good(action_score(w, "mlp", &o, NULL, &err), &err));
    const json_t *one = json_array_get(suggestions(w, 1, &asked), 0);
    text_copy(arch, sizeof arch, json_string_value(json_object_get(one, "arch")));
    o.grow = true;
    json_t *result = good(action_score(w, arch, &o, NULL, &err), &err), *again = good(action_score(w, arch, &o, NULL, &err), &err);
    assert_true(json_equal(result, again));
    assert_true(runs_trial_get(w, json_integer_value(json_object_get(result, "trial")), &grown, &err));
    assert_int_equal(grown.parent, 1);
    assert_string_equal(grown.steps, json_string_value(json_object_get(one, "morphism")));
    assert_non_null(strstr(grown.why, "grown from trial 1"));
    assert_non_null(strstr(grown.recipe, "epochs 2")); /* a third of six */
    assert_true(hash_equal(grown.arch, hash_at(one, "arch")));
    o.grow = false;
    json_t *scratch = good(action_score(w, arch, &o, NULL, &err), &err);
    assert_false(hash_equal(hash_at(scratch, "weights_hash"), grown.weights));
    runs_trial_free(&grown);
    json_decref(asked);
    json_decref(result);
    json_decref(again);
    json_decref(scratch);
    workspace_close(w);
}

/* The nearest ancestor that was scored, by all the steps from there. */
static void an_ancestor_stands_in_for_a_parent_without_a_score(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state);
    struct action_train_options o = training(3);
    struct trial_row grown;
    char key[HASH_HEX];
    o.grow = true;
    refused(action_score(w, "mlp", &o, NULL, &err), &err, ERROR_USAGE, "without --grow");
    score(w, "mlp");
    json_t *first = good(action_morph(w, "mlp", "widen", "d1", NULL, 0, &err), &err);
    json_t *second = good(action_morph(w, json_string_value(json_object_get(first, "arch")), "deepen", "d1", NULL, 0, &err), &err);
    text_copy(key, sizeof key, json_string_value(json_object_get(second, "arch")));
    json_t *result = good(action_score(w, key, &o, NULL, &err), &err);
    assert_true(runs_trial_get(w, json_integer_value(json_object_get(result, "trial")), &grown, &err));
    assert_int_equal(grown.parent, 1);
    const char *widened = strstr(grown.steps, "widen"), *deepened = strstr(grown.steps, "deepen");
    assert_true(widened != NULL && deepened != NULL && widened < deepened && strchr(grown.steps, '\n') != NULL);
    runs_trial_free(&grown);
    json_decref(first);
    json_decref(second);
    json_decref(result);
    workspace_close(w);
}

/* More text than a row of the list holds: no step of it is lost, be it scored or pinned. */
static void a_long_chain_is_grown_in_full(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state);
    struct action_train_options o = training(3);
    struct arch_row mlp;
    struct trial_row grown;
    struct text steps = {0};
    struct hash id;
    char key[HASH_HEX];
    score(w, "mlp");
    assert_true(arches_find(w, "mlp", &mlp, &err));
    struct arch *a = arches_load(w, mlp.id, &err);
    for (int i = 0; i < SEARCH_CHAIN_MAX; i++) {
        struct morph_step step = morph_step_of(morph_find("activate"), "d1");
        char line[MORPH_TEXT_MAX];
        assert_true(morph_set(&step, "kind", "tanh", &err));
        struct arch *next = morph_apply_arch(a, &step, &err);
        if (!next)
            fail_msg("%s", err.text);
        arch_free(a);
        a = next;
        morph_format(&step, line);
        text_printf(&steps, "%s%s", i ? "\n" : "", line);
    }
    assert_true(steps.n > ARCHES_STEPS);
    assert_true(arches_put(w, a, "", &mlp.id, text_of(&steps), &id, &err));
    hash_hex(id, key);
    json_decref(good(action_mark(w, key, MARKS_PIN, true, &err), &err));
    json_t *asked, *pinned = json_array_get(suggestions(w, 1, &asked), 0);
    assert_string_equal(json_string_value(json_object_get(pinned, "morphism")), text_of(&steps));
    json_t *shown = good(action_arch_show(w, key, 0, &err), &err);
    assert_string_equal(json_string_value(json_object_get(shown, "morphism")), text_of(&steps));
    o.grow = true;
    json_t *result = good(action_score(w, key, &o, NULL, &err), &err);
    assert_true(runs_trial_get(w, json_integer_value(json_object_get(result, "trial")), &grown, &err));
    assert_string_equal(grown.steps, text_of(&steps));
    runs_trial_free(&grown);
    json_decref(asked);
    json_decref(shown);
    json_decref(result);
    text_free(&steps);
    free(mlp.text);
    arch_free(a);
    workspace_close(w);
}

/* Strategies that race each ask for what they like: the same recipe twice is one measurement, not two that agree. */
static void one_recipe_is_one_observation(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state);
    struct trial_row t;
    char key[2][HASH_HEX];
    json_t *before, *after;
    grow_chain(w, key);
    suggestions(w, 3, &before);
    assert_int_equal(json_integer_value(json_object_get(before, "observations")), 3);
    assert_true(runs_trial_get(w, 2, &t, &err));
    text_copy(t.strategy, sizeof t.strategy, "evolution");
    assert_true(runs_trial_new(w, &t, &err) && t.id == 4);
    assert_true(runs_trial_save(w, &t, &err));
    suggestions(w, 3, &after);
    assert_true(json_equal(before, after));
    runs_trial_free(&t);
    json_decref(before);
    json_decref(after);
    workspace_close(w);
}

/* --- the posterior along a chain ------------------------------------------------------------------------------------- */

static void the_posterior_goes_along_the_chain(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state);
    char key[2][HASH_HEX];
    grow_chain(w, key);
    json_t *result = good(action_posterior(w, 3, 1, &err), &err), *rows = json_object_get(result, "rows");
    assert_int_equal(json_integer_value(json_object_get(result, "trial")), 3);
    assert_int_equal(json_integer_value(json_object_get(result, "observations")), 3);
    assert_in_range(json_array_size(rows), 3, 4);
    for (size_t i = 0; i < 3; i++) {
        const json_t *row = json_array_get(rows, i);
        double mean = json_number_value(json_object_get(row, "mean")), sd = json_number_value(json_object_get(row, "sd"));
        assert_int_equal(json_integer_value(json_object_get(row, "trial")), (json_int_t)i + 1);
        assert_true(mean > 0 && mean < 1 && sd > 0);
        assert_true(json_is_real(json_object_get(row, "score")));
        if (i > 0)
            assert_string_equal(json_string_value(json_object_get(row, "arch")), key[i - 1]);
    }
    if (json_array_size(rows) == 4) { /* what may grow from it was not tried */
        const json_t *next = json_array_get(rows, 3);
        assert_int_equal(json_integer_value(json_object_get(next, "trial")), 0);
        assert_int_equal(json_integer_value(json_object_get(next, "from")), 3);
        assert_null(json_object_get(next, "text"));
    }
    json_decref(result);
    workspace_close(w);
}

static void a_posterior_needs_something_scored(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state);
    refused(action_posterior(w, 1, 1, &err), &err, ERROR_FAILED, "nothing was scored");
    score(w, "mlp");
    assert_null(action_posterior(w, 77, 1, &err)); /* no such trial */
    assert_int_not_equal(err.kind, ERROR_NONE);
    workspace_close(w);
}

#define T(f) cmocka_unit_test_setup_teardown(f, test_folder_new, test_folder_free)

int main(int argc, char **argv)
{
    int status = search_worker(argc, argv);
    if (status >= 0)
        return status;
    const struct CMUnitTest tests[] = {
        T(of_many_the_best_and_the_newest_count),
        T(what_is_skipped_is_never_suggested),
        T(what_is_pinned_stays_on_top_until_it_was_tried),
        T(marks_are_refused_where_they_cannot_be_set),
        T(a_suggestion_is_scored_from_its_parents_weights),
        T(an_ancestor_stands_in_for_a_parent_without_a_score),
        T(a_long_chain_is_grown_in_full),
        T(one_recipe_is_one_observation),
        T(the_posterior_goes_along_the_chain),
        T(a_posterior_needs_something_scored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
