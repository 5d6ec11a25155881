/* An import under faults: at the N-th operation on the disk the machine stops, refuses, tears or loses what is not
 * synced, for every N, of the program's own files and of the database's; and the process is killed at random moments,
 * while it reads and while it stores. Afterwards the workspace opens, has either nothing
 * of the import or all of it, every series in it can be read, and the import can be made again. */
#include "tests/crash/sql_fault.h"
#include "tests/unit/test_support.h"

#include "action/action.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "store/series.h"

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#define COUNT_DESCRIPTOR 9 /* see base/file.h */
#define KILLS 24
#define AGAIN 7 /* after one fault in so many the import is made again; prime, so that it is another one each time */
#define FILES 3

static char csv[FILES][FILE_PATH_MAX], base[FILE_PATH_MAX], work[FILE_PATH_MAX];
static const char *program;
static char *before, *after; /* what the workspace holds without the import, and with it */

static void write_file(const char *path, const char *text)
{
    assert_true(file_write(path, text, strlen(text), 0666, NULL));
}

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

/* --- the import, and what is there --------------------------------------------------------------------------------- */

static bool import_into(const char *folder, int files, struct error *err)
{
    const char *const path[FILES] = {csv[0], csv[1], csv[2]};
    struct action_data_options o = {0};
    struct workspace *w = workspace_open(folder, false, err);
    json_t *result = w ? action_data_add(w, path, files, &o, err) : NULL;
    bool good = result != NULL;
    json_decref(result);
    workspace_close(w);
    return good;
}

/* Every series with the hash of its frame, which must be there and whole. */
static char *content_of(const char *folder)
{
    struct error err = {0};
    struct text out = {0};
    struct series_row *rows;
    struct workspace *w = workspace_open(folder, false, &err);
    if (!w)
        fail_msg("%s", err.text);
    int n = series_list(w, &rows, &err);
    assert_true(n >= 0);
    for (int i = 0; i < n; i++) {
        char hex[HASH_HEX];
        struct frame *f = series_frame(w, rows[i].frame, &err);
        if (!f)
            fail_msg("series %s: %s", rows[i].name, err.text);
        assert_true(hash_equal(frame_hash(f), rows[i].frame));
        hash_hex(rows[i].frame, hex);
        text_printf(&out, "%s %s %lld\n", rows[i].name, hex, (long long)rows[i].rows);
        frame_free(f);
    }
    series_list_free(rows, n);
    workspace_close(w);
    char *text = memory_text(text_of(&out));
    text_free(&out);
    return text;
}

/* reported: the import came back, and said `success`. */
static void check(bool reported, bool success, const char *what)
{
    struct error err = {0};
    char *now = content_of(work);
    bool old = text_equal(now, before), new = text_equal(now, after);
    if (!(reported ? (success ? new : old) : old || new))
        fail_msg("%s: %s, and there is:\n%s", what, reported ? success ? "it succeeded" : "it failed" : "killed", now);
    free(now);
    static int checks;
    if (checks++ % AGAIN != 0)
        return;
    if (!import_into(work, FILES, &err))
        fail_msg("%s: then the import fails: %s", what, err.text);
    now = content_of(work);
    assert_string_equal(now, after);
    free(now);
}

static void prepare(void **state)
{
    struct error err = {0};
    struct text many = {0};
    file_join(base, sizeof base, *state, "base");
    file_join(work, sizeof work, *state, "work");
    file_join(csv[0], sizeof csv[0], *state, "old.csv");
    file_join(csv[1], sizeof csv[1], *state, "new.csv");
    file_join(csv[2], sizeof csv[2], *state, "long.csv");
    json_decref(action_init(base, &err));
    write_file(csv[0], "date,price\n2020-01-01,1\n2020-01-02,2\n2020-01-03,3\n");
    assert_true(import_into(base, 1, &err));
    before = content_of(base);
    write_file(csv[0], "date,price\n2020-01-01,1\n2020-01-02,2\n2020-01-03,3\n2020-01-04,4\n");
    text_put(&many, "open_time,price,volume\n");
    for (int i = 0; i < 6000; i++)
        text_printf(&many, "%d,%d,%d\n", 1600041600 + 3600 * i, 100 + i % 7, i);
    write_file(csv[1], text_of(&many));
    text_free(&many);
    write_file(csv[2], "date,symbol,price\n2020-01-01,A,1\n2020-01-01,B,2\n2020-01-01,C,3\n2020-01-02,A,4\n2020-01-02,B,5\n"
                       "2020-01-02,C,6\n2020-01-03,A,7\n2020-01-03,B,8\n2020-01-03,C,9\n");
    fresh_copy();
    if (!import_into(work, FILES, &err))
        fail_msg("%s", err.text);
    after = content_of(work);
    assert_string_not_equal(before, after);
    for (int i = 0; i < 5; i++)
        assert_non_null(strstr(after, (const char *const[]){"old ", "new ", "long-A ", "long-B ", "long-C "}[i]));
}

static void unprepare(void)
{
    free(before);
    free(after);
}

/* --- faults at every operation ------------------------------------------------------------------------------------ */

/* Runs the import in a program of its own with this fault (a process reads MORPHSMITH_FAULT once), in the files or in the
 * database. Its status; *count is what it wrote to the count's descriptor. */
