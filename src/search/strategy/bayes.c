/* Bayesian search: the candidate of largest acquisition among the neighbours of the best trials and of the incumbent,
 * random chains of steps from them and from others, in a table rows from anywhere, and what simulated annealing over
 * the acquisition comes to from there (Jin, Song and Hu, KDD 2019). */
#include "search/state.h"

#include "base/memory.h"
#include "base/vmath.h"

#include <math.h>

#define PARENTS 5 /* whose neighbours are all looked at */
#define PARENTS_IN_TABLE 10
#define DRAWN 300 /* in a table: rows from anywhere */
#define CHAINS 120
#define CHAIN_STEPS 3
#define POOL_MAX 1200
#define WALKERS 24 /* that anneal side by side */
#define WALK_STEPS 6
#define COOLING 0.7

extern const struct strategy strategy_bayes;

/* Index into told of the observation with the largest posterior mean. */
static int incumbent(const struct search *s)
{
    const struct surrogate *g = search_surrogate(s);
    int best = -1, seen = 0;
    double most = -INFINITY;
    for (int i = 0; i < s->told.n; i++)
        if (!s->told.item[i].failed) {
            double mean = surrogate_standing(g, seen++);
            if (mean > most) {
                most = mean;
                best = i;
            }
        }
    return best;
}

/* Half of the chains grow from the best trials, half from any. */
static void fill_pool(struct pool *p, const struct search *s, const int *order, int n, struct random *r)
{
    int parents = s->space.kind->draw ? PARENTS_IN_TABLE : PARENTS, best = n < parents ? n : parents;
    if (search_surrogate(s))
        pool_neighbours(p, s, incumbent(s));
    for (int i = 0; i < best && p->n < POOL_MAX; i++)
        pool_neighbours(p, s, order[i]);
    for (int i = 0; i < DRAWN && s->space.kind->draw; i++)
        pool_draw(p, s, r);
    for (int i = 0; i < CHAINS; i++) {
        int among = i % 2 == 0 ? best : n;
        int trial = order[random_below(r, (uint32_t)among)];
        pool_chain(p, s, trial, 1 + (int)random_below(r, CHAIN_STEPS), r);
    }
    for (int i = best; i < n && p->n == 0; i++)
        pool_neighbours(p, s, order[i]);
}

/* Is a row the same graph as one that was told, as far as the surrogate sees? A query of it would teach nothing. */
static bool is_copy(const struct search *s, const struct search_candidate *c)
{
    struct surrogate_features own = {.sizes = 0}; /* a table's are borrowed */
    if (!s->space.table)
        return false;
    const struct surrogate_features *f = s->space.kind->features(&s->space, space_point_of(c), &own);
    for (int i = 0; i < s->told.n; i++)
        if (wl_same(&f->wl, &s->space.kind->features(&s->space, search_point(&s->told.item[i]), &own)->wl))
            return true;
    return false;
}

struct rank {
    bool copy;
    double value;
    int item; /* of the pool, whose order is the same in every run: it decides where two are alike to the surrogate */
};

static int compare_ranks(const void *a, const void *b)
{
    const struct rank *x = a, *y = b;
    if (x->copy != y->copy)
        return x->copy - y->copy;
    if (x->value != y->value)
        return (x->value < y->value) - (x->value > y->value);
    return x->item - y->item;
}

static struct rank *rank_pool(const struct search *s, const struct pool *p)
{
    struct rank *rank = NEW_ARRAY(struct rank, p->n);
    for (int i = 0; i < p->n; i++)
        rank[i] = (struct rank){.copy = is_copy(s, &p->item[i]), .value = p->item[i].value, .item = i};
    if (p->n > 0)
        qsort(rank, (size_t)p->n, sizeof *rank, compare_ranks);
    return rank;
}

/* --- annealing over the acquisition ------------------------------------------------------------------------------- */

/* How far values lie apart near the top: the first temperature. */
static double first_heat(const struct pool *p, const struct rank *rank)
{
    double apart = p->n > 0 ? rank[0].value - rank[p->n / 4].value : 0;
    return apart > 0 && isfinite(apart) ? apart : 1;
}

/* A step of every walker that can take one; all are looked at together. */
static void walk_all(struct pool *p, const struct search *s, struct search_candidate *at, int n, double heat,
                     struct random *r)
{
    struct search_candidate next[WALKERS];
    int from[WALKERS], walked = 0;
    for (int i = 0; i < n; i++) {
        if (at[i].steps >= SEARCH_CHAIN_MAX)
            continue;
        next[walked] = search_candidate_copy(&at[i]);
        if (s->space.kind->walk(&s->space, &next[walked], r) && search_within(s, space_point_of(&next[walked])))
            from[walked++] = i;
        else
            search_candidate_free(&next[walked]);
    }
    search_predict(s, next, walked);
    for (int k = 0; k < walked; k++) {
        struct search_candidate *old = &at[from[k]];
        double u = random_unit(r), gain = next[k].value - old->value;
        if (gain >= 0 || u < vmath_exp(gain / heat)) {
            search_candidate_free(old);
            *old = search_candidate_copy(&next[k]);
        }
        pool_add(p, s, next[k]);
    }
}

/* From the best of the pool; what is met on the way joins it. */
static void anneal(struct pool *p, const struct search *s, struct random *r)
{
    struct search_candidate at[WALKERS];
    struct rank *rank = rank_pool(s, p);
    double heat = first_heat(p, rank);
    int n = p->n < WALKERS ? p->n : WALKERS;
    for (int i = 0; i < n; i++)
        at[i] = search_candidate_copy(&p->item[rank[i].item]);
    for (int step = 0; step < WALK_STEPS; step++, heat *= COOLING)
        walk_all(p, s, at, n, heat, r);
    for (int i = 0; i < n; i++)
        search_candidate_free(&at[i]);
    free(rank);
}

int search_suggest(struct search *s, struct search_candidate *out, int n, struct error *err)
{
    int trials, used = 0;
    int *order = search_ranking(s, &trials);
    struct random r = search_random(s);
    struct pool pool = {0};
    if (trials == 0) {
        free(order);
        error_set(err, ERROR_FAILED, "no trial was told yet that a search could grow from: train one first");
        return -1;
    }
    fill_pool(&pool, s, order, trials, &r);
    search_predict(s, pool.item, pool.n);
    if (s->options.acquire == SEARCH_THOMPSON)
        search_sample(s, pool.item, pool.n, &r);
    else if (search_surrogate(s))
        anneal(&pool, s, &r);
    struct rank *rank = rank_pool(s, &pool);
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
    return n == 0 ? search_ask_random(s, out, err) : n == 1;
}

const struct strategy strategy_bayes = {
    .name = "bayes",
    .about = "the largest expected improvement under a Gaussian process over architectures",
    .surrogate = true,
    .ask = bayes_ask,
};
