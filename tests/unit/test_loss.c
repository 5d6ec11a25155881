#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "train/loss.h"

#include <math.h>

static double one(float z, float y)
{
    struct loss_sum sum = {0};

    loss_batch(&sum, NULL, &z, &y, 1);
    return sum.loss;
}

static void matches_the_formula(void **state)
{
    (void)state;
    for (float z = -30.0F; z <= 30.0F; z += 0.37F) {
        double expected_up = log1p(exp(-(double)z)), expected_down = log1p(exp((double)z));
        assert_true(fabs(one(z, 1.0F) - expected_up) <= 1e-14 * (1.0 + expected_up));
        assert_true(fabs(one(z, 0.0F) - expected_down) <= 1e-14 * (1.0 + expected_down));
        assert_true(fabs((double)loss_probability(z) - 1.0 / (1.0 + exp(-(double)z))) <= 6e-8);
    }
    assert_true(fabs(one(0.0F, 1.0F) - 0.6931471805599453) < 1e-15);
}

static void neither_overflows_nor_cancels(void **state)
{
    (void)state;
    assert_true(one(1e30F, 1.0F) == 0.0);
    assert_true(one(-1e30F, 1.0F) == (double)1e30F);
    assert_true(one(1e30F, 0.0F) == (double)1e30F);
    assert_true(one(40.0F, 1.0F) > 4.2e-18 && one(40.0F, 1.0F) < 4.3e-18);
    assert_true(loss_probability(-1e30F) == 0.0F && loss_probability(1e30F) == 1.0F);
    assert_true(isnan(one(NAN, 1.0F)));
    assert_true(one(-INFINITY, 1.0F) > 1e300);
}

static void the_gradient_is_that_of_the_mean(void **state)
{
    const float z[3] = {0.3F, -1.2F, 2.5F}, y[3] = {1.0F, 0.0F, 0.0F};
    float d[3];
    struct loss_sum sum = {0};
    (void)state;

    loss_batch(&sum, d, z, y, 3);
    for (int i = 0; i < 3; i++) {
        float up[3] = {z[0], z[1], z[2]}, down[3] = {z[0], z[1], z[2]};
        struct loss_sum a = {0}, b = {0};
        up[i] += 0x1p-8F;
        down[i] -= 0x1p-8F;
        loss_batch(&a, NULL, up, y, 3);
        loss_batch(&b, NULL, down, y, 3);
        double slope = (a.loss - b.loss) / 3.0 / (double)(up[i] - down[i]);
        assert_true(fabs(slope - (double)d[i]) < 1e-6);
    }
}

static void counts_what_is_right(void **state)
{
    /* A logit of 1e-9 is a probability that rounds to one half, which predicts down. */
    const float z[5] = {2.0F, -2.0F, 2.0F, 1e-9F, 1e-9F}, y[5] = {1.0F, 0.0F, 0.0F, 0.0F, 1.0F};
    struct loss_sum sum = {.loss = 1.0, .correct = 10};
    (void)state;

    loss_batch(&sum, NULL, z, y, 5);
    assert_int_equal(sum.correct, 13);
    assert_true(sum.loss > 1.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_the_formula),
        cmocka_unit_test(neither_overflows_nor_cancels),
        cmocka_unit_test(the_gradient_is_that_of_the_mean),
        cmocka_unit_test(counts_what_is_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
