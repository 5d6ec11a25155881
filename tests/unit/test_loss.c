#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "train/loss.h"

#include <math.h>
#include <string.h>

static const struct loss_goal direction = {0};

static float probability_of(float z)
{
    float p;

    loss_predict(&p, &direction, &z, 1);
    return p;
}

static double one(float z, float y)
{
    struct loss_sum sum = {0};

    loss_batch(&sum, NULL, &direction, &z, &y, 1);
    return sum.loss;
}

static void matches_the_formula(void **state)
{
    (void)state;
    for (float z = -30.0F; z <= 30.0F; z += 0.37F) {
        double expected_up = log1p(exp(-(double)z)), expected_down = log1p(exp((double)z));
        assert_true(fabs(one(z, 1.0F) - expected_up) <= 1e-14 * (1.0 + expected_up));
        assert_true(fabs(one(z, 0.0F) - expected_down) <= 1e-14 * (1.0 + expected_down));
        assert_true(fabs((double)probability_of(z) - 1.0 / (1.0 + exp(-(double)z))) <= 6e-8);
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
    assert_true(probability_of(-1e30F) == 0.0F && probability_of(1e30F) == 1.0F);
    assert_true(isnan(one(NAN, 1.0F)));
    assert_true(one(-INFINITY, 1.0F) > 1e300);
}

static void the_gradient_is_that_of_the_mean(void **state)
{
    const float z[3] = {0.3F, -1.2F, 2.5F}, y[3] = {1.0F, 0.0F, 0.0F};
    float d[3];
    struct loss_sum sum = {0};
    (void)state;

    loss_batch(&sum, d, &direction, z, y, 3);
    for (int i = 0; i < 3; i++) {
        float up[3] = {z[0], z[1], z[2]}, down[3] = {z[0], z[1], z[2]};
        struct loss_sum a = {0}, b = {0};
        up[i] += 0x1p-8F;
        down[i] -= 0x1p-8F;
        loss_batch(&a, NULL, &direction, up, y, 3);
        loss_batch(&b, NULL, &direction, down, y, 3);
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

    loss_batch(&sum, NULL, &direction, z, y, 5);
    assert_int_equal(sum.correct, 13);
    assert_true(sum.loss > 1.0);
}

/* --- returns and classes ------------------------------------------------------------------------------------------ */

static const struct loss_goal a_return = {.target = TASK_RETURN, .outputs = 1, .mean = 0.01, .sd = 0.25};
static const struct loss_goal classes = {.target = TASK_CLASS, .outputs = 4};

/* From the definition, with libm. */
static double reference(const struct loss_goal *goal, const float *z, float y)
{
    double sum = 0.0;

    if (goal->target == TASK_RETURN)
        return pow((double)z[0] - ((double)y - 0.01) / 0.25, 2.0);
    for (int k = 0; k < 4; k++)
        sum += exp((double)z[k] - (double)z[(int)y]);
    return log(sum);
}

static void returns_and_classes_match_the_definition(void **state)
{
    const struct loss_goal *goal[2] = {&a_return, &classes};
    struct random r = random_start(1, RANDOM_TEST, 80, 0);
    (void)state;

    for (int i = 0; i < 2000; i++) {
        const struct loss_goal *g = goal[i % 2];
        struct loss_sum sum = {0};
        float z[4], y = g->target == TASK_CLASS ? (float)random_below(&r, 4) : (float)(0.3 * random_normal(&r));
        for (int k = 0; k < 4; k++)
            z[k] = (float)(4.0 * random_normal(&r));
        loss_batch(&sum, NULL, g, z, &y, 1);
        double wanted = reference(g, z, y);
        assert_true(fabs(sum.loss - wanted) <= 1e-13 * (1.0 + wanted));
    }
}

/* Every output's gradient against central differences of the mean loss, in double. */
static void their_gradients_are_slopes(void **state)
{
    const struct loss_goal *goal[2] = {&a_return, &classes};
    struct random r = random_start(2, RANDOM_TEST, 80, 0);
    (void)state;

    for (int round = 0; round < 40; round++) {
        const struct loss_goal *g = goal[round % 2];
        int outputs = loss_outputs(g);
        float z[12], d[12], y[3];
        struct loss_sum sum = {0};
        for (int i = 0; i < 3; i++)
            y[i] = g->target == TASK_CLASS ? (float)random_below(&r, 4) : (float)(0.3 * random_normal(&r));
        for (int i = 0; i < 12; i++)
            z[i] = (float)(2.0 * random_normal(&r));
        loss_batch(&sum, d, g, z, y, 3);
        for (int i = 0; i < 3 * outputs; i++) {
            float up[12], down[12];
            struct loss_sum a = {0}, b = {0};
            memcpy(up, z, sizeof up);
            memcpy(down, z, sizeof down);
            up[i] += 0x1p-10F;
            down[i] -= 0x1p-10F;
            loss_batch(&a, NULL, g, up, y, 3);
            loss_batch(&b, NULL, g, down, y, 3);
            double slope = (a.loss - b.loss) / 3.0 / ((double)up[i] - (double)down[i]);
            assert_true(fabs(slope - (double)d[i]) < 1e-6 * (1.0 + fabs(slope)));
        }
    }
}

static void predicts_what_it_is_trained_on(void **state)
{
    const float z[4] = {-0.5F, 1.0F, 3.0F, 3.0F};
    float p[4], total = 0.0F;
    (void)state;

    loss_predict(p, &a_return, z, 2);
    assert_true(p[0] == (float)(0.01 - 0.125) && p[1] == 0.26F);
    loss_predict(p, &classes, z, 1);
    for (int k = 0; k < 4; k++)
        total += p[k];
    assert_true(fabs((double)total - 1.0) < 1e-6 && p[2] == p[3] && p[0] < p[1] && p[1] < p[2]);
    assert_int_equal(loss_class(p, 4), 2); /* of equal ones the first */
    assert_true(loss_is_right(TASK_CLASS, 4, p, 2.0F) && !loss_is_right(TASK_CLASS, 4, p, 3.0F));
    const float none = 0.0F, up = 0.1F, down = -0.1F;
    assert_true(loss_is_right(TASK_RETURN, 1, &up, 0.2F) && loss_is_right(TASK_RETURN, 1, &down, 0.0F));
    assert_false(loss_is_right(TASK_RETURN, 1, &none, 0.2F));
}

static void counts_as_it_predicts(void **state)
{
    struct random r = random_start(3, RANDOM_TEST, 80, 0);
    const struct loss_goal *goal[3] = {&direction, &a_return, &classes};
    (void)state;

    for (int g = 0; g < 3; g++) {
        float z[400], y[100], p[400];
        size_t right = 0;
        int outputs = loss_outputs(goal[g]);
        struct loss_sum sum = {0};
        for (int i = 0; i < 400; i++)
            z[i] = (float)random_normal(&r);
        for (int i = 0; i < 100; i++)
            y[i] = g == 1 ? (float)(0.3 * random_normal(&r)) : (float)random_below(&r, g == 0 ? 2 : 4);
        loss_batch(&sum, NULL, goal[g], z, y, 100);
        loss_predict(p, goal[g], z, 100);
        for (int i = 0; i < 100; i++)
            right += loss_is_right(goal[g]->target, outputs, p + i * outputs, y[i]);
        assert_int_equal(sum.correct, right);
        assert_true(right > 10 && right < 70);
    }
}

static void far_logits_do_not_overflow(void **state)
{
    const float far[4] = {3e38F, -3e38F, 0.0F, 1.0F}, wrong = 1.0F, best = 0.0F;
    float p[4], d[4];
    struct loss_sum sum = {0};
    (void)state;

    loss_batch(&sum, d, &classes, far, &best, 1);
    assert_true(sum.loss == 0.0 && d[0] == 0.0F && d[1] == 0.0F);
    loss_batch(&sum, d, &classes, far, &wrong, 1);
    assert_true(sum.loss == 3e38F * 2.0 || (sum.loss > 5.9e38 && sum.loss < 6.1e38));
    assert_true(d[0] == 1.0F && d[1] == -1.0F);
    loss_predict(p, &classes, far, 1);
    assert_true(p[0] == 1.0F && p[1] == 0.0F);
    const float broken[4] = {0.0F, NAN, 0.0F, 0.0F};
    sum.loss = 0.0;
    loss_batch(&sum, NULL, &classes, broken, &best, 1);
    assert_true(isnan(sum.loss));
}

/* --- smoothing, weights, Huber: against the definitions in double --------------------------------------------------
 */
static double cross_entropy(const double *q, const double *logit, int n)
{
    double sum = 0, loss = 0;

    for (int k = 0; k < n; k++)
        sum += exp(logit[k]);
    for (int k = 0; k < n; k++)
        loss -= q[k] * (logit[k] - log(sum));
    return loss;
}

static void smoothed_and_weighted_directions_follow_the_definition(void **state)
{
    static const double weight[2] = {0.6, 3.0};
    const struct loss_goal goal = {.smoothing = 0.2, .weight = weight};
    (void)state;

    for (float z = -6.0F; z <= 6.0F; z += 0.31F)
        for (int y = 0; y < 2; y++) {
            const double q[2] = {y ? 0.1 : 0.9, y ? 0.9 : 0.1}, logit[2] = {0, (double)z};
            float target = (float)y, d;
            struct loss_sum sum = {0};
            loss_batch(&sum, &d, &goal, &z, &target, 1);
            assert_true(fabs(sum.loss - weight[y] * cross_entropy(q, logit, 2)) < 1e-13);
            double p = 1 / (1 + exp(-(double)z));
            assert_true(fabs((double)d - weight[y] * (p - q[1])) < 2e-7);
            assert_int_equal(sum.correct, (z > 0.0F) == (y == 1)); /* by the label itself */
        }
}

static void smoothed_and_weighted_classes_follow_the_definition(void **state)
{
    static const double weight[3] = {0.5, 1.0, 2.5};
    const struct loss_goal goal = {.target = TASK_CLASS, .outputs = 3, .smoothing = 0.3, .weight = weight};
    struct random random = random_start(11, RANDOM_TEST, 0, 0);
    (void)state;

    for (int round = 0; round < 300; round++) {
        float z[6], d[6], target[2];
        double expected = 0, slope[6];
        struct loss_sum sum = {0};
        for (int i = 0; i < 6; i++)
            z[i] = 3.0F * (float)random_normal(&random);
        for (int i = 0; i < 2; i++) {
            int y = (int)random_below(&random, 3);
            double logit[3] = {(double)z[3 * i], (double)z[3 * i + 1], (double)z[3 * i + 2]}, all = 0;
            double q[3] = {0.1, 0.1, 0.1};
            q[y] += 0.7;
            target[i] = (float)y;
            expected += weight[y] * cross_entropy(q, logit, 3);
            for (int k = 0; k < 3; k++)
                all += exp(logit[k]);
            for (int k = 0; k < 3; k++)
                slope[3 * i + k] = weight[y] * (exp(logit[k]) / all - q[k]) / 2;
        }
        loss_batch(&sum, d, &goal, z, target, 2);
        assert_true(fabs(sum.loss - expected) < 1e-12 * (1 + expected));
        for (int i = 0; i < 6; i++)
            assert_true(fabs((double)d[i] - slope[i]) < 2e-7);
    }
}

static void huber_is_a_square_and_then_a_line(void **state)
{
    const struct loss_goal goal = {.target = TASK_RETURN, .outputs = 1, .mean = 0.01, .sd = 0.04, .delta = 1.5};
    (void)state;

    for (float z = -8.0F; z <= 8.0F; z += 0.13F) {
        float target = 0.02F, d;
        struct loss_sum sum = {0};
        double e = (double)z - ((double)target - 0.01) / 0.04, size = fabs(e);
        loss_batch(&sum, &d, &goal, &z, &target, 1);
        assert_true(fabs(sum.loss - (size <= 1.5 ? e * e / 2 : 1.5 * (size - 0.75))) < 1e-12);
        assert_true(fabs((double)d - (size <= 1.5 ? e : e > 0 ? 1.5 : -1.5)) < 2e-7);
    }
    float far = INFINITY, target = 0.0F;
    struct loss_sum sum = {0};
    loss_batch(&sum, NULL, &goal, &far, &target, 1);
    assert_true(!isfinite(sum.loss)); /* a line does not hide what is not finite */
    far = NAN;
    sum.loss = 0;
    loss_batch(&sum, NULL, &goal, &far, &target, 1);
    assert_true(!isfinite(sum.loss));
}

/* No settings, or those that mean nothing, give the plain loss to the bit. */
static void weights_of_one_change_no_bit(void **state)
{
    static const double ones[4] = {1, 1, 1, 1};
    const struct loss_goal plain[2] = {{0}, {.target = TASK_CLASS, .outputs = 4}};
    struct random random = random_start(12, RANDOM_TEST, 0, 0);
    (void)state;

    for (int g = 0; g < 2; g++)
        for (int round = 0; round < 200; round++) {
            struct loss_goal weighed = plain[g];
            struct loss_sum a = {0}, b = {0};
            float z[4], da[4], db[4], target = (float)random_below(&random, g ? 4 : 2);
            weighed.weight = ones;
            for (int i = 0; i < 4; i++)
                z[i] = 5.0F * (float)random_normal(&random);
            loss_batch(&a, da, &plain[g], z, &target, 1);
            loss_batch(&b, db, &weighed, z, &target, 1);
            assert_memory_equal(&a.loss, &b.loss, sizeof a.loss);
            assert_memory_equal(da, db, (g ? 4U : 1U) * sizeof *da);
        }
}

static void balance_weighs_all_classes_alike(void **state)
{
    const struct loss_goal goal = {.target = TASK_CLASS, .outputs = 4};
    const float target[10] = {0, 0, 0, 0, 0, 0, 1, 1, 3, 0}, up[4] = {1, 1, 1, 0};
    double weight[4], total[4] = {0}, sum = 0;
    (void)state;

    loss_balance(weight, &goal, target, 10);
    for (int i = 0; i < 10; i++) {
        total[(int)target[i]] += weight[(int)target[i]];
        sum += weight[(int)target[i]];
    }
    assert_true(fabs(total[0] - 10.0 / 3) < 1e-12 && fabs(total[1] - 10.0 / 3) < 1e-12 && fabs(total[3] - 10.0 / 3) < 1e-12);
    assert_true(fabs(sum - 10) < 1e-12);
    assert_true(weight[2] == 1); /* seen in no training sample */
    loss_balance(weight, &direction, up, 4);
    assert_true(weight[0] == 2 && fabs(weight[1] - 2.0 / 3) < 1e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_the_formula),
        cmocka_unit_test(neither_overflows_nor_cancels),
        cmocka_unit_test(the_gradient_is_that_of_the_mean),
        cmocka_unit_test(counts_what_is_right),
        cmocka_unit_test(returns_and_classes_match_the_definition),
        cmocka_unit_test(their_gradients_are_slopes),
        cmocka_unit_test(predicts_what_it_is_trained_on),
        cmocka_unit_test(counts_as_it_predicts),
        cmocka_unit_test(far_logits_do_not_overflow),
        cmocka_unit_test(smoothed_and_weighted_directions_follow_the_definition),
        cmocka_unit_test(smoothed_and_weighted_classes_follow_the_definition),
        cmocka_unit_test(huber_is_a_square_and_then_a_line),
        cmocka_unit_test(weights_of_one_change_no_bit),
        cmocka_unit_test(balance_weighs_all_classes_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
