/* The settings of a recipe: what they take, what they refuse, what goes with what, and how a recipe is chosen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "train/recipe_setting.h"

#include <math.h>

static const struct recipe_setting *setting(const char *name)
{
    int i = recipe_setting_find(name);

    if (i < 0)
        fail_msg("no setting %s", name);
    return &recipe_settings[i];
}

/* Setting by setting: bytes between members mean nothing. */
static void assert_same_recipe(const struct recipe *a, const struct recipe *b)
{
    for (int i = 0; i < RECIPE_SETTINGS; i++) {
        char x[RECIPE_VALUE_MAX], y[RECIPE_VALUE_MAX];
        recipe_get(a, &recipe_settings[i], x);
        recipe_get(b, &recipe_settings[i], y);
        if (!text_equal(x, y))
            fail_msg("%s is %s, not %s", recipe_settings[i].name, x, y);
    }
}

static void the_table_is_whole(void **state)
{
    struct recipe r;
    (void)state;

    recipe_defaults(&r);
    for (int i = 0; i < RECIPE_SETTINGS; i++) {
        const struct recipe_setting *s = &recipe_settings[i];
        char value[RECIPE_VALUE_MAX], range[128];
        assert_non_null(s->name);
        assert_true(s->title && s->about && strlen(s->about) > 10);
        assert_int_equal(recipe_setting_find(s->name), i);
        assert_true(s->always || recipe_is_preset(&r, s));
        recipe_get(&r, s, value);
        if (!recipe_set(&r, s, value, NULL))
            fail_msg("%s refuses its preset %s", s->name, value);
        recipe_range(s, range, sizeof range);
        assert_true(range[0] != '\0');
        if (s->needs)
            assert_true(recipe_setting_find(s->needs) >= 0);
    }
}

