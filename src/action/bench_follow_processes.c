/* Followers in processes of their own, as people run them. This one pays, waits until all have the block, and reads the
 * others' processor clocks; its own does not count. */
#include "action/bench_follow.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/log.h"
#include "work/json.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOK_NS 5000000L
#define BLOCK_SECONDS 300.0 /* until it is given up */
#define SYNCED_FILE "blocks.len"
#define SYNCED_HEIGHT_AT 16
#define SETTLE_SECONDS 1.0

static void run_seat(struct bench_follow *b, struct bench_seat *s)
{
    struct error err;
    error_clear(&err);
    bool ok = follow_run(&s->options, b->control, &err) != NULL;
    if (!ok)
        log_write(LOG_ERROR, "%s: %s", s->chain, err.text);
    b->o->leave(ok ? 0 : 1);
}

static bool start(struct bench_follow *b, struct error *err)
{
    for (int i = 0; i < b->o->validators; i++) {
        b->seat[i].options.owner = getpid();
        fflush(NULL);
        b->seat[i].process = fork();
        if (b->seat[i].process == 0)
            run_seat(b, &b->seat[i]);
        if (b->seat[i].process < 0)
            return error_set_errno(err, ERROR_FAILED, "cannot start a follower");
    }
    return true;
}

static void end(struct bench_follow *b)
{
    for (int i = 0; i < b->o->validators; i++)
        if (b->seat[i].process > 0)
            kill(b->seat[i].process, SIGTERM);
    for (int i = 0; i < b->o->validators; i++)
        if (b->seat[i].process > 0)
            waitpid(b->seat[i].process, NULL, 0);
}

/* User and system, of all of them. */
static double processor_seconds(const struct bench_follow *b)
{
    double sum = 0;
    for (int i = 0; i < b->o->validators; i++) {
        clockid_t clock;
        struct timespec t;
        if (clock_getcpuclockid(b->seat[i].process, &clock) == 0 && clock_gettime(clock, &t) == 0)
            sum += (double)t.tv_sec + (double)t.tv_nsec / 1e9;
    }
    return sum;
}

/* As far as its file is synced. */
static uint64_t height_of(const struct bench_seat *s)
{
    char path[FILE_PATH_MAX];
    struct bytes in = {0};
    uint64_t height = 0;
    file_join(path, sizeof path, s->chain, SYNCED_FILE);
    if (file_read(path, 4096, &in, NULL) && in.n >= SYNCED_HEIGHT_AT + 8) {
        struct bytes_reader r = bytes_read(in.data + SYNCED_HEIGHT_AT, 8);
        height = bytes_get_u64(&r);
    }
    bytes_free(&in);
    return height;
}

static void sleep_ns(long ns)
{
    const struct timespec t = {ns / 1000000000L, ns % 1000000000L};
    nanosleep(&t, NULL);
}

static bool goes_on(struct bench_follow *b, double end, struct error *err)
{
    if (control_cancelled(b->control))
        return error_set(err, ERROR_INTERRUPTED, "interrupted");
    for (int i = 0; i < b->o->validators; i++)
        if (waitpid(b->seat[i].process, NULL, WNOHANG) > 0) {
            b->seat[i].process = 0;
            return error_set(err, ERROR_FAILED, "a follower has ended");
        }
    return clock_boot_seconds() < end || error_set(err, ERROR_FAILED, "no block comes about");
}

/* Between two steps of the first: the ledger is its own while one runs. */
static bool pay( struct bench_follow *b, double end, struct error *err)
{
    const struct key *from = b->seat[0].key;
    struct error why;
    for (;;) {
        error_clear(&why);
        struct ledger *l = bench_seat_open(&b->seat[0], &why);
        if (l) {
            bool ok = bench_seat_pay(l, from, key_address(key_public_of(b->seat[1].key)), err);
            ledger_close(l);
            return ok;
        }
        if (why.kind != ERROR_FAILED)
            return error_set(err, why.kind, "%s", why.text);
        if (!goes_on(b, end, err))
            return false;
        sleep_ns(LOOK_NS);
    }
}

static bool one_block( struct bench_follow *b, struct error *err)
{
    uint64_t next = height_of(&b->seat[0]) + 1;
    double end = clock_boot_seconds() + BLOCK_SECONDS;
    if (!pay(b, end, err))
        return false;
    for (int there = 0; there < b->o->validators;) {
        there = 0;
        for (int i = 0; i < b->o->validators; i++)
            there += height_of(&b->seat[i]) >= next;
        if (!goes_on(b, end, err))
            return false;
        sleep_ns(LOOK_NS);
    }
    return true;
}

static bool rest( struct bench_follow *b, double seconds, struct error *err)
{
    double end = clock_boot_seconds() + seconds;
    while (clock_boot_seconds() < end) {
        if (!goes_on(b, INFINITY, err))
            return false;
        sleep_ns(20 * LOOK_NS);
    }
    return true;
}

static bool measure(struct bench_follow *b, json_t *result, struct error *err)
{
    double n = (double)b->o->blocks;
    if (!one_block(b, err)) /* the first meeting */
        return false;
    double wall = clock_boot_seconds(), busy = processor_seconds(b);
    for (int64_t i = 0; i < b->o->blocks; i++)
        if (!one_block(b, err))
            return false;
    wall = clock_boot_seconds() - wall;
    busy = processor_seconds(b) - busy;
    if (!rest(b, SETTLE_SECONDS, err)) /* what they do behind a block is over */
        return false;
    double idle = processor_seconds(b), from = clock_boot_seconds();
    if (!rest(b, b->o->rest, err))
        return false;
    idle = processor_seconds(b) - idle;
    from = clock_boot_seconds() - from;
    json_object_update_new(
        result, json_pack("{s:b, s:o, s:I, s:o, s:o, s:o}", "processes", 1, "every", json_of_number(b->o->every), "blocks",
                          (json_int_t)b->o->blocks, "processor_seconds_per_block", json_of_number(busy / n),
                          "seconds_per_block", json_of_number(wall / n), "rest_processor_seconds_per_minute",
                          json_of_number(from > 0 ? 60 * idle / from / b->o->validators : 0)));
    return true;
}

bool bench_follow_processes(struct bench_follow *b, json_t *result, struct error *err)
{
    bool ok = true;
    for (int i = 0; i < b->o->validators && ok; i++)
        ok = bench_seat_place(b, i, err);
    ok = ok && start(b, err) && measure(b, result, err);
    end(b);
    return ok;
}
