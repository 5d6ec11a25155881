/* Compiles an architecture: canonical order, one arena, and for each node a call whose pointers are ready.
 *
 * Time runs 0 .. n-1 over the forward pass and, in training, n .. 2n-1 over the backward pass in reverse order: node i
 * runs backward at 2n-1-i. A training plan keeps all values to the end; an inference plan gives a value's memory away
 * after its last reader. A gradient lives from its first writer, the node's last reader, to the node itself. */
#include "net/plan.h"

#include "net/arena.h"
#include "net/kernel/kernel.h"
#include "net/numeric.h"
#include "net/op/ops.h"

#include "base/clock.h"
#include "base/memory.h"

#include <limits.h>
#include <math.h>
#include <unistd.h>

#define PLAN_BYTES_MAX ((size_t)1 << 38)

/* What one node needs; `root` is the node whose memory it shares (itself, but for operators that alias). */
struct item {
    int root, value, gradient, keep; /* indices of arena items, -1 where there is none */
    int from, until;                 /* life of the value, for roots */
    bool wanted;                     /* a weight lies upstream, so its gradient is computed */
    struct op_steps held;            /* of its output; n 0 where that has no time */
    struct op_site site;
    struct arch_shape in[ARCH_INPUTS_MAX];
    /* Inputs that hold more steps than the operator may get are copied: arena items, -1 where they are not. One that
     * is read twice has one copy. */
    int pick[ARCH_INPUTS_MAX], pick_gradient[ARCH_INPUTS_MAX];
};

struct step {
    struct op_call call;
    const float *input[ARCH_INPUTS_MAX], *weight[OP_TENSORS_MAX];
    float *d_input[ARCH_INPUTS_MAX], *d_weight[OP_TENSORS_MAX];
    size_t offset[OP_TENSORS_MAX]; /* of its tensors among the weights */
    int tensors;
    bool picks;      /* one of its inputs is a copy */
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
    struct op_draw draw;
    bool measuring;
    struct plan_share *share; /* [nodes], canonical */
};

/* --- steps held -------------------------------------------------------------------------------------------------- */

/* Only multiples of `every` that lie in the window. */
static struct op_steps clipped(struct op_steps s, int whole)
{
    int most = (whole - 1) / s.every + 1, n = s.n < most ? s.n : most;
    return (struct op_steps){n, n > 1 ? s.every : 1};
}

static int divisor(int a, int b)
{
    return b == 0 ? a : divisor(b, a % b);
}

/* The fewest evenly spaced steps that hold both. */
static struct op_steps united(struct op_steps a, struct op_steps b)
{
    if (a.n == 0)
        return b;
    int reach_a = (a.n - 1) * a.every, reach_b = (b.n - 1) * b.every, reach = reach_a > reach_b ? reach_a : reach_b;
    int every = divisor(a.n > 1 ? a.every : 0, b.n > 1 ? b.every : 0);
    every = every > 0 ? every : 1;
    return (struct op_steps){reach / every + 1, every};
}

/* The steps that node i asks of an input with `whole` steps. */
static struct op_steps asked(const struct plan *p, int i, int whole)
{
    const struct arch_node *node = &p->arch->node[i];
    struct op_steps out = p->item[i].held.n > 0 ? p->item[i].held : (struct op_steps){1, 1};
    struct op_steps all = {whole, 1};
    return node->op->needs ? clipped(node->op->needs(node, out), whole) : all;
}

/* From the output back: which steps anything hangs on. The input is given whole, and so is all that an operator gives
 * that does not say what it needs. */
static void find_held(struct plan *p, bool whole)
{
    for (int i = p->arch->nodes; i-- > 0;) {
        const struct arch_node *node = &p->arch->node[i];
        struct item *it = &p->item[i];
        int time = p->arch->shape[i].time;
        if (time > 0 && (whole || !node->op->needs))
            it->held = (struct op_steps){time, 1};
        for (int j = 0; j < node->inputs; j++) {
            int in_time = p->arch->shape[node->input[j]].time;
            if (in_time > 0)
                p->item[node->input[j]].held = united(p->item[node->input[j]].held, asked(p, i, in_time));
        }
    }
}

static struct arch_shape held_shape(const struct plan *p, int i)
{
    return (struct arch_shape){p->item[i].held.n, p->arch->shape[i].channels};
}

