#include "search/search.h"

#include "base/memory.h"
#include "base/text.h"
#include "base/vmath.h"
#include "search/state.h"

#include <math.h>

/* No score of a trained network; above it squares would overflow. */
#define SCORE_MOST 1e100

extern const struct strategy strategy_anneal, strategy_bayes, strategy_evolution, strategy_grid, strategy_local,
    strategy_random;
/* Here will stand `reinforce` (a controller that emits morphisms, Zoph and Le) and `darts` (a supernet of mixed
 * operators). */
const struct strategy *const strategy_table[] = {&strategy_bayes,  &strategy_evolution, &strategy_local,
                                                 &strategy_anneal, &strategy_grid,      &strategy_random, NULL};

const char *const search_acquire_names[] = {"ei", "ucb", "thompson", "ei-per-cost", NULL};

const struct strategy *strategy_find(const char *name, struct error *err)
{
    for (int i = 0; strategy_table[i]; i++)
        if (text_equal(strategy_table[i]->name, name))
            return strategy_table[i];
    struct text known = {0};
    for (int i = 0; strategy_table[i]; i++)
        text_printf(&known, "%s%s", i > 0 ? ", " : "", strategy_table[i]->name);
    error_set(err, ERROR_USAGE, "there is no strategy \"%s\": take one of %s", name, text_of(&known));
    text_free(&known);
    return NULL;
}

static bool check(const struct search_options *o, struct error *err)
{
    unsigned all = SEARCH_SCORE | SEARCH_PARAMETERS | SEARCH_MACS | SEARCH_LATENCY;
    if (o->max_parameters < 0 || o->max_macs < 0 || o->initial < 0)
        return error_set(err, ERROR_USAGE, "limits and the number of initial candidates are not below 0");
    if ((o->objectives & ~all) || (o->objectives && !(o->objectives & SEARCH_SCORE)))
        return error_set(err, ERROR_USAGE, "the score is always an objective, besides it parameters, macs and latency");
    if (o->deterministic && (o->objectives & SEARCH_LATENCY))
        return error_set(err, ERROR_USAGE, "latency is measured by a clock: it is no objective of a deterministic search");
    if (o->table && (o->max_parameters || o->max_macs || (o->objectives & ~(unsigned)SEARCH_SCORE)))
        return error_set(err, ERROR_USAGE, "a table knows scores alone: no limits, no other objectives");
    if (o->table && o->acquire == SEARCH_EI_PER_COST)
        return error_set(err, ERROR_USAGE, "a table knows scores alone, no costs: nothing to divide EI by");
    return true;
}

struct search *search_new(const struct search_options *options, struct error *err)
{
    const struct strategy *strategy = strategy_find(options->strategy ? options->strategy : "bayes", err);
    if (!strategy || !check(options, err))
        return NULL;
    struct search *s = NEW(struct search);
    s->options = *options;
    s->options.strategy = strategy->name;
    s->options.initial = options->initial > 0 ? options->initial : 4;
    s->options.objectives |= SEARCH_SCORE;
    s->strategy = strategy;
    s->space = (struct space){.kind = options->table ? &space_table : &space_morph,
                              .table = options->table,
                              .shrinks = s->options.objectives != SEARCH_SCORE};
    s->stale = NEW(bool);
    struct surrogate_options how = {.deterministic = options->deterministic, .ranks = options->table != NULL};
    s->surrogate = strategy->surrogate ? surrogate_new(&how) : NULL;
    how.straight = true; /* a latency has no tail of failures */
    s->latency = strategy->surrogate && (s->options.objectives & SEARCH_LATENCY) ? surrogate_new(&how) : NULL;
    return s;
}

static void list_free(struct trial_list *list)
{
    for (int i = 0; i < list->n; i++)
        arch_free(list->item[i].arch);
    free(list->item);
}

void search_free(struct search *s)
{
    if (!s)
        return;
    list_free(&s->told);
    list_free(&s->pending);
    seen_free(&s->seen);
    surrogate_free(s->surrogate);
    surrogate_free(s->latency);
    free(s->stale);
    free(s);
}

struct space_point search_point(const struct search_trial *t)
{
    return (struct space_point){.arch = t->arch, .row = t->row};
}

static struct search_trial *list_add(struct search *s, struct trial_list *list, int id, struct space_point p)
{
    ASSERT((p.arch == NULL) == (s->space.table != NULL));
    list->item = memory_grow(list->item, &list->capacity, (size_t)list->n + 1, sizeof *list->item);
    struct search_trial *t = &list->item[list->n++];
    *t = (struct search_trial){.id = id,
                               .arch = p.arch ? arch_copy(p.arch) : NULL,
                               .row = p.row,
                               .hash = s->space.kind->id(&s->space, p)};
    s->space.kind->costs(&s->space, p, &t->parameters, &t->macs);
    seen_add(&s->seen, t->hash);
    *s->stale = true;
    return t;
}

