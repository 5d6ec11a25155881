/* The kernels of one instruction set: include after defining KERNEL_... and KERNEL_STRUCT, the name of the struct. */
#include "net/kernel/kernel.h"

#include <math.h>

#include "net/kernel/simd.h"

#include "net/kernel/product.h"

#include "net/kernel/vector.h"

#include "net/kernel/curve.h"

/* Runs `body` on whole vectors with LOAD and STORE, then once on the tail. */
#define EACH(n, body)                                                                                                  \
    do {                                                                                                               \
        size_t at = 0;                                                                                                 \
        for (; at + VW <= (n); at += VW) {                                                                             \
            const int cut = 0;                                                                                         \
            const vt tail = v_tail(1);                                                                    \
            body                                                                                                       \
        }                                                                                                              \
        if (VW > 1 && at < (n)) {                                                                                      \
            const int cut = 1;                                                                                         \
            const vt tail = v_tail((int)((n) - at));                                                                   \
            body                                                                                                       \
        }                                                                                                              \
    } while (0)
#define LOAD(p) (cut ? v_load_tail((p) + at, tail) : v_load((p) + at))
#define STORE(p, x)                                                                                                    \
    do {                                                                                                               \
        if (cut)                                                                                                       \
            v_store_tail((p) + at, tail, (x));                                                                         \
        else                                                                                                           \
            v_store((p) + at, (x));                                                                                    \
    } while (0)
#define PLUS_ZERO(x) v_add((x), v_set(0.0f))

#include "net/kernel/row.h"

#include "net/kernel/peak.h"

static void kernel_gemm_any(const struct gemm *g)
{
    if (g->m == 1)
        vector_product(g);
    else
        kernel_product(g);
}

static void kernel_act_forward(enum kernel_act kind, size_t n, const float *x, float *y)
{
    const vf zero = v_set(0.0f);
    switch (kind) {
    case ACT_RELU:
        EACH(n, vf a = LOAD(x); STORE(y, v_pick(v_gt(a, zero), a, zero)););
        break;
    case ACT_GELU:
        EACH(n, STORE(y, PLUS_ZERO(curve_gelu(LOAD(x)))););
        break;
    case ACT_SILU:
        EACH(n, vf a = LOAD(x); STORE(y, PLUS_ZERO(v_mul(a, curve_sigmoid(a)))););
        break;
    case ACT_TANH:
        EACH(n, STORE(y, PLUS_ZERO(curve_tanh(LOAD(x)))););
        break;
    case ACT_SIGMOID:
        EACH(n, STORE(y, PLUS_ZERO(curve_sigmoid(LOAD(x)))););
        break;
    default:
        EACH(n, STORE(y, PLUS_ZERO(LOAD(x))););
        break;
    }
}

/* The derivative of each curve: from y for relu, tanh and sigmoid, from x for gelu and silu. */
V_INLINE vf slope(enum kernel_act kind, vf x, vf y)
{
    const vf one = v_set(1.0f), zero = v_set(0.0f);
    vf s, density;
    switch (kind) {
    case ACT_RELU:
        return v_pick(v_gt(y, zero), one, zero);
    case ACT_GELU: /* Phi(x) + x phi(x) */
        s = curve_normal(x, &density);
        return v_fma(x, density, s);
    case ACT_SILU: /* s(x) + x s(x) s(-x): 1 - s would lose its digits where s is close to 1 */
        s = curve_sigmoid(x);
        return v_fma(v_mul(x, s), curve_sigmoid(v_sub(zero, x)), s);
    case ACT_TANH:
        return v_fnma(y, y, one);
    case ACT_SIGMOID:
        return v_fnma(y, y, y);
    default:
        return one;
    }
}

