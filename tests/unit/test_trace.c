#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "train/trace.h"

static void the_interval_keeps_hashing_below_three_per_cent(void **state)
{
    static const struct {
        int64_t parameters, macs;
        int batch;
    } cases[] = {{100, 100, 1},        {33000, 33000, 64},     {8000, 260000, 64},     {82000, 2600000, 64},
                 {10000, 400000, 256}, {5000000, 5000000, 32}, {1, 1000000000, 65536}, {1000000000, 1000000000, 1}};
    (void)state;

    for (size_t i = 0; i < ARRAY_N(cases); i++) {
        int64_t k = trace_interval(cases[i].parameters, cases[i].macs, cases[i].batch);
        double hash_ns = 2.0 * 12.0 * (double)cases[i].parameters;
        double step_ns = 3.0 * (double)cases[i].macs * cases[i].batch / 64.0 + (double)cases[i].parameters / 4.0;
        assert_true(k >= 1);
        assert_true(hash_ns <= 0.03 * step_ns * (double)k * (1.0 + 1e-12));
    }
    assert_true(trace_interval(33000, 33000, 64) < 600);
    assert_true(trace_interval(0, 0, 1) >= 1);
    assert_true(trace_interval(INT64_MAX, INT64_MAX, 65536) >= 1);
}

/* The leaf as its header states it, by other means. */
static struct hash leaf_of(const struct model *m)
{
    struct bytes b = {0};
    const float *part[3] = {m->weight, m->moment[0], m->moment[1]};

    for (int i = 0; i < 3; i++) {
        struct bytes floats = {0};
        for (size_t k = 0; k < m->weights; k++) {
            uint32_t bits;
            memcpy(&bits, &part[i][k], sizeof bits);
            bytes_put_u32(&floats, bits);
        }
        struct hash h = hash_of(floats.data, floats.n);
        bytes_put(&b, h.byte, HASH_BYTES);
        bytes_free(&floats);
    }
    bytes_put_i64(&b, m->step);
    struct hash h = hash_of(b.data, b.n);
    bytes_free(&b);
    return h;
}

static void leaves_are_as_written(void **state)
{
    enum { N = 5000 };
    struct model m = {.weights = N, .weight = NEW_ARRAY(float, N)};
    struct trace t, again;
    struct threads *pool = threads_new(3);
    struct error err;
    (void)state;

    m.moment[0] = NEW_ARRAY(float, N);
    m.moment[1] = NEW_ARRAY(float, N);
    assert_true(trace_start(&t, 3, 7, &err) && trace_start(&again, 3, 7, &err));
    for (int64_t step = 1; step <= 7; step++) {
        m.step = 1000 + step;
        m.weight[step] = (float)step;
        m.moment[0][N - step] = 0.5F;
        m.moment[1][step] = 0.25F;
        trace_step(&t, &m, step, pool);
        trace_step(&again, &m, step, NULL);
        assert_int_equal(t.leaves, step / 3);
        if (step % 3 == 0)
            assert_true(hash_equal(t.leaf[t.leaves - 1], leaf_of(&m)));
    }
    trace_end(&t, &m, pool);
    trace_end(&again, &m, NULL);
    assert_int_equal(t.leaves, 3);
    assert_true(hash_equal(t.leaf[2], leaf_of(&m)));
    assert_memory_equal(t.leaf, again.leaf, 3 * sizeof *t.leaf);
    free(t.leaf);
    free(again.leaf);
    free(m.weight);
    free(m.moment[0]);
    free(m.moment[1]);
    threads_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_interval_keeps_hashing_below_three_per_cent),
        cmocka_unit_test(leaves_are_as_written),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
