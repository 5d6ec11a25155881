/* The arithmetic: products and elementwise functions with the same bits on every instruction set.
 *
 * One source (body.h) is compiled once for each instruction set; simd.h names its vector operations. Every output
 * element is one chain of IEEE-754 operations in a written order, the same in each: vectors run across outputs. Every
 * stored result has +0 added. Comparisons are written so that a NaN goes through, except in relu, which is
 * x > 0 ? x : +0. */
#ifndef NET_KERNEL_KERNEL_H
#define NET_KERNEL_KERNEL_H

#include "base/error.h"
#include "base/threads.h"

#include <stdbool.h>
#include <stddef.h>

enum kernel_act { ACT_NONE, ACT_RELU, ACT_GELU, ACT_SILU, ACT_TANH, ACT_SIGMOID, ACT_N };

/* C[i][j] = start + sum over s ascending, within it k ascending, of
 *           a[i * a_row + s * a_segment + k * a_step] * b[(s * depth + k) * b_row + j],
 * one fused multiply-add each; start is C[i][j] itself (accumulate), bias[j], or +0. The segments make a convolution's
 * taps, or the samples of a padded batch, one sum. */
struct gemm {
    const float *a;
    ptrdiff_t a_row, a_segment, a_step;
    const float *b;
    ptrdiff_t b_row;
    float *c;
    ptrdiff_t c_row;
    const float *bias; /* [n] or NULL */
    int m, n, segments, depth;
    bool accumulate;
    bool relu;
};

/* One time step of an LSTM for `rows` samples: z = the four gates' sums i, f, g, o, each `units` wide. */
struct lstm_cell {
    int rows, units;
    float *gates;        /* [rows, 4 units]: z in, activations out */
    const float *c_past; /* [rows, units] or NULL: zeros */
    float *c, *tanh_c;   /* [rows, units]; c may be c_past */
    float *h;            /* row stride h_row */
    ptrdiff_t h_row;
};

/* Its backward step: dh += d_output; dz and the past cell's gradient out. */
struct lstm_back {
    int rows, units;
    const float *gates, *c_past, *tanh_c;
    const float *dh;       /* [rows, units]: from the later step */
    const float *d_output; /* row stride d_row */
    ptrdiff_t d_row;
    float *dc; /* [rows, units]: in from the later step, out for the earlier */
    float *dz; /* [rows, 4 units] */
};

/* Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2); decay 0 is plain Adam (Kingma & Ba 2015).
 *   m = m + (1 - beta1) (g - m),  v = beta2 v + (1 - beta2) g g,
 *   w = w - decay w - rate m / (sqrt(v) root + epsilon);
 * rate = lr / (1 - beta1^t), root = 1 / sqrt(1 - beta2^t), decay = lr * weight decay. Moments below 2^-100 in size
 * become +0: denormals slow a step many times over. */
struct adam {
    float beta1_rest, beta2, beta2_rest, rate, root, epsilon, decay;
};

struct kernel {
    const char *name;
    void (*gemm)(const struct gemm *g);
    void (*act)(enum kernel_act kind, size_t n, const float *x, float *y);
    /* dx (+)= dy * act'(x), with y = act(x); x is read for gelu and silu only, y for the others only. */
    void (*act_back)(enum kernel_act kind, size_t n, const float *x, const float *y, const float *dy, float *dx,
                     bool add);
    void (*add)(size_t n, const float *a, const float *b, float *y);               /* y = a + b */
    void (*axpy)(size_t n, float a, const float *x, float *y);                     /* y = fma(a, x, y) */
    void (*column_sum)(size_t rows, size_t columns, const float *x, float *out);   /* out += rows, ascending */
    void (*column_divide)(size_t rows, size_t columns, const float *x, float by, float *out); /* out = sum / by */
    void (*exp)(size_t n, const float *x, float *y);                               /* x <= 0 */
    void (*lstm)(const struct lstm_cell *cell);
    void (*lstm_back)(const struct lstm_back *cell);
    void (*adam)(const struct adam *set, size_t n, const float *gradient, float *weight, float *m, float *v);
};

/* The kernels compiled in, fastest first, NULL-terminated; kernel_runs says whether this machine can run one. */
extern const struct kernel *const kernel_table[];
bool kernel_runs(const struct kernel *k);

/* The fastest that runs, or the one named where one is forced; NULL and ERROR_USAGE if that one is unknown or does not run. */
const struct kernel *kernel_pick(const char *forced, bool (*runs)(const struct kernel *k), struct error *err);

/* Picks by feature bits, or what MORPHSMITH_ISA names. */
bool kernel_choose(struct error *err);
const struct kernel *kernel_active(void); /* NULL before kernel_choose */

/* The product split over the pool by rows, or by columns where rows are few. */
void kernel_gemm(const struct kernel *k, struct threads *pool, const struct gemm *g);

#endif
