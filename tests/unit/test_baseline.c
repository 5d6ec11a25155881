#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/train_fixture.h"
#include "train/baseline.h"
#include "train/baseline_model.h"

#include <math.h>

/* Twelve bars, every one a sample; prices and targets stand in the tests. */
struct hand {
    struct dataset d;
    double price[12];
    int64_t time_us[12];
    uint32_t bar[12];
    float target[12];
};

static void hand_make(struct hand *h, const double *price, const float *target)
{
    memset(h, 0, sizeof *h);
    h->d.bars = h->d.samples = h->d.visible_bars = h->d.visible_samples = 12;
    h->d.task.assets = 1;
    h->d.asset[0] = (struct dataset_asset){.bars = 12, .visible = 12, .step_us = 1};
    h->d.task.horizon = 1;
    h->d.task.seed = 1;
    for (uint32_t i = 0; i < 12; i++) {
        h->bar[i] = i;
        h->time_us[i] = i;
        h->price[i] = price[i];
        h->target[i] = target[i];
    }
    h->d.price = h->price;
    h->d.time_us = h->time_us;
    h->d.bar = h->bar;
    h->d.target = h->target;
    h->d.folds = 2;
    h->d.fold[0] = (struct dataset_fold){0, 4, 5, 8};
    h->d.fold[1] = (struct dataset_fold){0, 8, 9, 12};
}

