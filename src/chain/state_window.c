/* The end of a block: what its time decides. Within each step, proposals are taken in order of announcement. */
#include "chain/state_private.h"

#include "base/error.h"

static int position_compare(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

/* In order, each once. */
static void sort(struct positions *list)
{
    size_t kept = 0;
    if (list->n)
        qsort(list->item, list->n, sizeof *list->item, position_compare);
    for (size_t i = 0; i < list->n; i++)
        if (kept == 0 || list->item[kept - 1] != list->item[i])
            list->item[kept++] = list->item[i];
    list->n = kept;
}

static void stamp(struct state_moment *m, struct state_moment now)
{
    if (m->height == now.height)
        m->time_us = now.time_us;
}

void state_stamp(struct state *s, struct state_moment now)
{
    for (size_t i = 0; i < s->touched.n; i++) {
        struct state_proposal *p = &s->proposal[s->touched.item[i]];
        stamp(&p->announced, now);
        stamp(&p->claimed, now);
        stamp(&p->opened, now);
    }
    for (size_t i = s->unbondings; i > s->unbonding_first && s->unbonding[i - 1].begun.height == now.height; i--)
        s->unbonding[i - 1].begun.time_us = now.time_us;
    s->judgeds = 0;
}

/* All who may have committed: nobody is left who may. */
static bool all_committed(const struct state *s, const struct state_proposal *p)
{
    for (int i = 0; i < s->seats; i++)
        if (state_may_commit(s, p, s->seat[i].who))
            return false;
    return true;
}

static void close_commits(struct state *s, struct state_proposal *p, struct state_moment now)
{
    if (p->state != PROPOSAL_CLAIMED || p->attests == 0)
        return;
    if (!all_committed(s, p) && !state_due_passed(s, p, DUE_COMMIT, now))
        return;
    state_due_leave(s, p, DUE_COMMIT);
    p->state = PROPOSAL_REVEALING;
    p->committed = now;
    state_due_enter(s, p, DUE_OPEN);
    state_mark_proposal(s, p);
}

/* What changed in this block, and whose time has come. */
static struct positions candidates(struct state *s, enum due_list list, struct state_moment now)
{
    struct positions out = {0};
    for (size_t i = 0; i < s->touched.n; i++)
        state_positions_put(&out, s->touched.item[i]);
    state_due_take(s, list, now, &out);
    return out;
}

void state_close_commits(struct state *s, struct state_moment now)
{
    struct positions list = candidates(s, DUE_COMMIT, now);
    sort(&list);
    for (size_t i = 0; i < list.n; i++)
        close_commits(s, &s->proposal[list.item[i]], now);
    free(list.item);
}

static bool all_revealed(const struct state_proposal *p)
{
    for (int i = 0; i < p->attests; i++)
        if (!p->attest[i].revealed)
            return false;
    return true;
}

/* A verified one whose last dispute has ended: what was due meanwhile. */
static void go_on(struct state *s, struct state_proposal *p)
{
    state_accept_if_due(s, p);
    if (p->state == PROPOSAL_REVEALING && p->link[0].list == 0)
        state_return_stake(s, p, PROPOSAL_EXPIRED);
}

static void close_reveals(struct state *s, struct state_proposal *p, struct state_moment now)
{
    if (p->state != PROPOSAL_REVEALING || p->disputes > 0)
        return;
    if (p->verified) {
        go_on(s, p);
        return;
    }
    ASSERT(p->attests > 0);
    if (!all_revealed(p) && !state_due_passed(s, p, p->opened.height ? DUE_REVEAL : DUE_OPEN, now))
        return;
    state_due_leave(s, p, DUE_OPEN);
    state_due_leave(s, p, DUE_REVEAL);
    state_judge(s, p);
    if (p->state == PROPOSAL_REVEALING && p->link[0].list == 0) /* its time to live ended before the verdict */
        state_return_stake(s, p, PROPOSAL_EXPIRED);
}

void state_close_reveals(struct state *s, struct state_moment now)
{
    struct positions list = candidates(s, DUE_OPEN, now);
    state_due_take(s, DUE_REVEAL, now, &list);
    sort(&list);
    for (size_t i = 0; i < list.n; i++)
        close_reveals(s, &s->proposal[list.item[i]], now);
    free(list.item);
    for (size_t i = 0; i < s->touched.n; i++)
        s->proposal[s->touched.item[i]].touched = false;
    s->touched.n = 0;
}

void state_expire(struct state *s, struct state_moment now)
{
    struct positions list = {0};
    state_due_take(s, DUE_ANNOUNCED, now, &list);
    state_due_take(s, DUE_CLAIMED, now, &list);
    for (size_t i = 0; i < list.n; i++) {
        struct state_proposal *p = &s->proposal[list.item[i]];
        if (p->state != PROPOSAL_REVEALING || (p->verified && p->disputes == 0)) /* nobody escapes a verdict by waiting */
            state_return_stake(s, p, PROPOSAL_EXPIRED);
    }
    free(list.item);
}
