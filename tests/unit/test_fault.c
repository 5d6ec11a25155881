/* file under injected faults: for every kind of fault and every operation it can hit, a file that is replaced or
 * created has the old or the new content, and one that is appended to holds a prefix of what was written. */
#include "test_support.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#define OPERATIONS_MOST 40

static const char *const kinds[] = {"kill", "after", "error", "full", "torn", "lost"};

enum outcome { DONE, REFUSED, KILLED };

struct scenario {
    const char *name;
    int operations; /* fixed, since a sync that is left out shows in no content */
    void (*prepare)(const char *path);
    bool (*act)(const char *path, struct error *err);
    void (*check)(const char *path, enum outcome outcome);
};

static char old_text[5000], new_text[7001];

/* Runs act in a child that has the fault; the child says by its status how it went. */
static enum outcome run(const struct scenario *s, const char *path, const char *fault)
{
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        struct error err = {0};
        setenv("MORPHSMITH_FAULT", fault, 1);
        bool ok = s->act(path, &err);
        if (!ok && (err.kind == ERROR_NONE || !strstr(err.text, "/morphsmith-test-")))
            _exit(9); /* refused without saying what and where */
        _exit(ok ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status)) {
        assert_int_equal(WTERMSIG(status), SIGKILL);
        return KILLED;
    }
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
    return WEXITSTATUS(status) == 0 ? DONE : REFUSED;
}

/* How many operations the action takes without a fault, counted by the module itself. */
static int count(const struct scenario *s, const char *path)
{
    int ends[2], status;
    char text[32] = "";
    int64_t n;

    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        setenv("MORPHSMITH_FAULT", "count:0", 1);
        dup2(ends[1], 9);
        exit(s->act(path, NULL) ? 0 : 1);
    }
    close(ends[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_true(read(ends[0], text, sizeof text - 1) > 1);
    close(ends[0]);
    assert_true(text_parse_int(text_trim(text), 1, OPERATIONS_MOST, &n));
    return (int)n;
}

static size_t content(const char *path, struct bytes *b)
{
    assert_true(file_read(path, 1 << 20, b, NULL));
    return b->n;
}

static bool is(const char *path, const char *text, size_t n)
{
    struct bytes b = {0};
    bool same = content(path, &b) == n && memcmp(b.data, text, n) == 0;

    bytes_free(&b);
    return same;
}

static void put(const char *path, const char *text, size_t n)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    fclose(f);
}

/* Leftovers are allowed only to a process that was killed, and nobody takes them for the file. */
static void clean(const char *path, enum outcome outcome)
{
    char folder[FILE_PATH_MAX], name[FILE_PATH_MAX];

    text_copy(folder, sizeof folder, path);
    folder[file_name(path) - path - 1] = '\0';
    DIR *d = opendir(folder);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) {
        if (e->d_name[0] == '.')
            continue;
        bool temporary = strstr(e->d_name, ".tmp.") != NULL;
        assert_true(outcome == KILLED || !temporary);
        assert_true(temporary || text_equal(e->d_name, file_name(path)));
        file_join(name, sizeof name, folder, e->d_name);
        assert_int_equal(unlink(name), 0);
    }
    closedir(d);
}

static void prepare_old(const char *path)
{
    put(path, old_text, sizeof old_text);
}

static void prepare_none(const char *path)
{
    (void)path;
}

static bool act_write(const char *path, struct error *err)
{
    return file_write(path, new_text, sizeof new_text, 0644, err);
}

static bool act_create(const char *path, struct error *err)
{
    return file_create(path, new_text, sizeof new_text, 0644, err);
}

static void check_write(const char *path, enum outcome outcome)
{
    bool is_new = is(path, new_text, sizeof new_text);

    assert_true(is_new || is(path, old_text, sizeof old_text));
    assert_true(outcome != DONE || is_new);
}

