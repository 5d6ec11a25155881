/* The predictions of the Train screen: what the job tells is shown, large and at every size; keys do what they say. */
#include "tests/unit/screen_fixture.h"

static const char told[] =
    "{\"event\":\"prediction\",\"time\":\"2020-01-01T00:00:00Z\",\"known_at\":\"2020-01-02T00:00:00Z\",\"asset\":\"m\","
    "\"state\":\"validation\",\"prediction\":\"down\",\"probability_up\":0.25,\"outcome\":\"up\",\"price\":7000}\n"
    "{\"event\":\"prediction\",\"time\":\"2020-01-02T00:00:00Z\",\"known_at\":\"2020-01-03T00:00:00Z\",\"asset\":\"m\","
    "\"state\":\"new\",\"prediction\":\"up\",\"probability_up\":0.625,\"outcome\":null,\"price\":null}\n"
    "{\"done\":true,\"about\":\"m: close up or down, 1 bar ahead\",\"horizon\":1,\"step_us\":86400000000,\"assets\":[{"
    "\"asset\":\"m\",\"sealed\":45,\"scores\":[{\"state\":\"validation\",\"total\":1,\"log_loss\":1.386,"
    "\"directional_accuracy\":{\"mean\":0,\"low\":0,\"high\":0}}]}]}\n";

/* A network with a trained model. */
static void fill(struct world *d)
{
    struct error err = {0};
    int64_t id;
    world_task(d);
    struct hash mlp = world_arch(d, "mlp", 16, 1, "mlp", NULL, NULL);
    struct arch *a = arches_load(d->w, mlp, &err);
    struct model *m = model_new(a, 1, &err);
    struct model_row row = {.task = d->task.hash, .recipe = "r"};
    assert_true(models_put(d->w, m, &row, &err));
    assert_true(runs_training_new(d->w, mlp, d->task.hash, 8, &id, &err));
    world_epochs(d, "train", id, 0, 8, 5);
    assert_true(runs_training_end(d->w, id, "done", &row.id, &err));
    model_free(m);
    arch_free(a);
    world_write(d, "predict.jsonl", told, 0666);
}

static void open_predictions(struct world *d)
{
    fill(d);
    world_open(d, "train", false);
    world_press(d, "P");
    world_settle(d);
}

static void without_a_model_it_says_why(void **state)
{
    struct world *d = *state;
    world_task(d);
    world_open(d, "train", false);
    world_press(d, "P");
    assert_true(world_shows(d, 120, 36, "there is no trained model"));
}

static void the_next_bar_stands_out(void **state)
{
    static const int size[][2] = {{60, 20}, {80, 24}, {120, 36}, {200, 60}};
    struct world *d = *state;
    open_predictions(d);
    char *arguments = world_read(d, "arguments");
    assert_non_null(strstr(arguments, "predict "));
    assert_non_null(strstr(arguments, "--last 2000"));
    free(arguments);
    for (size_t i = 0; i < ARRAY_N(size); i++) {
        assert_true(world_shows(d, size[i][0], size[i][1], "The next bar"));
        assert_true(world_shows(d, size[i][0], size[i][1], "U P"));
        assert_true(world_shows(d, size[i][0], size[i][1], "6 2 . 5"));
        assert_true(world_shows(d, size[i][0], size[i][1], "from its close at 2020-01-03"));
        assert_true(world_shows(d, size[i][0], size[i][1], "validation 0.0 % of 1"));
    }
    assert_true(world_shows(d, 80, 24, "75.0 %")); /* what is said of down */
    assert_true(world_shows(d, 80, 24, "up x"));   /* and what came */
    assert_true(world_shows(d, 120, 36, "45 sealed bars left out"));
    assert_true(world_shows(d, 120, 36, "Probability of up"));
}

static void its_keys_do_what_they_say(void **state)
{
    struct world *d = *state;
    open_predictions(d);
    world_press(d, "f");
    assert_true(world_shows(d, 120, 36, "New bars from a file"));
    world_press(d, "Esc");
    assert_true(world_shows(d, 120, 36, "The next bar"));
    world_press(d, "e");
    assert_true(world_shows(d, 120, 36, "The number is a PROBABILITY"));
    assert_true(world_shows(d, 120, 36, "was not scored by walk-forward"));
    world_press(d, "Esc s Enter");
    world_settle(d);
    char *arguments = world_read(d, "arguments");
    assert_non_null(strstr(arguments, "--out predictions.csv"));
    free(arguments);
    world_press(d, "Esc");
    assert_false(world_shows(d, 120, 36, "The next bar"));
    assert_true(world_shows(d, 120, 36, "train 1"));
    world_press(d, "P P");
    assert_true(world_shows(d, 120, 36, "train 1"));
}

static void what_failed_is_said(void **state)
{
    struct world *d = *state;
    fill(d);
    world_write(d, "predict.jsonl", "", 0666);
    world_open(d, "train", false);
    world_press(d, "P");
    world_settle(d);
    assert_true(world_shows(d, 80, 24, "No bar has a prediction"));
}

#define T(test) cmocka_unit_test_setup_teardown(test, world_new, world_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(without_a_model_it_says_why),
        T(the_next_bar_stands_out),
        T(its_keys_do_what_they_say),
        T(what_failed_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
