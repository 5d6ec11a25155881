/* The Train screen on a real workspace: what it shows, and what its keys do. */
#include "tests/unit/screen_fixture.h"

#include "store/checkpoints.h"
#include "ui/screen/train_state.h"

extern const struct screen screen_train;

/* As the process that runs a training does; to the end of this program. */
static void hold(struct world *d, int64_t run)
{
    assert_true(checkpoints_lock(d->w, "train", run, NULL) >= 0);
}

/* A finished training (train 1), a trial with three folds (trial 1), a running training (train 2). */
static void fill(struct world *d)
{
    struct error err = {0};
    int64_t id;
    world_task(d);
    struct hash mlp = world_arch(d, "mlp", 16, 1, "mlp", NULL, NULL), tcn = world_arch(d, "tcn", 4, 1, "tcn", NULL, NULL);
    setenv("MORPHSMITH_CLOCK", "1700000000", 1);
    assert_true(runs_training_new(d->w, mlp, d->task.hash, 8, &id, &err));
    world_epochs(d, "train", id, 0, 8, 5);
    struct hash none = {{0}};
    assert_true(runs_training_end(d->w, id, "done", &none, &err));
    setenv("MORPHSMITH_CLOCK", "1700000010", 1);
    int64_t trial = world_trial(d, tcn, 0, 0, "", "done", 0.55);
    for (int fold = 0; fold < 3; fold++)
        world_epochs(d, "trial", trial, fold, 4 + fold, 3);
    setenv("MORPHSMITH_CLOCK", "1700000020", 1);
    assert_true(runs_training_new(d->w, mlp, d->task.hash, 30, &id, &err));
    hold(d, id);
    world_epochs(d, "train", id, 0, 2, 2);
}

static void select_mlp(struct world *d)
{
    struct error err = {0};
    json_t *j = action_select(d->w, "mlp", &err);
    assert_non_null(j);
    json_decref(j);
}

static void an_empty_workspace_says_what_to_do(void **state)
{
    struct world *d = *state;
    world_open(d, "train", false);
    assert_true(world_shows(d, 80, 24, "There is no prediction task yet"));
    world_press(d, "t");
    assert_true(world_shows(d, 120, 36, "set one on the Data screen (1)"));
    world_task(d);
    world_open(d, "train", false);
    assert_true(world_shows(d, 60, 20, "trains the network at hand"));
    world_press(d, "t");
    assert_true(world_shows(d, 120, 36, "no network is at hand: choose one"));
    world_press(d, "Space");
    assert_true(world_shows(d, 120, 36, "there is no run yet"));
}

static void runs_are_listed_newest_first_with_their_best(void **state)
{
    struct world *d = *state;
    fill(d);
    world_open(d, "train", false);
    struct train_screen *s = screen_train.open(d->app);
    screen_train.reload(s, d->app);
    assert_int_equal(s->runs, 3);
    assert_false(s->run[0].trial);
    assert_int_equal(s->run[0].id, 2);
    assert_true(s->run[1].trial);
    assert_int_equal(s->run[2].id, 1);
    assert_int_equal(s->run[2].curve.best, 4); /* epoch 5 */
    assert_int_equal(s->run[1].curve.folds, 3);
    assert_int_equal(s->run[1].curve.n, 15);
    assert_int_equal(s->table.cursor, 0); /* follows the running one */
    screen_train.close(s);
    assert_true(world_shows(d, 120, 36, "train 2"));
    assert_true(world_shows(d, 120, 36, "0.65000"));
    assert_true(world_shows(d, 120, 36, "latest: epoch 2  loss 0.68000 train, 0.65000 validation  51.00 % right"));
    assert_true(world_shows(d, 80, 24, "following"));
}

