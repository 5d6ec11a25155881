/* Votes for heights that are over, remembered for a while: who signed two in one place is convicted by whichever pool
 * still holds both, or the other one, as long as that is punished.
 *
 * Of each key the last VOTE_PAST_OF_KEY that came, of the last VOTE_PAST_KEYS keys that anything came of: who signs
 * much crowds out only what is its own. Signatures, and whether anybody would punish it, are the caller's to check. */
#ifndef CHAIN_VOTE_PAST_H
#define CHAIN_VOTE_PAST_H

#include "chain/vote.h"

#define VOTE_PAST_OF_KEY 128
#define VOTE_PAST_KEYS 128
#define VOTE_PAST_TOLD 8 /* contradictions of one key: the first that is punished bars it */

struct vote_past_key;
struct vote_past { /* zero-initialise; vote_past_free */
    struct vote_past_key *key;
    int keys;
    uint64_t turn;
};
void vote_past_free(struct vote_past *p);

/* Remembers it. True: *other is a vote of the same key in the same place that contradicts it. */
bool vote_past_meet(struct vote_past *p, const struct vote *v, struct vote *other);

#endif
