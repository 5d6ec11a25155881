/* Runs a plan: passes over its runs, slice by slice, the lanes side by side.
 *
 * Threads take slices in ascending order, each in a lane of its own. Gradients of weights are sums over the samples in
 * their order: the slice whose turn it is adds to those of a node, then lets the next one on. So the threads follow one
 * another through the network, one node apart, and wait for nothing else. What holds the lowest slice never waits. */
#include "net/plan_layout.h"

#include "net/op/ops.h"

#include "base/clock.h"
#include "base/memory.h"

#include <math.h>

struct pass {
    struct plan *p;
    const struct run *run;
    const struct plan_feed *feed; /* NULL: the input is there already */
    const float *d_output;        /* of the batch, where it is there already */
    int rows, slices;
    bool forward, backward;
    struct threads *pool; /* for operators: NULL where the lanes have it */
    atomic_int next;
};

/* The only node without inputs comes first in post-order. */
float *plan_input(struct plan *p)
{
    ASSERT(!p->streams);
    return plan_memory(p, 0, p->item[0].value, 0);
}

static const struct item *output_item(const struct plan *p)
{
    return &p->item[p->item[p->arch->nodes - 1].root];
}

static struct step *step_of(const struct plan *p, int lane, int i)
{
    return &p->step[lane * p->arch->nodes + i];
}

/* --- steps that an operator may not get -------------------------------------------------------------------------- */

/* Between a value that holds more steps than operator i may get as its j-th input, or its gradient, and the copy of
 * those that it may. */
static void run_pick(const struct plan *p, int i, int j, int samples, float *value, float *copy, bool back)
{
    const struct item *it = &p->item[i], *in = &p->item[p->arch->node[i].input[j]];
    struct op_steps held = in->held, ask = plan_layout_asked(p, i, in->site.whole);
    int ratio = ask.n > 1 ? ask.every / held.every : 1;
    size_t width = (size_t)it->in[j].channels, size = width * sizeof *value;
    for (int sample = 0; sample < samples; sample++)
        for (int m = 0; m < ask.n; m++) {
            int at = held.n - 1 - (ask.n - 1 - m) * ratio;
            float *there = value + ((size_t)sample * (size_t)held.n + (size_t)at) * width;
            float *here = copy + ((size_t)sample * (size_t)ask.n + (size_t)m) * width;
            memcpy(back ? there : here, back ? here : there, size);
        }
}

static void pick_inputs(const struct plan *p, const struct step *s, int lane, int i)
{
    size_t first = (size_t)s->call.first;
    for (int j = 0; s->picks && j < p->arch->node[i].inputs; j++)
        if (p->item[i].pick[j] >= 0 && plan_layout_same_input(p, i, j) == j) {
            const struct item *in = &p->item[p->item[p->arch->node[i].input[j]].root];
            run_pick(p, i, j, s->call.site.batch, plan_memory(p, lane, in->value, first),
                     plan_memory(p, lane, p->item[i].pick[j], first), false);
        }
}

/* The copy of a gradient goes on from what is there, so that its sums are the same as without copies. */
static void pick_gradients(const struct plan *p, const struct step *s, int lane, int i, bool back)
{
    for (int j = 0; s->picks && j < p->arch->node[i].inputs; j++)
        if (p->item[i].pick[j] >= 0 && s->d_input[j] && plan_layout_same_input(p, i, j) == j) {
            const struct item *in = &p->item[p->item[p->arch->node[i].input[j]].root];
            run_pick(p, i, j, s->call.site.batch, plan_memory(p, lane, in->gradient, (size_t)s->call.first),
                     s->d_input[j], back);
        }
}

/* --- a node ------------------------------------------------------------------------------------------------------ */

