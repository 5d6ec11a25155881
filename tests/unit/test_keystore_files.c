/* Key files that are damaged, hostile, or on a machine that refuses: locked memory, memory at all, a folder to write. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/secret.h"
#include "chain/keystore.h"
#include "tests/unit/chain_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRY KEY_TEST_STRENGTH
#define NOBODY 65534

static int start(void **state)
{
    static struct fixture f;
    fixture_start(&f);
    *state = &f;
    return 0;
}

static int end(void **state)
{
    fixture_end(*state);
    return 0;
}

static void path_in(const struct fixture *f, const char *name, char path[FILE_PATH_MAX])
{
    file_join(path, FILE_PATH_MAX, f->folder, name);
}

static void write_raw(const char *path, const void *data, size_t n)
{
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(data, 1, n, out), n);
    assert_int_equal(fclose(out), 0);
}

/* Every bit is covered by the authentication: magic, limits, name, keys, ciphertext. */
static void test_every_bit_and_length(void **state)
{
    struct fixture *f = *state;
    char path[FILE_PATH_MAX];
    struct bytes b = {0};
    key_free(key_new(f->folder, "k", "p", TRY, NULL));
    path_in(f, "k.key", path);
    assert_true(file_read(path, 4096, &b, NULL));
    const size_t mem = 8 + 4 + 4 + 1 + 32 + 8; /* the memory limit: bits 22 to 30 are good limits, but take long */
    for (size_t bit = 0; bit < 8 * b.n; bit++) {
        if (bit >= 8 * mem + 22 && bit <= 8 * mem + 30)
            continue;
        b.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        write_raw(path, b.data, b.n);
        assert_null(key_open(f->folder, "k", "p", NULL));
        assert_false(key_passwd(f->folder, "k", "p", "q", TRY, NULL));
        b.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t n = 0; n < b.n; n++) {
        write_raw(path, b.data, n);
        assert_null(key_open(f->folder, "k", "p", NULL));
    }
    bytes_put_u8(&b, 0);
    write_raw(path, b.data, b.n);
    assert_null(key_open(f->folder, "k", "p", NULL));
    write_raw(path, b.data, b.n - 1);
    struct key *k = key_open(f->folder, "k", "p", NULL);
    assert_non_null(k);
    key_free(k);
    bytes_free(&b);
}

/* What a file may ask for is refused before anything is done about it. */
static void test_absurd_limits(void **state)
{
    struct fixture *f = *state;
    char path[FILE_PATH_MAX];
    struct bytes b = {0};
    struct error err;
    static const struct {
        uint64_t ops, mem;
    } absurd[] = {{0, 8192},
                  {17, 8192},
                  {UINT64_MAX, 8192},
                  {1, 0},
                  {1, 8191},
                  {1, (UINT64_C(1) << 30) + 1},
                  {3, UINT64_C(1) << 42}, /* 4 TiB */
                  {1, UINT64_MAX}};
    key_free(key_new(f->folder, "k", "p", TRY, NULL));
    path_in(f, "k.key", path);
    assert_true(file_read(path, 4096, &b, NULL));
    for (size_t i = 0; i < ARRAY_N(absurd); i++) {
        struct bytes limits = {0};
        bytes_put_u64(&limits, absurd[i].ops);
        bytes_put_u64(&limits, absurd[i].mem);
        memcpy(b.data + 8 + 4 + 4 + 1 + 32, limits.data, limits.n);
        bytes_free(&limits);
        write_raw(path, b.data, b.n);
        assert_null(key_open(f->folder, "k", "p", &err));
        assert_int_equal(err.kind, ERROR_KEY);
        assert_non_null(strstr(err.text, "outside of what is allowed"));
    }
    bytes_free(&b);
}

static void test_open_to_others(void **state)
{
    struct fixture *f = *state;
    char path[FILE_PATH_MAX], to[FILE_PATH_MAX], where[FILE_PATH_MAX];
    struct error err;
    key_free(key_new(f->folder, "me", "p", TRY, NULL));
    path_in(f, "me.key", path);
    path_in(f, "copy", to);
    for (mode_t bit = 1; bit <= 040; bit <<= 1) {
        chmod(path, 0600 | bit);
        assert_null(key_open(f->folder, "me", "p", &err));
        assert_int_equal(err.kind, ERROR_KEY);
        assert_non_null(strstr(err.text, "chmod 600"));
        assert_false(key_passwd(f->folder, "me", "p", "q", TRY, &err));
        assert_false(key_backup(f->folder, "me", to, where, sizeof where, &err));
    }
    chmod(path, 0600);
    struct key *k = key_open(f->folder, "me", "p", &err);
    assert_non_null(k);
    key_free(k);
}

