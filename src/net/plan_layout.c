/* Lays a plan out: canonical order, steps held, runs and slices, one arena. */
#include "net/plan_layout.h"

#include "net/op/ops.h"

#include "base/memory.h"

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
struct op_steps plan_layout_asked(const struct plan *p, int i, int whole)
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
                p->item[node->input[j]].held = united(p->item[node->input[j]].held, plan_layout_asked(p, i, in_time));
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
        it->site = (struct op_site){.node = node,
                                    .index = i,
                                    .batch = p->batch,
                                    .training = p->training,
                                    .in = it->in,
                                    .out = held_shape(p, i),
                                    .in_every = 1,
                                    .whole = p->arch->shape[i].time,
                                    .out_every = it->held.n > 0 ? it->held.every : 1};
        for (int j = 0; j < node->inputs; j++) {
            int in = node->input[j], time = p->arch->shape[in].time;
            struct op_steps held = p->item[in].held, ask = time > 0 ? plan_layout_asked(p, i, time) : held;
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

#define LANE_ALIGN 1024 /* floats: lanes lie in pages of their own */

/* --- sizes ------------------------------------------------------------------------------------------------------- */

static void find_roots(struct plan *p)
{
    for (int i = 0; i < p->arch->nodes; i++) {
        const struct arch_node *node = &p->arch->node[i];
        struct item *it = &p->item[i];
        struct op_tensor tensor[OP_TENSORS_MAX];
        it->root = node->op->alias ? p->item[node->input[0]].root : i;
        it->owner = i;
        it->from = it->until = i;
        it->value = it->gradient = it->keep = -1;
        for (int j = 0; j < node->inputs; j++) {
            struct item *in = &p->item[node->input[j]];
            it->wanted = it->wanted || in->wanted;
            p->item[in->root].until = i;
            p->item[in->root].readers += !node->op->alias;
        }
        it->wanted = it->wanted || node->op->tensors(node, it->in, tensor) > 0;
    }
}

static bool has_gradient(const struct plan *p, int root)
{
    return p->training && p->item[root].wanted && p->item[p->arch->nodes - 1].root != root;
}

/* What only a sum reads has the sum's gradient: the same memory. */
static void find_owners(struct plan *p)
{
    for (int i = p->arch->nodes; i-- > 0;) {
        const struct arch_node *node = &p->arch->node[i];
        for (int j = 0; node->op->passes && has_gradient(p, i) && j < node->inputs; j++) {
            struct item *in = &p->item[p->item[node->input[j]].root];
            if (in->readers == 1 && p->item[i].pick[j] < 0)
                in->owner = p->item[i].owner;
        }
    }
}

/* --- runs -------------------------------------------------------------------------------------------------------- */

/* Floats of the largest value of a slice: as few as keep a product busy, so that most of what a slice writes is still
 * near the core when it is read. */
#define SLICE_FLOATS (1 << 14)
#define SLICES_EACH 3 /* of each lane, at least: the last ones end at different times */

/* A slice of at least twice as many numbers as the largest tensor: each slice reads all weights again. Where that
 * is the batch, threads share each operator instead. */
static int slice_samples(const struct plan *p, const struct run *r)
{
    size_t value = 1, least = SLICE_FLOATS, batch = (size_t)p->batch, each = SLICES_EACH * (size_t)p->lanes;
    for (int i = r->first; i <= r->last; i++) {
        const struct item *it = &p->item[i];
        struct op_tensor tensor[OP_TENSORS_MAX];
        int tensors = it->site.node->op->tensors(it->site.node, it->in, tensor);
        for (int j = 0; j < tensors; j++) {
            size_t floats = 2 * (size_t)tensor[j].rows * (size_t)tensor[j].columns;
            least = floats > least ? floats : least;
        }
        value = op_floats(it->site.out) > value && it->site.node->inputs > 0 ? op_floats(it->site.out) : value;
    }
    size_t samples = (least + value - 1) / value;
    if (samples >= batch)
        return p->batch;
    if (p->lanes > 1 && samples * each > batch)
        samples = (batch + each - 1) / each;
    return (int)samples;
}

static void find_runs(struct plan *p, const struct layout_options *o)
{
    for (int i = 0; i < p->arch->nodes; i++) {
        bool alone = p->arch->node[i].op->whole;
        if (i == 0 || alone || p->arch->node[i - 1].op->whole)
            p->run[p->runs++].first = i;
        p->run[p->runs - 1].last = i;
    }
    int slices_most = 1;
    for (struct run *r = p->run; r < p->run + p->runs; r++) {
        int most = p->arch->node[r->first].op->whole ? p->batch
                   : o->samples > 0                  ? o->samples
                                                     : slice_samples(p, r);
        int slices = (p->batch + most - 1) / most;
        r->samples = (p->batch + slices - 1) / slices;
        slices_most = slices > slices_most ? slices : slices_most;
    }
    p->lanes = p->lanes < slices_most ? p->lanes : slices_most;
}

/* The run that goes on at this time; NULL before the first node and after the last. */
static const struct run *run_at(const struct plan *p, int time)
{
    int n = p->arch->nodes, node = time < n ? time : 2 * n - 1 - time;
    for (const struct run *r = p->run; r < p->run + p->runs; r++)
        if (r->first <= node && node <= r->last && (time < n || p->training))
            return r;
    return NULL;
}

/* Does a life lie within one pass over the slices of a run? */
static bool lives_in_slice(const struct plan *p, const struct run *first, const struct run *last, int from, int until)
{
    bool turns = (from < p->arch->nodes) != (until < p->arch->nodes);
    return first && first == last && (!turns || (p->streams && first == p->run + p->runs - 1));
}

/* A part for `sample` floats of each sample. */
static int add_part(struct plan *p, size_t sample, int from, int until)
{
    const struct run *first = run_at(p, from), *last = run_at(p, until);
    int n = p->arch->nodes, end = 2 * n - 1;
    bool slice = lives_in_slice(p, first, last, from, until);
    if (!slice && first)
        from = from < n ? first->first : end - first->last;
    if (!slice && last)
        until = until < n ? last->last : end - last->first;
    p->part[p->parts] = (struct arena_item){sample * (size_t)(slice ? first->samples : p->batch), from, until, 0};
    p->part_sample[p->parts] = slice ? 0 : sample;
    return p->parts++;
}

/* The gradient of a root is first written by the last of all readers of it and of what shares its memory. */
static int first_gradient(const struct plan *p, int root)
{
    int n = p->arch->nodes, last = p->item[root].until;
    return 2 * n - 1 - last;
}

/* The first of node i's inputs that is the same as its j-th. */
int plan_layout_same_input(const struct plan *p, int i, int j)
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
        int first = plan_layout_same_input(p, i, j);
        size_t floats = op_floats(it->in[j]);
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
    size_t floats = op_floats(it->site.out);
    if (it->root == i) {
        /* The input is written before the first step, the output read after the last. */
        bool output = it->until == i || p->item[n - 1].root == i, input = node->inputs == 0;
        int until = p->training ? end : output ? n : it->until;
        it->value = p->streams ? add_part(p, floats, i, end - i) : add_part(p, floats, input ? -1 : i, until);
        if (has_gradient(p, i)) {
            struct item *owner = &p->item[it->owner];
            if (owner->gradient < 0) /* i is the first of all that share it */
                owner->gradient = add_part(p, floats, first_gradient(p, it->owner), end - i);
            it->gradient = owner->gradient;
        }
    }
    if (p->training)
        it->keep = add_part(p, node->op->keep(&it->site) / (size_t)p->batch, i, end - i);
    size_picks(p, i);
}