static void equal_recipes_share_a_curve_and_lost_trials_do_not_run(void **state)
{
    struct world *d = *state;
    struct arch_row tcn;
    fill(d);
    assert_true(arches_find(d->w, "tcn", &tcn, NULL));
    free(tcn.text);
    setenv("MORPHSMITH_CLOCK", "1700000030", 1);
    world_trial(d, tcn.id, 0, 0, "", "done", 0.55);                   /* trial 2: as trial 1 */
    world_trial(d, tcn.id, 7, 0, "", "running", (double)NAN);         /* trial 3: of a search that is no more */
    world_open(d, "train", false);
    struct train_screen *s = screen_train.open(d->app);
    screen_train.reload(s, d->app);
    assert_int_equal(s->run[0].id, 3);
    assert_string_equal(s->run[0].state, "cut off");
    assert_int_equal(s->run[0].curve.n, 15); /* it was answered before */
    assert_int_equal(s->run[1].curve.n, 15);
    assert_int_equal(s->run[s->table.cursor].id, 2);
    assert_false(s->run[s->table.cursor].trial); /* follows train 2, which runs */
    screen_train.close(s);
}

static void the_cursor_names_exact_values(void **state)
{
    struct world *d = *state;
    fill(d);
    world_open(d, "train", false);
    world_press(d, "G");
    assert_true(world_shows(d, 120, 36, "held (w follows)"));
    assert_true(world_shows(d, 120, 36, "latest: epoch 8"));
    world_press(d, "Left Left Left Left");
    assert_true(world_shows(d, 120, 36, "epoch 5  loss 0.65000 train, 0.65000 validation  52.50 % right"));
    assert_true(world_shows(d, 120, 36, "at 5"));
    world_press(d, "Left Left Left Left Left Left Left");
    assert_true(world_shows(d, 120, 36, "epoch 1  loss 0.69000"));
    world_press(d, "Right Right Right Right Right Right Right Right");
    assert_true(world_shows(d, 120, 36, "latest: epoch 8"));
}

static void metrics_folds_smoothing_and_scale_change(void **state)
{
    struct world *d = *state;
    fill(d);
    world_open(d, "train", false);
    world_press(d, "f");
    assert_true(world_shows(d, 120, 36, "this run has no folds"));
    world_press(d, "j"); /* the trial */
    assert_true(world_shows(d, 120, 36, "all folds"));
    assert_true(world_shows(d, 120, 36, "epoch 6, fold 3"));
    world_press(d, "f");
    assert_true(world_shows(d, 120, 36, "f fold 1"));
    assert_true(world_shows(d, 120, 36, "epoch 4, fold 1"));
    world_press(d, "f f f");
    assert_true(world_shows(d, 120, 36, "all folds"));
    assert_true(world_shows(d, 120, 36, "s smoothed l linear"));
    world_press(d, "s l");
    assert_true(world_shows(d, 120, 36, "s raw l log"));
    world_press(d, "m");
    assert_true(world_shows(d, 120, 36, "[accuracy]"));
    world_press(d, "m m");
    assert_true(world_shows(d, 120, 36, "[rate]"));
    world_press(d, "m");
    assert_true(world_shows(d, 120, 36, "[loss]"));
}

static void space_marks_up_to_six(void **state)
{
    struct world *d = *state;
    int64_t id;
    struct error err = {0};
    fill(d);
    for (int i = 0; i < 5; i++) {
        assert_true(runs_training_new(d->w, world_arch(d, "mlp", 16, 1, "mlp", NULL, NULL), d->task.hash, 3, &id, &err));
        world_epochs(d, "train", id, 0, 3, 2);
    }
    world_open(d, "train", false);
    world_press(d, "g Space Space");
    assert_true(world_shows(d, 120, 36, "2 marked"));
    assert_true(world_shows(d, 120, 36, "Validation loss"));
    assert_true(world_shows(d, 120, 36, "1 train 7 mlp"));
    assert_true(world_shows(d, 120, 36, "2 train 6 mlp"));
    world_press(d, "g Space");
    assert_true(world_shows(d, 120, 36, "1 marked"));
    world_press(d, "g Space j Space Space Space Space Space");
    assert_true(world_shows(d, 120, 36, "6 runs can be drawn at once"));
    assert_true(world_shows(d, 120, 36, "6 marked"));
}