#define BACK(kind)                                                                                                     \
    do {                                                                                                               \
        if (add)                                                                                                       \
            EACH(n, vf s = slope(kind, LOAD(x), LOAD(y)); STORE(dx, PLUS_ZERO(v_fma(LOAD(dy), s, LOAD(dx)))););        \
        else                                                                                                           \
            EACH(n, vf s = slope(kind, LOAD(x), LOAD(y)); STORE(dx, PLUS_ZERO(v_mul(LOAD(dy), s))););                  \
    } while (0)

static void kernel_act_back(enum kernel_act kind, size_t n, const float *x, const float *y, const float *dy, float *dx,
                            bool add)
{
    if (!x)
        x = y; /* not read by these kinds */
    switch (kind) {
    case ACT_RELU:
        BACK(ACT_RELU);
        break;
    case ACT_GELU:
        BACK(ACT_GELU);
        break;
    case ACT_SILU:
        BACK(ACT_SILU);
        break;
    case ACT_TANH:
        BACK(ACT_TANH);
        break;
    case ACT_SIGMOID:
        BACK(ACT_SIGMOID);
        break;
    default:
        BACK(ACT_NONE);
        break;
    }
}

static void kernel_add(size_t n, const float *a, const float *b, float *y)
{
    EACH(n, STORE(y, PLUS_ZERO(v_add(LOAD(a), LOAD(b)))););
}

static void kernel_axpy(size_t n, float a, const float *x, float *y)
{
    const vf factor = v_set(a);
    EACH(n, STORE(y, PLUS_ZERO(v_fma(factor, LOAD(x), LOAD(y)))););
}

static void kernel_times(size_t n, float a, const float *x, float *y)
{
    const vf factor = v_set(a);
    EACH(n, STORE(y, PLUS_ZERO(v_mul(factor, LOAD(x)))););
}

static void kernel_multiply(size_t n, const float *a, const float *b, float *y)
{
    EACH(n, STORE(y, PLUS_ZERO(v_mul(LOAD(a), LOAD(b)))););
}

static void kernel_multiply_add(size_t n, const float *a, const float *b, float *y)
{
    EACH(n, STORE(y, PLUS_ZERO(v_fma(LOAD(a), LOAD(b), LOAD(y)))););
}

static void kernel_column_dot(size_t rows, size_t columns, ptrdiff_t stride, const float *a, const float *b, float *out)
{
    EACH(columns, vf s = LOAD(out);
         for (ptrdiff_t r = 0; r < (ptrdiff_t)rows; r++) s = v_fma(LOAD(a + r * stride), LOAD(b + r * stride), s);
         STORE(out, PLUS_ZERO(s)););
}

/* `poison` is NaN once anything was not finite, else +0. */
static void kernel_column_max(size_t rows, size_t columns, const float *x, float *most, float *row)
{
    const vf zero = v_set(0.0f);
    EACH(columns, vf m = LOAD(x); vf where = zero; vf poison = v_fma(m, zero, zero);
         for (size_t r = 1; r < rows; r++) {
             vf a = LOAD(x + r * columns);
             vm more = v_gt(a, m);
             m = v_pick(more, a, m);
             where = v_pick(more, v_set((float)r), where);
             poison = v_fma(a, zero, poison);
         } STORE(most, PLUS_ZERO(v_add(m, poison)));
         STORE(row, where););
}

/* Several vectors side by side: one alone would wait for an addition each row, and take a line of each page at a time
 * where rows are long. */
#define SUM_VECTORS 8

static void kernel_column_sum(size_t rows, size_t columns, ptrdiff_t stride, const float *x, float *out)
{
    size_t wide = columns / (SUM_VECTORS * VW) * (SUM_VECTORS * VW);
    for (size_t c = 0; c < wide; c += SUM_VECTORS * VW) {
        const float *row = x + c;
        vf s[SUM_VECTORS];
        UNROLL
        for (int v = 0; v < SUM_VECTORS; v++)
            s[v] = v_load(out + c + v * VW);
        for (size_t r = 0; r < rows; r++, row += stride) {
            UNROLL
            for (int v = 0; v < SUM_VECTORS; v++)
                s[v] = v_add(s[v], v_load(row + v * VW));
        }
        UNROLL
        for (int v = 0; v < SUM_VECTORS; v++)
            v_store(out + c + v * VW, PLUS_ZERO(s[v]));
    }
    x += wide;
    out += wide;
    EACH(columns - wide, vf s = LOAD(out);
         for (ptrdiff_t r = 0; r < (ptrdiff_t)rows; r++) s = v_add(s, LOAD(x + r * stride));
         STORE(out, PLUS_ZERO(s)););
}

