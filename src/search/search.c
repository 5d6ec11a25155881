#include "search/search.h"

#include "base/memory.h"
#include "base/text.h"
#include "search/state.h"

#include <math.h>

/* No score of a trained network; above it squares would overflow. */
#define SCORE_MOST 1e100

extern const struct strategy strategy_bayes, strategy_random;
const struct strategy *const strategy_table[] = {&strategy_bayes, &strategy_random, NULL};

static const struct strategy *strategy_find(const char *name, struct error *err)
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

struct search *search_new(const struct search_options *options, struct error *err)
{
    const struct strategy *strategy = strategy_find(options->strategy ? options->strategy : "bayes", err);
    if (!strategy)
        return NULL;
    if (options->max_parameters < 0 || options->initial < 0) {
        error_set(err, ERROR_USAGE, "the limit of parameters and the number of initial candidates are not below 0");
        return NULL;
    }
    struct search *s = NEW(struct search);
    s->options = *options;
    s->options.strategy = strategy->name;
    s->options.initial = options->initial > 0 ? options->initial : 4;
    s->strategy = strategy;
    s->stale = NEW(bool);
    s->surrogate = strategy->surrogate ? surrogate_new(&(struct surrogate_options){.deterministic = true}) : NULL;
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
    surrogate_free(s->surrogate);
    free(s->stale);
    free(s);
}

static struct search_trial *list_add(struct trial_list *list, int id, const struct arch *a)
{
    list->item = memory_grow(list->item, &list->capacity, (size_t)list->n + 1, sizeof *list->item);
    struct search_trial *t = &list->item[list->n++];
    *t = (struct search_trial){.id = id, .arch = arch_copy(a), .hash = arch_id(a)};
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

void search_tell(struct search *s, int id, const struct arch *a, double score, double noise, bool failed)
{
    struct search_trial *t = list_add(&s->told, id, a);
    list_remove(&s->pending, id);
    t->failed = failed || !(fabs(score) < SCORE_MOST);
    t->score = t->failed ? 0 : score;
    t->noise = noise > 0 && noise < SCORE_MOST ? noise : 0;
    if (s->surrogate && !t->failed)
        surrogate_add(s->surrogate, a, t->score, t->noise);
    *s->stale = true;
}

void search_pending(struct search *s, int id, const struct arch *a)
{
    list_add(&s->pending, id, a);
    *s->stale = true;
}

/* Fitted when it is asked for, not at each tell: a search rebuilt from its stored trials fits once. */
const struct surrogate *search_surrogate(const struct search *s)
{
    if (!s->surrogate || !*s->stale)
        return s->surrogate;
    surrogate_fit(s->surrogate);
    for (int i = 0; i < s->pending.n; i++)
        surrogate_believe(s->surrogate, s->pending.item[i].arch);
    *s->stale = false;
    return s->surrogate;
}

struct random search_random(const struct search *s)
{
    return random_start(s->options.seed, RANDOM_CANDIDATES, (uint32_t)s->told.n, (uint32_t)s->pending.n);
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

void search_predict(const struct search *s, struct search_candidate *c)
{
    const struct surrogate *g = search_surrogate(s);
    c->predicted = g && surrogate_n(g) >= 1;
    if (c->predicted)
        surrogate_predict(g, c->arch, &c->view);
}

void search_say(struct search_candidate *c)
{
    struct text line = {0};
    for (int i = 0; i < c->steps; i++) {
        char step[MORPH_TEXT_MAX];
        morph_format(&c->step[i], step);
        text_printf(&line, "%s%s", i > 0 ? ", " : "", step);
    }
    char about[96];
    if (c->predicted && c->view.ei >= 1e-12)
        snprintf(about, sizeof about, " of trial %d: EI %.2g, predicted %.3f ± %.3f", c->parent, c->view.ei,
                 c->view.mean, c->view.sd);
    else if (c->predicted)
        snprintf(about, sizeof about, " of trial %d: log EI %.1f, predicted %.3f ± %.3f", c->parent, c->view.log_ei,
                 c->view.mean, c->view.sd);
    else
        snprintf(about, sizeof about, " of trial %d: drawn at random", c->parent);
    size_t room = sizeof c->why - 1 - strlen(about);
    if (line.n <= room)
        snprintf(c->why, sizeof c->why, "%s%s", text_of(&line), about);
    else
        snprintf(c->why, sizeof c->why, "%.*s...%s", (int)room - 3, text_of(&line), about);
    text_free(&line);
}

bool search_ask(struct search *s, struct search_candidate *out, struct error *err)
{
    *out = (struct search_candidate){0};
    return s->strategy->ask(s, out, err);
}
