#include "search/morph/edit.h"

#include "base/memory.h"
#include "base/text.h"

void edit_start(struct morph_edit *e, const struct arch *before)
{
    *e = (struct morph_edit){.before = before, .after = arch_copy(before)};
    e->rule = NEW_ARRAY(struct carry_rule, before->nodes);
    for (int i = 0; i < before->nodes; i++)
        e->rule[i].from = i;
}

void edit_end(struct morph_edit *e)
{
    arch_free(e->after);
    free(e->rule);
    *e = (struct morph_edit){0};
}

struct arch_node edit_node(const struct morph_edit *e, const char *op, const char *stem)
{
    struct arch_node node = {.op = op_find(op)};
    ASSERT(node.op);
    for (int i = 0; i < node.op->params; i++)
        node.param[i] = node.op->param[i].preset;
    arch_free_name(e->after, stem, node.name);
    return node;
}

void edit_insert(struct morph_edit *e, int at, const struct arch_node *node, enum carry_fill fill)
{
    arch_insert(e->after, at, node);
    int n = e->after->nodes;
    e->rule = memory_resize(e->rule, (size_t)n, sizeof *e->rule);
    memmove(e->rule + at + 1, e->rule + at, (size_t)(n - 1 - at) * sizeof *e->rule);
    e->rule[at] = (struct carry_rule){.from = -1, .fill = fill};
}

void edit_redirect(struct morph_edit *e, int from, int to)
{
    for (int i = to + 1; i < e->after->nodes; i++) {
        struct arch_node *node = &e->after->node[i];
        for (int k = 0; k < node->inputs; k++)
            if (node->input[k] == from)
                node->input[k] = to;
    }
}

void edit_set_enum(struct arch_node *node, const char *param, const char *value)
{
    int at = op_param_find(node->op, param);
    ASSERT(at >= 0 && node->op->param[at].kind == OP_ENUM);
    const char *const *names = node->op->param[at].names;
    int i = 0;
    while (names[i] && !text_equal(names[i], value))
        i++;
    ASSERT(names[i]);
    node->param[at] = i;
}

struct arch_node edit_unary(const struct morph_edit *e, const char *op, const char *stem, int input)
{
    struct arch_node node = edit_node(e, op, stem);
    node.input[0] = input;
    node.inputs = 1;
    return node;
}

void edit_sum(struct morph_edit *e, int at, int a, int b)
{
    struct arch_node sum = edit_node(e, "add", "s");
    sum.input[0] = a;
    sum.input[1] = b;
    sum.inputs = 2;
    edit_insert(e, at, &sum, CARRY_FRESH);
}

/* Nodes that the output hangs on. */
static bool *needed_nodes(const struct arch *a)
{
    bool *needed = NEW_ARRAY(bool, a->nodes);
    needed[a->nodes - 1] = true;
    for (int i = a->nodes - 1; i >= 0; i--)
        for (int k = 0; needed[i] && k < a->node[i].inputs; k++)
            needed[a->node[i].input[k]] = true;
    return needed;
}

void edit_prune(struct morph_edit *e)
{
    struct arch *a = e->after;
    bool *needed = needed_nodes(a);
    int *place = NEW_ARRAY(int, a->nodes), n = 0;
    for (int i = 0; i < a->nodes; i++) {
        if (!needed[i])
            continue;
        place[i] = n;
        a->node[n] = a->node[i];
        e->rule[n] = e->rule[i];
        for (int k = 0; k < a->node[n].inputs; k++)
            a->node[n].input[k] = place[a->node[n].input[k]];
        n++;
    }
    a->nodes = n;
    free(place);
    free(needed);
}

struct arch_node edit_layer(const struct morph_edit *e, int input, int width, int kernel, int dilation, const char *act)
{
    struct arch_node node = edit_node(e, kernel > 1 ? "conv" : "dense", kernel > 1 ? "c" : "d");
    node.input[0] = input;
    node.inputs = 1;
    op_set(&node, kernel > 1 ? "channels" : "units", width);
    if (kernel > 1) {
        op_set(&node, "kernel", kernel);
        op_set(&node, "dilation", dilation);
    }
    edit_set_enum(&node, "act", act);
    return node;
}

const char *edit_enum(const struct arch_node *node, const char *param)
{
    return op_param_find(node->op, param) < 0 ? "" : op_enum(node, param);
}

int edit_most(const struct arch_node *node, const char *param)
{
    int at = op_param_find(node->op, param);
    ASSERT(at >= 0);
    return (int)node->op->param[at].most;
}

int edit_source(const struct arch *a, int node, int back, int *found)
{
    int at = -1;
    *found = 0;
    for (int i = node - 1; i >= 0; i--)
        if (a->shape[i].time == a->shape[node].time && ++*found == back)
            at = i;
    return at;
}

static bool keeps_sign(const char *op)
{
    static const char *const keeps[] = {"add",     "multiply", "concat",   "dropout",
                                        "flatten", "last",     "meanpool", "maxpool"};
    for (size_t i = 0; i < ARRAY_N(keeps); i++)
        if (text_equal(op, keeps[i]))
            return true;
    return false;
}

static bool squashed_positive(const char *act)
{
    return text_equal(act, "relu") || text_equal(act, "sigmoid");
}

bool edit_not_negative(const struct arch *a, int node)
{
    bool *positive = NEW_ARRAY(bool, node + 1);
    for (int i = 0; i <= node; i++) {
        const struct arch_node *n = &a->node[i];
        const char *act = text_equal(n->op->name, "act") ? edit_enum(n, "kind") : edit_enum(n, "act");
        bool all = n->inputs > 0 && keeps_sign(n->op->name);
        for (int k = 0; k < n->inputs; k++)
            all = all && positive[n->input[k]];
        positive[i] = all || squashed_positive(act);
    }
    bool result = positive[node];
    free(positive);
    return result;
}
