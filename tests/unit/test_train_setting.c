/* What the settings of a recipe do to a training: starts, losses, weights of classes, and what ends it by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/numeric.h"
#include "tests/unit/train_fixture.h"
#include "train/metric.h"
#include "train/recipe_setting.h"

#include <math.h>

struct watch {
    struct train_event event[64];
    int n;
};

static void on_event(void *context, const struct train_event *e)
{
    struct watch *w = context;

    assert_true(w->n < 64);
    w->event[w->n++] = *e;
}

/* On top of the plain recipe: each setting is seen by itself. */
static struct recipe recipe_of(enum task_target target, const char *words)
{
    const char *value[RECIPE_SETTINGS] = {0};
    char *copy = memory_text(words), *rest = copy, *item;
    struct recipe r;
    struct error err = {0};

    value[recipe_setting_find("optimizer")] = "adam";
    while (words[0] && (item = text_next(&rest, ' '))) {
        char *text = item, *name = text_next(&text, '=');
        assert_true(recipe_setting_find(name) >= 0);
        value[recipe_setting_find(name)] = text;
    }
    if (!recipe_choose(&r, target, value, NULL, &err))
        fail_msg("%s: %s", words, err.text);
    free(copy);
    return r;
}

static struct model *model_of(const struct recipe *r)
{
    struct arch *a = fixture_arch(16);
    struct model *m = model_new(a, r->seed, NULL);

    if (r->zero_head)
        model_zero_head(m);
    arch_free(a);
    return m;
}

/* Returns that have nothing to do with the features. */
static void make_noise(struct dataset *d)
{
    struct random random = random_start(9, RANDOM_TEST, 0, 0);

    for (size_t i = 0; i < d->samples; i++)
        d->target[i] = 0.03F * (float)random_normal(&random);
}

static const struct loss_goal returns = {.target = TASK_RETURN, .outputs = 1, .mean = 0.0, .sd = 0.03};

struct parts {
    struct dataset *d;
    struct train_view train, stop;
};

static struct parts noise_parts(void)
{
    struct parts p = {.d = fixture_xor(900, 4)};

    make_noise(p.d);
    p.train = fixture_view(p.d, 0, 600);
    p.stop = fixture_view(p.d, 610, 890);
    p.train.goal = p.stop.goal = returns;
    return p;
}

static struct model *train_on(const struct parts *p, const struct recipe *r, struct train_result *result,
                              struct watch *w)
{
    struct model *m = model_of(r);
    struct train_hooks hooks = {.context = w, .event = w ? on_event : NULL};
    struct error err = {0};

    if (!train_model(m, result, &p->train, &p->stop, r, 0, NULL, &hooks, &err))
        fail_msg("%s", err.text);
    return m;
}

static void where_nothing_can_be_learned_returns_keep_their_mean(void **state)
{
    struct parts p = noise_parts();
    struct recipe r = recipe_of(TASK_RETURN, "lr=0.05 epochs=9 patience=3");
    struct model *fresh = model_of(&r);
    struct train_result result;
    struct watch w = {.n = 0};
    struct model *m = train_on(&p, &r, &result, &w);
    float out[280];
    (void)state;

    assert_int_equal(result.best_epoch, 0);
    assert_int_equal(result.epochs, 3); /* patience counts from the start */
    assert_int_equal(w.n, 4);
    assert_int_equal(w.event[0].epoch, 0);
    assert_true(w.event[0].learning_rate == 0 && w.event[0].step == 0);
    assert_true(w.event[0].valid_loss == result.valid_loss && w.event[0].train_loss == result.train_loss);
    for (int i = 1; i < 4; i++)
        assert_true(w.event[i].valid_loss > result.valid_loss);
    assert_memory_equal(m->weight, fresh->weight, m->weights * sizeof(float));
    assert_int_equal(m->step, 0);
    assert_true(train_predict(m, out, &p.stop, NULL, NULL));
    for (int i = 0; i < 280; i++)
        assert_true(out[i] == 0.0F); /* the mean */
    /* Without it the same training hands back what is worse. */
    struct recipe old = recipe_of(TASK_RETURN, "lr=0.05 epochs=9 patience=3 head=fresh keep-start=no");
    struct train_result worse;
    struct model *n = train_on(&p, &old, &worse, NULL);
    assert_true(worse.best_epoch >= 1);
    assert_true(worse.valid_loss > result.valid_loss);
    free(result.trace);
    free(worse.trace);
    model_free(m);
    model_free(n);
    model_free(fresh);
    fixture_free(p.d);
}

/* The loss of the first epoch's event is that of the weights as they were, in every loss. */
static void the_start_is_measured_as_it_is(void **state)
{
    struct parts p = noise_parts();
    struct recipe r = recipe_of(TASK_RETURN, "loss=huber huber-delta=0.5 epochs=1");
    struct train_result result;
    struct watch w = {.n = 0};
    struct model *m = train_on(&p, &r, &result, &w);
    double expected = 0;
    (void)state;

    for (size_t i = 0; i < p.stop.n; i++) {
        double e = fabs((double)p.stop.target[i] / 0.03);
        expected += e <= 0.5 ? e * e / 2 : 0.5 * (e - 0.25);
    }
    assert_true(fabs(w.event[0].valid_loss - expected / (double)p.stop.n) < 1e-9);
    free(result.trace);
    model_free(m);
    fixture_free(p.d);
}