/* Weights that are not exact are marked in the list, in the details, and where they are explained. */
static void what_is_not_exact_is_marked(void **state)
{
    struct world *d = *state;
    fill(d);
    struct hash arch = world_arch(d, "mlp", 16, 1, "mlp", NULL, NULL);
    struct arch *a = arches_load(d->w, arch, NULL);
    struct model *m = model_new(a, 5, NULL);
    struct model_row row = {.task = d->task.hash, .trace_root = {{7}}};
    int64_t id;
    m->blas = true;
    assert_true(models_put(d->w, m, &row, NULL));
    assert_true(runs_training_new(d->w, arch, d->task.hash, 3, &id, NULL));
    world_epochs(d, "train", id, 0, 3, 2);
    assert_true(runs_training_end(d->w, id, "done", &row.id, NULL));
    world_open(d, "train", false);
    world_press(d, "g");
    assert_true(world_shows(d, 60, 20, "blas, not exact: latest"));
    assert_true(world_shows(d, 80, 24, "blas, not exact: latest"));
    assert_true(world_shows(d, 120, 36, "kernels    blas: not exact, no claim"));
    world_press(d, "e");
    assert_true(world_shows(d, 120, 36, "KERNELS BLAS") || world_shows(d, 160, 100, "KERNELS BLAS"));
    world_press(d, "Esc G");
    assert_false(world_shows(d, 120, 36, "no claim"));
    model_free(m);
    arch_free(a);
}

static void options_are_asked_checked_and_kept(void **state)
{
    struct world *d = *state;
    fill(d);
    select_mlp(d);
    world_open(d, "train", false);
    assert_true(world_shows(d, 120, 36, "epochs=15 rate=0.006 batch=64 seed=1"));
    world_press(d, "o");
    assert_true(world_shows(d, 120, 36, "At most so many passes"));
    world_press(d, "Enter Backspace Backspace 4 Enter"); /* epochs */
    world_press(d, "Down Down Enter Backspace Backspace Backspace Backspace Backspace 0 . 0 1 Enter");
    assert_true(world_shows(d, 120, 36, "= train mlp --epochs 4 --lr 0.01"));
    world_press(d, "Esc");
    assert_true(world_shows(d, 120, 36, "epochs=4 rate=0.01 batch=64 seed=1"));
    world_press(d, "o g Enter Backspace 0 Enter");
    assert_true(world_shows(d, 120, 36, "it must be 1 to 10000"));
    assert_true(world_shows(d, 120, 36, "epochs=4 rate=0.01 batch=64 seed=1"));
    world_open(d, "train", false);
    assert_true(world_shows(d, 120, 36, "epochs=4 rate=0.01 batch=64 seed=1"));
    world_press(d, "t");
    world_settle(d);
    char *arguments = world_read(d, "arguments");
    assert_non_null(strstr(arguments, "--epochs 4 --lr 0.01"));
    free(arguments);
    world_press(d, "o d");
    assert_true(world_shows(d, 120, 36, "epochs=15 rate=0.01"));
    world_press(d, "D");
    assert_true(world_shows(d, 120, 36, "epochs=15 rate=0.006 batch=64 seed=1"));
    workspace_setting_set(d->w, "train.options", "epochs=-4 rate=x batch=1e9 seed stop_ppm=3 what=1 =");
    world_open(d, "train", false);
    assert_true(world_shows(d, 120, 36, "epochs=15 rate=0.006 batch=64 seed=1"));
    workspace_setting_set(d->w, "train.options", "epochs=7 rate=0.5 batch=64 seed=1"); /* as it was kept once */
    world_open(d, "train", false);
    assert_true(world_shows(d, 120, 36, "epochs=7 rate=0.5 batch=64 seed=1"));
}

static void every_setting_has_a_row(void **state)
{
    struct world *d = *state;
    bool seen[RECIPE_SETTINGS] = {false};
    fill(d);
    for (int row = 0; row < TRAIN_FORM_ROWS; row++)
        seen[train_form_setting(row)] = true;
    for (int i = 0; i < RECIPE_SETTINGS; i++)
        assert_true(seen[i] == (recipe_settings[i].option != NULL));
    world_open(d, "train", false);
    world_press(d, "o");
    for (int row = 0; row < TRAIN_FORM_ROWS; row++) {
        const struct recipe_setting *r = &recipe_settings[train_form_setting(row)];
        char start[24];
        snprintf(start, sizeof start, "%.20s", r->about);
        assert_true(world_shows(d, 120, 36, r->title));
        assert_true(world_shows(d, 120, 36, start));
        world_press(d, "Down");
    }
}

