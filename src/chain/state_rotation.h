/* The family of the validators, for state*.c only: whose turn it is, and every voting key that was ever one's. */
#ifndef CHAIN_STATE_ROTATION_H
#define CHAIN_STATE_ROTATION_H

#include "chain/index.h"
#include "chain/state.h"

struct rotation_part {
    struct rotation order;  /* empty on a closed chain */
    struct rotation before; /* the set that votes on the last ended block; empty behind genesis */
    struct state_voting *record;
    size_t records, record_capacity;
    struct index index;
};

void state_rotation_start(struct state *s); /* behind genesis' accounts */
void state_take_powers(struct state *s);    /* the set, by what is staked now */

/* The account is marked as a validator that votes with this key. */
void state_seat_put(struct state *s, struct address who, const struct key_public *voting);
void state_seat_remove(struct state *s, struct address who);

/* A voting key's entry, marked as written; made if there is none. */
struct state_voting *state_write_voting(struct state *s, const struct key_public *voting);

#endif