static void a_zero_head_learns(void **state)
{
    struct dataset *d = fixture_xor(2500, 1);
    struct parts p = {.d = d, .train = fixture_view(d, 0, 1600), .stop = fixture_view(d, 1610, 1900)};
    struct recipe r = recipe_of(TASK_DIRECTION, "head=zero lr=0.01 epochs=60 batch=32 patience=0");
    struct train_result result;
    struct model *m = train_on(&p, &r, &result, NULL);
    (void)state;

    assert_true(result.valid_accuracy > 0.95);
    free(result.trace);
    model_free(m);
    fixture_free(d);
}

static void min_delta_wants_more_than_a_little(void **state)
{
    struct dataset *d = fixture_xor(1500, 1);
    struct parts p = {.d = d, .train = fixture_view(d, 0, 1000), .stop = fixture_view(d, 1010, 1400)};
    struct recipe small = recipe_of(TASK_DIRECTION, "epochs=12 patience=3 lr=0.002");
    struct recipe large = recipe_of(TASK_DIRECTION, "epochs=12 patience=3 lr=0.002 min-delta=0.5");
    struct train_result a, b;
    struct model *m = train_on(&p, &small, &a, NULL), *n = train_on(&p, &large, &b, NULL);
    (void)state;

    assert_true(a.best_epoch > 4 && a.epochs == 12);
    assert_int_equal(b.best_epoch, 1);
    assert_int_equal(b.epochs, 4);
    free(a.trace);
    free(b.trace);
    model_free(m);
    model_free(n);
    fixture_free(d);
}

/* One in eight goes up, and nothing tells which: the odds that a model gives are the share, or even ones. */
static void balance_makes_rare_directions_count(void **state)
{
    struct dataset *d = fixture_xor(900, 3);
    struct random random = random_start(2, RANDOM_TEST, 0, 0);
    double odds[2];
    (void)state;

    for (size_t i = 0; i < d->samples; i++)
        d->target[i] = random_below(&random, 8) == 0;
    struct parts p = {.d = d, .train = fixture_view(d, 0, 600), .stop = fixture_view(d, 610, 890)};
    for (int balanced = 0; balanced < 2; balanced++) {
        struct recipe r = recipe_of(TASK_DIRECTION, balanced ? "class-weight=balanced head=zero epochs=9 lr=0.01"
                                                             : "class-weight=none head=zero epochs=9 lr=0.01");
        struct train_result result;
        struct model *m = train_on(&p, &r, &result, NULL);
        float out[280];
        odds[balanced] = 0;
        assert_true(train_predict(m, out, &p.stop, NULL, NULL));
        for (int i = 0; i < 280; i++)
            odds[balanced] += (double)out[i] / 280;
        free(result.trace);
        model_free(m);
    }
    assert_true(odds[0] < 0.25);
    assert_true(odds[1] > 0.4 && odds[1] < 0.6);
    fixture_free(d);
}

/* Every setting changes the weights, and the same recipe gives the same ones again. */
static void every_setting_reaches_the_training(void **state)
{
    static const char *const words[] = {
        "epochs=3",
        "epochs=3 optimizer=adamw lr=0.001",
        "epochs=3 weight-decay=0.1",
        "epochs=3 optimizer=sgd",
        "epochs=3 optimizer=sgd momentum=0.9",
        "epochs=3 optimizer=sgd momentum=0.9 nesterov=yes",
        "epochs=3 schedule=cosine",
        "epochs=3 schedule=cosine min-lr=0.0005",
        "epochs=3 schedule=linear",
        "epochs=3 schedule=onecycle",
        "epochs=3 schedule=step step-size=1",
        "epochs=3 schedule=step step-size=1 gamma=0.5",
        "epochs=3 warmup=20",
        "epochs=3 clip=0.1",
        "epochs=3 label-smoothing=0.1",
        "epochs=3 class-weight=balanced",
        "epochs=3 head=zero",
    };
    struct hash weights[ARRAY_N(words)];
    struct dataset *d = fixture_xor(700, 3);
    struct parts p = {.d = d, .train = fixture_view(d, 0, 500), .stop = fixture_view(d, 510, 690)};
    (void)state;

    for (size_t i = 0; i < ARRAY_N(words); i++)
        for (int again = 0; again < 2; again++) {
            struct recipe r = recipe_of(TASK_DIRECTION, words[i]);
            struct train_result result;
            struct watch w = {.n = 0};
            struct model *m = train_on(&p, &r, &result, &w);
            struct hash now = model_hash(m);
            if (again && !hash_equal(now, weights[i]))
                fail_msg("%s: other bits", words[i]);
            weights[i] = now;
            assert_true(w.event[0].learning_rate > 0 && w.event[0].learning_rate <= 0.0010001);
            assert_true(w.event[0].gradient_norm > 0);
            free(result.trace);
            model_free(m);
        }
    for (size_t i = 0; i < ARRAY_N(words); i++)
        for (size_t k = 0; k < i; k++)
            if (hash_equal(weights[i], weights[k]))
                fail_msg("%s and %s give the same", words[k], words[i]);
    fixture_free(d);
}

