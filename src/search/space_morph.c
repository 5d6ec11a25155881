/* The space of architectures: a step is a morphism of one node. */
#include "search/space.h"

#include "base/memory.h"
#include "base/text.h"

static struct hash morph_id(const struct space *s, struct space_point p)
{
    (void)s;
    return arch_id(p.arch);
}

static int menu_of(const struct space *s, const struct arch *a, const struct morph_kind *kind, int node,
                   int menu[MORPH_MENU_MAX][MORPH_SETTINGS_MAX])
{
    char reason[8];
    if ((kind->shrinks && !s->shrinks) || !kind->applicable(a, node, reason, sizeof reason))
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

static void morph_neighbours(const struct space *s, struct space_point from, space_visit *visit, void *context)
{
    const struct arch *a = from.arch;
    int menu[MORPH_MENU_MAX][MORPH_SETTINGS_MAX];
    for (int node = 0; node < a->nodes; node++)
        for (int k = 0; morph_table[k]; k++) {
            int n = menu_of(s, a, morph_table[k], node, menu);
            for (int i = 0; i < n; i++) {
                struct search_candidate c = {.parent = -1, .steps = 1, .row = -1};
                c.step[0] = step_at(a, morph_table[k], node, menu[i]);
                c.arch = morph_apply_arch(a, &c.step[0], NULL);
                if (c.arch && !visit(context, &c))
                    return;
            }
        }
}

/* Drawn evenly over kinds, then over the nodes that the kind fits, then over its menu: a kind that fits everywhere does
 * not crowd out the others. */
static bool random_step(const struct space *s, const struct arch *a, struct random *r, struct morph_step *out)
{
    int kinds = 0, menu[MORPH_MENU_MAX][MORPH_SETTINGS_MAX];
    while (morph_table[kinds])
        kinds++;
    const struct morph_kind *kind = morph_table[random_below(r, (uint32_t)kinds)];
    int *fit = NEW_ARRAY(int, a->nodes), fits = 0;
    for (int i = 0; i < a->nodes; i++)
        if (menu_of(s, a, kind, i, menu) > 0)
            fit[fits++] = i;
    if (fits > 0) {
        int node = fit[random_below(r, (uint32_t)fits)], n = menu_of(s, a, kind, node, menu);
        *out = step_at(a, kind, node, menu[random_below(r, (uint32_t)n)]);
    }
    free(fit);
    return fits > 0;
}

static bool morph_walk(const struct space *s, struct search_candidate *c, struct random *r)
{
    ASSERT(c->steps < SEARCH_CHAIN_MAX);
    struct morph_step *step = &c->step[c->steps];
    struct arch *next = random_step(s, c->arch, r, step) ? morph_apply_arch(c->arch, step, NULL) : NULL;
    if (!next)
        return false;
    arch_free(c->arch);
    c->arch = next;
    c->steps++;
    return true;
}

static void morph_costs(const struct space *s, struct space_point p, int64_t *parameters, int64_t *macs)
{
    (void)s;
    *parameters = arch_parameters(p.arch);
    *macs = arch_macs(p.arch);
}

static const struct surrogate_features *morph_features(const struct space *s, struct space_point p,
                                                       struct surrogate_features *own)
{
    (void)s;
    surrogate_features_of(own, p.arch);
    return own;
}

static void morph_say(const struct space *s, const struct search_candidate *c, char *out, size_t size)
{
    struct text line = {0};
    (void)s;
    for (int i = 0; i < c->steps; i++) {
        char step[MORPH_TEXT_MAX];
        morph_format(&c->step[i], step);
        text_printf(&line, "%s%s", i > 0 ? ", " : "", step);
    }
    text_copy(out, size, text_of(&line));
    text_free(&line);
}

const struct space_kind space_morph = {
    .name = "morphisms",
    .id = morph_id,
    .walk = morph_walk,
    .neighbours = morph_neighbours,
    .costs = morph_costs,
    .features = morph_features,
    .say = morph_say,
};
