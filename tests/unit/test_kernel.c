#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "net/kernel/kernel.h"

#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"

#include "tests/unit/net_reference.h"

#include <float.h>
#include <math.h>

static const struct kernel *const *next_kernel(const struct kernel *const *k)
{
    while (*k && !kernel_runs(*k))
        k++;
    return k;
}
#define EACH_KERNEL(k) for (const struct kernel *const *k = next_kernel(kernel_table); *k; k = next_kernel(k + 1))

static float *floats(size_t n, uint32_t seed)
{
    struct random r = random_start(seed, RANDOM_TEST, 9, 0);
    float *x = NEW_ARRAY(float, n);
    for (size_t i = 0; i < n; i++)
        x[i] = 2.0f * random_unit_float(&r) - 1.0f;
    return x;
}

/* --- products ---------------------------------------------------------------------------------------------------- */

/* The definition in kernel.h, word for word. */
static void plain_gemm(const struct gemm *g)
{
    for (int i = 0; i < g->m; i++)
        for (int j = 0; j < g->n; j++) {
            float *c = g->c + i * g->c_row + j, sum = g->accumulate ? *c : g->bias ? g->bias[j] : 0.0f;
            for (int s = 0; s < g->segments; s++)
                for (int k = 0; k < g->depth; k++)
                    sum = fmaf(g->a[i * g->a_row + s * g->a_segment + k * g->a_step],
                               g->b[((ptrdiff_t)s * g->depth + k) * g->b_row + j], sum);
            sum += 0.0f;
            *c = g->relu && !(sum > 0) ? 0.0f : sum;
        }
}

/* `gap`: floats between a segment's last factor and the next one's first. */
static void check_gemm_gap(int m, int n, int segments, int depth, int gap, int variant, struct threads *pool)
{
    int total = segments * (depth + gap), c_row = n + variant % 3;
    bool columns = variant % 2; /* A read along its columns, as weight gradients do */
    size_t a_n = (size_t)(m + 1) * (size_t)(total + 1), b_n = (size_t)(total + 1) * (size_t)n;
    float *a = floats(a_n, (uint32_t)variant), *b = floats(b_n, 2), *bias = floats((size_t)n, 3);
    float *start = floats((size_t)(m + 1) * (size_t)c_row, 4), *want = NEW_ARRAY(float, (m + 1) * c_row);
    memcpy(want, start, (size_t)(m + 1) * (size_t)c_row * sizeof *want);
    struct gemm g = {.a = a, .a_row = columns ? 1 : total, .a_segment = (ptrdiff_t)(depth + gap) * (columns ? m : 1),
                     .a_step = columns ? m : 1, .b = b, .b_row = n, .c = want, .c_row = c_row,
                     .bias = variant % 5 < 3 ? bias : NULL, .m = m, .n = n, .segments = segments, .depth = depth,
                     .accumulate = variant % 4 == 3, .relu = variant % 7 == 2};
    plain_gemm(&g);
    EACH_KERNEL(k)
    {
        float *got = memory_copy(start, (size_t)(m + 1) * (size_t)c_row * sizeof *start);
        g.c = got;
        kernel_gemm(*k, pool, &g);
        if (memcmp(got, want, (size_t)(m + 1) * (size_t)c_row * sizeof *got) != 0)
            fail_msg("%s: %d x %d, %d segments of %d, variant %d", (*k)->name, m, n, segments, depth, variant);
        free(got);
    }
    free(a);
    free(b);
    free(bias);
    free(start);
    free(want);
}

static void check_gemm(int m, int n, int segments, int depth, int variant, struct threads *pool)
{
    check_gemm_gap(m, n, segments, depth, 0, variant, pool);
}

/* Segments that lie apart and one behind the other, as taps of a filter do that skips steps and of one that does not;
 * enough rows for A to be fetched ahead. */
static void segments_are_one_sum(void **state)
{
    (void)state;
    for (int variant = 0; variant < 24; variant++)
        for (int gap = 0; gap < 3; gap++) {
            check_gemm_gap(13 + 7 * variant, 1 + 11 * variant % 90, 3, 10, gap, variant, NULL);
            check_gemm_gap(200 + variant, 17 + variant, 2, 33, gap, variant, NULL);
        }
}

