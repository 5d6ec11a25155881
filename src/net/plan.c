/* Builds a plan from its layout, one call for each node and lane, and answers what is asked about it. */
#include "net/plan_layout.h"

#include "net/kernel/kernel.h"
#include "net/numeric.h"
#include "net/op/ops.h"
#include "net/plan_room.h"

#include "base/memory.h"

#include <limits.h>
#include <math.h>

size_t plan_bytes(const struct arch *a, int batch, bool training)
{
    struct plan *p = plan_layout(a, batch, &(struct layout_options){.training = training, .threads = 1});
    size_t total = plan_layout_bytes(p);
    plan_free(p);
    return total;
}

struct plan *plan_outline(const struct arch *a, int batch, bool training)
{
    struct plan *p = plan_layout(a, batch, &(struct layout_options){.training = training, .threads = 1});
    for (int i = 0; i < p->arch->nodes; i++)
        p->share[i].gradient_norm = p->share[i].weight_norm = (double)NAN;
    return p;
}

int64_t plan_macs(const struct arch *a)
{
    struct plan *p = plan_layout(a, 1, &(struct layout_options){.threads = 1});
    int64_t total = 0;
    for (int i = 0; i < p->arch->nodes; i++)
        total += plan_layout_macs(p, i);
    plan_free(p);
    return total;
}

/* --- building ---------------------------------------------------------------------------------------------------- */

/* The first reader of a gradient to run backward finds nothing in it. */
static void wire_gradients(const struct plan *p, struct step *s, int i)
{
    const struct arch_node *node = &p->arch->node[i];
    const struct item *it = &p->item[i];
    for (int j = 0; j < node->inputs; j++) {
        int root = p->item[node->input[j]].root;
        const struct item *in = &p->item[root];
        bool pick = it->pick[j] >= 0, first = in->until == i;
        for (int k = 0; k < j; k++)
            first = first && p->item[node->input[k]].root != root;
        s->d_part[j] = in->gradient < 0 || in->owner != root ? -1 : pick ? it->pick_gradient[j] : in->gradient;
        s->fresh[j] = first && s->d_part[j] >= 0 && node->op->starts && !pick;
        s->clear[j] = first && s->d_part[j] >= 0 && !s->fresh[j];
        s->picks = s->picks || pick;
    }
}

static void wire(struct plan *p, int i)
{
    const struct arch_node *node = &p->arch->node[i];
    struct step *s = &p->step[i];
    struct op_tensor tensor[OP_TENSORS_MAX];
    wire_gradients(p, s, i);
    s->tensors = node->op->tensors(node, p->item[i].in, tensor);
    for (int j = 0; j < s->tensors; j++) {
        s->offset[j] = p->weights;
        p->weights += (size_t)tensor[j].rows * (size_t)tensor[j].columns;
    }
    p->item[i].weights = s->tensors > 0 ? p->weights - s->offset[0] : 0;
    s->call = (struct op_call){.site = p->item[i].site, .kernel = kernel_active()};
}

/* The calls of a lane, like those of the first but for its own memory. */
static void wire_lane(struct plan *p, int lane)
{
    int n = p->arch->nodes;
    float *scratch = p->arena + p->floats + (size_t)lane * p->lane_floats + p->slice_floats;
    for (int i = 0; i < n; i++) {
        struct step *s = &p->step[lane * n + i];
        *s = p->step[i];
        s->call.scratch = scratch;
        s->call.input = s->input;
        s->call.weight = s->weight;
        s->call.d_input = s->d_input;
        s->call.fresh = s->fresh;
        s->call.d_weight = s->d_weight;
    }
}

/* Loops count rows in int: a batch's steps, and pieces of a value, must fit. */
static bool plan_fits(const struct arch *a, int batch, struct error *err)
{
    if (batch < 1)
        return error_set(err, ERROR_USAGE, "a batch of %d samples: it must be at least 1", batch);
    for (int i = 0; i < a->nodes; i++)
        if ((a->shape[i].time > 0 ? a->shape[i].time : 1) > INT_MAX / 2 / batch)
            return error_set(err, ERROR_LIMIT, "a batch of %d samples of %d steps is too large: choose a smaller batch",
                             batch, a->shape[i].time);
    return true;
}