static void find_sites(struct plan *p)
{
    for (int i = 0; i < p->arch->nodes; i++) {
        const struct arch_node *node = &p->arch->node[i];
        struct item *it = &p->item[i];
        it->site = (struct op_site){.node = node, .index = i, .batch = p->batch, .training = p->training, .in = it->in,
                                    .out = held_shape(p, i), .in_every = 1, .whole = p->arch->shape[i].time,
                                    .out_every = it->held.n > 0 ? it->held.every : 1};
        for (int j = 0; j < node->inputs; j++) {
            int in = node->input[j], time = p->arch->shape[in].time;
            struct op_steps held = p->item[in].held, ask = time > 0 ? asked(p, i, time) : held;
            it->in[j] = held_shape(p, in);
            it->pick[j] = it->pick_gradient[j] = -1;
            if (node->op->strides && time > 0)
                it->site.in_every = held.every;
            else if (held.n != ask.n || held.every != ask.every) {
                it->in[j].time = ask.n;
                it->pick[j] = 0; /* its place comes with the sizes */
            }
        }
    }
}

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

static size_t shape_floats(const struct plan *p, struct arch_shape s)
{
    return (size_t)(s.time > 0 ? s.time : 1) * (size_t)s.channels * (size_t)p->batch;
}

/* The first of node i's inputs that is the same as its j-th. */
static int same_input(const struct plan *p, int i, int j)
{
    int first = 0;
    while (p->arch->node[i].input[first] != p->arch->node[i].input[j])
        first++;
    return first;
}

static void size_picks(struct plan *p, int i)
{
    struct item *it = &p->item[i];
    int end = 2 * p->arch->nodes - 1;
    for (int j = 0; j < p->arch->node[i].inputs; j++) {
        int first = same_input(p, i, j);
        size_t floats = shape_floats(p, it->in[j]);
        if (it->pick[j] < 0)
            continue;
        it->pick[j] = first < j ? it->pick[first] : add_part(p, floats, i, p->training ? end - i : i);
        if (first < j)
            it->pick_gradient[j] = it->pick_gradient[first];
        else if (p->training && p->item[p->arch->node[i].input[j]].wanted)
            it->pick_gradient[j] = add_part(p, floats, end - i, end - i);
    }
}

static void size_node(struct plan *p, int i)
{
    const struct arch_node *node = &p->arch->node[i];
    struct item *it = &p->item[i];
    int n = p->arch->nodes, end = 2 * n - 1;
    size_t floats = shape_floats(p, it->site.out);
    it->value = it->gradient = it->keep = -1;
    if (it->root == i) {
        /* The input is written before the first step, the output read after the last. */
        bool output = it->until == i || p->item[n - 1].root == i, input = node->inputs == 0;
        it->value = add_part(p, floats, input ? -1 : i, p->training ? end : output ? n : it->until);
        if (p->training && it->wanted && p->item[n - 1].root != i)
            it->gradient = add_part(p, floats, first_gradient(p, i), end - i);
    }
    if (p->training)
        it->keep = add_part(p, node->op->keep(&it->site), i, end - i);
    size_picks(p, i);
}

static size_t scratch_floats(const struct plan *p)
{
    size_t most = 0;
    for (int i = 0; i < p->arch->nodes; i++) {
        size_t now = p->arch->node[i].op->scratch(&p->item[i].site);
        most = now > most ? now : most;
    }
    return most;
}

static size_t rounded(size_t n, size_t size)
{
    return (n * size + 63) / 64 * 64;
}

/* Scratch comes last in the arena. */
static struct plan *plan_size(const struct arch *a, int batch, bool training, bool whole)
{
    struct plan *p = NEW(struct plan);
    int n = a->nodes, edges = 0, *origin = NEW_ARRAY(int, n);
    p->arch = arch_canonical(a, origin);
    p->batch = batch;
    p->training = training;
    p->place = NEW_ARRAY(int, n);
    p->item = NEW_ARRAY(struct item, n);
    for (int i = 0; i < n; i++) {
        p->place[origin[i]] = i;
        edges += a->node[i].inputs;
    }
    p->part = NEW_ARRAY(struct arena_item, 3 * n + 2 * edges);
    free(origin);
    p->share = NEW_ARRAY(struct plan_share, n);
    find_held(p, whole);
    find_sites(p);
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
    struct plan *p = plan_size(a, batch, training, false);
    size_t total = plan_total(p);
    plan_free(p);
    return total;
}

