/* Inside a plan: which steps of each value are held, in which runs and slices the nodes are computed, and where all
 * lies in one arena. Only plan.c and plan_layout.c include this.
 *
 * Time runs 0 .. n-1 over the forward pass and, in training, n .. 2n-1 over the backward pass in reverse order: node i
 * runs backward at 2n-1-i. A training plan keeps all values to the end; an inference plan gives a value's memory away
 * after its last reader. A gradient lives from its first writer, the node's last reader, to the node itself.
 *
 * A run is a stretch of nodes computed together: all of them for the first slice of the batch, then all for the next,
 * so that what one writes is still in the cache when the next reads it. Sums over samples go on from slice to slice,
 * ascending, which changes no bit; an operator that sums in another order says `whole` and is a run of its own. What
 * does not outlive its run has room for one slice only; the rest has room for the batch, and lives for whole runs.
 *
 * Lanes compute slices side by side, a thread each: what has room for a slice only, and scratch, is there once for each
 * lane. Where there is one lane alone, all of it shares one place. In a plan that streams the last run goes forward and
 * at once backward with every slice, so that time runs on inside it. */
#ifndef NET_PLAN_LAYOUT_H
#define NET_PLAN_LAYOUT_H

#include "net/arena.h"
#include "net/op.h"
#include "net/plan.h"

#include <stdatomic.h>

/* What one node needs; `root` is the node whose memory it shares (itself, but for operators that alias). */
struct item {
    int root, value, gradient, keep; /* indices of parts, -1 where there is none */
    int from, until;                 /* life of the value, for roots */
    int readers;                     /* of a root: how often operators that do not alias read it */
    int owner;                       /* of a root: whose gradient its own is, bit by bit */
    bool wanted;                     /* a weight lies upstream, so its gradient is computed */
    size_t weights;                  /* of the node, floats */
    struct op_steps held;            /* of its output; n 0 where that has no time */
    struct op_site site;
    struct arch_shape in[ARCH_INPUTS_MAX];
    /* Inputs that hold more steps than the operator may get are copied: parts, -1 where they are not. One that is read
     * twice has one copy. */
    int pick[ARCH_INPUTS_MAX], pick_gradient[ARCH_INPUTS_MAX];
};

struct run {
    int first, last; /* nodes */
    int samples;     /* of a slice */
};

/* The call of a node, aimed at one slice after the other. */
struct step {
    struct op_call call;
    const float *input[ARCH_INPUTS_MAX], *weight[OP_TENSORS_MAX];
    float *d_input[ARCH_INPUTS_MAX], *d_weight[OP_TENSORS_MAX];
    bool fresh[ARCH_INPUTS_MAX];   /* for the operator: nothing was added to this input's gradient yet */
    bool clear[ARCH_INPUTS_MAX];   /* the same, and the plan fills it with zeros first */
    int d_part[ARCH_INPUTS_MAX];   /* where its backward adds to, -1 nowhere */
    size_t offset[OP_TENSORS_MAX]; /* of its tensors among the weights */
    int tensors;
    bool picks; /* one of its inputs is a copy */
};

struct plan {
    struct arch *arch; /* canonical */
    int batch;
    bool training;
    int *place; /* canonical index of each node as given */
    struct item *item;
    struct run *run;
    int runs;
    struct arena_item *part;
    size_t *part_sample; /* [parts] floats of one sample; 0: there is room for a slice only */
    int parts;
    int lanes;
    bool streams;
    int d_output;         /* part where it streams, else -1 */
    size_t floats;        /* of all lanes together; where there is one lane, of everything but scratch */
    size_t slice_floats;  /* of a lane's parts, scratch behind them; 0 where there is one lane */
    size_t lane_floats;   /* of a lane in all */
    size_t weights;
    float *arena;
    struct step *step;    /* [lanes, nodes] */
    atomic_int *turn;     /* [nodes] slices whose gradient of the node's weights is there */
    struct threads *pool;
    struct op_draw draw;
    bool measuring;
    struct plan_share *share; /* [nodes], canonical; the norms are sums of squares */
};

struct layout_options {
    bool training, whole; /* whole: every step of every value */
    bool streams;
    int threads;
    int samples; /* of a slice; 0: chosen */
};

struct plan *plan_layout(const struct arch *a, int batch, const struct layout_options *o);
size_t plan_layout_bytes(const struct plan *p);
size_t plan_layout_floats(const struct plan *p);  /* of the arena */
size_t plan_layout_scratch(const struct plan *p); /* of them, for one lane */
int64_t plan_layout_macs(const struct plan *p, int node);

/* Where a part's numbers of sample `first` are; in a part for one slice they come first. NULL where there are none. */
float *plan_memory(const struct plan *p, int lane, int part, size_t first);

/* The steps that node i asks of an input with `whole` steps. */
struct op_steps plan_layout_asked(const struct plan *p, int i, int whole);
/* The first of node i's inputs that is the same node as its j-th. */
int plan_layout_same_input(const struct plan *p, int i, int j);

#endif
