#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "train/recipe.h"

#include <math.h>

static const char defaults[] = "morphsmith-recipe 1\n"
                               "epochs 30\n"
                               "batch 64\n"
                               "learning_rate 0.001\n"
                               "optimizer adam\n"
                               "patience 5\n"
                               "stop_ppm 150000\n"
                               "seed 1\n";

static void formats_the_defaults(void **state)
{
    struct recipe r;
    (void)state;

    recipe_defaults(&r);
    assert_true(recipe_check(&r, NULL));
    char *text = recipe_format(&r);
    assert_string_equal(text, defaults);
    free(text);
}

static void round_trips(void **state)
{
    static const float rates[] = {1e-7F, 0.1F, 1.0F, 0.0003F, 0x1p-20F, 0.33333334F};
    (void)state;

    for (size_t i = 0; i < ARRAY_N(rates); i++) {
        struct recipe r, back;
        struct error err = {0};
        recipe_defaults(&r);
        r.learning_rate = rates[i];
        r.epochs = 10000;
        r.batch = 1 + (int)i;
        r.patience = 0;
        r.stop_ppm = 0;
        r.seed = UINT64_MAX - i;
        char *text = recipe_format(&r);
        assert_true(recipe_parse(&back, text, &err));
        char *again = recipe_format(&back);
        assert_string_equal(text, again);
        assert_true(back.learning_rate == rates[i]);
        assert_true(back.seed == UINT64_MAX - i);
        free(text);
        free(again);
    }
}

/* The default text with one piece replaced. */
static char *altered(const char *old, const char *new)
{
    const char *at = strstr(defaults, old);

    assert_non_null(at);
    return memory_format("%.*s%s%s", (int)(at - defaults), defaults, new, at + strlen(old));
}

/* Exact recipes keep their text, so that what was trained keeps its name; the others are known by a last line. */
static void kernels_are_told_where_they_are_not_exact(void **state)
{
    struct recipe r, back;
    struct error err = {0};
    struct hash zero = {{0}};
    (void)state;

    recipe_defaults(&r);
    assert_true(recipe_exact(&r, "it", &err));
    struct hash exact = recipe_id(&r, zero, zero, "scratch");
    r.blas = true;
    char *text = recipe_format(&r);
    assert_memory_equal(text, defaults, sizeof defaults - 1);
    assert_string_equal(text + sizeof defaults - 1, "kernels blas\n");
    assert_true(recipe_parse(&back, text, &err));
    assert_true(back.blas);
    assert_false(hash_equal(exact, recipe_id(&r, zero, zero, "scratch")));
    assert_false(recipe_exact(&back, "the task's recipe", &err));
    assert_int_equal(err.kind, ERROR_CHAIN);
    assert_non_null(strstr(err.text, "the task's recipe"));
    free(text);
    assert_true(recipe_parse(&back, defaults, NULL));
    assert_false(back.blas);
    static const char *const wrong[] = {"kernels exact\n", "kernels blas", "kernels blas \n", "kernels blas\nkernels blas\n"};
    for (size_t i = 0; i < ARRAY_N(wrong); i++) {
        char *other = memory_format("%s%s", defaults, wrong[i]);
        assert_false(recipe_parse(&back, other, NULL));
        free(other);
    }
}

