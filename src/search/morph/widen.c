/* Widen: new units behind the old ones, with random incoming and zero outgoing weights. Old units read zero from new
 * ones, so every old value keeps its bits; the outgoing weights move in the first step, the incoming in the second.
 * What meets in a sum is widened together. */
#include "search/morph/kinds.h"

#include "base/memory.h"
#include "base/text.h"

/* How a node's output width follows from its input's. */
enum width_kind {
    WIDTH_OWN,    /* its own; weights over inputs, units last */
    WIDTH_PASSED, /* its input's, channel by channel */
    WIDTH_LAID,   /* laid out anew, as flatten and concat do */
    WIDTH_MIXED   /* mixes over channels so that a wider input would change its values */
};

static enum width_kind width_kind(const struct arch_node *node)
{
    static const char *const passed[] = {"act", "add", "multiply", "dropout", "last", "meanpool", "maxpool"};
    if (edit_width_param(node))
        return WIDTH_OWN;
    for (size_t i = 0; i < ARRAY_N(passed); i++)
        if (text_equal(node->op->name, passed[i]))
            return WIDTH_PASSED;
    return text_equal(node->op->name, "flatten") || text_equal(node->op->name, "concat") ? WIDTH_LAID : WIDTH_MIXED;
}

static int root(int *parent, int i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

/* group[i]: nodes of equal group have one width, channel by channel. */
static int *width_groups(const struct arch *a)
{
    int *group = NEW_ARRAY(int, a->nodes);
    for (int i = 0; i < a->nodes; i++) {
        group[i] = i;
        if (width_kind(&a->node[i]) == WIDTH_PASSED)
            for (int k = 0; k < a->node[i].inputs; k++)
                group[root(group, a->node[i].input[k])] = root(group, i);
    }
    for (int i = 0; i < a->nodes; i++)
        group[i] = root(group, i);
    return group;
}

/* Does everything that would see the wider value bear it? wide[i]: the width of node i would change. */
static bool group_bears(const struct arch *a, const int *group, int node, char *reason, size_t size)
{
    bool *wide = NEW_ARRAY(bool, a->nodes), *laid = NEW_ARRAY(bool, a->nodes), ok = true;
    const char *name = a->node[node].name;
    for (int i = 0; i < a->nodes && ok; i++) {
        const struct arch_node *n = &a->node[i];
        enum width_kind kind = width_kind(n);
        bool in = false, all = n->inputs > 0;
        for (int k = 0; k < n->inputs; k++) {
            in = in || wide[n->input[k]];
            all = all && laid[n->input[k]];
        }
        laid[i] = (kind == WIDTH_LAID && in) || (kind == WIDTH_PASSED && all);
        wide[i] = group[i] == group[node] || laid[i];
        bool tied = group[i] == group[node] && (kind == WIDTH_LAID || kind == WIDTH_MIXED);
        if (tied)
            ok = morph_refuse(reason, size, "its width is tied to %s (%s) by a sum", n->name, n->op->name);
        else if (in && kind == WIDTH_MIXED)
            ok =
                morph_refuse(reason, size, "%s (%s) computes over all channels of %s, so that new ones would change it",
                             n->name, n->op->name, name);
        else if (in && kind == WIDTH_PASSED && !wide[i])
            ok = morph_refuse(reason, size, "%s joins it with another layout of channels", n->name);
        else if (wide[i] && i == a->nodes - 1)
            ok = morph_refuse(reason, size, "%s is the output: its width belongs to the task", n->name);
        else if (wide[i] && n->inputs == 0)
            ok = morph_refuse(reason, size, "its width is tied to the input %s by a sum", n->name);
    }
    free(wide);
    free(laid);
    return ok;
}

static bool widen_applicable(const struct arch *a, int node, char *reason, size_t size)
{
    const struct arch_node *n = &a->node[node];
    if (node == a->nodes - 1)
        return morph_refuse(reason, size, "%s is the output: its width belongs to the task", n->name);
    if (n->inputs == 0)
        return morph_refuse(reason, size, "%s is the input: its width belongs to the data", n->name);
    if (!edit_width_param(n))
        return morph_refuse(reason, size, "%s has no width of its own: widen what it reads", n->op->name);
    int *group = width_groups(a);
    bool ok = group_bears(a, group, node, reason, size);
    free(group);
    return ok;
}

static bool widen_edit(struct morph_edit *e, int node, const int *setting, struct error *err)
{
    const struct arch *a = e->before;
    char reason[160];
    if (!widen_applicable(a, node, reason, sizeof reason))
        return error_set(err, ERROR_USAGE, "%s cannot be widened: %s", a->node[node].name, reason);
    int width = a->shape[node].channels, half = width / 2 > 0 ? width / 2 : 1;
    int64_t wider = (int64_t)width + (setting[0] > 0 ? setting[0] : half);
    int *group = width_groups(a);
    bool ok = true;
    for (int i = 0; i < a->nodes && ok; i++) {
        const char *param = edit_width_param(&a->node[i]);
        if (!param || group[i] != group[node])
            continue;
        if (wider > edit_most(&a->node[i], param))
            ok = error_set(err, ERROR_LIMIT, "%s cannot have %lld %s: the limit is %d", a->node[i].name,
                           (long long)wider, param, edit_most(&a->node[i], param));
        else
            op_set(&e->after->node[i], param, (double)wider);
    }
    free(group);
    return ok;
}

static int widen_menu(const struct arch *a, int node, int out[MORPH_MENU_MAX][MORPH_SETTINGS_MAX])
{
    int width = a->shape[node].channels, used = 0;
    for (int quarters = 1; quarters <= 4; quarters *= 2) {
        int by = width * quarters / 4 > 0 ? width * quarters / 4 : 1;
        if (used == 0 || out[used - 1][0] != by)
            out[used++][0] = by;
    }
    return used;
}

const struct morph_kind morph_widen = {
    .name = "widen",
    .about = "adds units behind the old ones; what comes in is random, what goes out starts at zero",
    .setting = {{"by", "units to add; 0: half of what there is", 0, 65536, 0}},
    .settings = 1,
    .applicable = widen_applicable,
    .edit = widen_edit,
    .menu = widen_menu,
};
