#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/vmath.h"
#include "train/spa.h"

#include <math.h>

/* gain[trials][n], sums of the samples of a moment; count[n]. */
struct data {
    int trials;
    size_t n;
    double *gain, *count;
};

static struct data data_new(int trials, size_t n)
{
    struct data d = {trials, n, NEW_ARRAY(double, (size_t)trials *n), NEW_ARRAY(double, n)};
    for (size_t i = 0; i < n; i++)
        d.count[i] = 1.0;
    return d;
}

static void data_free(struct data *d)
{
    free(d->gain);
    free(d->count);
}

/* The test's p for its best trial. */
static double p_of(const struct data *d, double block, int resamples, uint64_t seed)
{
    struct spa *s = spa_new(d->count, d->n, block, resamples, seed, NULL);
    double best = 0.0;
    assert_non_null(s);
    for (int k = 0; k < d->trials; k++) {
        double t = spa_add(s, d->gain + (size_t)k * d->n, NULL, 0.0).t;
        best = t > best ? t : best;
    }
    double p = spa_p(s, best);
    spa_free(s);
    return p;
}

/* --- the same, as plainly as can be ------------------------------------------------------------------------------- */

static void draw_indices(size_t *index, size_t n, double block, uint64_t seed, uint32_t number)
{
    struct random r = random_start(seed, RANDOM_BOOTSTRAP, number, 1);
    for (size_t at = 0; at < n;) {
        size_t first = random_below(&r, (uint32_t)n);
        double u = random_unit(&r);
        size_t length = 1;
        /* the smallest length with 1 - (1 - 1/block)^length > u */
        while (1.0 - pow(1.0 - 1.0 / block, (double)length) <= u)
            length++;
        for (size_t i = 0; i < length && at < n; i++)
            index[at++] = (first + i) % n;
    }
}

static double naive_p(const struct data *d, double block, int resamples, uint64_t seed)
{
    double *star = NEW_ARRAY(double, (size_t)d->trials *(size_t)resamples), best = 0.0;
    double *mean = NEW_ARRAY(double, d->trials), *error = NEW_ARRAY(double, d->trials);
    size_t *index = NEW_ARRAY(size_t, d->n);
    double whole = 0.0, threshold = sqrt(2.0 * log(log((double)d->n)));
    int reached = 0;
    for (size_t i = 0; i < d->n; i++)
        whole += d->count[i];
    for (int b = 0; b < resamples; b++) {
        draw_indices(index, d->n, block, seed, (uint32_t)b);
        double number = 0.0;
        for (size_t i = 0; i < d->n; i++)
            number += d->count[index[i]];
        for (int k = 0; k < d->trials; k++) {
            double sum = 0.0;
            for (size_t i = 0; i < d->n; i++)
                sum += d->gain[(size_t)k * d->n + index[i]];
            star[k * resamples + b] = sum / number;
        }
    }
    for (int k = 0; k < d->trials; k++) {
        double centre = 0.0, square = 0.0;
        for (size_t i = 0; i < d->n; i++)
            mean[k] += d->gain[(size_t)k * d->n + i] / whole;
        for (int b = 0; b < resamples; b++)
            centre += star[k * resamples + b] / resamples;
        for (int b = 0; b < resamples; b++)
            square += pow(star[k * resamples + b] - centre, 2);
        error[k] = sqrt(square / (resamples - 1));
        best = fmax(best, mean[k] / error[k]);
    }
    for (int b = 0; b < resamples; b++) {
        double most = 0.0;
        for (int k = 0; k < d->trials; k++) {
            double shift = mean[k] >= -error[k] * threshold ? mean[k] : 0.0;
            most = fmax(most, (star[k * resamples + b] - shift) / error[k]);
        }
        reached += most >= best;
    }
    free(star);
    free(mean);
    free(error);
    free(index);
    return (1.0 + reached) / (1.0 + resamples);
}

