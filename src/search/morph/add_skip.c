/* Add a skip: node + P earlier, with P and its bias zero. P's gradient is the earlier value times the gradient of the
 * sum, so it moves in the first step. */
#include "search/morph/kinds.h"

#include "base/text.h"

static bool skip_applicable(const struct arch *a, int node, char *reason, size_t size)
{
    int found;
    if (node == a->nodes - 1)
        return morph_refuse(reason, size, "%s is the output: nothing may follow it", a->node[node].name);
    if (edit_source(a, node, 1, &found) >= 0)
        return true;
    if (a->shape[node].time > 0)
        return morph_refuse(reason, size, "no node before %s has its %d steps", a->node[node].name,
                            a->shape[node].time);
    return morph_refuse(reason, size, "no node before %s is without a time axis", a->node[node].name);
}

static bool skip_edit(struct morph_edit *e, int node, const int *setting, struct error *err)
{
    const struct arch *a = e->before;
    int found, from = edit_source(a, node, setting[0], &found);
    if (from < 0)
        return error_set(err, ERROR_USAGE, "back=%d: only %d node%s before %s could be joined to it", setting[0], found,
                         text_s(found), a->node[node].name);
    struct arch_node project = edit_layer(e, from, a->shape[node].channels, 1, 1, "none");
    edit_insert(e, node + 1, &project, CARRY_ZERO);
    edit_sum(e, node + 2, node, node + 1);
    edit_redirect(e, node, node + 2);
    return true;
}

static int skip_menu(const struct arch *a, int node, int out[MORPH_MENU_MAX][MORPH_SETTINGS_MAX])
{
    int found;
    edit_source(a, node, 1, &found);
    int n = found < 4 ? found : 4;
    for (int i = 0; i < n; i++)
        out[i][0] = i + 1;
    return n;
}

const struct morph_kind morph_add_skip = {
    .name = "add_skip",
    .about = "adds an earlier value through a projection that starts at zero",
    .why = "The value joined in comes through a projection of zeros, so what is added is +0: x + 0 = x bit for bit. "
           "Its weights learn with the first step of training, since their gradient is the gradient here times the "
           "value joined.",
    .setting = {{"back", "which earlier node of the same kind: 1 is the nearest before", 1, ARCH_NODES_MAX, 1, NULL}},
    .settings = 1,
    .applicable = skip_applicable,
    .edit = skip_edit,
    .menu = skip_menu,
};
