/* Compiles an architecture: canonical order, one arena, and for each node a call whose pointers are ready.
 *
 * Time runs 0 .. n-1 over the forward pass and, in training, n .. 2n-1 over the backward pass in reverse order: node i
 * runs backward at 2n-1-i. A training plan keeps all values to the end; an inference plan gives a value's memory away
 * after its last reader. A gradient lives from its first writer, the node's last reader, to the node itself. */
#include "net/plan.h"

#include "net/arena.h"
#include "net/kernel/kernel.h"
#include "net/numeric.h"

#include "base/memory.h"

#include <limits.h>

#define PLAN_BYTES_MAX ((size_t)1 << 38)

/* What one node needs; `root` is the node whose memory it shares (itself, but for operators that alias). */
struct item {
    int root, value, gradient, keep; /* indices of arena items, -1 where there is none */
    int from, until;                 /* life of the value, for roots */
    bool wanted;                     /* a weight lies upstream, so its gradient is computed */
    struct arch_shape in[ARCH_INPUTS_MAX];
};

struct step {
    struct op_call call;
    const float *input[ARCH_INPUTS_MAX], *weight[OP_TENSORS_MAX];
    float *d_input[ARCH_INPUTS_MAX], *d_weight[OP_TENSORS_MAX];
    size_t offset[OP_TENSORS_MAX]; /* of its tensors among the weights */
    int tensors;
    float *gradient; /* of its value; NULL for aliases and where none is wanted */
    size_t gradient_floats;
};

struct plan {
    struct arch *arch; /* canonical */
    int batch;
    bool training;
    int *place; /* canonical index of each node as given */
    struct item *item;
    struct arena_item *part;
    int parts;
    size_t floats, weights;
    float *arena;
    struct step *step;
};

/* --- sizes ------------------------------------------------------------------------------------------------------- */

static void find_roots(struct plan *p)
{
    for (int i = 0; i < p->arch->nodes; i++) {
        const struct arch_node *node = &p->arch->node[i];
        struct item *it = &p->item[i];
        struct op_tensor tensor[OP_TENSORS_MAX];
        it->root = node->op->alias ? p->item[node->input[0]].root : i;
        it->from = it->until = i;
        for (int j = 0; j < node->inputs; j++) {
            struct item *in = &p->item[node->input[j]];
            it->in[j] = p->arch->shape[node->input[j]];
            it->wanted = it->wanted || in->wanted;
            p->item[in->root].until = i;
        }
        it->wanted = it->wanted || node->op->tensors(node, it->in, tensor) > 0;
    }
}

static int add_part(struct plan *p, size_t floats, int from, int until)
{
    p->part[p->parts] = (struct arena_item){floats, from, until, 0};
    return p->parts++;
}

/* The gradient of a root is first written by the last of all readers of it and of what shares its memory. */
static int first_gradient(const struct plan *p, int root)
{
    int n = p->arch->nodes, last = p->item[root].until;
    return 2 * n - 1 - last;
}

static void size_node(struct plan *p, int i)
{
    const struct arch_node *node = &p->arch->node[i];
    struct item *it = &p->item[i];
    struct arch_shape out = p->arch->shape[i];
    int n = p->arch->nodes, end = 2 * n - 1;
    size_t floats = (size_t)(out.time > 0 ? out.time : 1) * (size_t)out.channels * (size_t)p->batch;
    it->value = it->gradient = it->keep = -1;
    if (it->root == i) {
        /* The input is written before the first step, the output read after the last. */
        bool output = it->until == i || p->item[n - 1].root == i, input = node->inputs == 0;
        it->value = add_part(p, floats, input ? -1 : i, p->training ? end : output ? n : it->until);
        if (p->training && it->wanted && p->item[n - 1].root != i)
            it->gradient = add_part(p, floats, first_gradient(p, i), end - i);
    }
    if (p->training)
        it->keep = add_part(p, node->op->keep(node, it->in, out, p->batch), i, end - i);
}

static size_t scratch_floats(const struct plan *p)
{
    size_t most = 0;
    for (int i = 0; i < p->arch->nodes; i++) {
        const struct arch_node *node = &p->arch->node[i];
        size_t now = node->op->scratch(node, p->item[i].in, p->arch->shape[i], p->batch, p->training);
        most = now > most ? now : most;
    }
    return most;
}

static size_t rounded(size_t n, size_t size)
{
    return (n * size + 63) / 64 * 64;
}

/* Scratch comes last in the arena. */
static struct plan *plan_measure(const struct arch *a, int batch, bool training)
{
    struct plan *p = NEW(struct plan);
    int n = a->nodes, *origin = NEW_ARRAY(int, n);
    p->arch = arch_canonical(a, origin);
    p->batch = batch;
    p->training = training;
    p->place = NEW_ARRAY(int, n);
    p->item = NEW_ARRAY(struct item, n);
    p->part = NEW_ARRAY(struct arena_item, 3 * n);
    for (int i = 0; i < n; i++)
        p->place[origin[i]] = i;
    free(origin);
    find_roots(p);
    for (int i = 0; i < n; i++)
        size_node(p, i);
    p->floats = arena_place(p->part, p->parts);
    return p;
}

static size_t plan_total(const struct plan *p)
{
    size_t n = (size_t)p->arch->nodes;
    return rounded(p->floats + scratch_floats(p), sizeof(float)) + rounded(n, sizeof(struct step));
}

