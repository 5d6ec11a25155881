#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/train_fixture.h"
#include "train/crossval.h"

/* Predictions that are right with a given probability, on targets that are up with another, over all validation
 * samples of a data set. */
static struct crossval *predictions(struct dataset *d, double right, double up, uint32_t seed)
{
    struct crossval *c = NEW(struct crossval);
    struct random random = random_start(seed, RANDOM_TEST, 2, 0);

    c->folds = d->folds;
    c->outputs = 1;
    c->sample = NEW_ARRAY(uint32_t, d->samples);
    c->prediction = NEW_ARRAY(float, d->samples);
    c->target = NEW_ARRAY(float, d->samples);
    for (size_t i = 0; i < d->samples; i++)
        d->target[i] = random_unit(&random) < up ? 1.0F : 0.0F;
    for (int k = 0; k < d->folds; k++) {
        for (size_t i = d->fold[k].valid_first; i < d->fold[k].valid_end; i++) {
            bool hit = random_unit(&random) < right;
            c->sample[c->n] = (uint32_t)i;
            c->target[c->n] = d->target[i];
            c->prediction[c->n++] = hit == (d->target[i] > 0.5F) ? 0.6F : 0.4F;
        }
    }
    metric_of(&c->metric, c->prediction, c->target, c->n);
    return c;
}

static struct dataset *data(size_t bars)
{
    struct dataset *d = fixture_xor(bars, 1);

    fixture_folds(d, 4, 8);
    return d;
}

static struct evidence judge(size_t bars, double right, double up, int trials, uint32_t seed)
{
    struct dataset *d = data(bars);
    struct crossval *c = predictions(d, right, up, seed);
    struct evidence e;

    evidence_of(&e, c, d, trials);
    crossval_free(c);
    fixture_free(d);
    return e;
}

static void skill_is_seen(void **state)
{
    (void)state;
    struct evidence e = judge(5000, 0.57, 0.5, 1000, 1);
    assert_true(e.skill && e.p < EVIDENCE_LEVEL);
    assert_int_equal(e.trials, 1000);
    assert_true(text_starts(e.sentence, "Evidence of skill: "));
    assert_non_null(strstr(e.sentence, "1,000 trials"));
    assert_true(strlen(e.sentence) < sizeof e.sentence - 1);
}

static void chance_is_not_skill(void **state)
{
    int found = 0;
    (void)state;

    for (uint32_t seed = 0; seed < 60; seed++) {
        struct evidence e = judge(800, 0.5, 0.5, 1, seed);
        found += e.skill;
        assert_true(e.skill ? text_starts(e.sentence, "Evidence") : text_starts(e.sentence, "No evidence of skill: "));
    }
    assert_in_range(found, 0, 3);
}

static void many_trials_ask_for_more(void **state)
{
    (void)state;
    struct evidence one = judge(2500, 0.535, 0.5, 1, 3), many = judge(2500, 0.535, 0.5, 1000, 3);
    assert_true(one.skill);
    assert_false(many.skill);
    assert_true(many.p > one.p);
    assert_true(many.p <= 1.0);
}

static void following_the_majority_is_no_skill(void **state)
{
    struct dataset *d = data(5000);
    struct crossval *c = predictions(d, 0.5, 0.6, 4);
    struct evidence e;
    (void)state;

    for (size_t i = 0; i < c->n; i++)
        c->prediction[i] = 0.6F;
    metric_of(&c->metric, c->prediction, c->target, c->n);
    assert_true(c->metric.directional_accuracy > 0.57);
    evidence_of(&e, c, d, 1);
    assert_false(e.skill);
    assert_true(e.p > 0.99);
    assert_non_null(strstr(e.sentence, "majority"));
    crossval_free(c);
    fixture_free(d);
    /* but being right more often than the majority is */
    e = judge(5000, 0.7, 0.6, 1, 5);
    assert_true(e.skill);
    assert_non_null(strstr(e.sentence, "majority"));
}

static void one_fold_alone_can_be_judged(void **state)
{
    struct dataset *d = data(5000);
    struct crossval *c = predictions(d, 0.7, 0.6, 6);
    size_t part = d->fold[2].valid_end - d->fold[2].valid_first, skip = d->fold[2].valid_first - d->fold[0].valid_first;
    struct evidence e;
    (void)state;

    memmove(c->sample, c->sample + skip, part * sizeof *c->sample);
    memmove(c->prediction, c->prediction + skip, part * sizeof *c->prediction);
    memmove(c->target, c->target + skip, part * sizeof *c->target);
    c->n = part;
    metric_of(&c->metric, c->prediction, c->target, c->n);
    evidence_of(&e, c, d, 1);
    assert_true(e.skill);
    crossval_free(c);
    fixture_free(d);
}

static void too_few_bars_prove_nothing(void **state)
{
    (void)state;
    struct evidence e = judge(60, 1.0, 0.5, 1, 1);
    assert_false(e.skill);
    assert_true(e.p == 1.0);
    assert_non_null(strstr(e.sentence, "too few"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(skill_is_seen),
        cmocka_unit_test(chance_is_not_skill),
        cmocka_unit_test(many_trials_ask_for_more),
        cmocka_unit_test(following_the_majority_is_no_skill),
        cmocka_unit_test(one_fold_alone_can_be_judged),
        cmocka_unit_test(too_few_bars_prove_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
