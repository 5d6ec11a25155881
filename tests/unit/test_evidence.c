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

/* Another trial on the same bars: right on `share` of them, by luck or not. The first `part` of its samples alone. */
static void another(struct tally *out, const struct crossval *c, double share, double part, uint32_t seed)
{
    struct crossval *other = NEW(struct crossval);
    struct random random = random_start(seed, RANDOM_TEST, 3, 0);

    *other = (struct crossval){.outputs = 1, .n = (size_t)((double)c->n * part), .sample = c->sample, .target = c->target};
    other->prediction = NEW_ARRAY(float, c->n);
    for (size_t i = 0; i < other->n; i++)
        other->prediction[i] = (random_unit(&random) < share) == (c->target[i] > 0.5F) ? 0.6F : 0.4F;
    tally_of(out, other);
    free(other->prediction);
    free(other);
}

/* Beside `trials` - 1 others that are right as often as a coin. */
static struct evidence judge(size_t bars, double right, double up, int trials, uint32_t seed)
{
    struct dataset *d = data(bars);
    struct crossval *c = predictions(d, right, up, seed);
    struct tally *t = NEW_ARRAY(struct tally, trials);
    struct evidence e;

    tally_of(&t[0], c);
    for (int i = 1; i < trials; i++)
        another(&t[i], c, 0.5, 1.0, seed * 1000 + (uint32_t)i);
    assert_true(evidence_of(&e, c, d, t, trials, NULL));
    for (int i = 0; i < trials; i++)
        tally_free(&t[i]);
    free(t);
    crossval_free(c);
    fixture_free(d);
    return e;
}

static void skill_is_seen(void **state)
{
    (void)state;
    struct evidence e = judge(5000, 0.57, 0.5, 300, 1);
    assert_true(e.skill && e.p < EVIDENCE_LEVEL);
    assert_int_equal(e.trials, 300);
    assert_true(text_starts(e.sentence, "Evidence of skill: "));
    assert_non_null(strstr(e.sentence, "300 trials"));
    assert_non_null(strstr(e.sentence, "SPA"));
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
    struct evidence one = judge(2500, 0.53, 0.5, 1, 3), many = judge(2500, 0.53, 0.5, 400, 3);
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
    assert_true(evidence_of(&e, c, d, NULL, 0, NULL));
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
    assert_true(evidence_of(&e, c, d, NULL, 0, NULL));
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

/* The best of many that know nothing is no skill, however well it looks alone. */
static void the_best_of_many_coins_is_a_coin(void **state)
{
    int alone = 0, corrected = 0;
    (void)state;

    for (uint32_t seed = 0; seed < 20; seed++) {
        struct dataset *d = data(1500);
        struct crossval *best = NULL;
        struct tally t[40];
        struct evidence e;
        for (uint32_t i = 0; i < ARRAY_N(t); i++) {
            struct dataset *same = data(1500);
            struct crossval *c = predictions(same, 0.5, 0.5, 7000 + 100 * seed + i);
            if (i == 0)
                memcpy(d->target, same->target, same->samples * sizeof(float));
            for (size_t k = 0; k < c->n; k++) { /* the targets of the first, predictions of its own */
                bool up = c->prediction[k] > 0.5F;
                c->target[k] = d->target[c->sample[k]];
                c->prediction[k] = up ? 0.6F : 0.4F;
            }
            metric_of(&c->metric, c->prediction, c->target, c->n);
            tally_of(&t[i], c);
            bool better = !best || c->metric.correct > best->metric.correct;
            crossval_free(better ? best : c);
            best = better ? c : best;
            fixture_free(same);
        }
        assert_true(evidence_of(&e, best, d, NULL, 0, NULL));
        alone += e.skill;
        assert_true(evidence_of(&e, best, d, t, (int)ARRAY_N(t), NULL));
        corrected += e.skill;
        for (size_t i = 0; i < ARRAY_N(t); i++)
            tally_free(&t[i]);
        crossval_free(best);
        fixture_free(d);
    }
    assert_in_range(alone, 2, 20); /* a third of them, less what the majority takes */
    assert_in_range(corrected, 0, 1);
}

static void trials_that_were_stopped_early_count(void **state)
{
    struct dataset *d = data(2500);
    struct crossval *c = predictions(d, 0.54, 0.5, 8);
    struct tally whole[200], part[200];
    struct evidence of_whole, of_part, alone;
    (void)state;

    for (uint32_t i = 0; i < ARRAY_N(whole); i++) {
        another(&whole[i], c, 0.5, 1.0, i);
        another(&part[i], c, 0.5, 0.25, i);
    }
    assert_true(evidence_of(&alone, c, d, NULL, 0, NULL));
    assert_true(evidence_of(&of_whole, c, d, whole, (int)ARRAY_N(whole), NULL));
    assert_true(evidence_of(&of_part, c, d, part, (int)ARRAY_N(part), NULL));
    assert_int_equal(of_part.trials, ARRAY_N(part));
    assert_true(of_part.p > 10.0 * alone.p);
    assert_true(of_part.p > 0.3 * of_whole.p && of_part.p < 3.0 * of_whole.p);
    for (size_t i = 0; i < ARRAY_N(whole); i++) {
        tally_free(&whole[i]);
        tally_free(&part[i]);
    }
    crossval_free(c);
    fixture_free(d);
}

static void trials_of_something_else_are_refused(void **state)
{
    struct dataset *d = data(800);
    struct crossval *c = predictions(d, 0.6, 0.5, 9);
    struct tally t;
    struct evidence e;
    struct error err = {0};
    (void)state;

    tally_of(&t, c);
    t.range[0].first = (uint32_t)d->fold[0].valid_first - 1; /* a sample that was trained on */
    assert_false(evidence_of(&e, c, d, &t, 1, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    t.range[0].first++;
    t.kind = TASK_CLASS;
    error_clear(&err);
    assert_false(evidence_of(&e, c, d, &t, 1, &err));
    tally_free(&t);
    crossval_free(c);
    fixture_free(d);
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
        cmocka_unit_test(the_best_of_many_coins_is_a_coin),
        cmocka_unit_test(trials_that_were_stopped_early_count),
        cmocka_unit_test(trials_of_something_else_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
