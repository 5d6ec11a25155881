#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "net/numeric.h"
#include "net/plan.h"

#include "base/memory.h"
#include "base/random.h"

#include "tests/unit/net_batch.h"
#include "tests/unit/net_random.h"

#include <math.h>
#include <stdatomic.h>

/* Plans that stream, and lanes: the same bits as the whole batch at once. */

/* What a batch's feed saw. */
struct seen {
    const float *input, *d;
    float *output;
    size_t in, out; /* of a sample */
    bool backward;
    atomic_int samples, inputs;
};

static void give(void *context, float *input, int first, int rows, struct threads *pool)
{
    struct seen *s = context;
    (void)pool;
    memcpy(input, s->input + (size_t)first * s->in, (size_t)rows * s->in * sizeof *input);
    for (size_t i = 0; i < (size_t)rows * s->in; i++)
        input[i] += 0.0f;
    atomic_fetch_add(&s->inputs, rows);
}

static void take(void *context, const float *output, float *d_output, int first, int rows, struct threads *pool)
{
    struct seen *s = context;
    (void)pool;
    memcpy(s->output + (size_t)first * s->out, output, (size_t)rows * s->out * sizeof *output);
    if (s->backward)
        memcpy(d_output, s->d + (size_t)first * s->out, (size_t)rows * s->out * sizeof *output);
    atomic_fetch_add(&s->samples, rows);
}

/* The gradient's memory held something else before. */
static void check_stream(struct plan *p, const struct batch *whole, const float *input, const struct op_draw *draw,
                         bool backward)
{
    int rows = whole->rows;
    struct seen s = {.input = input, .d = whole->d, .in = whole->inputs / (size_t)rows,
                     .out = whole->outputs / (size_t)rows, .backward = backward};
    struct plan_feed feed = {&s, give, take};
    float *gradient = NEW_ARRAY(float, whole->m->weights);
    s.output = NEW_ARRAY(float, whole->outputs);
    for (size_t i = 0; i < whole->m->weights; i++)
        gradient[i] = NAN;
    plan_stream(p, whole->m->weight, backward ? gradient : NULL, rows, draw, &feed);
    assert_int_equal(s.inputs, rows);
    assert_int_equal(s.samples, rows);
    assert_memory_equal(s.output, whole->y, whole->outputs * sizeof(float));
    if (backward)
        assert_memory_equal(gradient, whole->gradient, whole->m->weights * sizeof(float));
    free(s.output);
    free(gradient);
}

static void check_lanes(const struct arch *a, const struct batch *whole, const float *input, int batch, int samples,
                        const struct op_draw *draw, struct threads *pool)
{
    struct error err = {0};
    float *gradient = NEW_ARRAY(float, whole->m->weights);
    struct plan *p = plan_new_sliced(a, batch, true, samples, pool, &err);
    memcpy(plan_input(p), input, whole->inputs * sizeof *input);
    const float *y = draw ? plan_forward_draw(p, whole->m->weight, whole->rows, *draw)
                          : plan_forward(p, whole->m->weight, whole->rows);
    assert_memory_equal(y, whole->y, whole->outputs * sizeof *y);
    plan_backward(p, whole->m->weight, whole->d, gradient, whole->rows);
    assert_memory_equal(gradient, whole->gradient, whole->m->weights * sizeof *gradient);
    plan_free(p);
    free(gradient);
}

static void compare(const struct arch *a, int batch, int rows, uint64_t seed, const struct op_draw *draw,
                    struct threads *pool)
{
    struct error err = {0};
    struct batch whole = batch_new(a, batch, rows, true, seed);
    float *input = NEW_ARRAY(float, whole.inputs);
    memcpy(input, plan_input(whole.p), whole.inputs * sizeof *input);
    batch_run(&whole, draw);
    for (int samples = 0; samples <= batch; samples = 2 * samples + 1) {
        struct plan *p = samples ? plan_new_stream_sliced(a, batch, samples, pool, &err)
                                 : plan_new_stream(a, batch, pool, &err);
        assert_non_null(p);
        check_stream(p, &whole, input, draw, false);
        check_stream(p, &whole, input, draw, true);
        check_stream(p, &whole, input, draw, false);
        check_stream(p, &whole, input, draw, true);
        plan_free(p);
        if (samples)
            check_lanes(a, &whole, input, batch, samples, draw, pool);
    }
    batch_free(&whole);
    free(input);
}

static const int threads[] = {1, 2, 3, 5};

static void streams_change_no_bit(void **state)
{
    (void)state;
    for (size_t t = 0; t < ARRAY_N(threads); t++) {
        struct threads *pool = threads_new(threads[t]);
        for (uint64_t seed = t; seed < 120; seed += 3) {
            struct arch *a = net_random_arch(seed);
            struct op_draw draw = {seed, 1, 2};
            compare(a, 9, 9 - (int)(seed % 5), seed, seed % 2 ? &draw : NULL, pool);
            arch_free(a);
        }
        threads_free(pool);
    }
}

/* Operators that take the batch at once, between, before and behind others that take slices. */
static const char *const mixed[] = {
    "morphsmith-arch 1\nx input time=9 channels=5\nh lstm in=x units=6\nd dense in=h units=7 act=gelu\n"
    "g gru in=d units=4\nc conv in=g channels=5 kernel=3 dilation=2\nl last in=c\ny dense in=l units=2\n",
    "morphsmith-arch 1\nx input time=9 channels=5\nd dense in=x units=7\na attention in=d heads=2 head=8\n"
    "s scale in=a init=0.5\ne add in=d,s\nl meanpool in=e\ny dense in=l units=1\n",
    "morphsmith-arch 1\nx input time=9 channels=5\nc conv in=x channels=4 kernel=20 dilation=3 act=relu\nl last in=c\n"
    "g gate in=l kind=tanh\n",
    "morphsmith-arch 1\nx input time=4 channels=3\ny flatten in=x\n",
};

static void whole_operators_meet_slices(void **state)
{
    (void)state;
    for (size_t t = 0; t < ARRAY_N(threads); t++) {
        struct threads *pool = threads_new(threads[t]);
        for (size_t i = 0; i < ARRAY_N(mixed); i++) {
            struct arch *a = net_parse(mixed[i]);
            compare(a, 13, 13, i, NULL, pool);
            compare(a, 13, 5, i, NULL, pool);
            compare(a, 1, 1, i, NULL, pool);
            arch_free(a);
        }
        threads_free(pool);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_change_no_bit),
        cmocka_unit_test(whole_operators_meet_slices),
    };
    hash_start();
    numeric_start(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
