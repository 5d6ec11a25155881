/* Local search (White, Nolen and Savani, UAI 2021): from the best of the first trials to the first neighbour that is
 * better, neighbours in random order; where none is better, anew from elsewhere. Where it stands follows from the trials
 * told: each that is better than the place stood on becomes the place, and the first one told after all neighbours of the
 * place were told is where it began anew. */
#include "search/state.h"

extern const struct strategy strategy_local;

struct standing {
    const struct search *search;
    int at;               /* index into told; -1: nowhere yet */
    struct seen neighbour; /* ids of the place's */
    int untold;           /* so many of them were not told by the trial that is looked at */
};

static bool note_neighbour(void *context, struct search_candidate *one)
{
    struct standing *st = context;
    struct space_point p = space_point_of(one);
    if (search_within(st->search, p))
        seen_add(&st->neighbour, st->search->space.kind->id(&st->search->space, p));
    search_candidate_free(one);
    return true;
}

static void stand_at(struct standing *st, int place)
{
    const struct search *s = st->search;
    seen_free(&st->neighbour);
    st->at = place;
    s->space.kind->neighbours(&s->space, search_point(&s->told.item[place]), note_neighbour, st);
    st->untold = st->neighbour.n;
    for (int i = 0; i <= place; i++)
        st->untold -= seen_has(&st->neighbour, s->told.item[i].hash);
}

/* The trials that the search began with have no order among them. */
static int best_of_first(const struct search *s, int first)
{
    int best = -1;
    for (int i = 0; i < s->told.n && i < first; i++)
        if (!s->told.item[i].failed && (best < 0 || s->told.item[i].score > s->told.item[best].score))
            best = i;
    return best;
}

static int first_trials(const struct search *s)
{
    int n = s->space.kind->draw ? s->options.initial : 0;
    while (n < s->told.n && s->told.item[n].start)
        n++;
    return n > 0 ? n : 1;
}

static int find_standing(const struct search *s)
{
    struct standing st = {.search = s, .at = -1};
    int first = first_trials(s), best = best_of_first(s, first);
    if (best >= 0) {
        stand_at(&st, best);
        for (int i = best + 1; i < s->told.n && i < first; i++)
            st.untold -= seen_has(&st.neighbour, s->told.item[i].hash);
    }
    for (int i = first; i < s->told.n; i++) {
        const struct search_trial *t = &s->told.item[i];
        if (!t->failed && (st.at < 0 || st.untold == 0 || t->score > s->told.item[st.at].score))
            stand_at(&st, i);
        else
            st.untold -= st.at >= 0 && seen_has(&st.neighbour, t->hash);
    }
    seen_free(&st.neighbour);
    return st.at;
}

static bool local_ask(struct search *s, struct search_candidate *out, struct error *err)
{
    struct random r = search_random(s);
    struct pool pool = {0};
    int at = find_standing(s);
    if (at >= 0)
        pool_neighbours(&pool, s, at);
    bool found = pool.n > 0 && search_answer(s, out, pool_take(&pool, (int)random_below(&r, (uint32_t)pool.n)));
    pool_free(&pool);
    return found || search_restart(s, &r, out) || search_ask_random(s, out, err);
}

const struct strategy strategy_local = {
    .name = "local",
    .about = "the first neighbour that is better; where none is, anew from elsewhere",
    .ask = local_ask,
};
