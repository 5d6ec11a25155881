/* Training, baselines and evidence for returns, classes and several assets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/train_fixture.h"
#include "train/crossval.h"
#include "train/window.h"

#include <math.h>

enum { FOLDS = 3 };

/* Classes 0 to 2: how many of the two values that matter are up. */
static struct dataset *class_data(size_t bars, uint64_t seed)
{
    struct dataset *d = fixture_xor(bars, seed);

    d->task.target = TASK_CLASS;
    d->classes = 3;
    d->label = NEW_ARRAY(float, bars);
    d->past_label = NEW_ARRAY(float, bars);
    for (size_t i = 0; i < bars; i++)
        d->label[i] = d->past_label[i] = NAN;
    for (size_t i = 0; i < d->samples; i++) {
        size_t t = d->bar[i];
        d->target[i] = (d->feature[t * 2] > 0.0F ? 1.0F : 0.0F) + (d->feature[(t - 2) * 2 + 1] > 0.0F ? 1.0F : 0.0F);
        d->label[t] = d->past_label[t] = d->target[i];
    }
    fixture_folds(d, FOLDS, 8);
    return d;
}

/* Returns of which half the variance can be told. */
static struct dataset *return_data(size_t bars, uint64_t seed, double slope)
{
    struct dataset *d = fixture_xor(bars, seed);
    struct random r = random_start(seed, RANDOM_TEST, 97, 0);

    d->task.target = TASK_RETURN;
    for (size_t i = 0; i < d->samples; i++)
        d->target[i] = (float)(0.002 + slope * (double)d->feature[(size_t)d->bar[i] * 2] + 0.01 * random_normal(&r));
    fixture_folds(d, FOLDS, 8);
    return d;
}

static void data_free(struct dataset *d)
{
    free(d->label);
    free(d->past_label);
    fixture_free(d);
}

static struct arch *network(int outputs)
{
    struct error err = {0};
    struct arch *a = arch_template("mlp", FIXTURE_LOOKBACK, FIXTURE_CHANNELS, outputs, 12, 1, &err);

    if (!a)
        fail_msg("%s", err.text);
    return a;
}

static struct recipe quick(void)
{
    struct recipe r;

    recipe_defaults(&r);
    r.epochs = 20;
    r.learning_rate = 0.01F;
    return r;
}

static struct crossval *run(const struct dataset *d, int threads)
{
    struct error err = {0};
    struct recipe r = quick();
    struct arch *a = network(dataset_outputs(d));
    struct threads *pool = threads_new(threads);
    struct crossval *c = crossval_run(d, a, NULL, &r, -1, pool, NULL, &err);

    if (!c)
        fail_msg("%s", err.text);
    threads_free(pool);
    arch_free(a);
    return c;
}

/* --- training ----------------------------------------------------------------------------------------------------- */

static void classes_are_learned(void **state)
{
    struct dataset *d = class_data(1500, 1);
    struct crossval *one = run(d, 1), *four = run(d, 4);
    (void)state;

    assert_int_equal(one->outputs, 3);
    assert_null(one->reference);
    assert_true(hash_equal(one->weights, four->weights));
    assert_true(hash_equal(one->trace_root, four->trace_root));
    assert_memory_equal(one->prediction, four->prediction, one->n * 3 * sizeof(float));
    assert_true(one->metric.directional_accuracy > 0.9 && one->metric.balanced_accuracy > 0.9);
    assert_true(one->objective.mean == one->metric.balanced_accuracy);
    assert_true(one->objective.low < one->objective.mean && one->objective.mean < one->objective.high);
    for (size_t i = 0; i < one->n; i++) {
        float sum = one->prediction[3 * i] + one->prediction[3 * i + 1] + one->prediction[3 * i + 2];
        assert_true(fabsf(sum - 1.0F) < 1e-5F);
    }
    crossval_free(one);
    crossval_free(four);
    data_free(d);
}

static void returns_are_learned(void **state)
{
    struct dataset *d = return_data(1500, 1, 0.01);
    struct crossval *one = run(d, 1), *four = run(d, 4);
    (void)state;

    assert_true(hash_equal(one->weights, four->weights));
    assert_memory_equal(one->prediction, four->prediction, one->n * sizeof(float));
    assert_true(one->metric.r2 > 0.4 && one->metric.r2 < 0.6); /* half the variance is noise */
    assert_true(one->metric.pearson > 0.6 && one->metric.mae < 0.011);
    assert_true(one->objective.mean == one->metric.r2);
    size_t at = 0;
    for (int k = 0; k < FOLDS; k++) {
        double sum = 0.0;
        for (size_t i = 0; i < d->fold[k].train_end; i++)
            sum += (double)d->target[i];
        for (size_t i = d->fold[k].valid_first; i < d->fold[k].valid_end; i++, at++)
            assert_true(fabs(one->reference[at] - sum / (double)d->fold[k].train_end) < 1e-15);
    }
    crossval_free(one);
    crossval_free(four);
    data_free(d);
}

