/* Why a node has the shape, the parameters and the cost it has; what a suggestion promises. */
#include "ui/screen/graph.h"

#include "base/memory.h"
#include "base/text.h"
#include "net/op.h"
#include "ui/screen/aid.h"

static void put_inputs(struct text *out, const struct arch *a, int node)
{
    const struct arch_node *n = &a->node[node];
    char shape[32];
    for (int k = 0; k < n->inputs; k++) {
        at_hand_shape(a, n->input[k], shape, sizeof shape);
        text_printf(out, "%s%s %s", k > 0 ? " and " : "", a->node[n->input[k]].name, shape);
    }
}

static void put_tensors(struct text *out, const struct arch *a, int node)
{
    const struct arch_node *n = &a->node[node];
    struct arch_shape in[ARCH_INPUTS_MAX];
    struct op_tensor tensor[OP_TENSORS_MAX];
    int64_t sum = 0;
    char number[AID_NUMBER];
    for (int k = 0; k < n->inputs; k++)
        in[k] = a->shape[n->input[k]];
    int tensors = n->op->tensors != NULL ? n->op->tensors(n, in, tensor) : 0;
    if (tensors == 0) {
        text_put(out, "It has no weights: there is nothing in it to train.\n\n");
        return;
    }
    text_put(out, "Its weights\n");
    for (int k = 0; k < tensors; k++) {
        int64_t one = (int64_t)tensor[k].rows * tensor[k].columns;
        sum += one;
        text_printf(out, "  %-10s %d x %d = %s\n", tensor[k].name, tensor[k].rows, tensor[k].columns, aid_count(one, number));
    }
    text_printf(out, "  together   %s parameters\n\n", aid_count(sum, number));
}

static void put_cost(struct text *out, const struct graph_picture *p, int node)
{
    char macs[AID_NUMBER], all[AID_NUMBER], memory[32];
    text_of_bytes(p->plan_bytes, memory, sizeof memory);
    text_printf(out, "One window costs %s multiply-adds here, of %s in the whole network. Training with %d windows at a time "
                     "takes %s for values, gradients and scratch.\n\n",
                aid_count(p->cost[node].macs, macs), aid_count(p->macs, all), GRAPH_BATCH, memory);
}

static void put_suggestion(struct text *out, const struct graph_screen *s)
{
    const json_t *j = s->ghost_of, *line;
    size_t i;
    text_printf(out, "The suggestion\n%s\n", aid_text(j, "why"));
    if (json_is_number(json_object_get(j, "mean")))
        text_printf(out, "The surrogate predicts %.4f with a standard deviation of %.4f; the best scored so far is %.4f. Expected "
                         "improvement: %.5f, at z = %.2f standard deviations.\n",
                    json_number_value(json_object_get(j, "mean")), json_number_value(json_object_get(j, "sd")),
                    json_number_value(json_object_get(j, "best")), json_number_value(json_object_get(j, "ei")),
                    json_number_value(json_object_get(j, "z")));
    json_array_foreach(json_object_get(j, "explain"), i, line)
        if (json_is_string(line))
            text_printf(out, "  %s\n", json_string_value(line));
    text_put(out, "\n");
}

char *graph_explain(void *self, struct app *app)
{
    struct graph_screen *s = self;
    const struct graph_picture *p = &s->picture;
    struct text out = {0};
    (void)app;
    if (p->arch == NULL)
        return NULL;
    int node = s->table.cursor;
    const struct arch_node *n = &p->arch->node[node];
    char shape[32];
    at_hand_shape(p->arch, node, shape, sizeof shape);
    if (s->ghost != NULL)
        put_suggestion(&out, s);
    text_printf(&out, "%s, %s\n%s.\n", n->name, n->op->name, n->op->about);
    if (n->inputs > 0) {
        text_put(&out, "It reads ");
        put_inputs(&out, p->arch, node);
        text_printf(&out, " and gives %s%s.", shape, p->arch->shape[node].time > 0 ? ", time steps by channels" : "");
    } else {
        text_printf(&out, "It gives %s: time steps by channels of the task.", shape);
    }
    text_put(&out, "\n\n");
    put_tensors(&out, p->arch, node);
    put_cost(&out, p, node);
    if (p->mark[node] == '+')
        text_put(&out, "Marked +: the parent does not have this node. The morphism that added it kept the function, so the network "
                       "starts from what the parent had learned.\n");
    if (p->mark[node] == '~')
        text_put(&out, "Marked ~: the parent has this node with other settings or inputs; its weights were carried over.\n");
    char *text = memory_text(text_of(&out));
    text_free(&out);
    return text;
}
