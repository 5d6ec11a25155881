/* The guard of a voting key on a disk that loses power, refuses and tears (tests/crash/disk_model.h): at whatever
 * change the crash comes, and again in what follows it, no two different signatures for one place ever leave
 * guard_sign, and what has left it is remembered. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/crash/disk_model.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "chain/guard.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PENDING_MOST 64
#define PLACES 4
#define BORN_HERE true

static char root[200], folder[220];
static struct key *voting;
static struct hash chain;
static uint64_t crashes;

/* What has left guard_sign: one signature a place, in the whole life of the key. */
static struct vote out[PLACES];
static bool left[PLACES];
static size_t left_behind[PLACES]; /* so many changes of the disk */
static const struct disk *disk;    /* NULL: none is watching */

static struct vote vote_at(int place, uint8_t block)
{
    struct vote v = {.chain = chain, .height = 5, .round = (uint32_t)(place / 2)};
    v.step = place % 2 ? VOTE_PRECOMMIT : VOTE_PREVOTE;
    v.block.byte[0] = block;
    return v;
}

static bool same_vote(const struct vote *a, const struct vote *b)
{
    struct bytes x = {0}, y = {0};
    vote_encode(a, &x);
    vote_encode(b, &y);
    bool same = memcmp(x.data, y.data, VOTE_BYTES) == 0;
    bytes_free(&x);
    bytes_free(&y);
    return same;
}

/* Asks for a signature; whatever comes must be the first for that place, or the same. */
static bool sign_at(struct guard *g, int place, uint8_t block)
{
    struct vote v = vote_at(place, block);
    struct consensus_record record = {.any = true, .round = v.round, .step = v.step};
    if (block) {
        record.locked.next = record.valid.next = v.round + 1;
        record.locked.id = record.valid.id = v.block;
    }
    if (!guard_sign(g, voting, &v, &record, NULL))
        return false;
    assert_true(vote_check(&v, NULL));
    assert_true(!left[place] || same_vote(&out[place], &v));
    for (int later = place + 1; later < PLACES; later++)
        assert_true(!left[later] || left[place]); /* it does not go back, either */
    if (!left[place] && disk)
        left_behind[place] = disk_events(disk);
    out[place] = v;
    left[place] = true;
    return true;
}

struct life {
    int from, to; /* places to sign in */
    uint8_t block;
};

/* One life of a process: opens the guard, signs, closes. */
static bool live(void *context)
{
    const struct life *l = context;
    struct error err = {0};
    struct guard *g = guard_open(folder, key_public_of(voting), chain, 4, &err);
    bool good = g != NULL;
    for (int place = l->from; g && place < l->to; place++)
        good = sign_at(g, place, l->block) && good;
    guard_close(g);
    return good;
}

static void begin(bool born)
{
    struct disk_image nothing = {0};
    memset(left, 0, sizeof left);
    disk_image_put(&nothing, root);
    if (born)
        assert_true(guard_born(folder, key_public_of(voting), NULL));
}

/* The process that comes after a crash wants something else in each place: only what never left may be signed anew. */
static void after_crash(void)
{
    struct guard *g = guard_open(folder, key_public_of(voting), chain, 4, NULL);
    assert_non_null(g); /* whatever was lost, it is no damaged file */
    for (int place = 0; place < PLACES; place++) {
        bool known = left[place], given = sign_at(g, place, 9);
        assert_true(!known || !given);
    }
    guard_close(g);
    crashes++;
}

static void put_back(const struct disk_image *image, const bool *had_left, const struct vote *had)
{
    disk_image_put(image, root);
    memcpy(left, had_left, sizeof left);
    memcpy(out, had, sizeof out);
}

