/* The gradient's length and clipping to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "net/numeric.h"
#include "train/clip.h"

#include <math.h>

#define MOST 100003 /* three pieces and an odd end */

static float *drawn(size_t n, float size)
{
    struct random random = random_start(3, RANDOM_TEST, (uint32_t)n, 0);
    float *x = NEW_ARRAY(float, n);

    for (size_t i = 0; i < n; i++)
        x[i] = size * (float)random_normal(&random);
    return x;
}

static void the_length_is_that_of_long_double_for_any_threads(void **state)
{
    static const size_t sizes[] = {1, 7, 8, 9, 4097, CLIP_PIECE - 1, CLIP_PIECE, CLIP_PIECE + 1, MOST};
    struct threads *two = threads_new(2), *four = threads_new(4);
    (void)state;

    for (size_t i = 0; i < ARRAY_N(sizes); i++) {
        struct clip c;
        float *x = drawn(sizes[i], 5);
        long double sum = 0;
        for (size_t k = 0; k < sizes[i]; k++)
            sum += (long double)x[k] * (long double)x[k];
        assert_true(clip_start(&c, 0, sizes[i], NULL));
        double norm = clip_norm(&c, x, sizes[i], NULL);
        assert_true(fabs(norm - (double)sqrtl(sum)) <= 1e-14 * norm);
        assert_true(norm == clip_norm(&c, x, sizes[i], two) && norm == clip_norm(&c, x, sizes[i], four));
        assert_true(norm == c.norm);
        clip_end(&c);
        free(x);
    }
    threads_free(two);
    threads_free(four);
}

/* The written order: eight sums side by side, joined as a tree. With sizes so far apart no other order gives this. */
static void the_order_is_the_written_one(void **state)
{
    struct clip c;
    float x[20];
    double lane[8] = {0};
    (void)state;

    for (int i = 0; i < 20; i++)
        x[i] = (i % 3 ? 1.0F : 1e8F) + (float)i;
    for (int i = 0; i < 20; i++)
        lane[i % 8] += (double)x[i] * (double)x[i];
    double sum = ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
    assert_true(clip_start(&c, 0, 20, NULL));
    assert_true(clip_norm(&c, x, 20, NULL) == sqrt(sum));
    clip_end(&c);
}

static void long_gradients_are_shortened_and_short_ones_left_alone(void **state)
{
    struct clip c;
    float *x = drawn(MOST, 1), *was = drawn(MOST, 1);
    (void)state;

    assert_true(clip_start(&c, 1e6F, MOST, NULL));
    assert_true(clip_gradient(&c, x, MOST, false, NULL));
    assert_memory_equal(x, was, MOST * sizeof *x);
    double norm = c.norm;
    c.most = 2.5F;
    assert_true(clip_gradient(&c, x, MOST, false, NULL));
    assert_true(c.norm == norm); /* as it came */
    float by = (float)(2.5 / norm);
    for (size_t i = 0; i < MOST; i++)
        assert_true(x[i] == by * was[i]);
    assert_true(fabs(clip_norm(&c, x, MOST, NULL) - 2.5) < 1e-5);
    clip_end(&c);
    free(x);
    free(was);
}

static void without_a_limit_it_looks_only_where_it_is_asked_to(void **state)
{
    struct clip c;
    float x[3] = {3, 4, NAN};
    (void)state;

    assert_true(clip_start(&c, 0, 3, NULL));
    assert_true(clip_gradient(&c, x, 3, false, NULL));
    assert_true(c.norm == 0);
    assert_false(clip_gradient(&c, x, 3, true, NULL));
    x[2] = -INFINITY;
    assert_false(clip_gradient(&c, x, 3, true, NULL));
    x[2] = 0;
    assert_true(clip_gradient(&c, x, 3, true, NULL));
    assert_true(c.norm == 5);
    clip_end(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_length_is_that_of_long_double_for_any_threads),
        cmocka_unit_test(the_order_is_the_written_one),
        cmocka_unit_test(long_gradients_are_shortened_and_short_ones_left_alone),
        cmocka_unit_test(without_a_limit_it_looks_only_where_it_is_asked_to),
    };
    struct error err = {0};

    if (!numeric_start(&err))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
