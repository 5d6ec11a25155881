/* A chain made up for measuring: accounts that send each other everything there is to send. Internal to action/bench_chain*.c. */
#ifndef ACTION_BENCH_CHAIN_H
#define ACTION_BENCH_CHAIN_H

#include "chain/state.h"
#include "work/control.h"

#define BENCH_CHAIN_SAMPLES 4096

/* One signed message of the chain, as libsodium takes it. */
struct bench_signed {
    const uint8_t *message; /* in `store` */
    size_t n;
    struct key_public by;
    struct key_signature signature;
};

struct bench_chain {
    /* set by the caller */
    const char *folder; /* of the chain; there must be none */
    int64_t transactions;
    int accounts, validators; /* validators from 2 on: a chain for many, all of whom sign each certificate */
    const struct control *control;

    /* results */
    int64_t blocks, bytes;
    int64_t kind[64]; /* transactions of each kind, by its number */
    struct bench_signed sample[BENCH_CHAIN_SAMPLES]; /* evenly over the transactions */
    int samples;
    struct bytes store;
};

bool bench_chain_make(struct bench_chain *c, struct error *err);
void bench_chain_free(struct bench_chain *c);

/* --- making it: bench_chain_make.c, bench_chain_lives.c --- */

struct make;

/* The key of account i; its seed is anybody's to compute. Free with key_free. */
struct key *bench_chain_key(int i);
/* Validator i's, for identity and votes; the first is account 0. */
struct key *bench_validator_key(int i);
#define BENCH_VALIDATORS_MOST 64

/* Fills in what every transaction has, signs it and puts it into the block at work. id may be NULL. */
bool bench_chain_put(struct make *m, const struct key *key, struct tx *tx, struct hash *id, struct error *err);

/* Has this account told of its hold-out of the task? */
bool bench_chain_opened(const struct make *m, struct hash task, const struct key *key);

#define BENCH_LIVES 16 /* claims that begin in a block */
#define BENCH_LIVES_TXS(validators) ((5 + 2 * (validators)) * BENCH_LIVES + 2) /* of theirs in a block, at most */
struct bench_life {
    int64_t number;
    int account;
    struct hash id;
};
struct bench_lives {
    const struct key *first; /* validator, reviewer, owner of the tasks */
    struct key *const *validator; /* [validators], the first one is `first` */
    int validators;
    struct bench_life life[4][BENCH_LIVES]; /* by the block in which they began */
    struct hash task[64];
    int tasks;
    int64_t number, blocks;
};
bool bench_lives_block(struct bench_lives *l, struct make *m, int accounts, struct error *err);

/* --- measuring: bench_chain_pass.c --- */

/* One thread: between two windows of the chain libsodium has its turn, for a quarter of the time that the window took,
 * so that whatever else the machine does is shared by both. */
struct bench_pass {
    const struct bench_chain *chain;
    bool turns;
    double last, last_busy;               /* clocks when the replay went on */
    double seconds, busy;                 /* of the replay: wall and processor */
    double sodium_seconds, sodium_busy;
    int64_t signatures, sodium_signatures;
    int next; /* sample */
};
bool bench_pass_verify(struct bench_pass *p, int threads, struct error *err);
void bench_pass_sodium(struct bench_pass *p, double seconds);

#endif
