/* Inside of the consensus machine; for consensus*.c alone. */
#ifndef CHAIN_CONSENSUS_PRIVATE_H
#define CHAIN_CONSENSUS_PRIVATE_H

#include "chain/consensus.h"
#include "chain/vote_tally.h"

struct consensus_block {
    struct hash id;
    uint32_t made;
    enum consensus_opinion opinion;
};

struct consensus {
    struct consensus_config config;
    int me; /* -1: watches */
    struct vote_tally votes;

    /* proposers of rounds 0 to turns - 1, and the set behind so many turns */
    struct rotation turn;
    uint8_t *proposer;
    size_t turns, turn_capacity;

    struct consensus_block *block;
    size_t blocks, block_capacity;

    bool started;
    uint32_t round;
    enum vote_step step;
    bool proposed;                /* in this round, before a restart too */
    bool waits_prevote, waits_precommit; /* their timers of this round were asked for */
    struct consensus_mark locked, valid;
    bool decided;
    struct hash decision;
    uint32_t decision_round;
    uint64_t convicted; /* a bit for each seat */

    struct consensus_action *queue;
    size_t queued, taken, queue_capacity;
};

int consensus_proposer(struct consensus *c, uint32_t round);

/* A new action with nothing but these set; borrowed until the next one. */
struct consensus_action *consensus_add(struct consensus *c, enum consensus_act act, enum vote_step step,
                                       uint32_t round);

/* --- rules --- */
const struct consensus_block *consensus_find(const struct consensus *c, struct hash id);
void consensus_apply(struct consensus *c); /* whatever is due, until nothing is */
void consensus_resume(struct consensus *c); /* the round where it is, at the start */
void consensus_begin_round(struct consensus *c, uint32_t round);
/* And goes to that step; NULL: nil. */
void consensus_sign(struct consensus *c, enum vote_step step, const struct hash *id);

/* --- timers --- */
void consensus_ask_timer(struct consensus *c, enum vote_step step);
bool consensus_votes_ask_timer(struct consensus *c); /* one that what came in calls for */

#endif