/* Every width and height of tile and tail; nothing outside C is touched (the gap between rows is compared too). */
static void products_are_one_chain_each(void **state)
{
    (void)state;
    int variant = 0;
    for (int n = 1; n <= 70; n++)
        for (int m = 1; m <= 26; m += 1 + n % 3)
            check_gemm(m, n, 1, 1 + variant % 9, variant, NULL), variant++;
    for (int m = 90; m < 130; m += 13)
        for (int n = 1; n < 200; n += 37)
            check_gemm(m, n, 1 + variant % 3, 11, variant, NULL), variant++;
}

/* Sums longer than a block, in one segment and in many; sums of nothing. */
static void long_sums_keep_their_order(void **state)
{
    (void)state;
    static const int shapes[][2] = {{1, 191}, {1, 192}, {1, 193}, {1, 1000}, {3, 200},
                                    {40, 10}, {7, 64}, {500, 1}, {0, 5}, {2, 0}};
    for (size_t i = 0; i < ARRAY_N(shapes); i++)
        for (int variant = 0; variant < 12; variant++)
            check_gemm(1 + variant, 19 + 5 * variant, shapes[i][0], shapes[i][1], variant, NULL);
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    for (int threads = 2; threads <= 5; threads++) {
        struct threads *pool = threads_new(threads);
        check_gemm(100, 50, 1, 40, 0, pool);
        check_gemm(3, 900, 1, 70, 1, pool);
        check_gemm(1, 2000, 1, 70, 3, pool);
        check_gemm(3000, 1, 1, 70, 9, pool);  /* turned around */
        check_gemm(3000, 1, 1, 70, 3, pool);
        check_gemm(33, 33, 9, 20, 2, pool);
        threads_free(pool);
    }
}

/* --- curves ------------------------------------------------------------------------------------------------------ */

static double ulp(double x)
{
    float f = (float)fabs(x);
    return f < FLT_MIN ? 0x1p-149 : (double)nextafterf(f, INFINITY) - (double)f;
}

struct worst {
    double value, slope, x;
};

/* Dense over [-20, 20] and by magnitude down to 1e-30, on the portable kernels: the others must equal them. */
static size_t samples(float **out)
{
    size_t n = 0;
    float *x = NEW_ARRAY(float, 500000);
    for (int i = -200000; i <= 200000; i++)
        x[n++] = (float)i * 1e-4f;
    for (float v = 1e-30f; v < 90.0f; v *= 1.003f) {
        x[n++] = v;
        x[n++] = -v;
    }
    *out = x;
    return n;
}

static struct worst measure(const struct kernel *k, enum kernel_act kind)
{
    float *x, one = 1.0f;
    size_t n = samples(&x);
    float *y = NEW_ARRAY(float, n), *dy = NEW_ARRAY(float, n), *dx = NEW_ARRAY(float, n);
    struct worst w = {0, 0, 0};
    for (size_t i = 0; i < n; i++)
        dy[i] = one;
    k->act(kind, n, x, y);
    k->act_back(kind, n, x, y, dy, dx, false);
    for (size_t i = 0; i < n; i++) {
        double want = reference_curve((int)kind, x[i]), error;
        /* gelu is cut off at -12.5, and exp at -87.3: what is so small counts as an absolute error */
        if (fabs(want) < (kind == ACT_GELU || kind == ACT_SILU ? 1e-33 : 1e-37))
            error = fabs(y[i] - want) / 1e-33;
        else
            error = fabs(y[i] - want) / ulp(want);
        if (error > w.value) {
            w.value = error;
            w.x = x[i];
        }
        error = fabs(dx[i] - reference_slope((int)kind, x[i])) / FLT_EPSILON;
        w.slope = error > w.slope ? error : w.slope;
    }
    free(x);
    free(y);
    free(dy);
    free(dx);
    return w;
}

/* The errors that curve.h states; slopes in units of 2^-23, absolute. */
static void curves_are_as_close_as_stated(void **state)
{
    (void)state;
    static const struct {
        enum kernel_act kind;
        double ulps, slope;
    } stated[] = {{ACT_NONE, 0, 0}, {ACT_RELU, 0, 0}, {ACT_GELU, 6, 2}, {ACT_SILU, 4, 2}, {ACT_TANH, 2, 2},
                  {ACT_SIGMOID, 3, 1}};
    const struct kernel *const *k = next_kernel(kernel_table);
    for (size_t i = 0; i < ARRAY_N(stated); i++) {
        struct worst w = measure(*k, stated[i].kind);
        print_message("# curve %d: %.2f ulp at %.9g, slope %.2f\n", (int)stated[i].kind, w.value, w.x, w.slope);
        if (w.value > stated[i].ulps || w.slope > stated[i].slope)
            fail_msg("curve %d: %.2f ulp at %g, slope %.2f", (int)stated[i].kind, w.value, w.x, w.slope);
    }
}

