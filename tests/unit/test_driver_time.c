/* What a search spends and on whom: the limit of time, the epochs of grown networks, skips put while it runs. */
#include "tests/unit/search_fixture.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/arches.h"
#include "store/checkpoints.h"
#include "store/marks.h"
#include "store/tasks.h"
#include "work/json.h"

static struct workspace *fresh(void **state, const char *name)
{
    char folder[FILE_PATH_MAX];
    file_join(folder, sizeof folder, *state, name);
    return search_workspace(folder);
}

static json_t *search(struct workspace *w, const struct driver_options *o, const struct control *control)
{
    struct error err = {0};
    json_t *result = driver_search(w, o, control, &err);
    if (!result)
        fail_msg("%s", err.text);
    return result;
}

static int trials_of(struct workspace *w, struct trial_row **rows)
{
    struct task_row task;
    assert_true(tasks_active(w, &task, NULL));
    free(task.info);
    int n = runs_trials(w, task.hash, -1, RUNS_BY_ID, rows, NULL);
    assert_true(n >= 0);
    return n;
}

static bool keeps_folds(struct workspace *w, const struct trial_row *t)
{
    struct hash id;
    bool any = false;
    assert_true(hash_from_hex(t->recipe_id, &id));
    for (int k = 1; k <= 2; k++)
        any |= checkpoints_there(w, id, k);
    return any;
}

/* Beside the small one a network that takes at least a hundred times as long. */
static struct hash add_slow(struct workspace *w)
{
    struct hash id;
    struct arch *a = arch_template("tcn", 8, 6, 1, 384, 4, NULL);
    assert_non_null(a);
    assert_true(arches_put(w, a, "slow", NULL, NULL, &id, NULL));
    arch_free(a);
    return id;
}

static void what_runs_at_the_limit_is_stopped(void **state)
{
    struct workspace *w = fresh(state, "w");
    struct driver_options o = search_options(2, 2);
    struct hash slow = add_slow(w);
    struct trial_row *rows;
    o.seconds = 2;
    o.recipe.epochs = 100;
    o.recipe.patience = 0;
    json_t *result = search(w, &o, NULL);
    assert_int_equal(json_integer_value(json_object_get(result, "trials")), 2);
    assert_int_equal(json_integer_value(json_object_get(result, "timed_out")), 1);
    assert_int_equal(json_integer_value(json_object_get(result, "failed")), 0);
    json_decref(result);
    int n = trials_of(w, &rows);
    assert_int_equal(n, 2);
    for (int i = 0; i < n; i++) {
        bool is_slow = hash_equal(rows[i].arch, slow);
        assert_string_equal(rows[i].state, is_slow ? "failed" : "done");
        assert_int_equal(strstr(rows[i].result, "stopped by the limit of time") != NULL, is_slow);
        assert_int_equal(keeps_folds(w, &rows[i]), is_slow); /* what it came to is gone on with */
    }
    runs_trials_free(rows, n);
    workspace_close(w);
}

static void what_would_not_end_in_time_is_not_begun(void **state)
{
    for (int limited = 0; limited < 2; limited++) {
        struct workspace *w = fresh(state, limited ? "limited" : "free");
        struct driver_options o = search_options(3, 1);
        struct trial_row *rows;
        o.grown_epochs = limited ? RECIPE_EPOCHS_MAX : 1; /* five thousand times the starting point's */
        o.recipe.patience = 0;
        o.seconds = limited ? 2 : 600;
        json_t *result = search(w, &o, NULL);
        assert_int_equal(json_integer_value(json_object_get(result, "timed_out")), 0);
        json_decref(result);
        int n = trials_of(w, &rows);
        assert_int_equal(n, limited ? 1 : 3);
        runs_trials_free(rows, n);
        workspace_close(w);
    }
}

