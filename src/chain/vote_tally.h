/* The votes of one height as they came, and the power behind them. Pure; used by the consensus machine alone.
 *
 * Rounds stand in ascending order, each with its votes in the order in which they came. Per round and step it is kept up
 * to date who has voted at all (`any`) and for what a quorum voted. A seat may have several different votes there (then
 * it is a liar): each counts for its block, the seat once for `any`. */
#ifndef CHAIN_VOTE_TALLY_H
#define CHAIN_VOTE_TALLY_H

#include "chain/rotation.h"
#include "chain/vote.h"

#define TALLY_STEPS 3
#define TALLY_KEPT 2 /* different votes of a seat in one place without the support of others */

struct vote_tally_vote {
    int seat;
    struct vote vote;
};
struct vote_tally_round {
    uint32_t round;
    struct vote_tally_vote *vote;
    size_t n, capacity;
    uint64_t any[TALLY_STEPS];
    bool quorum[TALLY_STEPS]; /* for `id`, which may be nil */
    struct hash id[TALLY_STEPS];
};

struct vote_tally {
    struct rotation set;
    uint64_t total;
    bool half_is_enough; /* a flaw, for tests */
    struct vote_tally_round *round;
    size_t rounds, capacity;
    uint32_t reached[ROTATION_SEATS_MAX]; /* highest round of a seat + 1; 0: none */
};

void vote_tally_start(struct vote_tally *t, const struct rotation *set);
void vote_tally_free(struct vote_tally *t);
void vote_tally_copy(struct vote_tally *to, const struct vote_tally *from);

bool vote_tally_is_quorum(const struct vote_tally *t, uint64_t power);
bool vote_tally_is_third(const struct vote_tally *t, uint64_t power);

/* Takes the vote of that seat, or not (known; more than TALLY_KEPT without support). *other: an earlier one that conflicts
 * with it, or NULL; also of one that is not taken. Borrowed until the next put. */
bool vote_tally_put(struct vote_tally *t, int seat, const struct vote *v, const struct vote **other);

/* The highest round that more than a third of the power has reached, so that an honest one is there; + 1, 0: none. */
uint32_t vote_tally_third_reached(const struct vote_tally *t);

bool vote_tally_has(const struct vote_tally *t, int seat, uint32_t round); /* has it voted there? */

/* Of rounds above `round`, are there `most` in which this seat has voted? The lowest of them in *lowest. */
bool vote_tally_crowds(const struct vote_tally *t, int seat, uint32_t round, size_t most, uint32_t *lowest);
void vote_tally_forget(struct vote_tally *t, int seat, uint32_t round); /* its votes there; they must be part of no quorum */

const struct vote_tally_round *vote_tally_at(const struct vote_tally *t, uint32_t round); /* NULL: nothing there */
uint64_t vote_tally_power(const struct vote_tally *t, uint32_t round, enum vote_step step, const struct hash *id);
const struct vote *vote_tally_vote(const struct vote_tally *t, uint32_t round, enum vote_step step, int seat, int n);

/* Did a quorum vote for exactly that? */
bool vote_tally_has_quorum(const struct vote_tally *t, uint32_t round, enum vote_step step, struct hash id);

#endif
