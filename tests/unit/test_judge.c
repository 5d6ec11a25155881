/* Calibration, what trading would have earned, the comparison of two, and the manual models. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/train_fixture.h"

#include "base/vmath.h"
#include "train/baseline_model.h"
#include "train/calibration.h"
#include "train/compare.h"
#include "train/trading.h"

#include <math.h>

static bool near(double a, double b)
{
    return fabs(a - b) < 1e-6;
}

/* --- calibration -------------------------------------------------------------------------------------------------- */

static void bins_are_counted_by_hand(void **state)
{
    static const float said[] = {0.05F, 0.05F, 0.72F, 0.78F, 0.74F, 0.76F, 1.0F}, up[] = {0, 1, 1, 1, 1, 0, 1};
    struct metric_input in = {TASK_DIRECTION, 1, said, up, NULL, ARRAY_N(said)};
    struct calibration c;
    (void)state;

    assert_true(calibration_of(&c, &in));
    assert_int_equal(c.bin[0].n, 2);
    assert_int_equal(c.bin[7].n, 4);
    assert_int_equal(c.bin[9].n, 1); /* one is no bin of its own */
    assert_true(near(c.bin[0].said, 0.05) && near(c.bin[0].seen, 0.5));
    assert_true(near(c.bin[7].said, 0.75) && near(c.bin[7].seen, 0.75));
    assert_true(near(c.error, 0.45 * 2.0 / 7.0));
}

static void classes_by_what_is_said(void **state)
{
    static const float said[] = {0.6F, 0.3F, 0.1F, 0.2F, 0.2F, 0.6F}, is[] = {0, 1};
    struct metric_input in = {TASK_CLASS, 3, said, is, NULL, 2};
    struct calibration c;
    (void)state;

    assert_true(calibration_of(&c, &in));
    assert_int_equal(c.bin[6].n, 2);
    assert_true(near(c.bin[6].seen, 0.5) && near(c.error, 0.1));
    in.kind = TASK_RETURN;
    assert_false(calibration_of(&c, &in));
}

/* --- trading ------------------------------------------------------------------------------------------------------ */

/* Prices 100, 110, 99, 99, 198 at hours; long, short, long, short from the first four. */
static struct dataset *prices(const double *price, size_t bars, int horizon)
{
    struct dataset *d = fixture_xor(bars, 1);
    d->task.horizon = horizon;
    for (size_t i = 0; i < bars; i++) {
        d->price[i] = price[i];
        d->time_us[i] = (int64_t)i * 3600000000;
    }
    d->samples = 0;
    for (size_t i = 0; i + (size_t)horizon < bars; i++)
        d->bar[d->samples++] = (uint32_t)i;
    return d;
}

static struct crossval *saying(const float *p, size_t n)
{
    struct crossval *c = NEW(struct crossval);
    c->outputs = 1;
    c->n = n;
    c->sample = NEW_ARRAY(uint32_t, n);
    c->prediction = memory_copy(p, n * sizeof *p);
    c->target = NEW_ARRAY(float, n);
    for (size_t i = 0; i < n; i++)
        c->sample[i] = (uint32_t)i;
    return c;
}

static void trades_are_reckoned_by_hand(void **state)
{
    static const double price[] = {100, 110, 99, 99, 198, 198, 198};
    static const float p[] = {0.9F, 0.1F, 0.6F, 0.4F};
    struct dataset *d = prices(price, ARRAY_N(price), 1);
    struct crossval *c = saying(p, ARRAY_N(p));
    struct trading t;
    (void)state;

    assert_true(trading_of(&t, c, d, 0.0));
    /* +10 %, +10 %, 0, -100 % */
    assert_int_equal(t.trades, 4);
    assert_true(near(t.hit_rate, 0.5) && near(t.gross, -1.0) && near(t.net, -1.0) && near(t.hold, 0.98));
    assert_true(near(t.drawdown, 1.0));
    double mean = (0.1 + 0.1 - 1.0) / 4, variance = (2 * pow(0.1 - mean, 2) + pow(mean, 2) + pow(-1 - mean, 2)) / 3;
    assert_true(fabs(t.sharpe - mean / sqrt(variance) * sqrt(4.0 / (4.0 * 3600 / (365.25 * 86400)))) < 1e-6);
    c->n = 2;
    assert_true(trading_of(&t, c, d, 0.01));
    /* opened for 1 %, turned for 2 %, closed for 1 % */
    assert_true(near(t.net, 0.99 * 1.1 * 0.98 * 1.1 * 0.99 - 1.0) && near(t.gross, 0.21));
    assert_true(near(t.drawdown, 0.0));
    crossval_free(c);
    fixture_free(d);
}

