/* What a network costs, measured; and the memory of its plan, before it is taken. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/machine.h"
#include "base/memory.h"
#include "base/text.h"
#include "net/numeric.h"
#include "net/op.h"
#include "net/plan.h"
#include "train/profile.h"
#include "train/room.h"

#include <math.h>

#define TCN                                                                                                             \
    "morphsmith-arch 1\nx input time=16 channels=3\nc conv in=x channels=8 kernel=3\nd conv in=c channels=8 kernel=3 "  \
    "dilation=2\nl last in=d\ny dense in=l units=1\n"
#define LARGE                                                                                                           \
    "morphsmith-arch 1\nx input time=4096 channels=1024\nd dense in=x units=64\np meanpool in=d\ny dense in=p units=1\n"

static struct arch *parse(const char *text)
{
    struct error err = {0};
    struct arch *a = arch_parse(text, strlen(text), "a", &err);
    assert_string_equal(err.text, "");
    return a;
}

/* --- memory before it is taken -------------------------------------------------------------------------------------- */

static void test_outline_is_the_plan(void **state)
{
    (void)state;
    struct error err = {0};
    struct arch *a = parse(TCN);
    struct plan *outline = plan_outline(a, 32, true), *plan = plan_new(a, 32, true, NULL, &err);
    static const int held[] = {16, 3, 1, 0, 0};
    assert_non_null(plan);
    for (int i = 0; i < a->nodes; i++) {
        struct plan_share x = plan_share(outline, i), y = plan_share(plan, i);
        assert_int_equal(x.bytes, y.bytes);
        assert_int_equal(x.bytes, x.value_bytes + x.gradient_bytes + x.keep_bytes);
        assert_int_equal(x.macs, y.macs);
        assert_int_equal(plan_steps(outline, i).n, held[i]);
    }
    assert_int_equal(plan_share(outline, 0).value_bytes, 32 * 16 * 3 * 4);
    plan_free(outline);
    plan_free(plan);
    arch_free(a);
}

static void test_batch_within(void **state)
{
    (void)state;
    struct arch *a = parse(TCN);
    size_t bytes = plan_bytes(a, 100, true);
    assert_int_equal(plan_batch_within(a, 1000, true, bytes), 100);
    assert_int_equal(plan_batch_within(a, 1000, true, bytes - 1), 99);
    assert_int_equal(plan_batch_within(a, 50, true, bytes), 50);
    assert_int_equal(plan_batch_within(a, 1000, true, 100), 0);
    arch_free(a);
}

static void test_room_counts_weights_and_kept_models(void **state)
{
    (void)state;
    struct arch *a = parse(TCN);
    size_t weight = (size_t)arch_parameters(a) * sizeof(float);
    char text[192], says[192], plan[32], all[32];
    struct room one = room_of(a, 64, 1), five = room_of(a, 64, 5);
    assert_int_equal(one.plan, plan_bytes(a, 64, true));
    assert_int_equal(one.weights, 7 * weight);
    assert_int_equal(five.weights, (7 + 4 * 3) * weight);
    text_of_bytes(one.plan, plan, sizeof plan);
    text_of_bytes((one.plan + one.weights) * 3, all, sizeof all);
    room_text((struct room){one.plan, one.plan / 50}, 64, 1, text, sizeof text);
    snprintf(says, sizeof says, "plan: %s for batch 64", plan);
    assert_string_equal(text, says); /* few weights are not worth a word */
    room_text(one, 64, 3, text, sizeof text);
    assert_non_null(strstr(text, "for the weights in training; 3 at once: "));
    assert_non_null(strstr(text, all));
    arch_free(a);
}

