/* For the tests of screens on a real workspace: a small task on a synthetic market, trials and trainings put in through
 * the store, a stand-in for the program that jobs start, frames as text, goldens. */
#ifndef SCREEN_FIXTURE_H
#define SCREEN_FIXTURE_H

#include "tests/unit/test_support.h"

#include "action/action.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/arches.h"
#include "store/models.h"
#include "store/runs.h"
#include "store/tasks.h"
#include "ui/app.h"
#include "work/trial.h"

#include <math.h>
#include <poll.h>
#include <sys/stat.h>

struct world {
    char folder[512], workspace[600];
    struct workspace *w;
    struct task_row task;
    struct app *app;
    struct { /* of the trials put in next */
        char strategy[16];
        double fidelity, latency_us; /* 0: in full, not measured */
    } next;
};

__attribute__((unused)) static void world_write(const struct world *d, const char *name, const char *text, unsigned mode)
{
    char path[700];
    struct error err;
    snprintf(path, sizeof path, "%s/%s", d->folder, name);
    assert_true(file_write(path, text, strlen(text), mode, &err));
}

/* What a file in the folder holds; free(). "" if there is none. */
__attribute__((unused)) static char *world_read(const struct world *d, const char *name)
{
    char path[700];
    struct bytes b = {0};
    snprintf(path, sizeof path, "%s/%s", d->folder, name);
    if (!file_read(path, 1 << 20, &b, NULL))
        return memory_text("");
    bytes_put_u8(&b, 0);
    char *text = memory_text((const char *)b.data);
    bytes_free(&b);
    return text;
}

/* The program that jobs start: notes its arguments, says what NAME.jsonl holds, and of a search that is held, waits for
 * an order first. */
static const char world_program[] = "#!/bin/sh\n"
                                    "d=$(dirname \"$0\")\n"
                                    "echo \"$*\" >> \"$d/arguments\"\n"
                                    "if [ -f \"$d/hold\" ]; then\n"
                                    "  cat \"$d/begin.jsonl\"\n"
                                    "  while read -r line; do echo \"$line\" >> \"$d/orders\"; done\n"
                                    "  exit 1\n"
                                    "fi\n"
                                    "[ -f \"$d/$1.jsonl\" ] && cat \"$d/$1.jsonl\"\n"
                                    "exit 0\n";

__attribute__((unused)) static void world_task(struct world *d)
{
    char path[700];
    const char *paths[1] = {path};
    struct error err = {0};
    struct action_data_options none = {0};
    struct action_task_options task = {.horizon = 1, .lookback = 8, .folds = 3, .embargo = -1, .stride = -1, .seed = -1,
                                       .holdout = -1};
    snprintf(path, sizeof path, "%s/market.csv", d->folder);
    json_t *made = action_synth("planted", 7, 400, 0.9, path, &err);
    assert_non_null(made);
    json_t *added = action_data_add(d->w, paths, 1, &none, &err);
    assert_non_null(added);
    json_t *set = action_task_set(d->w, &task, &err);
    assert_string_equal(err.text, "");
    assert_non_null(set);
    json_decref(made);
    json_decref(added);
    json_decref(set);
    assert_true(tasks_active(d->w, &d->task, &err));
}

__attribute__((unused)) static int world_new(void **state)
{
    struct world *d = NEW(struct world);
    struct error err = {0};
    const char *root = getenv("TMPDIR");
    setenv("MORPHSMITH_CLOCK", "1700000000", 1);
    hash_start();
    snprintf(d->folder, sizeof d->folder, "%s/morphsmith-test-XXXXXX", root && *root ? root : "/tmp");
    assert_non_null(mkdtemp(d->folder));
    setenv("XDG_DATA_HOME", d->folder, 1); /* whoever runs the tests may have identities */
    snprintf(d->workspace, sizeof d->workspace, "%s/w", d->folder);
    assert_true(workspace_create(d->workspace, &err));
    d->w = workspace_open(d->workspace, false, &err);
    assert_non_null(d->w);
    world_write(d, "program", world_program, 0755);
    char program[700];
    snprintf(program, sizeof program, "%s/program", d->folder);
    assert_int_equal(chmod(program, 0755), 0);
    job_program_set(program);
    *state = d;
    return 0;
}