static void list_remove(struct trial_list *list, int id)
{
    for (int i = 0; i < list->n; i++)
        if (list->item[i].id == id) {
            arch_free(list->item[i].arch);
            memmove(&list->item[i], &list->item[i + 1], (size_t)(list->n - i - 1) * sizeof *list->item);
            list->n--;
            return;
        }
}

static void learn(struct search *s, const struct search_trial *t)
{
    struct surrogate_features own = {.sizes = 0};
    const struct surrogate_features *f = s->space.kind->features(&s->space, search_point(t), &own);
    surrogate_add_features(s->surrogate, f, t->score, t->noise);
    if (s->latency && t->latency_us > 0)
        surrogate_add_features(s->latency, f, vmath_log(t->latency_us), 0);
    surrogate_features_end(&own);
}

static void tell(struct search *s, int id, struct space_point p, const struct search_told *told)
{
    list_remove(&s->pending, id);
    struct search_trial *t = list_add(s, &s->told, id, p);
    t->failed = told->failed || !(fabs(told->score) < SCORE_MOST);
    t->score = t->failed ? 0 : told->score;
    t->noise = told->noise > 0 && told->noise < SCORE_MOST ? told->noise : 0;
    t->latency_us = told->latency_us > 0 && told->latency_us < SCORE_MOST ? told->latency_us : 0;
    t->start = told->start;
    if (s->surrogate && !t->failed)
        learn(s, t);
}

void search_tell(struct search *s, int id, const struct arch *a, const struct search_told *told)
{
    tell(s, id, (struct space_point){.arch = a, .row = -1}, told);
}

void search_tell_row(struct search *s, int id, int row, const struct search_told *told)
{
    tell(s, id, (struct space_point){.row = row}, told);
}

void search_pending(struct search *s, int id, const struct arch *a)
{
    list_add(s, &s->pending, id, (struct space_point){.arch = a, .row = -1});
}

void search_pending_row(struct search *s, int id, int row)
{
    list_add(s, &s->pending, id, (struct space_point){.row = row});
}

bool search_within(const struct search *s, struct space_point p)
{
    const struct search_options *o = &s->options;
    int64_t parameters, macs;
    if (o->max_parameters == 0 && o->max_macs == 0)
        return true;
    s->space.kind->costs(&s->space, p, &parameters, &macs);
    return (o->max_parameters == 0 || parameters <= o->max_parameters) && (o->max_macs == 0 || macs <= o->max_macs);
}

bool search_is_new(const struct search *s, struct space_point p, struct hash *id)
{
    if (!search_within(s, p))
        return false;
    *id = s->space.kind->id(&s->space, p);
    return !seen_has(&s->seen, *id);
}

static void believe(const struct search *s, const struct search_trial *t)
{
    struct surrogate_features own = {.sizes = 0};
    surrogate_believe_features(s->surrogate, s->space.kind->features(&s->space, search_point(t), &own));
    surrogate_features_end(&own);
}

/* Fitted when it is asked for, not at each tell: a search rebuilt from its stored trials fits once. */
const struct surrogate *search_surrogate(const struct search *s)
{
    if (!s->surrogate || !*s->stale)
        return s->surrogate;
    surrogate_fit(s->surrogate);
    if (s->latency)
        surrogate_fit(s->latency);
    for (int i = 0; i < s->pending.n; i++)
        believe(s, &s->pending.item[i]);
    *s->stale = false;
    return s->surrogate;
}

struct random search_random(const struct search *s)
{
    return random_start(s->options.seed, RANDOM_CANDIDATES, (uint32_t)s->told.n, (uint32_t)s->pending.n);
}

struct random search_random_at(const struct search *s, int place)
{
    return random_start(s->options.seed, RANDOM_SEARCH, (uint32_t)place, 0); /* the weights' streams have more than 0 */
}

int *search_ranking(const struct search *s, int *n)
{
    int *order = NEW_ARRAY(int, s->told.n);
    *n = 0;
    for (int i = 0; i < s->told.n; i++) {
        if (s->told.item[i].failed)
            continue;
        int at = (*n)++;
        for (; at > 0 && s->told.item[order[at - 1]].score < s->told.item[i].score; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    return order;
}

bool search_ask(struct search *s, struct search_candidate *out, struct error *err)
{
    *out = (struct search_candidate){.parent = -1, .row = -1};
    return search_is_starting(s) ? search_ask_random(s, out, err) : s->strategy->ask(s, out, err);
}
