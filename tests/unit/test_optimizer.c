#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "net/kernel/kernel.h"
#include "net/numeric.h"
#include "train/optimizer.h"
#include "train/recipe_setting.h"

#include <math.h>

#define WEIGHTS 70001 /* more than two tasks, and an odd end */

#define ENDLESS 1000000 /* steps of a training that is never at its end */

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
    assert_true(optimizer_start(&o, &m, &r, ENDLESS, NULL));
    for (uint32_t t = 1; t <= 20; t++) {
        fill_gradient(g, t);
        assert_true(optimizer_step(&o, &m, g, false, NULL));
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
    optimizer_end(&o);
    model_drop(&m);
    free(g);
    free(w);
    free(first);
    free(second);
}

/* "name=value name=value" by the names of the options. */
/* On top of the plain recipe, and with the other framework's preset where nothing is said: AdamW decays by 0.01. */
static struct recipe recipe_of(const char *settings)
{
    struct recipe r;
    struct error err = {0};
    char *copy = memory_text(settings), *rest = copy, *item;

    recipe_defaults(&r);
    r.weight_decay = strstr(settings, "adamw") ? 0.01F : 0.0F;
    while ((item = text_next(&rest, ' '))) {
        char *text = item, *name = text_next(&text, '=');
        int at = recipe_setting_find(name);
        assert_true(at >= 0);
        if (!recipe_set(&r, &recipe_settings[at], text, &err))
            fail_msg("%s: %s", settings, err.text);
    }
    if (!recipe_check(&r, &err))
        fail_msg("%s: %s", settings, err.text);
    free(copy);
    return r;
}

static void run_steps(struct model *m, const struct recipe *r, int64_t from, int64_t to, struct threads *pool)
{
    struct optimizer o;
    float *g = NEW_ARRAY(float, WEIGHTS);

    assert_true(optimizer_start(&o, m, r, 30, NULL));
    optimizer_go_on(&o, m, from);
    for (int64_t t = from; t < to; t++) {
        fill_gradient(g, (uint32_t)t);
        assert_true(optimizer_step(&o, m, g, t % 3 == 0, pool));
    }
    optimizer_end(&o);
    free(g);
}

static const char *const kinds[] = {
    "optimizer=adam",
    "optimizer=adam weight-decay=0.1 clip=3 schedule=cosine warmup=4",
    "optimizer=adamw schedule=onecycle",
    "optimizer=adamw weight-decay=0.3 clip=0.01",
    "optimizer=sgd lr=0.01 schedule=linear",
    "optimizer=sgd momentum=0.9 weight-decay=0.01",
    "optimizer=sgd momentum=0.8 nesterov=yes clip=100 schedule=step step-size=1 gamma=0.5 epochs=3",
};

static void same_state(const struct model *a, const struct model *b, const char *what)
{
    bool same = model_moments(a) == model_moments(b) && a->step == b->step &&
                memcmp(a->weight, b->weight, WEIGHTS * sizeof(float)) == 0;

    for (int i = 0; same && i < model_moments(a); i++)
        same = memcmp(a->moment[i], b->moment[i], WEIGHTS * sizeof(float)) == 0;
    if (!same)
        fail_msg("%s: other bits", what);
}

/* On every kernel of this machine, with 1, 2 and 4 threads, and gone on with in the middle. */
static void the_same_bits_on_every_kernel_with_threads_and_in_parts(void **state)
{
    struct threads *pool[] = {NULL, threads_new(2), threads_new(4)};
    int kernels = 0;
    (void)state;

    for (size_t kind = 0; kind < ARRAY_N(kinds); kind++) {
        struct recipe r = recipe_of(kinds[kind]);
        struct model first, m;
        model_make(&first);
        run_steps(&first, &r, 0, 9, NULL);
        kernels = 0;
        for (int k = 0; kernel_table[k]; k++) {
            if (!kernel_runs(kernel_table[k]))
                continue;
            setenv("MORPHSMITH_ISA", kernel_table[k]->name, 1);
            assert_true(kernel_choose(NULL));
            for (size_t t = 0; t < ARRAY_N(pool); t++) {
                model_make(&m);
                run_steps(&m, &r, 0, 4, pool[t]);
                run_steps(&m, &r, 4, 9, pool[t]);
                same_state(&first, &m, kinds[kind]);
                model_drop(&m);
            }
            kernels++;
        }
        unsetenv("MORPHSMITH_ISA");
        assert_true(kernel_choose(NULL));
        model_drop(&first);
    }
    assert_true(kernels >= 1);
    threads_free(pool[1]);
    threads_free(pool[2]);
}