static void kernel_column_divide(size_t rows, size_t columns, const float *x, float by, float *out)
{
    EACH(columns, vf s = v_set(0.0f); for (size_t r = 0; r < rows; r++) s = v_add(s, LOAD(x + r * columns));
         STORE(out, PLUS_ZERO(v_div(s, v_set(by)))););
}

static void kernel_exp(size_t n, const float *x, float *y)
{
    EACH(n, STORE(y, curve_exp(LOAD(x))););
}

static void kernel_lstm(const struct lstm_cell *cell)
{
    size_t u = (size_t)cell->units;
    for (size_t row = 0; row < (size_t)cell->rows; row++) {
        float *zi = cell->gates + row * 4 * u, *zf = zi + u, *zg = zf + u, *zo = zg + u;
        float *c = cell->c + row * u, *tanh_c = cell->tanh_c + row * u, *h = cell->h + (ptrdiff_t)row * cell->h_row;
        const float *past = cell->c_past ? cell->c_past + row * u : NULL;
        float *copy = cell->copy ? cell->copy + (ptrdiff_t)row * cell->copy_row : h;
        EACH(u, vf i = curve_sigmoid(LOAD(zi)); vf f = curve_sigmoid(LOAD(zf)); vf g = PLUS_ZERO(curve_tanh(LOAD(zg)));
             vf o = curve_sigmoid(LOAD(zo)); vf was = past ? LOAD(past) : v_set(0.0f);
             vf now = PLUS_ZERO(v_fma(f, was, v_mul(i, g))); vf curve = PLUS_ZERO(curve_tanh(now)); STORE(zi, i);
             STORE(zf, f); STORE(zg, g); STORE(zo, o); STORE(c, now); STORE(tanh_c, curve);
             vf out = PLUS_ZERO(v_mul(o, curve)); STORE(h, out); STORE(copy, out););
    }
}

/* dh = d_output + dh;  dc = dc + dh o (1 - tanh(c)^2);  do = dh tanh(c) o (1 - o);  di = dc g i (1 - i);
 * df = dc c[t-1] f (1 - f);  dg = dc i (1 - g^2);  dc[t-1] = dc f */
static void kernel_lstm_back(const struct lstm_back *cell)
{
    size_t u = (size_t)cell->units;
    const vf one = v_set(1.0f);
    for (size_t row = 0; row < (size_t)cell->rows; row++) {
        const float *gi = cell->gates + row * 4 * u, *gf = gi + u, *gg = gf + u, *go = gg + u;
        const float *d_output = cell->d_output ? cell->d_output + (ptrdiff_t)row * cell->d_row : NULL;
        const float *tanh_c = cell->tanh_c + row * u, *later = cell->dh + row * u;
        const float *past = cell->c_past ? cell->c_past + row * u : NULL;
        float *dc = cell->dc + row * u, *di = cell->dz + row * 4 * u, *df = di + u, *dg = df + u, *d_o = dg + u;
        EACH(u, vf i = LOAD(gi); vf f = LOAD(gf); vf g = LOAD(gg); vf o = LOAD(go); vf curve = LOAD(tanh_c);
             vf was = past ? LOAD(past) : v_set(0.0f); vf given = d_output ? LOAD(d_output) : v_set(0.0f);
             vf dh = v_add(given, LOAD(later)); vf d = v_fma(v_mul(dh, o), v_fnma(curve, curve, one), LOAD(dc));
             STORE(d_o, PLUS_ZERO(v_mul(v_mul(dh, curve), v_fnma(o, o, o))));
             STORE(di, PLUS_ZERO(v_mul(v_mul(d, g), v_fnma(i, i, i))));
             STORE(df, PLUS_ZERO(v_mul(v_mul(d, was), v_fnma(f, f, f))));
             STORE(dg, PLUS_ZERO(v_mul(v_mul(d, i), v_fnma(g, g, one)))); STORE(dc, PLUS_ZERO(v_mul(d, f))););
    }
}

