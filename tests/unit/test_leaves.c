/* A leaf list has one spelling, its root is the cross-validation's, and two lists say where they first differ. */
#include "test_support.h"
#include "tests/unit/train_fixture.h"

#include "base/memory.h"
#include "base/text.h"
#include "train/crossval.h"
#include "work/leaves.h"

static struct leaves parse(const char *text)
{
    struct error err = {0};
    struct leaves l;
    if (!leaves_parse(&l, text, strlen(text), &err))
        fail_msg("%s", err.text);
    return l;
}

static struct crossval *run(uint64_t seed)
{
    struct dataset *d = fixture_xor(1200, 1);
    struct arch *a = fixture_arch(6);
    struct recipe r;
    struct error err = {0};
    fixture_folds(d, 2, FIXTURE_LOOKBACK + 1);
    recipe_defaults(&r);
    r.epochs = 200;
    r.patience = 0;
    r.batch = 128;
    r.stop_ppm = 200000;
    r.seed = seed;
    struct crossval *c = crossval_run(d, a, NULL, &r, -1, NULL, NULL, &err);
    if (!c)
        fail_msg("%s", err.text);
    arch_free(a);
    fixture_free(d);
    return c;
}

static void the_root_is_that_of_the_run(void **state)
{
    struct crossval *c = run(1);
    char *text = leaves_format(c);
    struct leaves l = parse(text);
    (void)state;
    assert_int_equal(l.folds, 2);
    for (int k = 0; k < 2; k++) {
        assert_int_equal(l.fold[k].n, c->fold[k].train.trace_leaves);
        assert_int_equal(l.fold[k].interval, c->fold[k].train.trace_interval);
        assert_true(l.fold[k].n > 2);
    }
    assert_true(hash_equal(leaves_root(&l), c->trace_root));
    leaves_free(&l);
    free(text);
    crossval_free(c);
}

/* A list of two folds, the second of n leaves, one of which is another. */
static char *list(int interval, int n, int other)
{
    struct text t = {0};
    for (int k = 0; k < 2; k++) {
        int leaves = k ? n : 2;
        text_printf(&t, "%sfold %d interval %d leaves %d\n", k ? "" : "morphsmith-leaves 1\n", k + 1, k ? interval : 8,
                    leaves);
        for (int i = 0; i < leaves; i++)
            text_printf(&t, "%064x\n", 100 * k + i + (k && i == other ? 50 : 0));
    }
    return t.data;
}

static bool differ(const char *a, const char *b, struct leaves_gap *gap)
{
    struct leaves l = parse(a), m = parse(b);
    bool differs = leaves_differ(&l, &m, gap);
    leaves_free(&l);
    leaves_free(&m);
    return differs;
}

static void the_first_difference_is_named(void **state)
{
    char *a = list(8, 5, -1), *same = list(8, 5, -1), *third = list(8, 5, 2), *last = list(8, 5, 4),
         *shorter = list(8, 4, -1), *wider = list(16, 5, -1);
    struct leaves_gap gap;
    (void)state;
    assert_false(differ(a, same, &gap));
    assert_true(differ(a, third, &gap));
    assert_int_equal(gap.fold, 1);
    assert_int_equal(gap.leaf, 2);
    assert_int_equal(gap.step, 24);
    assert_false(gap.in_shape);
    assert_true(differ(a, last, &gap));
    assert_int_equal(gap.leaf, 4);
    assert_int_equal(gap.step, -1); /* the state that the training hands back */
    assert_true(differ(a, shorter, &gap));
    assert_int_equal(gap.leaf, 4);
    assert_true(gap.in_shape);
    assert_true(differ(wider, a, &gap));
    assert_int_equal(gap.leaf, 0);
    assert_true(gap.in_shape);
    free(a), free(same), free(third), free(last), free(shorter), free(wider);
}

static void missing_folds_differ(void **state)
{
    char *a = list(8, 2, -1), *one = list(8, 2, -1);
    struct leaves_gap gap;
    (void)state;
    *strstr(one, "fold 2") = 0;
    assert_true(differ(a, one, &gap));
    assert_int_equal(gap.fold, 1);
    assert_true(gap.in_shape);
    free(a), free(one);
}

static void refuse(const char *text, size_t n, const char *word)
{
    struct error err = {0};
    struct leaves l;
    assert_false(leaves_parse(&l, text, n, &err));
    assert_int_equal(err.kind, ERROR_CHAIN);
    if (!strstr(err.text, word))
        fail_msg("no \"%s\" in: %s", word, err.text);
    assert_int_equal(l.folds, 0);
}

static void other_spellings_are_refused(void **state)
{
    static const char *const head[] = {"fold 2 interval 08 leaves 2\n", "fold 2 interval 8 leaves 2 \n",
                                       "fold 2 interval +8 leaves 2\n", "fold 3 interval 8 leaves 2\n",
                                       "fold 2 interval 0 leaves 2\n",  "fold 2 interval 8 leaves 0\n",
                                       "fold 2  interval 8 leaves 2\n", "interval 8 fold 2 leaves 2\n",
                                       "fold 2 interval 8 leaves 2\r\n"};
    char *good = list(8, 2, -1);
    (void)state;
    for (size_t i = 0; i < ARRAY_N(head); i++) {
        const char *at = strstr(good, "fold 2");
        char *bad = memory_format("%.*s%s%s", (int)(at - good), good, head[i], strchr(at, '\n') + 1);
        refuse(bad, strlen(bad), "line 5");
        free(bad);
    }
    good[strlen(good) - 2] = 'G';
    refuse(good, strlen(good), "line 7");
    good[strlen(good) - 2] = 'A'; /* digits are lower case */
    refuse(good, strlen(good), "line 7");
    good[strlen(good) - 2] = '1';
    refuse(good, strlen(good) - 1, "line 5"); /* its last line feed */
    free(good);
}

/* None of these may ask for memory by what it says. */
static void lengths_are_not_believed(void **state)
{
    static const char many[] = "morphsmith-leaves 1\nfold 1 interval 8 leaves 9223372036854775807\n",
                      more[] = "morphsmith-leaves 1\nfold 1 interval 8 leaves 99999999999999999999\n",
                      zero[] = "morphsmith-leaves 1\nfold 1\0interval 8 leaves 1\n";
    (void)state;
    refuse(many, strlen(many), "more leaves than follow");
    refuse(more, strlen(more), "line 2");
    refuse(zero, sizeof zero - 1, "line 2");
    refuse("", 0, "line 1");
    refuse("morphsmith-leaves 1\n", 20, "line 2");
    refuse("morphsmith-leaves 2\n", 20, "line 1");
}

static void more_folds_than_there_can_be_are_refused(void **state)
{
    struct text t = {0};
    (void)state;
    text_put(&t, "morphsmith-leaves 1\n");
    for (int k = 0; k <= DATASET_FOLDS_MAX; k++)
        text_printf(&t, "fold %d interval 8 leaves 1\n%064d\n", k + 1, 7);
    refuse(text_of(&t), t.n, "more folds");
    text_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_root_is_that_of_the_run),
        cmocka_unit_test(the_first_difference_is_named),
        cmocka_unit_test(missing_folds_differ),
        cmocka_unit_test(other_spellings_are_refused),
        cmocka_unit_test(lengths_are_not_believed),
        cmocka_unit_test(more_folds_than_there_can_be_are_refused),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