/* --- what is not finite -------------------------------------------------------------------------------------------- */

static void must_fail(const struct parts *p, const struct recipe *r, struct model *m, const char *const *says)
{
    struct train_result result;
    struct error err = {0};

    assert_false(train_model(m, &result, &p->train, &p->stop, r, 0, NULL, NULL, &err));
    assert_int_equal(err.kind, ERROR_FAILED);
    for (; *says; says++)
        if (!strstr(err.text, *says))
            fail_msg("\"%s\" does not say %s", err.text, *says);
    assert_null(result.trace);
    model_free(m);
}

/* Loss and gradient are within floats, and behind the epoch's one step a weight is not: no loss has seen it. */
static void weights_that_overflow_are_named(void **state)
{
    static const char *const says[] = {"diverged by step 1 (epoch 1)", "a weight of node y (dense)", NULL};
    struct parts p = noise_parts();
    struct recipe r = recipe_of(TASK_RETURN, "optimizer=sgd lr=1 batch=65536 keep-start=no");
    struct model *m = model_of(&r);
    struct layout *l = layout_new(m->arch);
    (void)state;

    m->weight[layout_find(l, arch_find(m->arch, "y"), "bias")->offset] = 1e38F;
    layout_free(l);
    for (size_t i = 0; i < p.d->samples; i++)
        p.d->target[i] = 1.0F;
    p.train.goal.sd = p.stop.goal.sd = 1 / 2.5e38; /* 1e38 - 2 (1e38 - 2.5e38) is too much */
    must_fail(&p, &r, m, says);
    fixture_free(p.d);
}

static void every_loss_ends_a_training_by_name(void **state)
{
    static const char *const says[] = {"step 1 (epoch 1)", "not finite", "node y (dense)", NULL};
    static const char *const words[] = {"", "loss=huber", "clip=1", "optimizer=sgd"};
    struct parts p = noise_parts();
    (void)state;

    for (size_t i = 0; i < ARRAY_N(words); i++) {
        struct recipe r = recipe_of(TASK_RETURN, words[i]);
        r.keep_start = r.zero_head = false;
        struct model *m = model_of(&r);
        struct layout *l = layout_new(m->arch);
        m->weight[layout_find(l, arch_find(m->arch, "y"), "bias")->offset] = INFINITY;
        layout_free(l);
        must_fail(&p, &r, m, says);
    }
    fixture_free(p.d);
}

/* Values that are finite, with a gradient that is not: told at the step where it is to be clipped. */
static void a_gradient_that_cannot_be_clipped_ends_it(void **state)
{
    static const char *const says[] = {"step 1 (epoch 1)", "the gradient is not finite", NULL};
    struct parts p = noise_parts();
    struct recipe r = recipe_of(TASK_RETURN, "clip=1 keep-start=no head=fresh batch=100");
    (void)state;

    p.train.goal.sd = p.stop.goal.sd = 1e-39; /* targets of 1e37, and of 1e38 times the features' sums */
    for (size_t i = 0; i < p.d->samples; i++)
        p.d->target[i] = i % 2 ? 1.0F : -1.0F;
    must_fail(&p, &r, model_of(&r), says);
    fixture_free(p.d);
}

static void settings_that_mean_nothing_for_the_target_are_refused(void **state)
{
    struct parts p = noise_parts();
    struct recipe r = recipe_of(TASK_DIRECTION, "class-weight=balanced");
    struct model *m = model_of(&r);
    struct train_result result;
    struct error err = {0};
    (void)state;

    assert_false(train_model(m, &result, &p.train, &p.stop, &r, 0, NULL, NULL, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.text, "class_weight"));
    model_free(m);
    fixture_free(p.d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_nothing_can_be_learned_returns_keep_their_mean),
        cmocka_unit_test(the_start_is_measured_as_it_is),
        cmocka_unit_test(a_zero_head_learns),
        cmocka_unit_test(min_delta_wants_more_than_a_little),
        cmocka_unit_test(balance_makes_rare_directions_count),
        cmocka_unit_test(every_setting_reaches_the_training),
        cmocka_unit_test(weights_that_overflow_are_named),
        cmocka_unit_test(every_loss_ends_a_training_by_name),
        cmocka_unit_test(a_gradient_that_cannot_be_clipped_ends_it),
        cmocka_unit_test(settings_that_mean_nothing_for_the_target_are_refused),
    };
    struct error err = {0};

    hash_start();
    if (!numeric_start(&err))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
