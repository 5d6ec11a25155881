/* Random search: a step drawn evenly from a trial drawn evenly. The baseline, and how a Bayesian search begins. */
#include "search/state.h"

#include "base/memory.h"

#define DRAWS 200

extern const struct strategy strategy_random;

static bool take(struct pool *p, int i, struct search_candidate *out)
{
    *out = pool_take(p, i);
    search_say(out);
    return true;
}

bool search_ask_random(struct search *s, struct search_candidate *out, struct error *err)
{
    struct random r = search_random(s);
    struct pool pool = {0};
    int n;
    int *order = search_ranking(s, &n);
    bool found = false;
    for (int i = 0; i < DRAWS && n > 0 && !found; i++)
        if (pool_chain(&pool, s, order[random_below(&r, (uint32_t)n)], 1, &r))
            found = take(&pool, 0, out);
    for (int i = 0; i < n && !found; i++)
        pool_neighbours(&pool, s, order[i]);
    if (!found && pool.n > 0)
        found = take(&pool, (int)random_below(&r, (uint32_t)pool.n), out);
    free(order);
    pool_free(&pool);
    if (found)
        return true;
    return error_set(err, ERROR_FAILED,
                     n == 0 ? "no trial was told yet that a search could grow from: train one first"
                            : "every step from every trial was tried or is over the limit of "
                              "parameters: raise the limit or stop");
}

const struct strategy strategy_random = {
    .name = "random",
    .about = "a random morphism of a random trial",
    .ask = search_ask_random,
};