static void agrees_with_a_plain_one(void **state)
{
    int middling = 0;
    (void)state;
    for (uint32_t seed = 0; seed < 12; seed++) {
        struct data d = data_new(6, 150);
        struct random r = random_start(seed, RANDOM_TEST, 5, 0);
        for (size_t i = 0; i < d.n; i++) {
            double common = random_normal(&r);
            d.count[i] = 1.0 + random_below(&r, 3);
            for (int k = 0; k < d.trials; k++) /* the last ones are poor; the first may be good */
                d.gain[(size_t)k * d.n + i] = d.count[i] * (common + random_normal(&r) + 0.1 - 0.2 * k);
        }
        double got = p_of(&d, 5.0, 300, seed), plain = naive_p(&d, 5.0, 300, seed);
        if (fabs(got - plain) > 1.5 / 301) /* a tie may fall otherwise by the last bit */
            fail_msg("seed %u: %g, plainly %g", (unsigned)seed, got, plain);
        middling += plain > 0.01 && plain < 0.9;
        data_free(&d);
    }
    assert_true(middling >= 6); /* else they would agree about nothing */
}

/* --- its size and its power ---------------------------------------------------------------------------------------- */

/* Trials that share a part of their luck, over moments that hang together a little. */
static void fill(struct data *d, double shift_of_first, double shift_of_rest, uint32_t seed)
{
    struct random r = random_start(seed, RANDOM_TEST, 6, 0);
    double last = 0.0;
    for (size_t i = 0; i < d->n; i++) {
        last = 0.3 * last + random_normal(&r);
        for (int k = 0; k < d->trials; k++)
            d->gain[(size_t)k * d->n + i] = last + random_normal(&r) + (k == 0 ? shift_of_first : shift_of_rest);
    }
}

static int rejections(int sets, int trials, size_t n, double first, double rest, double level)
{
    int found = 0;
    for (int i = 0; i < sets; i++) {
        struct data d = data_new(trials, n);
        fill(&d, first, rest, (uint32_t)i);
        found += p_of(&d, 8.0, 500, (uint64_t)i) < level;
        data_free(&d);
    }
    return found;
}

static void chance_is_found_as_often_as_the_level_says(void **state)
{
    (void)state;
    int found = rejections(300, 20, 500, 0.0, 0.0, 0.05); /* 15 expected, sd 3.8 */
    assert_in_range(found, 3, 27);
    found = rejections(300, 1, 500, 0.0, 0.0, 0.05);
    assert_in_range(found, 3, 27);
    assert_in_range(rejections(300, 20, 500, 0.0, 0.0, 0.01), 0, 9);
}

static void a_good_one_is_found_among_many(void **state)
{
    (void)state;
    /* Its mean is about five errors from 0: (0.4) / (sqrt(1 / 0.7^2 + 1) / sqrt(500)). */
    assert_in_range(rejections(100, 50, 500, 0.4, 0.0, 0.01), 90, 100);
    /* A third of that is luck that one of fifty has anyway. */
    assert_in_range(rejections(100, 50, 500, 0.1, 0.0, 0.01), 0, 20);
}

/* What White's reality check falls for, and what the threshold is for. */
static void poor_trials_do_not_hide_a_good_one(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 10; seed++) {
        struct data alone = data_new(1, 500), crowd = data_new(200, 500);
        fill(&crowd, 0.17, -1.0, seed);
        memcpy(alone.gain, crowd.gain, alone.n * sizeof(double));
        double one = p_of(&alone, 8.0, 500, seed), all = p_of(&crowd, 8.0, 500, seed);
        assert_true(all >= one && all <= one + 1e-12);
        data_free(&alone);
        data_free(&crowd);
    }
}

/* Ten times the same trial is one trial; ten that have nothing in common are ten. */
static void what_resembles_counts_once(void **state)
{
    (void)state;
    struct data same = data_new(10, 400), apart = data_new(10, 400), one = data_new(1, 400);
    struct random r = random_start(3, RANDOM_TEST, 7, 0);
    for (size_t i = 0; i < 400; i++) {
        one.gain[i] = random_normal(&r) + 0.1;
        for (size_t k = 0; k < 10; k++) {
            same.gain[k * 400 + i] = one.gain[i];
            apart.gain[k * 400 + i] = k ? random_normal(&r) - 0.05 : one.gain[i];
        }
    }
    double p = p_of(&one, 6.0, 1000, 1);
    assert_true(p > 0.001 && p < 0.2);
    assert_true(p_of(&same, 6.0, 1000, 1) == p);
    assert_true(p_of(&apart, 6.0, 1000, 1) > 2.0 * p);
    data_free(&same);
    data_free(&apart);
    data_free(&one);
}

/* --- what else is promised ---------------------------------------------------------------------------------------- */

