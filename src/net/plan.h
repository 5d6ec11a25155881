/* A plan: an architecture compiled for a largest batch. Order, shapes, and one arena for values, gradients, what
 * operators keep and scratch, sized before anything runs; running allocates nothing. Where only some steps of a value
 * can reach the output, as in a stack of causal convolutions read at its last step, the plan computes no others: the
 * output and the gradients keep their bits, since what is left out is read by nobody and has a gradient of zero. (That
 * holds while all numbers are finite.) Not thread-safe; it may use a thread pool inside, and its results do not depend
 * on how many threads that has. */
#ifndef NET_PLAN_H
#define NET_PLAN_H

#include "base/threads.h"
#include "net/model.h"

struct plan;

/* Bytes the plan would take, for a message before it is taken. */
size_t plan_bytes(const struct arch *a, int batch, bool training);

/* The largest batch, at most `most`, whose plan takes no more than these bytes; 0 where that of one sample does. */
int plan_batch_within(const struct arch *a, int most, bool training, size_t bytes);

/* Multiply-adds of one sample, forward, that a plan computes: no more than arch_macs, which counts every step. */
int64_t plan_macs(const struct arch *a);

/* pool may be NULL and must outlive the plan. ERROR_MEMORY / ERROR_LIMIT when it is larger than what the machine has
 * available now (base/machine.h), with the batch that would fit. */
struct plan *plan_new(const struct arch *a, int batch, bool training, struct threads *pool, struct error *err);
/* The same, computing every step of every value, of the whole batch at once: for comparison, and for who wants to see
 * them all. */
struct plan *plan_new_whole(const struct arch *a, int batch, bool training, struct threads *pool, struct error *err);
/* The same as plan_new in slices of so many samples, for comparison. */
struct plan *plan_new_sliced(const struct arch *a, int batch, bool training, int samples, struct threads *pool,
                             struct error *err);
/* Sizes and steps without the memory: for plan_share and plan_steps alone. Never NULL. */
struct plan *plan_outline(const struct arch *a, int batch, bool training);
void plan_free(struct plan *p);
/* Computes with these kernels (kernel_blas) instead of the exact ones; k must outlive the plan. */
void plan_take_kernel(struct plan *p, const struct kernel *k);

/* Where to write the input: [batch, time, channels]. */
float *plan_input(struct plan *p);

/* rows <= batch samples. Returns the output [rows, units], valid until the next call. */
const float *plan_forward(struct plan *p, const float *weight, int rows);
/* The same in training, with dropout on: what it drops is a pure function of draw. plan_backward then follows it. */
const float *plan_forward_draw(struct plan *p, const float *weight, int rows, struct op_draw draw);

/* Gradient of the weights for the last plan_forward of a training plan: d_output [rows, units] in, gradient
 * [weights] overwritten. */
void plan_backward(struct plan *p, const float *weight, const float *d_output, float *gradient, int rows);

/* A plan for training by plan_stream alone, with room for a few slices instead of the batch: every slice goes forward,
 * meets the loss and goes backward while what it wrote is still near the core, several slices side by side where there
 * are threads. Same bits. It takes no more than plan_bytes says, mostly a fraction. No value of it can be read. */
struct plan *plan_new_stream(const struct arch *a, int batch, struct threads *pool, struct error *err);
/* The same in slices of so many samples, for comparison. */
struct plan *plan_new_stream_sliced(const struct arch *a, int batch, int samples, struct threads *pool,
                                    struct error *err);

/* Where a batch comes from and what becomes of its outputs, slice by slice. */
struct plan_feed {
    void *context;
    /* Writes samples first .. first + rows - 1 to input; on any thread, in any order, several at once. A -0 among
     * them must become +0. pool: threads that have nothing else to do, or NULL. */
    void (*input)(void *context, float *input, int first, int rows, struct threads *pool);
    /* Reads their outputs [rows, units] and writes the gradient of each, like input; d_output is read only where
     * plan_stream was given a gradient. */
    void (*output)(void *context, const float *output, float *d_output, int first, int rows, struct threads *pool);
};

/* Output of each of rows <= batch samples, and the gradient of the weights [weights], overwritten; NULL: not wanted.
 * draw NULL: no dropout. */
void plan_stream(struct plan *p, const float *weight, float *gradient, int rows, const struct op_draw *draw,
                 const struct plan_feed *feed);

/* What each node costs, measured while it runs; off at first. The results do not change by a bit. */
struct plan_share {
    double forward, backward; /* seconds, of all calls since the measuring began */
    double gradient_norm;     /* Euclidean, of its value's gradient in the last plan_backward; NaN where it has none */
    double weight_norm;       /* the same of the gradient of its weights */
    size_t bytes;             /* of all three below; an operator that shares its input's memory has no value itself */
    size_t value_bytes, gradient_bytes, keep_bytes; /* lives overlap: the plan takes less than the sum of its nodes */
    int64_t macs;             /* multiply-adds of a sample, forward, for the steps held */
};
void plan_measure_start(struct plan *p);
struct plan_share plan_share(const struct plan *p, int node); /* node: index in the architecture as given */

int plan_nodes(const struct plan *p);
/* Value of a node (index in the architecture as given) after plan_forward of a training plan: for screens and tests.
 * The time in `shape` counts the steps held: plan_steps says which, n being 0 where the value has no time.
 * An inference plan gives a value's memory to later nodes: only the output is to be read there. */
const float *plan_value(const struct plan *p, int node, struct arch_shape *shape);
struct op_steps plan_steps(const struct plan *p, int node);

#endif
