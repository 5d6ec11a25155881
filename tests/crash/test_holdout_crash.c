/* The opening of a hold-out under faults: the process is killed at the N-th operation on the files, or on the database,
 * for many N. At every moment either nothing was opened and nothing of the hold-out is known, or the opening is on
 * record; and what is gone on with comes to the same result as what was never broken, opened once. */
#include "tests/crash/sql_fault.h"
#include "tests/unit/search_fixture.h"

#include "action/action.h"
#include "action/holdout.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "net/numeric.h"
#include "store/holdouts.h"
#include "store/seals.h"
#include "store/tasks.h"

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define FILE_FAULT "MORPHSMITH_FAULT"
#define POINTS_MOST 400

static char base[FILE_PATH_MAX], work[FILE_PATH_MAX];
static const char *program;

static void copy_folder(const char *from, const char *to)
{
    assert_true(mkdir(to, 0755) == 0);
    DIR *dir = opendir(from);
    assert_non_null(dir);
    for (struct dirent *d; (d = readdir(dir)) != NULL;) {
        char a[FILE_PATH_MAX], b[FILE_PATH_MAX];
        struct bytes content = {0};
        if (text_equal(d->d_name, ".") || text_equal(d->d_name, ".."))
            continue;
        file_join(a, sizeof a, from, d->d_name);
        file_join(b, sizeof b, to, d->d_name);
        if (file_is_folder(a)) {
            copy_folder(a, b);
            continue;
        }
        assert_true(file_read(a, (size_t)1 << 26, &content, NULL));
        FILE *f = fopen(b, "wb"); /* not file_write, which waits for the disk */
        assert_non_null(f);
        assert_int_equal(fwrite(content.data, 1, content.n, f), content.n);
        assert_int_equal(fclose(f), 0);
        bytes_free(&content);
    }
    closedir(dir);
}

static void fresh_copy(void)
{
    if (file_exists(work))
        assert_int_equal(nftw(work, test_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
    copy_folder(base, work);
}

static struct action_holdout_options options(void)
{
    return (struct action_holdout_options){.baseline = {.quick = true, .epochs = 1, .threads = 1}, .threads = 1};
}

/* One scored network and the baselines: the opening has nothing else to do. */
static void prepare(void **state)
{
    struct error err = {0};
    struct action_train_options o = {.threads = 1};
    struct action_holdout_options h = options();
    file_join(base, sizeof base, *state, "base");
    file_join(work, sizeof work, *state, "work");
    struct workspace *w = search_workspace(base);
    recipe_defaults(&o.recipe);
    o.recipe.epochs = 1;
    json_t *scored = action_score(w, "mlp", &o, NULL, &err), *baselines = action_baseline(w, &h.baseline, NULL, &err);
    if (!scored || !baselines)
        fail_msg("%s", err.text);
    json_decref(scored);
    json_decref(baselines);
    workspace_close(w);
}

/* The program's other use: "open WORKSPACE". */
static int open_once(const char *folder)
{
    struct error err = {0};
    struct action_holdout_options o = options();
    struct workspace *w = numeric_start(&err) ? workspace_open(folder, false, &err) : NULL;
    json_t *result = w ? action_holdout_open(w, "mlp", &o, NULL, &err) : NULL;
    int status = result ? 0 : 1;
    json_decref(result);
    workspace_close(w);
    return status;
}

/* Its wait status. */
static int run_open(const char *variable, const char *fault)
{
    int status;
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (variable)
            setenv(variable, fault, 1);
        execl(program, program, "open", work, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void without_times(json_t *j)
{
    const char *key;
    json_t *value;
    size_t i;
    json_object_del(j, "seconds");
    json_object_del(j, "opened_at");
    json_object_foreach(j, key, value)
    {
        if (json_is_object(value))
            without_times(value);
        json_t *one;
        json_array_foreach(value, i, one) without_times(one);
    }
}

/* What `holdout show` says, without times, as text. free() */
static char *shown(void)
{
    struct error err = {0};
    struct workspace *w = workspace_open(work, false, &err);
    json_t *j = w ? action_holdout_show(w, &err) : NULL;
    if (!j)
        fail_msg("%s", err.text);
    without_times(j);
    char *text = json_dumps(j, JSON_SORT_KEYS);
    json_decref(j);
    workspace_close(w);
    return text;
}

/* Either all of the record or nothing of it. Returns how often it was opened. */
static int whole_record(void)
{
    struct error err = {0};
    struct task_row task;
    struct holdout_row row;
    struct workspace *w = workspace_open(work, false, &err);
    if (!w || !tasks_active(w, &task, &err))
        fail_msg("%s", err.text);
    int opened = seals_opened(w, task.hash, &err);
    bool there = holdouts_get(w, task.hash, &row, &err);
    assert_int_equal(opened, there ? 1 : 0);
    char *part = holdouts_part(w, task.hash, "chosen");
    assert_true(there || !part);
    free(part);
    if (there)
        holdouts_free(&row);
    free(task.info);
    workspace_close(w);
    return opened;
}

static void killed_at_many_points(const char *variable, const char *kind, int step, int least_before)
{
    int killed = 0, before = 0, behind = 0;
    fresh_copy();
    assert_int_equal(run_open(NULL, NULL), 0);
    char *expected = shown();
    assert_non_null(strstr(expected, "\"chosen\""));
    for (int point = 1; point < POINTS_MOST; point += step) {
        char fault[32];
        snprintf(fault, sizeof fault, "%s:%d", kind, point);
        fresh_copy();
        int status = run_open(variable, fault);
        if (!WIFSIGNALED(status)) {
            assert_int_equal(status, 0); /* it has fewer operations than that */
            break;
        }
        killed++;
        int opened = whole_record();
        before += opened == 0;
        behind += opened == 1;
        status = run_open(NULL, NULL);
        /* Killed behind the very end, there is nothing to go on with. */
        assert_true(WIFEXITED(status));
        char *got = shown();
        if (!text_equal(got, expected))
            fail_msg("%s at %d: %s\nbut %s", kind, point, got, expected);
        assert_int_equal(whole_record(), 1);
        free(got);
    }
    print_message("# %s: %d kills, %d before the record, %d behind it\n", kind, killed, before, behind);
    /* No file is written before the record but those of the database. */
    assert_true(before >= least_before && behind >= 5);
    free(expected);
}

static void a_kill_at_operations_on_files(void **state)
{
    prepare(state);
    killed_at_many_points(FILE_FAULT, "torn", 2, 0);
}

static void a_kill_at_operations_of_the_database(void **state)
{
    prepare(state);
    killed_at_many_points(SQL_FAULT, "kill", 3, 1);
}

int main(int n, char **argument)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_kill_at_operations_on_files, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(a_kill_at_operations_of_the_database, test_folder_new, test_folder_free),
    };
    hash_start();
    program = argument[0];
    if (n == 3 && text_equal(argument[1], "open")) {
        sql_fault_start();
        return open_once(argument[2]);
    }
    if (!numeric_start(NULL))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