static void exponential_is_as_close_as_stated(void **state)
{
    (void)state;
    const struct kernel *const *k = next_kernel(kernel_table);
    double worst = 0;
    float last = 0;
    for (float x = -87.25f; x <= 0.0f; x += 0x1p-12f) {
        float y;
        (*k)->exp(1, &x, &y);
        double error = fabs(y - exp(x)) / ulp(exp(x));
        worst = error > worst ? error : worst;
        assert_true(y >= last); /* monotone at this spacing */
        last = y;
    }
    print_message("# exp: %.2f ulp\n", worst);
    assert_true(worst < 2);
    assert_true(last == 1.0f);
}

static void curves_hold_at_the_ends(void **state)
{
    (void)state;
    EACH_KERNEL(k)
    {
        const float x[] = {INFINITY, -INFINITY, 1e30f, -1e30f, 0.0f, -0.0f, 1e-45f, -1e-45f};
        const float want[][8] = {[ACT_RELU] = {INFINITY, 0, 1e30f, 0, 0, 0, 1e-45f, 0},
                                 [ACT_TANH] = {1, -1, 1, -1, 0, 0, 1e-45f, -1e-45f},
                                 [ACT_SIGMOID] = {1, -1, 1, -1, 0.5f, 0.5f, 0.5f, 0.5f}};
        const enum kernel_act kinds[] = {ACT_RELU, ACT_TANH, ACT_SIGMOID};
        for (size_t i = 0; i < ARRAY_N(kinds); i++) {
            float y[8];
            (*k)->act(kinds[i], 8, x, y);
            for (int j = 0; j < 8; j++) {
                if (kinds[i] == ACT_SIGMOID && (j == 1 || j == 3))
                    assert_true(y[j] >= 0 && y[j] < 1e-37f); /* never a denormal result, yet as good as 0 */
                else
                    assert_true(y[j] == want[kinds[i]][j]);
                assert_false(y[j] == 0 && signbit(y[j]));
            }
        }
        /* what is no number stays none, but for relu */
        for (int kind = 0; kind < ACT_N; kind++) {
            float nan = NAN, y;
            (*k)->act((enum kernel_act)kind, 1, &nan, &y);
            assert_true(kind == ACT_RELU ? y == 0 : isnan(y));
        }
    }
}

/* --- one result on every instruction set ------------------------------------------------------------------------- */

#define ROWS 5
#define UNITS 37

static void put(struct hash_stream *s, const float *x, size_t n)
{
    hash_stream_put(s, x, n * sizeof *x);
}

/* Every row of h, 50 floats apart, stands once more where a copy was asked for, and nothing between the rows. */
static void check_copy(const float *h, const float *copy, size_t copy_row)
{
    for (size_t row = 0; row < ROWS; row++) {
        assert_memory_equal(copy + row * copy_row, h + row * 50, UNITS * sizeof *h);
        for (size_t i = UNITS; i < copy_row; i++)
            assert_true(copy[row * copy_row + i] == 0.0f);
    }
}