static void check_create(const char *path, enum outcome outcome)
{
    assert_true(!file_exists(path) || is(path, new_text, sizeof new_text));
    assert_true(outcome != DONE || file_exists(path));
}

/* Three records, each synced: the file grows by whole or torn records, in their order. */
static bool act_append(const char *path, struct error *err)
{
    struct file_append *f = file_append_open(path, 0644, err);
    bool ok = f != NULL;

    for (size_t i = 0; ok && i < 3; i++)
        ok = file_append_put(f, new_text + 1000 * i, 1000, err) && file_append_sync(f, err);
    file_append_close(f);
    return ok;
}

static void check_append(const char *path, enum outcome outcome)
{
    struct bytes b = {0};

    if (!file_exists(path)) {
        assert_true(outcome != DONE);
        return;
    }
    size_t n = content(path, &b), grown = n;
    if (n >= sizeof old_text && memcmp(b.data, old_text, sizeof old_text) == 0)
        grown = n - sizeof old_text;
    assert_true(grown <= 3000);
    assert_memory_equal(b.data + (n - grown), new_text, grown);
    assert_true(outcome != DONE || grown == 3000);
    assert_true(outcome != REFUSED || grown % 1000 == 0); /* what was torn is cut off again */
    bytes_free(&b);
}

/* After a fault a later record goes where the failed one began. */
static bool act_recover(const char *path, struct error *err)
{
    struct file_append *f = file_append_open(path, 0644, err);

    if (!f)
        return false;
    bool first = file_append_put(f, new_text, 1000, err);
    bool second = file_append_put(f, first ? new_text + 1000 : new_text, 10, err);
    file_append_close(f);
    return first && second;
}

static void check_recover(const char *path, enum outcome outcome)
{
    struct bytes b = {0};

    if (!file_exists(path))
        return;
    size_t n = content(path, &b);
    assert_memory_equal(b.data, new_text, n);
    assert_true(outcome == KILLED || n == 0 || n == 10 || n == 1000 || n == 1010);
    bytes_free(&b);
}

/* Overwrites nothing on the way down: after a fault the file has its old or its new length. */
static bool act_truncate(const char *path, struct error *err)
{
    struct file_append *f = file_append_open(path, 0644, err);
    bool ok = f && file_append_truncate(f, 1234, err);

    file_append_close(f);
    return ok;
}

static void check_truncate(const char *path, enum outcome outcome)
{
    assert_true(is(path, old_text, 1234) || (outcome != DONE && is(path, old_text, sizeof old_text)));
}

static const struct scenario scenarios[] = {
    {"write over", 4, prepare_old, act_write, check_write},
    {"write new", 4, prepare_none, act_write, check_create},
    {"create", 4, prepare_none, act_create, check_create},
    {"append to new", 7, prepare_none, act_append, check_append},
    {"append to old", 6, prepare_old, act_append, check_append},
    {"append again", 3, prepare_none, act_recover, check_recover},
    {"truncate", 1, prepare_old, act_truncate, check_truncate},
};

static void check_one(const struct scenario *s, const char *path, const char *kind, int n, int operations)
{
    char fault[32];
    bool kills = text_equal(kind, "kill") || text_equal(kind, "after") || text_equal(kind, "torn") ||
                 text_equal(kind, "lost");

    snprintf(fault, sizeof fault, "%s:%d", kind, n);
    s->prepare(path);
    enum outcome outcome = run(s, path, fault);
    if (outcome != (n > operations ? DONE : kills ? KILLED : REFUSED))
        fail_msg("%s with %s: outcome %d", s->name, fault, (int)outcome);
    s->check(path, outcome);
    clean(path, outcome);
}

