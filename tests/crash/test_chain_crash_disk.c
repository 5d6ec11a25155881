/* The chain on a disk that loses power, refuses and tears (tests/crash/disk_model.h), in one process: after any crash at
 * any change of any operation the real reader finds exactly the old or the new state, never a third; the new one if
 * the operation had reported success. The recovery that follows may crash just so, and must come to the same state.
 *
 * MORPHSMITH_CRASH_RUNS=N goes on at random until N crashes were checked (make check-long); every torn position is
 * taken then, else some of them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "chain/index.h"
#include "chain/keystore.h"
#include "chain/receipt.h"
#include "tests/crash/chain_in_words.h"
#include "tests/crash/disk_model.h"
#include "tests/unit/many_chain.h"

#include <errno.h>
#include <sys/stat.h>

#define PENDING_MOST 64

static struct fixture f;
static char root[200]; /* the simulated disk; the chain is root/chain */
static char chain[220];
static struct tx pooled[2], added;
static struct fixture g; /* of a chain for many, whose second block is voted on */
static struct many_chain m;
static struct bytes voted, voted_certificate;
static const char object[] = "an object that a claim refers to";

struct operation {
    const char *name;
    void (*prepare)(void); /* fills root */
    bool (*run)(void *context);
    void (*see)(const char *root, struct text *out); /* what is there, in words (chain_in_words.h) */
    enum {
        SETTLES = 1, /* seeing makes last what is seen */
        IDLE = 2,    /* recovery alone: old and new state are the same */
        AGAIN = 4    /* after a failure it is done once more, and then it lasts */
    } traits;
};

/* --- counting ----------------------------------------------------------------------------------------------------- */

static uint64_t runs;
static size_t torn_most; /* positions taken of a write */
static struct index pairs, site_set, image_set;

/* Call sites and their pairs with a fault, each counted once. */
static void count_pair(struct hash site, const char *fault)
{
    struct hash pair = hash_of_text(fault);
    for (size_t i = 0; i < sizeof pair.byte; i++)
        pair.byte[i] ^= site.byte[i];
    if (index_find(&pairs, pair) < 0)
        index_put(&pairs, pair, 0);
    if (index_find(&site_set, site) < 0)
        index_put(&site_set, site, 0);
}

static void count_image(const struct disk_image *image)
{
    struct hash h = disk_image_hash(image);
    runs++;
    if (index_find(&image_set, h) < 0)
        index_put(&image_set, h, 0);
}

/* --- what the operations do --------------------------------------------------------------------------------------- */

static bool seal_now(struct ledger *l)
{
    uint64_t height;
    struct hash hash;
    return ledger_seal(l, f.key[VAL], START_US + 9, &height, &hash, NULL);
}

static void prepare_empty(void)
{
    fixture_remove(root);
    assert_int_equal(mkdir(root, 0755), 0);
}

/* Height 1, two transactions waiting. */
static void prepare_chain(void)
{
    struct hash id;
    prepare_empty();
    assert_true(ledger_create(chain, &f.genesis, NULL));
    struct ledger *l = ledger_open(chain, true, NULL);
    assert_true(l && seal_now(l));
    for (int i = 0; i < 2; i++)
        assert_true(ledger_submit(l, &pooled[i], &id, NULL));
    ledger_close(l);
}

static void prepare_torn(void)
{
    char path[300];
    prepare_chain();
    file_join(path, sizeof path, chain, "blocks.msc");
    FILE *out = fopen(path, "ab");
    assert_true(out && fwrite("MSCF\1\1\0\0torn", 1, 12, out) == 12 && fclose(out) == 0);
}

/* A block that was written, while blocks.len and the pool are those from before. */
static void prepare_unrecorded(void)
{
    char path[300];
    struct bytes blocks = {0};
    struct disk_image before = {0};
    prepare_chain();
    disk_image_take(&before, root);
    struct ledger *l = ledger_open(chain, true, NULL);
    assert_true(l && seal_now(l));
    ledger_close(l);
    file_join(path, sizeof path, chain, "blocks.msc");
    assert_true(file_read(path, 1 << 20, &blocks, NULL));
    disk_image_put(&before, root);
    assert_true(file_write(path, blocks.data, blocks.n, 0644, NULL));
    bytes_free(&blocks);
    disk_image_free(&before);
}

