/* Products: a single row's has the bits that the written order gives, on every instruction set; OpenBLAS's are close to
 * them, for every layout that an operator uses, and are never taken where nobody asked. */
#include "tests/unit/test_support.h"

#include "net/kernel/kernel.h"
#include "net/numeric.h"
#include "net/plan.h"

#include "base/memory.h"
#include "base/random.h"

#include <math.h>

#define FLOATS 70000

static float *floats(size_t n, uint64_t seed)
{
    float *x = NEW_ARRAY(float, n);
    struct random r = random_start(seed, RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < n; i++)
        x[i] = (float)random_normal(&r);
    return x;
}

/* The order of struct gemm, in words: one fused multiply-add after the other. */
static float chain(const struct gemm *g, const float *c, int i, int j)
{
    float sum = g->accumulate ? c[i * g->c_row + j] : g->bias ? g->bias[j] : 0.0f;
    for (int s = 0; s < g->segments; s++)
        for (int k = 0; k < g->depth; k++)
            sum = fmaf(g->a[i * g->a_row + s * g->a_segment + k * g->a_step],
                       g->b[((ptrdiff_t)s * g->depth + k) * g->b_row + j], sum);
    sum += 0.0f;
    return g->relu && !(sum > 0.0f) ? 0.0f : sum;
}

static void assert_row(const struct kernel *k, struct gemm g, const float *before)
{
    float *c = NEW_ARRAY(float, (size_t)g.n + 1);
    memcpy(c, before, ((size_t)g.n + 1) * sizeof *c);
    g.c = c;
    k->gemm(&g);
    for (int j = 0; j < g.n; j++) {
        float wanted = chain(&g, before, 0, j);
        if (memcmp(&wanted, &c[j], sizeof wanted) != 0)
            fail_msg("%s: column %d of %d (depth %d x %d) is %a, not %a", k->name, j, g.n, g.segments, g.depth,
                     (double)c[j], (double)wanted);
    }
    assert_memory_equal(&c[g.n], &before[g.n], sizeof *c); /* nothing behind the row is touched */
    free(c);
}

/* What is no number becomes +0 behind relu and stays elsewhere; -0 is never stored. */
static void a_single_row_keeps_odd_numbers_in_order(void **state)
{
    (void)state;
    for (int i = 0; kernel_table[i]; i++)
        for (int n = 1; kernel_runs(kernel_table[i]) && n < 70; n++) {
            float a[2] = {NAN, 0.0f}, b[140], c[70];
            for (int j = 0; j < 140; j++)
                b[j] = -1.0f;
            struct gemm g = {.a = a, .a_step = 1, .b = b, .b_row = n, .c = c, .c_row = n, .m = 1, .n = n,
                             .segments = 1, .depth = 2, .relu = true};
            kernel_table[i]->gemm(&g);
            for (int j = 0; j < n; j++)
                assert_true(c[j] == 0.0f && !signbit(c[j]));
            g.relu = false;
            kernel_table[i]->gemm(&g);
            for (int j = 0; j < n; j++)
                assert_true(isnan(c[j]));
            for (int j = 0; j < n; j++)
                c[j] = -0.0f;
            g.a = a + 1;
            g.depth = 1;
            g.accumulate = true;
            kernel_table[i]->gemm(&g);
            for (int j = 0; j < n; j++)
                assert_true(c[j] == 0.0f && !signbit(c[j]));
        }
}

static void a_single_row_has_the_bits_of_its_chains(void **state)
{
    (void)state;
    float *a = floats(FLOATS, 1), *b = floats(FLOATS, 2), *c = floats(1000, 3), *bias = floats(1000, 4);
    for (int i = 0; kernel_table[i]; i++) {
        if (!kernel_runs(kernel_table[i]))
            continue;
        for (int n = 1; n <= 290; n++) {
            struct gemm g = {.a = a, .a_row = 9, .a_segment = 5, .a_step = 1 + n % 3, .b = b, .b_row = n + n % 2,
                             .c_row = n, .m = 1, .n = n, .segments = 1 + n % 4, .depth = n % 13};
            assert_row(kernel_table[i], g, c);
            g.bias = bias;
            assert_row(kernel_table[i], g, c);
            g.relu = true;
            assert_row(kernel_table[i], g, c);
            g.bias = NULL;
            g.accumulate = true;
            assert_row(kernel_table[i], g, c);
        }
        struct gemm deep = {.a = a, .a_step = 1, .b = b, .b_row = 65, .c_row = 65, .m = 1, .n = 65, .segments = 1,
                            .depth = 1000};
        assert_row(kernel_table[i], deep, c);
    }
    free(a);
    free(b);
    free(c);
    free(bias);
}