__attribute__((unused)) static int world_free(void **state)
{
    struct world *d = *state;
    app_free(d->app);
    free(d->task.info);
    workspace_close(d->w);
    int failed = nftw(d->folder, test_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(d);
    return failed;
}

__attribute__((unused)) static struct hash world_arch(struct world *d, const char *kind, int width, int depth,
                                                      const char *name, const struct hash *parent, const char *morphism)
{
    struct hash id;
    struct error err = {0};
    json_t *info = json_loads(d->task.info, 0, NULL);
    int channels = (int)json_integer_value(json_object_get(info, "channels"));
    json_decref(info);
    struct arch *a = arch_template(kind, 8, channels, 1, width, depth, &err);
    assert_non_null(a);
    assert_true(arches_put(d->w, a, name, parent, morphism, &id, &err));
    arch_free(a);
    return id;
}

/* A trial as the driver would have left it; score NaN: not finished. */
__attribute__((unused)) static int64_t world_trial(struct world *d, struct hash arch, int64_t search, int64_t parent,
                                                   const char *steps, const char *state, double score)
{
    struct recipe recipe;
    struct trial_row t = {0}, from = {0};
    struct error err = {0};
    recipe_defaults(&recipe);
    assert_true(parent == 0 || runs_trial_get(d->w, parent, &from, &err));
    trial_prepare(&t, arch, d->task.hash, &recipe, parent ? &from : NULL, steps);
    t.search = search;
    t.why = memory_text(parent ? "EI 0.0100, predicted 0.560 \xc2\xb1 0.020" : "starting point");
    t.predicted = parent ? 0.56 : (double)NAN;
    t.predicted_sd = parent ? 0.02 : (double)NAN;
    t.ei = parent ? 0.01 : (double)NAN;
    t.attempts = 1;
    text_copy(t.strategy, sizeof t.strategy, d->next.strategy);
    t.fidelity = d->next.fidelity > 0 ? d->next.fidelity : 1;
    t.latency_us = d->next.latency_us > 0 ? d->next.latency_us : (double)NAN;
    text_copy(t.state, sizeof t.state, state);
    assert_true(runs_trial_new(d->w, &t, &err));
    t.result = memory_text("{}");
    if (isfinite(score)) {
        free(t.result);
        t.score = score;
        t.low = score - 0.04;
        t.high = score + 0.04;
        t.noise = 0.0004;
        t.seconds = 2;
        t.weights = hash_of("weights", 7);
        t.trace_root = hash_of("trace", 5);
        t.result = memory_format("{\"directional_accuracy\":{\"mean\":%.4f,\"low\":%.4f,\"high\":%.4f},\"auc\":0.5750,"
                                 "\"balanced_accuracy\":0.55,\"f1\":0.5,\"mcc\":0.1,\"log_loss\":0.68,\"brier\":0.24,"
                                 "\"correct\":%.0f,\"total\":200,\"folds\":[{\"correct\":61,\"total\":100,"
                                 "\"directional_accuracy\":0.61,\"log_loss\":0.67,\"best_epoch\":3,\"epochs\":8}]}",
                                 score, t.low, t.high, 200 * score);
    }
    assert_true(runs_trial_save(d->w, &t, &err));
    int64_t id = t.id;
    runs_trial_free(&t);
    if (parent)
        runs_trial_free(&from);
    return id;
}

/* Curves that fall and, in validation, rise again behind epoch `best`. */
__attribute__((unused)) static void world_epochs(struct world *d, const char *kind, int64_t run, int fold, int epochs, int best)
{
    struct error err = {0};
    for (int i = 1; i <= epochs; i++) {
        double off = i < best ? best - i : i - best;
        struct train_event e = {.fold = fold, .epoch = i, .epochs = epochs, .step = i * 10, .train_loss = 0.7 - 0.01 * i,
                                .valid_loss = 0.65 + 0.005 * off + 0.01 * fold, .valid_accuracy = 0.5 + 0.005 * i,
                                .learning_rate = 0.001, .gradient_norm = 1.0 / i, .samples_per_second = 1000};
        assert_true(runs_epoch_put(d->w, kind, run, &e, &err));
    }
}

__attribute__((unused)) static void world_open(struct world *d, const char *screen, bool read_only)
{
    struct app_options options = {.screen = screen, .read_only = read_only, .threads = 1};
    app_free(d->app);
    d->app = app_new(d->w, &options);
    assert_true(app_show(d->app, screen));
}

__attribute__((unused)) static char *world_frame(struct world *d, int columns, int rows, enum symbols symbols)
{
    struct grid *g = grid_new(columns, rows, symbols);
    app_draw(d->app, g);
    char *text = grid_text(g);
    grid_free(g);
    return text;
}

__attribute__((unused)) static bool world_shows(struct world *d, int columns, int rows, const char *part)
{
    char *text = world_frame(d, columns, rows, SYMBOLS_BRAILLE);
    bool found = strstr(text, part) != NULL;
    if (!found)
        fprintf(stderr, "not shown: %s\n%s", part, text);
    free(text);
    return found;
}

__attribute__((unused)) static void world_press(struct world *d, const char *keys)
{
    struct error err = {0};
    assert_true(app_play(d->app, keys, &err));
    app_tick(d->app);
}

__attribute__((unused)) static int world_running(struct world *d)
{
    struct job *job[16];
    int n = app_jobs(d->app, job, 16), running = 0;
    for (int i = 0; i < n; i++)
        running += job_state(job[i]) == JOB_RUNNING;
    return running;
}

/* Turns the app until its jobs have ended and were heard. */
__attribute__((unused)) static void world_settle(struct world *d)
{
    for (int i = 0; i < 3000 && (world_running(d) > 0 || i < 3); i++) {
        app_tick(d->app);
        poll(NULL, 0, 10);
    }
    assert_int_equal(world_running(d), 0);
    app_tick(d->app);
}

/* Turns the app until a part of its frame is there. */
__attribute__((unused)) static void world_await(struct world *d, const char *part)
{
    bool found = false;
    for (int i = 0; i < 3000 && !found; i++) {
        app_tick(d->app);
        char *text = world_frame(d, 120, 36, SYMBOLS_BRAILLE);
        found = strstr(text, part) != NULL;
        free(text);
        if (!found)
            poll(NULL, 0, 10);
    }
    assert_true(found || world_shows(d, 120, 36, part));
}

/* Compares with tests/golden/NAME.txt; MORPHSMITH_UPDATE_GOLDENS=1 writes it instead. */
__attribute__((unused)) static void golden_text(const char *text, const char *name)
{
    char path[FILE_PATH_MAX];
    const char *update = getenv("MORPHSMITH_UPDATE_GOLDENS");
    struct bytes expected = {0};
    struct error err = {0};
    snprintf(path, sizeof path, "%s/%s.txt", GOLDEN_FOLDER, name);
    if (update != NULL && update[0] == '1') {
        assert_true(file_write(path, text, strlen(text), 0644, &err));
    } else {
        assert_true(file_read(path, 1 << 20, &expected, &err));
        bytes_put_u8(&expected, 0);
        if (!text_equal((const char *)expected.data, text))
            fprintf(stderr, "golden %s differs; the frame is now:\n%s", name, text);
        assert_true(text_equal((const char *)expected.data, text));
        bytes_free(&expected);
    }
}

__attribute__((unused)) static void world_golden(struct world *d, int columns, int rows, enum symbols symbols, const char *name)
{
    char *text = world_frame(d, columns, rows, symbols);
    golden_text(text, name);
    free(text);
}

/* Draws the screen alone within a box of a larger grid: nothing may stand outside of the box. */
__attribute__((unused)) static void world_stays_inside(struct world *d, const struct screen *screen, void *self, int columns,
                                                       int rows, enum symbols symbols)
{
    struct grid *g = grid_new(columns + 4, rows + 4, symbols);
    screen->draw(self, d->app, g, (struct box){2, 2, columns, rows});
    for (int y = 0; y < g->rows; y++) {
        for (int x = 0; x < g->columns; x++) {
            bool inside = x >= 2 && x < columns + 2 && y >= 2 && y < rows + 2;
            const struct cell *c = &g->cell[(size_t)y * (size_t)g->columns + (size_t)x];
            if (!inside && (c->code != ' ' || c->style != STYLE_TEXT))
                fail_msg("U+%04X at %d,%d is outside of %dx%d", (unsigned)c->code, x, y, columns, rows);
            if (symbols == SYMBOLS_ASCII && c->code > 0x7e)
                fail_msg("U+%04X at %d,%d is no ASCII", (unsigned)c->code, x, y);
        }
    }
    grid_free(g);
}

#endif
