/* Scores of classes and returns against values computed apart from them, and the bootstrap of what a search maximises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "train/metric.h"

#include "tests/unit/metric_reference.inc"

#include <math.h>

static void near(double seen, double expected)
{
    if (!(fabs(seen - expected) <= 1e-12 * (1.0 + fabs(expected))))
        fail_msg("%.17g, expected %.17g", seen, expected);
}

static void classes_score_by_their_definitions(void **state)
{
    (void)state;
    for (int i = 0; i < REFERENCE_CASES; i++) {
        struct metric_input in = {.kind = TASK_CLASS,
                                  .outputs = class_reference[i].classes,
                                  .prediction = class_reference[i].prediction,
                                  .target = class_reference[i].target,
                                  .n = class_reference[i].n};
        const double *wanted = class_reference[i].score;
        struct metric m;
        metric_score(&m, &in);
        near(m.directional_accuracy, wanted[0]);
        near((double)m.correct / (double)m.n, wanted[0]);
        near(m.balanced_accuracy, wanted[1]);
        near(m.f1, wanted[2]);
        near(m.mcc, wanted[3]);
        near(m.auc, wanted[4]);
        near(m.log_loss, wanted[5]);
        near(m.brier, wanted[6]);
        assert_true(isnan(m.r2) && isnan(m.mae) && isnan(m.pearson) && isnan(m.spearman));
        assert_true(metric_objective(&m, TASK_CLASS) == m.balanced_accuracy);
    }
}

static void returns_score_by_their_definitions(void **state)
{
    (void)state;
    for (int i = 0; i < REFERENCE_CASES; i++) {
        double reference[100];
        struct metric_input in = {.kind = TASK_RETURN,
                                  .outputs = 1,
                                  .prediction = return_reference[i].prediction,
                                  .target = return_reference[i].target,
                                  .reference = reference,
                                  .n = return_reference[i].n};
        const double *wanted = return_reference[i].score;
        struct metric m;
        for (size_t k = 0; k < in.n; k++)
            reference[k] = return_reference[i].reference;
        metric_score(&m, &in);
        near(m.directional_accuracy, wanted[0]);
        near(m.balanced_accuracy, wanted[1]);
        near(m.f1, wanted[2]);
        near(m.mcc, wanted[3]);
        near(m.auc, wanted[4]);
        near(m.r2, wanted[5]);
        near(m.mae, wanted[6]);
        near(m.pearson, wanted[7]);
        near(m.spearman, wanted[8]);
        assert_true(isnan(m.log_loss) && isnan(m.brier));
        assert_true(metric_objective(&m, TASK_RETURN) == m.r2);
    }
}

/* Two classes scored as classes are what they are as directions. */
static void two_classes_are_directions(void **state)
{
    struct random r = random_start(1, RANDOM_TEST, 81, 0);
    float up[90], both[180], y[90];
    struct metric a, b;
    (void)state;

    for (int i = 0; i < 90; i++) {
        up[i] = (float)(random_below(&r, 256) + 1) / 512.0F * 1.9F; /* its complement is a float, too */
        up[i] = up[i] < 0.5F || up[i] > 0.5F ? up[i] : 0.25F;
        y[i] = (float)random_below(&r, 2);
        both[2 * i] = 1.0F - up[i];
        both[2 * i + 1] = up[i];
    }
    metric_of(&a, up, y, 90);
    metric_score(&b, &(struct metric_input){TASK_CLASS, 2, both, y, NULL, 90});
    assert_int_equal(a.correct, b.correct);
    near(b.balanced_accuracy, a.balanced_accuracy);
    near(b.mcc, a.mcc);
    near(b.auc, a.auc);
    assert_true(fabs(b.log_loss - a.log_loss) < 1e-6 && fabs(b.brier - a.brier) < 1e-6);
}

static void what_is_not_defined(void **state)
{
    const float p[6] = {0.5F, 0.3F, 0.2F, 0.6F, 0.2F, 0.2F}, y[2] = {0, 0}, x[2] = {0.1F, 0.1F}, still[2] = {0, 0};
    const double reference[2] = {0, 0};
    struct metric m;
    (void)state;

    metric_score(&m, &(struct metric_input){TASK_CLASS, 3, p, y, NULL, 2});
    assert_true(m.directional_accuracy == 1.0 && m.balanced_accuracy == 1.0 && m.f1 == 1.0);
    assert_true(m.mcc == 0.0 && m.auc == 0.5);
    metric_score(&m, &(struct metric_input){TASK_RETURN, 1, x, still, reference, 2});
    assert_true(m.r2 == 0.0 && m.pearson == 0.0 && m.spearman == 0.0 && m.correct == 0);
    near(m.mae, (double)0.1F);
    metric_score(&m, &(struct metric_input){TASK_RETURN, 1, x, still, reference, 0});
    assert_true(m.n == 0 && m.r2 == 0.0);
}

/* --- the bootstrap ------------------------------------------------------------------------------------------------ */