/* --- OpenBLAS ----------------------------------------------------------------------------------------------------- */

static const struct kernel *blas_or_skip(void)
{
    struct error err = {0};
    const struct kernel *k = kernel_blas(&err);
    if (!k) {
        assert_int_equal(err.kind, ERROR_FAILED);
        assert_non_null(strstr(err.text, "exact kernels")); /* what to do instead */
        print_message("SKIP: %s\n", err.text);
        skip();
    }
    return k;
}

/* Any order of n additions is within n half units in the last place of the sum of the sizes (Higham 2002, 3.1). */
static double bound(const struct gemm *g, const float *c, int i, int j)
{
    double size = fabs(g->accumulate ? (double)c[i * g->c_row + j] : g->bias ? (double)g->bias[j] : 0.0);
    for (int s = 0; s < g->segments; s++)
        for (int k = 0; k < g->depth; k++)
            size += fabs((double)g->a[i * g->a_row + s * g->a_segment + k * g->a_step] *
                         (double)g->b[((ptrdiff_t)s * g->depth + k) * g->b_row + j]);
    return size * (g->segments * g->depth + 2) * 0x1p-23;
}

static void assert_close(const struct kernel *k, struct gemm g)
{
    size_t n = (size_t)((g.m - 1) * g.c_row + g.n);
    float *before = floats(n, 9), *c = NEW_ARRAY(float, n);
    memcpy(c, before, n * sizeof *c);
    g.c = c;
    k->gemm(&g);
    for (int i = 0; i < g.m; i++)
        for (int j = 0; j < g.n; j++) {
            double wanted = (double)chain(&g, before, i, j), is = (double)c[i * g.c_row + j];
            if (!(fabs(wanted - is) <= bound(&g, before, i, j)))
                fail_msg("%d x %d, %d x %d: [%d][%d] is %g, not %g", g.m, g.n, g.segments, g.depth, i, j, is, wanted);
        }
    free(before);
    free(c);
}

/* Rows side by side, columns side by side, taps of a convolution over one another, one row, one column, no plain
 * product at all: with and without what stands around the product. */
static void openblas_is_close_in_every_layout(void **state)
{
    const struct kernel *k = blas_or_skip();
    float *a = floats(FLOATS, 5), *b = floats(FLOATS, 6), *bias = floats(100, 7);
    const struct gemm shape[] = {
        {.a_row = 50, .a_step = 1, .b_row = 33, .c_row = 33, .m = 17, .n = 33, .segments = 1, .depth = 50},
        {.a_row = 1, .a_step = 20, .b_row = 16, .c_row = 19, .m = 20, .n = 16, .segments = 1, .depth = 64},
        {.a_row = 8, .a_segment = 8, .a_step = 1, .b_row = 12, .c_row = 12, .m = 40, .n = 12, .segments = 3, .depth = 8},
        {.a_row = 16, .a_segment = 8, .a_step = 1, .b_row = 5, .c_row = 5, .m = 9, .n = 5, .segments = 2, .depth = 24},
        {.a_row = 1, .a_segment = 3, .a_step = 30, .b_row = 8, .c_row = 8, .m = 3, .n = 8, .segments = 10, .depth = 9},
        {.a_row = 0, .a_step = 7, .b_row = 30, .c_row = 1, .m = 1, .n = 30, .segments = 1, .depth = 11},
        {.a_row = 4, .a_step = 1, .b_row = 1, .c_row = 1, .m = 25, .n = 1, .segments = 1, .depth = 4},
        {.a_row = 3, .a_step = 5, .b_row = 6, .c_row = 6, .m = 4, .n = 6, .segments = 1, .depth = 10},
        {.a_row = 10, .a_step = 1, .b_row = 2, .c_row = 8, .m = 6, .n = 8, .segments = 1, .depth = 10},
        {.a_row = 10, .a_step = 1, .b_row = 8, .c_row = 8, .m = 6, .n = 8, .segments = 1, .depth = 0},
    };
    (void)state;
    assert_string_equal(k->name, "blas");
    for (size_t i = 0; i < ARRAY_N(shape); i++) {
        struct gemm g = shape[i];
        g.a = a;
        g.b = b;
        assert_close(k, g);
        g.bias = bias;
        assert_close(k, g);
        g.relu = true;
        assert_close(k, g);
        g.accumulate = true;
        assert_close(k, g);
        g.bias = NULL;
        g.relu = false;
        assert_close(k, g);
    }
    free(a);
    free(b);
    free(bias);
}

