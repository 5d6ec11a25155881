/* The chain and the key file under faults: at the N-th operation on the disk the machine stops, refuses, tears or loses
 * what is not synced, for every N of creating, submitting, sealing, recovering and making an identity. Afterwards the
 * chain opens, its height is the old or the new one, and no transaction that was in the pool is lost without being in a
 * block. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/file.h"
#include "chain/keystore.h"
#include "tests/unit/many_chain.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT_DESCRIPTOR 9 /* see base/file.h */

static struct fixture f;
static char base[200]; /* a prepared folder */

/* What the prepared chain has in its pool, and what `submit` adds. */
static struct tx pooled[2], added;
static struct fixture g; /* of a chain for many */
static struct many_chain m;

struct operation {
    const char *name;
    void (*prepare)(void); /* fills `base`; the chain in base/chain */
    bool (*run)(void);     /* in f.folder; the result that its caller would see */
    void (*check)(bool reported, bool success); /* in f.folder; reported: run came back, with this success */
};

/* Every check runs in a child of its own, since a process reads MORPHSMITH_FAULT once. Exit status 0 is good. */
#define EXPECT(condition)                                                                                              \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                            \
            _exit(2);                                                                                                  \
        }                                                                                                              \
    } while (0)

static void copy_folder(const char *from, const char *to)
{
    mkdir(to, 0755);
    DIR *dir = opendir(from);
    EXPECT(dir);
    for (struct dirent *d; (d = readdir(dir)) != NULL;) {
        char a[FILE_PATH_MAX], b[FILE_PATH_MAX];
        if (text_equal(d->d_name, ".") || text_equal(d->d_name, ".."))
            continue;
        file_join(a, sizeof a, from, d->d_name);
        file_join(b, sizeof b, to, d->d_name);
        if (file_is_folder(a))
            copy_folder(a, b);
        else
            fixture_copy_file(a, b);
    }
    closedir(dir);
}

/* --- operations ------------------------------------------------------------------------------------------------- */

static bool seal_now(struct ledger *l)
{
    uint64_t height;
    struct hash hash;
    return ledger_seal(l, f.key[VAL], START_US + 9, &height, &hash, NULL);
}

static void prepare_empty(void)
{
}

/* Height 1, two transactions waiting. */
static void prepare_chain(void)
{
    struct hash id;
    char chain[250];
    file_join(chain, sizeof chain, base, "chain");
    EXPECT(ledger_create(chain, &f.genesis, NULL));
    struct ledger *l = ledger_open(chain, true, NULL);
    EXPECT(l && seal_now(l));
    for (int i = 0; i < 2; i++)
        EXPECT(ledger_submit(l, &pooled[i], &id, NULL));
    ledger_close(l);
}

/* A writer that was stopped in the middle of its block ... */
static void prepare_torn(void)
{
    char path[300];
    prepare_chain();
    snprintf(path, sizeof path, "%s/chain/blocks.msc", base);
    FILE *out = fopen(path, "ab");
    EXPECT(out && fwrite("MSCF\1\1\0\0torn", 1, 12, out) == 12 && fclose(out) == 0);
}

/* ... or right behind it: blocks.len and the pool are those from before. */
static void prepare_unrecorded(void)
{
    char chain[250], ahead[250], from[300], to[300];
    prepare_chain();
    file_join(chain, sizeof chain, base, "chain");
    file_join(ahead, sizeof ahead, base, "ahead");
    copy_folder(chain, ahead);
    struct ledger *l = ledger_open(ahead, true, NULL);
    EXPECT(l && seal_now(l));
    ledger_close(l);
    file_join(from, sizeof from, ahead, "blocks.msc");
    file_join(to, sizeof to, chain, "blocks.msc");
    fixture_copy_file(from, to);
    fixture_remove(ahead);
}

/* A chain for many, of height 1. */
static void prepare_many(void)
{
    char chain[250];
    file_join(chain, sizeof chain, base, "chain");
    EXPECT(ledger_create(chain, &g.genesis, NULL));
    struct ledger *l = ledger_open(chain, true, NULL);
    EXPECT(l && many_append(&m, l, 0, START_US + 1, MANY_ALL, NULL, NULL, NULL));
    ledger_close(l);
}

static bool run_append(void)
{
    struct ledger *l = ledger_open(f.chain, true, NULL);
    bool good = l && many_append(&m, l, 1, START_US + 2, MANY_ALL, NULL, NULL, NULL);
    ledger_close(l);
    return good;
}

static bool run_create(void)
{
    return ledger_create(f.chain, &f.genesis, NULL);
}

static bool run_submit(void)
{
    struct hash id;
    struct ledger *l = ledger_open(f.chain, true, NULL);
    bool good = l && ledger_submit(l, &added, &id, NULL);
    ledger_close(l);
    return good;
}