static void majority_follows_the_training_part(void **state)
{
    const double price[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    /* fold 0: 3 of 4 up -> says up for 1 0 0; fold 1: 3 of 8 up -> says down for 0 0 1 */
    const float target[12] = {1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    float changed[12];
    struct hand h;
    struct baseline b[BASELINES];
    int n;
    (void)state;

    memcpy(changed, target, sizeof changed);
    changed[5] = 1;
    changed[2] = 0; /* fold 0: 2 of 4 is no majority: one half says down */
    hand_make(&h, price, target);
    assert_true(baseline_up_share(&h.d, &h.d.fold[0]) == 0.75);
    assert_true(baseline_up_share(&h.d, &h.d.fold[1]) == 0.375);
    assert_true(baseline_run(&h.d, b, &n, BASELINES, NULL));
    assert_int_equal(n, 2);
    assert_string_equal(b[0].name, "majority");
    assert_int_equal(b[0].metric.n, 6);
    assert_int_equal(b[0].metric.correct, 0 + 2);
    assert_true(fabs(b[0].metric.brier - (3 * 0.75 * 0.75 + 2 * 0.375 * 0.375 + 0.625 * 0.625) / 6.0) < 1e-9);
    assert_true(b[0].interval.mean == 2.0 / 6.0);
    hand_make(&h, price, changed);
    assert_true(baseline_run(&h.d, b, &n, BASELINES, NULL));
    assert_int_equal(b[0].metric.correct, 2 + 2);
}

static void persistence_follows_the_last_return(void **state)
{
    /* last directions:          ?   +   +   -   -   +   0   -   +   +   -   +  */
    const double price[12] = {5, 6, 7, 6, 5, 6, 6, 5, 6, 7, 6, 7};
    const float target[12] = {1, 1, 0, 0, 1, 1, 1, 0, 1, 0, 0, 1};
    struct hand h;
    struct baseline b[BASELINES];
    int n;
    (void)state;

    hand_make(&h, price, target);
    assert_true(baseline_run(&h.d, b, &n, BASELINES, NULL));
    assert_string_equal(b[1].name, "persistence");
    /* fold 0, bars 5 6 7: up right; unchanged, so majority of 1 1 0 0 = one half says down: wrong; down right.
     * fold 1, bars 9 10 11: up wrong, down right, up right. */
    assert_int_equal(b[1].metric.correct, 2 + 2);
    /* Training hits: fold 0 bars 1 2 3: + - -: right, wrong, right = 2/3. Fold 1 bars 1 to 5 and 7: right, wrong,
     * right, wrong, right, right = 4/6. */
    double q = 2.0 / 3.0, miss = (1 - q) * (1 - q);
    assert_true(fabs(b[1].metric.brier - (miss + 0.25 + miss + q * q + miss + miss) / 6.0) < 1e-6);

    h.d.task.horizon = 12; /* no previous return at all: the same as majority */
    assert_true(baseline_run(&h.d, b, &n, BASELINES, NULL));
    assert_memory_equal(&b[0].metric, &b[1].metric, sizeof b[0].metric);
    h.d.task.horizon = 1;
    for (int i = 0; i < 12; i++)
        h.price[i] = NAN;
    assert_true(baseline_run(&h.d, b, &n, BASELINES, NULL));
    assert_memory_equal(&b[0].metric, &b[1].metric, sizeof b[0].metric);
}

static void persistence_keeps_its_direction_where_it_was_wrong(void **state)
{
    /* It turns at every bar: persistence is never right, and must not be turned round by its own record. */
    const double price[12] = {5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5, 6};
    const float target[12] = {1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0};
    struct hand h;
    struct baseline b[BASELINES];
    int n;
    (void)state;

    hand_make(&h, price, target);
    assert_true(baseline_run(&h.d, b, &n, BASELINES, NULL));
    assert_int_equal(b[1].metric.correct, 0);
    assert_true(fabs(b[1].metric.log_loss - log(2.0)) < 1e-5);
}

static void never_reads_validation_targets(void **state)
{
    struct dataset *d = fixture_xor(500, 1);
    struct baseline a[BASELINES], b[BASELINES];
    int n;
    (void)state;

    fixture_folds(d, 1, 8);
    for (size_t t = 0; t < d->bars; t++)
        d->price[t] = 100.0 + (double)d->feature[t * 2];
    assert_true(baseline_run(d, a, &n, BASELINES, NULL));
    for (size_t i = d->fold[0].train_end; i < d->samples; i++)
        d->target[i] = 1.0F - d->target[i];
    assert_true(baseline_run(d, b, &n, BASELINES, NULL));
    /* With every validation target turned round, the same predictions are right where they were wrong. */
    for (int i = 0; i < BASELINES; i++)
        assert_int_equal(a[i].metric.correct + b[i].metric.correct, a[i].metric.n);
    fixture_free(d);
}

static void respects_its_bounds(void **state)
{
    struct dataset *d = fixture_xor(100, 1);
    struct baseline b[BASELINES];
    struct error err = {0};
    int n = 7;
    (void)state;

    assert_false(baseline_run(d, b, &n, BASELINES, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_int_equal(n, 0);
    fixture_folds(d, 2, 8);
    assert_true(baseline_run(d, b, &n, 1, &err));
    assert_int_equal(n, 1);
    fixture_free(d);
}

/* Every point trains with settings that go together and that its row tells; only a convolution's decay stands apart. */
static void models_have_recipes_that_go_together(void **state)
{
    struct recipe shared, r;
    struct error err = {0};
    (void)state;

    recipe_plain_for(&shared, TASK_DIRECTION);
    for (int i = 0; i < BASELINE_MODELS; i++) {
        const struct baseline_model *m = &baseline_models[i];
        bool conv = strcmp(m->family, "tcn") == 0;
        baseline_recipe(&r, m, &shared);
        assert_true(recipe_check(&r, &err));
        assert_string_equal(r.optimizer, conv ? "adamw" : "adam");
        assert_true(r.learning_rate == m->learning_rate && r.weight_decay == m->weight_decay && r.warmup == m->warmup);
        assert_true((r.weight_decay > 0) == (strstr(m->about, "decay") != NULL));
        assert_int_equal(r.epochs, shared.epochs);
        assert_int_equal(r.batch, shared.batch);
        assert_true(r.seed == shared.seed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(majority_follows_the_training_part),
        cmocka_unit_test(persistence_follows_the_last_return),
        cmocka_unit_test(persistence_keeps_its_direction_where_it_was_wrong),
        cmocka_unit_test(never_reads_validation_targets),
        cmocka_unit_test(respects_its_bounds),
        cmocka_unit_test(models_have_recipes_that_go_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
