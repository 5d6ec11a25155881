/* Simulated annealing (Kirkpatrick, Gelatt and Vecchi, Science 1983) over one-step neighbours: a trial becomes the place
 * stood on if it is better, or by chance exp(difference / temperature) (Metropolis). The temperature begins at the spread
 * of the first scores, so that no scale has to be given, and falls by a fixed share with every trial. Where it stands
 * follows from the trials told, each with a random number of its own. */
#include "search/state.h"

#include "base/vmath.h"

#include <math.h>

#define COOLING 0.95   /* a trial */
#define COLDEST 0.01   /* of the first temperature */
#define WALK_MOST 4    /* steps from where all neighbours were tried */
#define SPREAD_OF 10   /* trials, at most, that the temperature begins from */

extern const struct strategy strategy_anneal;

/* Standard deviation of the first scores; 0 where they do not differ: then only what is as good is stood on. */
static double first_spread(const struct search *s)
{
    double sum = 0, square = 0;
    int n = 0;
    for (int i = 0; i < s->told.n && n < SPREAD_OF; i++)
        if (!s->told.item[i].failed) {
            double before = s->told.item[i].score - (n > 0 ? sum / n : 0);
            n++;
            sum += s->told.item[i].score;
            square += before * (s->told.item[i].score - sum / n); /* Welford */
        }
    return n > 1 ? sqrt(square / (n - 1)) : 0;
}

static bool accepts(const struct search *s, double gain, double temperature, int place)
{
    struct random r = search_random_at(s, place);
    return gain >= 0 || (temperature > 0 && random_unit(&r) < vmath_exp(gain / temperature));
}

static int find_standing(const struct search *s)
{
    double first = first_spread(s), heat = 1;
    int at = -1, start = s->space.kind->draw ? s->options.initial : 1;
    for (int i = 0; i < s->told.n; i++) {
        const struct search_trial *t = &s->told.item[i];
        bool begins = i < start || t->start;
        if (t->failed)
            continue;
        double gain = at < 0 ? 0 : t->score - s->told.item[at].score;
        if (begins ? at < 0 || gain > 0 : accepts(s, gain, first * heat, i))
            at = i;
        heat = begins || heat * COOLING < COLDEST ? heat : heat * COOLING;
    }
    return at;
}

static bool anneal_ask(struct search *s, struct search_candidate *out, struct error *err)
{
    struct random r = search_random(s);
    struct pool pool = {0};
    int at = find_standing(s);
    bool found = at >= 0 && search_step_from(s, at, &r, out);
    for (int steps = 2; at >= 0 && !found && steps <= WALK_MOST; steps++)
        found = pool_chain(&pool, s, at, steps, &r) && search_answer(s, out, pool_take(&pool, 0));
    pool_free(&pool);
    return found || search_ask_random(s, out, err);
}

const struct strategy strategy_anneal = {
    .name = "anneal",
    .about = "simulated annealing: a worse neighbour is stood on by chance, ever more rarely",
    .ask = anneal_ask,
};