/* --- values of another framework -----------------------------------------------------------------------------------
 */
#define SMALL 24
#define STEPS 50

static char *rest_of_file;

static void read_numbers(const char *name, double *out, int n)
{
    char *line = text_next(&rest_of_file, '\n'), *words, *word;
    char head[32];

    snprintf(head, sizeof head, "%s %d", name, n);
    assert_non_null(line);
    assert_string_equal(line, head);
    for (int i = 0; i < n;) {
        words = text_next(&rest_of_file, '\n');
        assert_non_null(words);
        while ((word = text_next(&words, ' ')))
            assert_true(i < n && text_parse_double(word, &out[i++]));
    }
}

static void gradient_of(float *g, const float *w, const double *target)
{
    for (int i = 0; i < SMALL; i++)
        g[i] = (float)(0.05 * (i + 1) * ((double)w[i] - target[i]) + 0.1 * (double)w[(i + 1) % SMALL]);
}

static void near(double is, double should, double off, const char *what, int i)
{
    if (!(fabs(is - should) <= off * (1.0 + fabs(should))))
        fail_msg("%s, %d: %.9g instead of %.9g", what, i, is, should);
}

static void check_case(const char *settings, const double *start, const double *target)
{
    double rate[STEPS], norm[STEPS], weight[SMALL];
    float w[SMALL], g[SMALL];
    struct model m = {.weights = SMALL, .weight = w};
    struct recipe r = recipe_of(settings);
    struct optimizer o;

    r.epochs = 5;
    read_numbers("rates", rate, STEPS);
    read_numbers("norms", norm, STEPS);
    read_numbers("weights", weight, SMALL);
    for (int i = 0; i < SMALL; i++)
        w[i] = (float)start[i];
    assert_true(optimizer_start(&o, &m, &r, STEPS, NULL));
    for (int t = 0; t < STEPS; t++) {
        gradient_of(g, w, target);
        assert_true(optimizer_step(&o, &m, g, true, NULL));
        assert_true(fabs(o.rate - rate[t]) <= 1e-9 * rate[t]);
        near(o.clip.norm, norm[t], 2e-5, settings, t);
    }
    for (int i = 0; i < SMALL; i++)
        near((double)w[i], weight[i], 2e-6, settings, i);
    optimizer_end(&o);
    free(m.moment[0]);
    free(m.moment[1]);
}

static void fifty_steps_of_another_framework(void **state)
{
    char path[FILE_PATH_MAX], *line;
    const char *source = getenv("srcdir");
    struct bytes file = {0};
    struct error err = {0};
    double start[SMALL], target[SMALL];
    bool seen[8] = {false};
    int cases = 0;
    (void)state;

    snprintf(path, sizeof path, "%s/tests/data/optimizers.txt", source ? source : ".");
    if (!file_read(path, 1 << 20, &file, &err))
        fail_msg("%s", err.text);
    bytes_put_u8(&file, 0);
    rest_of_file = (char *)file.data;
    line = text_next(&rest_of_file, '\n');
    assert_true(text_starts(line, "# Made by"));
    read_numbers("start", start, SMALL);
    read_numbers("target", target, SMALL);
    while ((line = text_next(&rest_of_file, '\n')) && text_starts(line, "case ")) {
        check_case(line + 5, start, target);
        for (int i = 0; optimizer_name(i); i++)
            seen[i] = seen[i] || text_equal(recipe_of(line + 5).optimizer, optimizer_name(i));
        cases++;
    }
    assert_int_equal(cases, 14);
    for (int i = 0; optimizer_name(i); i++)
        assert_true(seen[i]); /* a new optimiser brings its values */
    bytes_free(&file);
}