/* Samples first .. first + rows - 1. */
static struct step *aim(const struct pass *a, int lane, int i, int first, int rows)
{
    const struct plan *p = a->p;
    const struct arch_node *node = &p->arch->node[i];
    const struct item *it = &p->item[i], *root = &p->item[it->root];
    struct step *s = step_of(p, lane, i);
    for (int j = 0; j < node->inputs; j++) {
        const struct item *in = &p->item[p->item[node->input[j]].root];
        s->input[j] = plan_memory(p, lane, it->pick[j] >= 0 ? it->pick[j] : in->value, (size_t)first);
        s->d_input[j] = plan_memory(p, lane, s->d_part[j], (size_t)first);
    }
    s->call.output = plan_memory(p, lane, root->value, (size_t)first);
    s->call.keep = plan_memory(p, lane, it->keep, (size_t)first);
    s->call.d_output = plan_memory(p, lane, root->gradient, (size_t)first);
    s->call.site.batch = rows;
    s->call.first = first;
    s->call.pool = a->pool;
    return s;
}

static void forward_node(const struct pass *a, int lane, int i, int first, int rows)
{
    struct plan *p = a->p;
    double start = p->measuring ? clock_seconds() : 0;
    struct step *s = aim(a, lane, i, first, rows);
    pick_inputs(p, s, lane, i);
    if (i == 0 && a->feed)
        a->feed->input(a->feed->context, s->call.output, first, rows, a->pool);
    else
        s->call.site.node->op->forward(&s->call);
    if (p->measuring)
        p->share[i].forward += clock_seconds() - start;
}

/* Gradients of values are cleared when their first writer is about to run: before that their memory is another's. */
static void clear_gradients(const struct plan *p, const struct step *s, int lane, int i)
{
    for (int j = 0; j < p->arch->node[i].inputs; j++) {
        const struct item *in = &p->item[p->item[p->arch->node[i].input[j]].root];
        if (s->clear[j])
            memset(plan_memory(p, lane, in->gradient, (size_t)s->call.first), 0,
                   (size_t)s->call.site.batch * op_floats(in->site.out) * sizeof(float));
    }
}

/* Of the first slice: what no operator writes itself starts at zero. */
static void begin_weights(const struct plan *p, struct step *s, int i)
{
    bool first = s->call.first == 0;
    s->call.begins = first && s->call.site.node->op->begins;
    if (first && s->tensors > 0 && !s->call.begins)
        memset(s->d_weight[0], 0, p->item[i].weights * sizeof(float));
}

static double square_sum(double sum, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    return sum;
}

static const float *output_gradient(const struct pass *a, int lane, int first)
{
    const struct plan *p = a->p;
    if (!a->d_output)
        return plan_memory(p, lane, p->d_output, (size_t)first);
    return a->d_output + (size_t)first * op_floats(output_item(p)->site.out);
}

static void backward_node(const struct pass *a, int lane, int i, int first, int rows)
{
    struct plan *p = a->p;
    double start = p->measuring ? clock_seconds() : 0;
    struct step *s = aim(a, lane, i, first, rows);
    if (&p->item[p->item[i].root] == output_item(p))
        s->call.d_output = output_gradient(a, lane, first);
    begin_weights(p, s, i);
    clear_gradients(p, s, lane, i);
    pick_gradients(p, s, lane, i, false);
    s->call.site.node->op->backward(&s->call);
    pick_gradients(p, s, lane, i, true);
    if (!p->measuring)
        return;
    p->share[i].backward += clock_seconds() - start;
    double sum = first > 0 ? p->share[i].gradient_norm : 0;
    p->share[i].gradient_norm =
        s->call.d_output ? square_sum(sum, s->call.d_output, op_site_floats(&s->call.site)) : (double)NAN;
}

/* --- a pass over a run ------------------------------------------------------------------------------------------- */

static void forward_slice(const struct pass *a, int lane, int first, int rows)
{
    for (int i = a->run->first; i <= a->run->last; i++)
        forward_node(a, lane, i, first, rows);
}

static void backward_slice(const struct pass *a, int lane, int slice, int first, int rows)
{
    struct plan *p = a->p;
    for (int i = a->run->last; i >= a->run->first; i--) {
        bool sums = step_of(p, lane, i)->tensors > 0;
        if (!p->item[i].wanted)
            continue;
        if (sums)
            threads_await(&p->turn[i], slice);
        backward_node(a, lane, i, first, rows);
        if (sums)
            threads_pass(&p->turn[i], slice + 1);
    }
}

