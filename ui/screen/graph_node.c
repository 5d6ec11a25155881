/* All that is known of one node, beside or below the table. */
#include "ui/screen/graph.h"

#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"

#include <math.h>

/* short_form: without what the shape tells anyway. */
void graph_node_settings(const struct arch *a, int node, bool short_form, char *out, size_t size)
{
    const struct arch_node *n = &a->node[node];
    struct arch_shape shape = a->shape[node];
    out[0] = '\0';
    for (int k = 0; k < n->op->params; k++) {
        const struct op_param *p = &n->op->param[k];
        char one[64], number[32];
        text_of_double(n->param[k], number, sizeof number);
        bool plain = p->kind == OP_INT ? n->param[k] == 1 : n->param[k] == p->preset; /* which says nothing */
        bool told = n->param[k] == shape.channels || n->param[k] == shape.time;
        if (p->required ? short_form && told : plain)
            continue;
        snprintf(one, sizeof one, "%s%s=%s", out[0] != '\0' ? " " : "", p->name,
                 p->kind == OP_ENUM ? op_enum(n, p->name) : number);
        text_append(out, size, one);
    }
}

static void put_names(char *out, size_t size, const struct arch *a, const int *node, int n, const char *none)
{
    text_copy(out, size, n == 0 ? none : "");
    for (int k = 0; k < n; k++) {
        text_append(out, size, k > 0 ? ", " : "");
        text_append(out, size, a->node[node[k]].name);
    }
}

static void put_readers(char *out, size_t size, const struct arch *a, int node)
{
    int *reader = NEW_ARRAY(int, a->nodes), n = arch_readers(a, node, reader);
    put_names(out, size, a, reader, n, "nobody: it is the output");
    free(reader);
}

static void put_tensors(char *out, size_t size, const struct arch *a, int node)
{
    const struct arch_node *n = &a->node[node];
    struct arch_shape in[ARCH_INPUTS_MAX];
    struct op_tensor tensor[OP_TENSORS_MAX];
    for (int k = 0; k < n->inputs; k++)
        in[k] = a->shape[n->input[k]];
    int tensors = n->op->tensors != NULL ? n->op->tensors(n, in, tensor) : 0;
    text_copy(out, size, tensors == 0 ? "none" : "");
    for (int k = 0; k < tensors; k++) {
        char one[96];
        snprintf(one, sizeof one, "%s%s [%d, %d]", k > 0 ? ", " : "", tensor[k].name, tensor[k].rows, tensor[k].columns);
        text_append(out, size, one);
    }
}

/* ", +120" against the same node before, where that is another number. */
static void append_change(char *out, size_t size, int64_t now, int64_t before)
{
    char number[AID_NUMBER], one[64];
    if (now == before)
        return;
    snprintf(one, sizeof one, " (%s)", aid_delta(now - before, number));
    text_append(out, size, one);
}

/* The node of the same name before; NULL: there is none. */
static const struct graph_node_cost *cost_before(const struct graph_picture *p, int node)
{
    int i = p->before != NULL ? arch_find(p->before, p->arch->node[node].name) : -1;
    return i >= 0 ? &p->cost_before.node[i] : NULL;
}

static void put_parameters(char *out, size_t size, const struct graph_picture *p, int node)
{
    const struct graph_node_cost *n = &p->cost.node[node], *before = cost_before(p, node);
    char number[AID_NUMBER], one[64];
    text_copy(out, size, aid_count(n->parameters, number));
    if (before != NULL)
        append_change(out, size, n->parameters, before->parameters);
    if (n->parameters > 0) {
        snprintf(one, sizeof one, ", %.1f %% of the network's", 100.0 * (double)n->parameters / (double)p->cost.parameters);
        text_append(out, size, one);
    }
}

