/* What a prediction is made of adds up to it, and the nearest observation of a known network is itself. */
#include "tests/unit/test_support.h"

#include "base/memory.h"
#include "search/near.h"
#include "search/surrogate_internal.h"

#include <math.h>

static struct arch *network(int width)
{
    struct error err = {0};
    struct arch *a = arch_template("mlp", 8, 3, 1, width, 1, &err);
    assert_non_null(a);
    return a;
}

static void the_terms_add_up(void **state)
{
    static const int width[] = {8, 16, 24, 40, 64};
    struct error err = {0};
    struct search *s = search_new(&(struct search_options){.strategy = "bayes", .seed = 1}, &err);
    assert_non_null(s);
    (void)state;
    for (int i = 0; i < 5; i++) {
        struct arch *a = network(width[i]);
        struct search_told told = {.score = 0.5 + 0.02 * i, .noise = 1e-4, .failed = i == 1};
        search_tell(s, 10 + i, a, &told);
        arch_free(a);
    }
    const struct surrogate *g = search_surrogate(s);
    struct arch *known = network(40), *other = network(48);
    struct near near;
    assert_true(near_start(&near, g, known, 2));
    assert_int_equal(near.n, 2);
    assert_int_equal(near.observations, 4);
    assert_int_equal(near_trial(s, near.one[0].observation), 13); /* the failed one was not observed */
    assert_true(fabs(near.one[0].k - 1) < 1e-9);
    assert_true(near.one[1].k < 1 - 1e-9);
    near_end(&near);
    struct surrogate_view view;
    surrogate_predict(g, other, &view);
    assert_true(near_start(&near, g, other, 100));
    assert_int_equal(near.n, 4);
    double sum = 0;
    for (int i = 0; i < near.n; i++) {
        assert_true(i == 0 || near.one[i].k <= near.one[i - 1].k);
        sum += near.one[i].k * near.one[i].alpha;
    }
    assert_true(fabs(sum - near.sum) < 1e-9);
    assert_true(fabs(surrogate_score(g, near.sum) - view.mean) < 1e-9);
    assert_int_equal(near_trial(s, 4), -1);
    near_end(&near);
    arch_free(known);
    arch_free(other);
    search_free(s);
}

static void nothing_is_near_before_a_fit(void **state)
{
    struct surrogate *g = surrogate_new(&(struct surrogate_options){.deterministic = true});
    struct arch *a = network(8);
    struct near near;
    (void)state;
    assert_false(near_start(&near, g, a, 3));
    near_end(&near);
    arch_free(a);
    surrogate_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_terms_add_up),
        cmocka_unit_test(nothing_is_near_before_a_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