static void cells(const struct kernel *k, struct hash_stream *s)
{
    float *gates = floats(4 * ROWS * UNITS, 1), *past = floats(ROWS * UNITS, 2), *d = floats(ROWS * UNITS, 3);
    float *dc = floats(ROWS * UNITS, 4), *dh = floats(ROWS * UNITS, 5), *dz = NEW_ARRAY(float, 4 * ROWS * UNITS);
    float *c = NEW_ARRAY(float, ROWS * UNITS), *tanh_c = NEW_ARRAY(float, ROWS * UNITS);
    float *h = NEW_ARRAY(float, ROWS * 50), *copy = NEW_ARRAY(float, ROWS * 44);
    struct lstm_cell cell = {ROWS, UNITS, gates, past, c, tanh_c, h, 50, copy, 44};
    k->lstm(&cell);
    check_copy(h, copy, 44);
    struct lstm_back back = {ROWS, UNITS, gates, past, tanh_c, dh, d, UNITS, dc, dz};
    float *dc_there = memory_copy(dc, ROWS * UNITS * sizeof *dc);
    k->lstm_back(&back);
    back.dc = dc_there;
    back.dz = memory_copy(gates, 4 * ROWS * UNITS * sizeof *gates);
    back.gates = back.dz;
    k->lstm_back(&back);
    assert_memory_equal(back.dz, dz, 4 * ROWS * UNITS * sizeof *dz);
    put(s, gates, 4 * ROWS * UNITS);
    put(s, c, ROWS * UNITS);
    put(s, h, ROWS * 50);
    put(s, dz, 4 * ROWS * UNITS);
    put(s, dc, ROWS * UNITS);
    float *all[] = {gates, past, d, dc, dh, dz, c, tanh_c, h, copy, back.dz, dc_there};
    for (size_t i = 0; i < ARRAY_N(all); i++)
        free(all[i]);
}

static void gru_cells(const struct kernel *k, struct hash_stream *s)
{
    float *gates = floats(3 * ROWS * UNITS, 1), *past_n = floats(ROWS * UNITS, 2), *past = floats(ROWS * 50, 3);
    float *h = NEW_ARRAY(float, ROWS * 50), *d = floats(ROWS * 50, 4), *dh = floats(ROWS * UNITS, 5);
    float *dz = NEW_ARRAY(float, 4 * ROWS * UNITS);
    float *copy = NEW_ARRAY(float, ROWS * 39);
    struct gru_cell cell = {ROWS, UNITS, gates, past_n, past, h, 50, copy, 39};
    k->gru(&cell);
    check_copy(h, copy, 39);
    struct gru_back back = {ROWS, UNITS, gates, past_n, past, 50, d, dh, dz};
    k->gru_back(&back);
    put(s, gates, 3 * ROWS * UNITS);
    put(s, h, ROWS * 50);
    put(s, dh, ROWS * UNITS);
    put(s, dz, 4 * ROWS * UNITS);
    float *all[] = {gates, past_n, past, h, d, dh, dz, copy};
    for (size_t i = 0; i < ARRAY_N(all); i++)
        free(all[i]);
}

/* Rows of one width: sums in lanes, and in chains of eight rows and of one. */
static void rows_of(const struct kernel *k, int width, bool centred, struct hash_stream *s)
{
    enum { N = 11 };
    size_t n = N * (size_t)width;
    float *x = floats(n, 1), *gain = floats((size_t)width, 2), *bias = floats((size_t)width, 3), *dy = floats(n, 4);
    float *y = NEW_ARRAY(float, n), *stat = NEW_ARRAY(float, 2 * N), *dx = floats(n, 5);
    struct norm norm = {N, width, centred, (float)width, 1e-5f, x, gain, centred ? bias : NULL, y, stat};
    k->norm(&norm);
    struct norm_back back = {N, width, centred, (float)width, x, gain, stat, dy, dx, true};
    k->norm_back(&back);
    struct norm_columns columns = {N, width, width, x, stat, dy, gain, centred ? bias : NULL};
    k->norm_columns(&columns);
    put(s, y, n);
    put(s, stat, 2 * N);
    put(s, dx, n);
    struct softmax softmax = {N, width, centred ? 1 : N, 1, width, width, 3.0f, y, dx};
    k->softmax(&softmax);
    put(s, y, n);
    k->softmax_back(&softmax);
    put(s, dx, n);
    k->column_dot(N, (size_t)width, width, x, dy, gain);
    k->column_max(N, (size_t)width, x, y, dx);
    put(s, y, (size_t)width);
    put(s, dx, (size_t)width);
    struct depthwise filter = {N, N, width, 4, 1, -3, 1, x, dy, bias, width, y, centred};
    k->depthwise(&filter);
    k->multiply(n, x, dy, dx);
    k->multiply_add(n, y, dy, dx);
    k->times(n, 0.3f, dx, dx);
    put(s, y, n);
    put(s, dx, n);
    put(s, gain, (size_t)width);
    float *all[] = {x, gain, bias, dy, y, stat, dx};
    for (size_t i = 0; i < ARRAY_N(all); i++)
        free(all[i]);
}