static void settings_that_go_together_are_kept_together(void **state)
{
    struct world *d = *state;
    fill(d);
    select_mlp(d);
    workspace_setting_set(d->w, "train.options", "optimizer=sgd momentum=0.9 nesterov=yes kernels=blas");
    world_open(d, "train", false);
    assert_true(world_shows(d, 200, 60, "momentum=0.9 nesterov=yes"));
    world_press(d, "c");
    world_settle(d);
    char *arguments = world_read(d, "arguments");
    assert_non_null(strstr(arguments, "--optimizer sgd --momentum 0.9 --nesterov yes"));
    assert_null(strstr(arguments, "--kernels")); /* a score is exact */
    free(arguments);
    /* by itself again, sgd's own settings mean nothing */
    world_press(d, "o Down Down Down Down Down Down Down Down d");
    assert_true(world_shows(d, 120, 36, "= train mlp --kernels blas"));
    world_press(d, "Down Enter");
    assert_true(world_shows(d, 120, 36, "momentum means something only where optimizer is sgd"));
    /* what the task has no use for is refused at the field */
    for (int i = 0; i < TRAIN_FORM_ROWS; i++)
        world_press(d, "Up");
    for (int row = 0; !text_equal(recipe_settings[train_form_setting(row)].name, "loss"); row++)
        world_press(d, "Down");
    world_press(d, "Enter Down Down Enter");
    assert_true(world_shows(d, 120, 36, "recipe: loss huber is for returns"));
    assert_true(world_shows(d, 120, 36, "now      auto"));
}

static void t_trains_and_c_scores(void **state)
{
    struct world *d = *state;
    char expected[64], hex[HASH_HEX];
    struct arch_row a;
    fill(d);
    select_mlp(d);
    assert_true(arches_find(d->w, "mlp", &a, NULL));
    hash_hex(a.id, hex);
    free(a.text);
    world_write(d, "train.jsonl",
                "{\"event\":\"epoch\",\"kind\":\"train\",\"run\":3,\"fold\":0,\"epoch\":1,\"progress\":0.5,\"eta_seconds\":2,\"text\":\"epoch 1\"}\n"
                "{\"weights_hash\":\"0123456789abcdef\",\"trace_root\":\"fedcba9876543210\",\"best_epoch\":4,\"valid\":{\"directional_accuracy\":0.5625,"
                "\"log_loss\":0.68,\"samples\":64}}\n", 0644);
    world_write(d, "score.jsonl",
                "{\"directional_accuracy\":{\"mean\":0.55,\"low\":0.5,\"high\":0.6},\"auc\":0.56,\"total\":200,"
                "\"weights_hash\":\"0123456789abcdef\",\"trace_root\":\"fedcba9876543210\"}\n", 0644);
    world_open(d, "train", false);
    world_press(d, "t");
    world_settle(d);
    assert_true(world_shows(d, 120, 36, "56.25 % of 64 validation bars right, log loss 0.6800"));
    assert_true(world_shows(d, 120, 36, "fedcba987654."));
    world_press(d, "c");
    world_settle(d);
    assert_true(world_shows(d, 120, 36, "Scored: 55.00 % [50.0, 60.0] of 200 out-of-fold bars right"));
    char *arguments = world_read(d, "arguments");
    snprintf(expected, sizeof expected, "train %.16s", hex);
    assert_non_null(strstr(arguments, expected));
    snprintf(expected, sizeof expected, "score %.16s", hex);
    assert_non_null(strstr(arguments, expected));
    free(arguments);
}

static void a_running_job_shows_progress_and_is_cancelled(void **state)
{
    struct world *d = *state;
    fill(d);
    select_mlp(d);
    world_write(d, "hold", "", 0644);
    world_write(d, "begin.jsonl",
                "{\"event\":\"epoch\",\"kind\":\"train\",\"run\":2,\"fold\":0,\"epoch\":3,\"progress\":0.5,\"eta_seconds\":150,"
                "\"text\":\"epoch 3 of at most 30\"}\n", 0644);
    world_open(d, "train", false);
    world_press(d, "x");
    assert_true(world_shows(d, 120, 36, "no training of this screen is running"));
    world_press(d, "t");
    world_await(d, "epoch 3 of at most 30");
    assert_true(world_shows(d, 120, 36, "2 min 30 s left"));
    world_press(d, "t t");
    assert_true(world_shows(d, 120, 36, "two jobs of this screen run already"));
    world_press(d, "j m Left"); /* keys are answered meanwhile */
    assert_true(world_shows(d, 120, 36, "[accuracy]"));
    while (world_running(d) > 0) {
        world_press(d, "x");
        poll(NULL, 0, 10);
        app_tick(d->app);
    }
    world_settle(d);
    char *text = world_frame(d, 120, 36, SYMBOLS_BRAILLE);
    assert_null(strstr(text, "min 30 s left"));
    free(text);
}