static void positions_never_overlap(void **state)
{
    static const double price[] = {100, 1, 110, 1, 121, 1, 1, 1};
    static const float p[] = {0.9F, 0.9F, 0.9F, 0.9F};
    struct dataset *d = prices(price, ARRAY_N(price), 2);
    struct crossval *c = saying(p, ARRAY_N(p));
    struct trading t;
    (void)state;

    assert_true(trading_of(&t, c, d, 0.01));
    assert_int_equal(t.trades, 2); /* from 0 to 2, and on to 4 on the same side, which is free */
    assert_true(near(t.gross, 0.21) && near(t.net, 0.99 * 1.21 * 0.99 - 1.0));
    c->kind = TASK_CLASS;
    assert_false(trading_of(&t, c, d, 0.01));
    crossval_free(c);
    fixture_free(d);
}

/* --- the comparison ----------------------------------------------------------------------------------------------- */

/* Right on all but every tenth bar and, of the rest, every `miss`-th. */
static struct crossval *right_but(const struct dataset *d, size_t miss)
{
    float *p = NEW_ARRAY(float, d->samples);
    for (size_t i = 0; i < d->samples; i++) {
        bool right = i % 10 != 0 && (miss == 0 || i % miss != 1);
        p[i] = right == (d->target[i] > 0.5F) ? 0.8F : 0.2F;
    }
    struct crossval *c = saying(p, d->samples);
    memcpy(c->target, d->target, d->samples * sizeof *p);
    struct metric_input in = crossval_scored(c);
    metric_score(&c->metric, &in);
    free(p);
    return c;
}

static void what_both_miss_is_no_difference(void **state)
{
    struct dataset *d = fixture_xor(2000, 3);
    struct crossval *a = right_but(d, 0), *b = right_but(d, 50);
    struct comparison ab, ba, aa;
    (void)state;

    assert_true(compare_models(&ab, a, "a", b, "b", d, NULL));
    assert_true(compare_models(&ba, b, "b", a, "a", d, NULL));
    assert_true(compare_models(&aa, a, "a", a, "a", d, NULL));
    assert_true(near(ab.difference.mean, a->metric.directional_accuracy - b->metric.directional_accuracy));
    assert_true(near(ab.difference.mean, -ba.difference.mean) && ab.difference.mean > 0.015);
    /* Apart, the two cannot be told by their intervals; paired they can. */
    assert_true(ab.difference.low > 0.0 && ab.difference.p < 0.01 && ab.difference.error < 0.005);
    assert_non_null(strstr(ab.sentence, "a is better than b"));
    assert_non_null(strstr(ba.sentence, "b is worse than a"));
    assert_true(aa.difference.mean == 0.0 && aa.difference.low == 0.0 && aa.difference.high == 0.0 && aa.difference.p == 1.0);
    assert_non_null(strstr(aa.sentence, "cannot be told from"));
    crossval_free(a);
    crossval_free(b);
    fixture_free(d);
}