static void a_part_of_the_moments_is_judged_by_itself(void **state)
{
    const size_t n = 1000;
    double *gain = NEW_ARRAY(double, n), *part = NEW_ARRAY(double, n), *count = NEW_ARRAY(double, n);
    struct random r = random_start(4, RANDOM_TEST, 8, 0);
    (void)state;
    for (size_t i = 0; i < n; i++) {
        count[i] = 1.0;
        part[i] = i < 250 ? 1.0 : 0.0;
        gain[i] = i < 250 ? random_normal(&r) + 0.5 : 0.0;
    }
    struct spa *s = spa_new(count, n, 10.0, 1000, 1, NULL);
    struct spa_trial t = spa_add(s, gain, part, 0.0), diluted = spa_add(s, gain, NULL, 0.0);
    assert_true(fabs(t.mean - 0.5) < 0.2 && fabs(t.mean / 4.0 - diluted.mean) < 1e-12);
    assert_true(fabs(t.error - 1.0 / sqrt(250.0)) < 0.03); /* as of 250 samples */
    spa_free(s);
    free(gain);
    free(part);
    free(count);
}

static void standing_still_has_the_error_that_is_given(void **state)
{
    const size_t n = 300;
    double *gain = NEW_ARRAY(double, n), *count = NEW_ARRAY(double, n);
    (void)state;
    for (size_t i = 0; i < n; i++)
        count[i] = 1.0, gain[i] = 0.5;
    struct spa *s = spa_new(count, n, 7.0, 200, 1, NULL);
    struct spa_trial with = spa_add(s, gain, NULL, 0.1), without = spa_add(s, gain, NULL, 0.0);
    assert_true(fabs(with.t - 5.0) < 1e-9);
    assert_true(without.t == 0.0);
    assert_true(spa_p(s, with.t) < 0.006 && spa_p(s, 0.0) == 1.0);
    spa_free(s);
    free(gain);
    free(count);
}

/* Many moments are taken together in cells: the answer stays near, the work is bounded. */
static void a_long_time_line_gives_the_same_answer(void **state)
{
    const size_t n = 40000;
    double *gain = NEW_ARRAY(double, n), *count = NEW_ARRAY(double, n);
    struct random r = random_start(9, RANDOM_TEST, 9, 0);
    (void)state;
    for (size_t i = 0; i < n; i++) {
        count[i] = 1.0;
        gain[i] = (random_below(&r, 1000) < 505 ? 1.0 : 0.0) - 0.5;
    }
    struct spa *s = spa_new(count, n, 35.0, 1000, 2, NULL);
    struct spa_trial t = spa_add(s, gain, NULL, 0.0);
    assert_true(fabs(t.error - 0.5 / sqrt((double)n)) < 0.08 * 0.5 / sqrt((double)n));
    double p = spa_p(s, t.t), normal = vmath_normal_cdf(-t.t);
    assert_true(fabs(p - normal) < 0.02 + 0.3 * normal);
    spa_free(s);
    free(gain);
    free(count);
}

/* As many as searches of a year make, each added and forgotten. */
static void thousands_of_trials_leave_chance_a_chance(void **state)
{
    struct data d = data_new(1, 120);
    struct random r = random_start(10, RANDOM_TEST, 10, 0);
    struct spa *s = spa_new(d.count, d.n, 5.0, SPA_RESAMPLES_MANY, 1, NULL);
    double best = 0.0;
    (void)state;
    for (int k = 0; k < 3000; k++) {
        for (size_t i = 0; i < d.n; i++)
            d.gain[i] = random_unit(&r) - 0.5;
        double t = spa_add(s, d.gain, NULL, 0.0).t;
        best = t > best ? t : best;
    }
    assert_true(best > 2.5 && best < 6.0);
    assert_true(spa_p(s, best) > 0.01);
    spa_free(s);
    data_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_a_plain_one),
        cmocka_unit_test(chance_is_found_as_often_as_the_level_says),
        cmocka_unit_test(a_good_one_is_found_among_many),
        cmocka_unit_test(poor_trials_do_not_hide_a_good_one),
        cmocka_unit_test(what_resembles_counts_once),
        cmocka_unit_test(a_part_of_the_moments_is_judged_by_itself),
        cmocka_unit_test(standing_still_has_the_error_that_is_given),
        cmocka_unit_test(a_long_time_line_gives_the_same_answer),
        cmocka_unit_test(thousands_of_trials_leave_chance_a_chance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