/* Moments of another optimiser mean something else: as many go on, others start at zero. */
static void moments_go_on_or_start_anew(void **state)
{
    struct model m;
    struct recipe adam = recipe_of("optimizer=adam"), adamw = recipe_of("optimizer=adamw"), sgd = recipe_of("optimizer=sgd");
    struct optimizer o;
    (void)state;

    model_make(&m);
    run_steps(&m, &adam, 0, 3, NULL);
    float kept = m.moment[1][7];
    assert_true(kept > 0.0F);
    assert_true(optimizer_start(&o, &m, &adamw, ENDLESS, NULL));
    assert_true(m.moment[1][7] == kept && m.step == 3);
    optimizer_end(&o);
    assert_true(optimizer_start(&o, &m, &sgd, ENDLESS, NULL));
    assert_int_equal(model_moments(&m), 1);
    assert_true(m.moment[0][7] == 0.0F && m.step == 0);
    optimizer_end(&o);
    assert_true(optimizer_start(&o, &m, &adam, ENDLESS, NULL));
    assert_int_equal(model_moments(&m), 2);
    optimizer_end(&o);
    model_drop(&m);
}

static void a_gradient_that_is_not_finite_changes_nothing(void **state)
{
    struct model m, before;
    struct recipe r = recipe_of("optimizer=sgd clip=1");
    struct optimizer o;
    float *g = NEW_ARRAY(float, WEIGHTS);
    (void)state;

    model_make(&m);
    model_make(&before);
    assert_true(optimizer_start(&o, &m, &r, ENDLESS, NULL));
    g[WEIGHTS - 1] = INFINITY;
    assert_false(optimizer_step(&o, &m, g, false, NULL));
    assert_int_equal(m.step, 0);
    assert_memory_equal(m.weight, before.weight, WEIGHTS * sizeof(float));
    g[WEIGHTS - 1] = 3e38F; /* whose square no float holds */
    assert_true(optimizer_step(&o, &m, g, false, NULL));
    assert_true(fabs(o.clip.norm - (double)3e38F) < 1e25);
    assert_true(optimizer_is_sane(&o, &m, NULL));
    assert_true((double)before.weight[WEIGHTS - 1] - (double)m.weight[WEIGHTS - 1] > 0.0009); /* a step of length 1 */
    m.weight[40000] = NAN;
    assert_false(optimizer_is_sane(&o, &m, NULL));
    optimizer_end(&o);
    free(g);
    model_drop(&m);
    model_drop(&before);
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
    assert_true(optimizer_start(&o, &m, &r, ENDLESS, NULL));
    for (int t = 0; t < 10; t++)
        assert_true(optimizer_step(&o, &m, g, false, NULL));
    for (int i = 0; i < WEIGHTS; i++) {
        assert_true(m.moment[0][i] == 0.0F && !signbit(m.moment[0][i]));
        assert_true(m.moment[1][i] == 0.0F && !signbit(m.moment[1][i]));
    }
    optimizer_end(&o);
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
    assert_true(optimizer_start(&o, &m, &r, ENDLESS, NULL));
    assert_true(o.power[0] == 0.0 && o.power[1] == 0.0);
    m.step = 100;
    optimizer_go_on(&o, &m, 0);
    assert_true(fabs(o.power[0] / pow(0.9, 100.0) - 1.0) < 1e-13);
    assert_true(fabs(o.power[1] / pow(0.999, 100.0) - 1.0) < 1e-13);
    optimizer_end(&o);
    model_drop(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_paper),
        cmocka_unit_test(fifty_steps_of_another_framework),
        cmocka_unit_test(the_same_bits_on_every_kernel_with_threads_and_in_parts),
        cmocka_unit_test(moments_go_on_or_start_anew),
        cmocka_unit_test(a_gradient_that_is_not_finite_changes_nothing),
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
