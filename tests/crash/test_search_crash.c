/* A search whose driver is killed at random moments and gone on with: nothing is lost but the trials in flight, no trial
 * comes twice, and in the end all is as if it had never been killed; also where strategies race and trials climb from
 * rung to rung. Workers left alone end by themselves. */
#include "tests/unit/search_fixture.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "store/tasks.h"

#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#define KILLS 8
#define TRIALS 16

static bool halves; /* which of the two searches it is */

static struct driver_options options_of(bool resume)
{
    struct driver_options o = search_options(TRIALS, 2);
    o.deterministic = true;
    o.resume = resume;
    o.recipe.epochs = 40;
    o.recipe.patience = 0;
    if (halves) {
        o.strategy = "random,evolution";
        o.halving = true;
        o.trials = TRIALS + 1;
    }
    return o;
}

static bool any_search(const char *folder)
{
    struct task_row task;
    struct search_row last;
    struct workspace *w = workspace_open(folder, false, NULL);
    assert_non_null(w);
    assert_true(tasks_active(w, &task, NULL));
    bool any = runs_search_last(w, task.hash, &last);
    if (any)
        free(last.options);
    free(task.info);
    workspace_close(w);
    return any;
}

/* 0: done, 1: failed. */
static int drive(const char *folder, bool resume)
{
    struct error err = {0};
    struct workspace *w = workspace_open(folder, false, &err);
    struct driver_options o = options_of(resume);
    json_t *result = w ? driver_search(w, &o, NULL, &err) : NULL;
    if (!result)
        fprintf(stderr, "# driver: %s\n", err.text);
    int status = result ? 0 : 1;
    json_decref(result);
    workspace_close(w);
    return status;
}

/* True if it was killed, false if it came to its end before. */
static bool drive_and_kill(const char *folder, uint32_t after_ms)
{
    bool resume = any_search(folder);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(drive(folder, resume));
    const struct timespec pause = {after_ms / 1000, (long)(after_ms % 1000) * 1000000};
    nanosleep(&pause, NULL);
    kill(child, SIGKILL);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
}

/* Every trial that was done stands there still, the same. One that climbs is for a while not done. */
static void assert_kept(const char *before, const char *after)
{
    char *copy = memory_text(before), *rest = copy, *line;
    while ((line = text_next(&rest, '\n'))) {
        if (!halves && strstr(line, " done ") && !strstr(after, line))
            fail_msg("lost: %s\nof:\n%s", line, after);
    }
    free(copy);
}

static int workers_of(const char *folder)
{
    DIR *proc = opendir("/proc");
    struct dirent *e;
    int n = 0;
    while (proc && (e = readdir(proc))) {
        char path[300], line[8192];
        snprintf(path, sizeof path, "/proc/%s/cmdline", e->d_name);
        FILE *f = e->d_name[0] >= '1' && e->d_name[0] <= '9' ? fopen(path, "r") : NULL;
        if (!f)
            continue;
        size_t got = fread(line, 1, sizeof line - 1, f);
        for (size_t i = 0; i < got; i++)
            line[i] = line[i] ? line[i] : ' ';
        line[got] = 0;
        n += strstr(line, folder) && strstr(line, "worker");
        fclose(f);
    }
    if (proc)
        closedir(proc);
    return n;
}

static void assert_no_workers_left(const char *folder)
{
    const struct timespec pause = {0, 20 * 1000 * 1000};
    for (int i = 0; i < 1500 && workers_of(folder) > 0; i++)
        nanosleep(&pause, NULL);
    assert_int_equal(workers_of(folder), 0);
}

static char *trials_in(const char *folder, int *n, int *done)
{
    struct workspace *w = workspace_open(folder, false, NULL);
    char *all = search_trials(w, n, done);
    workspace_close(w);
    return all;
}

static void kill_and_compare(void **state, int trials)
{
    char whole[FILE_PATH_MAX], broken[FILE_PATH_MAX];
    int n, done, killed = 0;
    struct random r = random_start(11, RANDOM_TEST, 0, 0);
    file_join(whole, sizeof whole, *state, "whole");
    file_join(broken, sizeof broken, *state, "broken");
    workspace_close(search_workspace(whole));
    workspace_close(search_workspace(broken));
    double began = clock_seconds();
    assert_int_equal(drive(whole, false), 0);
    uint32_t span_ms = (uint32_t)((clock_seconds() - began) * 1000 * 2 / KILLS) + 1; /* so that most kills hit */
    char *expected = trials_in(whole, &n, &done), *before = memory_text("");
    assert_int_equal(done, trials);
    for (int i = 0; i < KILLS; i++) {
        bool hit = drive_and_kill(broken, random_below(&r, span_ms));
        killed += hit;
        char *after = any_search(broken) ? trials_in(broken, &n, &done) : memory_text("");
        assert_kept(before, after);
        assert_in_range(n, 0, trials);
        free(before);
        before = after;
        if (!hit)
            break;
    }
    print_message("# %d kills, %d of %d trials were done then\n", killed, done, trials);
    assert_in_range(killed, 3, KILLS);
    assert_no_workers_left(broken);
    if (killed == KILLS)
        assert_int_equal(drive(broken, any_search(broken)), 0);
    char *got = trials_in(broken, &n, &done);
    assert_int_equal(n, trials);
    assert_int_equal(done, trials);
    assert_string_equal(got, expected);
    free(got);
    free(before);
    free(expected);
}

static void killed_it_is_as_unbroken(void **state)
{
    halves = false;
    kill_and_compare(state, TRIALS);
}

static void killed_between_rungs_it_is_as_unbroken(void **state)
{
    halves = true;
    kill_and_compare(state, TRIALS + 1);
}

int main(int n, char **argument)
{
    int worker = search_worker(n, argument);
    if (worker >= 0)
        return worker;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(killed_it_is_as_unbroken, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(killed_between_rungs_it_is_as_unbroken, test_folder_new, test_folder_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
