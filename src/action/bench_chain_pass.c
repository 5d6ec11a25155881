/* One verification of a chain, in turns with libsodium's own loop. */
#include "action/bench_chain.h"
#include "base/clock.h"
#include "base/file.h"
#include "chain/replay.h"

#include <sodium.h>

#define SLICE 64      /* signatures between two looks at the clock */

static void sodium_slice(struct bench_pass *p)
{
    for (int i = 0; i < SLICE; i++) {
        const struct bench_signed *s = &p->chain->sample[p->next];
        p->next = (p->next + 1) % p->chain->samples;
        ASSERT(crypto_sign_verify_detached(s->signature.byte, s->message, s->n, s->by.byte) == 0);
    }
    p->sodium_signatures += SLICE;
}

void bench_pass_sodium(struct bench_pass *p, double seconds)
{
    double from = clock_seconds(), busy = clock_processor_seconds();
    while (clock_seconds() - from < seconds)
        sodium_slice(p);
    p->sodium_seconds += clock_seconds() - from;
    p->sodium_busy += clock_processor_seconds() - busy;
}

static void clock_on(struct bench_pass *p)
{
    p->last = clock_seconds();
    p->last_busy = clock_processor_seconds();
}

static void clock_off(struct bench_pass *p)
{
    p->seconds += clock_seconds() - p->last;
    p->busy += clock_processor_seconds() - p->last_busy;
}

static void behind_window(void *context, uint64_t done, uint64_t bytes)
{
    (void)done, (void)bytes;
    struct bench_pass *p = context;
    double before = p->seconds;
    clock_off(p);
    if (p->turns)
        bench_pass_sodium(p, (p->seconds - before) / 4);
    clock_on(p);
}

bool bench_pass_verify(struct bench_pass *p, int threads, struct error *err)
{
    char path[FILE_PATH_MAX];
    file_join(path, sizeof path, p->chain->folder, "blocks.msc");
    struct replay r = {.path = path, .threads = threads, .progress = behind_window, .progress_context = p};
    clock_on(p);
    bool good = replay_run(&r, err) == REPLAY_OK && state_audit(r.state, err);
    clock_off(p);
    p->signatures = (int64_t)r.signatures;
    state_free(r.state);
    return good;
}
