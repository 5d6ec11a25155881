/* Remove: what reads a node reads one of its inputs instead, and what then leads nowhere goes too: a layer, or the
 * other branch of a sum. The function changes. */
#include "search/morph/kinds.h"

static bool fits(const struct arch *a, int node, int input)
{
    struct arch_shape is = a->shape[node], was = a->shape[a->node[node].input[input]];
    return is.time == was.time && is.channels == was.channels;
}

static bool remove_applicable(const struct arch *a, int node, char *reason, size_t size)
{
    const struct arch_node *n = &a->node[node];
    if (n->inputs == 0)
        return morph_refuse(reason, size, "%s is the input", n->name);
    if (node == a->nodes - 1)
        return morph_refuse(reason, size, "%s is the output", n->name);
    for (int k = 0; k < n->inputs; k++)
        if (fits(a, node, k))
            return true;
    return morph_refuse(reason, size, "%s has another shape than what it reads: what follows could not read that",
                        n->name);
}

static bool remove_edit(struct morph_edit *e, int node, const int *setting, struct error *err)
{
    const struct arch_node *n = &e->before->node[node];
    int keep = setting[0] - 1;
    if (keep >= n->inputs || !fits(e->before, node, keep))
        return error_set(err, ERROR_USAGE, "keep=%d: %s has %d inputs, and one of its own shape must stay", setting[0],
                         n->name, n->inputs);
    struct arch *a = e->after;
    for (int i = node + 1; i < a->nodes; i++)
        for (int k = 0; k < a->node[i].inputs; k++)
            if (a->node[i].input[k] == node)
                a->node[i].input[k] = n->input[keep];
    edit_prune(e);
    return true;
}

static int remove_menu(const struct arch *a, int node, int out[MORPH_MENU_MAX][MORPH_SETTINGS_MAX])
{
    int used = 0;
    for (int k = 0; k < a->node[node].inputs && used < MORPH_MENU_MAX; k++)
        if (fits(a, node, k))
            out[used++][0] = k + 1;
    return used;
}

const struct morph_kind morph_remove = {
    .name = "remove",
    .about = "takes a layer, or the other branches of a sum, out: the function changes",
    .why = "What read the node reads one of its inputs instead, and what then leads nowhere is taken out; the rest "
           "keeps its weights. What the network says changes: max |delta| shows by how much.",
    .shrinks = true,
    .setting = {{"keep", "which of its inputs takes its place", 1, ARCH_INPUTS_MAX, 1, NULL}},
    .settings = 1,
    .applicable = remove_applicable,
    .edit = remove_edit,
    .menu = remove_menu,
};
