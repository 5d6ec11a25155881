#include "chain/vote_past.h"

#include "base/memory.h"

#include <stdlib.h>

struct vote_past_key {
    struct key_public voting;
    uint64_t turn;                      /* when something came of it last */
    struct vote vote[VOTE_PAST_OF_KEY]; /* a ring */
    int n, next;
    uint64_t told; /* contradictions */
};

void vote_past_free(struct vote_past *p)
{
    free(p->key);
    *p = (struct vote_past){.key = NULL};
}

/* Its ring; a new one takes the place of the one that has been silent for longest. */
static struct vote_past_key *ring_of(struct vote_past *p, const struct key_public *voting)
{
    int oldest = 0;
    for (int i = 0; i < p->keys; i++) {
        if (memcmp(&p->key[i].voting, voting, sizeof *voting) == 0)
            return &p->key[i];
        if (p->key[i].turn < p->key[oldest].turn)
            oldest = i;
    }
    if (p->keys < VOTE_PAST_KEYS) {
        p->key = memory_resize(p->key, (size_t)p->keys + 1, sizeof *p->key);
        oldest = p->keys++;
    }
    struct vote_past_key *k = &p->key[oldest];
    k->voting = *voting;
    k->n = k->next = 0;
    k->told = 0;
    return k;
}

static bool same_place(const struct vote *a, const struct vote *b)
{
    return a->height == b->height && a->round == b->round && a->step == b->step;
}

bool vote_past_meet(struct vote_past *p, const struct vote *v, struct vote *other)
{
    struct vote_past_key *k = ring_of(p, &v->voting);
    k->turn = ++p->turn;
    for (int i = 0; i < k->n; i++) {
        if (!same_place(&k->vote[i], v))
            continue;
        *other = k->vote[i];
        return vote_conflict(other, v) && k->told++ < VOTE_PAST_TOLD;
    }
    k->vote[k->next] = *v;
    k->next = (k->next + 1) % VOTE_PAST_OF_KEY;
    k->n += k->n < VOTE_PAST_OF_KEY;
    return false;
}