/* Mean and spread of the returns are taken where the weights are: targets behind may be anything. Scaled by a power of
 * two, the returns train the same weights to the bit, as the loss sees them standardised. */
static void returns_are_standardised_by_what_is_trained_on(void **state)
{
    struct dataset *d = return_data(800, 2, 0.01);
    struct crossval *a = run(d, 1);
    (void)state;

    for (size_t i = d->fold[0].train_end; i < d->samples; i++)
        d->target[i] += 5.0F;
    struct crossval *b = run(d, 1);
    assert_true(hash_equal(a->fold[0].weights, b->fold[0].weights));
    assert_false(hash_equal(a->fold[1].weights, b->fold[1].weights));
    for (size_t i = d->fold[0].train_end; i < d->samples; i++)
        d->target[i] -= 5.0F;
    struct dataset *same = return_data(800, 2, 0.01);
    for (size_t i = 0; i < same->samples; i++)
        same->target[i] *= 8.0F;
    struct crossval *c = run(same, 1);
    assert_true(hash_equal(a->weights, c->weights));
    for (size_t i = 0; i < a->n; i++)
        assert_true(c->prediction[i] == 8.0F * a->prediction[i]);
    crossval_free(a);
    crossval_free(b);
    crossval_free(c);
    data_free(same);
    data_free(d);
}