/* Softmax down columns of so many rows, some of them masked, and back. */
static void columns_of(const struct kernel *k, int rows, struct hash_stream *s)
{
    int columns = rows * 7 % 37 + 1;
    size_t n = (size_t)rows * (size_t)columns;
    float *p = floats(n, 1), *d = floats(n, 2);
    struct softmax softmax = {rows, columns, rows / 3 + 1, rows % 3, columns, columns, 3.0f, p, d};
    k->softmax(&softmax);
    k->softmax_back(&softmax);
    put(s, p, n);
    put(s, d, n);
    free(p);
    free(d);
}

static void elementwise(const struct kernel *k, struct hash_stream *s)
{
    float *x, *y, *a = floats(1000, 1), *b = floats(1000, 2), *v = NEW_ARRAY(float, 1000), *m = NEW_ARRAY(float, 1000);
    size_t n = samples(&x);
    y = NEW_ARRAY(float, n);
    for (int kind = 0; kind < ACT_N; kind++) {
        k->act((enum kernel_act)kind, n, x, y);
        put(s, y, n);
        k->act_back((enum kernel_act)kind, 1000, x + 199500, y + 199500, a, b, true);
        k->act_back((enum kernel_act)kind, 999, x + 199500, y + 199500, a, m, false);
        put(s, b, 1000);
        put(s, m, 1000);
        memset(m, 0, 1000 * sizeof *m);
    }
    for (size_t length = 0; length < 70; length++) {
        k->add(length, a, b, y);
        k->axpy(length, 0.3f, a, y);
        k->column_sum(13, length, (ptrdiff_t)length, a, y);
        k->column_divide(13, length, a, 13.0f, y + length);
        put(s, y, 2 * length);
    }
    struct adam set = {0.1f, 0.999f, 0.001f, 0.01f, 3.0f, 1e-8f, 1e-3f};
    for (int i = 0; i < 30; i++)
        k->adam(&set, 1000, i < 10 ? a : m, b, m, v);
    put(s, b, 1000);
    put(s, m, 1000);
    put(s, v, 1000);
    free(x);
    free(y);
    free(a);
    free(b);
    free(v);
    free(m);
}

static void kernels_agree_on_every_bit(void **state)
{
    (void)state;
    struct hash first = {{0}};
    EACH_KERNEL(k)
    {
        struct hash_stream *s = hash_stream_new();
        elementwise(*k, s);
        cells(*k, s);
        gru_cells(*k, s);
        for (int width = 1; width < 75; width++) {
            rows_of(*k, width, false, s);
            rows_of(*k, width, true, s);
            columns_of(*k, width, s);
        }
        struct hash h = hash_stream_end(s);
        if (hash_is_zero(first))
            first = h;
        if (!hash_equal(first, h))
            fail_msg("%s differs", (*k)->name);
    }
}

/* Columns, wide and narrow, added up one after the other; rows further apart than they are wide. */
static void column_sums_go_down_the_rows(void **state)
{
    (void)state;
    enum { N = 29, STRIDE = 310 };
    float *x = floats(N * STRIDE, 1), *start = floats(STRIDE, 2);
    EACH_KERNEL(k)
        for (size_t columns = 1; columns <= 300; columns += columns < 40 ? 1 : 13) {
            float *got = memory_copy(start, STRIDE * sizeof *start);
            (*k)->column_sum(N, columns, STRIDE, x, got);
            for (size_t c = 0; c < STRIDE; c++) {
                float want = start[c];
                for (size_t r = 0; r < N && c < columns; r++)
                    want += x[r * STRIDE + c];
                assert_memory_equal(&got[c], &want, sizeof want);
            }
            free(got);
        }
    free(x);
    free(start);
}

/* What is no number is not lost on the way through a maximum or a softmax. */
static void what_is_no_number_goes_through(void **state)
{
    (void)state;
    EACH_KERNEL(k)
        for (int at = 0; at < 21; at++) {
            float x[21], y[1], row[1];
            for (int i = 0; i < 21; i++)
                x[i] = (float)i;
            x[at] = NAN;
            (*k)->column_max(21, 1, x, y, row);
            assert_true(isnan(y[0]));
            struct softmax softmax = {21, 1, 21, 1, 1, 1, 1.0f, x, NULL};
            (*k)->softmax(&softmax);
            for (int i = 0; i < 21; i++)
                assert_true(isnan(x[i]));
        }
}

/* Every column of probabilities adds to one, keeps its order, and is +0 behind the mask; large scores do not overflow,
 * and what stands beside the columns stays. */
