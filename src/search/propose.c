/* What several rules propose alike, and how a proposal is told to people. Declared in state.h. */
#include "search/state.h"

#include "base/memory.h"
#include "base/text.h"

#define DRAWS 200

void search_say(const struct search *s, struct search_candidate *c)
{
    char line[2 * sizeof c->why], about[96], from[32] = "";
    s->space.kind->say(&s->space, c, line, sizeof line);
    if (c->parent >= 0)
        snprintf(from, sizeof from, " of trial %d", c->parent);
    if (c->predicted && c->view.ei >= 1e-12)
        snprintf(about, sizeof about, "%s: EI %.2g, predicted %.3f ± %.3f", from, c->view.ei, c->view.mean, c->view.sd);
    else if (c->predicted)
        snprintf(about, sizeof about, "%s: log EI %.1f, predicted %.3f ± %.3f", from, c->view.log_ei, c->view.mean,
                 c->view.sd);
    else
        snprintf(about, sizeof about, "%s: by %s", from, search_is_starting(s) ? "chance" : s->strategy->name);
    size_t room = sizeof c->why - 1 - strlen(about);
    if (strlen(line) > room)
        text_copy(line + room - 3, sizeof line - room + 3, "...");
    text_copy(c->why, sizeof c->why, line);
    text_append(c->why, sizeof c->why, about);
}

bool search_answer(struct search *s, struct search_candidate *out, struct search_candidate c)
{
    *out = c;
    search_say(s, out);
    return true;
}

bool search_nothing_left(const struct search *s, struct error *err)
{
    int grown = 0;
    for (int i = 0; i < s->told.n; i++)
        grown += !s->told.item[i].failed;
    if (s->space.table)
        return error_set(err, ERROR_FAILED, "every graph of the table was queried");
    return error_set(err, ERROR_FAILED,
                     grown == 0 ? "no trial was told yet that a search could grow from: train one first"
                                : "every step from every trial was tried or is over the limit of parameters or "
                                  "multiply-adds: raise the limit or stop");
}

/* In a table all strategies begin with the same draws. By morphisms a search has a starting point before anything is
 * drawn, and only a surrogate needs more than that. */
bool search_is_starting(const struct search *s)
{
    if (s->space.kind->draw)
        return s->told.n + s->pending.n < s->options.initial;
    return s->strategy->surrogate && s->told.n + s->pending.n <= s->options.initial;
}

bool search_step_from(struct search *s, int trial, struct random *r, struct search_candidate *out)
{
    struct pool pool = {0};
    for (int i = 0; i < DRAWS / 10 && pool.n == 0; i++)
        pool_chain(&pool, s, trial, 1, r);
    if (pool.n == 0)
        pool_neighbours(&pool, s, trial);
    bool found = pool.n > 0 && search_answer(s, out, pool_take(&pool, (int)random_below(r, (uint32_t)pool.n)));
    pool_free(&pool);
    return found;
}

/* Some row that was not tried, where chance found none. */
static void draw_rest(struct pool *p, const struct search *s)
{
    struct search_candidate c;
    for (int k = 0; p->n == 0 && s->space.kind->enumerate(&s->space, &c, k, 0); k++)
        pool_add(p, s, c);
}

static void draw_afresh(struct pool *p, const struct search *s, struct random *r)
{
    for (int i = 0; i < DRAWS && p->n == 0; i++)
        pool_draw(p, s, r);
    draw_rest(p, s);
}

static void draw_steps(struct pool *p, const struct search *s, struct random *r)
{
    int n;
    int *order = search_ranking(s, &n);
    for (int i = 0; i < DRAWS && n > 0 && p->n == 0; i++)
        pool_chain(p, s, order[random_below(r, (uint32_t)n)], 1, r);
    bool all = n > 0 && p->n == 0;
    for (int i = 0; i < n && all; i++)
        pool_neighbours(p, s, order[i]);
    free(order);
}

bool search_ask_random(struct search *s, struct search_candidate *out, struct error *err)
{
    struct random r = search_random(s);
    struct pool pool = {0};
    if (s->space.kind->draw)
        draw_afresh(&pool, s, &r);
    else
        draw_steps(&pool, s, &r);
    bool found = pool.n > 0 && search_answer(s, out, pool_take(&pool, (int)random_below(&r, (uint32_t)pool.n)));
    pool_free(&pool);
    return found || search_nothing_left(s, err);
}

/* Indices of the trials that a new beginning may grow from; at least one if any trial can be grown from. */
static int starts_of(const struct search *s, int *out)
{
    int n = 0;
    for (int i = 0; i < s->told.n; i++)
        if (s->told.item[i].start && !s->told.item[i].failed)
            out[n++] = i;
    for (int i = 0; i < s->told.n && n == 0; i++)
        if (!s->told.item[i].failed)
            out[n++] = i;
    return n;
}

bool search_restart(struct search *s, struct random *r, struct search_candidate *out)
{
    struct pool pool = {0};
    int *start = NEW_ARRAY(int, s->told.n), n = starts_of(s, start);
    if (s->space.kind->draw)
        draw_afresh(&pool, s, r);
    for (int i = 0; i < DRAWS && n > 0 && pool.n == 0; i++)
        pool_chain(&pool, s, start[random_below(r, (uint32_t)n)], 2 + (int)random_below(r, SEARCH_CHAIN_MAX - 1), r);
    bool found = pool.n > 0 && search_answer(s, out, pool_take(&pool, 0));
    pool_free(&pool);
    free(start);
    return found;
}