static void p_pauses_and_lets_go_on(void **state)
{
    struct world *d = *state;
    fill(d);
    select_mlp(d);
    world_write(d, "hold", "", 0644);
    world_write(d, "begin.jsonl",
                "{\"event\":\"epoch\",\"kind\":\"train\",\"run\":2,\"fold\":0,\"epoch\":7,\"progress\":0.5,\"eta_seconds\":150,"
                "\"text\":\"epoch 7 of at most 30\"}\n", 0644);
    world_open(d, "train", false);
    world_press(d, "p");
    assert_true(world_shows(d, 120, 36, "no training of this screen is running"));
    world_press(d, "t");
    world_await(d, "epoch 7 of at most 30");
    world_press(d, "p");
    assert_true(world_shows(d, 120, 36, "pauses behind this step"));
    for (int i = 0; i < 500; i++) { /* the order arrives */
        char *orders = world_read(d, "orders");
        bool there = strstr(orders, "pause\n") != NULL;
        free(orders);
        if (there)
            break;
        poll(NULL, 0, 10);
    }
    char *orders = world_read(d, "orders");
    assert_string_equal(orders, "pause\n");
    free(orders);
    while (world_running(d) > 0) {
        world_press(d, "x");
        poll(NULL, 0, 10);
        app_tick(d->app);
    }
    world_settle(d);
    assert_true(world_shows(d, 120, 36, "cancel"));
    /* a job that says that it is paused is asked to go on */
    world_write(d, "orders", "", 0644);
    world_write(d, "begin.jsonl",
                "{\"event\":\"paused\",\"kind\":\"train\",\"run\":2,\"fold\":0,\"epoch\":7,\"text\":\"paused at epoch 7 of 30\"}\n",
                0644);
    world_press(d, "t");
    world_await(d, "paused at epoch 7 of 30");
    world_press(d, "p");
    for (int i = 0; i < 500; i++) {
        orders = world_read(d, "orders");
        bool there = orders[0] != '\0';
        free(orders);
        if (there)
            break;
        poll(NULL, 0, 10);
    }
    orders = world_read(d, "orders");
    assert_string_equal(orders, "resume\n");
    free(orders);
    while (world_running(d) > 0) {
        world_press(d, "x");
        poll(NULL, 0, 10);
        app_tick(d->app);
    }
}

/* What a killed training leaves: its row says that it runs, nobody holds it, and there is a checkpoint. */
static void an_interrupted_training_is_offered(void **state)
{
    struct world *d = *state;
    struct error err = {0};
    int64_t id;
    char expected[96], hex[HASH_HEX];
    struct arch_row a;
    fill(d);
    assert_true(arches_find(d->w, "mlp", &a, NULL));
    free(a.text);
    setenv("MORPHSMITH_CLOCK", "1700000005", 1);
    assert_true(runs_training_new(d->w, a.id, d->task.hash, 30, &id, &err));
    world_epochs(d, "train", id, 0, 6, 2);
    world_open(d, "train", false);
    world_press(d, "R");
    assert_true(world_shows(d, 120, 36, "no training on this task was interrupted"));
    assert_true(world_shows(d, 120, 36, "cut off"));
    float weight[2] = {1, 2};
    struct checkpoint c = {.owner = {.recipe_id = hash_of_text("r"), .arch = a.id, .dataset = d->task.hash, .run = id},
                           .epochs = 6, .position = 64, .steps = 31, .step = 31, .weights = 2, .best_epoch = 5,
                           .state = {weight, weight, weight}};
    assert_true(checkpoints_put(d->w, &c, &err));
    world_open(d, "train", false);
    assert_true(world_shows(d, 120, 36, "was interrupted in epoch 7 of 30: R goes on with it"));
    assert_true(world_shows(d, 80, 24, "was interrupted in epoch 7 of 30"));
    world_press(d, "R");
    world_settle(d);
    hash_hex(a.id, hex);
    snprintf(expected, sizeof expected, "train %.16s --resume --run %lld", hex, (long long)id);
    char *arguments = world_read(d, "arguments");
    assert_non_null(strstr(arguments, expected));
    free(arguments);
    /* one of another task, or of a finished run, is not */
    assert_true(runs_training_end(d->w, id, "done", NULL, &err));
    world_open(d, "train", false);
    assert_false(world_shows(d, 120, 36, "was interrupted"));
}