/* One sample a moment: the bits are those of the bootstrap that knows no moments. */
static void single_moments_change_nothing(void **state)
{
    float hit[200];
    double value[200];
    int64_t time[200];
    struct random r = random_start(2, RANDOM_TEST, 81, 0);
    struct metric_interval a, b;
    struct metric_moments at;
    (void)state;

    for (int i = 0; i < 200; i++) {
        hit[i] = (float)random_below(&r, 2);
        value[i] = (double)hit[i];
        time[i] = i * 7;
    }
    metric_bootstrap(&a, hit, 200, 0.5, 6.0, 3);
    metric_moments_of(&at, time, 200);
    assert_int_equal(at.n, 200);
    metric_bootstrap_at(&b, value, &at, 0.5, 6.0, 3);
    metric_moments_free(&at);
    assert_memory_equal(&a, &b, sizeof a);
}

#define MOMENTS 120
#define SERIES 4
#define SEEDS 200

/* Four series that are right and wrong together: resampled together the interval covers the truth, one by one it is
 * far too narrow. */
static int covered(bool together)
{
    int inside = 0;

    for (uint32_t seed = 0; seed < SEEDS; seed++) {
        struct random r = random_start(seed, RANDOM_TEST, 82, 0);
        double value[MOMENTS * SERIES];
        int64_t time[MOMENTS * SERIES];
        struct metric_interval interval;
        struct metric_moments at;
        for (int m = 0; m < MOMENTS; m++) {
            double right = random_unit(&r) < 0.55 ? 1.0 : 0.0;
            for (int k = 0; k < SERIES; k++) {
                value[m * SERIES + k] = right;
                time[m * SERIES + k] = m;
            }
        }
        metric_moments_of(&at, together ? time : NULL, MOMENTS * SERIES);
        assert_int_equal(at.n, together ? MOMENTS : MOMENTS * SERIES);
        metric_bootstrap_at(&interval, value, &at, 0.5, 1.0, seed);
        metric_moments_free(&at);
        inside += interval.low <= 0.55 && 0.55 <= interval.high;
    }
    return inside;
}

static void moments_are_resampled_together(void **state)
{
    (void)state;
    assert_in_range(covered(true), SEEDS * 88 / 100, SEEDS * 99 / 100);
    assert_in_range(covered(false), 0, SEEDS * 75 / 100);
}

/* Moments of different size: the mean is that of the samples. */
static void moments_weigh_by_their_samples(void **state)
{
    const double value[6] = {1, 0, 0, 0, 1, 1};
    const int64_t time[6] = {1, 2, 2, 2, 3, 4};
    struct metric_moments at;
    struct metric_interval interval;
    (void)state;

    metric_moments_of(&at, time, 6);
    assert_int_equal(at.n, 4);
    assert_int_equal(at.first[1], 1);
    assert_int_equal(at.first[2], 4);
    assert_int_equal(at.first[4], 6);
    metric_bootstrap_at(&interval, value, &at, 0.5, 1.0, 1);
    assert_true(interval.mean == 0.5 && interval.low >= 0.0 && interval.low < 0.2 && interval.high == 1.0);
    metric_moments_free(&at);
}

/* Balanced accuracy of classes of 3 : 1 whose recalls are 0.9 and 0.6; R2 of a signal with half the variance. */
static double objective_covered(enum task_target kind, double truth)
{
    enum { N = 300 };
    int inside = 0;

    for (uint32_t seed = 0; seed < SEEDS; seed++) {
        struct random r = random_start(seed, RANDOM_TEST, 83, 0);
        float p[2 * N], y[N];
        double reference[N] = {0};
        struct metric_interval interval;
        struct metric_moments at;
        struct metric m;
        for (int i = 0; i < N; i++) {
            if (kind == TASK_CLASS) {
                bool second = random_below(&r, 4) == 0, right = random_unit(&r) < (second ? 0.6 : 0.9);
                y[i] = second ? 1.0F : 0.0F;
                p[2 * i + 1] = second == right ? 0.8F : 0.2F;
                p[2 * i] = 1.0F - p[2 * i + 1];
            } else {
                p[i] = (float)random_normal(&r);
                y[i] = p[i] + (float)random_normal(&r);
            }
        }
        struct metric_input in = {kind, kind == TASK_CLASS ? 2 : 1, p, y, reference, N};
        metric_moments_of(&at, NULL, N);
        metric_score(&m, &in);
        metric_bootstrap_objective(&interval, &in, &at, 1.0, seed);
        metric_moments_free(&at);
        assert_true(fabs(interval.mean - metric_objective(&m, kind)) < 1e-12);
        assert_true(interval.p == 1.0 && interval.error > 0.0);
        inside += interval.low <= truth && truth <= interval.high;
    }
    return inside;
}

static void objectives_are_covered(void **state)
{
    (void)state;
    assert_in_range(objective_covered(TASK_CLASS, 0.75), SEEDS * 88 / 100, SEEDS * 99 / 100);
    assert_in_range(objective_covered(TASK_RETURN, 0.5), SEEDS * 88 / 100, SEEDS * 99 / 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_score_by_their_definitions),
        cmocka_unit_test(returns_score_by_their_definitions),
        cmocka_unit_test(two_classes_are_directions),
        cmocka_unit_test(what_is_not_defined),
        cmocka_unit_test(single_moments_change_nothing),
        cmocka_unit_test(moments_are_resampled_together),
        cmocka_unit_test(moments_weigh_by_their_samples),
        cmocka_unit_test(objectives_are_covered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