static void softmax_is_a_distribution(void **state)
{
    (void)state;
    enum { COLUMNS = 19, STRIDE = 23 };
    EACH_KERNEL(k)
        for (int rows = 1; rows < 50; rows++) {
            float p[50 * STRIDE];
            for (int i = 0; i < rows * STRIDE; i++)
                p[i] = i % STRIDE < COLUMNS ? (float)(i / STRIDE - 20) * 1e30f : 7.0f;
            struct softmax softmax = {rows, COLUMNS, (rows + 1) / 2, 2, STRIDE, STRIDE, 1e-30f, p, NULL};
            (*k)->softmax(&softmax);
            for (int c = 0; c < STRIDE; c++) {
                int counts = (rows + 1) / 2 + 2 * c;
                double total = 0;
                for (int i = 0; i < rows; i++) {
                    const float *at = p + i * STRIDE + c;
                    if (c >= COLUMNS) {
                        assert_true(*at == 7.0f);
                        continue;
                    }
                    bool small = (counts < rows ? counts : rows) - i > 40; /* below 2^-60 */
                    assert_true(i >= counts ? *at == 0 && !signbit(*at) : small || *at > 0);
                    if (i > 0 && i < counts && at[-STRIDE] > 1e-15f)
                        assert_true(fabsf(*at / at[-STRIDE] - expf(1.0f)) < 3e-5f);
                    total += (double)*at;
                }
                assert_true(c >= COLUMNS || fabs(total - 1) < 1e-6);
            }
        }
}

/* Sums in lanes joined by the tree: l and l + 8, then 4, 2, 1. */
static float lanes_total(const float *x, int n)
{
    float sum[16] = {0};
    for (int i = 0; i < n; i++)
        sum[i % 16] += x[i];
    for (int half = 8; half > 0; half /= 2)
        for (int l = 0; l < half; l++)
            sum[l] += sum[l + half];
    return sum[0];
}

/* The order of a softmax's sum is written, whatever runs beside it: the probabilities to the bit. */
static void softmax_sums_in_lanes(void **state)
{
    (void)state;
    EACH_KERNEL(k)
        for (int rows = 1; rows < 70; rows++) {
            float p[70 * 3], e[70];
            for (int i = 0; i < rows * 3; i++)
                p[i] = sinf((float)(i * 37 + rows)) * 3;
            for (int i = 0; i < rows; i++)
                e[i] = p[i * 3 + 1];
            float most = e[0];
            for (int i = 0; i < rows; i++)
                most = e[i] > most ? e[i] : most;
            for (int i = 0; i < rows; i++)
                e[i] -= most;
            (*k)->exp((size_t)rows, e, e);
            float inverse = 1.0f / lanes_total(e, rows);
            struct softmax softmax = {rows, 3, rows, 1, 3, 3, 1.0f, p, NULL};
            (*k)->softmax(&softmax);
            for (int i = 0; i < rows; i++)
                assert_true(p[i * 3 + 1] == e[i] * inverse);
        }
}

static void turning_moves_every_number(void **state)
{
    (void)state;
    enum { MOST = 37, STRIDE = 41 };
    float in[MOST * STRIDE], out[MOST * STRIDE];
    for (int i = 0; i < MOST * STRIDE; i++)
        in[i] = (float)i;
    EACH_KERNEL(k)
        for (int rows = 1; rows <= MOST; rows++)
            for (int columns = 1; columns <= MOST; columns++) {
                for (int i = 0; i < MOST * STRIDE; i++)
                    out[i] = -1;
                (*k)->turn(rows, columns, in, STRIDE, out, STRIDE);
                for (int i = 0; i < MOST * STRIDE; i++) {
                    int c = i / STRIDE, r = i % STRIDE;
                    assert_true(out[i] == (c < columns && r < rows ? in[r * STRIDE + c] : -1.0f));
                }
            }
}