size_t plan_layout_scratch(const struct plan *p)
{
    size_t most = 0;
    for (const struct run *r = p->run; r < p->run + p->runs; r++)
        for (int i = r->first; i <= r->last; i++) {
            struct op_site site = p->item[i].site;
            site.batch = r->samples;
            size_t now = site.node->op->scratch(&site);
            most = now > most ? now : most;
        }
    return most;
}

static size_t rounded(size_t n, size_t size)
{
    return (n * size + 63) / 64 * 64;
}

/* Parts with room for the batch, or those of a slice. Returns the floats they take. */
static size_t place(struct plan *p, bool slice)
{
    struct arena_item *part = NEW_ARRAY(struct arena_item, p->parts);
    for (int i = 0; i < p->parts; i++) {
        part[i] = p->part[i];
        if ((p->part_sample[i] == 0) != slice)
            part[i].floats = 0;
    }
    size_t floats = arena_place(part, p->parts);
    for (int i = 0; i < p->parts; i++)
        if (part[i].floats > 0)
            p->part[i].offset = part[i].offset;
    free(part);
    return floats;
}

/* Behind all parts comes scratch; of several lanes each has its parts and its scratch behind what they share. */
static void place_all(struct plan *p)
{
    if (p->lanes == 1) {
        p->floats = arena_place(p->part, p->parts);
        return;
    }
    p->floats = place(p, false);
    p->slice_floats = place(p, true);
    p->lane_floats = (p->slice_floats + plan_layout_scratch(p) + LANE_ALIGN - 1) / LANE_ALIGN * LANE_ALIGN;
}