static bool run_seal(void)
{
    struct ledger *l = ledger_open(f.chain, true, NULL);
    bool good = l && seal_now(l);
    ledger_close(l);
    return good;
}

static bool run_open(void)
{
    struct ledger *l = ledger_open(f.chain, true, NULL);
    ledger_close(l);
    return l != NULL;
}

static bool run_key(void)
{
    struct key *k = key_new(f.folder, "me", "pass", 1, NULL);
    key_free(k);
    return k != NULL;
}

/* --- what must hold afterwards ---------------------------------------------------------------------------------- */

static bool in_pool(const struct ledger *l, const struct tx *tx)
{
    const struct tx *pool;
    int n = ledger_pool(l, &pool);
    for (int i = 0; i < n; i++)
        if (hash_equal(tx_id(&pool[i]), tx_id(tx)))
            return true;
    return false;
}

static bool in_block(const struct ledger *l, const struct tx *tx)
{
    struct tx got;
    for (uint64_t h = 1; h <= ledger_height(l); h++)
        for (int i = 0; ledger_block_tx(l, h, i, &got, NULL); i++)
            if (hash_equal(tx_id(&got), tx_id(tx)))
                return true;
    return false;
}

static struct ledger *open_well(void)
{
    struct error err = {0};
    struct ledger *l = ledger_open(f.chain, true, &err);
    if (!l)
        fprintf(stderr, "%s\n", err.text);
    EXPECT(l);
    EXPECT(ledger_pool_refused(l) == 0);
    return l;
}

/* Life goes on: a block can be sealed, and all verifies. */
static void close_well(struct ledger *l)
{
    struct ledger_verdict v;
    EXPECT(seal_now(l));
    ledger_close(l);
    EXPECT(ledger_verify(f.chain, &v, NULL, NULL, NULL, NULL));
}

static void check_create(bool reported, bool success)
{
    char path[250];
    file_join(path, sizeof path, f.chain, "blocks.msc");
    if (!file_exists(path)) {
        EXPECT(!reported || !success);
        EXPECT(ledger_create(f.chain, &f.genesis, NULL));
    }
    struct ledger *l = open_well();
    EXPECT(ledger_height(l) == 0);
    close_well(l);
}

static void check_submit(bool reported, bool success)
{
    struct ledger *l = open_well();
    EXPECT(ledger_height(l) == 1);
    EXPECT(in_pool(l, &pooled[0]) && in_pool(l, &pooled[1]));
    EXPECT(!reported || !success || in_pool(l, &added));
    close_well(l);
}

static void check_seal(bool reported, bool success)
{
    struct ledger *l = open_well();
    uint64_t height = ledger_height(l);
    EXPECT(height == 1 || height == 2);
    EXPECT(!reported || !success || height == 2);
    for (int i = 0; i < 2; i++) {
        EXPECT(in_pool(l, &pooled[i]) == (height == 1));
        EXPECT(in_block(l, &pooled[i]) == (height == 2));
    }
    close_well(l);
}

/* What is in the file is final: its certificate was there first. */
static void check_append(bool reported, bool success)
{
    struct ledger_verdict v;
    struct bytes tip = {0};
    struct ledger *l = open_well();
    uint64_t height = ledger_height(l);
    EXPECT(height == 1 || height == 2);
    EXPECT(!reported || !success || height == 2);
    EXPECT(ledger_tip_certificate(l, &tip, NULL));
    EXPECT(many_append(&m, l, 0, START_US + 9, MANY_ALL, NULL, NULL, NULL));
    ledger_close(l);
    EXPECT(ledger_verify(f.chain, &v, NULL, NULL, NULL, NULL) && v.final_height == height + 1);
    bytes_free(&tip);
}

static void check_torn(bool reported, bool success)
{
    (void)reported, (void)success;
    struct ledger *l = open_well();
    EXPECT(ledger_height(l) == 1 && in_pool(l, &pooled[0]) && in_pool(l, &pooled[1]));
    close_well(l);
    bool saved = false;
    DIR *dir = opendir(f.chain);
    for (struct dirent *d; (d = readdir(dir)) != NULL;) {
        char path[400];
        struct bytes b = {0};
        snprintf(path, sizeof path, "%s/%s", f.chain, d->d_name);
        if (text_starts(d->d_name, "blocks.torn-") && !strstr(d->d_name, ".tmp.") && file_read(path, 100, &b, NULL))
            saved = saved || (b.n == 12 && memcmp(b.data + 8, "torn", 4) == 0);
        bytes_free(&b);
    }
    closedir(dir);
    EXPECT(saved);
}

