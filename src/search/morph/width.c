#include "search/morph/width.h"

#include "base/memory.h"
#include "base/text.h"

static bool passes(const struct arch_node *node)
{
    return node->op->width == OP_WIDTH_PASSED || node->op->width == OP_WIDTH_NORMED;
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
        for (int k = 0; passes(&a->node[i]) && k < a->node[i].inputs; k++)
            group[root(group, a->node[i].input[k])] = root(group, i);
    }
    for (int i = 0; i < a->nodes; i++)
        group[i] = root(group, i);
    return group;
}

/* What a change of one group's width does to a graph. */
struct reach {
    const struct arch *a;
    const int *group;
    int node;
    bool *wide; /* its width would change */
    bool *laid; /* all of its channels are laid out anew */
    bool silent;
    char *reason;
    size_t size;
};

#define REFUSE(r, ...) morph_refuse((r)->reason, (r)->size, __VA_ARGS__)

static bool node_bears(struct reach *r, int i)
{
    const struct arch_node *n = &r->a->node[i];
    enum op_width kind = n->op->width;
    bool in = false, all = n->inputs > 0, ours = r->group[i] == r->group[r->node];
    for (int k = 0; k < n->inputs; k++) {
        in = in || r->wide[n->input[k]];
        all = all && r->laid[n->input[k]];
    }
    r->laid[i] = (kind == OP_WIDTH_LAID && in) || (passes(n) && all);
    r->wide[i] = ours || r->laid[i];
    r->silent = r->silent || (in && kind == OP_WIDTH_NORMED);
    if (ours && (kind == OP_WIDTH_LAID || kind == OP_WIDTH_MIXED))
        return REFUSE(r, "its width is tied to %s (%s) by a sum", n->name, n->op->name);
    if (in && kind == OP_WIDTH_MIXED)
        return REFUSE(r, "%s (%s) computes over all channels of %s, so that new ones would change it", n->name,
                      n->op->name, r->a->node[r->node].name);
    if (in && passes(n) && !r->wide[i])
        return REFUSE(r, "%s joins it with another layout of channels", n->name);
    if (r->wide[i] && i == r->a->nodes - 1)
        return REFUSE(r, "%s is the output: its width belongs to the task", n->name);
    if (r->wide[i] && n->inputs == 0)
        return REFUSE(r, "its width is tied to the input %s by a sum", n->name);
    return true;
}

static const char *curve_of(const struct arch_node *n)
{
    const char *curve = edit_enum(n, "kind");
    return curve[0] ? curve : edit_enum(n, "act");
}

/* Would a channel that starts at zero leave this node at zero, and yet get a gradient? */
static bool silence_holds(struct reach *r, int i)
{
    const struct arch_node *n = &r->a->node[i];
    const char *curve = curve_of(n);
    bool relu = text_equal(curve, "relu") && !text_equal(n->op->name, "gate");
    if (text_equal(curve, "sigmoid"))
        return REFUSE(r, "a norm reads it, and behind the sigmoid of %s new channels could not start at zero", n->name);
    if (relu)
        return REFUSE(r, "a norm reads it, and behind the relu of %s channels of zeros would never learn", n->name);
    if (text_equal(n->op->name, "multiply"))
        return REFUSE(r, "a norm reads it, and %s would multiply zeros, which never learn", n->name);
    return true;
}

static bool reach_bears(struct reach *r)
{
    bool ok = true;
    for (int i = 0; i < r->a->nodes && ok; i++)
        ok = node_bears(r, i);
    for (int i = 0; i < r->a->nodes && ok && r->silent; i++)
        ok = !r->wide[i] || silence_holds(r, i);
    return ok;
}

bool width_may_change(const struct arch *a, int node, bool *silent, char *reason, size_t size)
{
    const struct arch_node *n = &a->node[node];
    *silent = false;
    if (node == a->nodes - 1)
        return morph_refuse(reason, size, "%s is the output: its width belongs to the task", n->name);
    if (n->inputs == 0)
        return morph_refuse(reason, size, "%s is the input: its width belongs to the data", n->name);
    if (n->op->width != OP_WIDTH_OWN)
        return morph_refuse(reason, size, "%s has no width of its own: widen what it reads", n->op->name);
    int *group = width_groups(a);
    struct reach r = {a, group, node, NEW_ARRAY(bool, a->nodes), NEW_ARRAY(bool, a->nodes), false, reason, size};
    bool ok = reach_bears(&r);
    *silent = r.silent;
    free(r.wide);
    free(r.laid);
    free(group);
    return ok;
}

bool width_set(struct morph_edit *e, int node, int64_t width, struct error *err)
{
    const struct arch *a = e->before;
    int *group = width_groups(a);
    bool ok = true;
    for (int i = 0; i < a->nodes && ok; i++) {
        const char *param = a->node[i].op->width_param;
        if (!param || group[i] != group[node])
            continue;
        if (width > edit_most(&a->node[i], param))
            ok = error_set(err, ERROR_LIMIT, "%s cannot have %lld %s: the limit is %d", a->node[i].name,
                           (long long)width, param, edit_most(&a->node[i], param));
        else
            op_set(&e->after->node[i], param, (double)width);
    }
    free(group);
    return ok;
}