/* Of the steps held: an operator that reads more steps than it gives is counted by those that it gives. */
static int64_t node_macs(const struct plan *p, int i)
{
    const struct item *it = &p->item[i];
    struct arch_shape in[ARCH_INPUTS_MAX];
    for (int j = 0; j < p->arch->node[i].inputs; j++) {
        in[j] = it->in[j];
        if (p->arch->node[i].op->strides && it->site.out.time > 0)
            in[j].time = it->site.out.time;
    }
    return p->arch->node[i].op->macs(&p->arch->node[i], in, it->site.out);
}

int64_t plan_macs(const struct arch *a)
{
    struct plan *p = plan_size(a, 1, false, false);
    int64_t total = 0;
    for (int i = 0; i < p->arch->nodes; i++)
        total += node_macs(p, i);
    plan_free(p);
    return total;
}

/* --- building ---------------------------------------------------------------------------------------------------- */

static float *part_memory(const struct plan *p, int part)
{
    return part < 0 || p->part[part].floats == 0 ? NULL : p->arena + p->part[part].offset;
}

static void wire_inputs(struct plan *p, int i)
{
    const struct arch_node *node = &p->arch->node[i];
    const struct item *it = &p->item[i];
    struct step *s = &p->step[i];
    for (int j = 0; j < node->inputs; j++) {
        const struct item *in = &p->item[p->item[node->input[j]].root];
        bool pick = it->pick[j] >= 0;
        s->input[j] = part_memory(p, pick ? it->pick[j] : in->value);
        s->d_input[j] = part_memory(p, pick && in->gradient >= 0 ? it->pick_gradient[j] : in->gradient);
        s->picks = s->picks || pick;
    }
}