/* blocks.len is a cache of what was synced: a copied chain comes without it. */
static void prepare_copied(void)
{
    char path[300];
    prepare_chain();
    file_join(path, sizeof path, chain, "blocks.len");
    assert_true(file_remove(path, NULL));
}

/* A chain for many of height 1, with its certificate; alice's two transfers wait. */
static void prepare_many(void)
{
    struct hash id;
    struct error err = {0};
    prepare_empty();
    memset(g.nonce, 0, sizeof g.nonce);
    assert_true(ledger_create(chain, &g.genesis, NULL));
    struct ledger *l = ledger_open(chain, true, NULL);
    assert_true(l && many_append(&m, l, 0, START_US + 1, MANY_ALL, NULL, NULL, &err));
    for (int i = 0; i < 2; i++) {
        struct tx tx = fixture_transfer(&g, ALICE, CAROL, 100);
        assert_true(ledger_submit(l, &tx, &id, NULL));
    }
    if (voted.n == 0) { /* the same bytes each time */
        struct bytes tip = {0};
        int who = many_proposer(&m, state_rotation(ledger_state(l)), 1);
        assert_true(ledger_tip_certificate(l, &tip, NULL));
        assert_true(ledger_make_block(l, m.voting[who], 1, START_US + 2, &tip, NULL, &voted, &id, &err));
        many_certificate(&m, g.chain_id, 2, 1, id, MANY_ALL, &voted_certificate);
        bytes_free(&tip);
    }
    ledger_close(l);
}

static bool run_append(void *context)
{
    (void)context;
    struct ledger *l = ledger_open(chain, true, NULL);
    bool good = l && ledger_append_block(l, voted.data, voted.n, &voted_certificate, NULL);
    ledger_close(l);
    return good;
}

static bool run_create(void *context)
{
    (void)context;
    return ledger_create(chain, &f.genesis, NULL);
}

static bool run_submit(void *context)
{
    struct hash id;
    (void)context;
    struct ledger *l = ledger_open(chain, true, NULL);
    bool good = l && ledger_submit(l, &added, &id, NULL);
    ledger_close(l);
    return good;
}

static bool run_seal(void *context)
{
    (void)context;
    struct ledger *l = ledger_open(chain, true, NULL);
    bool good = l && seal_now(l);
    ledger_close(l);
    return good;
}

static bool run_open(void *context)
{
    (void)context;
    struct ledger *l = ledger_open(chain, true, NULL);
    ledger_close(l);
    return l != NULL;
}

static bool run_object(void *context)
{
    struct hash id;
    (void)context;
    return ledger_object_put(chain, object, sizeof object, &id, NULL);
}

/* The pooled transactions are in a block. */
static void prepare_sealed(void)
{
    prepare_chain();
    struct ledger *l = ledger_open(chain, true, NULL);
    assert_true(l && seal_now(l));
    ledger_close(l);
}

static bool run_receipt(void *context)
{
    char path[300];
    struct bytes b = {0};
    (void)context;
    file_join(path, sizeof path, root, "receipt");
    struct ledger *l = ledger_open(chain, false, NULL);
    bool good = l && receipt_make(l, tx_id(&pooled[0]), &b, NULL) && file_create(path, b.data, b.n, 0644, NULL);
    ledger_close(l);
    bytes_free(&b);
    return good;
}

static bool run_key(void *context)
{
    (void)context;
    struct key *k = key_new(root, "me", "pass", 1, NULL);
    key_free(k);
    return k != NULL;
}

/* --- life goes on --------------------------------------------------------------------------------------------------- */

/* Life goes on: with the chain that was found, or a new one, a block can be sealed, and all verifies. */
static void check_life(const struct operation *o)
{
    struct ledger_verdict v;
    struct error err = {0};
    if (o->see != see_chain)
        return;
    char path[300];
    file_join(path, sizeof path, chain, "blocks.msc");
    if (!file_exists(path) && !ledger_create(chain, &f.genesis, &err))
        fail_msg("%s: no new chain after a crash: %s", o->name, err.text);
    struct ledger *l = ledger_open(chain, true, &err);
    bool good = l && (state_alone(ledger_state(l)) ? seal_now(l)
                                                   : many_append(&m, l, 0, START_US + 9, MANY_ALL, NULL, NULL, &err));
    ledger_close(l);
    if (!good || !ledger_verify(chain, &v, NULL, NULL, NULL, &err))
        fail_msg("%s: no life after a crash: %s", o->name, err.text);
}