static void only_common_bars_are_compared(void **state)
{
    struct dataset *d = fixture_xor(600, 3);
    struct crossval *a = right_but(d, 0), *b = right_but(d, 7);
    struct comparison c;
    struct error err = {0};
    (void)state;

    b->n = 300;
    memmove(a->sample, a->sample + 100, 400 * sizeof *a->sample);
    memmove(a->prediction, a->prediction + 100, 400 * sizeof *a->prediction);
    memmove(a->target, a->target + 100, 400 * sizeof *a->target);
    a->n = 400;
    assert_true(compare_models(&c, a, "a", b, "b", d, NULL));
    assert_int_equal(c.n, 200);
    assert_true(near(c.a, 0.9)); /* of samples 100 to 299 every tenth is missed */
    b->n = 50;
    assert_false(compare_models(&c, a, "a", b, "b", d, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    crossval_free(a);
    crossval_free(b);
    fixture_free(d);
}

static void chance_is_told_apart_as_often_as_the_level_says(void **state)
{
    int told = 0;
    (void)state;

    for (uint32_t seed = 0; seed < 100; seed++) {
        struct dataset *d = fixture_xor(400, seed);
        struct crossval *a = right_but(d, 0), *b = right_but(d, 0);
        struct random r = random_start(seed, RANDOM_TEST, 21, 0);
        struct comparison c;
        for (size_t i = 0; i < a->n; i++) {
            a->prediction[i] = random_unit_float(&r);
            b->prediction[i] = random_unit_float(&r);
        }
        assert_true(compare_models(&c, a, "a", b, "b", d, NULL));
        told += c.difference.p < 0.05;
        crossval_free(a);
        crossval_free(b);
        fixture_free(d);
    }
    assert_in_range(told, 0, 13); /* 5 expected, sd 2.2; a short series a few more */
}

/* --- the manual models -------------------------------------------------------------------------------------------- */

static void every_model_can_be_made(void **state)
{
    struct recipe shared, r;
    (void)state;

    recipe_defaults(&shared);
    for (int i = 0; i < BASELINE_MODELS; i++) {
        const struct baseline_model *m = &baseline_models[i];
        struct error err = {0};
        for (int outputs = 1; outputs <= 3; outputs += 2)
            for (int time = 2; time <= 300; time += 149) {
                struct arch *a = baseline_arch(m, time, 5, outputs, &err);
                if (!a)
                    fail_msg("%s at %d: %s", m->name, time, err.text);
                assert_int_equal(a->shape[a->nodes - 1].channels, outputs);
                arch_free(a);
            }
        baseline_recipe(&r, m, &shared);
        assert_true(recipe_check(&r, &err));
        assert_int_equal(r.epochs, shared.epochs);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(baseline_models[k].name, m->name);
        if (i < BASELINE_FAMILIES)
            for (int k = 0; k < i; k++) /* the first points are one a family */
                assert_string_not_equal(baseline_models[k].family, m->family);
    }
}

/* Up with probability 1 / (1 + exp(-(2 x0 - x1))) of the last bar's values. */
static struct dataset *linear(size_t bars, double weight[2])
{
    struct dataset *d = fixture_xor(bars, 4);
    struct random r = random_start(4, RANDOM_TEST, 22, 0);
    weight[0] = 2.0;
    weight[1] = -1.0;
    for (size_t i = 0; i < bars * 2; i++)
        d->feature[i] = (float)random_normal(&r);
    for (size_t i = 0; i < d->samples; i++) {
        const float *x = d->feature + 2 * d->bar[i];
        double z = weight[0] * (double)x[0] + weight[1] * (double)x[1];
        d->target[i] = random_unit(&r) < 1.0 / (1.0 + vmath_exp(-z)) ? 1.0F : 0.0F;
    }
    fixture_folds(d, 3, FIXTURE_LOOKBACK + 1);
    return d;
}

/* Newton's method on the samples of a fold's training part, bias last. */
static void newton(double beta[3], const struct dataset *d, const struct dataset_fold *f)
{
    for (int round = 0; round < 20; round++) {
        double g[3] = {0}, h[3][3] = {{0}};
        for (size_t i = f->train_first; i < f->train_end; i++) {
            const float *v = d->feature + 2 * d->bar[i];
            double x[3] = {v[0], v[1], 1.0}, z = beta[0] * x[0] + beta[1] * x[1] + beta[2];
            double p = 1.0 / (1.0 + exp(-z));
            for (int a = 0; a < 3; a++) {
                g[a] += (d->target[i] - p) * x[a];
                for (int b = 0; b < 3; b++)
                    h[a][b] += p * (1 - p) * x[a] * x[b];
            }
        }
        for (int a = 0; a < 3; a++) /* Gauss-Jordan: h is well conditioned here */
            for (int b = 0; b < 3; b++) {
                if (a == b)
                    continue;
                double by = h[b][a] / h[a][a];
                for (int k = 0; k < 3; k++)
                    h[b][k] -= by * h[a][k];
                g[b] -= by * g[a];
            }
        for (int a = 0; a < 3; a++)
            beta[a] += g[a] / h[a][a];
    }
}

static void the_regression_comes_to_what_newton_finds(void **state)
{
    double weight[2], right = 0.0, n = 0.0, loss = 0.0;
    struct dataset *d = linear(4000, weight);
    struct recipe shared, r;
    struct error err = {0};
    (void)state;

    for (int k = 0; k < d->folds; k++) {
        double beta[3] = {0};
        newton(beta, d, &d->fold[k]);
        for (size_t i = d->fold[k].valid_first; i < d->fold[k].valid_end; i++, n += 1.0) {
            const float *x = d->feature + 2 * d->bar[i];
            double p = 1.0 / (1.0 + exp(-(beta[0] * (double)x[0] + beta[1] * (double)x[1] + beta[2])));
            right += (p > 0.5) == (d->target[i] > 0.5F);
            loss -= log(d->target[i] > 0.5F ? p : 1.0 - p);
        }
    }
    recipe_defaults(&shared);
    baseline_recipe(&r, &baseline_models[0], &shared);
    struct arch *a = baseline_arch(&baseline_models[0], d->task.lookback, 2, 1, &err);
    assert_non_null(a);
    struct crossval *c = crossval_run(d, a, NULL, &r, -1, NULL, NULL, &err);
    if (!c)
        fail_msg("%s", err.text);
    assert_true((double)c->n == n);
    if (fabs(c->metric.directional_accuracy - right / n) > 0.005 || fabs(c->metric.log_loss - loss / n) > 0.005)
        fail_msg("accuracy %g, by Newton %g; log loss %g, by Newton %g", c->metric.directional_accuracy, right / n,
                 c->metric.log_loss, loss / n);
    assert_true(right / n > 0.75); /* there was something to find */
    crossval_free(c);
    arch_free(a);
    fixture_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bins_are_counted_by_hand),
        cmocka_unit_test(classes_by_what_is_said),
        cmocka_unit_test(trades_are_reckoned_by_hand),
        cmocka_unit_test(positions_never_overlap),
        cmocka_unit_test(what_both_miss_is_no_difference),
        cmocka_unit_test(only_common_bars_are_compared),
        cmocka_unit_test(chance_is_told_apart_as_often_as_the_level_says),
        cmocka_unit_test(every_model_can_be_made),
        cmocka_unit_test(the_regression_comes_to_what_newton_finds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
