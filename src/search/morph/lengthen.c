/* Lengthen: a causal kernel gets zero taps on its past side; what it pads with zeros grows with it. */
#include "search/morph/kinds.h"

#include "base/text.h"

static bool reaches(const struct arch *a, int node, int kernel)
{
    int time = a->shape[a->node[node].input[0]].time;
    return (int64_t)op_int(&a->node[node], "dilation") * (kernel - 1) < time;
}

static bool lengthen_applicable(const struct arch *a, int node, char *reason, size_t size)
{
    const struct arch_node *n = &a->node[node];
    if (op_param_find(n->op, "dilation") < 0)
        return morph_refuse(reason, size, "%s is no conv: it has no kernel to lengthen", n->name);
    int kernel = op_int(n, "kernel");
    if (kernel + 1 > edit_most(n, "kernel"))
        return morph_refuse(reason, size, "%s has the longest kernel there is, %d", n->name, kernel);
    if (!reaches(a, node, kernel + 1))
        return morph_refuse(reason, size, "%s: a step more would look back beyond the start of the window", n->name);
    return true;
}

static bool lengthen_edit(struct morph_edit *e, int node, const int *setting, struct error *err)
{
    const struct arch_node *n = &e->before->node[node];
    int kernel = op_int(n, "kernel") + setting[0];
    if (kernel > edit_most(n, "kernel") || !reaches(e->before, node, kernel))
        return error_set(err, ERROR_USAGE,
                         "%s with a kernel of %d would look back beyond the start of the window: "
                         "lengthen it by less",
                         n->name, kernel);
    op_set(&e->after->node[node], "kernel", kernel);
    return true;
}

static int lengthen_menu(const struct arch *a, int node, int out[MORPH_MENU_MAX][MORPH_SETTINGS_MAX])
{
    out[0][0] = 1;
    out[1][0] = 2;
    return reaches(a, node, op_int(&a->node[node], "kernel") + 2) ? 2 : 1;
}

const struct morph_kind morph_lengthen = {
    .name = "lengthen",
    .about = "lengthens a conv's kernel by zero weights on the past side",
    .why = "The new taps look further into the past and have weights of +0: each adds fma(0, x, s) = s. The taps "
           "that were there keep their weights and their order.",
    .setting = {{"by", "steps to add", 1, 64, 1, NULL}},
    .settings = 1,
    .applicable = lengthen_applicable,
    .edit = lengthen_edit,
    .menu = lengthen_menu,
};
