#include "tests/unit/search_fixture.h"

#include "action/action.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "net/numeric.h"
#include "store/tasks.h"
#include "work/job.h"
#include "work/worker.h"

#include <signal.h>

static volatile sig_atomic_t ended;

static void on_end(int number)
{
    ended = number;
}

static bool is_ended(void)
{
    return ended != 0;
}

int search_worker(int n, char **argument)
{
    struct error err = {0};
    hash_start();
    if (!numeric_start(&err)) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    job_program_set(argument[0]);
    if (n != 5 || !text_equal(argument[4], "worker"))
        return -1;
    struct sigaction action = {.sa_handler = on_end}, ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    struct workspace *w = workspace_open(argument[2], false, &err);
    bool ok = w && worker_serve(w, stdin, stdout, is_ended, &err);
    if (!ok)
        fprintf(stderr, "%s\n", err.text);
    workspace_close(w);
    return ok ? 0 : 1;
}

static void take(json_t *result, const struct error *err)
{
    if (!result)
        fail_msg("%s", err->text);
    json_decref(result);
}

struct workspace *search_workspace(const char *folder)
{
    struct error err = {0};
    char csv[FILE_PATH_MAX];
    const char *const files[] = {csv};
    struct action_data_options data = {.asset = "m"};
    struct action_task_options task = {
        .horizon = 1, .lookback = 8, .folds = 2, .embargo = -1, .stride = -1, .seed = -1, .holdout = -1};
    take(action_init(folder, &err), &err);
    file_join(csv, sizeof csv, folder, "market.csv"); /* one name everywhere: it is part of the task */
    take(action_synth("planted", 7, 300, 0.94, csv, &err), &err);
    struct workspace *w = workspace_open(folder, false, &err);
    assert_non_null(w);
    take(action_data_add(w, files, 1, &data, &err), &err);
    take(action_task_set(w, &task, &err), &err);
    take(action_arch_new(w, "mlp", 4, 1, &err), &err);
    return w;
}

struct driver_options search_options(int trials, int workers)
{
    struct driver_options o = {.strategy = "bayes", .seed = 5, .trials = trials, .workers = workers};
    recipe_defaults(&o.recipe);
    o.recipe.epochs = 2;
    return o;
}

char *search_trials(struct workspace *w, int *n, int *done)
{
    struct task_row task;
    struct search_row last;
    struct trial_row *rows;
    struct text out = {0};
    assert_true(tasks_active(w, &task, NULL));
    assert_true(runs_search_last(w, task.hash, &last));
    *done = 0;
    *n = runs_trials(w, task.hash, last.id, RUNS_BY_ID, &rows, NULL);
    for (int i = 0; i < *n; i++) {
        char arch[HASH_HEX], weights[HASH_HEX];
        hash_hex(rows[i].arch, arch);
        hash_hex(rows[i].weights, weights);
        *done += text_equal(rows[i].state, "done");
        text_printf(&out, "%d %s %s %s %s %.17g of %lld: %s\n", i, arch, rows[i].recipe_id, weights, rows[i].state,
                    rows[i].score, (long long)rows[i].parent, rows[i].steps);
    }
    free(last.options);
    free(task.info);
    runs_trials_free(rows, *n);
    char *text = memory_text(text_of(&out));
    text_free(&out);
    return text;
}

struct workspace *search_fresh(void **state, const char *name)
{
    char folder[FILE_PATH_MAX];
    file_join(folder, sizeof folder, *state, name);
    return search_workspace(folder);
}

json_t *search_run(struct workspace *w, const struct driver_options *o, const struct control *control)
{
    struct error err = {0};
    json_t *result = driver_search(w, o, control, &err);
    if (!result)
        fail_msg("%s", err.text);
    return result;
}

struct driver_options search_options_of(const char *strategy, int trials, int workers)
{
    struct driver_options o = search_options(trials, workers);
    o.strategy = strategy;
    o.deterministic = true;
    return o;
}

int search_rows(struct workspace *w, struct trial_row **rows)
{
    struct task_row task;
    struct search_row last;
    assert_true(tasks_active(w, &task, NULL));
    assert_true(runs_search_last(w, task.hash, &last));
    int n = runs_trials(w, task.hash, last.id, RUNS_BY_ID, rows, NULL);
    free(task.info);
    free(last.options);
    return n;
}

void search_count_down(void *context, json_t *event)
{
    struct search_stopper *s = context;
    const char *what = json_string_value(json_object_get(event, "state"));
    s->left -= what && text_equal(what, "done");
}

bool search_is_over(void *context)
{
    return ((struct search_stopper *)context)->left <= 0;
}
