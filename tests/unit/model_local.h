/* One honest validator of the model test: what it may do next, found by running the real consensus machine and the
 * real rules of the guard.
 *
 * A local state is what a validator keeps: round, what the guard holds, lock, valid value, what it has signed so far.
 * It does not hold what was received. Instead, a step hands the machine a bundle just in time: votes of one round and
 * step by any of the others (the liar's as one likes, equivocation included), one proposal, blocks, one timer; and
 * the first thing that the machine then does is the step. Nothing is lost by that: a message once sent can be
 * delivered at any later time, a message that changes nothing may as well come later, and each rule of the machine
 * looks at votes of one round and step. What this claims is tested: runs of machines that keep all they received
 * visit no other states. */
#ifndef TESTS_MODEL_LOCAL_H
#define TESTS_MODEL_LOCAL_H

#include "base/text.h"
#include "chain/guard.h"

#define MODEL_SEATS 4
#define MODEL_ROUNDS_MAX 3
#define MODEL_VALUES_MAX 5
#define MODEL_NIL 1u /* bits of votes: nil, then the values */
#define MODEL_BIT(value) (2u << (value))

struct model_mark {
    uint8_t next, value; /* round + 1; 0: none */
};

struct local {
    uint8_t round; /* the bound of rounds: it has gone beyond and does nothing more */
    uint8_t any, place_round, place_step;                    /* of the guard */
    uint8_t last, last_valid;                                /* what was signed there: value + 1, 0 nil */
    struct model_mark locked, valid, kept;                   /* kept: valid, as the guard holds it */
    uint8_t decided;                                         /* value + 1 */
    uint8_t vote[2][MODEL_ROUNDS_MAX];                       /* prevotes, precommits: bits */
    uint8_t unused;
    uint32_t proposals; /* in its own round: bit value * 4 + valid */
};

struct model {
    int liar, rounds, values;
    int made[MODEL_VALUES_MAX];  /* round of the header */
    int maker[MODEL_VALUES_MAX]; /* seat */
    struct consensus_flaws flaws;
    bool no_guard;
    uint64_t runs, refusals; /* of the machine; times that the guard said no */

    /* interned */
    struct local *local;
    size_t locals, local_capacity;
    uint32_t *local_slot;
    size_t local_slots;

    /* steps by key */
    struct model_entry *entry;
    size_t entries, entry_slots;
    struct model_step *step;
    size_t steps, step_capacity;
};

/* What was handed over: for printing a run. */
struct bundle {
    int8_t round, step;       /* of the votes; round -1: no votes */
    uint8_t votes[MODEL_SEATS]; /* bits */
    int8_t proposal, valid, proposal_round; /* value; -1: none */
    int8_t blocks;            /* -1: none came, 0: doubted, 1: good */
    int8_t timer;             /* -1 none, else its step */
    int8_t restart;
};
struct model_step {
    uint32_t to;
    struct bundle bundle;
};
struct model_entry {
    uint64_t key; /* 0: free */
    uint32_t first, n;
};

void model_start(struct model *m, int liar, int rounds);
void model_free(struct model *m);

uint32_t model_intern(struct model *m, const struct local *s);

/* Steps of a seat in this state when the other honest ones are in theirs (by seat; the own and the liar's are not
 * looked at). Calls `take` for each; duplicates are possible. */
void model_steps(struct model *m, int seat, const uint32_t state[MODEL_SEATS],
                 void (*take)(void *context, int seat, const struct model_step *step), void *context);

struct hash model_id(int value); /* -1: nil */
int model_value(struct hash id);
int model_fresh(const struct model *m, int round, int nth); /* a value that the proposer of this round made */
int model_proposer(int round);
struct rotation model_set(void);
struct vote model_vote(enum vote_step step, int seat, int round, int valid, int value);
void model_show_bundle(const struct model *m, int seat, const struct bundle *b, struct text *out);
void model_show_change(const struct local *from, const struct local *to, struct text *out);

/* A machine in this state, which has received its own votes alone. */
struct consensus *model_machine(const struct model *m, int seat, const struct local *s);

/* The state behind an action of the machine (SIGN, PROPOSE, DECIDE); false: the guard refuses. */
bool model_act(struct model *m, const struct local *from, const struct consensus_action *a, struct local *to);

#endif
