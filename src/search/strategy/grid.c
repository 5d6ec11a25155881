/* Systematic search, nothing drawn: by morphisms breadth-first over the one-step neighbours of the trials in the order in
 * which they were told, kinds and nodes in their own order; in a table row after row in even strides,
 * beginning where the seed says. */
#include "search/state.h"

extern const struct strategy strategy_grid;

struct first_new {
    const struct search *search;
    struct search_candidate found;
    bool any;
};

static bool take_first_new(void *context, struct search_candidate *one)
{
    struct first_new *f = context;
    struct hash id;
    f->any = search_is_new(f->search, space_point_of(one), &id);
    if (f->any)
        f->found = *one;
    else
        search_candidate_free(one);
    return !f->any;
}

static void first_row(struct first_new *f, const struct space *space)
{
    struct search_candidate c;
    struct random r = search_random_at(f->search, 0);
    uint64_t from = random_u64(&r);
    for (int k = 0; !f->any && space->kind->enumerate(space, &c, k, from); k++)
        take_first_new(f, &c);
}

static bool grid_ask(struct search *s, struct search_candidate *out, struct error *err)
{
    struct first_new f = {.search = s};
    if (s->space.kind->enumerate)
        first_row(&f, &s->space);
    for (int i = 0; i < s->told.n && !f.any && !s->space.kind->enumerate; i++) {
        const struct search_trial *t = &s->told.item[i];
        if (t->failed)
            continue;
        s->space.kind->neighbours(&s->space, search_point(t), take_first_new, &f);
        f.found.parent = t->id;
    }
    return f.any ? search_answer(s, out, f.found) : search_nothing_left(s, err);
}

const struct strategy strategy_grid = {
    .name = "grid",
    .about = "every neighbour in a fixed order, breadth first; rows of a table in even strides",
    .ask = grid_ask,
};