static void new_epochs_appear_and_following_finds_the_newest(void **state)
{
    struct world *d = *state;
    int64_t id;
    struct error err = {0};
    fill(d);
    world_open(d, "train", false);
    struct train_screen *s = screen_train.open(d->app);
    screen_train.reload(s, d->app);
    world_epochs(d, "train", 2, 0, 6, 4);
    screen_train.reload(s, d->app);
    assert_int_equal(s->run[0].curve.n, 6);
    setenv("MORPHSMITH_CLOCK", "1700000030", 1);
    assert_true(runs_training_new(d->w, s->run[0].arch, d->task.hash, 30, &id, &err));
    hold(d, id);
    screen_train.reload(s, d->app);
    assert_int_equal(s->run[s->table.cursor].id, id);
    struct input_event down = {.key = INPUT_DOWN};
    assert_true(screen_train.input(s, d->app, &down)); /* who moves is left alone */
    assert_int_equal(s->run[s->table.cursor].id, 2);
    setenv("MORPHSMITH_CLOCK", "1700000040", 1);
    assert_true(runs_training_new(d->w, s->run[0].arch, d->task.hash, 30, &id, &err));
    hold(d, id);
    screen_train.reload(s, d->app);
    assert_int_equal(s->run[s->table.cursor].id, 2);
    screen_train.close(s);
}

static void enter_takes_the_network_of_a_run(void **state)
{
    struct world *d = *state;
    char key[HASH_HEX] = "", hex[HASH_HEX];
    struct arch_row a;
    fill(d);
    world_open(d, "train", false);
    world_press(d, "j Enter"); /* the trial: tcn */
    assert_true(arches_find(d->w, "tcn", &a, NULL));
    hash_hex(a.id, hex);
    free(a.text);
    assert_true(action_selected(d->w, key, sizeof key));
    assert_string_equal(key, hex);
    assert_true(world_shows(d, 120, 36, "At hand tcn"));
}

static void explanations_have_todays_numbers(void **state)
{
    struct world *d = *state;
    char hex[HASH_HEX], expected[96];
    fill(d);
    world_open(d, "train", false);
    world_press(d, "j e");
    assert_true(world_shows(d, 120, 80, "ln 2 = 0.69315"));
    assert_true(world_shows(d, 120, 80, "least validation loss: 0.65000 in epoch 3, 0.04315 better than a coin"));
    assert_true(world_shows(d, 120, 80, "here: 0.5750 over 200 out-of-fold bars, with 0.5500"));
    assert_true(world_shows(d, 120, 80, "fold 1: 61 of 100 right"));
    hash_hex(hash_of("trace", 5), hex);
    snprintf(expected, sizeof expected, "trace root  %s", hex);
    assert_true(world_shows(d, 120, 80, expected));
    world_press(d, "Esc g e");
    assert_true(world_shows(d, 120, 80, "This run has none yet"));
}

static void read_only_writes_nothing(void **state)
{
    struct world *d = *state;
    char key[HASH_HEX] = "";
    fill(d);
    world_open(d, "train", true);
    static const char *const keys[] = {"t", "c", "Enter", "o Enter", "d", "D", "t"};
    for (size_t i = 0; i < ARRAY_N(keys); i++) {
        world_press(d, keys[i]);
        assert_true(world_shows(d, 120, 36, "is refused: the program was started with --read-only"));
    }
    assert_false(action_selected(d->w, key, sizeof key));
    assert_int_equal(world_running(d), 0);
}