static const struct operation operations[] = {
    {"create", prepare_empty, run_create, see_chain, SETTLES},
    {"submit", prepare_chain, run_submit, see_chain, SETTLES},
    {"seal", prepare_chain, run_seal, see_chain, SETTLES},
    {"append a voted block", prepare_many, run_append, see_chain, SETTLES},
    {"put an object", prepare_chain, run_object, see_chain, AGAIN},
    {"recover a torn block", prepare_torn, run_open, see_chain, SETTLES | IDLE},
    {"recover an unrecorded block", prepare_unrecorded, run_open, see_chain, SETTLES | IDLE},
    {"open a copied chain", prepare_copied, run_open, see_chain, SETTLES | IDLE},
    {"write a receipt", prepare_sealed, run_receipt, see_receipt, 0},
    {"new identity", prepare_empty, run_key, see_key, 0},
};

/* --- one operation ------------------------------------------------------------------------------------------------ */

struct trial {
    const struct operation *o;
    struct disk_image base;
    char *old, *new;
    struct random *random;
};

static char *see(const struct operation *o)
{
    struct text t = {0};
    o->see(root, &t);
    char *copy = memory_text(text_of(&t));
    text_free(&t);
    return copy;
}

struct seeing {
    const struct operation *o;
    char *seen;
};

static bool run_see(void *context)
{
    struct seeing *s = context;
    s->seen = see(s->o);
    return true;
}

static void must_be_one_of(const struct trial *t, const char *seen, const char *a, const char *b, const char *when)
{
    if (!text_equal(seen, a) && !text_equal(seen, b))
        fail_msg("%s, %s: a third state:\n%s--- old:\n%s--- new:\n%s", t->o->name, when, seen, t->old, t->new);
}

static size_t below(struct trial *t, size_t n)
{
    return (size_t)random_below(t->random, (uint32_t)n);
}

static void count_fates(const struct disk *d, const struct disk_pending *p, size_t n, const struct disk_fated *fated)
{
    static const char *const fault[DISK_FATES] = {"kept", "lost", "torn", "torn, zeros", "reordered"};
    for (size_t i = 0; i < n; i++)
        count_pair(disk_site(d, p[i].event), p[i].name && fated[i].fate ? "name lost" : fault[fated[i].fate]);
}

static void random_fates(struct trial *t, const struct disk_pending *p, size_t n, struct disk_fated *out)
{
    for (size_t i = 0; i < n; i++) {
        out[i].fate = (enum disk_fate)below(t, p[i].bytes ? DISK_FATES : DISK_PREFIX);
        out[i].at = below(t, p[i].bytes + 1);
    }
}

/* The recovery itself crashes, at random; the second one comes to the same state as one that was let be. */
static void check_recovery_crash(struct trial *t, const struct disk *d, const char *settled)
{
    struct disk_pending p[PENDING_MOST];
    struct disk_fated fated[PENDING_MOST];
    struct disk_image image = {0};
    size_t events = below(t, disk_events(d) + 1), n = disk_pending(d, events, p, PENDING_MOST);
    random_fates(t, p, n, fated);
    count_fates(d, p, n, fated);
    disk_crash(d, events, fated, &image);
    disk_image_put(&image, root);
    count_image(&image);
    char *again = see(t->o);
    must_be_one_of(t, again, settled, settled, "recovery after a crash of the recovery");
    free(again);
    disk_image_free(&image);
}

/* What is on the disk is read by the real reader. The result is one of the two. */
static void check_image(struct trial *t, const struct disk_image *image, const char *a, const char *b, const char *when)
{
    disk_image_put(image, root);
    count_image(image);
    struct disk *d = disk_new(root);
    struct seeing s = {t->o, NULL};
    disk_run(d, run_see, &s, NULL);
    must_be_one_of(t, s.seen, a, b, when);
    if (runs % 16 == 0)
        check_life(t->o);
    for (int i = 0; i < 2 && disk_events(d) > 0; i++)
        check_recovery_crash(t, d, s.seen);
    free(s.seen);
    disk_free(d);
}

