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
    float *copy; /* h once more, or NULL; row stride copy_row */
    ptrdiff_t copy_row;
};

/* Its backward step: dh += d_output; dz and the past cell's gradient out. */
struct lstm_back {
    int rows, units;
    const float *gates, *c_past, *tanh_c;
    const float *dh;       /* [rows, units]: from the later step */
    const float *d_output; /* row stride d_row; NULL: zeros */
    ptrdiff_t d_row;
    float *dc; /* [rows, units]: in from the later step, out for the earlier */
    float *dz; /* [rows, 4 units]; may be gates */
};

/* One time step of a GRU in the form that resets behind the recurrent product (cuDNN's and PyTorch's):
 * r, z = sigmoid(gates), n = tanh(gates_n + r past_n), h = n + z (h_past - n). */
struct gru_cell {
    int rows, units;
    float *gates;         /* [rows, 3 units]: sums of r, z, n in, activations out */
    const float *past_n;  /* [rows, units]: what the past adds to n before the reset gate */
    const float *h_past;  /* row stride h_row, or NULL: zeros */
    float *h;
    ptrdiff_t h_row;
    float *copy; /* h once more, or NULL; row stride copy_row */
    ptrdiff_t copy_row;
};

/* Its backward step: dh += d_output; gradients of the four sums and the direct part of the past's gradient out. */
struct gru_back {
    int rows, units;
    const float *gates, *past_n, *h_past;
    ptrdiff_t h_row;
    const float *d_output; /* row stride h_row */
    float *dh;             /* [rows, units]: in from the later step; out dh z, to which the products add */
    float *dz;             /* [rows, 4 units]: r, z, n, and past_n */
};

/* y = (x - mean) inverse gain + bias on every row; mean only where centred, else 0.
 * inverse = 1 / sqrt(sum of squares / divisor + eps). */
struct norm {
    int rows, columns;
    bool centred;
    float divisor, eps;
    const float *x, *gain, *bias; /* bias may be NULL */
    float *y, *stat;              /* stat [rows, 2]: mean and inverse */
};

struct norm_back {
    int rows, columns;
    bool centred;
    float divisor;
    const float *x, *gain, *stat, *dy;
    float *dx;
    bool add; /* to dx, else written */
};

/* The gradients of gain and bias of `columns` columns; rows ascending. */
struct norm_columns {
    int rows, columns;
    ptrdiff_t stride; /* floats of a row of x and dy */
    const float *x, *stat, *dy;
    float *d_gain, *d_bias; /* added to; d_bias may be NULL */
};

/* Columns of scores to probabilities, in place: column c counts its first min(first + c step, rows) only, the others
 * become +0. Backward turns d, the gradient of p, into that of the scores before the scale. */
struct softmax {
    int rows, columns, first, step;
    ptrdiff_t stride, d_stride;
    float scale;
    float *p, *d;
};

/* Every channel filtered alone: y[t][c] = start + sum over q ascending of
 * x[(t row + shift + q tap)][c] w[q w_row + c], over the taps whose step lies in [0, x_time); start is y itself
 * (accumulate), bias, or +0. */
struct depthwise {
    int time, x_time, channels, taps;
    int row, shift, tap;
    const float *x, *w, *bias;
    ptrdiff_t w_row;
    float *y;
    bool accumulate;
};

/* Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2); decay 0 is plain Adam (Kingma & Ba 2015).
 *   m = m + (1 - beta1) (g - m),  v = beta2 v + (1 - beta2) g g,
 *   w = w - decay w - rate m / (sqrt(v) root + epsilon);
 * rate = lr / (1 - beta1^t), root = 1 / sqrt(1 - beta2^t), decay = lr * weight decay. Moments below 2^-100 in size
 * become +0: denormals slow a step many times over. */
struct adam {
    float beta1_rest, beta2, beta2_rest, rate, root, epsilon, decay;
};

/* Stochastic gradient descent with momentum (Sutskever et al. 2013, in PyTorch's form) and L2.
 *   g = g + l2 w,  m = momentum m + g,  w = w - rate (ahead ? g + momentum m : m)
 * Moments below 2^-100 in size become +0. */