size_t plan_bytes(const struct arch *a, int batch, bool training)
{
    struct plan *p = plan_measure(a, batch, training);
    size_t total = plan_total(p);
    plan_free(p);
    return total;
}

/* --- building ---------------------------------------------------------------------------------------------------- */

static float *part_memory(const struct plan *p, int part)
{
    return part < 0 || p->part[part].floats == 0 ? NULL : p->arena + p->part[part].offset;
}

static void wire(struct plan *p, int i, struct threads *pool)
{
    const struct arch_node *node = &p->arch->node[i];
    struct item *it = &p->item[i], *root = &p->item[it->root];
    struct step *s = &p->step[i];
    struct op_tensor tensor[OP_TENSORS_MAX];
    for (int j = 0; j < node->inputs; j++) {
        const struct item *in = &p->item[p->item[node->input[j]].root];
        s->input[j] = part_memory(p, in->value);
        s->d_input[j] = part_memory(p, in->gradient);
    }
    s->tensors = node->op->tensors(node, it->in, tensor);
    for (int j = 0; j < s->tensors; j++) {
        s->offset[j] = p->weights;
        p->weights += (size_t)tensor[j].rows * (size_t)tensor[j].columns;
    }
    s->gradient = it->root == i ? part_memory(p, it->gradient) : NULL;
    s->gradient_floats = s->gradient ? p->part[it->gradient].floats : 0;
    s->call = (struct op_call){.node = node, .in = it->in, .out = p->arch->shape[i], .input = s->input,
                               .output = part_memory(p, root->value), .weight = s->weight,
                               .keep = part_memory(p, it->keep), .scratch = p->arena + p->floats,
                               .d_output = part_memory(p, root->gradient), .d_input = s->d_input,
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

struct plan *plan_new(const struct arch *a, int batch, bool training, struct threads *pool, struct error *err)
{
    if (!plan_fits(a, batch, err) || (!kernel_active() && !numeric_start(err)))
        return NULL;
    struct plan *p = plan_measure(a, batch, training);
    size_t total = plan_total(p);
    if (total > PLAN_BYTES_MAX) {
        error_set(err, ERROR_LIMIT,
                  "a plan of %zu bytes for %d samples is too large: choose a smaller batch or a smaller network", total,
                  batch);
        plan_free(p);
        return NULL;
    }
    p->arena = memory_try(p->floats + scratch_floats(p), sizeof *p->arena, "the values of a network", err);
    p->step = memory_try((size_t)a->nodes, sizeof *p->step, "the steps of a network", err);
    if (!p->arena || !p->step) {
        plan_free(p);
        return NULL;
    }
    for (int i = 0; i < p->arch->nodes; i++)
        wire(p, i, pool);
    return p;
}

void plan_free(struct plan *p)
{
    if (!p)
        return;
    arch_free(p->arch);
    free(p->place);
    free(p->item);
    free(p->part);
    free(p->arena);
    free(p->step);
    free(p);
}

/* --- running ----------------------------------------------------------------------------------------------------- */

/* The only node without inputs comes first in post-order. */
float *plan_input(struct plan *p)
{
    return p->step[0].call.output;
}

const float *plan_forward(struct plan *p, const float *weight, int rows)
{
    ASSERT(rows >= 1 && rows <= p->batch);
    for (int i = 0; i < p->arch->nodes; i++) {
        struct step *s = &p->step[i];
        for (int j = 0; j < s->tensors; j++)
            s->weight[j] = weight + s->offset[j];
        s->call.batch = rows;
        s->call.node->op->forward(&s->call);
    }
    return p->step[p->arch->nodes - 1].call.output;
}

/* Gradients of values are cleared when their first writer is about to run: before that their memory is another's. */
static void clear_gradients(struct plan *p, int reader)
{
    const struct arch_node *node = &p->arch->node[reader];
    for (int j = 0; j < node->inputs; j++) {
        int root = p->item[node->input[j]].root;
        struct step *s = &p->step[root];
        if (s->gradient && p->item[root].until == reader)
            memset(s->gradient, 0, s->gradient_floats / (size_t)p->batch * (size_t)s->call.batch * sizeof(float));
    }
}

void plan_backward(struct plan *p, const float *weight, const float *d_output, float *gradient, int rows)
{
    int n = p->arch->nodes, output_root = p->item[n - 1].root;
    ASSERT(p->training && rows >= 1 && rows <= p->batch);
    memset(gradient, 0, p->weights * sizeof *gradient);
    for (int i = n; i-- > 0;) {
        struct step *s = &p->step[i];
        if (!p->item[i].wanted)
            continue;
        clear_gradients(p, i);
        for (int j = 0; j < s->tensors; j++) {
            s->weight[j] = weight + s->offset[j];
            s->d_weight[j] = gradient + s->offset[j];
        }
        if (p->item[i].root == output_root)
            s->call.d_output = d_output;
        s->call.batch = rows;
        s->call.node->op->backward(&s->call);
    }
}

int plan_nodes(const struct plan *p)
{
    return p->arch->nodes;
}

const float *plan_value(const struct plan *p, int node, struct arch_shape *shape)
{
    int i = p->place[node];
    if (shape)
        *shape = p->arch->shape[i];
    return p->step[i].call.output;
}
