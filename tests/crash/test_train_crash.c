/* A training and a scoring under faults: at the N-th operation on the disk the machine stops, refuses, tears or loses
 * what is not synced, for every N; and the process is killed at random moments, again and again, with another number of
 * threads each time. Afterwards the checkpoint is the old one or the new one, whole; and what is gone on with comes to
 * the same weights, the same trace root and the same curve as what was never broken. */
#include "tests/crash/sql_fault.h"
#include "tests/unit/search_fixture.h"

#include "action/action.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "net/numeric.h"
#include "store/checkpoints.h"
#include "store/models.h"
#include "store/tasks.h"

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#define COUNT_DESCRIPTOR 9 /* see base/file.h */
#define SHORT "3"          /* epochs of what is walked through */
#define LONG "60"          /* and of what is killed at random */
#define KILLS 25

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

static void prepare(void **state)
{
    file_join(base, sizeof base, *state, "base");
    file_join(work, sizeof work, *state, "work");
    workspace_close(search_workspace(base));
}

/* --- the work, in a program of its own ------------------------------------------------------------------------------
 */

/* Asks for a pause behind every few steps and takes it back at once: what it leaves is a checkpoint. */
struct pacer {
    int asked, every;
};

static bool is_paused(void *context)
{
    struct pacer *p = context;
    return ++p->asked % p->every == 0;
}

/* "train|score WORKSPACE EPOCHS EVERY THREADS new|resume" */
static int work_once(char **argument)
{
    struct error err = {0};
    int64_t epochs, every, threads;
    if (!text_parse_int(argument[3], 1, 1000, &epochs) || !text_parse_int(argument[4], 2, 1000000, &every) ||
        !text_parse_int(argument[5], 1, 8, &threads) || !numeric_start(&err))
        return 9;
    struct pacer pacer = {.every = (int)every};
    struct control control = {&pacer, NULL, NULL, is_paused};
    struct action_train_options o = {.threads = (int)threads, .resume = text_equal(argument[6], "resume")};
    recipe_defaults(&o.recipe);
    o.recipe.epochs = (int)epochs;
    o.recipe.batch = 32;
    o.recipe.patience = 0;
    struct workspace *w = workspace_open(argument[2], false, &err);
    json_t *result = !w                                 ? NULL
                     : text_equal(argument[1], "train") ? action_train(w, "mlp", &o, &control, &err)
                                                        : action_score(w, "mlp", &o, &control, &err);
    int status = result ? 0 : 1;
    if (!result && !getenv("MORPHSMITH_FAULT") && !getenv(SQL_FAULT))
        fprintf(stderr, "# %s: %s\n", argument[1], err.text);
    json_decref(result);
    workspace_close(w);
    return status;
}

static pid_t start(const char *what, const char *epochs, const char *every, int threads, bool resume,
                   const char *variable, const char *fault, int descriptor)
{
    char number[16];
    snprintf(number, sizeof number, "%d", threads);
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid > 0)
        return pid;
    if (descriptor >= 0)
        dup2(descriptor, COUNT_DESCRIPTOR);
    if (variable)
        setenv(variable, fault, 1);
    execl(program, program, what, work, epochs, every, number, resume ? "resume" : "new", (char *)NULL);
    _exit(127);
}

