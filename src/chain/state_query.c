/* Asking the state; nothing here changes it but the sorted view of the accounts. */
#include "chain/state_private.h"

#include "base/memory.h"

struct hash state_hash(const struct state *s)
{
    return s->hash;
}

uint64_t state_height(const struct state *s)
{
    return s->height;
}

struct hash state_chain(const struct state *s)
{
    return s->chain;
}

bool state_alone(const struct state *s)
{
    return !s->genesis.many;
}

struct state_totals state_totals(const struct state *s)
{
    return s->totals;
}

static int account_compare(const void *a, const void *b)
{
    return memcmp(((const struct state_account *)a)->address.byte, ((const struct state_account *)b)->address.byte,
                  sizeof(struct address));
}

int state_accounts(const struct state *s, const struct state_account **out)
{
    struct account_view *v = s->view;
    if (!v->fresh && s->accounts) {
        v->item = memory_grow(v->item, &v->capacity, s->accounts, sizeof *v->item);
        memcpy(v->item, s->account, s->accounts * sizeof *v->item);
        qsort(v->item, s->accounts, sizeof *v->item, account_compare);
        v->fresh = true;
    }
    *out = v->item;
    return (int)s->accounts;
}

int state_tasks(const struct state *s, const struct state_task **out)
{
    *out = s->task;
    return (int)s->tasks;
}

int state_proposals(const struct state *s, const struct state_proposal **out)
{
    *out = s->proposal;
    return (int)s->proposals;
}

const struct state_account *state_account_find(const struct state *s, struct address a)
{
    int at = index_find(&s->account_index, state_account_id(a));
    return at < 0 ? NULL : &s->account[at];
}

const struct state_task *state_task_find(const struct state *s, struct hash id)
{
    int at = index_find(&s->task_index, id);
    return at < 0 ? NULL : &s->task[at];
}

const struct state_proposal *state_proposal_find(const struct state *s, struct hash id)
{
    int at = index_find(&s->proposal_index, id);
    return at < 0 ? NULL : &s->proposal[at];
}

const struct genesis *state_genesis(const struct state *s)
{
    return &s->genesis;
}

struct hash state_validators_hash(const struct state *s)
{
    return s->validators_hash;
}

int state_validators(const struct state *s, const struct state_validator **out)
{
    *out = s->validator;
    return s->validators;
}

const struct state_validator *state_validator_find(const struct state *s, const struct key_public *voting)
{
    for (int i = 0; i < s->validators; i++)
        if (memcmp(s->validator[i].voting.byte, voting->byte, sizeof voting->byte) == 0)
            return &s->validator[i];
    return NULL;
}

int state_holdouts(const struct state *s, const struct state_holdout **out)
{
    *out = s->holdout;
    return (int)s->holdouts;
}

const struct state_holdout *state_holdout_find(const struct state *s, struct hash task, struct address who)
{
    int at = index_find(&s->holdout_index, state_holdout_id(task, who));
    return at < 0 ? NULL : &s->holdout[at];
}

int state_judged(const struct state *s, const struct hash **out)
{
    *out = s->judged;
    return (int)s->judgeds;
}

struct tx_finding state_claim(const struct state_proposal *p)
{
    return (struct tx_finding){
        .counts = p->body.counts, .trace_root = p->open.trace_root, .weights = p->open.weights};
}

static bool committed(const struct state_proposal *p, struct address who)
{
    for (int i = 0; i < p->attests; i++)
        if (address_equal(p->attest[i].who, who))
            return true;
    return false;
}

bool state_may_commit(const struct state *s, const struct state_proposal *p, struct address who)
{
    const struct state_account *a = state_account_find(s, who);
    return p->state == PROPOSAL_CLAIMED && p->attests < STATE_VALIDATORS_MAX && a && a->validator && a->stake > 0 &&
           !committed(p, who) &&
           (state_alone(s) || !address_equal(who, p->proposer));
}

static bool decided(const struct state_proposal *p, struct address who)
{
    for (int i = 0; i < p->decisions; i++)
        if (address_equal(p->decision[i].who, who))
            return true;
    return false;
}

static int waiting_reviewers(const struct state *s, const struct state_proposal *p, struct address *out)
{
    const struct tx_task *task = &state_task_find(s, p->announce.task)->body;
    int n = 0;
    for (int i = 0; i < task->reviewers; i++)
        if (!decided(p, task->reviewer[i]) && (state_alone(s) || !address_equal(task->reviewer[i], p->proposer)))
            out[n++] = task->reviewer[i];
    return n;
}

int state_waiting(const struct state *s, const struct state_proposal *p, struct address *out)
{
    int n = 0;
    if (p->state == PROPOSAL_CLAIMED) {
        for (int i = 0; i < s->seats; i++)
            if (state_may_commit(s, p, s->seat[i].who))
                out[n++] = s->seat[i].who;
    } else if (p->verified) {
        return proposal_closed(p->state) ? 0 : waiting_reviewers(s, p, out);
    } else if (p->state == PROPOSAL_REVEALING && p->opened.height) {
        for (int i = 0; i < p->attests; i++)
            if (!p->attest[i].revealed)
                out[n++] = p->attest[i].who;
    } else if (!proposal_closed(p->state)) {
        out[n++] = p->proposer;
    }
    return n;
}
