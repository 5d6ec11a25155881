/* Add a pool: to what takes the time axis away, another way of doing so, times a learned number that starts at 0. */
#include "search/morph/kinds.h"

#include "base/text.h"

static const char *const pools[] = {"last", "meanpool", "maxpool", NULL};

static int pool_of(const struct arch_node *node)
{
    int i = 0;
    while (pools[i] && !text_equal(pools[i], node->op->name))
        i++;
    return i;
}

static bool pool_applicable(const struct arch *a, int node, char *reason, size_t size)
{
    const struct arch_node *n = &a->node[node];
    if (!pools[pool_of(n)])
        return morph_refuse(reason, size, "%s (%s) is none of last, meanpool and maxpool", n->name, n->op->name);
    if (node == a->nodes - 1)
        return morph_refuse(reason, size, "%s is the output: nothing may follow it", n->name);
    if (a->shape[n->input[0]].time < 2)
        return morph_refuse(reason, size, "%s has a single step, of which all of them make the same", n->name);
    return true;
}

static bool pool_edit(struct morph_edit *e, int node, const int *setting, struct error *err)
{
    const struct arch_node *n = &e->before->node[node];
    if (pool_of(n) == setting[0])
        return error_set(err, ERROR_USAGE, "%s is a %s already: take another", n->name, n->op->name);
    struct arch_node pool = edit_unary(e, pools[setting[0]], "p", n->input[0]);
    edit_insert(e, node + 1, &pool, CARRY_FRESH);
    struct arch_node scale = edit_unary(e, "scale", "w", node + 1);
    op_set(&scale, "init", 0);
    edit_insert(e, node + 2, &scale, CARRY_FRESH);
    edit_sum(e, node + 3, node, node + 2);
    edit_redirect(e, node, node + 3);
    return true;
}

static int pool_menu(const struct arch *a, int node, int out[MORPH_MENU_MAX][MORPH_SETTINGS_MAX])
{
    int own = pool_of(&a->node[node]), used = 0;
    for (int i = 0; pools[i]; i++)
        if (i != own)
            out[used++][0] = i;
    return used;
}

const struct morph_kind morph_add_pool = {
    .name = "add_pool",
    .about = "adds another pooling over time, times a learned number that starts at zero",
    .why = "The other pooling is multiplied by a number that starts at +0, so what is added is +0: x + 0 = x bit "
           "for bit. The number's gradient is the gradient here times the pooling, so it moves with the first step "
           "of training.",
    .setting = {{"kind", "last, meanpool or maxpool", 0, 2, 1, pools}},
    .settings = 1,
    .applicable = pool_applicable,
    .edit = pool_edit,
    .menu = pool_menu,
};
