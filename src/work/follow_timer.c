/* The clocks of a height's rounds. When each began is kept in a file, so that a round ends in time though the program was
 * stopped, or runs only now and then (chain follow --once). The file is this machine's own; without it they begin anew.
 *
 *   follow.clock  "MSCLOCK1", u64 height, u32 n, then n times u32 round, u8 step, i64 when it began (wall clock, us) */
#include "work/follow_internal.h"

#include "base/clock.h"
#include "base/file.h"

#define CLOCK_FILE "follow.clock"
#define CLOCK_MAGIC "MSCLOCK1"
#define ROUNDS_STEADY 8   /* grow by half of the first, */
#define ROUNDS_FACTOR 1.2 /* and those behind by a factor: messages may take longer than the first has foreseen by much */
#define ROUND_SECONDS_MOST 86400.0

static void clock_path(const struct follow *f, char out[FILE_PATH_MAX])
{
    file_join(out, FILE_PATH_MAX, f->o->chain, CLOCK_FILE);
}

static void take(struct follow *f, uint32_t round, int step, int64_t began_us)
{
    double ago = (double)(clock_wall_us() - began_us) / 1e6;
    if (f->timers == FOLLOW_TIMERS_MAX || step > VOTE_PRECOMMIT || ago < 0)
        return;
    f->timer[f->timers++] =
        (struct follow_timer){.round = round, .step = (enum vote_step)step, .started = clock_boot_seconds() - ago};
}

void follow_timers_load(struct follow *f)
{
    char path[FILE_PATH_MAX];
    struct bytes in = {0};
    f->timers = 0;
    clock_path(f, path);
    if (!file_exists(path) || !file_read(path, 4096, &in, NULL)) {
        bytes_free(&in);
        return;
    }
    struct bytes_reader r = bytes_read(in.data, in.n);
    const uint8_t *magic = bytes_get(&r, strlen(CLOCK_MAGIC));
    bool ours = magic && memcmp(magic, CLOCK_MAGIC, strlen(CLOCK_MAGIC)) == 0 && bytes_get_u64(&r) == f->pool.height;
    uint32_t n = bytes_get_u32(&r);
    for (uint32_t i = 0; ours && i < n && !r.failed; i++) {
        uint32_t round = bytes_get_u32(&r);
        int step = bytes_get_u8(&r);
        int64_t began = bytes_get_i64(&r);
        if (!r.failed)
            take(f, round, step, began);
    }
    bytes_free(&in);
}

void follow_timers_save(struct follow *f)
{
    char path[FILE_PATH_MAX];
    struct bytes b = {0};
    if (!f->timers_changed)
        return;
    bytes_put(&b, CLOCK_MAGIC, strlen(CLOCK_MAGIC));
    bytes_put_u64(&b, f->pool.height);
    bytes_put_u32(&b, (uint32_t)f->timers);
    for (int i = 0; i < f->timers; i++) {
        double ago = clock_boot_seconds() - f->timer[i].started;
        bytes_put_u32(&b, f->timer[i].round);
        bytes_put_u8(&b, (uint8_t)f->timer[i].step);
        bytes_put_i64(&b, clock_wall_us() - (int64_t)(ago * 1e6));
    }
    clock_path(f, path);
    f->timers_changed = !file_write_quick(path, b.data, b.n, 0644, NULL);
    bytes_free(&b);
}

void follow_timer_start(struct follow *f, uint32_t round, enum vote_step step)
{
    for (int i = 0; i < f->timers; i++)
        if (f->timer[i].round == round && f->timer[i].step == step)
            return;
    if (f->timers == FOLLOW_TIMERS_MAX) { /* the oldest go */
        memmove(f->timer, f->timer + 1, (FOLLOW_TIMERS_MAX - 1) * sizeof *f->timer);
        f->timers--;
    }
    f->timer[f->timers++] = (struct follow_timer){.round = round, .step = step, .started = clock_boot_seconds()};
    f->timers_changed = true;
}

double follow_round_seconds(double base, uint32_t round)
{
    double most = base > ROUND_SECONDS_MOST ? base : ROUND_SECONDS_MOST;
    double seconds = base * (1 + (round < ROUNDS_STEADY ? round : ROUNDS_STEADY) / 2.0);
    for (uint32_t r = ROUNDS_STEADY; r < round && seconds < most; r++)
        seconds *= ROUNDS_FACTOR;
    return seconds < most ? seconds : most;
}

double follow_timer_left(const struct follow *f, const struct follow_timer *t)
{
    double base = f->o->timeout > 0 ? f->o->timeout : 3 * f->o->every;
    return t->started + follow_round_seconds(base, t->round) - clock_boot_seconds();
}
