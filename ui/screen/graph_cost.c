/* What the nodes cost: from the plan, and from what was measured. */
#include "ui/screen/graph.h"

#include "base/memory.h"
#include "base/text.h"
#include "net/plan.h"
#include "ui/screen/aid.h"
#include "work/json.h"

#include <math.h>

#define GRADIENT_RATIO 1e-3 /* below this part of the largest norm a gradient counts as vanished */
#define GRADIENT_DECADES 6  /* that a bar of a norm spans */
#define GRADIENT_LARGE 100  /* above this times the output's it explodes */

const char *const graph_kind_title[GRAPH_KINDS] = {"Time", "Mult-adds", "Parameters", "Memory", "Gradient"};
const char *const graph_kind_name[GRAPH_KINDS] = {"share of the time of a training step", "multiply-adds of a sample",
                                                  "parameters", "memory in training",
                                                  "norm of the gradient, on a scale of powers of ten"};

bool graph_kind_measured(enum graph_kind kind)
{
    return kind == GRAPH_TIME || kind == GRAPH_GRADIENT;
}

enum graph_kind graph_kind_now(const struct graph_screen *s)
{
    if (s->kind >= 0)
        return (enum graph_kind)s->kind;
    return s->picture.cost.measured ? GRAPH_TIME : GRAPH_MACS;
}

void graph_costs_free(struct graph_costs *c)
{
    free(c->node);
    *c = (struct graph_costs){0};
}

static void take_plan(struct graph_costs *c, const struct arch *a)
{
    struct plan *p = plan_outline(a, c->batch, true);
    for (int i = 0; i < c->nodes; i++) {
        struct plan_share share = plan_share(p, i);
        struct at_hand_cost cost = at_hand_cost(a, i);
        c->node[i] = (struct graph_node_cost){.parameters = cost.parameters,
                                              .macs = cost.macs,
                                              .plan_macs = share.macs,
                                              .value = share.value_bytes,
                                              .gradient = share.gradient_bytes,
                                              .kept = share.keep_bytes,
                                              .held = plan_steps(p, i),
                                              .forward = (double)NAN,
                                              .backward = (double)NAN,
                                              .share = (double)NAN,
                                              .gradient_norm = (double)NAN,
                                              .weight_norm = (double)NAN};
        c->parameters += cost.parameters;
        c->macs += cost.macs;
        c->plan_macs += share.macs;
        c->bytes += share.bytes;
    }
    plan_free(p);
    c->training = plan_bytes(a, c->batch, true);
    c->inference = plan_bytes(a, c->batch, false);
}

static void take_measured_node(struct graph_costs *c, struct graph_node_cost *n, const json_t *j)
{
    n->forward = json_member_number(j, "forward_seconds");
    n->backward = json_member_number(j, "backward_seconds");
    n->share = json_member_number(j, "share");
    n->gradient_norm = json_member_number(j, "gradient_norm");
    n->weight_norm = json_member_number(j, "weight_gradient_norm");
    if (n->gradient_norm > c->top_gradient)
        c->top_gradient = n->gradient_norm;
}

static void take_measured(struct graph_costs *c, const struct arch *a, const json_t *m)
{
    const json_t *nodes = json_object_get(m, "nodes");
    c->measured = json_is_object(nodes);
    if (!c->measured)
        return;
    for (int i = 0; i < c->nodes; i++)
        take_measured_node(c, &c->node[i], json_object_get(nodes, a->node[i].name));
    c->measured_batch = (int)json_integer_value(json_object_get(m, "batch"));
    c->threads = (int)json_integer_value(json_object_get(m, "threads"));
    c->trained_weights = !json_is_null(json_object_get(m, "weights"));
    c->task_data = !text_equal(aid_text(m, "data"), "random");
    text_copy(c->kernels, sizeof c->kernels, aid_text(m, "kernels"));
    c->at_us = aid_time(aid_text(m, "at"));
    c->step = json_member_number(m, "step_seconds");
    c->rate = json_member_number(m, "samples_per_second");
    c->epoch = json_member_number(m, "epoch_seconds");
    c->train = json_member_number(m, "train_seconds");
    c->score = json_member_number(m, "score_seconds");
}

void graph_costs_make(struct graph_costs *c, const struct arch *a, int batch, const json_t *measured)
{
    *c = (struct graph_costs){.nodes = a->nodes, .batch = batch, .node = NEW_ARRAY(struct graph_node_cost, a->nodes)};
    take_plan(c, a);
    take_measured(c, a, measured);
}

/* --- one figure ----------------------------------------------------------------------------------------------------- */

static size_t bytes_of(const struct graph_node_cost *n)
{
    return n->value + n->gradient + n->kept;
}

void graph_cost_text(const struct graph_costs *c, int node, enum graph_kind kind, char *out, size_t size)
{
    const struct graph_node_cost *n = &c->node[node];
    char number[AID_NUMBER];
    out[0] = '\0';
    if (kind == GRAPH_TIME && !isnan(n->share))
        snprintf(out, size, "%.1f %%", 100 * n->share);
    else if (kind == GRAPH_GRADIENT && !isnan(n->gradient_norm))
        snprintf(out, size, "%.3g", n->gradient_norm);
    else if (kind == GRAPH_MACS && n->plan_macs > 0)
        text_copy(out, size, aid_count(n->plan_macs, number));
    else if (kind == GRAPH_PARAMETERS && n->parameters > 0)
        text_copy(out, size, aid_count(n->parameters, number));
    else if (kind == GRAPH_MEMORY && bytes_of(n) > 0)
        text_of_bytes(bytes_of(n), out, size);
}

static double part_of(double part, double all)
{
    return all > 0 ? part / all : 0;
}

double graph_cost_bar(const struct graph_costs *c, int node, enum graph_kind kind)
{
    const struct graph_node_cost *n = &c->node[node];
    switch (kind) {
    case GRAPH_TIME:
        return isnan(n->share) ? 0 : n->share;
    case GRAPH_MACS:
        return part_of((double)n->plan_macs, (double)c->plan_macs);
    case GRAPH_PARAMETERS:
        return part_of((double)n->parameters, (double)c->parameters);
    case GRAPH_MEMORY:
        return part_of((double)bytes_of(n), (double)c->bytes);
    default:
        break;
    }
    if (!(n->gradient_norm > 0))
        return 0;
    double below = log10(c->top_gradient / n->gradient_norm);
    return below >= GRADIENT_DECADES ? 0.01 : 1 - below / GRADIENT_DECADES;
}

/* The norm nearest to the loss: of the last node that has one. */
static double output_gradient(const struct graph_costs *c)
{
    for (int i = c->nodes; i-- > 0;)
        if (!isnan(c->node[i].gradient_norm))
            return c->node[i].gradient_norm;
    return (double)NAN;
}

enum graph_gradient graph_gradient_of(const struct graph_costs *c, int node)
{
    double norm = c->node[node].gradient_norm;
    if (isnan(norm))
        return GRADIENT_FINE;
    if (norm == 0)
        return GRADIENT_NONE;
    if (norm > GRADIENT_LARGE * output_gradient(c))
        return GRADIENT_EXPLODES;
    return norm < GRADIENT_RATIO * c->top_gradient ? GRADIENT_VANISHES : GRADIENT_FINE;
}
