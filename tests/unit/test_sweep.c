/* Clearing up: what killed processes left goes, and nothing that is named, in use or somebody else's. */
#include "tests/unit/test_support.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "net/numeric.h"
#include "store/series.h"
#include "store/tasks.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#define HOUR 3600
#define DAY 86400

static char folder[FILE_PATH_MAX];

static struct workspace *fresh(void **state)
{
    file_join(folder, sizeof folder, *state, "w");
    assert_true(workspace_create(folder, NULL));
    struct workspace *w = workspace_open(folder, false, NULL);
    assert_non_null(w);
    return w;
}

static void age(const char *name, int seconds)
{
    char path[FILE_PATH_MAX];
    const struct timespec t = {time(NULL) - seconds, 0}, both[2] = {t, t};
    file_join(path, sizeof path, folder, name);
    assert_int_equal(utimensat(AT_FDCWD, path, both, 0), 0);
}

static void put(const char *name, int seconds)
{
    char path[FILE_PATH_MAX];
    file_join(path, sizeof path, folder, name);
    assert_true(file_write(path, "x", 1, 0666, NULL));
    age(name, seconds);
}

static bool there(const char *name)
{
    char path[FILE_PATH_MAX];
    file_join(path, sizeof path, folder, name);
    return file_exists(path);
}

/* As if the last time was long ago; the name of a file with a hash in front. */
static void open_later(bool read_only)
{
    age("frames.lock", 2 * HOUR);
    struct workspace *w = workspace_open(folder, read_only, NULL);
    assert_non_null(w);
    workspace_close(w);
}

static const char *hashed(const char *in, int n, const char *end)
{
    static char name[8][256];
    static int next;
    char hex[HASH_HEX];
    hash_hex(hash_of(&n, sizeof n), hex);
    char *out = name[next++ % 8];
    snprintf(out, sizeof name[0], "%s/%s%s", in, hex, end);
    return out;
}

/* A process that is gone. */
static int gone(void)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    return (int)pid;
}

static void put_series(struct workspace *w, const char *name, double value, char frame[64 + HASH_HEX])
{
    struct frame *f = frame_new(2, 1, NULL);
    struct series_row row = {.rows = 2, .columns = 1, .stamp = CSV_STAMP_CLOSE};
    char hex[HASH_HEX];
    text_copy(f->column[0].name, FRAME_NAME_MAX, "p");
    f->time_us[1] = 1;
    f->column[0].value[0] = value;
    frame_find_step(f);
    text_copy(row.name, sizeof row.name, name);
    text_copy(row.asset, sizeof row.asset, name);
    row.report = memory_text("{}");
    assert_true(series_put(w, &row, f, NULL));
    hash_hex(row.frame, hex);
    snprintf(frame, 64 + HASH_HEX, "frames/%s", hex);
    free(row.report);
    frame_free(f);
}

static void only_frames_that_nothing_names_go(void **state)
{
    struct workspace *w = fresh(state);
    char named[64 + HASH_HEX], replaced[64 + HASH_HEX], tasks[64 + HASH_HEX], last[64 + HASH_HEX];
    struct series_row row;
    struct task task;
    put_series(w, "s", 1, replaced);
    put_series(w, "t", 3, tasks);
    assert_true(series_get(w, "t", &row, NULL));
    free(row.report);
    task_defaults(&task);
    task.series_n = 1;
    text_copy(task.series[0].name, FRAME_NAME_MAX, "t");
    task.series[0].frame = row.frame;
    task.series[0].stamp = CSV_STAMP_CLOSE;
    task.assets = 1;
    task.asset[0] = (struct task_asset){"a", "p", 0};
    assert_true(tasks_put(w, &task, hash_of_text("task"), "{}", NULL));
    put_series(w, "s", 2, named);
    put_series(w, "t", 4, last);
    workspace_close(w);
    put(hashed("frames", 1, ""), 2 * HOUR);
    put(hashed("frames", 2, ""), 10); /* an import may be about to name it */
    put("frames/notes", 2 * DAY);
    put(hashed("models", 3, ""), 2 * DAY);
    const char *const all[] = {named, replaced, tasks, last};
    for (size_t i = 0; i < ARRAY_N(all); i++)
        age(all[i], 2 * DAY);
    open_later(true);
    assert_true(there(hashed("frames", 1, "")));
    open_later(false);
    assert_false(there(hashed("frames", 1, "")));
    assert_true(there(hashed("frames", 2, "")) && there("frames/notes") && there(hashed("models", 3, "")));
    assert_true(there(named) && there(tasks) && there(last));
    assert_false(there(replaced));
}