static void crash(struct trial *t, const struct disk *d, size_t events, const struct disk_pending *p, size_t n,
                  const struct disk_fated *fated, const char *a, const char *b, const char *when)
{
    struct disk_image image = {0};
    disk_crash(d, events, fated, &image);
    count_fates(d, p, n, fated);
    if (events < disk_events(d))
        count_pair(disk_site(d, events), "stopped before");
    check_image(t, &image, a, b, when);
    disk_image_free(&image);
}

static void fill(struct disk_fated *fated, size_t n, enum disk_fate fate)
{
    for (size_t i = 0; i < n; i++)
        fated[i] = (struct disk_fated){fate, 0};
}

/* One write torn in each way at each place, with all else kept, then lost. */
static void crash_torn(struct trial *t, const struct disk *d, size_t events, const struct disk_pending *p, size_t n,
                       size_t which, const char *a, const char *b)
{
    struct disk_fated fated[PENDING_MOST];
    size_t step = p[which].bytes / torn_most + 1;
    for (size_t at = below(t, step); at <= p[which].bytes; at += step)
        for (int fate = DISK_PREFIX; fate < DISK_FATES; fate++) {
            fill(fated, n, at % 2 ? DISK_KEPT : DISK_LOST);
            fated[which] = (struct disk_fated){(enum disk_fate)fate, at};
            crash(t, d, events, p, n, fated, a, b, "a torn write");
        }
}

/* Every subset of the names that are not safe, the bytes kept or lost with them. */
static void crash_names(struct trial *t, const struct disk *d, size_t events, const struct disk_pending *p, size_t n,
                        const char *a, const char *b)
{
    struct disk_fated fated[PENDING_MOST];
    unsigned subsets = 1u << (n < 6 ? n : 6);
    for (unsigned subset = 0; subset < subsets; subset++) {
        random_fates(t, p, n, fated);
        for (size_t i = 0; i < n && i < 6; i++)
            fated[i] = (struct disk_fated){subset >> i & 1 ? DISK_LOST : DISK_KEPT, 0};
        crash(t, d, events, p, n, fated, a, b, "writes and names lost");
    }
}

static void crash_everywhere(struct trial *t, const struct disk *d, bool success)
{
    struct disk_pending p[PENDING_MOST];
    for (size_t events = 0; events <= disk_events(d); events++) {
        const char *a = success && events == disk_events(d) ? t->new : t->old;
        size_t n = disk_pending(d, events, p, PENDING_MOST);
        crash_names(t, d, events, p, n, a, t->new);
        for (size_t i = 0; i < n; i++)
            if (p[i].bytes)
                crash_torn(t, d, events, p, n, i, a, t->new);
    }
}

/* A crash at a random place of a run that a failure had hit, at or behind the failure. */
static void crash_somewhere(struct trial *t, const struct disk *d, size_t from, const char *a, const char *b)
{
    struct disk_pending p[PENDING_MOST];
    struct disk_fated fated[PENDING_MOST];
    size_t events = from + below(t, disk_events(d) - from + 1), n = disk_pending(d, events, p, PENDING_MOST);
    random_fates(t, p, n, fated);
    crash(t, d, events, p, n, fated, a, b, "a crash after a failure");
}

/* The operation is refused something. The machine runs on: the next reader finds the old or the new state, and what it
 * found is what a power cut behind it leaves, even if a sync had lost what was to be synced. */
static void check_failure(struct trial *t, const struct disk_failure *failure, const char *name, int crashes)
{
    disk_image_put(&t->base, root);
    struct disk *d = disk_new(root);
    bool success = disk_run(d, t->o->run, NULL, failure);
    struct seeing s = {t->o, NULL};
    if (!success && t->o->traits & AGAIN)
        assert_true(success = disk_run(d, t->o->run, NULL, NULL));
    size_t acted = disk_events(d);
    disk_run(d, run_see, &s, NULL);
    runs++;
    count_pair(disk_failed_site(d), name);
    must_be_one_of(t, s.seen, success ? t->new : t->old, t->new, name);
    for (int i = 0; i < crashes; i++) {
        if (t->o->traits & SETTLES)
            crash_somewhere(t, d, disk_events(d), s.seen, s.seen);
        crash_somewhere(t, d, success ? acted : 0, success ? t->new : t->old, t->new);
    }
    free(s.seen);
    disk_free(d);
}

