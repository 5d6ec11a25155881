/* Deadlines: lists through the proposals themselves, so that entering and leaving cost the same however many wait. */
#include "chain/state_private.h"

#include "base/memory.h"

static int link_of(enum due_list list)
{
    return list == DUE_ANNOUNCED || list == DUE_CLAIMED ? 0 : 1;
}

struct state_moment state_due_begun(const struct state_proposal *p, enum due_list list)
{
    switch (list) {
    case DUE_ANNOUNCED:
        return p->announced;
    case DUE_CLAIMED:
    case DUE_COMMIT:
        return p->claimed;
    case DUE_OPEN:
        return p->committed;
    default:
        return p->opened;
    }
}

bool state_moment_passed(struct state_moment from, uint32_t blocks, uint32_t seconds, struct state_moment now)
{
    return now.height - from.height >= blocks && now.time_us - from.time_us >= (int64_t)seconds * 1000000;
}

bool state_due_passed(const struct state *s, const struct state_proposal *p, enum due_list list,
                      struct state_moment now)
{
    const struct genesis *g = &s->genesis;
    struct state_moment from = state_due_begun(p, list);
    if (link_of(list) == 0)
        return state_moment_passed(from, g->expiry_blocks, g->expiry_seconds, now);
    if (list == DUE_COMMIT)
        return state_moment_passed(from, g->commit_blocks, g->commit_seconds, now);
    return state_moment_passed(from, g->reveal_blocks, g->reveal_seconds, now);
}

/* What points at the neighbour behind, or before: of a proposal, or the list's own end. */
static int *behind_of(struct state *s, int at, int link, enum due_list list)
{
    return at ? &s->proposal[at - 1].link[link].behind : &s->due[list].first;
}

static int *before_of(struct state *s, int at, int link, enum due_list list)
{
    return at ? &s->proposal[at - 1].link[link].before : &s->due[list].last;
}

void state_due_enter(struct state *s, struct state_proposal *p, enum due_list list)
{
    int link = link_of(list), at = (int)(p - s->proposal) + 1;
    ASSERT(p->link[link].list == 0);
    p->link[link] = (struct state_link){.list = (int)list + 1, .before = s->due[list].last};
    *behind_of(s, s->due[list].last, link, list) = at;
    s->due[list].last = at;
}

void state_due_leave(struct state *s, struct state_proposal *p, enum due_list list)
{
    int link = link_of(list);
    struct state_link l = p->link[link];
    if (l.list != (int)list + 1)
        return;
    *behind_of(s, l.before, link, list) = l.behind;
    *before_of(s, l.behind, link, list) = l.before;
    p->link[link] = (struct state_link){0};
}

void state_due_take(struct state *s, enum due_list list, struct state_moment now, struct positions *out)
{
    while (s->due[list].first) {
        int at = s->due[list].first - 1;
        if (!state_due_passed(s, &s->proposal[at], list, now))
            break;
        state_due_leave(s, &s->proposal[at], list);
        state_positions_put(out, at);
    }
}

void state_positions_put(struct positions *list, int position)
{
    list->item = memory_grow(list->item, &list->capacity, list->n + 1, sizeof *list->item);
    list->item[list->n++] = position;
}
