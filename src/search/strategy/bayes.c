/* Bayesian search: the candidate of largest expected improvement among the neighbours of the best trials and random
 * chains of steps from them and from others. */
#include "search/state.h"

#include "base/memory.h"

#define PARENTS 5 /* whose neighbours are all looked at */
#define PARENTS_IN_TABLE 10
#define DRAWN 400 /* in a table: rows from anywhere */
#define CHAINS 120
#define CHAIN_STEPS 3
#define POOL_MAX 1200

extern const struct strategy strategy_bayes;

/* Half of the chains grow from the best trials, half from any. */
static void fill_pool(struct pool *p, const struct search *s, const int *order, int n)
{
    struct random r = search_random(s);
    int parents = s->space.kind->draw ? PARENTS_IN_TABLE : PARENTS, best = n < parents ? n : parents;
    for (int i = 0; i < best && p->n < POOL_MAX; i++)
        pool_neighbours(p, s, order[i]);
    for (int i = 0; i < DRAWN && s->space.kind->draw; i++)
        pool_draw(p, s, &r);
    for (int i = 0; i < CHAINS; i++) {
        int among = i % 2 == 0 ? best : n;
        int trial = order[random_below(&r, (uint32_t)among)];
        pool_chain(p, s, trial, 1 + (int)random_below(&r, CHAIN_STEPS), &r);
    }
    for (int i = best; i < n && p->n == 0; i++)
        pool_neighbours(p, s, order[i]);
}

struct rank {
    double log_ei;
    int item; /* of the pool, whose order is the same in every run: it decides where two are alike to the surrogate */
};

static int compare_ranks(const void *a, const void *b)
{
    const struct rank *x = a, *y = b;
    if (x->log_ei != y->log_ei)
        return (x->log_ei < y->log_ei) - (x->log_ei > y->log_ei);
    return x->item - y->item;
}

int search_suggest(struct search *s, struct search_candidate *out, int n, struct error *err)
{
    int trials, used = 0;
    int *order = search_ranking(s, &trials);
    struct pool pool = {0};
    if (trials == 0) {
        free(order);
        error_set(err, ERROR_FAILED, "no trial was told yet that a search could grow from: train one first");
        return -1;
    }
    fill_pool(&pool, s, order, trials);
    struct rank *rank = NEW_ARRAY(struct rank, pool.n);
    search_predict(s, pool.item, pool.n);
    for (int i = 0; i < pool.n; i++)
        rank[i] = (struct rank){.log_ei = pool.item[i].view.log_ei, .item = i};
    qsort(rank, (size_t)pool.n, sizeof *rank, compare_ranks);
    for (; used < n && used < pool.n; used++) {
        out[used] = pool_take(&pool, rank[used].item);
        search_say(s, &out[used]);
    }
    free(rank);
    pool_free(&pool);
    free(order);
    return used;
}

static bool bayes_ask(struct search *s, struct search_candidate *out, struct error *err)
{
    const struct surrogate *g = search_surrogate(s);
    if (surrogate_n(g) < 2)
        return search_ask_random(s, out, err);
    int n = search_suggest(s, out, 1, err);
    if (n == 0)
        return search_nothing_left(s, err);
    return n == 1;
}

const struct strategy strategy_bayes = {
    .name = "bayes",
    .about = "the largest expected improvement under a Gaussian process over architectures",
    .surrogate = true,
    .ask = bayes_ask,
};