/* The power is cut behind so many changes: each pending piece kept, lost, torn. */
static void cut_power(const struct disk *d, size_t events)
{
    struct disk_pending pending[PENDING_MOST];
    struct disk_fated fated[PENDING_MOST];
    struct disk_image image = {0};
    bool had_left[PLACES], by_then[PLACES];
    struct vote had[PLACES];
    size_t n = disk_pending(d, events, pending, PENDING_MOST);
    assert_true(n < PENDING_MOST);
    disk = NULL;
    memcpy(had_left, left, sizeof left);
    memcpy(had, out, sizeof out);
    for (int i = 0; i < PLACES; i++)
        by_then[i] = left[i] && left_behind[i] <= events;
    for (size_t one = 0; one < 2 * n + 2; one++) { /* all kept, all lost, each alone kept, each alone lost */
        for (size_t i = 0; i < n; i++) {
            bool keep = one == 0 || (one >= 2 && one < 2 + n && i == one - 2) || (one >= 2 + n && i != one - 2 - n);
            fated[i] = (struct disk_fated){keep ? DISK_KEPT : DISK_LOST, 0};
        }
        disk_crash(d, events, fated, &image);
        put_back(&image, by_then, had);
        after_crash();
    }
    for (size_t i = 0; i < n; i++)
        for (int fate = DISK_PREFIX; !pending[i].name && fate < DISK_FATES; fate++) {
            for (size_t k = 0; k < n; k++)
                fated[k] = (struct disk_fated){DISK_KEPT, 0};
            fated[i] = (struct disk_fated){(enum disk_fate)fate, pending[i].bytes / 2};
            disk_crash(d, events, fated, &image);
            put_back(&image, by_then, had);
            after_crash();
        }
    put_back(&image, had_left, had);
    disk_image_free(&image);
}

/* The second wants the same as the first, so that what the first did not live to hand out is handed out. */
/* A life that is broken at operation `number` (SIZE_MAX: never), a second one on what the machine still shows (the
 * process died, the power stayed) broken at operation `second`, then the power cut. False: there is no such operation
 * in the first. */
static bool break_twice(bool born, size_t number, size_t second, int error, bool *second_there)
{
    struct life first = {0, 2, 1}, next = {0, PLACES, 1};
    begin(born);
    struct disk *d = disk_new(root);
    struct disk_failure failure = {number, error, 128};
    disk = d;
    disk_run(d, live, &first, &failure);
    bool there = disk_operations(d) > number;
    size_t before = disk_operations(d);
    failure.number = before + second;
    disk_run(d, live, &next, &failure);
    *second_there = disk_operations(d) > before + second;
    cut_power(d, disk_events(d));
    disk_free(d);
    return there;
}

static void cut_everywhere(bool born)
{
    struct life l = {0, PLACES, 1};
    begin(born);
    struct disk *d = disk_new(root);
    disk = d;
    assert_true(disk_run(d, live, &l, NULL) == born); /* another's key is held at this height */
    for (size_t events = 0; events <= disk_events(d); events++)
        cut_power(d, events);
    disk_free(d);
}

static void test_power_cut_anywhere(void **state)
{
    (void)state;
    cut_everywhere(BORN_HERE);
    cut_everywhere(!BORN_HERE);
    print_message("# %llu crashes\n", (unsigned long long)crashes);
    assert_true(crashes > 100);
}

static void test_broken_twice(void **state)
{
    (void)state;
    for (size_t number = 0, more = 1; more; number++)
        for (size_t second = 0;; second++) {
            bool second_there = false;
            more = break_twice(BORN_HERE, number, second, number % 2 ? EIO : ENOSPC, &second_there);
            if (!second_there)
                break;
        }
    print_message("# %llu crashes\n", (unsigned long long)crashes);
    assert_true(crashes > 1000);
}

static int setup(void **state)
{
    static const uint8_t seed[KEY_SEED_BYTES] = {3};
    const char *tmp = getenv("TMPDIR");
    (void)state;
    hash_start();
    snprintf(root, sizeof root, "%s/morphsmith-guard-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(root))
        return -1;
    snprintf(folder, sizeof folder, "%s/me.guard", root);
    voting = key_from_seed("me", seed);
    chain = hash_of_text("a chain");
    disk_pretend(true);
    return 0;
}

static int teardown(void **state)
{
    struct disk_image nothing = {0};
    (void)state;
    disk_image_put(&nothing, root);
    key_free(voting);
    return rmdir(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_power_cut_anywhere),
        cmocka_unit_test(test_broken_twice),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