static void refuses_every_other_spelling(void **state)
{
    static const struct {
        const char *old, *new, *names;
    } cases[] = {
        {"recipe 1", "recipe 2", "line 1"},
        {"epochs 30", "epochs 030", "canonical"},
        {"epochs 30", "epochs  30", "line 2"},
        {"epochs 30", "epochs 30 ", "line 2"},
        {"epochs 30", "epochs +30", ""},
        {"epochs 30", "epochs 0", "epochs"},
        {"epochs 30", "epochs 10001", "epochs"},
        {"epochs 30\nbatch 64", "batch 64\nepochs 30", "line 2"},
        {"batch 64", "batch 65537", "batch"},
        {"batch 64", "batch", "line 3"},
        {"0.001", "1e-3", "canonical"},
        {"0.001", "0.0010", "canonical"},
        {"0.001", "0", "learning_rate"},
        {"0.001", "-0.001", "learning_rate"},
        {"0.001", "1.5", "learning_rate"},
        {"0.001", "nan", "learning_rate"},
        {"0.001", "1e39", "learning_rate"},
        {"adam", "lion", "optimizer"},
        {"seed 1\n", "seed 1\nmomentum 0.9\n", "momentum"},
        {"seed 1\n", "seed 1\nweight_decay 0\n", "canonical"},
        {"seed 1\n", "seed 1\nschedule constant\n", "canonical"},
        {"seed 1\n", "seed 1\nschedule cosine\nschedule cosine\n", "line 10"},
        {"seed 1\n", "seed 1\nclip 1\nwarmup 3\n", "line 10"},
        {"seed 1\n", "seed 1\nwarmup 3\nclip 01\n", "canonical"},
        {"seed 1\n", "seed 1\nwarmup -3\n", "warmup"},
        {"seed 1\n", "seed 1\nclip\n", "line 9"},
        {"seed 1\n", "seed 1\nclip \n", "line 9"},
        {"seed 1\n", "seed 1\nclip 1 \n", "clip"},
        {"seed 1\n", "seed 1\nclip +1\n", ""},
        {"seed 1\n", "seed 1\nnesterov yes\n", "nesterov"},
        {"seed 1\n", "seed 1\nhuber 1\n", "line 9"},
        {"seed 1\n", "seed 1\ndropout 0.1\n", "no setting"},
        {"epochs 30\n", "epochs 30\nclip 1\n", "line 3"},
        {"adam", "adamadamadamadamadam", "optimizer"},
        {"patience 5", "patience -1", "patience"},
        {"150000", "500001", "stop_ppm"},
        {"150000", "4294967296", "stop_ppm"},
        {"seed 1\n", "seed 1", "canonical"},
        {"seed 1\n", "seed 1\n\n", "canonical"},
        {"seed 1\n", "seed 1\r\n", "seed"},
        {"seed 1\n", "seed 18446744073709551616\n", "seed"},
        {"seed 1\n", "", "seed"},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_N(cases); i++) {
        struct recipe r = {.epochs = 77};
        struct error err = {0};
        char *text = altered(cases[i].old, cases[i].new);
        if (recipe_parse(&r, text, &err))
            fail_msg("accepted: %s", text);
        assert_int_not_equal(err.kind, ERROR_NONE);
        if (!strstr(err.text, cases[i].names))
            fail_msg("\"%s\" does not name %s", err.text, cases[i].names);
        assert_int_equal(r.epochs, 77);
        free(text);
    }
}

/* Only what differs is written, in the table's order. */
static void settings_that_differ_have_lines(void **state)
{
    static const char more[] = "momentum 0.9\nnesterov yes\nweight_decay 0.01\nschedule step\nwarmup 100\n"
                               "step_size 3\ngamma 0.5\nmin_rate 1e-06\nclip 0.5\nlabel_smoothing 0.1\n"
                               "class_weight balanced\nmin_delta 0.001\nhead zero\nkeep_start yes\n";
    struct recipe r, back;
    struct error err = {0};
    (void)state;

    recipe_defaults(&r);
    text_copy(r.optimizer, sizeof r.optimizer, "sgd");
    r.momentum = 0.9F;
    r.nesterov = r.balanced = r.zero_head = r.keep_start = true;
    r.weight_decay = 0.01F;
    text_copy(r.schedule, sizeof r.schedule, "step");
    r.warmup = 100;
    r.step_size = 3;
    r.gamma = 0.5F;
    r.min_rate = 1e-6F;
    r.clip = 0.5F;
    r.label_smoothing = 0.1F;
    r.min_delta = 0.001F;
    char *text = recipe_format(&r), *plain = altered("adam", "sgd"), *expected = memory_format("%s%s", plain, more);
    assert_string_equal(text, expected);
    if (!recipe_parse(&back, text, &err))
        fail_msg("%s", err.text);
    assert_true(back.gamma == 0.5F && back.keep_start && back.warmup == 100 && back.label_smoothing == 0.1F);
    free(text);
    free(plain);
    free(expected);
}

static void refuses_a_long_text(void **state)
{
    struct recipe r;
    struct error err = {0};
    char *text = memory_new(100001, 1);
    (void)state;

    memset(text, 'x', 100000);
    assert_false(recipe_parse(&r, text, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    free(text);
}

static void ids_differ_in_every_part(void **state)
{
    struct recipe r, other;
    struct hash a = hash_of_text("arch"), d = hash_of_text("data");
    (void)state;

    recipe_defaults(&r);
    struct hash id = recipe_id(&r, a, d, "scratch");
    assert_true(hash_equal(id, recipe_id(&r, a, d, "scratch")));
    assert_false(hash_equal(id, recipe_id(&r, d, a, "scratch")));
    assert_false(hash_equal(id, recipe_id(&r, a, d, "parent")));
    other = r;
    other.seed = 2;
    assert_false(hash_equal(id, recipe_id(&other, a, d, "scratch")));
    other = r;
    other.learning_rate = nextafterf(r.learning_rate, 1.0F);
    assert_false(hash_equal(id, recipe_id(&other, a, d, "scratch")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_the_defaults),         cmocka_unit_test(round_trips),
        cmocka_unit_test(refuses_every_other_spelling), cmocka_unit_test(refuses_a_long_text),
        cmocka_unit_test(ids_differ_in_every_part),     cmocka_unit_test(settings_that_differ_have_lines),
        cmocka_unit_test(kernels_are_told_where_they_are_not_exact),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
