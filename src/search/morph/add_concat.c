/* Add a concat: what reads a node reads an earlier value beside it, with weights of zero at first, which move in the
 * first step. */
#include "search/morph/kinds.h"

#include "base/memory.h"
#include "base/text.h"

static bool concat_applicable(const struct arch *a, int node, char *reason, size_t size)
{
    const char *name = a->node[node].name;
    int found, *reader = NEW_ARRAY(int, a->nodes), n = arch_readers(a, node, reader);
    const struct arch_node *other = NULL;
    for (int i = 0; i < n && !other; i++)
        if (a->node[reader[i]].op->width != OP_WIDTH_OWN)
            other = &a->node[reader[i]];
    free(reader);
    if (node == a->nodes - 1)
        return morph_refuse(reason, size, "%s is the output: nothing may follow it", name);
    if (other)
        return morph_refuse(reason, size, "%s (%s) reads %s channel by channel: more of them would change its own",
                            other->name, other->op->name, name);
    if (edit_source(a, node, 1, &found) < 0)
        return morph_refuse(reason, size, "no node before %s has as many steps", name);
    return true;
}

static bool concat_edit(struct morph_edit *e, int node, const int *setting, struct error *err)
{
    int found, from = edit_source(e->before, node, setting[0], &found);
    if (from < 0)
        return error_set(err, ERROR_USAGE, "back=%d: only %d node%s before %s could stand beside it", setting[0], found,
                         text_s(found), e->before->node[node].name);
    struct arch_node both = edit_unary(e, "concat", "k", node);
    both.input[both.inputs++] = from;
    edit_insert(e, node + 1, &both, CARRY_FRESH);
    edit_redirect(e, node, node + 1);
    return true;
}

static int concat_menu(const struct arch *a, int node, int out[MORPH_MENU_MAX][MORPH_SETTINGS_MAX])
{
    int found;
    edit_source(a, node, 1, &found);
    int n = found < 2 ? found : 2;
    for (int i = 0; i < n; i++)
        out[i][0] = i + 1;
    return n;
}

const struct morph_kind morph_add_concat = {
    .name = "add_concat",
    .about = "lets what reads a node read an earlier value beside it, with weights of zero at first",
    .why = "What read the node reads the earlier value behind its channels, with weights of +0: each adds fma(0, x, "
           "s) = s to a sum that is already complete. These weights learn with the first step of training.",
    .setting = {{"back", "which earlier node of as many steps: 1 is the nearest before", 1, ARCH_NODES_MAX, 1, NULL}},
    .settings = 1,
    .applicable = concat_applicable,
    .edit = concat_edit,
    .menu = concat_menu,
};