static const struct {
    const char *name;
    int error;
    unsigned part;
} failures[] = {{"EIO", EIO, 0}, {"EIO behind half", EIO, 128}, {"ENOSPC behind half", ENOSPC, 128},
                {"EPERM", EPERM, 0}, {"ENOSPC", ENOSPC, 255}};

static void check_failures(struct trial *t, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < ARRAY_N(failures); k++) {
            const struct disk_failure failure = {i, failures[k].error, failures[k].part};
            check_failure(t, &failure, failures[k].name, 2);
        }
}

/* The run that nothing disturbs: its changes are what the crashes are made of. */
static struct disk *record(struct trial *t)
{
    t->o->prepare();
    disk_image_take(&t->base, root);
    t->old = see(t->o);
    disk_image_put(&t->base, root);
    struct disk *d = disk_new(root);
    if (!disk_run(d, t->o->run, NULL, NULL))
        fail_msg("%s: refused without a failure", t->o->name);
    t->new = see(t->o);
    if (!!(t->o->traits & IDLE) != text_equal(t->old, t->new))
        fail_msg("%s: from\n%sto\n%s", t->o->name, t->old, t->new);
    return d;
}

static void finish(struct trial *t, struct disk *d)
{
    disk_free(d);
    disk_image_free(&t->base);
    free(t->old);
    free(t->new);
}

static void random_run(struct trial *t, const struct disk *d)
{
    if (below(t, 2)) {
        size_t k = below(t, ARRAY_N(failures));
        const struct disk_failure failure = {below(t, disk_operations(d)), failures[k].error,
                                             (unsigned)below(t, 256)};
        check_failure(t, &failure, failures[k].name, 3);
        return;
    }
    for (int i = 0; i < 10; i++)
        crash_somewhere(t, d, 0, t->old, t->new);
}

static uint64_t runs_wanted(void)
{
    const char *set = getenv("MORPHSMITH_CRASH_RUNS");
    uint64_t n = 0;
    assert_true(!set || text_parse_u64(set, &n));
    return n;
}

static void run_operation(const struct operation *o, uint64_t most)
{
    struct random r;
    r = random_start(1, RANDOM_TEST, 0, 0);
    struct trial t = {.o = o, .random = &r};
    uint64_t begun = runs;
    struct disk *d = record(&t);
    crash_everywhere(&t, d, true);
    check_failures(&t, disk_operations(d));
    while (runs - begun < most)
        random_run(&t, d);
    print_message("%s: %zu operations on the disk, %llu crashes and failures\n", o->name, disk_operations(d),
                  (unsigned long long)(runs - begun));
    finish(&t, d);
}

static void test_crashes(void **state)
{
    (void)state;
    double begun = clock_seconds();
    disk_pretend(true);
    uint64_t wanted = runs_wanted();
    torn_most = wanted ? SIZE_MAX / 2 : 12;
    for (size_t i = 0; i < ARRAY_N(operations); i++)
        run_operation(&operations[i], wanted / ARRAY_N(operations) + (wanted > 0));
    print_message("%llu runs, %zu different disks, %zu call sites, %zu pairs of call site and fault, %.0f s\n",
                  (unsigned long long)runs, image_set.n, site_set.n, pairs.n, clock_seconds() - begun);
    assert_true(runs >= wanted);
}

static int start(void **state)
{
    (void)state;
    fixture_start(&f);
    fixture_start(&g);
    many_start(&m, &g);
    file_join(root, sizeof root, f.folder, "disk");
    file_join(chain, sizeof chain, root, "chain");
    assert_int_equal(mkdir(root, 0755), 0);
    pooled[0] = fixture_transfer(&f, ALICE, CAROL, 100);
    pooled[1] = fixture_transfer(&f, CAROL, BOB, 10);
    added = fixture_transfer(&f, CAROL, ALICE, 20);
    return 0;
}

static int end(void **state)
{
    (void)state;
    index_free(&pairs);
    index_free(&site_set);
    index_free(&image_set);
    bytes_free(&voted);
    bytes_free(&voted_certificate);
    many_end(&m);
    fixture_end(&g);
    fixture_end(&f);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(test_crashes, start, end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
