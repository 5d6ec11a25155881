/* The search's driver with real worker processes: budgets, limits, dying workers, the same proposals however it runs.
 */
#include "tests/unit/search_fixture.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/arches.h"
#include "store/tasks.h"
#include "work/json.h"

#include <dirent.h>
#include <math.h>
#include <signal.h>

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

static void two_workers_give_the_trials_asked_for(void **state)
{
    struct workspace *w = fresh(state, "w");
    struct driver_options o = search_options(6, 2);
    json_t *result = search(w, &o, NULL);
    assert_true(json_is_true(json_object_get(result, "done")));
    assert_int_equal(json_integer_value(json_object_get(result, "trials")), 6);
    assert_int_equal(json_integer_value(json_object_get(result, "failed")), 0);
    const json_t *best = json_object_get(result, "best"), *evidence = json_object_get(result, "evidence");
    double mean = json_member_number(json_object_get(best, "directional_accuracy"), "mean");
    assert_true(mean > 0 && mean <= 1);
    assert_int_equal(json_array_size(json_object_get(best, "folds")), 2);
    assert_int_equal(json_integer_value(json_object_get(evidence, "trials")), 6);
    json_decref(result);
    int n, done;
    char *all = search_trials(w, &n, &done);
    assert_int_equal(n, 6);
    assert_int_equal(done, 6);
    free(all);
    workspace_close(w);
}

static void trials_are_different_networks(void **state)
{
    struct workspace *w = fresh(state, "w");
    struct driver_options o = search_options(8, 2);
    json_decref(search(w, &o, NULL));
    struct task_row task;
    struct trial_row *rows;
    assert_true(tasks_active(w, &task, NULL));
    int n = runs_trials(w, task.hash, -1, RUNS_BY_ID, &rows, NULL);
    assert_int_equal(n, 8);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < i; k++)
            assert_false(hash_equal(rows[i].arch, rows[k].arch));
    free(task.info);
    runs_trials_free(rows, n);
    workspace_close(w);
}

static void one_and_three_workers_propose_the_same(void **state)
{
    char *all[2];
    for (int i = 0; i < 2; i++) {
        struct workspace *w = fresh(state, i ? "three" : "one");
        struct driver_options o = search_options(10, i ? 3 : 1);
        int n, done;
        o.deterministic = true;
        json_decref(search(w, &o, NULL));
        all[i] = search_trials(w, &n, &done);
        assert_int_equal(done, 10);
        workspace_close(w);
    }
    assert_string_equal(all[0], all[1]);
    free(all[0]);
    free(all[1]);
}

static void another_seed_proposes_others(void **state)
{
    char *all[2];
    for (int i = 0; i < 2; i++) {
        struct workspace *w = fresh(state, i ? "a" : "b");
        struct driver_options o = search_options(8, 2);
        int n, done;
        o.deterministic = true;
        o.strategy = "random";
        o.seed = (uint64_t)i;
        json_decref(search(w, &o, NULL));
        all[i] = search_trials(w, &n, &done);
        workspace_close(w);
    }
    assert_string_not_equal(all[0], all[1]);
    free(all[0]);
    free(all[1]);
}

static void no_network_is_larger_than_allowed(void **state)
{
    struct workspace *w = fresh(state, "w");
    struct driver_options o = search_options(8, 2);
    struct arch_row *rows;
    assert_int_equal(arches_list(w, &rows, NULL), 1);
    o.max_parameters = rows[0].parameters + 200;
    arches_list_free(rows, 1);
    json_decref(search(w, &o, NULL));
    struct arch *big = arch_template("tcn", 8, 6, 1, 64, 2, NULL);
    struct hash id;
    assert_true(arch_parameters(big) > o.max_parameters);
    assert_true(arches_put(w, big, "big", NULL, NULL, &id, NULL)); /* a person's own is no exception */
    arch_free(big);
    o.seed = 6;
    json_decref(search(w, &o, NULL));
    struct task_row task;
    struct trial_row *trials;
    assert_true(tasks_active(w, &task, NULL));
    int n = runs_trials(w, task.hash, -1, RUNS_BY_ID, &trials, NULL);
    for (int i = 0; i < n; i++) {
        struct arch_row row;
        assert_true(arches_get(w, trials[i].arch, &row, NULL));
        assert_in_range(row.parameters, 1, o.max_parameters);
        free(row.text);
    }
    free(task.info);
    runs_trials_free(trials, n);
    workspace_close(w);
}

