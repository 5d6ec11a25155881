/* Which architectures are claimed or accepted for which task: who announced first goes first. Open claims hang in
 * chains from a table of buckets that is at most half full; the accepted ones are kept for good. */
#include "chain/state_private.h"

#include "base/memory.h"

#define BUCKETS_LEAST 64

struct hash state_arch_id(struct hash task, struct hash arch)
{
    struct hash both[2] = {task, arch};
    return hash_of(both, sizeof both);
}

static int *bucket_of(const struct state *s, struct hash task, struct hash arch)
{
    uint64_t a, b;
    memcpy(&a, task.byte, sizeof a); /* the byte order only moves buckets about: nothing sees it */
    memcpy(&b, arch.byte, sizeof b);
    return &s->bucket.item[(a + b) & (s->bucket.capacity - 1)];
}

static void hang(struct state *s, struct state_proposal *p)
{
    int *head = bucket_of(s, p->announce.task, p->body.arch);
    p->same = *head;
    *head = (int)(p - s->proposal) + 1;
}

static bool claim_open(const struct state_proposal *p)
{
    return p->claimed.height && !proposal_closed(p->state) && hash_is_zero(p->job);
}

void state_rebuild_buckets(struct state *s)
{
    if (s->bucket.capacity)
        memset(s->bucket.item, 0, s->bucket.capacity * sizeof *s->bucket.item);
    s->bucket.n = 0;
    for (size_t i = 0; i < s->proposals; i++)
        if (claim_open(&s->proposal[i])) {
            hang(s, &s->proposal[i]);
            s->bucket.n++;
        }
}

static void grow(struct state *s)
{
    size_t n = s->bucket.capacity ? 2 * s->bucket.capacity : BUCKETS_LEAST;
    free(s->bucket.item);
    s->bucket = (struct positions){.item = NEW_ARRAY(int, n), .capacity = n};
    state_rebuild_buckets(s);
}

void state_arch_rebuild(struct state *s)
{
    size_t claims = 0;
    for (size_t i = 0; i < s->proposals; i++)
        claims += claim_open(&s->proposal[i]);
    while (2 * claims > s->bucket.capacity)
        grow(s);
    state_rebuild_buckets(s);
}

/* Before the claim is marked as one. */
void state_arch_enter(struct state *s, struct state_proposal *p)
{
    if (2 * (s->bucket.n + 1) > s->bucket.capacity)
        grow(s);
    hang(s, p);
    s->bucket.n++;
}

void state_arch_leave(struct state *s, struct state_proposal *p)
{
    int *at = bucket_of(s, p->announce.task, p->body.arch), position = (int)(p - s->proposal) + 1;
    while (*at != position) {
        ASSERT(*at);
        at = &s->proposal[*at - 1].same;
    }
    *at = p->same;
    p->same = 0;
    s->bucket.n--;
}

void state_arch_accept(struct state *s, const struct state_proposal *p)
{
    struct hash id = state_arch_id(p->announce.task, p->body.arch);
    int at = index_find(&s->accepted_index, id);
    if (at >= 0) {
        if (p->order < s->accepted[at].order)
            s->accepted[at].order = p->order;
        return;
    }
    s->accepted = memory_grow(s->accepted, &s->accepted_capacity, s->accepteds + 1, sizeof *s->accepted);
    index_put(&s->accepted_index, id, (int)s->accepteds);
    s->accepted[s->accepteds++] = (struct accepted){id, p->order};
}

const struct state_proposal *state_proposal_open(const struct state *s, struct hash task, struct hash arch)
{
    const struct state_proposal *first = NULL;
    if (s->bucket.capacity == 0)
        return NULL;
    for (int at = *bucket_of(s, task, arch); at; at = s->proposal[at - 1].same) {
        const struct state_proposal *p = &s->proposal[at - 1];
        if (hash_equal(p->body.arch, arch) && hash_equal(p->announce.task, task) && (!first || p->order < first->order))
            first = p;
    }
    return first;
}

bool state_arch_taken(const struct state *s, struct hash task, struct hash arch, uint64_t order)
{
    const struct state_proposal *open = state_proposal_open(s, task, arch);
    int at = index_find(&s->accepted_index, state_arch_id(task, arch));
    return (open && open->order < order) || (at >= 0 && s->accepted[at].order < order);
}