static void only_files_that_nobody_writes_go(void **state)
{
    char of_dead[64], of_alive[64], dataset[64], path[FILE_PATH_MAX];
    workspace_close(fresh(state));
    snprintf(of_dead, sizeof of_dead, ".tmp.%d", gone());
    snprintf(of_alive, sizeof of_alive, ".tmp.%d", (int)getpid());
    snprintf(dataset, sizeof dataset, "." NUMERIC_VERSION ".tmp.%d", gone());
    file_join(path, sizeof path, folder, "datasets");
    assert_true(file_make_folder(path, 0777, NULL));
    put(hashed("frames", 1, of_dead), HOUR);
    put(hashed("models", 1, of_dead), HOUR);
    put(hashed("datasets", 1, dataset), HOUR);
    put(hashed("frames", 2, of_dead), 60); /* on a shared disk it may be another machine's */
    put(hashed("frames", 3, of_alive), HOUR);
    put(hashed("frames", 4, of_alive), 2 * DAY); /* of one that had our number */
    put(hashed("frames", 5, of_dead), 2 * DAY);
    put("frames/mine.tmp.1", 2 * DAY);
    file_join(path, sizeof path, folder, hashed("frames", 5, of_dead));
    int fd = open(path, O_RDONLY);
    assert_int_equal(flock(fd, LOCK_EX), 0); /* as its writer does */
    open_later(false);
    assert_false(there(hashed("frames", 1, of_dead)) || there(hashed("models", 1, of_dead)) ||
                 there(hashed("datasets", 1, dataset)) || there(hashed("frames", 4, of_alive)));
    assert_true(there(hashed("frames", 2, of_dead)) && there(hashed("frames", 3, of_alive)) &&
                there(hashed("frames", 5, of_dead)) && there("frames/mine.tmp.1"));
    close(fd);
    open_later(false);
    assert_false(there(hashed("frames", 5, of_dead)));
}

static void nothing_goes_while_somebody_holds_the_frames(void **state)
{
    struct workspace *w = fresh(state);
    put(hashed("frames", 1, ""), 2 * HOUR);
    int held = workspace_hold(w, NULL), second = workspace_hold(w, NULL); /* several may */
    assert_true(held >= 0 && second >= 0);
    open_later(false);
    workspace_release(held);
    open_later(false);
    assert_true(there(hashed("frames", 1, "")));
    workspace_release(second);
    open_later(false);
    assert_false(there(hashed("frames", 1, "")));
    put(hashed("frames", 1, ""), 2 * HOUR);
    workspace_close(workspace_open(folder, false, NULL)); /* it was done just now */
    assert_true(there(hashed("frames", 1, "")));
    workspace_close(w);
}

/* What is being written is locked: the file that a write is stopped in. */
static void a_file_is_locked_while_it_is_written(void **state)
{
    char path[FILE_PATH_MAX], name[64];
    int ready[2];
    size_t n = (size_t)1 << 24;
    workspace_close(fresh(state));
    assert_int_equal(pipe(ready), 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        char *data = calloc(n, 1);
        file_join(path, sizeof path, folder, hashed("frames", 1, ""));
        while (data && write(ready[1], "x", 1) == 1)
            if (!file_write(path, data, n, 0666, NULL))
                _exit(1);
        _exit(2);
    }
    char x;
    close(ready[1]);
    assert_int_equal(read(ready[0], &x, 1), 1);
    snprintf(name, sizeof name, ".tmp.%d", (int)pid);
    file_join(path, sizeof path, folder, hashed("frames", 1, name));
    int met = 0;
    for (int i = 0; i < 2000 && met == 0; i++) {
        const struct timespec pause = {0, 200000};
        nanosleep(&pause, NULL);
        kill(pid, SIGSTOP);
        assert_int_equal(waitpid(pid, &(int){0}, WUNTRACED), pid);
        int fd = open(path, O_RDONLY);
        met += fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0; /* not between the write and the new name */
        if (fd >= 0)
            close(fd);
        kill(pid, SIGCONT);
    }
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    close(ready[0]);
    assert_true(met > 0);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, test_folder_new, test_folder_free)
    const struct CMUnitTest tests[] = {
        CASE(only_frames_that_nothing_names_go),
        CASE(only_files_that_nobody_writes_go),
        CASE(nothing_goes_while_somebody_holds_the_frames),
        CASE(a_file_is_locked_while_it_is_written),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
