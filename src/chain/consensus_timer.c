/* When a round waits no longer: which timers are asked for, and what happens when they end. How long they take is the
 * driver's; they must grow with the round, so that at last they are longer than messages take. */
#include "chain/consensus_private.h"

void consensus_ask_timer(struct consensus *c, enum vote_step step)
{
    consensus_add(c, CONSENSUS_TIMER, step, c->round);
}

/* Lines 34 and 47: a quorum has voted, though not for the same. */
bool consensus_votes_ask_timer(struct consensus *c)
{
    const struct vote_tally_round *r = vote_tally_at(&c->votes, c->round);
    if (!r)
        return false;
    if (!c->waits_prevote && c->step == VOTE_PREVOTE && vote_tally_is_quorum(&c->votes, r->any[VOTE_PREVOTE])) {
        c->waits_prevote = true;
        consensus_ask_timer(c, VOTE_PREVOTE);
        return true;
    }
    if (!c->waits_precommit && vote_tally_is_quorum(&c->votes, r->any[VOTE_PRECOMMIT])) {
        c->waits_precommit = true;
        consensus_ask_timer(c, VOTE_PRECOMMIT);
        return true;
    }
    return false;
}

/* Lines 57 to 67. A timer that was not asked for, or of another round, does nothing. */
void consensus_timeout(struct consensus *c, uint32_t round, enum vote_step step)
{
    if (!c->started || c->decided || round != c->round)
        return;
    if (step == VOTE_PROPOSAL && c->step == VOTE_PROPOSAL)
        consensus_sign(c, VOTE_PREVOTE, NULL);
    else if (step == VOTE_PREVOTE && c->step == VOTE_PREVOTE && c->waits_prevote)
        consensus_sign(c, VOTE_PRECOMMIT, NULL);
    else if (step == VOTE_PRECOMMIT && c->waits_precommit && c->round < ROTATION_ROUND_MOST)
        consensus_begin_round(c, c->round + 1);
    consensus_apply(c);
}
