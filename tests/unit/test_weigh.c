/* Several objectives as one, and scores by their ranks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/vmath.h"
#include "search/rank.h"
#include "search/weigh.h"

#include <math.h>

static const struct weigh two = {.weight = {0.6, 0.4, 0, 0}, .least = {0.5, 2, 0, 0}, .most = {0.9, 6, 0, 0}};

static void g_is_the_augmented_maximum(void **state)
{
    double cost[WEIGH_N] = {0, 3, 99, 99};
    (void)state;
    /* losses: score (0.9 - 0.7) / 0.4 = 0.5, parameters (3 - 2) / 4 = 0.25; weighed 0.3 and 0.1 */
    assert_true(fabs(weigh_at(&two, 0.7, cost) - (0.3 + 0.05 * 0.4)) < 1e-12);
    /* score 0.9: weighed 0 and 0.1 */
    assert_true(fabs(weigh_at(&two, 0.9, cost) - (0.1 + 0.05 * 0.1)) < 1e-12);
}

/* Against the integral, by the rule of rectangles. */
static double improvement(const struct weigh *w, double mean, double sd, const double *cost)
{
    double sum = 0, step = sd / 400;
    for (double s = mean - 9 * sd; s < mean + 9 * sd; s += step) {
        double better = w->best - weigh_at(w, s, cost);
        sum += better > 0 ? better * vmath_normal_pdf((s - mean) / sd) / sd * step : 0;
    }
    return sum;
}

static void expected_improvement_is_the_integral(void **state)
{
    struct random r = random_start(3, RANDOM_TEST, 0, 0);
    int shallow = 0, steep = 0;
    (void)state;
    for (int i = 0; i < 300; i++) {
        struct weigh w = two;
        double mean = 0.4 + 0.6 * random_unit(&r), sd = 0.005 + 0.1 * random_unit(&r);
        double cost[WEIGH_N] = {0, 1 + 6 * random_unit(&r), 0, 0};
        w.weight[0] = random_unit(&r);
        w.weight[1] = 1 - w.weight[0];
        double most, sum;
        w.best = 0.5 * random_unit(&r);
        weigh_costs(&w, cost, &most, &sum);
        if (i % 3 == 0) /* where the improvement begins in the shallow piece */
            w.best = most + 0.05 * (sum + most * random_unit(&r));
        double exact = improvement(&w, mean, sd, cost), ei = weigh_ei(&w, mean, sd, cost);
        assert_true(fabs(ei - exact) < 1e-5);
        if (ei > 1e-12)
            assert_true(fabs(vmath_exp(weigh_log_ei(&w, mean, sd, cost)) / ei - 1) < 1e-6);
        shallow += exact > 1e-6 && (w.best - 0.05 * sum) / 1.05 <= most;
        steep += exact > 1e-6 && (w.best - 0.05 * sum) / 1.05 > most;
    }
    assert_true(shallow > 5 && steep > 50);
}

static void far_off_it_is_still_ranked(void **state)
{
    struct weigh w = two;
    double cost[WEIGH_N] = {0, 2.5, 0, 0};
    (void)state;
    w.best = 0.05;
    double near = weigh_log_ei(&w, 0.3, 0.002, cost), far = weigh_log_ei(&w, 0.2, 0.002, cost);
    assert_true(isfinite(near) && isfinite(far) && near > far);
    assert_true(weigh_ei(&w, 0.2, 0.002, cost) == 0.0);
}

static void ranks_are_normal_scores_and_back(void **state)
{
    static const double score[] = {0.9, 0.1, 0.91, 0.5, 0.9};
    struct ranks r;
    (void)state;
    ranks_start(&r, score, 5);
    assert_int_equal(r.n, 4);
    assert_true(fabs(vmath_normal_cdf(ranks_normal(&r, 0.1)) - 0.625 / 5.25) < 1e-9);
    assert_true(fabs(vmath_normal_cdf(ranks_normal(&r, 0.9)) - (3.5 - 0.375) / 5.25) < 1e-9); /* ranks 3 and 4 */
    assert_true(fabs(vmath_normal_cdf(ranks_normal(&r, 0.91)) - 4.625 / 5.25) < 1e-9);
    double before = -INFINITY;
    for (double s = -0.5; s < 1.6; s += 0.01) {
        double z = ranks_normal(&r, s);
        assert_true(z > before); /* ever rising, beyond the ends too */
        assert_true(fabs(ranks_score(&r, z) - s) < 1e-9);
        before = z;
    }
    ranks_end(&r);
}

/* How far off a very bad score is makes no difference to the others. */
static void ranks_do_not_mind_outliers(void **state)
{
    static const double mild[] = {0.1, 0.5, 0.6, 0.7}, wild[] = {-1e6, 0.5, 0.6, 0.7};
    struct ranks a, b;
    (void)state;
    ranks_start(&a, mild, 4);
    ranks_start(&b, wild, 4);
    for (int i = 0; i < 4; i++)
        assert_true(ranks_normal(&a, mild[i]) == ranks_normal(&b, wild[i]));
    ranks_end(&a);
    ranks_end(&b);
    double alone = 3;
    ranks_start(&a, &alone, 1);
    assert_true(fabs(ranks_normal(&a, 3)) < 1e-9 && fabs(ranks_score(&a, 1) - 4) < 1e-9);
    ranks_end(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(g_is_the_augmented_maximum),      cmocka_unit_test(expected_improvement_is_the_integral),
        cmocka_unit_test(far_off_it_is_still_ranked),      cmocka_unit_test(ranks_are_normal_scores_and_back),
        cmocka_unit_test(ranks_do_not_mind_outliers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
