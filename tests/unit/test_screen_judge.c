/* Judging from the Search screen: the manual models beside what was found, the comparison of two, the hold-out's dialog. */
#include "tests/unit/screen_fixture.h"

/* Two trials of one architecture, grown (1 from 2's parent) and from scratch, and a manual model. */
static void fill(struct world *d)
{
    world_task(d);
    struct hash mlp = world_arch(d, "mlp", 16, 1, "mlp", NULL, NULL);
    struct hash wide = world_arch(d, "mlp", 32, 1, "", &mlp, "widen node=d1 by=16");
    int64_t first = world_trial(d, mlp, 0, 0, "", "done", 0.52);
    world_trial(d, wide, 0, first, "widen node=d1 by=16", "done", 0.60);
    world_trial(d, wide, 0, 0, "", "done", 0.56);
}

static bool ran(struct world *d, const char *command)
{
    world_settle(d);
    char *arguments = world_read(d, "arguments");
    bool found = strstr(arguments, command) != NULL;
    if (!found)
        fprintf(stderr, "not started: %s\n%s", command, arguments);
    free(arguments);
    return found;
}

static const char table[] =
    "{\"baselines\":[{\"name\":\"majority\",\"score\":{\"mean\":0.51,\"low\":0.48,\"high\":0.54},"
    "\"lead\":{\"mean\":0.09,\"low\":0.05,\"high\":0.13}},"
    "{\"name\":\"lstm-32\",\"score\":{\"mean\":0.58,\"low\":0.55,\"high\":0.61},"
    "\"lead\":{\"mean\":0.02,\"low\":-0.01,\"high\":0.05}}],\"left\":[\"lstm-64\",\"tcn-64\"],"
    "\"found\":{\"trial\":2,\"why\":\"widen node=d1 by=16\",\"score\":{\"mean\":0.6,\"low\":0.57,\"high\":0.63}},"
    "\"evidence\":{\"skill\":false,\"sentence\":\"No evidence of skill: so it is.\"}}\n";

static void the_manual_models_stand_beside_what_was_found(void **state)
{
    struct world *d = *state;
    fill(d);
    world_open(d, "search", false);
    world_press(d, "b");
    assert_true(world_shows(d, 120, 36, "\xe2\x96\xb8 quick")); /* none was trained yet: the table would be empty */
    world_press(d, "Esc");
    text_copy(d->next.strategy, sizeof d->next.strategy, RUNS_BASELINE);
    world_trial(d, world_arch(d, "mlp", 5, 1, "baseline-lstm-32", NULL, NULL), 0, 0, "", "done", 0.58);
    world_write(d, "baseline.jsonl", table, 0644);
    world_open(d, "search", false);
    world_press(d, "b");
    assert_true(world_shows(d, 120, 36, "\xe2\x96\xb8 the table of what was trained so far"));
    world_press(d, "Enter");
    assert_true(ran(d, "baseline --kept "));
    for (int i = 0; i < 2; i++) {
        int columns = i == 0 ? 80 : 132;
        assert_true(world_shows(d, columns, 30, "lstm-32        58.00 % [55.0, 61.0]"));
        assert_true(world_shows(d, columns, 30, "+2.00 [-1.0, +5.0]")); /* not clear of 0 */
        assert_true(world_shows(d, columns, 30, "+9.00 [+5.0, +13.0]"));
        assert_true(world_shows(d, columns, 30, "trial 2        60.00 % [57.0, 63.0]"));
        assert_true(world_shows(d, columns, 30, "No evidence of skill: so it is."));
        assert_true(world_shows(d, columns, 30, "Found: widen node=d1 by=16"));
    }
    assert_true(world_shows(d, 132, 30, "2 of the grid of manual models were not trained yet"));
}

