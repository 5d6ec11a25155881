/* Why a node has the shape, the parameters and the cost it has; what a suggestion promises. */
#include "ui/screen/graph.h"

#include "base/memory.h"
#include "base/text.h"
#include "net/op.h"
#include "ui/screen/aid.h"
#include "ui/screen/figure.h"

#include <math.h>

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
    const struct graph_node_cost *n = &p->cost.node[node];
    char macs[AID_NUMBER], all[AID_NUMBER], memory[32], inference[32];
    text_of_bytes(p->cost.training, memory, sizeof memory);
    text_of_bytes(p->cost.inference, inference, sizeof inference);
    text_printf(out, "One window costs %s multiply-adds here, of %s in the whole network. Training with %d windows at a time "
                     "takes %s for values, gradients and scratch, predicting %s. Values and gradients that never live at the "
                     "same time share memory, so the plan takes less than the sum of its nodes.\n\n",
                aid_count(n->plan_macs, macs), aid_count(p->cost.plan_macs, all), p->cost.batch, memory, inference);
}

/* Why fewer steps are computed than the shape says. */
static void put_held(struct text *out, const struct graph_picture *p, int node)
{
    const struct graph_node_cost *n = &p->cost.node[node];
    int whole = p->arch->shape[node].time;
    char planned[AID_NUMBER], written[AID_NUMBER];
    if (whole == 0 || n->held.n >= whole)
        return;
    text_printf(out, "Held %d of %d steps\nThe network is read at its last step, and what stands behind this node looks back only so "
                     "far: of the %d steps of its shape, only %d can reach the output. The plan computes no others. What is left "
                     "out is read by nobody and its gradient is zero, so the output and every gradient keep their bits",
                n->held.n, whole, whole, n->held.n);
    if (n->held.every > 1)
        text_printf(out, " (they lie %d steps apart, as the dilation behind it reads them)", n->held.every);
    if (n->plan_macs < n->macs)
        text_printf(out, ". It saves %.0f %% of this node's multiply-adds: %s instead of %s",
                    100 - 100.0 * (double)n->plan_macs / (double)n->macs, aid_count(n->plan_macs, planned),
                    aid_count(n->macs, written));
    text_put(out, ".\n\n");
}

static void put_time(struct text *out, const struct graph_picture *p, int node)
{
    const struct graph_costs *c = &p->cost;
    const struct graph_node_cost *n = &c->node[node];
    if (isnan(n->share)) {
        text_put(out, "Its time was not measured yet: m runs some steps.\n\n");
        return;
    }
    text_printf(out, "Time\nOf a step with %d samples and %d thread%s this node took %.3f ms forward and %.3f ms backward, %.1f %% of "
                     "the %.3f ms of all nodes. ",
                c->measured_batch, c->threads, c->threads == 1 ? "" : "s", 1e3 * n->forward, 1e3 * n->backward,
                100 * n->share, 1e3 * (n->forward + n->backward) / (n->share > 0 ? n->share : 1));
    text_printf(out, "The whole step of the trainer, with the reading of the samples, the loss and the optimiser, took %.3f ms",
                1e3 * c->step);
    double share = c->plan_macs > 0 ? (double)n->plan_macs / (double)c->plan_macs : 0;
    text_printf(out, ". By multiply-adds its share would be %.1f %%.\n\n", 100 * share);
}

static void put_gradient(struct text *out, const struct graph_picture *p, int node)
{
    const struct graph_costs *c = &p->cost;
    const struct graph_node_cost *n = &c->node[node];
    if (isnan(n->gradient_norm) && isnan(n->weight_norm))
        return;
    text_put(out, "Gradient\n");
    if (!isnan(n->gradient_norm))
        text_printf(out, "The Euclidean norm of the loss's gradient at this node's value was %.3g, the root mean square over the "
                         "batches measured; the largest of the network was %.3g. ",
                    n->gradient_norm, c->top_gradient);
    if (!isnan(n->weight_norm))
        text_printf(out, "That of its weights was %.3g. ", n->weight_norm);
    switch (graph_gradient_of(c, node)) {
    case GRADIENT_NONE:
        text_put(out, "It is exactly zero: nothing flows back, so what stands before it learns nothing yet. That is how the branch "
                      "that a morphism adds begins (its last layer starts at zero, and moves first); elsewhere it is a dead "
                      "relu or a gate that is shut.");
        break;
    case GRADIENT_VANISHES:
        text_printf(out, "It vanishes: %.1e of the largest. The layers before this node hardly learn. A skip (add), a normalisation, or "
                         "fewer layers behind it keep it alive.",
                    n->gradient_norm / c->top_gradient);
        break;
    case GRADIENT_EXPLODES:
        text_put(out, "It explodes: it grows on the way back from the output. A normalisation before this node, or a lower "
                      "learning rate, keeps steps from overshooting.");
        break;
    case GRADIENT_FINE:
        text_put(out, "That is in proportion with the rest.");
        break;
    }
    text_printf(out, " Measured with %s weights on %s.\n\n", c->trained_weights ? "the newest trained" : "fresh",
                c->task_data ? "the first fold's samples" : "random windows");
}

static void put_suggestion(struct text *out, const struct graph_screen *s)
{
    const json_t *j = s->ghost_of, *line;
    size_t i;
    text_printf(out, "The suggestion\n%s\n", aid_text(j, "why"));
    if (json_is_number(json_object_get(j, "mean")))
        text_printf(out, "The surrogate predicts %.2f %% with a standard deviation of %.2f; of those scored so far it believes the best "
                         "at %.2f %%. Expected improvement: %.3f points, at z = %.2f standard deviations.\n",
                    100 * json_number_value(json_object_get(j, "mean")), 100 * json_number_value(json_object_get(j, "sd")),
                    100 * json_number_value(json_object_get(j, "best")), 100 * json_number_value(json_object_get(j, "ei")),
                    json_number_value(json_object_get(j, "z")));
    json_array_foreach(json_object_get(j, "explain"), i, line)
        if (json_is_string(line)) {
            char effect[112];
            figure_effect(json_string_value(line), effect, sizeof effect);
            text_printf(out, "  %s\n", effect);
        }
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
    put_held(&out, p, node);
    put_cost(&out, p, node);
    put_time(&out, p, node);
    put_gradient(&out, p, node);
    if (p->mark[node] == '+')
        text_put(&out, "Marked +: the parent does not have this node. The morphism that added it kept the function, so the network "
                       "starts from what the parent had learned.\n");
    if (p->mark[node] == '~')
        text_put(&out, "Marked ~: the parent has this node with other settings or inputs; its weights were carried over.\n");
    char *text = memory_text(text_of(&out));
    text_free(&out);
    return text;
}