static struct plan *plan_build(const struct arch *a, int batch, struct layout_options o, struct threads *pool,
                               struct error *err)
{
    if (!plan_fits(a, batch, err) || (!kernel_active() && !numeric_start(err)))
        return NULL;
    o.threads = threads_n(pool);
    struct plan *p = plan_layout(a, batch, &o);
    if (!plan_has_room(a, batch, o.training, plan_layout_bytes(p), err)) {
        plan_free(p);
        return NULL;
    }
    p->pool = pool;
    p->turn = NEW_ARRAY(atomic_int, a->nodes);
    p->arena = memory_try(plan_layout_floats(p), sizeof *p->arena, "the values of a network", err);
    p->step = memory_try((size_t)p->lanes * (size_t)a->nodes, sizeof *p->step, "the steps of a network", err);
    if (!p->arena || !p->step) {
        plan_free(p);
        return NULL;
    }
    for (int i = 0; i < p->arch->nodes; i++)
        wire(p, i);
    for (int lane = p->lanes; lane-- > 0;)
        wire_lane(p, lane);
    return p;
}

struct plan *plan_new(const struct arch *a, int batch, bool training, struct threads *pool, struct error *err)
{
    return plan_build(a, batch, (struct layout_options){.training = training}, pool, err);
}

struct plan *plan_new_whole(const struct arch *a, int batch, bool training, struct threads *pool, struct error *err)
{
    struct layout_options o = {.training = training, .whole = true, .samples = batch};
    return plan_build(a, batch, o, pool, err);
}

struct plan *plan_new_sliced(const struct arch *a, int batch, bool training, int samples, struct threads *pool,
                             struct error *err)
{
    return plan_build(a, batch, (struct layout_options){.training = training, .samples = samples}, pool, err);
}

struct plan *plan_new_stream(const struct arch *a, int batch, struct threads *pool, struct error *err)
{
    return plan_build(a, batch, (struct layout_options){.training = true, .streams = true}, pool, err);
}

struct plan *plan_new_stream_sliced(const struct arch *a, int batch, int samples, struct threads *pool,
                                    struct error *err)
{
    return plan_build(a, batch, (struct layout_options){.training = true, .streams = true, .samples = samples}, pool,
                      err);
}

void plan_free(struct plan *p)
{
    if (!p)
        return;
    arch_free(p->arch);
    free(p->place);
    free(p->item);
    free(p->run);
    free(p->part);
    free(p->part_sample);
    free(p->share);
    free(p->arena);
    free(p->step);
    free(p->turn);
    free(p);
}

void plan_take_kernel(struct plan *p, const struct kernel *k)
{
    for (int i = 0; i < p->lanes * p->arch->nodes; i++)
        p->step[i].call.kernel = k;
}

/* --- what it has and costs ------------------------------------------------------------------------------------- */

void plan_measure_start(struct plan *p)
{
    p->measuring = true;
    memset(p->share, 0, (size_t)p->arch->nodes * sizeof *p->share);
    for (int i = 0; i < p->arch->nodes; i++)
        p->share[i].gradient_norm = p->share[i].weight_norm = (double)NAN;
}

static size_t part_bytes(const struct plan *p, int part)
{
    return part < 0 ? 0 : p->part[part].floats * sizeof(float);
}

struct plan_share plan_share(const struct plan *p, int node)
{
    int i = p->place[node];
    const struct item *it = &p->item[i];
    struct plan_share share = p->share[i];
    share.gradient_norm = sqrt(share.gradient_norm);
    share.weight_norm = sqrt(share.weight_norm);
    share.value_bytes = part_bytes(p, it->value);
    share.gradient_bytes = part_bytes(p, it->gradient);
    share.keep_bytes = part_bytes(p, it->keep);
    share.bytes = share.value_bytes + share.gradient_bytes + share.keep_bytes;
    share.macs = plan_layout_macs(p, i);
    return share;
}

int plan_nodes(const struct plan *p)
{
    return p->arch->nodes;
}

const float *plan_value(const struct plan *p, int node, struct arch_shape *shape)
{
    int i = p->place[node];
    if (shape)
        *shape = p->item[i].site.out;
    return plan_memory(p, 0, p->item[p->item[i].root].value, 0);
}

struct op_steps plan_steps(const struct plan *p, int node)
{
    return p->item[p->place[node]].held;
}