struct plan *plan_layout(const struct arch *a, int batch, const struct layout_options *o)
{
    struct plan *p = NEW(struct plan);
    int n = a->nodes, edges = 0, *origin = NEW_ARRAY(int, n);
    p->arch = arch_canonical(a, origin);
    p->batch = batch;
    p->training = o->training;
    p->streams = o->streams;
    p->lanes = o->threads > 1 ? o->threads : 1;
    p->d_output = -1;
    p->place = NEW_ARRAY(int, n);
    p->item = NEW_ARRAY(struct item, n);
    p->run = NEW_ARRAY(struct run, n);
    for (int i = 0; i < n; i++) {
        p->place[origin[i]] = i;
        edges += a->node[i].inputs;
    }
    p->part = NEW_ARRAY(struct arena_item, 3 * n + 2 * edges + 1);
    p->part_sample = NEW_ARRAY(size_t, 3 * n + 2 * edges + 1);
    free(origin);
    p->share = NEW_ARRAY(struct plan_share, n);
    find_held(p, o->whole);
    find_sites(p);
    find_roots(p);
    find_owners(p);
    find_runs(p, o);
    for (int i = 0; i < n; i++)
        size_node(p, i);
    if (p->streams)
        p->d_output = add_part(p, op_floats(p->item[n - 1].site.out), n - 1, n);
    place_all(p);
    return p;
}

float *plan_memory(const struct plan *p, int lane, int part, size_t first)
{
    if (part < 0 || p->part[part].floats == 0)
        return NULL;
    float *base = p->arena;
    if (p->lanes > 1 && p->part_sample[part] == 0)
        base += p->floats + (size_t)lane * p->lane_floats;
    return base + p->part[part].offset + first * p->part_sample[part];
}

size_t plan_layout_floats(const struct plan *p)
{
    if (p->lanes == 1)
        return p->floats + plan_layout_scratch(p);
    return p->floats + (size_t)p->lanes * p->lane_floats;
}

size_t plan_layout_bytes(const struct plan *p)
{
    size_t steps = (size_t)p->lanes * (size_t)p->arch->nodes;
    return rounded(plan_layout_floats(p), sizeof(float)) + rounded(steps, sizeof(struct step));
}

/* Of the steps held: an operator that reads more steps than it gives is counted by those that it gives. */
int64_t plan_layout_macs(const struct plan *p, int i)
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
