/* The steps of a proposal's life that a transaction takes. */
#include "chain/state_private.h"

#include "base/memory.h"

/* What a block has touched is looked at when it ends. */
void state_touch(struct state *s, struct state_proposal *p)
{
    if (!p->touched)
        state_positions_put(&s->touched, (int)(p - s->proposal));
    p->touched = true;
}

static struct state_proposal *touch(struct state *s, struct hash id)
{
    struct state_proposal *p = state_write_proposal(s, id);
    state_touch(s, p);
    return p;
}

struct state_proposal *state_add_proposal(struct state *s, struct hash id)
{
    s->proposal = memory_grow(s->proposal, &s->proposal_capacity, s->proposals + 1, sizeof *s->proposal);
    index_put(&s->proposal_index, id, (int)s->proposals);
    struct state_proposal *p = &s->proposal[s->proposals++];
    memset(p, 0, sizeof *p);
    p->id = id;
    p->order = s->announcements++;
    p->announced.height = s->height + 1;
    s->opens++;
    state_due_enter(s, p, DUE_ANNOUNCED);
    return touch(s, id);
}

void state_claim_proposal(struct state *s, struct hash proposal, const struct tx_propose *content)
{
    struct state_proposal *p = touch(s, proposal);
    p->state = PROPOSAL_CLAIMED;
    p->body = *content;
    if (hash_is_zero(p->job)) /* a job's result stands in nobody's way */
        state_arch_enter(s, p);
    p->claimed.height = s->height + 1;
    state_due_leave(s, p, DUE_ANNOUNCED);
    state_due_enter(s, p, DUE_CLAIMED);
    state_due_enter(s, p, DUE_COMMIT);
}

void state_add_commit(struct state *s, const struct tx_commit *c, struct address who)
{
    struct state_proposal *p = touch(s, c->proposal);
    p->attest = memory_resize(p->attest, (size_t)p->attests + 1, sizeof *p->attest);
    struct state_attest *a = &p->attest[p->attests++];
    memset(a, 0, sizeof *a);
    a->who = who;
    a->height = s->height + 1;
    a->self = address_equal(who, p->proposer);
    a->commitment = c->commitment;
}

void state_open_proposal(struct state *s, const struct tx_open *o)
{
    struct state_proposal *p = touch(s, o->proposal);
    p->open = *o;
    p->opened.height = s->height + 1;
    state_due_leave(s, p, DUE_OPEN);
    state_due_enter(s, p, DUE_REVEAL);
}

void state_add_reveal(struct state *s, const struct tx_reveal *r, struct address who)
{
    struct state_proposal *p = touch(s, r->proposal);
    int i = 0;
    while (!address_equal(p->attest[i].who, who))
        i++;
    p->attest[i].revealed = s->height + 1;
    p->attest[i].finding = r->finding;
}

void state_add_decision(struct state *s, struct hash proposal, const struct state_decision *decision)
{
    struct state_proposal *p = state_write_proposal(s, proposal);
    p->decision = memory_resize(p->decision, (size_t)p->decisions + 1, sizeof *p->decision);
    p->decision[p->decisions++] = *decision;
    if (!decision->approve)
        state_return_stake(s, p, PROPOSAL_REJECTED);
    else
        state_accept_if_due(s, p);
}
