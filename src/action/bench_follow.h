/* Inside of `bench follow`, for bench_follow*.c only: validators with a folder each in one share. */
#ifndef ACTION_BENCH_FOLLOW_H
#define ACTION_BENCH_FOLLOW_H

#include "action/bench.h"
#include "base/file.h"
#include "chain/ledger.h"
#include "work/follow.h"

#include <sys/types.h>

struct bench_seat {
    char chain[FILE_PATH_MAX], guard[FILE_PATH_MAX];
    struct key *key;
    struct follow_options options;
    struct follow *follow;
    pid_t process; /* where each follows in a process of its own */
};
struct bench_follow {
    const struct bench_follow_options *o;
    const struct control *control;
    char folder[FILE_PATH_MAX], share[FILE_PATH_MAX];
    const char *place[1];
    struct genesis genesis;
    struct bench_seat seat[STATE_VALIDATORS_MAX];
};

bool bench_seat_place(struct bench_follow *b, int i, struct error *err); /* its chain and guard, without a block */
struct ledger *bench_seat_open(void *seat, struct error *err);
bool bench_seat_pay(struct ledger *l, const struct key *from, struct address to, struct error *err);

/* Each in a process of its own, as people would run them: puts what their processors took. */
bool bench_follow_processes(struct bench_follow *b, json_t *result, struct error *err);

#endif
