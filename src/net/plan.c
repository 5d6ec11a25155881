/* Builds a plan from its layout, one call for each node, and runs it. */
#include "net/plan_layout.h"

#include "net/kernel/kernel.h"
#include "net/numeric.h"
#include "net/op/ops.h"
#include "net/plan_room.h"

#include "base/clock.h"
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

/* Where a part's numbers of sample `first` are; in a part for one slice they come first. */
static float *part_memory(const struct plan *p, int part, size_t first)
{
    return part < 0 || p->part[part].floats == 0 ? NULL : p->arena + p->part[part].offset + first * p->part_sample[part];
}

/* The first reader of a gradient to run backward finds nothing in it. */
static void wire_gradients(struct plan *p, int i)
{
    const struct arch_node *node = &p->arch->node[i];
    const struct item *it = &p->item[i];
    struct step *s = &p->step[i];
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

static void wire(struct plan *p, int i, struct threads *pool)
{
    const struct arch_node *node = &p->arch->node[i];
    struct step *s = &p->step[i];
    struct op_tensor tensor[OP_TENSORS_MAX];
    wire_gradients(p, i);
    s->tensors = node->op->tensors(node, p->item[i].in, tensor);
    for (int j = 0; j < s->tensors; j++) {
        s->offset[j] = p->weights;
        p->weights += (size_t)tensor[j].rows * (size_t)tensor[j].columns;
    }
    s->call = (struct op_call){.site = p->item[i].site, .input = s->input, .weight = s->weight,
                               .scratch = p->arena + p->floats, .d_input = s->d_input, .fresh = s->fresh,
                               .d_weight = s->d_weight, .pool = pool, .kernel = kernel_active()};
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
    p->arena = memory_try(p->floats + plan_layout_scratch(p), sizeof *p->arena, "the values of a network", err);
    p->step = memory_try((size_t)a->nodes, sizeof *p->step, "the steps of a network", err);
    if (!p->arena || !p->step) {
        plan_free(p);
        return NULL;
    }
    for (int i = 0; i < p->arch->nodes; i++)
        wire(p, i, pool);
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
    free(p);
}

void plan_take_kernel(struct plan *p, const struct kernel *k)
{
    for (int i = 0; i < p->arch->nodes; i++)
        p->step[i].call.kernel = k;
}

/* --- running ----------------------------------------------------------------------------------------------------- */

/* The only node without inputs comes first in post-order. */
float *plan_input(struct plan *p)
{
    return part_memory(p, p->item[0].value, 0);
}

/* Between a value that holds more steps than operator i may get as its j-th input, or its gradient, and the copy of
 * those that it may. */
static void run_pick(const struct plan *p, int i, int j, float *value, float *copy, bool back)
{
    const struct item *it = &p->item[i], *in = &p->item[p->arch->node[i].input[j]];
    struct op_steps held = in->held, ask = plan_layout_asked(p, i, in->site.whole);
    int ratio = ask.n > 1 ? ask.every / held.every : 1;
    size_t width = (size_t)it->in[j].channels, size = width * sizeof *value;
    for (int sample = 0; sample < p->step[i].call.site.batch; sample++)
        for (int m = 0; m < ask.n; m++) {
            int at = held.n - 1 - (ask.n - 1 - m) * ratio;
            float *there = value + ((size_t)sample * (size_t)held.n + (size_t)at) * width;
            float *here = copy + ((size_t)sample * (size_t)ask.n + (size_t)m) * width;
            memcpy(back ? there : here, back ? here : there, size);
        }
}

static void pick_inputs(const struct plan *p, int i, size_t first)
{
    for (int j = 0; p->step[i].picks && j < p->arch->node[i].inputs; j++)
        if (p->item[i].pick[j] >= 0 && plan_layout_same_input(p, i, j) == j) {
            const struct item *in = &p->item[p->item[p->arch->node[i].input[j]].root];
            run_pick(p, i, j, part_memory(p, in->value, first), part_memory(p, p->item[i].pick[j], first), false);
        }
}

/* The copy of a gradient goes on from what is there, so that its sums are the same as without copies. */
static void pick_gradients(const struct plan *p, int i, size_t first, bool back)
{
    for (int j = 0; p->step[i].picks && j < p->arch->node[i].inputs; j++)
        if (p->item[i].pick[j] >= 0 && p->step[i].d_input[j] && plan_layout_same_input(p, i, j) == j) {
            const struct item *in = &p->item[p->item[p->arch->node[i].input[j]].root];
            run_pick(p, i, j, part_memory(p, in->gradient, first), p->step[i].d_input[j], back);
        }
}

/* Samples first .. first + rows - 1. */
static void aim(struct plan *p, int i, int first, int rows)
{
    const struct arch_node *node = &p->arch->node[i];
    const struct item *it = &p->item[i], *root = &p->item[it->root];
    struct step *s = &p->step[i];
    for (int j = 0; j < node->inputs; j++) {
        const struct item *in = &p->item[p->item[node->input[j]].root];
        s->input[j] = part_memory(p, it->pick[j] >= 0 ? it->pick[j] : in->value, (size_t)first);
        s->d_input[j] = part_memory(p, s->d_part[j], (size_t)first);
    }
    s->call.output = part_memory(p, root->value, (size_t)first);
    s->call.keep = part_memory(p, it->keep, (size_t)first);
    s->call.d_output = part_memory(p, root->gradient, (size_t)first);
    s->call.site.batch = rows;
    s->call.first = first;
}

static void forward_slice(struct plan *p, const struct run *r, int first, int rows)
{
    for (int i = r->first; i <= r->last; i++) {
        struct step *s = &p->step[i];
        double start = p->measuring ? clock_seconds() : 0;
        aim(p, i, first, rows);
        pick_inputs(p, i, (size_t)first);
        s->call.site.node->op->forward(&s->call);
        if (p->measuring)
            p->share[i].forward += clock_seconds() - start;
    }
}

static const float *run_forward(struct plan *p, const float *weight, int rows, const struct op_draw *draw)
{
    ASSERT(rows >= 1 && rows <= p->batch);
    for (int i = 0; i < p->arch->nodes; i++) {
        struct step *s = &p->step[i];
        for (int j = 0; j < s->tensors; j++)
            s->weight[j] = weight + s->offset[j];
        s->call.draw = draw;
    }
    for (const struct run *r = p->run; r < p->run + p->runs; r++)
        for (int first = 0; first < rows; first += r->samples)
            forward_slice(p, r, first, rows - first < r->samples ? rows - first : r->samples);
    return part_memory(p, p->item[p->item[p->arch->nodes - 1].root].value, 0);
}

const float *plan_forward(struct plan *p, const float *weight, int rows)
{
    return run_forward(p, weight, rows, NULL);
}

const float *plan_forward_draw(struct plan *p, const float *weight, int rows, struct op_draw draw)
{
    ASSERT(p->training);
    p->draw = draw;
    return run_forward(p, weight, rows, &p->draw);
}

/* Gradients of values are cleared when their first writer is about to run: before that their memory is another's. */
static void clear_gradients(struct plan *p, int i, size_t first, size_t rows)
{
    for (int j = 0; j < p->arch->node[i].inputs; j++) {
        const struct item *in = &p->item[p->item[p->arch->node[i].input[j]].root];
        if (p->step[i].clear[j])
            memset(part_memory(p, in->gradient, first), 0, rows * op_floats(in->site.out) * sizeof(float));
    }
}

static double square_sum(double sum, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    return sum;
}

/* Sums of squares, of which plan_share takes the roots. */
static void measure_gradients(struct plan *p, int i)
{
    const struct step *s = &p->step[i];
    struct op_tensor tensor[OP_TENSORS_MAX];
    int tensors = s->call.site.node->op->tensors(s->call.site.node, p->item[i].in, tensor);
    double sum = 0;
    for (int j = 0; j < tensors; j++)
        sum = square_sum(sum, s->d_weight[j], (size_t)tensor[j].rows * (size_t)tensor[j].columns);
    p->share[i].weight_norm = tensors > 0 ? sum : (double)NAN;
}

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

static void backward_node(struct plan *p, int i, const float *d_output, int first, int rows)
{
    struct step *s = &p->step[i];
    double start = p->measuring ? clock_seconds() : 0;
    aim(p, i, first, rows);
    if (p->item[i].root == p->item[p->arch->nodes - 1].root)
        s->call.d_output = d_output + (size_t)first * op_floats(s->call.site.out);
    clear_gradients(p, i, (size_t)first, (size_t)rows);
    pick_gradients(p, i, (size_t)first, false);
    s->call.site.node->op->backward(&s->call);
    pick_gradients(p, i, (size_t)first, true);
    if (!p->measuring)
        return;
    p->share[i].backward += clock_seconds() - start;
    double sum = first > 0 ? p->share[i].gradient_norm : 0;
    p->share[i].gradient_norm =
        s->call.d_output ? square_sum(sum, s->call.d_output, op_site_floats(&s->call.site)) : (double)NAN;
}

void plan_backward(struct plan *p, const float *weight, const float *d_output, float *gradient, int rows)
{
    ASSERT(p->training && rows >= 1 && rows <= p->batch);
    memset(gradient, 0, p->weights * sizeof *gradient);
    for (int i = 0; i < p->arch->nodes; i++) {
        struct step *s = &p->step[i];
        for (int j = 0; j < s->tensors; j++) {
            s->weight[j] = weight + s->offset[j];
            s->d_weight[j] = gradient + s->offset[j];
        }
    }
    for (const struct run *r = p->run + p->runs; r-- > p->run;)
        for (int first = 0; first < rows; first += r->samples)
            for (int i = r->last; i >= r->first; i--)
                if (p->item[i].wanted)
                    backward_node(p, i, d_output, first, rows - first < r->samples ? rows - first : r->samples);
    for (int i = 0; p->measuring && i < p->arch->nodes; i++)
        measure_gradients(p, i);
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
    return part_memory(p, p->item[p->item[i].root].value, 0);
}

struct op_steps plan_steps(const struct plan *p, int node)
{
    return p->item[p->place[node]].held;
}
