/* The rules by which votes lead to votes. Numbers of lines are those of algorithm 1 in arXiv 1807.04938. */
#include "chain/consensus_private.h"

#include "base/memory.h"

void consensus_sign(struct consensus *c, enum vote_step step, const struct hash *id)
{
    c->step = step;
    if (c->me < 0)
        return;
    struct consensus_action *a = consensus_add(c, CONSENSUS_SIGN, step, c->round);
    if (id)
        a->id = *id;
}

/* --- rounds ------------------------------------------------------------------------------------------------------- */

/* Lines 14 to 19; the proposer, too, gives up when the time is over: it may find nothing to propose. */
static void propose(struct consensus *c)
{
    if (c->me >= 0 && !c->proposed && consensus_proposer(c, c->round) == c->me) {
        struct consensus_action *a = consensus_add(c, CONSENSUS_PROPOSE, VOTE_PROPOSAL, c->round);
        a->valid = c->valid.next;
        a->id = c->valid.id;
    }
    c->proposed = true;
    consensus_ask_timer(c, VOTE_PROPOSAL);
}

void consensus_resume(struct consensus *c)
{
    if (c->step == VOTE_PROPOSAL)
        propose(c);
}

void consensus_begin_round(struct consensus *c, uint32_t round)
{
    c->round = round;
    c->step = VOTE_PROPOSAL;
    c->proposed = c->waits_prevote = c->waits_precommit = false;
    propose(c);
}

/* Line 55. The paper wants more than a third in the same round; that they are in it or beyond is as good: one of them
 * is honest, so the round was begun, and nobody waits for those who have gone on. */
static bool catch_up(struct consensus *c)
{
    uint32_t reached = vote_tally_third_reached(&c->votes);
    if (reached <= c->round + 1)
        return false;
    consensus_begin_round(c, reached - 1);
    return true;
}

/* --- values ------------------------------------------------------------------------------------------------------- */

/* A block that may be voted for in this round by the rules that all share. */
static const struct consensus_block *votable(const struct consensus *c, struct hash id, uint32_t round)
{
    const struct consensus_block *b = consensus_find(c, id);
    return b && b->opinion != CONSENSUS_REFUSED && b->made <= round ? b : NULL;
}

/* The block, not nil, that a quorum voted for there; NULL: none, or it has not come. */
static const struct hash *chosen(const struct consensus *c, const struct vote_tally_round *r, enum vote_step step)
{
    bool any = r && r->quorum[step] && !hash_is_zero(r->id[step]);
    return any && votable(c, r->id[step], r->round) ? &r->id[step] : NULL;
}

/* Line 49. Each round is looked at: precommits may come late. */
static bool decide(struct consensus *c)
{
    for (size_t i = 0; i < c->votes.rounds; i++) {
        const struct hash *id = chosen(c, &c->votes.round[i], VOTE_PRECOMMIT);
        if (!id)
            continue;
        c->decided = true;
        c->decision = *id;
        c->decision_round = c->votes.round[i].round;
        consensus_add(c, CONSENSUS_DECIDE, VOTE_PRECOMMIT, c->decision_round)->id = *id;
        return true;
    }
    return false;
}

/* Lines 42 and 43, for earlier rounds too: prevotes may come late, and after a restart they all do. */
static bool note_valid(struct consensus *c)
{
    for (size_t i = c->votes.rounds; i-- > 0 && c->votes.round[i].round + 1 > c->valid.next;) {
        const struct vote_tally_round *r = &c->votes.round[i];
        const struct hash *id = r->round <= c->round ? chosen(c, r, VOTE_PREVOTE) : NULL;
        if (!id)
            continue;
        c->valid = (struct consensus_mark){r->round + 1, *id};
        return true;
    }
    return false;
}

/* --- prevote ------------------------------------------------------------------------------------------------------ */

enum answer { WAIT, YES, NO };

/* Lines 23 and 29: valid is that of the proposal, 0 for a new block. */
static bool lock_allows(const struct consensus *c, struct hash id, uint32_t valid)
{
    if (c->config.flaws.no_lock || c->locked.next == 0 || hash_equal(c->locked.id, id))
        return true;
    return !c->config.flaws.no_unlock && c->locked.next <= valid;
}

static enum answer judge(const struct consensus *c, const struct vote *proposal)
{
    const struct consensus_block *b = consensus_find(c, proposal->block);
    bool again = proposal->valid > 0;
    if (!b)
        return WAIT;
    if (b->opinion == CONSENSUS_REFUSED || b->made > c->round)
        return NO;
    if (again && !vote_tally_has_quorum(&c->votes, proposal->valid - 1, VOTE_PREVOTE, proposal->block))
        return WAIT;
    if (!again && b->opinion == CONSENSUS_DOUBTED)
        return WAIT;
    return lock_allows(c, proposal->block, proposal->valid) ? YES : NO;
}

/* Lines 22 to 32. A proposer who made two is answered by whichever can be voted for. */
static bool prevote(struct consensus *c)
{
    const struct vote *p;
    bool no = false;
    if (c->step != VOTE_PROPOSAL)
        return false;
    int proposer = consensus_proposer(c, c->round);
    for (int i = 0; (p = vote_tally_vote(&c->votes, c->round, VOTE_PROPOSAL, proposer, i)) != NULL; i++) {
        enum answer answer = judge(c, p);
        if (answer == YES) {
            struct hash id = p->block;
            consensus_sign(c, VOTE_PREVOTE, &id);
            return true;
        }
        no = no || answer == NO;
    }
    if (no)
        consensus_sign(c, VOTE_PREVOTE, NULL);
    return no;
}

/* --- precommit ---------------------------------------------------------------------------------------------------- */

/* Lines 36 to 41. */
static bool lock(struct consensus *c)
{
    const struct hash *id = chosen(c, vote_tally_at(&c->votes, c->round), VOTE_PREVOTE);
    if (!id || c->step != VOTE_PREVOTE)
        return false;
    if (c->config.flaws.no_unlock && c->locked.next > 0 && !hash_equal(c->locked.id, *id)) {
        consensus_sign(c, VOTE_PRECOMMIT, NULL);
        return true;
    }
    struct hash locked = *id;
    c->locked = c->valid = (struct consensus_mark){c->round + 1, locked};
    consensus_sign(c, VOTE_PRECOMMIT, &locked);
    return true;
}

/* Lines 44 to 46. */
static bool give_up(struct consensus *c)
{
    if (c->step != VOTE_PREVOTE || !vote_tally_has_quorum(&c->votes, c->round, VOTE_PREVOTE, (struct hash){{0}}))
        return false;
    consensus_sign(c, VOTE_PRECOMMIT, NULL);
    return true;
}

static bool one_rule(struct consensus *c)
{
    if (c->decided)
        return false;
    if (decide(c))
        return true;
    return c->started && (catch_up(c) || note_valid(c) || prevote(c) || lock(c) || give_up(c) ||
                          consensus_votes_ask_timer(c));
}

void consensus_apply(struct consensus *c)
{
    while (one_rule(c))
        continue;
}
