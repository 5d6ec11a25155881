#include "search/state.h"

#include "base/memory.h"

void search_candidate_free(struct search_candidate *c)
{
    arch_free(c->arch);
    c->arch = NULL;
}

void pool_free(struct pool *p)
{
    for (int i = 0; i < p->n; i++)
        search_candidate_free(&p->item[i]);
    free(p->item);
    free(p->hash);
    *p = (struct pool){0};
}

static bool is_known(const struct pool *p, const struct search *s, struct hash id)
{
    const struct trial_list *list[2] = {&s->told, &s->pending};
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < list[k]->n; i++)
            if (hash_equal(list[k]->item[i].hash, id))
                return true;
    for (int i = 0; i < p->n; i++)
        if (hash_equal(p->hash[i], id))
            return true;
    return false;
}

static bool within_limit(const struct search *s, const struct arch *a)
{
    return s->options.max_parameters <= 0 || arch_parameters(a) <= s->options.max_parameters;
}

/* Takes the candidate if it is new and within the limit, else frees it. */
static bool pool_add(struct pool *p, const struct search *s, struct search_candidate c)
{
    struct hash id = {0};
    bool take = within_limit(s, c.arch);
    if (take) {
        id = arch_id(c.arch);
        take = !is_known(p, s, id);
    }
    if (!take) {
        search_candidate_free(&c);
        return false;
    }
    p->item = memory_grow(p->item, &p->item_capacity, (size_t)p->n + 1, sizeof *p->item);
    p->hash = memory_grow(p->hash, &p->hash_capacity, (size_t)p->n + 1, sizeof *p->hash);
    p->item[p->n] = c;
    p->hash[p->n++] = id;
    return true;
}

struct search_candidate pool_take(struct pool *p, int i)
{
    struct search_candidate c = p->item[i];
    p->item[i].arch = NULL;
    return c;
}

static int menu_of(const struct arch *a, const struct morph_kind *kind, int node,
                   int menu[MORPH_MENU_MAX][MORPH_SETTINGS_MAX])
{
    char reason[8];
    if (kind->shrinks || !kind->applicable(a, node, reason, sizeof reason))
        return 0;
    memset(menu, 0, sizeof(int[MORPH_MENU_MAX][MORPH_SETTINGS_MAX]));
    return kind->menu(a, node, menu);
}

static struct morph_step step_at(const struct arch *a, const struct morph_kind *kind, int node, const int *setting)
{
    struct morph_step step = morph_step_of(kind, a->node[node].name);
    memcpy(step.setting, setting, sizeof step.setting);
    return step;
}

void pool_neighbours(struct pool *p, const struct search *s, int trial)
{
    const struct search_trial *t = &s->told.item[trial];
    int menu[MORPH_MENU_MAX][MORPH_SETTINGS_MAX];
    for (int node = 0; node < t->arch->nodes; node++)
        for (int k = 0; morph_table[k]; k++) {
            int n = menu_of(t->arch, morph_table[k], node, menu);
            for (int i = 0; i < n; i++) {
                struct search_candidate c = {.parent = t->id, .steps = 1};
                c.step[0] = step_at(t->arch, morph_table[k], node, menu[i]);
                c.arch = morph_apply_arch(t->arch, &c.step[0], NULL);
                if (c.arch)
                    pool_add(p, s, c);
            }
        }
}

/* Drawn evenly over kinds, then over the nodes that the kind fits, then over its menu: a kind that fits everywhere does
 * not crowd out the others. */
static bool random_step(const struct arch *a, struct random *r, struct morph_step *out)
{
    int kinds = 0, menu[MORPH_MENU_MAX][MORPH_SETTINGS_MAX];
    while (morph_table[kinds])
        kinds++;
    const struct morph_kind *kind = morph_table[random_below(r, (uint32_t)kinds)];
    int *fit = NEW_ARRAY(int, a->nodes), fits = 0;
    for (int i = 0; i < a->nodes; i++)
        if (menu_of(a, kind, i, menu) > 0)
            fit[fits++] = i;
    if (fits > 0) {
        int node = fit[random_below(r, (uint32_t)fits)], n = menu_of(a, kind, node, menu);
        *out = step_at(a, kind, node, menu[random_below(r, (uint32_t)n)]);
    }
    free(fit);
    return fits > 0;
}

bool pool_chain(struct pool *p, const struct search *s, int trial, int steps, struct random *r)
{
    const struct search_trial *t = &s->told.item[trial];
    struct search_candidate c = {.parent = t->id, .arch = arch_copy(t->arch)};
    ASSERT(steps <= SEARCH_CHAIN_MAX);
    while (c.steps < steps) {
        struct arch *next =
            random_step(c.arch, r, &c.step[c.steps]) ? morph_apply_arch(c.arch, &c.step[c.steps], NULL) : NULL;
        if (!next || !within_limit(s, next)) {
            arch_free(next);
            break;
        }
        arch_free(c.arch);
        c.arch = next;
        c.steps++;
    }
    if (c.steps > 0)
        return pool_add(p, s, c);
    search_candidate_free(&c);
    return false;
}
