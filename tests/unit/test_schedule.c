/* Learning-rate schedules against their closed forms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "train/schedule.h"

#include <math.h>

#define STEPS 600
#define EPOCHS 30

static struct recipe recipe_of(const char *schedule, float rate, float least)
{
    struct recipe r;

    recipe_defaults(&r);
    r.epochs = EPOCHS;
    r.learning_rate = rate;
    r.min_rate = least;
    text_copy(r.schedule, sizeof r.schedule, schedule);
    return r;
}

static void near(double is, double should, int64_t step)
{
    if (!(fabs(is - should) <= 1e-15 + 1e-13 * fabs(should)))
        fail_msg("step %d: %.17g instead of %.17g", (int)step, is, should);
}

static void a_constant_rate_is_exactly_that(void **state)
{
    struct recipe r = recipe_of("constant", 0.0003F, 0);
    (void)state;

    for (int64_t s = 0; s < STEPS; s++)
        assert_true(schedule_rate(&r, s, STEPS) == (double)0.0003F);
}

static void falls_as_the_formulas_say(void **state)
{
    struct recipe cosine = recipe_of("cosine", 0.5F, 0.25F), line = recipe_of("linear", 0.5F, 0.25F);
    struct recipe stairs = recipe_of("step", 0.5F, 0.1F);
    (void)state;

    stairs.step_size = 4;
    stairs.gamma = 0.75F;
    for (int64_t s = 0; s < STEPS; s++) {
        double p = (double)s / STEPS, falls = floor(floor((double)s / (STEPS / EPOCHS)) / 4);
        near(schedule_rate(&cosine, s, STEPS), 0.25 + 0.25 * (1 + cos(acos(-1.0) * p)) / 2, s);
        near(schedule_rate(&line, s, STEPS), 0.5 - 0.25 * p, s);
        near(schedule_rate(&stairs, s, STEPS), fmax(0.5 * pow(0.75, falls), (double)0.1F), s);
    }
    assert_true(schedule_rate(&stairs, 79, STEPS) == 0.5 && schedule_rate(&stairs, 80, STEPS) == 0.375);
}

static void one_cycle_rises_and_falls(void **state)
{
    struct recipe r = recipe_of("onecycle", 0.5F, 0);
    double before = 0;
    (void)state;

    near(schedule_rate(&r, 0, STEPS), 0.5 / 25, 0);
    near(schedule_rate(&r, 90, STEPS), (0.5 + 0.02) / 2, 90); /* half way up */
    near(schedule_rate(&r, 180, STEPS), 0.5, 180);
    near(schedule_rate(&r, 390, STEPS), 0.25, 390); /* half way down */
    for (int64_t s = 0; s < STEPS; s++) {
        double rate = schedule_rate(&r, s, STEPS);
        assert_true(s <= 180 ? rate > before : rate < before);
        assert_true(rate > 0);
        before = rate;
    }
    assert_true(before < 1e-4);
}

static void warm_up_is_a_line_before_any_schedule(void **state)
{
    (void)state;
    for (int i = 0; schedule_name(i); i++) {
        struct recipe r = recipe_of(schedule_name(i), 0.5F, 0), plain = r;
        r.warmup = 60;
        r.step_size = EPOCHS;
        plain.step_size = EPOCHS;
        for (int64_t s = 0; s < 60; s++)
            near(schedule_rate(&r, s, STEPS), 0.5 * (double)(s + 1) / 60, s);
        for (int64_t s = 60; s < STEPS; s++) /* the schedule is that of the steps that are left */
            near(schedule_rate(&r, s, STEPS), schedule_rate(&plain, s - 60, STEPS - 60), s);
        r.warmup = 10 * STEPS; /* longer than the training */
        near(schedule_rate(&r, STEPS - 1, STEPS), 0.05, STEPS - 1);
    }
}

/* Any settings: finite, never negative, never above the recipe's rate. */
static void the_rate_keeps_its_bounds(void **state)
{
    static const int64_t steps[] = {1, 2, 3, 30, 31, 1000, INT64_C(1) << 40};
    (void)state;

    for (int i = 0; schedule_name(i); i++)
        for (size_t k = 0; k < sizeof steps / sizeof *steps; k++)
            for (int warm = 0; warm < 4; warm++) {
                struct recipe r = recipe_of(schedule_name(i), 1.0F, warm == 2 ? 1.0F : 0);
                r.warmup = warm * warm;
                r.step_size = 1;
                r.gamma = 0x1p-100F;
                r.epochs = 1 + (int)(steps[k] % 1000);
                for (int64_t s = 0; s < steps[k]; s += 1 + steps[k] / 7) {
                    double rate = schedule_rate(&r, s, steps[k]);
                    assert_true(rate >= 0 && rate <= 1 + 1e-15);
                }
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_constant_rate_is_exactly_that),       cmocka_unit_test(falls_as_the_formulas_say),
        cmocka_unit_test(one_cycle_rises_and_falls),             cmocka_unit_test(warm_up_is_a_line_before_any_schedule),
        cmocka_unit_test(the_rate_keeps_its_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