/* Further channels of zeros, wherever they stand, leave the others of an rmsnorm as they are to the bit. */
static void zeros_change_no_root_mean_square(void **state)
{
    (void)state;
    EACH_KERNEL(k)
        for (int width = 1; width < 40; width++)
            for (int gap = 0; gap <= width; gap += 3) {
                enum { N = 11, MORE = 5 };
                float x[N * 40], wide[N * 45], gain[45], y[N * 40], z[N * 45], stat[2 * N];
                int w = width + MORE;
                struct random r = random_start((uint64_t)width, RANDOM_TEST, 10, 0);
                for (int i = 0; i < N * w; i++) {
                    int c = i % w, old = c < gap ? c : c - MORE, row = i / w;
                    bool fresh = c >= gap && c < gap + MORE;
                    wide[i] = fresh ? 0.0f : random_unit_float(&r) - 0.5f;
                    gain[c] = 2.0f;
                    if (!fresh)
                        x[row * width + old] = wide[i];
                }
                struct norm narrow = {N, width, false, 7.0f, 1e-5f, x, gain, NULL, y, stat};
                struct norm more = {N, w, false, 7.0f, 1e-5f, wide, gain, NULL, z, stat};
                (*k)->norm(&narrow);
                (*k)->norm(&more);
                for (int i = 0; i < N * w; i++) {
                    int c = i % w, old = c < gap ? c : c - MORE;
                    float want = c >= gap && c < gap + MORE ? 0.0f : y[i / w * width + old];
                    assert_memory_equal(&z[i], &want, sizeof want);
                }
            }
}

/* Adam against its formula in double, and denormal moments cut. */
static void adam_is_adam(void **state)
{
    (void)state;
    const struct kernel *const *k = next_kernel(kernel_table);
    double m = 0, v = 0, w = 0.5;
    float fm = 0, fv = 0, fw = 0.5f;
    for (int t = 1; t <= 40; t++) {
        double lr = 0.01, g = cos(t), root = 1 / sqrt(1 - pow(0.999, t)), rate = lr / (1 - pow(0.9, t));
        float fg = (float)g;
        m = 0.9 * m + 0.1 * g;
        v = 0.999 * v + 0.001 * g * g;
        w -= lr * 0.1 * w;
        w -= rate * m / (sqrt(v) * root + 1e-8);
        struct adam set = {0.1f, 0.999f, 0.001f, (float)rate, (float)root, 1e-8f, (float)(lr * 0.1)};
        (*k)->adam(&set, 1, &fg, &fw, &fm, &fv);
        assert_true(fabs(fw - w) < 1e-5);
    }
    float tiny = 0x1p-99f, zero = 0, small = 0x1p-105f;
    struct adam set = {0.1f, 0.999f, 0.001f, 0.01f, 1, 1e-8f, 0};
    fm = tiny, fv = small;
    for (int i = 0; i < 20; i++)
        (*k)->adam(&set, 1, &zero, &fw, &fm, &fv);
    assert_true(fm == 0 && fv == 0);
}

/* A machine that runs nothing but the last, portable kernel. */
static bool only_portable(const struct kernel *k)
{
    return strcmp(k->name, "portable") == 0;
}

static bool everything(const struct kernel *k)
{
    return k != NULL;
}

static void slower_machines_take_slower_kernels(void **state)
{
    (void)state;
    struct error err = {0};
    assert_ptr_equal(kernel_pick(NULL, everything, &err), kernel_table[0]);
    const struct kernel *k = kernel_pick(NULL, only_portable, &err);
    assert_non_null(k);
    assert_string_equal(k->name, "portable");
    assert_ptr_equal(kernel_pick("", only_portable, &err), k);
    assert_ptr_equal(kernel_pick("portable", everything, &err), k);
    assert_null(kernel_pick("abacus", everything, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    if (kernel_table[0] != k)
        assert_null(kernel_pick(kernel_table[0]->name, only_portable, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_are_one_chain_each),
        cmocka_unit_test(segments_are_one_sum),
        cmocka_unit_test(long_sums_keep_their_order),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(curves_are_as_close_as_stated),
        cmocka_unit_test(exponential_is_as_close_as_stated),
        cmocka_unit_test(curves_hold_at_the_ends),
        cmocka_unit_test(kernels_agree_on_every_bit),
        cmocka_unit_test(column_sums_go_down_the_rows),
        cmocka_unit_test(what_is_no_number_goes_through),
        cmocka_unit_test(softmax_is_a_distribution),
        cmocka_unit_test(softmax_sums_in_lanes),
        cmocka_unit_test(turning_moves_every_number),
        cmocka_unit_test(zeros_change_no_root_mean_square),
        cmocka_unit_test(adam_is_adam),
        cmocka_unit_test(slower_machines_take_slower_kernels),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
