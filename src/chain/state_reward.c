/* Acceptance, and what the pools pay at the end of an epoch. */
#include "chain/state_private.h"

#include "base/memory.h"

uint64_t state_score_ppm(uint64_t correct, uint64_t total)
{
    return correct * TX_PPM / total;
}

static uint64_t best_ppm(const struct state_task *t)
{
    return t->best_total ? state_score_ppm(t->best_correct, t->best_total) : 0;
}

/* Never less than the baseline: else a poor network, accepted first, would make the way back up to it pay. */
uint64_t state_to_beat(const struct state_task *t)
{
    uint64_t best = best_ppm(t);
    return best > t->body.baseline_ppm ? best : t->body.baseline_ppm;
}

uint64_t state_improvement(const struct state_task *t, uint64_t score_ppm)
{
    uint64_t to_beat = state_to_beat(t);
    uint64_t improvement = score_ppm > to_beat ? score_ppm - to_beat : 0;
    return improvement < t->body.min_improvement_ppm ? 0 : improvement;
}

/* At most 2^42 times 10^6 < 2^62. */
uint64_t state_epoch_pay(const struct state_task *t, uint64_t earned_ppm)
{
    uint64_t paid = earned_ppm < t->body.full_pay_ppm ? earned_ppm : t->body.full_pay_ppm;
    return t->pool_left * paid / t->body.full_pay_ppm;
}

static void earn(struct state *s, struct state_proposal *p, int task)
{
    s->earning = memory_grow(s->earning, &s->earning_capacity, s->earnings + 1, sizeof *s->earning);
    s->earning[s->earnings++] = (struct earning){task, p->id};
    s->task[task].earned_ppm += p->improvement_ppm;
    p->unpaid = true;
}

static void accept(struct state *s, struct state_proposal *p)
{
    int task = index_find(&s->task_index, p->announce.task);
    struct state_task *t = &s->task[task];
    uint64_t correct = 0, total = 0;
    for (int i = 0; i < p->body.counts.folds; i++) {
        correct += p->body.counts.correct[i];
        total += p->body.counts.total[i];
    }
    uint64_t score = state_score_ppm(correct, total);
    p->improvement_ppm = state_improvement(t, score);
    if (p->improvement_ppm)
        earn(s, p, task);
    if (t->best_total == 0 || score > best_ppm(t)) {
        t->best_correct = correct;
        t->best_total = total;
    }
    state_mark_task(s, t);
    state_arch_accept(s, p);
    state_return_stake(s, p, PROPOSAL_ACCEPTED);
}

void state_accept_if_due(struct state *s, struct state_proposal *p)
{
    if (!p->verified || p->disputes > 0)
        return;
    if (!hash_is_zero(p->job)) {
        state_return_stake(s, p, PROPOSAL_ACCEPTED);
        return;
    }
    /* The decisions on one that is not closed are approvals. */
    if (p->decisions >= state_task_find(s, p->announce.task)->body.approvals)
        accept(s, p);
}

/* Shares of at most 2^42 units for at most 10^6 parts: products below 2^62. */
static void pay(struct state *s, const struct earning *e)
{
    struct state_task *t = &s->task[e->task];
    struct state_proposal *p = state_write_proposal(s, e->proposal);
    p->reward = t->epoch_pay * p->improvement_ppm / t->earned_ppm;
    p->unpaid = false;
    t->pool_left -= p->reward;
    if (p->reward)
        state_credit(s, p->proposer, p->reward, POT_ESCROWS);
}

void state_pay_epoch(struct state *s, uint64_t height)
{
    if (height % s->genesis.epoch_blocks != 0)
        return;
    for (size_t i = 0; i < s->earnings; i++) { /* of the pools as they are before anyone is paid */
        struct state_task *t = &s->task[s->earning[i].task];
        t->epoch_pay = state_epoch_pay(t, t->earned_ppm);
        state_mark_task(s, t);
    }
    for (size_t i = 0; i < s->earnings; i++)
        pay(s, &s->earning[i]);
    for (size_t i = 0; i < s->earnings; i++)
        s->task[s->earning[i].task].earned_ppm = s->task[s->earning[i].task].epoch_pay = 0;
    s->earnings = 0;
}