static int in_child(const char *variable, const char *fault, long *count)
{
    int out[2];
    assert_int_equal(pipe(out), 0);
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(out[1], COUNT_DESCRIPTOR);
        setenv(variable, fault, 1);
        execl(program, program, "import", work, csv[0], csv[1], csv[2], (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    char text[32] = "";
    ssize_t n = read(out[0], text, sizeof text - 1);
    close(out[0]);
    *count = n > 0 ? strtol(text, NULL, 10) : -1;
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

/* One of a kind at the n-th operation, and what must hold then. */
static void walk_one(const char *variable, const char *kind, long n, int *refused, int *killed)
{
    char fault[32];
    long ignored;
    snprintf(fault, sizeof fault, "%s:%ld", kind, n);
    fresh_copy();
    int status = in_child(variable, fault, &ignored);
    bool reported = WIFEXITED(status);
    assert_true(reported || WTERMSIG(status) == SIGKILL);
    *refused += reported && WEXITSTATUS(status) != 0;
    *killed += !reported;
    check(reported, reported && WEXITSTATUS(status) == 0, fault);
}

static void a_fault_at_any_operation(void **state)
{
    static const char *const kind[] = {"kill", "after", "error", "full", "torn", "lost"};
    long operations;
    prepare(state);
    fresh_copy();
    assert_int_equal(in_child("MORPHSMITH_FAULT", "count:0", &operations), 0);
    assert_in_range(operations, 4 * 5, 1000); /* five frames: write, sync, rename, sync of the folder */
    int refused = 0, killed = 0;
    for (size_t k = 0; k < ARRAY_N(kind); k++)
        for (long n = 1; n <= operations; n++)
            walk_one("MORPHSMITH_FAULT", kind[k], n, &refused, &killed);
    assert_in_range(refused, operations, 2 * operations); /* error and full at each, and nothing slips through */
    assert_int_equal(killed, 4 * operations);
    print_message("# %ld operations, %d refusals, %d kills\n", operations, refused, killed);
    unprepare();
}

/* Every write, sync, cut and removal of SQLite, from the opening of the database to its closing. */
static void a_fault_at_any_operation_of_the_database(void **state)
{
    long operations;
    prepare(state);
    fresh_copy();
    assert_int_equal(in_child(SQL_FAULT, "count:0", &operations), 0);
    assert_in_range(operations, 10, 1000); /* pages and their heads, a sync for the commit, the checkpoint */
    int refused = 0, killed = 0;
    for (long n = 1; n <= operations; n++)
        walk_one(SQL_FAULT, "kill", n, &refused, &killed);
    assert_int_equal(killed, operations);
    assert_int_equal(refused, 0);
    for (long n = 1; n <= operations; n++)
        walk_one(SQL_FAULT, (const char *const[]){"torn", "error", "full"}[n % 3], n, &refused, &killed);
    assert_in_range(killed, operations + operations / 3, operations + operations / 3 + 1);
    assert_true(refused > 0);
    print_message("# %ld operations, %d refusals, %d kills\n", operations, refused, killed);
    unprepare();
}

/* --- kills at any moment ------------------------------------------------------------------------------------------ */

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Has the import begun to store? The first frame's file is there. */
static bool stores(void)
{
    char folder[FILE_PATH_MAX];
    int n = 0;
    file_join(folder, sizeof folder, work, "frames");
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    while (readdir(dir))
        n++;
    closedir(dir);
    return n > 3; /* "." and "..", and the frame that was there before */
}

static void wait_ns(int64_t ns)
{
    const struct timespec pause = {ns / 1000000000, (long)(ns % 1000000000)};
    nanosleep(&pause, NULL);
}

static pid_t start_import(void)
{
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child > 0)
        return child;
    struct error err = {0};
    _exit(import_into(work, FILES, &err) ? 0 : 1);
}

/* waitpid refuses WNOWAIT. */
static bool has_ended(pid_t child)
{
    siginfo_t info = {.si_pid = 0};
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT), 0);
    return info.si_pid == child;
}

/* While it reads, or (`late`) behind the moment at which it begins to store. True if it was killed before its end. */
static bool import_and_kill(bool late, int64_t after_ns)
{
    int status;
    pid_t child = start_import();
    while (late && !stores() && !has_ended(child))
        wait_ns(20000);
    wait_ns(after_ns);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
}

/* How long reading takes, and storing behind it. */
static void measure(int64_t *reading, int64_t *storing)
{
    fresh_copy();
    int64_t began = now_ns();
    int status;
    pid_t child = start_import();
    while (!stores())
        wait_ns(20000);
    *reading = now_ns() - began;
    assert_int_equal(waitpid(child, &status, 0), child);
    *storing = now_ns() - began - *reading;
    assert_int_equal(status, 0);
}

static void killed_at_any_moment(void **state)
{
    struct random r = random_start(5, RANDOM_TEST, 0, 0);
    int killed = 0, storing = 0, done = 0;
    int64_t span[2];
    prepare(state);
    measure(&span[0], &span[1]);
    for (int i = 0; i < KILLS; i++) {
        bool late = i % 2;
        fresh_copy();
        bool hit = import_and_kill(late, (int64_t)random_below(&r, 1000000) * span[late] / 1000000);
        killed += hit;
        storing += hit && stores();
        char *now = content_of(work);
        done += text_equal(now, after);
        free(now);
        check(!hit, true, "a kill");
    }
    print_message("# %d of %d kills hit, %d of them while it stored; %d imports were done\n", killed, KILLS, storing, done);
    assert_true(storing >= 2 && killed - storing >= 2);
    unprepare();
}

/* "import WORKSPACE FILE FILE FILE" */
static int import_once(char **argument)
{
    struct error err = {0};
    for (int i = 0; i < FILES; i++)
        text_copy(csv[i], sizeof csv[i], argument[3 + i]);
    return import_into(argument[2], FILES, &err) ? 0 : 1;
}

int main(int n, char **argument)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_fault_at_any_operation, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(a_fault_at_any_operation_of_the_database, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(killed_at_any_moment, test_folder_new, test_folder_free),
    };
    hash_start();
    program = argument[0];
    if (n == 3 + FILES) {
        sql_fault_start();
        return import_once(argument);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