static void put_macs(char *out, size_t size, const struct graph_picture *p, int node)
{
    const struct graph_node_cost *n = &p->cost.node[node], *before = cost_before(p, node);
    char planned[AID_NUMBER], written[AID_NUMBER], one[96];
    text_copy(out, size, aid_count(n->plan_macs, planned));
    if (before != NULL)
        append_change(out, size, n->plan_macs, before->plan_macs);
    if (n->plan_macs < n->macs) {
        snprintf(one, sizeof one, " of %s as written", aid_count(n->macs, written));
        text_append(out, size, one);
    }
    if (n->plan_macs > 0) {
        snprintf(one, sizeof one, ", %.1f %% of the network's", 100.0 * (double)n->plan_macs / (double)p->cost.plan_macs);
        text_append(out, size, one);
    }
}

static void put_memory(char *out, size_t size, const struct graph_picture *p, int node)
{
    const struct graph_node_cost *n = &p->cost.node[node];
    const size_t bytes[] = {n->value, n->gradient, n->kept};
    static const char *const what[] = {"value", "gradient", "kept"};
    text_copy(out, size, n->value + n->gradient + n->kept == 0 ? "none: it shares its input's" : "");
    for (size_t i = 0; i < ARRAY_N(bytes); i++) {
        char memory[32], one[64];
        if (bytes[i] == 0)
            continue;
        text_of_bytes(bytes[i], memory, sizeof memory);
        snprintf(one, sizeof one, "%s%s %s", out[0] != '\0' ? ", " : "", what[i], memory);
        text_append(out, size, one);
    }
}

static void put_time(char *out, size_t size, const struct graph_node_cost *n)
{
    if (isnan(n->share))
        text_copy(out, size, "not measured: m");
    else
        snprintf(out, size, "%.1f %%: forward %.3f ms, backward %.3f ms", 100 * n->share, 1e3 * n->forward,
                 1e3 * n->backward);
}

static void put_gradient(char *out, size_t size, const struct graph_picture *p, int node)
{
    static const char *const says[] = {"", ": nothing flows back here", ": it vanishes on the way back", ": it explodes"};
    const struct graph_node_cost *n = &p->cost.node[node];
    char one[96];
    text_copy(out, size, p->cost.measured ? "none is wanted here" : "not measured: m");
    if (!isnan(n->gradient_norm))
        snprintf(out, size, "%.3g of the value%s", n->gradient_norm, says[graph_gradient_of(&p->cost, node)]);
    if (!isnan(n->weight_norm)) {
        snprintf(one, sizeof one, "%.3g of the weights", n->weight_norm);
        if (isnan(n->gradient_norm))
            out[0] = '\0';
        text_append(out, size, out[0] != '\0' ? "; " : "");
        text_append(out, size, one);
    }
}

static const char *mark_meaning(const struct graph_picture *p, int node)
{
    switch (p->mark[node]) {
    case '+':
        return "new: the parent does not have it";
    case '~':
        return "changed: other settings or inputs than in the parent";
    case '?':
        return "suggested: not built yet";
    default:
        return "";
    }
}

enum { LABEL = 10, LINES = 14, COMPACT_ROWS = 9 };

struct node_line {
    const char *label;
    char value[512];
};

static void put_held(char *out, size_t size, const struct graph_picture *p, int node)
{
    struct op_steps held = p->cost.node[node].held;
    int whole = p->arch->shape[node].time;
    if (whole > 0 && held.n < whole)
        snprintf(out, size, "held %d of %d%s (e explains)", held.n, whole, held.every > 1 ? ", spaced" : "");
}

/* Adds a line unless there is nothing in it. */
static int add_line(struct node_line line[LINES], int k, const char *label)
{
    line[k].label = label;
    return k + (line[k].value[0] != '\0');
}