/* Whatever lies in the folder, the others are listed, and it says what is wrong with this one. */
static void test_strange_neighbours(void **state)
{
    struct fixture *f = *state;
    char path[FILE_PATH_MAX], target[FILE_PATH_MAX];
    struct key_info *list;
    struct error err;
    static const struct {
        const char *name, *problem;
    } want[] = {{"ann", ""},           {"empty", "no key file"},   {"fifo", "is a FIFO"},
                {"folder", "a folder"}, {"huge", "larger than"},    {"lost", "No such file"},
                {"open", "chmod 600"}, {"short", "no key file"},   {"via", "holds the identity 'ann'"},
                {"zoe", ""}};
    key_free(key_new(f->folder, "zoe", "p", TRY, NULL));
    key_free(key_new(f->folder, "ann", "p", TRY, NULL));
    key_free(key_new(f->folder, "open", "p", TRY, NULL));
    path_in(f, "open.key", path);
    chmod(path, 0604);
    path_in(f, "fifo.key", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    path_in(f, "folder.key", path);
    assert_int_equal(mkdir(path, 0700), 0);
    path_in(f, "huge.key", path);
    write_raw(path, "MSKEY001", 8);
    chmod(path, 0600);
    assert_int_equal(truncate(path, INT64_C(10) << 30), 0);
    path_in(f, "lost.key", path);
    assert_int_equal(symlink("nowhere.key", path), 0);
    path_in(f, "via.key", path);
    path_in(f, "ann.key", target);
    assert_int_equal(symlink(target, path), 0);
    path_in(f, "empty.key", path);
    write_raw(path, "", 0);
    chmod(path, 0600);
    path_in(f, "short.key", path);
    write_raw(path, "MSKEY00", 7);
    chmod(path, 0600);
    path_in(f, "Not A Name.key", path); /* no identity's name */
    write_raw(path, "x", 1);
    path_in(f, "notes.txt", path);
    write_raw(path, "x", 1);
    assert_int_equal(key_list(f->folder, &list, NULL), ARRAY_N(want));
    for (size_t i = 0; i < ARRAY_N(want); i++) {
        assert_string_equal(list[i].name, want[i].name);
        if (want[i].problem[0] ? !strstr(list[i].problem, want[i].problem) : list[i].problem[0])
            fail_msg("%s: %s", want[i].name, list[i].problem);
        struct key *k = key_open(f->folder, want[i].name, "p", &err);
        assert_int_equal(k != NULL, want[i].problem[0] == 0);
        key_free(k);
    }
    free(list);
    assert_int_equal(key_list("/nonexistent/folder", &list, NULL), 0);
    path_in(f, "notes.txt", path);
    assert_int_equal(key_list(path, &list, &err), -1);
}

/* A symbolic link is followed, as everywhere: keys may lie on a stick. A new passphrase goes where the link leads. */
static void test_a_link_to_a_key(void **state)
{
    struct fixture *f = *state;
    char folder[FILE_PATH_MAX], link[FILE_PATH_MAX], target[FILE_PATH_MAX];
    struct stat st;
    path_in(f, "stick", folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    key_free(key_new(folder, "me", "p", TRY, NULL));
    path_in(f, "stick/me.key", target);
    path_in(f, "me.key", link);
    assert_int_equal(symlink(target, link), 0);
    assert_true(key_passwd(f->folder, "me", "p", "q", TRY, NULL));
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    struct key *k = key_open(folder, "me", "q", NULL);
    assert_non_null(k);
    key_free(k);
}

/* --- machines that refuse ----------------------------------------------------------------------------------------- */

#define EXPECT(condition)                                                                                              \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                            \
            _exit(2);                                                                                                  \
        }                                                                                                              \
    } while (0)

/* Runs in a child, as nobody where this process may become that. */
static void as_nobody(const struct fixture *f, void (*run)(const struct fixture *f))
{
    if (geteuid() == 0)
        assert_int_equal(chown(f->folder, NOBODY, NOBODY), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (geteuid() == 0)
            EXPECT(setgroups(0, NULL) == 0 && setgid(NOBODY) == 0 && setuid(NOBODY) == 0);
        EXPECT(geteuid() != 0);
        run(f);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void without_locked_memory(const struct fixture *f)
{
    EXPECT(setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){0, 0}) == 0);
    struct error err = {0};
    EXPECT(!secret_unlocked());
    struct key *k = key_new(f->folder, "me", "p", TRY, &err);
    bool refuses = mlock(&err, sizeof err) != 0; /* AddressSanitizer answers in the system's stead that all is well */
    EXPECT(k && secret_unlocked() == refuses);   /* it works, and is said */
    key_free(k);
    k = key_open(f->folder, "me", "p", NULL);
    EXPECT(k);
    struct key_signature s;
    key_sign(k, "d", "x", 1, &s);
    EXPECT(key_verify(key_public_of(k), "d", "x", 1, &s));
    key_free(k);
}