static void test_faults(void **state)
{
    char path[FILE_PATH_MAX];

    file_join(path, sizeof path, *state, "file");
    memset(old_text, 'o', sizeof old_text);
    for (size_t i = 0; i < sizeof new_text; i++)
        new_text[i] = (char)('a' + i % 23);
    for (size_t i = 0; i < ARRAY_N(scenarios); i++) {
        const struct scenario *s = &scenarios[i];
        s->prepare(path);
        int operations = count(s, path);
        assert_int_equal(operations, s->operations);
        clean(path, DONE);
        for (size_t k = 0; k < ARRAY_N(kinds); k++) {
            for (int n = 1; n <= operations + 1; n++)
                check_one(s, path, kinds[k], n, operations);
        }
    }
}

/* A fault that cannot be read must not look like a run without faults. */
static void test_bad_plan(void **state)
{
    static const char *const bad[] = {"kill", "kill:", "kill:x", "nonsense:1", ":1", "kill:-1"};

    for (size_t i = 0; i < ARRAY_N(bad); i++) {
        int status;
        pid_t child = fork();
        if (child == 0) {
            int null = open("/dev/null", O_WRONLY);
            dup2(null, 2);
            signal(SIGABRT, SIG_DFL);
            setenv("MORPHSMITH_FAULT", bad[i], 1);
            file_sync_folder(*state, NULL);
            _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    }
}

static void test_broken(void **state)
{
    int status;
    char path[FILE_PATH_MAX];

    file_join(path, sizeof path, *state, "file");
    pid_t child = fork();
    if (child == 0) {
        struct error err = {0};
        setenv("MORPHSMITH_FAULT", "error:3", 1); /* the folder's sync, a write, then the file's sync */
        struct file_append *f = file_append_open(path, 0644, &err);
        bool ok = f && file_append_put(f, "abc", 3, &err) && !file_append_sync(f, &err);
        /* an fsync that failed once has lost what it should have written: no second try is believed */
        ok = ok && !file_append_sync(f, &err) && !file_append_put(f, "d", 1, &err) && !file_append_truncate(f, 0, &err);
        file_append_close(f);
        _exit(ok && err.kind == ERROR_IO ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* Torn and full leave half of the write; otherwise the tests above would prove less than they seem to. */
static bool act_one(const char *path, struct error *err)
{
    struct file_append *f = file_append_open(path, 0644, err);

    _exit(file_append_put(f, new_text, 1000, err) ? 0 : 1);
}

/* A power cut takes what was appended since the last sync, and no more. */
static void test_lost(void **state)
{
    static const struct scenario three = {"append to new", 7, prepare_none, act_append, check_append};
    static const int64_t size[] = {0, 0, 1000, 1000, 2000, 2000, 3000}; /* behind each operation */
    char path[FILE_PATH_MAX], fault[32];

    file_join(path, sizeof path, *state, "file");
    for (int n = 1; n <= 7; n++) {
        snprintf(fault, sizeof fault, "lost:%d", n);
        assert_int_equal(run(&three, path, fault), KILLED);
        assert_int_equal(file_size(path), size[n - 1]);
        assert_int_equal(unlink(path), 0);
    }
}

static void test_half(void **state)
{
    static const struct scenario one = {"one", 1, prepare_old, act_one, NULL};
    char path[FILE_PATH_MAX];

    file_join(path, sizeof path, *state, "file");
    prepare_old(path);
    assert_int_equal(run(&one, path, "torn:1"), KILLED);
    assert_int_equal(file_size(path), sizeof old_text + 500);
    prepare_old(path);
    assert_int_equal(run(&one, path, "after:1"), KILLED);
    assert_int_equal(file_size(path), sizeof old_text + 1000);
    prepare_old(path);
    assert_int_equal(run(&one, path, "kill:1"), KILLED);
    assert_int_equal(file_size(path), sizeof old_text);
    prepare_old(path);
    assert_int_equal(run(&one, path, "full:1"), REFUSED); /* and cut off again */
    assert_int_equal(file_size(path), sizeof old_text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_faults, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(test_lost, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(test_half, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(test_bad_plan, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(test_broken, test_folder_new, test_folder_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