static void kernel_gru(const struct gru_cell *cell)
{
    size_t u = (size_t)cell->units;
    for (size_t row = 0; row < (size_t)cell->rows; row++) {
        float *zr = cell->gates + row * 3 * u, *zz = zr + u, *zn = zz + u, *h = cell->h + (ptrdiff_t)row * cell->h_row;
        const float *past_n = cell->past_n + row * u;
        const float *past = cell->h_past ? cell->h_past + (ptrdiff_t)row * cell->h_row : NULL;
        float *copy = cell->copy ? cell->copy + (ptrdiff_t)row * cell->copy_row : h;
        EACH(u, vf r = curve_sigmoid(LOAD(zr)); vf z = curve_sigmoid(LOAD(zz));
             vf n = PLUS_ZERO(curve_tanh(v_fma(r, LOAD(past_n), LOAD(zn)))); vf was = past ? LOAD(past) : v_set(0.0f);
             vf out = PLUS_ZERO(v_fma(z, v_sub(was, n), n)); STORE(zr, r); STORE(zz, z); STORE(zn, n);
             STORE(h, out); STORE(copy, out););
    }
}

/* dh = d_output + dh;  dn = dh (1 - z) (1 - n^2);  dz = dh (h_past - n) z (1 - z);  dr = dn past_n r (1 - r);
 * d past_n = dn r;  dh_past = dh z */
static void kernel_gru_back(const struct gru_back *cell)
{
    size_t u = (size_t)cell->units;
    const vf one = v_set(1.0f);
    for (size_t row = 0; row < (size_t)cell->rows; row++) {
        const float *gr = cell->gates + row * 3 * u, *gz = gr + u, *gn = gz + u, *past_n = cell->past_n + row * u;
        const float *past = cell->h_past ? cell->h_past + (ptrdiff_t)row * cell->h_row : NULL;
        const float *d_output = cell->d_output + (ptrdiff_t)row * cell->h_row;
        float *later = cell->dh + row * u, *dr = cell->dz + row * 4 * u, *dz = dr + u, *dn = dz + u, *dp = dn + u;
        EACH(u, vf r = LOAD(gr); vf z = LOAD(gz); vf n = LOAD(gn); vf was = past ? LOAD(past) : v_set(0.0f);
             vf dh = v_add(LOAD(d_output), LOAD(later)); vf d = v_mul(v_mul(dh, v_sub(one, z)), v_fnma(n, n, one));
             STORE(dr, PLUS_ZERO(v_mul(v_mul(d, LOAD(past_n)), v_fnma(r, r, r))));
             STORE(dz, PLUS_ZERO(v_mul(v_mul(dh, v_sub(was, n)), v_fnma(z, z, z)))); STORE(dn, PLUS_ZERO(d));
             STORE(dp, PLUS_ZERO(v_mul(d, r))); STORE(later, PLUS_ZERO(v_mul(dh, z))););
    }
}

/* The taps q whose step first + q tap lies in [0, time). */
V_INLINE void taps_inside(const struct depthwise *g, int first, int *from, int *until)
{
    *from = 0;
    *until = g->taps;
    while (*from < *until && (first + *from * g->tap < 0 || first + *from * g->tap >= g->x_time))
        ++*from;
    while (*until > *from && (first + (*until - 1) * g->tap < 0 || first + (*until - 1) * g->tap >= g->x_time))
        --*until;
}

