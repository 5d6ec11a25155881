/* How a proposal ends: accepted and paid, rejected, or expired. */
#include "chain/state_private.h"

#include "base/memory.h"

#define PPM UINT64_C(1000000)

uint64_t state_score_ppm(uint64_t correct, uint64_t total)
{
    return correct * PPM / total;
}

static uint64_t best_ppm(const struct state_task *t)
{
    return t->best_total ? state_score_ppm(t->best_correct, t->best_total) : 0;
}

/* Never below the baseline: else a poor network, accepted first, would make the way back up to it pay. */
static uint64_t to_beat_ppm(const struct state_task *t)
{
    uint64_t best = best_ppm(t);
    return best > STATE_BASELINE_PPM ? best : STATE_BASELINE_PPM;
}

/* At most 2^42 times 10^6 < 2^62. */
uint64_t state_reward(const struct state_task *t, uint64_t score_ppm)
{
    uint64_t best = to_beat_ppm(t), improvement = score_ppm > best ? score_ppm - best : 0;
    if (improvement == 0 || improvement < t->body.min_improvement_ppm)
        return 0;
    uint64_t paid = improvement < t->body.full_pay_ppm ? improvement : t->body.full_pay_ppm;
    return t->pool_left * paid / t->body.full_pay_ppm;
}

/* Returns the stake and takes the proposal out of the open ones. */
static void close_proposal(struct state *s, struct state_proposal *p, enum proposal_state end)
{
    int position = (int)(p - s->proposal);
    size_t at = 0;
    while (at < s->opens && s->open[at] != position)
        at++;
    ASSERT(at < s->opens && p->state == PROPOSAL_OPEN);
    s->opens--;
    memmove(s->open + at, s->open + at + 1, (s->opens - at) * sizeof *s->open);
    p->state = end;
    state_mark(s, ENTRY_PROPOSAL, p->id.byte, sizeof p->id.byte);
    state_credit(s, p->proposer, p->body.stake, POT_STAKES);
}

static void accept(struct state *s, struct state_proposal *p)
{
    struct state_task *t = &s->task[index_find(&s->task_index, p->body.task)];
    uint64_t correct = 0, total = 0;
    for (int i = 0; i < p->body.folds; i++) {
        correct += p->body.correct[i];
        total += p->body.total[i];
    }
    uint64_t score = state_score_ppm(correct, total);
    p->reward = state_reward(t, score);
    t->pool_left -= p->reward;
    if (t->best_total == 0 || score > best_ppm(t)) {
        t->best_correct = correct;
        t->best_total = total;
    }
    state_mark(s, ENTRY_TASK, t->id.byte, sizeof t->id.byte);
    close_proposal(s, p, PROPOSAL_ACCEPTED);
    state_credit(s, p->proposer, p->reward, POT_ESCROWS);
}

void state_add_decision(struct state *s, struct hash proposal, const struct state_decision *decision)
{
    int at = index_find(&s->proposal_index, proposal);
    ASSERT(at >= 0);
    struct state_proposal *p = &s->proposal[at];
    p->decision = memory_resize(p->decision, (size_t)p->decisions + 1, sizeof *p->decision);
    p->decision[p->decisions++] = *decision;
    state_mark(s, ENTRY_PROPOSAL, p->id.byte, sizeof p->id.byte);
    if (!decision->approve) {
        close_proposal(s, p, PROPOSAL_REJECTED);
        return;
    }
    int approvals = 0;
    for (int i = 0; i < p->decisions; i++)
        approvals += p->decision[i].approve;
    if (approvals >= state_task_find(s, p->body.task)->body.approvals)
        accept(s, p);
}

void state_expire(struct state *s, uint64_t height)
{
    while (s->opens && s->proposal[s->open[0]].height + s->expiry_blocks <= height)
        close_proposal(s, &s->proposal[s->open[0]], PROPOSAL_EXPIRED);
}

/* Drops the older closed ones, in batches so that the work is spread over many blocks. */
void state_forget_closed(struct state *s)
{
    size_t closed = s->proposals - s->opens, kept = 0, opens = 0;
    if (closed < 2 * STATE_CLOSED_KEPT)
        return;
    size_t drop = closed - STATE_CLOSED_KEPT;
    index_clear(&s->proposal_index);
    for (size_t i = 0; i < s->proposals; i++) {
        struct state_proposal *p = &s->proposal[i];
        if (p->state != PROPOSAL_OPEN && drop > 0) {
            drop--;
            free(p->decision);
            continue;
        }
        if (p->state == PROPOSAL_OPEN)
            s->open[opens++] = (int)kept;
        index_put(&s->proposal_index, p->id, (int)kept);
        s->proposal[kept++] = *p;
    }
    ASSERT(opens == s->opens);
    s->proposals = kept;
}
