/* What inheriting weights saved, measured. */
#include "tests/unit/search_fixture.h"

#include "action/action.h"
#include "base/file.h"
#include "store/tasks.h"
#include "work/json.h"

#include <math.h>

static void what_inheriting_saved_is_measured(void **state)
{
    struct error err = {0};
    struct workspace *w = search_fresh(state, "w");
    struct driver_options o = search_options_of("evolution", 9, 2);
    struct trial_row *rows;
    json_t *searched = search_run(w, &o, NULL);
    assert_string_equal(json_string_value(json_object_get(json_object_get(searched, "inherited"), "kind")), "estimate");
    json_decref(searched);
    int n = search_rows(w, &rows), grown = 0;
    while (grown < n && !rows[grown].parent)
        grown++;
    assert_in_range(grown, 1, n - 1);
    json_t *j = action_inherit(w, rows[grown].id, 1, NULL, &err);
    if (!j)
        fail_msg("%s", err.text);
    const json_t *chain = json_object_get(j, "chain"), *first = json_array_get(chain, 0);
    const json_t *last = json_array_get(chain, 1);
    assert_int_equal(json_array_size(chain), 2);
    assert_int_equal(json_integer_value(json_object_get(first, "trial")), rows[grown].parent);
    assert_true(json_equal(json_object_get(json_object_get(first, "inherited"), "macs"),
                           json_object_get(json_object_get(first, "scratch"), "macs")));
    /* it took exactly its best epochs, and the sums are those of the chain */
    json_t *result = json_loads(rows[grown].result, 0, NULL);
    int epochs = 0;
    for (size_t k = 0; k < 2; k++)
        epochs += (int)json_integer_value(
            json_object_get(json_array_get(json_object_get(result, "folds"), k), "best_epoch"));
    assert_int_equal(json_integer_value(json_object_get(json_object_get(last, "inherited"), "epochs")), epochs);
    double scratch = json_number_value(json_object_get(json_object_get(first, "scratch"), "macs")) +
                     json_number_value(json_object_get(json_object_get(last, "scratch"), "macs"));
    assert_true(json_member_number(j, "scratch_macs") == scratch);
    double saved = 1 - json_member_number(j, "inherited_macs") / scratch;
    assert_true(fabs(json_member_number(j, "saved_macs") - saved) < 1e-12);
    json_decref(result);
    json_decref(j);
    j = action_inherit(w, 0, 1, NULL, &err); /* the best of the last search */
    assert_non_null(j);
    json_decref(j);
    assert_null(action_inherit(w, 999, 1, NULL, &err));
    runs_trials_free(rows, n);
    workspace_close(w);
}

static double member(const json_t *j, const char *of, const char *key)
{
    return json_member_number(json_object_get(j, of), key);
}

static void what_inheriting_saved_a_search_is_measured(void **state)
{
    struct error err = {0};
    struct workspace *w = search_fresh(state, "w");
    struct driver_options o = search_options_of("evolution", 6, 2);
    struct trial_row *rows;
    o.recipe.epochs = 6;
    o.recipe.patience = 0;
    assert_null(action_inherit_all(w, 1, NULL, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    json_decref(search_run(w, &o, NULL));
    int n = search_rows(w, &rows);
    json_t *j = action_inherit_all(w, 1, NULL, &err);
    if (!j)
        fail_msg("%s", err.text);
    const json_t *list = json_object_get(j, "rows"), *one;
    double inherited = member(j, "starting", "macs"), scratch = 0;
    size_t i;
    assert_int_equal(json_integer_value(json_object_get(j, "grown")), 5);
    assert_int_equal(json_integer_value(json_object_get(j, "starting_points")), 1);
    assert_int_equal(json_integer_value(json_object_get(j, "left_out")), 0);
    assert_int_equal((int)member(j, "starting", "epochs"), 12); /* all of two folds, not only to the best */
    assert_int_equal(json_array_size(list), 5);
    json_array_foreach(list, i, one) {
        double epochs = member(one, "scratch", "epochs");
        inherited += member(one, "inherited", "macs");
        scratch += member(one, "scratch", "macs");
        assert_in_range((int)member(one, "inherited", "epochs"), 2, 4); /* a third of six, each of two folds */
        assert_in_range((int)epochs, 2, 12);
        if ((int)member(one, "scratch", "reached") < 2)
            assert_true(epochs >= 7); /* one that is not as low used all its six */
    }
    assert_true(fabs(json_member_number(j, "inherited_macs") / inherited - 1) < 1e-12);
    assert_true(fabs(json_member_number(j, "scratch_macs") / scratch - 1) < 1e-12);
    assert_true(fabs(json_member_number(j, "saved_macs") - (1 - inherited / scratch)) < 1e-12);
    double both = scratch + member(j, "starting", "macs");
    assert_true(fabs(json_member_number(j, "saved_both_macs") - (1 - inherited / both)) < 1e-12);
    json_decref(j);
    runs_trials_free(rows, n);
    o.from_scratch = true; /* nothing grew */
    o.seed++;
    json_decref(search_run(w, &o, NULL));
    error_clear(&err);
    assert_null(action_inherit_all(w, 1, NULL, &err));
    assert_non_null(strstr(err.text, "grew"));
    workspace_close(w);
}

#define T(f) cmocka_unit_test_setup_teardown(f, test_folder_new, test_folder_free)

int main(int n, char **argument)
{
    int worker = search_worker(n, argument);
    if (worker >= 0)
        return worker;
    const struct CMUnitTest tests[] = {
        T(what_inheriting_saved_is_measured),
        T(what_inheriting_saved_a_search_is_measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
