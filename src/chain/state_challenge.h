/* The family of the challenges, for state*.c only: disputes about one leaf, or the counts, of an opened claim.
 *
 * All windows are equally long, so challenges lapse in the order in which they were made. Those of one proposal hang
 * together from the newest on (struct state_proposal.challenge). Closed ones are kept at least as long as their proposal
 * is open, for what a further one must deposit. */
#ifndef CHAIN_STATE_CHALLENGE_H
#define CHAIN_STATE_CHALLENGE_H

#include "chain/index.h"
#include "chain/state.h"

struct challenge_part {
    struct state_challenge *item; /* in order of their transactions */
    size_t n, capacity, first;    /* first: all before it are closed */
    size_t room;                  /* so many before the closed ones are looked through */
    struct index index;
    struct hash *ruled; /* by verdicts of the block at ruled_height */
    size_t ruleds, ruled_capacity;
    uint64_t ruled_height;
};

struct state_challenge *state_add_challenge(struct state *s, struct hash id, struct address who,
                                            const struct tx_challenge *body);
void state_answer_challenge(struct state *s, struct hash challenge, const struct tx_respond *r);
void state_rule_challenge(struct state *s, const struct tx_verdict *v);

#endif