static void a_sweep_of_sizes_stays_inside(void **state)
{
    struct world *d = *state;
    fill(d);
    select_mlp(d);
    world_open(d, "train", false);
    struct train_screen *s = screen_train.open(d->app);
    screen_train.reload(s, d->app);
    for (int how = 0; how < 4; how++) {
        s->metric = (enum train_metric)how;
        s->log = how % 2 == 1;
        s->smooth = how < 2;
        s->table.cursor = how % 3;
        s->cursor = how - 1;
        s->fold = how == 3 ? 1 : -1;
        if (how == 2)
            s->mark[s->marks++] = (struct train_mark){true, 1};
        s->form.open = how == 1 || how == 3;
        s->form.list.cursor = 7 * how;
        for (int columns = 0; columns <= 220; columns += columns < 20 ? 1 : 13)
            for (int rows = 0; rows <= 66; rows += rows < 12 ? 1 : 9)
                world_stays_inside(d, &screen_train, s, columns, rows, (enum symbols)((columns + rows) % 3));
    }
    screen_train.close(s);
}

/* Trial 2 grew from trial 1 and trial 3 from trial 2, all of four or five epochs in each of two folds. */
static void fill_lineage(struct world *d)
{
    world_task(d);
    struct hash one = world_arch(d, "mlp", 16, 1, "mlp", NULL, NULL);
    struct hash two = world_arch(d, "mlp", 32, 1, "", &one, "widen node=d1 by=16");
    struct hash three = world_arch(d, "mlp", 48, 1, "", &two, "widen node=d1 by=16");
    int64_t first = world_trial(d, one, 1, 0, "", "done", 0.52);
    int64_t second = world_trial(d, two, 1, first, "widen node=d1 by=16", "done", 0.55);
    int64_t third = world_trial(d, three, 1, second, "widen node=d1 by=16", "done", 0.58);
    for (int fold = 0; fold < 2; fold++) {
        world_epochs(d, "trial", first, fold, 5, 3);
        world_epochs(d, "trial", second, fold, 4, 2);
        world_epochs(d, "trial", third, fold, 4, 2);
    }
}

static void inherited_weights_are_seen_in_one_curve(void **state)
{
    struct world *d = *state;
    fill_lineage(d);
    world_open(d, "train", false);
    struct train_screen *s = screen_train.open(d->app);
    const struct train_run *chain[TRAIN_LINEAGE];
    screen_train.reload(s, d->app);
    for (int i = 0; i < s->runs; i++)
        s->table.cursor = s->run[i].id == 3 ? i : s->table.cursor;
    assert_int_equal(train_lineage(s, chain), 1); /* not asked for */
    s->lineage = true;
    train_load_curves(s, d->w);
    assert_int_equal(train_lineage(s, chain), 3);
    assert_true(chain[0]->id == 1 && chain[1]->id == 2 && chain[2]->id == 3);
    assert_int_equal(chain[0]->curve.n, 10);
    assert_string_equal(train_steps(s, chain[1]), "widen node=d1 by=16");
    assert_string_equal(train_steps(s, chain[0]), "");
    screen_train.close(s);
    world_press(d, "g i");
    assert_true(world_shows(d, 200, 60, "fold 1 of trial 1; weights inherited at the ticks: 2 widen node=d1 by=16, 3 widen"));
    world_press(d, "f");
    assert_true(world_shows(d, 200, 60, "fold 1 of trial 1;"));
    world_press(d, "f");
    assert_true(world_shows(d, 200, 60, "fold 2 of trial 1;"));
    world_press(d, "G i");
    assert_true(world_shows(d, 120, 36, "started from fresh weights"));
}

static void long_runs_are_thinned_without_losing_their_ends(void **state)
{
    struct world *d = *state;
    struct error err = {0};
    fill_lineage(d);
    assert_true(workspace_begin(d->w, &err));
    for (int64_t trial = 1; trial <= 3; trial++)
        for (int i = 6; i <= 9000; i++) {
            struct train_event e = {.fold = 0, .epoch = i, .epochs = 9000, .step = i, .train_loss = 0.5,
                                    .valid_loss = i == 9000 ? 0.1 : 0.6, .valid_accuracy = 0.5, .learning_rate = 0.001};
            assert_true(runs_epoch_put(d->w, "trial", trial, &e, &err));
        }
    assert_true(workspace_commit(d->w, &err));
    world_open(d, "train", false);
    world_press(d, "g Space Space Space");
    assert_true(world_shows(d, 132, 43, "3 marked"));
    assert_true(world_shows(d, 132, 43, "8000")); /* the axis has all epochs, however few points are drawn */
    world_press(d, "k f Left");
    assert_true(world_shows(d, 132, 43, "0.10000 validation"));
}

