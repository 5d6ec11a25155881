/* Identities under faults: at the N-th operation on the disk the machine stops, refuses, tears or loses what is not synced,
 * for every N of choosing another passphrase, taking in a backup, backing up and signing a prepared file. Afterwards there
 * is the old file or the new one, whole: never none, never a third. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "chain/keystore.h"
#include "tests/unit/chain_fixture.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT_DESCRIPTOR 9 /* see base/file.h */
#define TRY KEY_TEST_STRENGTH

static struct fixture f;
static char keys[100], backup[100], copy[100];
static struct key_public me;

/* Every run is a child of its own, since a process reads MORPHSMITH_FAULT once. Exit status: 0 done, 1 refused. */
#define EXPECT(condition)                                                                                              \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                            \
            _exit(2);                                                                                                  \
        }                                                                                                              \
    } while (0)

static bool opens(const char *passphrase)
{
    struct key *k = key_open(keys, "me", passphrase, NULL);
    bool good = k && memcmp(key_public_of(k), &me, sizeof me) == 0;
    key_free(k);
    return good;
}

static void path_in_keys(const char *name, char path[FILE_PATH_MAX])
{
    file_join(path, FILE_PATH_MAX, keys, name);
}

/* --- operations ------------------------------------------------------------------------------------------------- */

static bool run_passwd(void)
{
    return key_passwd(keys, "me", "old", "new", TRY, NULL);
}

/* Exactly one of the two opens it, and life goes on: it can be changed, and what was left behind is gone then. */
static void check_passwd(bool reported, bool done)
{
    bool is_old = opens("old"), is_new = opens("new");
    EXPECT(is_old != is_new);
    EXPECT(!reported || !done || is_new);
    EXPECT(key_passwd(keys, "me", is_new ? "new" : "old", "third", TRY, NULL));
    EXPECT(opens("third") && !opens("old") && !opens("new"));
    DIR *dir = opendir(keys);
    EXPECT(dir);
    for (struct dirent *d; (d = readdir(dir)) != NULL;)
        EXPECT(strstr(d->d_name, ".tmp.") == NULL);
    closedir(dir);
}

static bool run_import(void)
{
    char path[FILE_PATH_MAX];
    struct key_info info;
    path_in_keys("me.key", path);
    EXPECT(unlink(path) == 0); /* not by base/file: no operation that could fail */
    return key_import(keys, backup, NULL, "old", TRY, &info, NULL);
}

static void check_import(bool reported, bool done)
{
    char path[FILE_PATH_MAX];
    struct key_info info;
    path_in_keys("me.key", path);
    bool there = file_exists(path);
    EXPECT(!reported || !done || there);
    if (!there)
        EXPECT(key_import(keys, backup, NULL, "old", TRY, &info, NULL));
    EXPECT(opens("old"));
}

static bool run_backup(void)
{
    char where[FILE_PATH_MAX];
    return key_backup(keys, "me", copy, where, sizeof where, NULL);
}

static void check_backup(bool reported, bool done)
{
    struct bytes a = {0}, b = {0};
    char path[FILE_PATH_MAX];
    path_in_keys("me.key", path);
    EXPECT(opens("old"));
    if (!file_exists(copy)) {
        EXPECT(!reported || !done);
        EXPECT(run_backup());
    }
    EXPECT(file_read(path, 4096, &a, NULL) && file_read_private(copy, 4096, &b, NULL));
    EXPECT(a.n == b.n && memcmp(a.data, b.data, a.n) == 0);
    bytes_free(&a);
    bytes_free(&b);
}

static bool run_new(void)
{
    struct key *k = key_new(keys, "you", "pass", TRY, NULL);
    key_free(k);
    return k != NULL;
}

static void check_new(bool reported, bool done)
{
    char path[FILE_PATH_MAX];
    path_in_keys("you.key", path);
    EXPECT(opens("old"));
    if (!file_exists(path)) {
        EXPECT(!reported || !done);
        EXPECT(run_new());
    }
    struct key *k = key_open(keys, "you", "pass", NULL);
    EXPECT(k);
    key_free(k);
}

static const struct operation {
    const char *name;
    bool (*run)(void);
    void (*check)(bool reported, bool done); /* reported: run came back, with `done` */
} operations[] = {{"passwd", run_passwd, check_passwd},
                  {"import", run_import, check_import},
                  {"backup", run_backup, check_backup},
                  {"new", run_new, check_new}};

/* --- running ---------------------------------------------------------------------------------------------------- */

static bool run_prepare(void)
{
    char where[FILE_PATH_MAX];
    struct key *k = key_new(keys, "me", "old", TRY, NULL);
    EXPECT(k);
    key_free(k);
    return key_backup(keys, "me", backup, where, sizeof where, NULL);
}

static int in_child(const struct operation *o, const char *fault, bool check, int reported, int counts)
{
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (counts >= 0)
            EXPECT(dup2(counts, COUNT_DESCRIPTOR) == COUNT_DESCRIPTOR);
        if (fault)
            setenv("MORPHSMITH_FAULT", fault, 1);
        if (!check)
            exit(o->run() ? 0 : 1);
        o->check(reported >= 0, reported == 0);
        exit(0);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

/* In a child too: a process that wrote once knows that it has no fault to suffer, and so would all its children. */
static void prepare(void)
{
    static const struct operation preparing = {"prepare", run_prepare, NULL};
    struct key_info info;
    snprintf(keys, sizeof keys, "%s/keys", f.folder);
    snprintf(backup, sizeof backup, "%s/backup", f.folder);
    snprintf(copy, sizeof copy, "%s/copy", f.folder);
    assert_int_equal(mkdir(keys, 0700), 0);
    assert_int_equal(in_child(&preparing, NULL, false, 0, -1), 0);
    assert_true(key_inspect(backup, &info, NULL));
    me = info.public_key;
}

static long count_of(const struct operation *o)
{
    int out[2];
    char text[32] = "";
    fixture_start(&f);
    prepare();
    assert_int_equal(pipe(out), 0);
    assert_int_equal(in_child(o, "count:0", false, 0, out[1]), 0);
    close(out[1]);
    assert_true(read(out[0], text, sizeof text - 1) > 0);
    close(out[0]);
    fixture_end(&f);
    return strtol(text, NULL, 10);
}

static void one_fault(const struct operation *o, const char *kind, long n)
{
    char fault[40];
    snprintf(fault, sizeof fault, "%s:%ld", kind, n);
    fixture_start(&f);
    prepare();
    int status = in_child(o, fault, false, 0, -1);
    bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    if (!killed && !(WIFEXITED(status) && WEXITSTATUS(status) <= 1))
        fail_msg("%s, %s: status %d", o->name, fault, status);
    if (in_child(o, NULL, true, killed ? -1 : WEXITSTATUS(status), -1) != 0)
        fail_msg("%s, %s: what is there afterwards is neither old nor new", o->name, fault);
    fixture_end(&f);
}

static void test_every_fault(void **state)
{
    static const char *const kinds[] = {"kill", "after", "error", "full", "torn", "lost"};
    int runs = 0;
    (void)state;
    for (size_t i = 0; i < ARRAY_N(operations); i++) {
        long n = count_of(&operations[i]);
        assert_true(n >= 4); /* write, sync, a name, sync of the folder */
        for (size_t k = 0; k < ARRAY_N(kinds); k++)
            for (long at = 1; at <= n; at++, runs++)
                one_fault(&operations[i], kinds[k], at);
        printf("# %s: %ld operations\n", operations[i].name, n);
    }
    printf("# %d runs\n", runs);
    assert_true(runs >= 90);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_fault)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
