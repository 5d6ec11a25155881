#include "search/pool.h"

#include "base/memory.h"
#include "search/state.h"

void search_candidate_free(struct search_candidate *c)
{
    arch_free(c->arch);
    c->arch = NULL;
}

struct search_candidate search_candidate_copy(const struct search_candidate *c)
{
    struct search_candidate copy = *c;
    copy.arch = c->arch ? arch_copy(c->arch) : NULL;
    return copy;
}

void pool_free(struct pool *p)
{
    for (int i = 0; i < p->n; i++)
        search_candidate_free(&p->item[i]);
    free(p->item);
    seen_free(&p->seen);
    *p = (struct pool){0};
}

bool pool_add(struct pool *p, const struct search *s, struct search_candidate c)
{
    struct hash id;
    if (!search_is_new(s, space_point_of(&c), &id) || !seen_add(&p->seen, id)) {
        search_candidate_free(&c);
        return false;
    }
    p->item = memory_grow(p->item, &p->capacity, (size_t)p->n + 1, sizeof *p->item);
    p->item[p->n++] = c;
    return true;
}

struct search_candidate pool_take(struct pool *p, int i)
{
    struct search_candidate c = p->item[i];
    p->item[i].arch = NULL;
    return c;
}

struct sink {
    struct pool *pool;
    const struct search *search;
    int parent;
};

static bool take_neighbour(void *context, struct search_candidate *one)
{
    struct sink *sink = context;
    one->parent = sink->parent;
    pool_add(sink->pool, sink->search, *one);
    return true;
}

void pool_neighbours(struct pool *p, const struct search *s, int trial)
{
    struct sink sink = {.pool = p, .search = s, .parent = s->told.item[trial].id};
    s->space.kind->neighbours(&s->space, search_point(&s->told.item[trial]), take_neighbour, &sink);
}

bool pool_chain(struct pool *p, const struct search *s, int trial, int steps, struct random *r)
{
    const struct search_trial *t = &s->told.item[trial];
    struct search_candidate c = space_stand(search_point(t), t->id);
    ASSERT(steps <= SEARCH_CHAIN_MAX);
    while (c.steps < steps) {
        struct search_candidate next = search_candidate_copy(&c);
        if (!s->space.kind->walk(&s->space, &next, r) || !search_within(s, space_point_of(&next))) {
            search_candidate_free(&next);
            break;
        }
        search_candidate_free(&c);
        c = next;
    }
    if (c.steps > 0)
        return pool_add(p, s, c);
    search_candidate_free(&c);
    return false;
}

bool pool_draw(struct pool *p, const struct search *s, struct random *r)
{
    struct search_candidate c;
    s->space.kind->draw(&s->space, &c, r);
    return pool_add(p, s, c);
}