static void a_limit_that_nothing_meets_is_said(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state, "w");
    struct driver_options o = search_options(4, 1);
    o.max_parameters = 3;
    assert_null(driver_search(w, &o, NULL, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.text, "3 parameters"));
    struct task_row task;
    struct search_row last;
    assert_true(tasks_active(w, &task, NULL));
    assert_false(runs_search_last(w, task.hash, &last)); /* nothing of it stays */
    free(task.info);
    workspace_close(w);
}

static void one_trial_is_one_trial(void **state)
{
    struct workspace *w = fresh(state, "w");
    struct driver_options o = search_options(1, 2);
    json_t *result = search(w, &o, NULL);
    assert_int_equal(json_integer_value(json_object_get(result, "trials")), 1);
    json_decref(result);
    workspace_close(w);
}

/* Without inheritance a trial's recipe does not name its parent, so it equals a scoring by hand. */
static void from_scratch_inherits_nothing(void **state)
{
    for (int scratch = 0; scratch < 2; scratch++) {
        struct workspace *w = fresh(state, scratch ? "scratch" : "grown");
        struct driver_options o = search_options(5, 2);
        o.from_scratch = scratch;
        json_decref(search(w, &o, NULL));
        struct task_row task;
        struct trial_row *rows;
        int grown = 0;
        assert_true(tasks_active(w, &task, NULL));
        int n = runs_trials(w, task.hash, -1, RUNS_BY_ID, &rows, NULL);
        for (int i = 0; i < n; i++)
            grown += rows[i].parent != 0;
        assert_int_equal(n, 5);
        assert_int_equal(grown, scratch ? 0 : 4);
        free(task.info);
        runs_trials_free(rows, n);
        workspace_close(w);
    }
}

/* --- workers that die ----------------------------------------------------------------------------------------------
 */

/* The first child of this process that /proc lists, or 0. */
static pid_t some_child(void)
{
    DIR *proc = opendir("/proc");
    struct dirent *e;
    pid_t found = 0;
    while (proc && !found && (e = readdir(proc))) {
        char path[300], line[512];
        int64_t pid;
        if (!text_parse_int(e->d_name, 2, INT32_MAX, &pid))
            continue;
        snprintf(path, sizeof path, "/proc/%s/stat", e->d_name);
        FILE *f = fopen(path, "r");
        if (!f)
            continue;
        char *behind = fgets(line, sizeof line, f) ? strrchr(line, ')') : NULL;
        int parent = 0;
        char state;
        if (behind && sscanf(behind + 1, " %c %d", &state, &parent) == 2 && parent == getpid() && state != 'Z')
            found = (pid_t)pid;
        fclose(f);
    }
    if (proc)
        closedir(proc);
    return found;
}

struct killer {
    int kills, waiting; /* workers killed; trials that were put back */
};

static void kill_once(void *context, json_t *event)
{
    struct killer *k = context;
    const char *kind = json_string_value(json_object_get(event, "event"));
    const char *what = json_string_value(json_object_get(event, "state"));
    if (kind && text_equal(kind, "epoch") && k->kills == 0) {
        pid_t child = some_child();
        assert_true(child > 0);
        assert_int_equal(kill(child, SIGKILL), 0);
        k->kills++;
    }
    k->waiting += kind && text_equal(kind, "trial") && what && text_equal(what, "waiting");
}

static void a_dead_worker_is_replaced_and_its_trial_repeated(void **state)
{
    struct workspace *w = fresh(state, "w");
    struct driver_options o = search_options(5, 1);
    struct killer killer = {0};
    struct control control = {&killer, kill_once, NULL, NULL};
    o.recipe.epochs = 200; /* long enough to be hit */
    o.recipe.patience = 0;
    json_t *result = search(w, &o, &control);
    assert_int_equal(killer.kills, 1);
    assert_int_equal(killer.waiting, 1);
    assert_int_equal(json_integer_value(json_object_get(result, "trials")), 5);
    assert_int_equal(json_integer_value(json_object_get(result, "failed")), 0);
    json_decref(result);
    workspace_close(w);
}

static void kill_always(void *context, json_t *event)
{
    struct killer *k = context;
    const char *kind = json_string_value(json_object_get(event, "event"));
    if (kind && text_equal(kind, "epoch") && json_integer_value(json_object_get(event, "run")) == 1) {
        pid_t child = some_child();
        if (child > 0 && kill(child, SIGKILL) == 0)
            k->kills++;
    }
}

