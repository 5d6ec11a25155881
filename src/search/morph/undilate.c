/* Undilate: the steps that a dilated kernel leaves out get weights of zero. Dilation d becomes a divisor of it, and a
 * kernel of k taps one of (k - 1) d / d' + 1. */
#include "search/morph/kinds.h"

#include "base/text.h"

static int64_t taps_at(const struct arch_node *n, int dilation)
{
    return (int64_t)(op_int(n, "kernel") - 1) * (op_int(n, "dilation") / dilation) + 1;
}

static bool undilate_applicable(const struct arch *a, int node, char *reason, size_t size)
{
    const struct arch_node *n = &a->node[node];
    if (op_param_find(n->op, "dilation") < 0)
        return morph_refuse(reason, size, "%s (%s) has no dilation", n->name, n->op->name);
    if (op_int(n, "dilation") == 1 || op_int(n, "kernel") == 1)
        return morph_refuse(reason, size, "%s leaves no steps out", n->name);
    return true;
}

static bool undilate_edit(struct morph_edit *e, int node, const int *setting, struct error *err)
{
    const struct arch_node *n = &e->before->node[node];
    int dilation = op_int(n, "dilation"), to = setting[0];
    if (to >= dilation || dilation % to != 0)
        return error_set(err, ERROR_USAGE, "to=%d: %s has the dilation %d, which can become a smaller divisor of it",
                         to, n->name, dilation);
    if (taps_at(n, to) > edit_most(n, "kernel"))
        return error_set(err, ERROR_LIMIT, "%s would need a kernel of %lld steps: the limit is %d", n->name,
                         (long long)taps_at(n, to), edit_most(n, "kernel"));
    op_set(&e->after->node[node], "kernel", (double)taps_at(n, to));
    op_set(&e->after->node[node], "dilation", to);
    return true;
}

static int undilate_menu(const struct arch *a, int node, int out[MORPH_MENU_MAX][MORPH_SETTINGS_MAX])
{
    int dilation = op_int(&a->node[node], "dilation");
    out[0][0] = 1;
    out[1][0] = dilation / 2;
    return dilation % 2 == 0 && dilation > 2 ? 2 : 1;
}

const struct morph_kind morph_undilate = {
    .name = "undilate",
    .about = "reads the steps that a dilated kernel leaves out, with weights of zero at first",
    .why = "Dilation d becomes d', and between two old taps stand taps with weights of +0: each adds fma(0, x, s) = "
           "s. The old taps look at the same steps as before, in the same order. The new ones learn with the first "
           "step of training.",
    .setting = {{"to", "the new dilation: a divisor of the old one", 1, 32768, 1, NULL}},
    .settings = 1,
    .applicable = undilate_applicable,
    .edit = undilate_edit,
    .menu = undilate_menu,
};