static void values_are_read_and_refused(void **state)
{
    static const struct {
        const char *name, *good, *bad, *says;
    } cases[] = {
        {"epochs", "10000", "10001", "1 to 10000"},
        {"batch", "1", "0", "1 to 65536"},
        {"lr", "1", "0", "above 0 and at most 1"},
        {"learning_rate", "0.3", "1.0000002", "above 0 and at most 1"},
        {"optimizer", "sgd", "rmsprop", "adam, adamw or sgd"},
        {"schedule", "onecycle", "Cosine", "constant, cosine, linear, step or onecycle"},
        {"momentum", "0.9", "1", "0 to 0.9999"},
        {"nesterov", "yes", "1", "no or yes"},
        {"weight-decay", "0.01", "-0.01", "0 to 1"},
        {"warmup", "2147483647", "2147483648", "0 to"},
        {"step-size", "1", "0", "1 to 10000"},
        {"gamma", "1", "0", "above 0"},
        {"min-lr", "0", "inf", "0 to 1"},
        {"clip", "0.5", "1e-40", "0 to"}, /* a denormal */
        {"label-smoothing", "0.1", "1", "0 to 0.999"},
        {"class-weight", "balanced", "yes", "none or balanced"},
        {"loss", "huber", "mse", "auto or huber"},
        {"huber-delta", "1.35", "0", "above 0"},
        {"min-delta", "0.001", "nan", "0 to"},
        {"head", "zero", "", "fresh or zero"},
        {"keep-start", "yes", "maybe", "no or yes"},
        {"kernels", "blas", "mkl", "exact or blas"},
        {"seed", "18446744073709551615", "-1", "a whole number"},
        {"patience", "0", "x", "0 to 10000"},
        {"stop_ppm", "500000", "500001", "0 to 500000"},
    };
    bool seen[RECIPE_SETTINGS] = {false};
    (void)state;

    for (size_t i = 0; i < ARRAY_N(cases); i++) {
        const struct recipe_setting *s = setting(cases[i].name);
        struct recipe r, before;
        struct error err = {0};
        char value[RECIPE_VALUE_MAX];
        recipe_defaults(&r);
        if (!recipe_set(&r, s, cases[i].good, &err))
            fail_msg("%s", err.text);
        recipe_get(&r, s, value);
        assert_string_equal(value, cases[i].good);
        before = r;
        assert_false(recipe_set(&r, s, cases[i].bad, &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        if (!strstr(err.text, cases[i].says) || !strstr(err.text, s->name))
            fail_msg("%s", err.text);
        assert_same_recipe(&r, &before);
        seen[s - recipe_settings] = true;
    }
    for (int i = 0; i < RECIPE_SETTINGS; i++)
        assert_true(seen[i]);
}

static void no_minus_zero_comes_in(void **state)
{
    struct recipe r;
    (void)state;

    recipe_defaults(&r);
    assert_true(recipe_set(&r, setting("clip"), "-0", NULL));
    assert_false(signbit(r.clip));
}

static bool choose(struct recipe *r, enum task_target target, const char *words, int *wrong, struct error *err)
{
    const char *value[RECIPE_SETTINGS] = {0};
    char *copy = memory_text(words), *rest = copy, *item;

    while (words[0] && (item = text_next(&rest, ' '))) {
        char *text = item, *name = text_next(&text, '=');
        value[setting(name) - recipe_settings] = text;
    }
    bool ok = recipe_choose(r, target, value, wrong, err);
    free(copy);
    return ok;
}

static void what_is_not_chosen_follows_the_target_and_the_optimizer(void **state)
{
    struct recipe r, plain;
    (void)state;

    assert_true(choose(&r, TASK_DIRECTION, "", NULL, NULL));
    assert_string_equal(r.optimizer, "adamw");
    assert_string_equal(r.schedule, "onecycle");
    assert_true(r.epochs == 15 && r.patience == 8 && r.weight_decay == 0.5F && r.zero_head && !r.keep_start);
    recipe_defaults_for(&plain, TASK_CLASS);
    assert_true(choose(&r, TASK_CLASS, "optimizer=adamw", NULL, NULL));
    assert_same_recipe(&r, &plain);
    assert_true(choose(&r, TASK_DIRECTION, "weight-decay=0", NULL, NULL));
    assert_true(r.weight_decay == 0 && r.epochs == 15);

    recipe_defaults(&plain);
    assert_true(text_copy(plain.optimizer, sizeof plain.optimizer, "sgd"));
    assert_true(choose(&r, TASK_DIRECTION, "optimizer=sgd", NULL, NULL)); /* the plain recipe, nothing of the preset */
    assert_same_recipe(&r, &plain);
    recipe_defaults(&plain);
    assert_true(choose(&r, TASK_RETURN, "optimizer=adam head=fresh keep-start=no", NULL, NULL));
    assert_same_recipe(&r, &plain);

    assert_true(choose(&r, TASK_RETURN, "", NULL, NULL));
    assert_true(r.zero_head && r.keep_start);
    assert_true(choose(&r, TASK_RETURN, "stop_ppm=0", NULL, NULL)); /* no slice to judge the start by */
    assert_true(r.zero_head && !r.keep_start);
}

static void what_does_not_go_together_names_the_one_to_blame(void **state)
{
    static const struct {
        enum task_target target;
        const char *words, *wrong, *says;
    } cases[] = {
        {TASK_DIRECTION, "momentum=0.9", "momentum", "optimizer is not sgd"},
        {TASK_DIRECTION, "optimizer=sgd nesterov=yes", "nesterov", "momentum is 0"},
        {TASK_DIRECTION, "gamma=0.5", "gamma", "schedule is not step"},
        {TASK_DIRECTION, "schedule=cosine step-size=3", "step_size", "schedule is not step"},
        {TASK_DIRECTION, "schedule=constant min-lr=0.0001", "min_rate", "schedule is constant"},
        {TASK_DIRECTION, "min-lr=0.01", "min_rate", "above learning_rate"},
        {TASK_DIRECTION, "huber-delta=2", "huber_delta", "loss is not huber"},
        {TASK_DIRECTION, "loss=huber", "loss", "for returns"},
        {TASK_CLASS, "loss=huber", "loss", "for returns"},
        {TASK_RETURN, "label-smoothing=0.1", "label_smoothing", "not returns"},
        {TASK_RETURN, "class-weight=balanced", "class_weight", "not returns"},
        {TASK_RETURN, "keep-start=yes stop_ppm=0 lr=9", "learning_rate", "at most 1"},
        {TASK_DIRECTION, "epochs=0", "epochs", "1 to"},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_N(cases); i++) {
        struct recipe r = {.epochs = 77};
        struct error err = {0};
        int wrong = -1;
        if (choose(&r, cases[i].target, cases[i].words, &wrong, &err))
            fail_msg("accepted: %s", cases[i].words);
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_true(wrong >= 0 && wrong < RECIPE_SETTINGS);
        assert_string_equal(recipe_settings[wrong].name, cases[i].wrong);
        if (!strstr(err.text, cases[i].says))
            fail_msg("%s", err.text);
        assert_int_equal(r.epochs, 77);
    }
    struct recipe r;
    assert_true(choose(&r, TASK_RETURN, "loss=huber huber-delta=1.5", NULL, NULL));
    assert_true(recipe_fits(&r, TASK_RETURN, NULL) && !recipe_fits(&r, TASK_CLASS, NULL));
}

/* A value that the setting may have, drawn; some near the ends of its range. */
static void draw_value(struct random *random, const struct recipe_setting *s, char out[RECIPE_VALUE_MAX])
{
    uint32_t n = 0;

    switch (s->kind) {
    case RECIPE_NAME:
        while (s->choice((int)n))
            n++;
        text_copy(out, RECIPE_VALUE_MAX, s->choice((int)random_below(random, n)));
        return;
    case RECIPE_SWITCH:
        text_copy(out, RECIPE_VALUE_MAX, s->name_of[random_below(random, 2)]);
        return;
    case RECIPE_REAL:
        text_of_float(random_below(random, 4) == 0 ? (float)s->most : (float)s->most * random_unit_float(random), out,
                      RECIPE_VALUE_MAX);
        return;
    default:
        n = s->kind == RECIPE_SEED || s->most > 1e9 ? 1000000000 : (uint32_t)s->most;
        snprintf(out, RECIPE_VALUE_MAX, "%u", (unsigned)s->least + random_below(random, n));
    }
}

/* Whatever can be chosen is written and read back as itself. */
static void drawn_recipes_survive_their_text(void **state)
{
    struct random random = random_start(5, RANDOM_TEST, 0, 0);
    int accepted = 0, refused = 0, with_schedule = 0;
    (void)state;

    for (int round = 0; round < 20000; round++) {
        char drawn[RECIPE_SETTINGS][RECIPE_VALUE_MAX];
        const char *value[RECIPE_SETTINGS] = {0};
        struct recipe r, back;
        struct error err = {0};
        for (int i = 0; i < RECIPE_SETTINGS; i++) {
            if (random_below(&random, 4) != 0)
                continue;
            draw_value(&random, &recipe_settings[i], drawn[i]);
            value[i] = drawn[i];
        }
        if (!recipe_choose(&r, (enum task_target)random_below(&random, 3), value, NULL, &err)) {
            assert_int_equal(err.kind, ERROR_USAGE);
            refused++;
            continue;
        }
        char *text = recipe_format(&r);
        if (!recipe_parse(&back, text, &err))
            fail_msg("%s\n%s", err.text, text);
        char *again = recipe_format(&back);
        assert_string_equal(again, text);
        assert_same_recipe(&back, &r);
        free(text);
        free(again);
        accepted++;
        with_schedule += !text_equal(r.schedule, "constant");
    }
    assert_true(accepted > 300 && refused > 300 && with_schedule > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_whole),
        cmocka_unit_test(values_are_read_and_refused),
        cmocka_unit_test(no_minus_zero_comes_in),
        cmocka_unit_test(what_is_not_chosen_follows_the_target_and_the_optimizer),
        cmocka_unit_test(what_does_not_go_together_names_the_one_to_blame),
        cmocka_unit_test(drawn_recipes_survive_their_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