static void a_trial_that_kills_every_worker_fails_alone(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state, "w");
    struct driver_options o = search_options(5, 1);
    struct killer killer = {0};
    struct control control = {&killer, kill_always, NULL, NULL};
    o.recipe.epochs = 200;
    o.recipe.patience = 0;
    assert_null(driver_search(w, &o, &control, &err)); /* the only starting point failed */
    assert_int_equal(err.kind, ERROR_FAILED);
    assert_true(killer.kills >= 2);
    struct trial_row t;
    assert_true(runs_trial_get(w, 1, &t, NULL));
    assert_string_equal(t.state, "failed");
    assert_int_equal(t.attempts, 2);
    assert_non_null(strstr(t.result, "worker ended"));
    runs_trial_free(&t);
    workspace_close(w);
}

/* --- stopping and going on -----------------------------------------------------------------------------------------
 */

static void stopped_and_resumed_is_as_unbroken(void **state)
{
    char *all[2];
    for (int i = 0; i < 2; i++) {
        struct error err = {0};
        struct workspace *w = fresh(state, i ? "broken" : "whole");
        struct driver_options o = search_options(12, 2);
        struct search_stopper stopper = {5};
        struct control control = {&stopper, search_count_down, search_is_over, NULL};
        int n, done;
        o.deterministic = true;
        if (i) {
            assert_null(driver_search(w, &o, &control, &err));
            assert_int_equal(err.kind, ERROR_INTERRUPTED);
            char *half = search_trials(w, &n, &done);
            assert_in_range(done, 5, 11);
            assert_null(strstr(half, "running")); /* nothing runs, so nothing says so */
            free(half);
            o = search_options(3, 3); /* the stored budget, seed and recipe count, not these */
            o.seed = 99;
            o.recipe.epochs = 7;
            o.resume = true;
        }
        json_decref(search(w, &o, NULL));
        all[i] = search_trials(w, &n, &done);
        assert_int_equal(done, 12);
        workspace_close(w);
    }
    assert_string_equal(all[0], all[1]);
    free(all[0]);
    free(all[1]);
}

static void there_must_be_something_to_resume(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state, "w");
    struct driver_options o = search_options(1, 1);
    o.resume = true;
    assert_null(driver_search(w, &o, NULL, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    o.resume = false;
    json_decref(search(w, &o, NULL));
    o.resume = true;
    error_clear(&err);
    assert_null(driver_search(w, &o, NULL, &err));
    assert_non_null(strstr(err.text, "has ended"));
    workspace_close(w);
}

static void one_search_runs_at_a_time(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state, "w");
    struct driver_options o = search_options(1, 1);
    char path[FILE_PATH_MAX];
    workspace_path(w, "search.lock", path, sizeof path);
    int lock = file_lock(path, false, &err);
    assert_true(lock >= 0);
    assert_null(driver_search(w, &o, NULL, &err));
    assert_non_null(strstr(err.text, "a search is running"));
    file_unlock(lock);
    json_decref(search(w, &o, NULL));
    workspace_close(w);
}

static void set_another_task(void *context, json_t *event)
{
    struct workspace *w = context;
    const char *what = json_string_value(json_object_get(event, "state"));
    struct task_row row;
    if (!what || !text_equal(what, "done") || !tasks_active(w, &row, NULL))
        return;
    free(row.info);
    if (row.id == 1) {
        row.task.lookback = 9;
        assert_true(tasks_put(w, &row.task, hash_of_text("another"), "{}", NULL));
    }
}

static void a_new_task_does_not_disturb_a_search(void **state)
{
    struct workspace *w = fresh(state, "w");
    struct driver_options o = search_options(5, 1);
    struct control control = {w, set_another_task, NULL, NULL};
    json_t *result = search(w, &o, &control);
    assert_int_equal(json_integer_value(json_object_get(result, "failed")), 0);
    json_decref(result);
    workspace_close(w);
}

#define T(f) cmocka_unit_test_setup_teardown(f, test_folder_new, test_folder_free)

int main(int n, char **argument)
{
    int worker = search_worker(n, argument);
    if (worker >= 0)
        return worker;
    const struct CMUnitTest tests[] = {
        T(two_workers_give_the_trials_asked_for),
        T(trials_are_different_networks),
        T(one_and_three_workers_propose_the_same),
        T(another_seed_proposes_others),
        T(no_network_is_larger_than_allowed),
        T(a_limit_that_nothing_meets_is_said),
        T(one_trial_is_one_trial),
        T(from_scratch_inherits_nothing),
        T(a_dead_worker_is_replaced_and_its_trial_repeated),
        T(a_trial_that_kills_every_worker_fails_alone),
        T(stopped_and_resumed_is_as_unbroken),
        T(there_must_be_something_to_resume),
        T(one_search_runs_at_a_time),
        T(a_new_task_does_not_disturb_a_search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
