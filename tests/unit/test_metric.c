#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "train/metric.h"

#include <math.h>

static void near(double seen, double expected)
{
    if (!(fabs(seen - expected) <= 1e-7))
        fail_msg("%.12g, expected %.12g", seen, expected);
}

static void scores_a_hand_made_set(void **state)
{
    const float p[6] = {0.9F, 0.8F, 0.4F, 0.3F, 0.6F, 0.1F}, y[6] = {1, 0, 1, 0, 1, 0};
    struct metric m;
    (void)state;

    metric_of(&m, p, y, 6);
    assert_int_equal(m.n, 6);
    assert_int_equal(m.correct, 4);
    near(m.directional_accuracy, 4.0 / 6.0);
    near(m.balanced_accuracy, 2.0 / 3.0);
    near(m.f1, 2.0 / 3.0);
    near(m.mcc, 1.0 / 3.0);
    near(m.auc, 7.0 / 9.0);
    near(m.brier, (0.01 + 0.64 + 0.36 + 0.09 + 0.16 + 0.01) / 6.0);
    near(m.log_loss, -(log(0.9) + log(0.2) + log(0.4) + log(0.7) + log(0.6) + log(0.9)) / 6.0);
}

static void classes_of_unequal_size(void **state)
{
    /* 3 right of 4 ups, 0 right of 1 down: confusion 3, 1, 1, 0. */
    const float p[5] = {0.7F, 0.7F, 0.7F, 0.2F, 0.9F}, y[5] = {1, 1, 1, 1, 0};
    struct metric m;
    (void)state;

    metric_of(&m, p, y, 5);
    near(m.directional_accuracy, 0.6);
    near(m.balanced_accuracy, 0.375);
    near(m.f1, 6.0 / 8.0);
    near(m.mcc, (3.0 * 0.0 - 1.0 * 1.0) / sqrt(4.0 * 4.0 * 1.0 * 1.0));
    near(m.auc, 0.0);
}

static void ties_count_one_half(void **state)
{
    const float p[4] = {0.2F, 0.5F, 0.5F, 0.8F}, y[4] = {0, 0, 1, 1}, same[4] = {0.5F, 0.5F, 0.5F, 0.5F};
    struct metric m;
    (void)state;

    metric_of(&m, p, y, 4);
    near(m.auc, 0.875);
    metric_of(&m, same, y, 4);
    near(m.auc, 0.5);
    assert_int_equal(m.correct, 2); /* one half predicts down */
}

static void auc_counts_all_pairs(void **state)
{
    float p[60], y[60];
    struct random random = random_start(3, RANDOM_TEST, 0, 0);
    double wins = 0.0, pairs = 0.0;
    struct metric m;
    (void)state;

    for (int i = 0; i < 60; i++) {
        p[i] = (float)random_below(&random, 12) / 12.0F;
        y[i] = (float)random_below(&random, 2);
    }
    for (int i = 0; i < 60; i++) {
        for (int j = 0; j < 60; j++) {
            if (!(y[i] > y[j]))
                continue;
            pairs += 1.0;
            wins += p[i] > p[j] ? 1.0 : p[i] < p[j] ? 0.0 : 0.5;
        }
    }
    metric_of(&m, p, y, 60);
    assert_true(m.auc == wins / pairs);
}

static void undefined_scores_are_as_documented(void **state)
{
    const float p[3] = {0.9F, 1.0F, 0.3F}, ups[3] = {1, 1, 1}, down[1] = {0}, sure[1] = {1.0F};
    struct metric m;
    (void)state;

    metric_of(&m, p, ups, 3);
    near(m.balanced_accuracy, 2.0 / 3.0);
    near(m.auc, 0.5);
    near(m.mcc, 0.0);
    near(m.f1, 0.8);
    metric_of(&m, sure, down, 1);
    near(m.log_loss, -log(1e-12));
    near(m.f1, 0.0);
    near(m.brier, 1.0);
    metric_of(&m, p, ups, 0);
    assert_true(m.n == 0 && m.directional_accuracy == 0.0 && m.log_loss == 0.0);
}

/* n hits with mean `share` that stay what they are with probability `stay` (0: independent). */
static void draw_hits(float *hit, int n, double share, double stay, uint32_t seed)
{
    struct random random = random_start(seed, RANDOM_TEST, 1, 0);

    for (int i = 0; i < n; i++) {
        bool new = i == 0 || random_unit(&random) >= stay;
        hit[i] = new ? (random_unit(&random) < share ? 1.0F : 0.0F) : hit[i - 1];
    }
}

#define SEEDS 200
#define HITS 250

static int covered(int n, double share, double stay, double block)
{
    float hit[HITS];
    int inside = 0;

    for (uint32_t seed = 0; seed < SEEDS; seed++) {
        struct metric_interval interval;
        draw_hits(hit, n, share, stay, seed);
        metric_bootstrap(&interval, hit, (size_t)n, 0.5, block, seed);
        assert_true(interval.low <= interval.mean && interval.mean <= interval.high);
        inside += interval.low <= share && share <= interval.high;
    }
    return inside;
}