static void a_limit_too_short_for_any_is_said(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state, "w");
    struct driver_options o = search_options(3, 1);
    struct trial_row *rows;
    o.seconds = 0.2;
    o.recipe.epochs = RECIPE_EPOCHS_MAX;
    o.recipe.patience = 0;
    assert_null(driver_search(w, &o, NULL, &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_non_null(strstr(err.text, "--time"));
    int n = trials_of(w, &rows);
    assert_int_equal(n, 1);
    assert_string_equal(rows[0].state, "failed");
    runs_trials_free(rows, n);
    workspace_close(w);
}

static void grown_networks_train_as_long_as_is_said(void **state)
{
    static const int said[] = {0, 5};
    for (size_t i = 0; i < ARRAY_N(said); i++) {
        struct workspace *w = fresh(state, i ? "five" : "third");
        struct driver_options o = search_options(4, 2);
        struct trial_row *rows;
        o.recipe.epochs = 7;
        o.grown_epochs = said[i];
        json_decref(search(w, &o, NULL));
        int n = trials_of(w, &rows);
        assert_int_equal(n, 4);
        for (int k = 0; k < n; k++) {
            struct recipe r;
            assert_true(recipe_parse(&r, rows[k].recipe, NULL));
            assert_int_equal(r.epochs, rows[k].parent == 0 ? 7 : said[i] ? 5 : 3);
            assert_true(r.learning_rate == (rows[k].parent ? 0.5F : 1.0F) * o.recipe.learning_rate);
        }
        runs_trials_free(rows, n);
        workspace_close(w);
    }
}

static void grown_epochs_are_kept_for_going_on(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state, "w");
    struct driver_options o = search_options(4, 1);
    struct task_row task;
    struct search_row last;
    o.grown_epochs = 5;
    json_decref(search(w, &o, NULL));
    assert_true(tasks_active(w, &task, NULL));
    assert_true(runs_search_last(w, task.hash, &last));
    assert_non_null(strstr(last.options, "\"grown_epochs\":5"));
    free(task.info);
    free(last.options);
    o.from_scratch = true; /* nothing is grown */
    assert_null(driver_search(w, &o, NULL, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    o.from_scratch = false;
    o.grown_epochs = -1;
    error_clear(&err);
    assert_null(driver_search(w, &o, NULL, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    workspace_close(w);
}

struct skipping {
    struct workspace *w;
    struct hash arch;
    int ended;
};

static void skip_behind_two(void *context, json_t *event)
{
    struct skipping *s = context;
    const char *what = json_string_value(json_object_get(event, "state"));
    s->ended += what && text_equal(what, "done");
    if (s->ended == 2 && !marks_has(s->w, s->arch, MARKS_SKIP))
        assert_true(marks_set(s->w, s->arch, MARKS_SKIP, true, NULL));
}

/* Rounds of four: the sixth trial is asked for when five have ended. */
static void what_is_skipped_while_it_runs_is_not_asked_for(void **state)
{
    struct workspace *w = fresh(state, "all");
    struct driver_options o = search_options(9, 2);
    struct trial_row *rows;
    struct arch_row arch;
    struct skipping s = {.ended = 0};
    o.deterministic = true;
    json_decref(search(w, &o, NULL));
    int n = trials_of(w, &rows);
    assert_int_equal(n, 9);
    assert_true(arches_get(w, rows[5].arch, &arch, NULL));
    struct arch *a = arch_parse(arch.text, strlen(arch.text), "", NULL);
    free(arch.text);
    runs_trials_free(rows, n);
    workspace_close(w);

    s.w = w = fresh(state, "skipped");
    assert_true(arches_put(w, a, "", &(struct hash){{1}}, "as if it were grown", &s.arch, NULL));
    arch_free(a);
    json_decref(search(w, &o, &(struct control){&s, skip_behind_two, NULL, NULL}));
    assert_true(s.ended >= 9);
    n = trials_of(w, &rows);
    assert_int_equal(n, 9);
    for (int i = 0; i < n; i++)
        assert_false(hash_equal(rows[i].arch, s.arch));
    runs_trials_free(rows, n);
    workspace_close(w);
}

#define T(f) cmocka_unit_test_setup_teardown(f, test_folder_new, test_folder_free)

int main(int n, char **argument)
{
    int worker = search_worker(n, argument);
    if (worker >= 0)
        return worker;
    const struct CMUnitTest tests[] = {
        T(what_runs_at_the_limit_is_stopped),
        T(what_would_not_end_in_time_is_not_begun),
        T(a_limit_too_short_for_any_is_said),
        T(grown_networks_train_as_long_as_is_said),
        T(grown_epochs_are_kept_for_going_on),
        T(what_is_skipped_while_it_runs_is_not_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