static int node_lines(struct node_line line[LINES], const struct graph_picture *p, int node)
{
    const struct arch *a = p->arch;
    const struct arch_node *n = &a->node[node];
    size_t size = sizeof line->value;
    int k = 0;
    memset(line, 0, LINES * sizeof *line);
    snprintf(line[k].value, size, "%s: %s", n->op->name, n->op->about);
    k = add_line(line, k, "operator");
    graph_node_settings(a, node, false, line[k].value, size);
    k = add_line(line, k, "settings");
    put_names(line[k].value, size, a, n->input, n->inputs, "nothing: it is the input");
    k = add_line(line, k, "reads");
    put_readers(line[k].value, size, a, node);
    k = add_line(line, k, "read by");
    at_hand_shape(a, node, line[k].value, size);
    k = add_line(line, k, "gives");
    put_held(line[k].value, size, p, node);
    k = add_line(line, k, "steps");
    put_tensors(line[k].value, size, a, node);
    k = add_line(line, k, "weights");
    put_parameters(line[k].value, size, p, node);
    k = add_line(line, k, "parameters");
    put_macs(line[k].value, size, p, node);
    k = add_line(line, k, "mult-adds");
    put_memory(line[k].value, size, p, node);
    k = add_line(line, k, "memory");
    put_time(line[k].value, size, &p->cost.node[node]);
    k = add_line(line, k, "time");
    put_gradient(line[k].value, size, p, node);
    k = add_line(line, k, "gradient");
    text_copy(line[k].value, size, mark_meaning(p, node));
    return add_line(line, k, "mark");
}

void graph_node_put(struct text *out, const struct graph_picture *p, int node)
{
    struct node_line line[LINES];
    const struct arch_node *n = &p->arch->node[node];
    int lines = node_lines(line, p, node);
    for (int i = 0; i < lines; i++)
        text_printf(out, "%-11s %s\n", line[i].label, line[i].value);
    if (n->op->params > 0)
        text_put(out, "\nEvery setting, the presets too\n");
    for (int k = 0; k < n->op->params; k++) {
        const struct op_param *p_k = &n->op->param[k];
        char number[32];
        text_of_double(n->param[k], number, sizeof number);
        text_printf(out, "  %-12s %s\n", p_k->name, p_k->kind == OP_ENUM ? op_enum(n, p_k->name) : number);
    }
}

/* All costs in one line, for where there is no room for more. */
static void put_all_costs(char *out, size_t size, const struct graph_picture *p, int node)
{
    const struct graph_node_cost *n = &p->cost.node[node];
    char parameters[AID_NUMBER], macs[AID_NUMBER], memory[32], one[96];
    text_of_bytes(n->value + n->gradient + n->kept, memory, sizeof memory);
    snprintf(out, size, "%s parameters, %s mult-adds, %s", aid_count(n->parameters, parameters),
             aid_count(n->plan_macs, macs), memory);
    if (!isnan(n->share)) {
        snprintf(one, sizeof one, ", %.1f %% of the time", 100 * n->share);
        text_append(out, size, one);
    }
    if (!isnan(n->gradient_norm)) {
        snprintf(one, sizeof one, ", gradient %.2g", n->gradient_norm);
        text_append(out, size, one);
    }
}

static int compact_lines(struct node_line line[LINES], const struct graph_picture *p, int node)
{
    static const char *const wanted[] = {"operator", "settings", "reads", "steps", "mark"};
    struct node_line all[LINES];
    int lines = node_lines(all, p, node), k = 1;
    line[0] = all[0];
    line[k].label = "costs";
    put_all_costs(line[k++].value, sizeof line->value, p, node);
    for (int i = 1; i < lines; i++)
        for (size_t j = 0; j < ARRAY_N(wanted); j++)
            if (text_equal(all[i].label, wanted[j]))
                line[k++] = all[i];
    return k;
}

void graph_node_draw(const struct graph_picture *p, struct grid *g, struct box b, int node)
{
    struct node_line line[LINES];
    int y = 1, lines = b.rows < COMPACT_ROWS ? compact_lines(line, p, node) : node_lines(line, p, node);
    aid_heading(g, b, 0, p->arch->node[node].name, "");
    b.columns -= 1;
    for (int i = 0; i < lines && y < b.rows; i++)
        y += aid_field(g, b, y, LABEL + 2, line[i].label, "%s", line[i].value);
}
