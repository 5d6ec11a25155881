/* Regularised evolution (Real, Aggarwal, Huang and Le, AAAI 2019): the population are the trials told last, so that the
 * oldest leaves when one comes; the best of a random few of it is mutated by one step. In a table the population begins
 * as random draws; by morphisms it grows from the starting points. */
#include "search/state.h"

#include "base/memory.h"

#define POPULATION 30
#define TOURNAMENT 10
#define TOURNAMENTS 50 /* held before a winner's neighbours are all taken to be tried */

extern const struct strategy strategy_evolution;

/* The last POPULATION trials that did not fail: indices into told. */
static int population(const struct search *s, int out[POPULATION])
{
    int n = 0;
    for (int i = s->told.n - 1; i >= 0 && n < POPULATION; i--)
        if (!s->told.item[i].failed)
            out[n++] = i;
    return n;
}

/* With replacement, as published. */
static int winner(const struct search *s, const int *member, int n, struct random *r)
{
    int best = -1;
    for (int i = 0; i < TOURNAMENT; i++) {
        int one = member[random_below(r, (uint32_t)n)];
        if (best < 0 || s->told.item[one].score > s->told.item[best].score)
            best = one;
    }
    return best;
}

static bool evolution_ask(struct search *s, struct search_candidate *out, struct error *err)
{
    struct random r = search_random(s);
    int member[POPULATION], n = population(s, member);
    if (s->space.kind->draw && s->told.n + s->pending.n < POPULATION)
        return search_ask_random(s, out, err);
    for (int i = 0; i < TOURNAMENTS && n > 0; i++)
        if (search_step_from(s, winner(s, member, n, &r), &r, out))
            return true;
    return search_ask_random(s, out, err);
}

const struct strategy strategy_evolution = {
    .name = "evolution",
    .about = "a mutation of the best of a few; the oldest trial leaves (regularised evolution)",
    .ask = evolution_ask,
};