static void give_output(const struct pass *a, int lane, int first, int rows)
{
    struct plan *p = a->p;
    a->feed->output(a->feed->context, plan_memory(p, lane, output_item(p)->value, (size_t)first),
                    plan_memory(p, lane, p->d_output, (size_t)first), first, rows, a->pool);
}

static void run_lane(void *context, int lane)
{
    struct pass *a = context;
    int samples = a->run->samples, slice;
    bool last = a->run == a->p->run + a->p->runs - 1;
    while ((slice = atomic_fetch_add(&a->next, 1)) < a->slices) {
        int first = slice * samples, rows = a->rows - first < samples ? a->rows - first : samples;
        if (a->forward)
            forward_slice(a, lane, first, rows);
        if (a->forward && last && a->feed)
            give_output(a, lane, first, rows);
        if (a->backward)
            backward_slice(a, lane, slice, first, rows);
    }
}

/* A single slice has the threads inside its operators, and what is measured is measured one slice after the other. */
static void run_pass(struct pass a, const struct run *r, bool forward, bool backward)
{
    struct plan *p = a.p;
    a.run = r;
    a.forward = forward;
    a.backward = backward;
    a.slices = (a.rows + r->samples - 1) / r->samples;
    int lanes = p->measuring ? 1 : a.slices < p->lanes ? a.slices : p->lanes;
    a.pool = lanes > 1 ? NULL : p->pool;
    atomic_store(&a.next, 0);
    for (int i = 0; i < p->arch->nodes; i++)
        atomic_store(&p->turn[i], 0);
    threads_run(p->pool, lanes, run_lane, &a);
}

/* --- passes over the plan ---------------------------------------------------------------------------------------- */

static void start(struct plan *p, const float *weight, float *gradient, int rows, const struct op_draw *draw)
{
    ASSERT(rows >= 1 && rows <= p->batch);
    for (int i = 0; i < p->lanes * p->arch->nodes; i++) {
        struct step *s = &p->step[i];
        for (int j = 0; j < s->tensors; j++) {
            s->weight[j] = weight + s->offset[j];
            s->d_weight[j] = gradient ? gradient + s->offset[j] : NULL;
        }
        s->call.draw = draw;
    }
}

static const float *run_forward(struct plan *p, const float *weight, int rows, const struct op_draw *draw)
{
    ASSERT(!p->streams);
    start(p, weight, NULL, rows, draw);
    for (const struct run *r = p->run; r < p->run + p->runs; r++)
        run_pass((struct pass){.p = p, .rows = rows}, r, true, false);
    return plan_memory(p, 0, output_item(p)->value, 0);
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

void plan_backward(struct plan *p, const float *weight, const float *d_output, float *gradient, int rows)
{
    ASSERT(p->training && !p->streams);
    start(p, weight, gradient, rows, p->step[0].call.draw);
    for (const struct run *r = p->run + p->runs; r-- > p->run;)
        run_pass((struct pass){.p = p, .rows = rows, .d_output = d_output}, r, false, true);
    for (int i = 0; p->measuring && i < p->arch->nodes; i++)
        measure_gradients(p, i);
}

void plan_stream(struct plan *p, const float *weight, float *gradient, int rows, const struct op_draw *draw,
                 const struct plan_feed *feed)
{
    struct pass a = {.p = p, .rows = rows, .feed = feed};
    const struct run *last = p->run + p->runs - 1;
    ASSERT(p->streams && !p->measuring);
    start(p, weight, gradient, rows, draw);
    for (const struct run *r = p->run; r < last; r++)
        run_pass(a, r, true, false);
    run_pass(a, last, true, gradient != NULL);
    for (const struct run *r = last; gradient && r-- > p->run;)
        run_pass(a, r, false, true);
}