static void kernel_depthwise(const struct depthwise *g)
{
    size_t n = (size_t)g->channels;
    for (int t = 0; t < g->time; t++) {
        int first = t * g->row + g->shift, from, until;
        float *y = g->y + (size_t)t * n;
        taps_inside(g, first, &from, &until);
        EACH(n, vf s = g->accumulate ? LOAD(y) : g->bias ? LOAD(g->bias) : v_set(0.0f);
             for (int q = from; q < until; q++) s =
                 v_fma(LOAD(g->x + (ptrdiff_t)(first + q * g->tap) * g->channels), LOAD(g->w + q * g->w_row), s);
             STORE(y, PLUS_ZERO(s)););
    }
}

static void kernel_adam(const struct adam *set, size_t n, const float *gradient, float *weight, float *m, float *v)
{
    const vf first = v_set(set->beta1_rest), keep = v_set(set->beta2), second = v_set(set->beta2_rest);
    const vf rate = v_set(set->rate), root = v_set(set->root), epsilon = v_set(set->epsilon);
    const vf decay = v_set(set->decay), zero = v_set(0.0f), least = v_set(0x1p-100f);
    EACH(n, vf g = LOAD(gradient); vf w = LOAD(weight); vf mean = LOAD(m); vf square = LOAD(v);
         mean = v_fma(first, v_sub(g, mean), mean); mean = v_pick(v_gt(least, v_abs(mean)), zero, mean);
         square = v_fma(keep, square, v_mul(v_mul(second, g), g)); square = v_pick(v_gt(least, square), zero, square);
         w = v_fnma(decay, w, w); w = v_fnma(rate, v_div(mean, v_fma(v_sqrt(square), root, epsilon)), w);
         STORE(m, PLUS_ZERO(mean)); STORE(v, PLUS_ZERO(square)); STORE(weight, PLUS_ZERO(w)););
}

static void kernel_sgd(const struct sgd *set, size_t n, const float *gradient, float *weight, float *m)
{
    const vf rate = v_set(set->rate), momentum = v_set(set->momentum), l2 = v_set(set->l2);
    const vf zero = v_set(0.0f), least = v_set(0x1p-100f);
    const bool ahead = set->ahead;
    EACH(n, vf w = LOAD(weight); vf g = v_fma(l2, w, LOAD(gradient)); vf sum = v_fma(momentum, LOAD(m), g);
         sum = v_pick(v_gt(least, v_abs(sum)), zero, sum); vf step = ahead ? v_fma(momentum, sum, g) : sum;
         STORE(m, PLUS_ZERO(sum)); STORE(weight, PLUS_ZERO(v_fnma(rate, step, w))););
}

const struct kernel KERNEL_STRUCT = {
    .name = KERNEL_NAME,
    .peak = kernel_peak,
    .gemm = kernel_gemm_any,
    .act = kernel_act_forward,
    .act_back = kernel_act_back,
    .add = kernel_add,
    .axpy = kernel_axpy,
    .times = kernel_times,
    .multiply = kernel_multiply,
    .multiply_add = kernel_multiply_add,
    .column_dot = kernel_column_dot,
    .column_max = kernel_column_max,
    .column_sum = kernel_column_sum,
    .column_divide = kernel_column_divide,
    .exp = kernel_exp,
    .lstm = kernel_lstm,
    .lstm_back = kernel_lstm_back,
    .gru = kernel_gru,
    .gru_back = kernel_gru_back,
    .norm = kernel_norm,
    .norm_back = kernel_norm_back,
    .norm_columns = kernel_norm_columns,
    .turn = kernel_turn,
    .softmax = kernel_softmax,
    .softmax_back = kernel_softmax_back,
    .depthwise = kernel_depthwise,
    .adam = kernel_adam,
    .sgd = kernel_sgd,
};
