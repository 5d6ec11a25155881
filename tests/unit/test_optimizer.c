#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "net/numeric.h"
#include "train/optimizer.h"

#include <math.h>

#define WEIGHTS 70001 /* more than two tasks, and an odd end */

/* A bare model: the optimiser reads only the arrays. */
static void model_make(struct model *m)
{
    struct random random = random_start(1, RANDOM_TEST, 0, 0);

    *m = (struct model){.weights = WEIGHTS};
    m->weight = NEW_ARRAY(float, WEIGHTS);
    m->moment[0] = NEW_ARRAY(float, WEIGHTS);
    m->moment[1] = NEW_ARRAY(float, WEIGHTS);
    for (int i = 0; i < WEIGHTS; i++)
        m->weight[i] = (float)random_normal(&random);
}

static void model_drop(struct model *m)
{
    free(m->weight);
    free(m->moment[0]);
    free(m->moment[1]);
}

static void fill_gradient(float *g, uint32_t step)
{
    struct random random = random_start(2, RANDOM_TEST, step, 0);

    for (int i = 0; i < WEIGHTS; i++)
        g[i] = (float)random_normal(&random) * (i % 2 ? 1e-3F : 10.0F);
}

static void follows_the_paper(void **state)
{
    struct model m;
    struct optimizer o;
    struct recipe r;
    float *g = NEW_ARRAY(float, WEIGHTS);
    double *w = NEW_ARRAY(double, WEIGHTS), *first = NEW_ARRAY(double, WEIGHTS), *second = NEW_ARRAY(double, WEIGHTS);
    (void)state;

    model_make(&m);
    recipe_defaults(&r);
    for (int i = 0; i < WEIGHTS; i++)
        w[i] = (double)m.weight[i];
    optimizer_start(&o, &m, &r);
    for (uint32_t t = 1; t <= 20; t++) {
        fill_gradient(g, t);
        optimizer_step(&o, &m, g, NULL);
        for (int i = 0; i < WEIGHTS; i++) {
            double gi = (double)g[i];
            first[i] = 0.9 * first[i] + 0.1 * gi;
            second[i] = 0.999 * second[i] + 0.001 * gi * gi;
            w[i] -= 0.001 * (first[i] / (1.0 - pow(0.9, t))) / (sqrt(second[i] / (1.0 - pow(0.999, t))) + 1e-8);
        }
    }
    assert_int_equal(m.step, 20);
    for (int i = 0; i < WEIGHTS; i++) {
        if (!(fabs((double)m.weight[i] - w[i]) <= 5e-6))
            fail_msg("weight %d is %.9g, expected %.9g", i, (double)m.weight[i], w[i]);
    }
    model_drop(&m);
    free(g);
    free(w);
    free(first);
    free(second);
}

static void run_steps(struct model *m, int64_t from, int64_t to, struct threads *pool)
{
    struct optimizer o;
    struct recipe r;
    float *g = NEW_ARRAY(float, WEIGHTS);

    recipe_defaults(&r);
    optimizer_start(&o, m, &r);
    for (int64_t t = from; t < to; t++) {
        fill_gradient(g, (uint32_t)t);
        optimizer_step(&o, m, g, pool);
    }
    free(g);
}

static void the_same_bits_with_threads_and_in_parts(void **state)
{
    struct model one, four;
    struct threads *pool = threads_new(4);
    (void)state;

    model_make(&one);
    model_make(&four);
    run_steps(&one, 0, 9, NULL);
    run_steps(&four, 0, 4, pool);
    run_steps(&four, 4, 9, pool);
    assert_memory_equal(one.weight, four.weight, WEIGHTS * sizeof(float));
    assert_memory_equal(one.moment[0], four.moment[0], WEIGHTS * sizeof(float));
    assert_memory_equal(one.moment[1], four.moment[1], WEIGHTS * sizeof(float));
    model_drop(&one);
    model_drop(&four);
    threads_free(pool);
}

static void small_moments_become_zero(void **state)
{
    struct model m;
    (void)state;

    model_make(&m);
    for (int i = 0; i < WEIGHTS; i++)
        m.moment[0][i] = (i % 2 ? -1.0F : 1.0F) * 0x1p-99F;
    float *g = NEW_ARRAY(float, WEIGHTS);
    struct optimizer o;
    struct recipe r;
    recipe_defaults(&r);
    optimizer_start(&o, &m, &r);
    for (int t = 0; t < 10; t++)
        optimizer_step(&o, &m, g, NULL);
    for (int i = 0; i < WEIGHTS; i++) {
        assert_true(m.moment[0][i] == 0.0F && !signbit(m.moment[0][i]));
        assert_true(m.moment[1][i] == 0.0F && !signbit(m.moment[1][i]));
    }
    free(g);
    model_drop(&m);
}

static void old_models_start_at_once(void **state)
{
    struct model m;
    struct optimizer o;
    struct recipe r;
    (void)state;

    model_make(&m);
    recipe_defaults(&r);
    m.step = INT64_MAX - 1;
    optimizer_start(&o, &m, &r);
    assert_true(o.power[0] == 0.0 && o.power[1] == 0.0);
    m.step = 100;
    optimizer_start(&o, &m, &r);
    assert_true(fabs(o.power[0] / pow(0.9, 100.0) - 1.0) < 1e-13);
    assert_true(fabs(o.power[1] / pow(0.999, 100.0) - 1.0) < 1e-13);
    model_drop(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_paper),
        cmocka_unit_test(the_same_bits_with_threads_and_in_parts),
        cmocka_unit_test(small_moments_become_zero),
        cmocka_unit_test(old_models_start_at_once),
    };
    struct error err = {0};

    if (!numeric_start(&err)) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