static void check_unrecorded(bool reported, bool success)
{
    (void)reported, (void)success;
    struct ledger *l = open_well();
    EXPECT(ledger_height(l) == 2);
    for (int i = 0; i < 2; i++)
        EXPECT(in_block(l, &pooled[i]) && !in_pool(l, &pooled[i]));
    close_well(l);
}

static void check_key(bool reported, bool success)
{
    char path[250];
    file_join(path, sizeof path, f.folder, "me.key");
    if (!file_exists(path)) {
        EXPECT(!reported || !success);
        EXPECT(run_key());
    }
    struct key *k = key_open(f.folder, "me", "pass", NULL);
    EXPECT(k);
    key_free(k);
}

static const struct operation operations[] = {
    {"create", prepare_empty, run_create, check_create},
    {"submit", prepare_chain, run_submit, check_submit},
    {"seal", prepare_chain, run_seal, check_seal},
    {"append a voted block", prepare_many, run_append, check_append},
    {"recover a torn block", prepare_torn, run_open, check_torn},
    {"recover an unrecorded block", prepare_unrecorded, run_open, check_unrecorded},
    {"new identity", prepare_empty, run_key, check_key},
};

/* --- running ---------------------------------------------------------------------------------------------------- */

/* The child's status; *said is what it wrote to `descriptor` (a digit or a number), or -1. */
static int in_child(const char *fault, int descriptor, long *said, void (*body)(int))
{
    int out[2];
    assert_int_equal(pipe(out), 0);
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(out[0]);
        if (out[1] != descriptor) {
            dup2(out[1], descriptor);
            close(out[1]);
        }
        if (fault)
            setenv("MORPHSMITH_FAULT", fault, 1);
        body(descriptor);
        exit(0);
    }
    close(out[1]);
    char text[32] = "";
    ssize_t n = read(out[0], text, sizeof text - 1);
    close(out[0]);
    *said = n > 0 ? strtol(text, NULL, 10) : -1;
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static const struct operation *current;
static long last_said;

static void body_prepare(int out)
{
    (void)out;
    current->prepare();
}

static void body_count(int out)
{
    (void)out;
    EXPECT(current->run());
}

#define SAY_DESCRIPTOR 20

static void body_run(int out)
{
    const char *said = current->run() ? "1" : "0";
    EXPECT(write(out, said, 1) == 1);
    _exit(0);
}

static void body_check(int out)
{
    (void)out;
    current->check(last_said >= 0, last_said == 1);
}

static void fresh_folder(void)
{
    fixture_remove(f.chain);
    char path[250], from[250];
    file_join(path, sizeof path, f.folder, "me.key");
    unlink(path);
    file_join(path, sizeof path, f.folder, "me.guard");
    fixture_remove(path);
    file_join(from, sizeof from, base, "chain");
    if (file_is_folder(from))
        copy_folder(from, f.chain);
}

static void must_exit_well(int status, const char *what)
{
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("%s: %s", current->name, what);
}

static void run_operation(const struct operation *operation)
{
    static const char *const kind[] = {"kill", "after", "error", "full", "torn", "lost"};
    long said, count;
    current = operation;
    fixture_remove(base);
    assert_int_equal(mkdir(base, 0755), 0);
    must_exit_well(in_child(NULL, SAY_DESCRIPTOR, &said, body_prepare), "preparing");
    fresh_folder();
    must_exit_well(in_child("count:0", COUNT_DESCRIPTOR, &count, body_count), "counting");
    assert_true(count >= 3);
    for (size_t k = 0; k < sizeof kind / sizeof *kind; k++)
        for (long n = 1; n <= count; n++) {
            char fault[32];
            snprintf(fault, sizeof fault, "%s:%ld", kind[k], n);
            fresh_folder();
            int status = in_child(fault, SAY_DESCRIPTOR, &last_said, body_run);
            bool killed = WIFSIGNALED(status) && WTERMSIG(status) == 9;
            assert_true(killed || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
            assert_int_equal(killed, k == 0 || k == 1 || k >= 4);
            must_exit_well(in_child(NULL, SAY_DESCRIPTOR, &said, body_check), fault);
        }
    print_message("%s: %ld faults\n", operation->name, count * (long)(sizeof kind / sizeof *kind));
}

static void test_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        run_operation(&operations[i]);
}

static int start(void **state)
{
    (void)state;
    fixture_start(&f);
    fixture_start(&g);
    many_start(&m, &g);
    file_join(base, sizeof base, f.folder, "base");
    pooled[0] = fixture_transfer(&f, ALICE, CAROL, 100);
    pooled[1] = fixture_transfer(&f, CAROL, BOB, 10);
    added = fixture_transfer(&f, CAROL, ALICE, 20);
    return 0;
}

static int end(void **state)
{
    (void)state;
    many_end(&m);
    fixture_end(&g);
    fixture_end(&f);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(test_faults, start, end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