/* Refused with the batch that fits: that one does, by the same count, and one more does not. */
static void test_refused_with_what_fits(void **state)
{
    (void)state;
    struct error err = {0};
    struct arch *a = parse(LARGE);
    assert_true(room_check(a, 1, 1, 1, &err));
    assert_false(room_check(a, 65536, 1, 1, &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    const char *use = strstr(err.text, "Use --batch ");
    assert_non_null(use);
    int64_t fits = 0;
    assert_true(text_parse_int(use + strlen("Use --batch "), 1, 65535, &fits));
    struct room r = room_of(a, (int)fits, 1), more = room_of(a, 2 * (int)fits + 64, 1);
    size_t available = machine_memory().available; /* it moves while the test runs */
    assert_true(r.plan + r.weights < available + available / 2);
    assert_true(more.plan + more.weights > available / 2);
    error_clear(&err);
    assert_null(plan_new(a, 65536, true, NULL, &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_non_null(strstr(err.text, "a batch of "));
    error_clear(&err);
    assert_false(room_check(a, 1, 1, 1000000, &err)); /* so many at once are not even one sample each */
    assert_non_null(strstr(err.text, "Use --workers "));
    arch_free(a);
}

/* --- measuring ------------------------------------------------------------------------------------------------------ */

struct bench {
    struct arch *a;
    struct model *m;
    struct profile_noise noise;
    struct recipe recipe;
};

static struct bench bench_of(const char *text, size_t samples, int batch)
{
    struct error err = {0};
    struct bench b = {.a = parse(text)};
    b.m = model_new(b.a, 1, &err);
    assert_non_null(b.m);
    assert_true(profile_noise_make(&b.noise, b.a, samples, &err));
    recipe_defaults(&b.recipe);
    b.recipe.batch = batch;
    return b;
}

static void bench_free(struct bench *b)
{
    profile_noise_free(&b->noise);
    model_free(b->m);
    arch_free(b->a);
}

/* The norm of all weights' gradients, over one batch and without the profile. */
static double direct_norm(const struct bench *b, int rows)
{
    struct error err = {0};
    struct plan *p = plan_new(b->a, rows, true, NULL, &err);
    float *gradient = NEW_ARRAY(float, b->m->weights), *d = NEW_ARRAY(float, rows);
    struct loss_sum sum = {0};
    double square = 0;
    const struct train_view *v = &b->noise.view;
    size_t window = (size_t)v->lookback * v->channels;
    for (int i = 0; i < rows; i++)
        memcpy(plan_input(p) + (size_t)i * window,
               v->feature + ((size_t)v->bar[i] + 1 - (size_t)v->lookback) * v->channels, window * sizeof(float));
    const float *out = plan_forward(p, b->m->weight, rows);
    loss_batch(&sum, d, &v->goal, out, v->target, rows);
    plan_backward(p, b->m->weight, d, gradient, rows);
    for (size_t i = 0; i < b->m->weights; i++)
        square += (double)gradient[i] * (double)gradient[i];
    free(gradient);
    free(d);
    plan_free(p);
    return sqrt(square);
}

static void test_norms_are_those_of_the_batch(void **state)
{
    (void)state;
    struct bench b = bench_of(TCN, 24, 24);
    struct profile p;
    struct error err = {0};
    struct hash before = model_hash(b.m);
    double square = 0, shares = 0;
    assert_true(profile_run(&p, b.m, &b.noise.view, &b.recipe, NULL, &(struct profile_options){.steps = 4}, &err));
    assert_true(hash_equal(before, model_hash(b.m)));
    assert_int_equal(p.steps, 4);
    assert_int_equal(p.train_steps, 4);
    assert_int_equal(p.batch, 24);
    assert_true(p.step_seconds > 0);
    for (int i = 0; i < p.nodes; i++) {
        square += isnan(p.node[i].weight_norm) ? 0 : p.node[i].weight_norm * p.node[i].weight_norm;
        shares += p.node[i].forward + p.node[i].backward;
        assert_true(p.node[i].forward >= 0 && p.node[i].backward >= 0);
        assert_int_equal(isnan(p.node[i].weight_norm), i == 0 || i == 3); /* input and last have no weights */
    }
    double direct = direct_norm(&b, 24);
    assert_true(direct > 0);
    assert_true(fabs(sqrt(square) / direct - 1) < 1e-9);
    assert_true(fabs(shares / (p.forward + p.backward) - 1) < 1e-9);
    profile_free(&p);
    bench_free(&b);
}

/* Fewer samples than a batch are one smaller batch; classes have targets to match. */
static void test_few_samples_and_classes(void **state)
{
    (void)state;
    struct bench b = bench_of("morphsmith-arch 1\nx input time=4 channels=2\nf flatten in=x\ny dense in=f units=5\n", 7, 64);
    struct profile p;
    struct error err = {0};
    bool seen[5] = {false};
    assert_int_equal(b.noise.view.goal.target, TASK_CLASS);
    for (size_t i = 0; i < 7; i++)
        seen[(int)b.noise.target[i]] = true;
    assert_true(seen[0] + seen[1] + seen[2] + seen[3] + seen[4] > 1);
    assert_true(profile_run(&p, b.m, &b.noise.view, &b.recipe, NULL, &(struct profile_options){.steps = 2}, &err));
    assert_int_equal(p.batch, 7);
    profile_free(&p);
    b.noise.view.n = 0;
    assert_false(profile_run(&p, b.m, &b.noise.view, &b.recipe, NULL, &(struct profile_options){.steps = 2}, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    bench_free(&b);
}

static bool after_some(void *context)
{
    return ++*(int *)context > 5;
}

static void count_up(void *context, double share)
{
    (void)context;
    assert_true(share >= 0 && share <= 1);
}

static void test_cancelled_in_both_parts(void **state)
{
    (void)state;
    struct bench b = bench_of(TCN, 64, 8);
    for (int steps = 100; steps >= 4; steps -= 96) { /* among the nodes; behind them, in the trainer */
        struct profile p;
        struct error err = {0};
        int asked = 0;
        struct profile_options o = {.steps = steps, .context = &asked, .progress = count_up, .cancelled = after_some};
        assert_false(profile_run(&p, b.m, &b.noise.view, &b.recipe, NULL, &o, &err));
        assert_int_equal(err.kind, ERROR_INTERRUPTED);
        assert_int_equal(asked, 6);
        assert_null(p.node);
    }
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outline_is_the_plan),
        cmocka_unit_test(test_batch_within),
        cmocka_unit_test(test_room_counts_weights_and_kept_models),
        cmocka_unit_test(test_refused_with_what_fits),
        cmocka_unit_test(test_norms_are_those_of_the_batch),
        cmocka_unit_test(test_few_samples_and_classes),
        cmocka_unit_test(test_cancelled_in_both_parts),
    };
    struct error err = {0};
    hash_start();
    if (!numeric_start(&err))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