static void wire(struct plan *p, int i, struct threads *pool)
{
    const struct arch_node *node = &p->arch->node[i];
    struct item *it = &p->item[i], *root = &p->item[it->root];
    struct step *s = &p->step[i];
    struct op_tensor tensor[OP_TENSORS_MAX];
    wire_inputs(p, i);
    s->tensors = node->op->tensors(node, it->in, tensor);
    for (int j = 0; j < s->tensors; j++) {
        s->offset[j] = p->weights;
        p->weights += (size_t)tensor[j].rows * (size_t)tensor[j].columns;
    }
    s->gradient = it->root == i ? part_memory(p, it->gradient) : NULL;
    s->gradient_floats = s->gradient ? p->part[it->gradient].floats : 0;
    s->call = (struct op_call){.site = it->site, .input = s->input, .output = part_memory(p, root->value),
                               .weight = s->weight, .keep = part_memory(p, it->keep), .scratch = p->arena + p->floats,
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

/* What the machine has: a plan above it would be promised by the system and end in its killing the process. */
static size_t machine_bytes(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    size_t most = pages > 0 && page > 0 ? (size_t)pages * (size_t)page : PLAN_BYTES_MAX;
    return most < PLAN_BYTES_MAX ? most : PLAN_BYTES_MAX;
}

static struct plan *plan_build(const struct arch *a, int batch, bool training, bool whole, struct threads *pool,
                               struct error *err)
{
    if (!plan_fits(a, batch, err) || (!kernel_active() && !numeric_start(err)))
        return NULL;
    struct plan *p = plan_size(a, batch, training, whole);
    size_t total = plan_total(p), most = machine_bytes();
    if (total > most) {
        error_set(err, ERROR_LIMIT,
                  "a plan of %zu bytes for %d samples is too large for this machine with its %zu: choose a smaller "
                  "batch or a smaller network",
                  total, batch, most);
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

struct plan *plan_new(const struct arch *a, int batch, bool training, struct threads *pool, struct error *err)
{
    return plan_build(a, batch, training, false, pool, err);
}

struct plan *plan_new_whole(const struct arch *a, int batch, bool training, struct threads *pool, struct error *err)
{
    return plan_build(a, batch, training, true, pool, err);
}

void plan_free(struct plan *p)
{
    if (!p)
        return;
    arch_free(p->arch);
    free(p->place);
    free(p->item);
    free(p->part);
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
    return p->step[0].call.output;
}

/* Between a value that holds more steps than operator i may get as its j-th input, or its gradient, and the copy of
 * those that it may. */
static void run_pick(const struct plan *p, int i, int j, float *value, float *copy, bool back)
{
    const struct item *it = &p->item[i], *in = &p->item[p->arch->node[i].input[j]];
    struct op_steps held = in->held, ask = asked(p, i, in->site.whole);
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

static void pick_inputs(const struct plan *p, int i)
{
    for (int j = 0; p->step[i].picks && j < p->arch->node[i].inputs; j++)
        if (p->item[i].pick[j] >= 0 && same_input(p, i, j) == j) {
            const struct step *in = &p->step[p->item[p->arch->node[i].input[j]].root];
            run_pick(p, i, j, in->call.output, part_memory(p, p->item[i].pick[j]), false);
        }
}

/* The copy of a gradient goes on from what is there, so that its sums are the same as without copies. */
static void pick_gradients(const struct plan *p, int i, bool back)
{
    for (int j = 0; p->step[i].picks && j < p->arch->node[i].inputs; j++)
        if (p->item[i].pick[j] >= 0 && p->step[i].d_input[j] && same_input(p, i, j) == j) {
            const struct step *in = &p->step[p->item[p->arch->node[i].input[j]].root];
            run_pick(p, i, j, in->gradient, p->step[i].d_input[j], back);
        }
}

static const float *run_forward(struct plan *p, const float *weight, int rows, const struct op_draw *draw)
{
    ASSERT(rows >= 1 && rows <= p->batch);
    for (int i = 0; i < p->arch->nodes; i++) {
        struct step *s = &p->step[i];
        for (int j = 0; j < s->tensors; j++)
            s->weight[j] = weight + s->offset[j];
        s->call.site.batch = rows;
        s->call.draw = draw;
        double start = p->measuring ? clock_seconds() : 0;
        pick_inputs(p, i);
        s->call.site.node->op->forward(&s->call);
        if (p->measuring)
            p->share[i].forward += clock_seconds() - start;
    }
    return p->step[p->arch->nodes - 1].call.output;
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
static void clear_gradients(struct plan *p, int reader)
{
    const struct arch_node *node = &p->arch->node[reader];
    size_t rows = (size_t)p->step[reader].call.site.batch;
    for (int j = 0; j < node->inputs; j++) {
        int root = p->item[node->input[j]].root;
        struct step *s = &p->step[root];
        if (s->gradient && p->item[root].until == reader)
            memset(s->gradient, 0, s->gradient_floats / (size_t)p->batch * rows * sizeof(float));
    }
}

static double norm_of(const float *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    return sqrt(sum);
}

static void measure_backward(struct plan *p, int i, double seconds)
{
    const struct step *s = &p->step[i];
    const struct item *it = &p->item[i];
    struct op_tensor tensor[OP_TENSORS_MAX];
    double square = 0;
    int tensors = s->call.site.node->op->tensors(s->call.site.node, it->in, tensor);
    for (int j = 0; j < tensors; j++) {
        double norm = norm_of(s->d_weight[j], (size_t)tensor[j].rows * (size_t)tensor[j].columns);
        square += norm * norm;
    }
    p->share[i].backward += seconds;
    p->share[i].weight_norm = tensors > 0 ? sqrt(square) : (double)NAN;
    p->share[i].gradient_norm = (double)NAN;
    if (s->call.d_output)
        p->share[i].gradient_norm = norm_of(s->call.d_output, op_site_floats(&s->call.site));
}

void plan_measure_start(struct plan *p)
{
    p->measuring = true;
    memset(p->share, 0, (size_t)p->arch->nodes * sizeof *p->share);
    for (int i = 0; i < p->arch->nodes; i++)
        p->share[i].gradient_norm = p->share[i].weight_norm = (double)NAN;
}

struct plan_share plan_share(const struct plan *p, int node)
{
    int i = p->place[node];
    const struct item *it = &p->item[i];
    struct plan_share share = p->share[i];
    const int part[] = {it->value, it->gradient, it->keep};
    for (size_t k = 0; k < ARRAY_N(part); k++)
        share.bytes += part[k] < 0 ? 0 : p->part[part[k]].floats * sizeof(float);
    share.macs = node_macs(p, i);
    return share;
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
        for (int j = 0; j < s->tensors; j++) {
            s->weight[j] = weight + s->offset[j];
            s->d_weight[j] = gradient + s->offset[j];
        }
        if (p->item[i].root == output_root)
            s->call.d_output = d_output;
        s->call.site.batch = rows;
        double start = p->measuring ? clock_seconds() : 0;
        clear_gradients(p, i);
        pick_gradients(p, i, false);
        s->call.site.node->op->backward(&s->call);
        pick_gradients(p, i, true);
        if (p->measuring)
            measure_backward(p, i, clock_seconds() - start);
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
        *shape = p->item[i].site.out;
    return p->step[i].call.output;
}

struct op_steps plan_steps(const struct plan *p, int node)
{
    return p->item[p->place[node]].held;
}