static void reviewed(struct world *d, const char *what)
{
    static const struct {
        int columns, rows;
    } size[] = {{60, 20}, {80, 24}, {132, 43}};
    for (size_t i = 0; i < ARRAY_N(size); i++) {
        char name[96];
        snprintf(name, sizeof name, "train_%s%dx%d", what, size[i].columns, size[i].rows);
        world_golden(d, size[i].columns, size[i].rows, SYMBOLS_BRAILLE, name);
        snprintf(name, sizeof name, "train_%s%dx%d_ascii", what, size[i].columns, size[i].rows);
        world_golden(d, size[i].columns, size[i].rows, SYMBOLS_ASCII, name);
    }
}

static void frames_are_as_reviewed(void **state)
{
    struct world *d = *state;
    fill(d);
    select_mlp(d);
    world_open(d, "train", false);
    world_press(d, "j");
    reviewed(d, "");
    world_press(d, "Space Space s");
    reviewed(d, "marked_");
    world_press(d, "o");
    reviewed(d, "form_");
}

static void many_trials_are_read_while_the_screen_is_there(void **state)
{
    struct world *d = *state;
    world_task(d);
    struct hash arch = world_arch(d, "mlp", 4, 1, "mlp", NULL, NULL);
    for (int i = 0; i < 5; i++)
        world_trial(d, arch, 0, 0, "", "done", 0.5 + i / 100.0);
    world_open(d, "log", false);
    struct train_screen *s = screen_train.open(d->app);
    s->read.at_once = 3;
    screen_train.reload(s, d->app);
    assert_true(s->read.reading);
    assert_int_equal(s->runs, 0);
    struct grid *g = grid_new(80, 24, SYMBOLS_BRAILLE);
    screen_train.draw(s, d->app, g, grid_box(g));
    char *text = grid_text(g);
    assert_non_null(strstr(text, "The trials are being read"));
    free(text);
    screen_train.reload(s, d->app); /* an event meanwhile begins no second reading */
    app_settle(d->app);
    assert_false(s->read.reading);
    assert_int_equal(s->runs, 5);
    world_trial(d, arch, 0, 0, "", "running", (double)NAN);
    screen_train.reload(s, d->app); /* one more is not many */
    assert_false(s->read.reading);
    assert_int_equal(s->runs, 6);
    assert_true(s->run[0].trial && s->run[0].id == 6);
    grid_free(g);
    screen_train.close(s);
}

static void a_lineage_is_as_reviewed(void **state)
{
    struct world *d = *state;
    fill_lineage(d);
    world_open(d, "train", false);
    world_press(d, "g i");
    reviewed(d, "lineage_");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_new, world_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_empty_workspace_says_what_to_do),
        TEST(runs_are_listed_newest_first_with_their_best),
        TEST(equal_recipes_share_a_curve_and_lost_trials_do_not_run),
        TEST(the_cursor_names_exact_values),
        TEST(metrics_folds_smoothing_and_scale_change),
        TEST(space_marks_up_to_six),
        TEST(what_is_not_exact_is_marked),
        TEST(options_are_asked_checked_and_kept),
        TEST(every_setting_has_a_row),
        TEST(settings_that_go_together_are_kept_together),
        TEST(t_trains_and_c_scores),
        TEST(a_running_job_shows_progress_and_is_cancelled),
        TEST(p_pauses_and_lets_go_on),
        TEST(an_interrupted_training_is_offered),
        TEST(new_epochs_appear_and_following_finds_the_newest),
        TEST(enter_takes_the_network_of_a_run),
        TEST(explanations_have_todays_numbers),
        TEST(read_only_writes_nothing),
        TEST(a_sweep_of_sizes_stays_inside),
        TEST(inherited_weights_are_seen_in_one_curve),
        TEST(long_runs_are_thinned_without_losing_their_ends),
        TEST(frames_are_as_reviewed),
        TEST(many_trials_are_read_while_the_screen_is_there),
        TEST(a_lineage_is_as_reviewed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