static void openblas_reads_the_second_factor_across(void **state)
{
    (void)state;
    blas_or_skip();
    float *a = floats(600, 1), *b = floats(600, 2), c[12 * 9];
    struct gemm g = {.a = a, .a_row = 40, .a_step = 1, .b = b, .b_row = 40, .c = c, .c_row = 9, .m = 12, .n = 9,
                     .segments = 1, .depth = 40};
    kernel_blas_across(&g);
    for (int i = 0; i < 12; i++)
        for (int j = 0; j < 9; j++) {
            double wanted = 0, size = 0;
            for (int k = 0; k < 40; k++) {
                wanted += (double)a[i * 40 + k] * (double)b[j * 40 + k];
                size += fabs((double)a[i * 40 + k] * (double)b[j * 40 + k]);
            }
            assert_true(fabs(wanted - (double)c[i * 9 + j]) <= size * 42 * 0x1p-23);
        }
    free(a);
    free(b);
}

static void only_a_plan_that_takes_it_computes_with_openblas(void **state)
{
    static const char text[] = "morphsmith-arch 1\nx input time=16 channels=12\nc conv in=x channels=24 kernel=3 act=relu\n"
                               "r lstm in=c units=20\np last in=r\ny dense in=p units=3\n";
    const struct kernel *k = blas_or_skip();
    struct arch *a = arch_parse(text, sizeof text - 1, "test", NULL);
    struct model *m = model_new(a, 3, NULL);
    struct plan *exact = plan_new(a, 8, false, NULL, NULL), *other = plan_new(a, 8, false, NULL, NULL);
    float *input = floats(8 * 16 * 12, 8);
    bool differs = false;
    (void)state;
    plan_take_kernel(other, k);
    memcpy(plan_input(exact), input, 8 * 16 * 12 * sizeof *input);
    memcpy(plan_input(other), input, 8 * 16 * 12 * sizeof *input);
    const float *y = plan_forward(exact, m->weight, 8), *z = plan_forward(other, m->weight, 8);
    for (int i = 0; i < 24; i++) {
        assert_true(fabsf(y[i] - z[i]) <= 1e-4f);
        differs = differs || y[i] != z[i];
    }
    assert_true(differs); /* its sums run in another order: equal bits would mean that it was not asked */
    assert_ptr_not_equal(kernel_active(), k);
    free(input);
    plan_free(exact);
    plan_free(other);
    model_free(m);
    arch_free(a);
}

static void the_peak_counts_what_it_computes(void **state)
{
    (void)state;
    for (int i = 0; kernel_table[i]; i++)
        if (kernel_runs(kernel_table[i])) {
            double one = kernel_table[i]->peak(1);
            assert_true(one >= 2);
            assert_true(kernel_table[i]->peak(5) == 5 * one);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_single_row_has_the_bits_of_its_chains),
        cmocka_unit_test(a_single_row_keeps_odd_numbers_in_order),
        cmocka_unit_test(openblas_is_close_in_every_layout),
        cmocka_unit_test(openblas_reads_the_second_factor_across),
        cmocka_unit_test(only_a_plan_that_takes_it_computes_with_openblas),
        cmocka_unit_test(the_peak_counts_what_it_computes),
    };
    struct error err = {0};
    if (!numeric_start(&err)) {
        print_error("%s\n", err.text);
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