static void networks_of_another_width_are_refused(void **state)
{
    static const struct {
        int outputs;
        const char *word;
    } wrong[] = {{1, "the task needs 3 (one logit a class: units=3)"}, {4, "has 4 values a sample"}};
    struct dataset *d = class_data(400, 3), *r = return_data(400, 3, 0.01);
    struct recipe recipe = quick();
    (void)state;

    for (size_t i = 0; i < ARRAY_N(wrong); i++) {
        struct error err = {0};
        struct arch *a = network(wrong[i].outputs);
        assert_null(crossval_run(d, a, NULL, &recipe, -1, NULL, NULL, &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        if (!strstr(err.text, wrong[i].word))
            fail_msg("%s", err.text);
        arch_free(a);
    }
    struct error err = {0};
    struct arch *a = network(3);
    assert_null(crossval_run(r, a, NULL, &recipe, -1, NULL, NULL, &err));
    assert_non_null(strstr(err.text, "needs 1 (the return: units=1)"));
    arch_free(a);
    data_free(d);
    data_free(r);
}

static void odd_targets_are_refused(void **state)
{
    static const struct {
        enum task_target kind;
        float target;
        bool fine;
    } cases[] = {{TASK_CLASS, 2.0F, true},    {TASK_CLASS, 3.0F, false},    {TASK_CLASS, 0.5F, false},
                 {TASK_CLASS, -1.0F, false},  {TASK_CLASS, NAN, false},     {TASK_RETURN, -0.5F, true},
                 {TASK_RETURN, NAN, false},   {TASK_RETURN, INFINITY, false}, {TASK_DIRECTION, 0.5F, false},
                 {TASK_DIRECTION, 1.0F, true}};
    struct dataset *d = fixture_xor(60, 1);
    (void)state;

    for (size_t i = 0; i < ARRAY_N(cases); i++) {
        struct error err = {0};
        struct train_view v = fixture_view(d, 0, d->samples);
        v.goal = (struct loss_goal){.target = cases[i].kind, .outputs = 3, .sd = 1.0};
        for (size_t k = 0; k < d->samples; k++)
            d->target[k] = 1.0F;
        d->target[7] = cases[i].target;
        assert_int_equal(window_check(&v, "samples", &err), cases[i].fine);
        assert_true(cases[i].fine || strstr(err.text, "sample 7"));
    }
    fixture_free(d);
}

/* --- baselines ---------------------------------------------------------------------------------------------------- */

static void class_baselines(void **state)
{
    struct dataset *d = class_data(400, 4);
    struct baseline b[BASELINES];
    struct error err = {0};
    float *rule = NEW_ARRAY(float, d->samples * 3);
    const struct dataset_fold *f = &d->fold[1];
    double count[3] = {0}, n = (double)f->train_end;
    int found;
    (void)state;

    for (size_t i = 0; i < d->bars; i++) /* always the class before: persistence is right */
        d->past_label[i] = d->label[i];
    assert_true(baseline_run(d, b, &found, BASELINES, &err));
    assert_int_equal(found, 2);
    assert_string_equal(b[0].name, "majority");
    assert_string_equal(b[1].name, "persistence");
    assert_true(b[1].metric.directional_accuracy == 1.0 && b[1].metric.log_loss < 1e-5);
    for (size_t i = 0; i < f->train_end; i++)
        count[(int)d->target[i]] += 1.0;
    baseline_majority(rule, d, f);
    for (int k = 0; k < 3; k++)
        assert_true(rule[k] == (float)(count[k] / n));
    for (size_t i = 0; i < d->bars; i++)
        d->past_label[i] = NAN;
    assert_true(baseline_run(d, b, &found, BASELINES, &err));
    assert_true(b[1].metric.correct == b[0].metric.correct); /* without a label there is but the majority */
    d->task.horizon = 0;
    assert_true(baseline_run(d, b, &found, BASELINES, &err));
    assert_int_equal(found, 1);
    free(rule);
    data_free(d);
}

static void return_baselines(void **state)
{
    struct dataset *d = return_data(600, 5, 0.0);
    struct baseline b[BASELINES];
    struct error err = {0};
    int found;
    (void)state;

    /* Each return is minus half the one before. */
    for (size_t t = 0; t < d->bars; t++)
        d->price[t] = exp(t % 2 ? 1.0 : 1.5);
    for (size_t i = 0; i < d->samples; i++) {
        size_t t = d->bar[i];
        d->target[i] = (float)(-0.5 * log(d->price[t] / d->price[t - 1]));
    }
    assert_true(baseline_run(d, b, &found, BASELINES, &err));
    assert_int_equal(found, 2);
    assert_string_equal(b[0].name, "mean");
    assert_true(fabs(b[0].metric.r2) < 1e-6 && isnan(b[0].metric.log_loss));
    assert_true(b[1].metric.r2 > 1.0 - 1e-9 && b[1].metric.directional_accuracy == 1.0);
    assert_true(b[1].objective.mean == b[1].metric.r2);
    data_free(d);
}

/* --- evidence ----------------------------------------------------------------------------------------------------- */

/* Predictions of a return: a share of the truth and noise. */
static struct evidence judge_returns(double share, uint32_t seed)
{
    struct dataset *d = return_data(1200, seed, 0.0);
    struct random r = random_start(seed, RANDOM_TEST, 98, 0);
    struct crossval c = {.kind = TASK_RETURN, .outputs = 1};
    struct evidence e;

    c.sample = NEW_ARRAY(uint32_t, d->samples);
    c.prediction = NEW_ARRAY(float, d->samples);
    c.target = NEW_ARRAY(float, d->samples);
    c.reference = NEW_ARRAY(double, d->samples);
    for (int k = 0; k < FOLDS; k++) {
        double mean = baseline_mean(d, &d->fold[k]);
        for (size_t i = d->fold[k].valid_first; i < d->fold[k].valid_end; i++) {
            c.sample[c.n] = (uint32_t)i;
            c.target[c.n] = d->target[i];
            c.reference[c.n] = mean;
            c.prediction[c.n++] = (float)(mean + share * ((double)d->target[i] - mean) + 0.002 * random_normal(&r));
        }
    }
    struct metric_input in = crossval_scored(&c);
    metric_score(&c.metric, &in);
    assert_true(evidence_of(&e, &c, d, NULL, 0, NULL));
    free(c.sample);
    free(c.prediction);
    free(c.target);
    free(c.reference);
    data_free(d);
    return e;
}

static void returns_need_a_smaller_error_than_the_mean(void **state)
{
    int found = 0;
    (void)state;

    for (uint32_t seed = 0; seed < 40; seed++)
        found += judge_returns(0.0, seed).skill;
    assert_in_range(found, 0, 1);
    struct evidence e = judge_returns(0.2, 1);
    assert_true(e.skill && text_starts(e.sentence, "Evidence of skill: R2 0."));
    assert_non_null(strstr(e.sentence, "the training mean"));
    assert_true(strlen(e.sentence) < sizeof e.sentence - 1);
}

/* A state that lasts: who says what persistence says has no skill, however far that lies above the majority. */
static void a_lasting_state_is_no_skill(void **state)
{
    struct dataset *d = class_data(1600, 6);
    struct random r = random_start(6, RANDOM_TEST, 99, 0);
    struct evidence e;
    (void)state;

    for (size_t i = 0; i < d->samples; i++) {
        float last = i > 0 ? d->target[i - 1] : 0.0F;
        d->past_label[d->bar[i]] = last;
        d->target[i] = random_below(&r, 10) ? last : (float)random_below(&r, 3);
    }
    struct crossval c = {.kind = TASK_CLASS, .outputs = 3};
    c.sample = NEW_ARRAY(uint32_t, d->samples);
    c.prediction = NEW_ARRAY(float, d->samples * 3);
    c.target = NEW_ARRAY(float, d->samples);
    for (int k = 0; k < FOLDS; k++) {
        for (size_t i = d->fold[k].valid_first; i < d->fold[k].valid_end; i++, c.n++) {
            c.sample[c.n] = (uint32_t)i;
            c.target[c.n] = d->target[i];
            c.prediction[3 * c.n + (size_t)d->past_label[d->bar[i]]] = 1.0F;
        }
    }
    struct metric_input in = crossval_scored(&c);
    metric_score(&c.metric, &in);
    assert_true(c.metric.directional_accuracy > 0.9);
    assert_true(evidence_of(&e, &c, d, NULL, 0, NULL));
    assert_false(e.skill);
    assert_non_null(strstr(e.sentence, "(persistence)"));
    d->task.horizon = 0; /* a label of the bar itself has no past: there it is skill */
    assert_true(evidence_of(&e, &c, d, NULL, 0, NULL));
    assert_true(e.skill);
    assert_null(strstr(e.sentence, "(persistence)"));
    free(c.sample);
    free(c.prediction);
    free(c.target);
    data_free(d);
}

/* Sixty-four assets that move as one are one: random directions, right by chance, must not become skill by being counted
 * so often. */
static void assets_that_move_together_count_once(void **state)
{
    enum { ASSETS = 64, BARS = 160 };
    int found = 0;
    (void)state;

    for (uint32_t seed = 0; seed < 60; seed++) {
        struct random r = random_start(seed, RANDOM_TEST, 100, 0);
        struct dataset *d = fixture_xor((size_t)ASSETS * BARS + FIXTURE_LOOKBACK - 1, seed);
        struct crossval c = {.kind = TASK_DIRECTION, .outputs = 1};
        struct evidence e;
        d->task.assets = ASSETS;
        assert_int_equal(d->samples, ASSETS * BARS);
        d->bars = d->samples;
        for (size_t k = 0; k < ASSETS; k++)
            d->asset[k] = (struct dataset_asset){k * BARS, BARS, BARS, 1};
        c.sample = NEW_ARRAY(uint32_t, d->samples);
        c.prediction = NEW_ARRAY(float, d->samples);
        c.target = NEW_ARRAY(float, d->samples);
        for (size_t t = 0; t < BARS; t++) {
            float y = (float)(t % 2), p = random_below(&r, 2) ? 0.6F : 0.4F; /* no majority to follow */
            for (size_t k = 0; k < ASSETS; k++) {
                size_t i = t * ASSETS + k;
                d->bar[i] = (uint32_t)(k * BARS + t);
                d->time_us[k * BARS + t] = (int64_t)t;
                d->target[i] = c.target[i] = y;
                c.prediction[i] = p;
                c.sample[i] = (uint32_t)i;
            }
        }
        c.n = d->samples;
        fixture_folds(d, 1, 0);
        d->fold[0] = (struct dataset_fold){0, 0, 0, d->samples};
        struct metric_input in = crossval_scored(&c);
        metric_score(&c.metric, &in);
        assert_true(evidence_of(&e, &c, d, NULL, 0, NULL));
        found += e.p < 0.05;
        free(c.sample);
        free(c.prediction);
        free(c.target);
        fixture_free(d);
    }
    assert_in_range(found, 0, 8); /* about 3 of 60 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_are_learned),
        cmocka_unit_test(returns_are_learned),
        cmocka_unit_test(returns_are_standardised_by_what_is_trained_on),
        cmocka_unit_test(networks_of_another_width_are_refused),
        cmocka_unit_test(odd_targets_are_refused),
        cmocka_unit_test(class_baselines),
        cmocka_unit_test(return_baselines),
        cmocka_unit_test(returns_need_a_smaller_error_than_the_mean),
        cmocka_unit_test(a_lasting_state_is_no_skill),
        cmocka_unit_test(assets_that_move_together_count_once),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