static void two_are_compared(void **state)
{
    struct world *d = *state;
    fill(d);
    world_write(d, "compare.jsonl", "{\"a\":{},\"b\":{},\"sentence\":\"One cannot be told from the other.\"}\n", 0644);
    world_open(d, "search", false);
    world_press(d, "j C");
    assert_true(world_shows(d, 120, 36, "trial:2"));
    world_press(d, "Enter");
    assert_true(ran(d, "compare trial:3 trial:2 "));
    assert_true(world_shows(d, 120, 36, "One cannot be told from the other."));
}

/* The trial under the cursor, not the best one of its architecture. */
static void the_hold_out_is_for_the_trial_under_the_cursor(void **state)
{
    struct world *d = *state;
    fill(d);
    world_open(d, "search", false);
    world_press(d, "j H");
    assert_true(world_shows(d, 120, 36, "(architecture a541698b8150, starting point, 56.00 % out of fold)"));
    world_press(d, "o p e n Enter");
    assert_true(ran(d, "holdout open trial:3 --yes "));
    world_press(d, "k H");
    assert_true(world_shows(d, 120, 36, "a541698b8150, EI"));
    world_press(d, "n o Enter");
    world_settle(d);
    char *arguments = world_read(d, "arguments");
    assert_null(strstr(arguments, "trial:2"));
    free(arguments);
}

static const char saved[] =
    "{\"trial\":2,\"chain\":[{\"trial\":1,\"morphism\":\"\",\"inherited\":{\"epochs\":5,\"seconds\":1.5},"
    "\"scratch\":{\"epochs\":5,\"seconds\":1.5,\"reached\":3,\"folds\":3}},{\"trial\":2,\"morphism\":"
    "\"widen node=d1 by=16\\ndeepen node=d1\",\"inherited\":{\"epochs\":4,\"seconds\":0.5},\"scratch\":{\"epochs\":40,"
    "\"seconds\":6.5,\"reached\":2,\"folds\":3}}],\"last_alone\":{\"seconds\":6.5},\"inherited_seconds\":2.0,"
    "\"scratch_seconds\":8.0,\"saved\":0.75,\"saved_macs\":-0.125,\"reached\":5,\"folds\":6}\n";

static void what_inheriting_saved_is_measured_and_shown(void **state)
{
    struct world *d = *state;
    struct error err = {0};
    int64_t search;
    world_task(d);
    world_open(d, "search", false);
    world_press(d, "I");
    assert_true(world_shows(d, 120, 36, "no trial inherited weights yet"));
    assert_true(runs_search_new(d->w, d->task.hash, "{\"trials\":2}", &search, &err));
    struct hash mlp = world_arch(d, "mlp", 16, 1, "mlp", NULL, NULL);
    struct hash wide = world_arch(d, "mlp", 32, 1, "", &mlp, "widen node=d1 by=16");
    int64_t first = world_trial(d, mlp, search, 0, "", "done", 0.52);
    world_trial(d, wide, search, first, "widen node=d1 by=16", "done", 0.60);
    world_write(d, "bench.jsonl", saved, 0644);
    world_open(d, "search", false);
    world_press(d, "j I"); /* the starting point is no trial that inherited, but others are */
    char *text = world_frame(d, 120, 36, SYMBOLS_BRAILLE);
    assert_null(strstr(text, "trial 1 and what it grew from"));
    free(text);
    world_press(d, "Enter");
    assert_true(ran(d, "bench inherit --all "));
    world_press(d, "Esc k I Enter");
    assert_true(ran(d, "bench inherit --trial 2 "));
    assert_true(world_shows(d, 132, 30, "75.0 % less time"));
    assert_true(world_shows(d, 132, 30, "12.5 % more"));
    assert_true(world_shows(d, 132, 30, "in 1 of 6 folds"));
    assert_true(world_shows(d, 80, 24, "2 of 3  widen d1 by=16"));
    assert_true(world_shows(d, 80, 24, "3 of 3  starting point"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_new, world_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_manual_models_stand_beside_what_was_found),
        TEST(what_inheriting_saved_is_measured_and_shown),
        TEST(two_are_compared),
        TEST(the_hold_out_is_for_the_trial_under_the_cursor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