static void the_interval_covers_the_mean(void **state)
{
    (void)state;
    int independent = covered(90, 0.55, 0.0, 1.0), blocks = covered(HITS, 0.55, 0.0, 6.0);
    assert_in_range(independent, SEEDS * 88 / 100, SEEDS * 99 / 100);
    assert_in_range(blocks, SEEDS * 88 / 100, SEEDS * 99 / 100);
}

static void blocks_hold_dependence_together(void **state)
{
    (void)state;
    int with = covered(HITS, 0.5, 0.8, 20.0), without = covered(90, 0.5, 0.8, 1.0);
    assert_in_range(with, SEEDS * 83 / 100, SEEDS * 99 / 100);
    assert_in_range(without, 0, SEEDS * 70 / 100);
}

static void p_is_uniform_under_the_null(void **state)
{
    float hit[HITS];
    int below_half = 0, below_tenth = 0, below_twentieth = 0;
    (void)state;

    for (uint32_t seed = 0; seed < 2 * SEEDS; seed++) {
        struct metric_interval interval;
        draw_hits(hit, HITS, 0.5, 0.0, 1000 + seed);
        metric_bootstrap(&interval, hit, HITS, 0.5, 6.0, seed);
        assert_true(interval.p > 0.0 && interval.p <= 1.0);
        below_half += interval.p < 0.5;
        below_tenth += interval.p < 0.1;
        below_twentieth += interval.p < 0.05;
    }
    assert_in_range(below_half, 2 * SEEDS * 42 / 100, 2 * SEEDS * 58 / 100);
    assert_in_range(below_tenth, 2 * SEEDS * 5 / 100, 2 * SEEDS * 16 / 100);
    assert_in_range(below_twentieth, 2 * SEEDS * 2 / 100, 2 * SEEDS * 10 / 100);
}

static void p_goes_below_the_number_of_resamples(void **state)
{
    float hit[HITS];
    struct metric_interval strong, weak, other_seed;
    (void)state;

    draw_hits(hit, HITS, 0.75, 0.0, 5);
    metric_bootstrap(&strong, hit, HITS, 0.5, 7.0, 1);
    assert_true(strong.p < 1e-8 && strong.p >= 0.0);
    assert_true(strong.error > 0.01 && strong.error < 0.04);
    metric_bootstrap(&weak, hit, HITS, strong.mean, 7.0, 1);
    assert_true(weak.p > 0.3 && weak.p < 0.7);
    metric_bootstrap(&other_seed, hit, HITS, 0.5, 7.0, 2);
    assert_true(other_seed.error != strong.error);
    metric_bootstrap(&other_seed, hit, HITS, 0.5, 7.0, 1);
    assert_memory_equal(&other_seed, &strong, sizeof strong);
}

static void degenerate_bootstraps(void **state)
{
    float hit[50] = {0};
    struct metric_interval interval;
    (void)state;

    metric_bootstrap(&interval, hit, 0, 0.5, 1.0, 1);
    assert_true(interval.p == 1.0 && interval.mean == 0.0);
    for (int i = 0; i < 50; i++)
        hit[i] = 1.0F;
    metric_bootstrap(&interval, hit, 50, 0.5, 50.0, 1);
    assert_true(interval.mean == 1.0 && interval.low == 1.0 && interval.high == 1.0);
    assert_true(interval.error == 0.0);
    assert_true(interval.p == 1.0 / (1.0 + METRIC_RESAMPLES)); /* one block: a coin's 16 % is no better bound */
    metric_bootstrap(&interval, hit, 50, 0.5, 1.0, 1);
    assert_true(interval.p > 0.7e-12 && interval.p < 0.9e-12); /* the normal tail at sqrt(50) */
    metric_bootstrap(&interval, hit, 50, 1.0, 3.0, 1);
    assert_true(interval.p == 1.0);
    assert_true(metric_block(0, 1) == 1.0 && metric_block(1000, 1) == 10.0 && metric_block(1000, 24) == 24.0);
    assert_true(metric_block(5, 24) == 5.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_a_hand_made_set),
        cmocka_unit_test(classes_of_unequal_size),
        cmocka_unit_test(ties_count_one_half),
        cmocka_unit_test(auc_counts_all_pairs),
        cmocka_unit_test(undefined_scores_are_as_documented),
        cmocka_unit_test(the_interval_covers_the_mean),
        cmocka_unit_test(blocks_hold_dependence_together),
        cmocka_unit_test(p_is_uniform_under_the_null),
        cmocka_unit_test(p_goes_below_the_number_of_resamples),
        cmocka_unit_test(degenerate_bootstraps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