static int wait_for(pid_t pid)
{
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

/* --- what there is --------------------------------------------------------------------------------------------------
 */

/* Every checkpoint can be read as a whole: old or new, never a third. Returns how many there are. */
static int whole_checkpoints(struct workspace *w)
{
    struct checkpoint *heads, c;
    struct error err = {0};
    char folder[FILE_PATH_MAX];
    int n = checkpoints_list(w, &heads), files = 0;
    for (int i = 0; i < n; i++) {
        struct bytes file = {0};
        bool found;
        if (!checkpoints_get(w, &heads[i].owner, &c, &found, &file, &err))
            fail_msg("%s", err.text);
        assert_true(found);
        bytes_free(&file);
    }
    workspace_path(w, "checkpoints", folder, sizeof folder);
    DIR *dir = opendir(folder);
    for (struct dirent *d; dir && (d = readdir(dir)) != NULL;)
        files += d->d_name[0] != '.' && !strstr(d->d_name, ".tmp.") && !strstr(d->d_name, ".lock");
    if (dir)
        closedir(dir);
    assert_int_equal(files, n); /* none whose head cannot be read */
    free(heads);
    return n;
}

static void put_curve(struct text *out, struct workspace *w, const char *kind, int64_t run)
{
    struct train_event *e;
    struct error err = {0};
    int n = runs_epochs(w, kind, run, &e, &err);
    assert_true(n >= 0);
    for (int i = 0; i < n; i++)
        text_printf(out, "%d %d %lld %a %a %a %a\n", e[i].fold, e[i].epoch, (long long)e[i].step, e[i].train_loss,
                    e[i].valid_loss, e[i].valid_accuracy, e[i].gradient_norm);
    free(e);
}

/* Model, trace root and curve of what is done. free() */
static char *outcome(struct workspace *w, bool train)
{
    struct text out = {0};
    struct error err = {0};
    struct task_row task;
    char hex[HASH_HEX], root[HASH_HEX];
    assert_true(tasks_active(w, &task, &err));
    struct trial_row *t;
    struct training_row *rows;
    int trials = runs_trials(w, task.hash, -1, RUNS_BY_ID, &t, &err), n = runs_trainings(w, &rows, &err);
    free(task.info);
    for (int i = 0; i < trials && !train; i++) {
        hash_hex(t[i].weights, hex);
        hash_hex(t[i].trace_root, root);
        text_printf(&out, "%s %s %s %a\n", t[i].state, hex, root, t[i].score);
        put_curve(&out, w, "trial", t[i].id);
    }
    for (int i = 0; i < n && train; i++) {
        struct model_row m;
        if (!text_equal(rows[i].state, "done"))
            continue;
        hash_hex(rows[i].model, hex);
        if (!models_find(w, hex, &m, &err))
            fail_msg("%s", err.text);
        struct model *model = models_load_file(w, m.file, &err);
        assert_non_null(model);
        assert_true(hash_equal(model_hash(model), rows[i].model));
        model_free(model);
        free(m.result);
        hash_hex(m.trace_root, root);
        text_printf(&out, "done %s %s\n", hex, root);
        put_curve(&out, w, "train", rows[i].id);
    }
    runs_trials_free(t, trials);
    free(rows);
    char *text = memory_text(text_of(&out));
    text_free(&out);
    return text;
}

static struct workspace *open_work(void)
{
    struct error err = {0};
    struct workspace *w = workspace_open(work, false, &err);
    if (!w)
        fail_msg("%s", err.text);
    return w;
}

static char *unbroken(const char *what, const char *epochs)
{
    fresh_copy();
    assert_int_equal(wait_for(start(what, epochs, "1000000", 1, false, NULL, NULL, -1)), 0);
    struct workspace *w = open_work();
    char *text = outcome(w, text_equal(what, "train"));
    assert_int_equal(whole_checkpoints(w), 0);
    workspace_close(w);
    assert_true(strlen(text) > 300);
    return text;
}

/* Goes on to the end and compares. */
static void finish(const char *what, const char *epochs, int threads, const char *expected, const char *behind)
{
    struct workspace *w = open_work();
    bool train = text_equal(what, "train");
    int kept = whole_checkpoints(w);
    char *before = outcome(w, train);
    workspace_close(w);
    bool done = strstr(before, "done") != NULL;
    if (!done || kept > 0) { /* a done one's checkpoint is cleared up, and there is nothing to resume */
        int status = wait_for(start(what, epochs, "1000000", threads, train && kept > 0, NULL, NULL, -1));
        assert_int_equal(WEXITSTATUS(status), done && train ? 1 : 0);
    }
    w = open_work();
    char *now = outcome(w, train);
    if (!text_equal(now, expected))
        fail_msg("%s: there is\n%sinstead of\n%s", behind, now, expected);
    assert_int_equal(whole_checkpoints(w), 0);
    workspace_close(w);
    free(before);
    free(now);
}

/* --- faults at every operation --------------------------------------------------------------------------------------
 */

static int in_child(const char *what, const char *variable, const char *fault, long *count)
{
    int out[2];
    char text[32] = "";
    assert_int_equal(pipe(out), 0);
    pid_t pid = start(what, SHORT, "9", 1, false, variable, fault, out[1]);
    close(out[1]);
    ssize_t n = read(out[0], text, sizeof text - 1);
    close(out[0]);
    *count = n > 0 ? strtol(text, NULL, 10) : -1;
    return wait_for(pid);
}

static int walk_one(const char *what, const char *variable, const char *kind, long n, const char *expected)
{
    char fault[32];
    long ignored;
    snprintf(fault, sizeof fault, "%s:%ld", kind, n);
    fresh_copy();
    int status = in_child(what, variable, fault, &ignored);
    assert_true(WIFEXITED(status) || WTERMSIG(status) == SIGKILL);
    finish(what, SHORT, 1 + (int)(n % 2), expected, fault);
    return WIFSIGNALED(status);
}

static void a_fault_at_any_operation(void **state)
{
    static const char *const kind[] = {"kill", "after", "error", "full", "torn", "lost"};
    long operations;
    int killed = 0;
    prepare(state);
    char *expected = unbroken("train", SHORT);
    fresh_copy();
    assert_int_equal(in_child("train", "MORPHSMITH_FAULT", "count:0", &operations), 0);
    assert_in_range(operations, 2 * 8 + 4, 400); /* two checkpoints and a model at the least */
    for (size_t k = 0; k < ARRAY_N(kind); k++)
        for (long n = 1; n <= operations; n++)
            killed += walk_one("train", "MORPHSMITH_FAULT", kind[k], n, expected);
    assert_int_equal(killed, 4 * operations);
    print_message("# %ld operations, %d kills\n", operations, killed);
    free(expected);
}

static void a_kill_at_any_operation_of_the_database(void **state)
{
    long operations;
    int killed = 0;
    prepare(state);
    char *expected = unbroken("train", SHORT);
    fresh_copy();
    assert_int_equal(in_child("train", SQL_FAULT, "count:0", &operations), 0);
    assert_in_range(operations, 10, 1000);
    for (long n = 1; n <= operations; n++)
        killed += walk_one("train", SQL_FAULT, "kill", n, expected);
    assert_int_equal(killed, operations);
    print_message("# %ld operations, %d kills\n", operations, killed);
    free(expected);
}

/* --- kills at any moment --------------------------------------------------------------------------------------------
 */

static bool is_done(bool train)
{
    struct workspace *w = open_work();
    char *text = outcome(w, train);
    bool done = strstr(text, "done") != NULL;
    free(text);
    workspace_close(w);
    return done;
}

static void killed_and_resumed(void **state, const char *what)
{
    struct random r = random_start(5, RANDOM_TEST, 0, 0);
    int killed = 0, resumed = 0;
    bool train = text_equal(what, "train"), ended = false;
    prepare(state);
    double began = clock_seconds();
    char *expected = unbroken(what, LONG);
    double span = (clock_seconds() - began) * 4 / KILLS; /* so that many hit before it is done */
    fresh_copy();
    for (int i = 0; i < KILLS && !ended; i++) {
        struct workspace *w = open_work();
        int kept = whole_checkpoints(w);
        workspace_close(w);
        resumed += kept > 0;
        span *= i > 0 && kept == 0 ? 1.5 : 1; /* a machine that is busy with other things comes less far */
        pid_t child = start(what, LONG, "4", 1 + i % 3, train && kept > 0, NULL, NULL, -1);
        double s = span * random_below(&r, 1000) / 1000.0;
        const struct timespec pause = {(time_t)s, (long)((s - (double)(time_t)s) * 1e9)};
        nanosleep(&pause, NULL);
        kill(child, SIGKILL);
        int status = wait_for(child);
        assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
        killed += WIFSIGNALED(status);
        ended = !WIFSIGNALED(status) || is_done(train); /* a kill may come behind the end of the work */
    }
    print_message("# %s: %d kills, %d times gone on with\n", what, killed, resumed);
    assert_true(killed >= 3 && resumed >= 2);
    finish(what, LONG, 2, expected, "kills");
    free(expected);
}

static void a_training_killed_at_any_moment(void **state)
{
    killed_and_resumed(state, "train");
}

static void a_scoring_killed_at_any_moment(void **state)
{
    killed_and_resumed(state, "score");
}

int main(int n, char **argument)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_fault_at_any_operation, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(a_kill_at_any_operation_of_the_database, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(a_training_killed_at_any_moment, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(a_scoring_killed_at_any_moment, test_folder_new, test_folder_free),
    };
    hash_start();
    program = argument[0];
    if (n == 7) {
        sql_fault_start();
        return work_once(argument);
    }
    if (!numeric_start(NULL))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
