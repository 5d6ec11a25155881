/* The end of a proposal, and forgetting it. */
#include "chain/state_private.h"

#include "base/memory.h"
#include "chain/state_job.h"

void state_close(struct state *s, struct state_proposal *p, enum proposal_state end)
{
    ASSERT(!proposal_closed(p->state) && proposal_closed(end));
    if (p->claimed.height && hash_is_zero(p->job))
        state_arch_leave(s, p);
    for (int list = 0; list < DUE_LISTS; list++)
        state_due_leave(s, p, (enum due_list)list);
    p->state = end;
    s->opens--;
    state_mark_proposal(s, p);
    if (!hash_is_zero(p->job))
        state_end_job(s, p, end);
}

void state_return_stake(struct state *s, struct state_proposal *p, enum proposal_state end)
{
    state_close(s, p, end);
    state_credit(s, p->proposer, p->announce.stake, POT_STAKES);
}

static bool forgettable(const struct state_proposal *p)
{
    return proposal_closed(p->state) && !p->unpaid;
}

/* Positions plus 1; what goes is closed, and in no list. */
static void move_links(struct state *s, const int *moved)
{
    for (size_t i = 0; i < s->proposals; i++)
        for (int k = 0; k < 2; k++) {
            struct state_link *l = &s->proposal[i].link[k];
            l->before = moved[l->before];
            l->behind = moved[l->behind];
        }
    for (int list = 0; list < DUE_LISTS; list++) {
        s->due[list].first = moved[s->due[list].first];
        s->due[list].last = moved[s->due[list].last];
    }
}

/* Drops the older closed ones, in batches so that the work is spread over many blocks: the more must stay, the larger is
 * the batch. */
void state_forget_closed(struct state *s)
{
    size_t stay = s->opens + s->earnings, closed = s->proposals - stay, kept = 0; /* each earning has one unpaid */
    if (closed < 2 * STATE_CLOSED_KEPT + stay)
        return;
    size_t drop = closed - STATE_CLOSED_KEPT;
    int *moved = NEW_ARRAY(int, s->proposals + 1);
    index_clear(&s->proposal_index);
    for (size_t i = 0; i < s->proposals; i++) {
        struct state_proposal *p = &s->proposal[i];
        if (drop > 0 && forgettable(p)) {
            drop--;
            free(p->attest);
            free(p->decision);
            continue;
        }
        index_put(&s->proposal_index, p->id, (int)kept);
        moved[i + 1] = (int)kept + 1;
        s->proposal[kept++] = *p;
    }
    s->proposals = kept;
    move_links(s, moved);
    state_rebuild_buckets(s);
    free(moved);
}
