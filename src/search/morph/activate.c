/* Activate: (1 - a) x + a f(x) behind a node, with one learned number a that starts at 0 (a parametric activation: Wei,
 * Wang, Rui, Chen 2016). Its gradient is that of the output times f(x) - x, so it moves in the first step. */
#include "search/morph/kinds.h"

#include "base/text.h"

static const char *const curves[] = {"relu", "gelu", "silu", "tanh", "sigmoid", NULL};

static bool activate_applicable(const struct arch *a, int node, char *reason, size_t size)
{
    const char *name = a->node[node].name;
    if (node == a->nodes - 1)
        return morph_refuse(reason, size, "%s is the output: nothing may follow it", name);
    if (text_equal(a->node[node].op->name, "gate"))
        return morph_refuse(reason, size, "%s is a gate already", name);
    return true;
}

static bool activate_edit(struct morph_edit *e, int node, const int *setting, struct error *err)
{
    const char *curve = curves[setting[0]];
    if (text_equal(curve, "relu") && edit_not_negative(e->before, node))
        return error_set(err, ERROR_USAGE, "%s is never negative: relu would do nothing to it; take another kind",
                         e->before->node[node].name);
    struct arch_node gate = edit_unary(e, "gate", "g", node);
    edit_set_enum(&gate, "kind", curve);
    edit_insert(e, node + 1, &gate, CARRY_FRESH);
    edit_redirect(e, node, node + 1);
    return true;
}

static int activate_menu(const struct arch *a, int node, int out[MORPH_MENU_MAX][MORPH_SETTINGS_MAX])
{
    int used = 0;
    if (!edit_not_negative(a, node))
        out[used++][0] = 0;
    out[used++][0] = 1;
    out[used++][0] = 3;
    return used;
}

const struct morph_kind morph_activate = {
    .name = "activate",
    .about = "puts an activation behind a node through a gate that starts closed and learns how far to open",
    .why = "The gate gives x + a (f(x) - x) with a = 0, and fma(0, d, x) is x bit for bit. The gradient of a is the "
           "gradient here times f(x) - x, so the gate begins to open with the first step of training.",
    .setting = {{"kind", "the activation: relu, gelu, silu, tanh or sigmoid", 0, 4, 1, curves}},
    .settings = 1,
    .applicable = activate_applicable,
    .edit = activate_edit,
    .menu = activate_menu,
};