struct sgd {
    float rate, momentum, l2;
    bool ahead; /* Nesterov */
};

struct kernel {
    const char *name;
    double (*peak)(long rounds); /* multiplies and adds in registers only; returns how many operations that were */
    void (*gemm)(const struct gemm *g);
    void (*act)(enum kernel_act kind, size_t n, const float *x, float *y);
    /* dx (+)= dy * act'(x), with y = act(x); x is read for gelu and silu only, y for the others only. */
    void (*act_back)(enum kernel_act kind, size_t n, const float *x, const float *y, const float *dy, float *dx,
                     bool add);
    void (*add)(size_t n, const float *a, const float *b, float *y);               /* y = a + b */
    void (*axpy)(size_t n, float a, const float *x, float *y);                     /* y = fma(a, x, y) */
    void (*times)(size_t n, float a, const float *x, float *y);                    /* y = a x */
    void (*multiply)(size_t n, const float *a, const float *b, float *y);          /* y = a b */
    void (*multiply_add)(size_t n, const float *a, const float *b, float *y);      /* y = fma(a, b, y) */
    /* out = fma(a, b, out), rows ascending; a's and b's rows are `stride` floats apart */
    void (*column_dot)(size_t rows, size_t columns, ptrdiff_t stride, const float *a, const float *b, float *out);
    /* The largest of each column and the row where it first stands; a NaN or an infinity makes it NaN. */
    void (*column_max)(size_t rows, size_t columns, const float *x, float *most, float *row);
    /* out += rows, ascending; x's rows are `stride` floats apart */
    void (*column_sum)(size_t rows, size_t columns, ptrdiff_t stride, const float *x, float *out);
    void (*column_divide)(size_t rows, size_t columns, const float *x, float by, float *out); /* out = sum / by */
    void (*exp)(size_t n, const float *x, float *y);                               /* x <= 0 */
    void (*lstm)(const struct lstm_cell *cell);
    void (*lstm_back)(const struct lstm_back *cell);
    void (*gru)(const struct gru_cell *cell);
    void (*gru_back)(const struct gru_back *cell);
    void (*norm)(const struct norm *g);
    void (*norm_back)(const struct norm_back *g);
    void (*norm_columns)(const struct norm_columns *g);
    /* [rows, columns] to [columns, rows]; rows are `in_row` and `out_row` floats apart */
    void (*turn)(int rows, int columns, const float *in, ptrdiff_t in_row, float *out, ptrdiff_t out_row);
    void (*softmax)(const struct softmax *g);
    void (*softmax_back)(const struct softmax *g);
    void (*depthwise)(const struct depthwise *g);
    void (*adam)(const struct adam *set, size_t n, const float *gradient, float *weight, float *m, float *v);
    void (*sgd)(const struct sgd *set, size_t n, const float *gradient, float *weight, float *m);
};

/* The kernels compiled in, fastest first, NULL-terminated; kernel_runs says whether this machine can run one. */
extern const struct kernel *const kernel_table[];
bool kernel_runs(const struct kernel *k);

/* The fastest that runs, or the one named where one is forced; NULL and ERROR_USAGE if that one is unknown or does not run. */
const struct kernel *kernel_pick(const char *forced, bool (*runs)(const struct kernel *k), struct error *err);

/* Picks by feature bits, or what MORPHSMITH_ISA names. */
bool kernel_choose(struct error *err);
const struct kernel *kernel_active(void); /* NULL before kernel_choose */

/* The active kernels with their products through OpenBLAS: not exact, for comparison. NULL and ERROR_FAILED where the
 * build or the machine has none. */
const struct kernel *kernel_blas(struct error *err);
/* One segment with B read across, b[j * b_row + k], without bias or relu; only behind a kernel_blas that succeeded. */
void kernel_blas_across(const struct gemm *g);

/* The product split over the pool by rows, or by columns where rows are few. */
void kernel_gemm(const struct kernel *k, struct threads *pool, const struct gemm *g);

#endif
