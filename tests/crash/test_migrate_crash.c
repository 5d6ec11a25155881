/* Workspaces of an older version: brought up when they are opened for writing, shown as they are where they are only
 * read, and whole after a kill at any moment between. */
#include "tests/crash/sql_fault.h"
#include "tests/unit/test_support.h"

#include "base/file.h"
#include "base/text.h"
#include "store/migrate.h"
#include "store/runs.h"

#include <math.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOMENTS_MOST 200

static void database_of(char out[FILE_PATH_MAX], const char *folder)
{
    file_join(out, FILE_PATH_MAX, folder, "workspace.db");
}

static void alter(const char *folder, const char *sql)
{
    char path[FILE_PATH_MAX];
    sqlite3 *db;
    database_of(path, folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int64_t version_in(const char *folder)
{
    char path[FILE_PATH_MAX];
    sqlite3 *db;
    database_of(path, folder);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    int64_t version = migrate_number(db, "PRAGMA user_version");
    sqlite3_close(db);
    return version;
}

static struct workspace *open_one(const char *folder, bool read_only)
{
    struct error err = {0};
    struct workspace *w = workspace_open(folder, read_only, &err);
    if (!w)
        fail_msg("%s", err.text);
    return w;
}

/* As version 2 left it, with one trial that was scored. */
static void old_workspace(char folder[FILE_PATH_MAX], void **state, const char *name)
{
    struct error err = {0};
    struct trial_row t = {.task = hash_of_text("task"),
                          .recipe = (char *)"r",
                          .steps = (char *)"",
                          .why = (char *)"because",
                          .recipe_id = "id",
                          .state = "waiting"};
    file_join(folder, FILE_PATH_MAX, *state, name);
    assert_true(workspace_create(folder, &err));
    struct workspace *w = open_one(folder, false);
    assert_true(runs_trial_new(w, &t, &err));
    text_copy(t.state, sizeof t.state, "done");
    t.score = 0.625;
    t.result = (char *)"{\"a\":1}";
    assert_true(runs_trial_save(w, &t, &err));
    workspace_close(w);
    alter(folder, "DROP INDEX trial_brief; DROP TABLE mark; ALTER TABLE trial DROP COLUMN strategy; ALTER TABLE trial DROP COLUMN fidelity;"
                  "ALTER TABLE trial DROP COLUMN latency_us; PRAGMA user_version=2");
}

static void assert_trial_is_there(struct workspace *w)
{
    struct trial_row t;
    assert_true(runs_trial_done(w, "id", &t));
    assert_true(t.score == 0.625 && t.fidelity == 1 && isnan(t.latency_us));
    assert_string_equal(t.strategy, "");
    assert_string_equal(t.result, "{\"a\":1}");
    runs_trial_free(&t);
}

static void an_older_workspace_is_brought_up(void **state)
{
    char folder[FILE_PATH_MAX];
    struct trial_row t;
    old_workspace(folder, state, "w");
    struct workspace *w = open_one(folder, false);
    assert_trial_is_there(w);
    assert_true(runs_trial_done(w, "id", &t));
    t.fidelity = 0.25;
    t.latency_us = 7.5;
    assert_true(runs_trial_save(w, &t, NULL));
    runs_trial_free(&t);
    assert_false(runs_trial_done(w, "id", &t)); /* stopped: no result to take over */
    workspace_close(w);
    assert_int_equal(version_in(folder), MIGRATE_VERSION);
    w = open_one(folder, true);
    assert_true(runs_trial_get(w, 1, &t, NULL));
    assert_true(t.fidelity == 0.25 && t.latency_us == 7.5);
    runs_trial_free(&t);
    workspace_close(w);
}

static void one_that_is_only_read_stays_as_it_is(void **state)
{
    char folder[FILE_PATH_MAX];
    struct trial_row *rows;
    old_workspace(folder, state, "w");
    struct workspace *reader = open_one(folder, true);
    assert_trial_is_there(reader);
    assert_int_equal(version_in(folder), 2);
    workspace_close(open_one(folder, false)); /* brought up under the reader's eyes */
    assert_int_equal(version_in(folder), MIGRATE_VERSION);
    assert_trial_is_there(reader);
    assert_int_equal(runs_trials(reader, hash_of_text("task"), -1, RUNS_BY_SCORE, &rows, NULL), 1);
    runs_trials_free(rows, 1);
    workspace_close(reader);
}

static void other_versions_are_refused(void **state)
{
    static const struct {
        const char *sql, *says;
    } other[] = {{"PRAGMA user_version=1", "too old a version"}, {"PRAGMA user_version=99", "a later version"}};
    char folder[FILE_PATH_MAX];
    old_workspace(folder, state, "w");
    for (int i = 0; i < 4; i++) {
        struct error err = {0};
        alter(folder, other[i / 2].sql);
        assert_null(workspace_open(folder, i % 2 != 0, &err));
        assert_int_equal(err.kind, ERROR_FAILED);
        assert_non_null(strstr(err.text, other[i / 2].says));
    }
}

/* True if the fault met it. */
static bool open_and_die(const char *folder, const char *kind, int moment)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char fault[32];
        snprintf(fault, sizeof fault, "%s:%d", kind, moment);
        setenv(SQL_FAULT, fault, 1);
        sql_fault_start();
        workspace_close(workspace_open(folder, false, NULL));
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status);
}

static void killed_at_any_moment_it_is_the_old_or_the_new(void **state)
{
    static const char *const kinds[] = {"kill", "torn"};
    for (int k = 0; k < 2; k++) {
        int moment = 1, old = 0, brought_up = 0;
        for (bool hit = true; hit; moment++) {
            char folder[FILE_PATH_MAX], name[24];
            assert_in_range(moment, 1, MOMENTS_MOST);
            snprintf(name, sizeof name, "%s%d", kinds[k], moment);
            old_workspace(folder, state, name);
            hit = open_and_die(folder, kinds[k], moment);
            struct workspace *w = open_one(folder, true);
            assert_trial_is_there(w);
            workspace_close(w);
            int64_t version = version_in(folder);
            assert_true(version == 2 || version == MIGRATE_VERSION);
            old += hit && version == 2;
            brought_up += hit && version == MIGRATE_VERSION;
            w = open_one(folder, false);
            assert_trial_is_there(w);
            workspace_close(w);
            assert_int_equal(version_in(folder), MIGRATE_VERSION);
        }
        print_message("# %s: %d moments, %d before and %d behind the commit\n", kinds[k], moment - 2, old, brought_up);
        assert_true(old > 0 && brought_up > 0);
    }
}

#define T(f) cmocka_unit_test_setup_teardown(f, test_folder_new, test_folder_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(an_older_workspace_is_brought_up),
        T(one_that_is_only_read_stays_as_it_is),
        T(other_versions_are_refused),
        T(killed_at_any_moment_it_is_the_old_or_the_new),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