static void test_no_locked_memory(void **state)
{
    as_nobody(*state, without_locked_memory);
}

static void with_a_little_locked_memory(const struct fixture *f)
{
    /* A page for each secret that lives at a time; 64 KiB is what old systems give. */
    EXPECT(setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){65536, 65536}) == 0);
    struct rlimit core;
    for (int i = 0; i < 50; i++) {
        struct key *k = i ? key_open(f->folder, "me", "p", NULL) : key_new(f->folder, "me", "p", TRY, NULL);
        EXPECT(k);
        key_free(k);
    }
    EXPECT(!secret_unlocked()); /* nothing is leaked, nothing went unlocked */
    EXPECT(getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 0 && core.rlim_max == 0);
    EXPECT(prctl(PR_GET_DUMPABLE) == 0);
}

static void test_little_locked_memory(void **state)
{
    as_nobody(*state, with_a_little_locked_memory);
}

static void in_a_read_only_folder(const struct fixture *f)
{
    struct error err = {0};
    struct key_info info, *list;
    char path[FILE_PATH_MAX], where[FILE_PATH_MAX];
    key_free(key_new(f->folder, "me", "p", TRY, NULL));
    path_in(f, "me.key", path);
    EXPECT(chmod(f->folder, 0500) == 0);
    EXPECT(!key_new(f->folder, "new", "p", TRY, &err) && err.kind == ERROR_IO && strstr(err.text, "new.key"));
    err = (struct error){0};
    EXPECT(!key_new(f->folder, "me", "p", TRY, &err) && err.kind == ERROR_FAILED);
    EXPECT(!key_passwd(f->folder, "me", "p", "q", TRY, &err) && err.kind == ERROR_IO);
    EXPECT(!key_import(f->folder, path, "twin", "p", TRY, &info, &err));
    EXPECT(!key_backup(f->folder, "me", f->folder, where, sizeof where, &err));
    EXPECT(key_list(f->folder, &list, NULL) == 1 && !list[0].problem[0]);
    free(list);
    struct key *k = key_open(f->folder, "me", "p", NULL); /* with the passphrase that it had */
    EXPECT(k);
    key_free(k);
    EXPECT(chmod(f->folder, 0700) == 0);
}

static void test_read_only_folder(void **state)
{
    as_nobody(*state, in_a_read_only_folder);
}

static size_t address_space(void)
{
    unsigned long pages = 0;
    FILE *in = fopen("/proc/self/statm", "r");
    EXPECT(in && fscanf(in, "%lu", &pages) == 1 && fclose(in) == 0);
    return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* 64 MiB more than there is: enough for all but Argon2's 256. */
static void with_little_memory(const struct fixture *f)
{
    struct error err = {0};
    char path[FILE_PATH_MAX];
    struct key_info info;
    key_free(key_new(f->folder, "small", "p", TRY, NULL));
    rlim_t most = address_space() + ((size_t)64 << 20);
    EXPECT(setrlimit(RLIMIT_AS, &(struct rlimit){most, most}) == 0);
    EXPECT(!key_new(f->folder, "me", "p", 0, &err) && err.kind == ERROR_MEMORY && strstr(err.text, "256"));
    path_in(f, "me.key", path);
    EXPECT(!file_exists(path)); /* and nothing weaker was made in its stead */
    err = (struct error){0};
    EXPECT(!key_passwd(f->folder, "small", "p", "q", 0, &err) && err.kind == ERROR_MEMORY);
    path_in(f, "small.key", path);
    EXPECT(!key_import(f->folder, path, "twin", "p", 0, &info, &err));
    struct key *k = key_open(f->folder, "small", "p", NULL);
    EXPECT(k);
    key_free(k);
}

static void test_memory_is_refused(void **state)
{
    as_nobody(*state, with_little_memory);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_every_bit_and_length), TEST(test_absurd_limits),
                                       TEST(test_open_to_others),       TEST(test_strange_neighbours),
                                       TEST(test_a_link_to_a_key),      TEST(test_no_locked_memory),
                                       TEST(test_little_locked_memory), TEST(test_read_only_folder),
                                       TEST(test_memory_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
