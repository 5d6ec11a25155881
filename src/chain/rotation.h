/* Whose turn it is to propose: weighted round robin (CometBFT's), in whole numbers only. Over any run of as many turns as
 * there is power in all, each validator proposes as often as it has power.
 *
 * A set's seats stand in strictly ascending order of their voting keys, each with a power of at least 1; the powers add up
 * to at most 2^42, so no priority comes near the ends of int64. Pure: no files, no clock, no memory of its own. */
#ifndef CHAIN_ROTATION_H
#define CHAIN_ROTATION_H

#include "chain/key.h"

#define ROTATION_SEATS_MAX 64
#define ROTATION_ROUND_MOST 10000

struct rotation_seat {
    struct key_public voting;
    uint64_t power;
    int64_t priority;
};
struct rotation {
    struct rotation_seat seat[ROTATION_SEATS_MAX];
    int n;
};

uint64_t rotation_power(const struct rotation *r);                                /* of all seats */
int rotation_find(const struct rotation *r, const struct key_public *voting);     /* its place, or -1 */

/* One turn: returns the place of who proposes. The set must not be empty. */
int rotation_advance(struct rotation *r);

/* The place of the proposer in this round of the height behind the state that r belongs to; round <= ROTATION_ROUND_MOST. */
int rotation_proposer(const struct rotation *r, uint32_t round);

/* The set of the next height: priorities of set[] are not looked at, those who stay keep theirs, newcomers begin at
 * -(P + P / 8) with P the new power of all, so that nobody gains a turn by leaving and coming back. */
void rotation_renew(struct rotation *r, const struct rotation_seat *set, int n);

#endif
