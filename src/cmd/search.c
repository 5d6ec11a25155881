#include "action/action.h"
#include "base/text.h"
#include "base/threads.h"
#include "cmd/print.h"
#include "cmd/recipe.h"
#include "cmd/table.h"
#include "work/worker.h"

static json_t *run_suggest(struct workspace *w, const struct arguments *a, struct error *err)
{
    int64_t n = 5, seed = 1;
    if (!arguments_int(a, "n", 1, 1000, &n, err) || !arguments_int(a, "seed", 0, INT64_MAX, &seed, err))
        return NULL;
    return action_suggest(w, (int)n, (uint64_t)seed, err);
}

static void show_suggest(const json_t *r, FILE *out)
{
    print_table(json_object_get(r, "suggestions"), "arch,trial|from trial,mean|predicted,sd,ei,parameters,morphism",
                out);
}

const struct command command_suggest = {.name = "suggest",
                                        .operands = "",
                                        .about = "the next candidates by expected improvement",
                                        .need = COMMAND_READS,
                                        .run = run_suggest,
                                        .show = show_suggest,
                                        .option = {{"n", "K", "how many (5)"}, {"seed", "N", "seed (1)"}}};

static json_t *run_search(struct workspace *w, const struct arguments *a, struct error *err)
{
    const char *strategy = arguments_option(a, "strategy"), *span = arguments_option(a, "time");
    if (arguments_flag(a, "objectives")) {
        error_set(err, ERROR_USAGE,
                  "--objectives is not in this version: the objective is that of the task (`task show`)");
        return NULL;
    }
    int64_t trials = span ? 1000000 : 20, workers = threads_machine_n(), most = 0, seed = 1;
    struct driver_options o = {.strategy = strategy ? strategy : "bayes",
                               .from_scratch = arguments_flag(a, "from-scratch"),
                               .deterministic = arguments_flag(a, "deterministic"),
                               .resume = arguments_flag(a, "resume")};
    if (!arguments_int(a, "trials", 1, 1000000, &trials, err) || !arguments_int(a, "workers", 1, 64, &workers, err) ||
        !arguments_int(a, "max-params", 0, INT64_MAX, &most, err) ||
        !arguments_int(a, "seed", 0, INT64_MAX, &seed, err) || !arguments_span(a, "time", &o.seconds, err) ||
        !cmd_recipe(w, a, &o.recipe, err))
        return NULL;
    if (span && o.deterministic) {
        error_set(err, ERROR_USAGE,
                  "--deterministic and --time exclude each other: a clock is not the same everywhere");
        return NULL;
    }
    o.trials = (int)trials;
    o.workers = (int)workers;
    o.max_parameters = most;
    o.seed = (uint64_t)seed;
    return action_search(w, &o, arguments_control(a), err);
}

static void show_search(const json_t *r, FILE *out)
{
    const json_t *best = json_object_get(r, "best");
    char id[80], score[96];
    print_value(json_object_get(best, "arch"), id, sizeof id);
    print_value(json_object_get(best, "score"), score, sizeof score);
    fprintf(out, "%lld trials in %.1f s; best: %s (trial %lld) with %s\n%s\n",
            json_integer_value(json_object_get(r, "trials")), json_number_value(json_object_get(r, "seconds")), id,
            json_integer_value(json_object_get(best, "trial")), score,
            json_string_value(json_object_get(json_object_get(r, "evidence"), "sentence")));
}

const struct command command_search = {.name = "search",
                                       .operands = "",
                                       .about = "search architectures by morphisms",
                                       .need = COMMAND_WRITES,
                                       .run = run_search,
                                       .show = show_search,
                                       .streams = true,
                                       .ends_itself = true,
                                       .option = {{"strategy", "A", "bayes or random (bayes)"},
                                                  {"trials", "N", "trials in all (20)"},
                                                  {"time", "SPAN", "stop asking after 90s, 10m, 2h"},
                                                  {"workers", "N", "worker processes (one a processor)"},
                                                  {"max-params", "N", "never train a larger network"},
                                                  {"from-scratch", NULL, "do not inherit the parent's weights"},
                                                  {"deterministic", NULL, "the same proposals on every machine"},
                                                  {"resume", NULL, "go on with the search that was interrupted"},
                                                  CMD_RECIPE_OPTIONS,
                                                  {"objectives", "LIST", NULL}}};

static json_t *run_board(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)a;
    return action_board(w, err);
}

static void show_board(const json_t *r, FILE *out)
{
    print_table(json_object_get(r, "rows"),
                "trial,state,score,directional_accuracy|accuracy,mcc,log_loss,parameters,name,arch,why", out);
}

const struct command command_board = {.name = "board",
                                      .operands = "",
                                      .about = "the leaderboard",
                                      .need = COMMAND_READS,
                                      .run = run_board,
                                      .show = show_board};

static int run_worker(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)a;
    return worker_serve(w, stdin, stdout, arguments_interrupted, err) ? 0 : 1;
}

const struct command command_worker = {.name = "worker",
                                       .operands = "",
                                       .about = "train trials named on standard input",
                                       .need = COMMAND_READS,
                                       .own = run_worker,
                                       .hidden = true};
