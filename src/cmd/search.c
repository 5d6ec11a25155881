#include "action/action.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/threads.h"
#include "cmd/print.h"
#include "cmd/recipe.h"
#include "cmd/table.h"
#include "search/search.h"
#include "store/marks.h"
#include "work/worker.h"

/* --skip, --unskip, --pin, --unpin: one of them. */
static json_t *run_mark(struct workspace *w, const struct arguments *a, bool *given, struct error *err)
{
    static const struct {
        const char *option, *mark;
        bool on;
    } marks[] = {{"skip", MARKS_SKIP, true}, {"unskip", MARKS_SKIP, false}, {"pin", MARKS_PIN, true}, {"unpin", MARKS_PIN, false}};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        const char *key = arguments_option(a, marks[i].option);
        *given = key != NULL;
        if (key != NULL)
            return action_mark(w, key, marks[i].mark, marks[i].on, err);
    }
    return NULL;
}

static json_t *run_suggest(struct workspace *w, const struct arguments *a, struct error *err)
{
    int64_t n = 5, seed = 1, trial = 0;
    bool given = false;
    if (!arguments_int(a, "n", 1, 1000, &n, err) || !arguments_int(a, "seed", 0, INT64_MAX, &seed, err) ||
        !arguments_int(a, "chain", 1, INT64_MAX, &trial, err))
        return NULL;
    json_t *marked = run_mark(w, a, &given, err);
    if (given)
        return marked;
    if (arguments_flag(a, "marked"))
        return action_marked(w, err);
    return trial > 0 ? action_posterior(w, trial, (uint64_t)seed, err) : action_suggest(w, (int)n, (uint64_t)seed, err);
}

static void show_suggest(const json_t *r, FILE *out)
{
    const json_t *chain = json_object_get(r, "rows"), *marked = json_object_get(r, "marked");
    const char *mark = json_string_value(json_object_get(r, "mark"));
    if (json_is_array(chain)) {
        print_table(chain, "trial,steps,mean|posterior,sd,score,low,high,predicted,predicted_sd,morphism|next", out);
    } else if (json_is_array(marked)) {
        print_table(marked, "arch,name,mark,morphism", out);
    } else if (mark != NULL) {
        fprintf(out, "%.16s: %s%s\n", json_string_value(json_object_get(r, "arch")),
                json_is_true(json_object_get(r, "on")) ? "" : "no longer ", mark[0] == 's' ? "skipped" : "pinned");
    } else {
        print_table(json_object_get(r, "suggestions"),
                    "arch,trial|from trial,mean|predicted,sd,ei,parameters,pinned,morphism", out);
    }
}

const struct command command_suggest = {
    .name = "suggest",
    .operands = "",
    .about = "the next candidates by expected improvement",
    .need = COMMAND_READS,
    .run = run_suggest,
    .show = show_suggest,
    .option = {{"n", "K", "how many (5)"},
               {"seed", "N", "seed (1)"},
               {"chain", "TRIAL", "instead: the posterior along the morphisms that led to a trial, and its best child"},
               {"skip", "ARCH", "never suggest this architecture again"},
               {"unskip", "ARCH", "suggest it again"},
               {"pin", "ARCH", "keep it on top of the suggestions until it was tried"},
               {"unpin", "ARCH", "let it find its place again"},
               {"marked", NULL, "what is pinned and what is skipped"}}};

static bool parse_objectives(const char *text, unsigned *bits, struct error *err)
{
    static const struct {
        const char *name;
        unsigned bit;
    } known[] = {{"score", SEARCH_SCORE},
                 {"parameters", SEARCH_PARAMETERS},
                 {"macs", SEARCH_MACS},
                 {"latency", SEARCH_LATENCY}};
    char list[256], *rest = list, *name;
    bool ok = text_copy(list, sizeof list, text);
    while (ok && (name = text_next(&rest, ','))) {
        unsigned bit = 0;
        for (size_t i = 0; i < ARRAY_N(known); i++)
            bit |= text_equal(text_trim(name), known[i].name) ? known[i].bit : 0;
        *bits |= bit;
        ok = bit != 0;
    }
    return ok || error_set(err, ERROR_USAGE, "--objectives is a list of score, parameters, macs, latency, not %s", text);
}

static bool parse_fidelity(const char *text, bool *halving, struct error *err)
{
    *halving = text_equal(text, "halving");
    return *halving || text_equal(text, "full") ||
           error_set(err, ERROR_USAGE, "--fidelity is full or halving, not %s", text);
}

/* Limits and budgets. */
static bool search_limits(const struct arguments *a, struct driver_options *o, struct error *err)
{
    const char *objectives = arguments_option(a, "objectives"), *fidelity = arguments_option(a, "fidelity");
    int64_t trials = arguments_option(a, "time") ? 1000000 : 20, workers = threads_machine_n(), stall = 0, grown = 0;
    if (!arguments_int(a, "trials", 1, 1000000, &trials, err) || !arguments_int(a, "workers", 1, 64, &workers, err) ||
        !arguments_int(a, "stall", 0, 1000000, &stall, err) ||
        !arguments_int(a, "grown-epochs", 0, RECIPE_EPOCHS_MAX, &grown, err) ||
        !arguments_int(a, "max-params", 0, INT64_MAX, &o->max_parameters, err) ||
        !arguments_int(a, "max-macs", 0, INT64_MAX, &o->max_macs, err) ||
        !arguments_real(a, "max-latency", 0, 1e9, &o->max_latency_us, err) ||
        !arguments_real(a, "macs", 0, 1e30, &o->macs, err) || !arguments_span(a, "time", &o->seconds, err) ||
        (objectives && !parse_objectives(objectives, &o->objectives, err)) ||
        (fidelity && !parse_fidelity(fidelity, &o->halving, err)) || !cmd_acquire(a, &o->acquire, err))
        return false;
    o->trials = (int)trials;
    o->workers = (int)workers;
    o->stall = (int)stall;
    o->grown_epochs = (int)grown;
    return true;
}

static json_t *run_search(struct workspace *w, const struct arguments *a, struct error *err)
{
    const char *strategy = arguments_option(a, "strategy");
    int64_t seed = 1;
    struct driver_options o = {.strategy = strategy ? strategy : "bayes",
                               .from_scratch = arguments_flag(a, "from-scratch"),
                               .deterministic = arguments_flag(a, "deterministic"),
                               .resume = arguments_flag(a, "resume")};
    if (!arguments_int(a, "seed", 0, INT64_MAX, &seed, err) || !search_limits(a, &o, err) ||
        !cmd_recipe(w, a, &o.recipe, err))
        return NULL;
    o.seed = (uint64_t)seed;
    return action_search(w, &o, arguments_control(a), err);
}

/* One line a strategy, where there are several. */
static void show_race(const json_t *r, FILE *out)
{
    const json_t *lanes = json_object_get(r, "strategies");
    size_t n = json_array_size(lanes);
    for (size_t i = 0; i < n && n > 1; i++) {
        const json_t *lane = json_array_get(lanes, i), *best = json_object_get(lane, "best");
        fprintf(out, "%s: %lld trial%s; best %.4f (trial %lld)\n",
                json_string_value(json_object_get(lane, "strategy")),
                json_integer_value(json_object_get(lane, "trials")),
                text_s(json_integer_value(json_object_get(lane, "trials"))),
                json_number_value(json_object_get(best, "score")), json_integer_value(json_object_get(best, "trial")));
    }
}

static void show_search(const json_t *r, FILE *out)
{
    const json_t *best = json_object_get(r, "best");
    char id[80], score[96];
    print_value(json_object_get(best, "arch"), id, sizeof id);
    print_value(json_object_get(best, "score"), score, sizeof score);
    fprintf(out, "%lld trial%s in %.1f s; best: %s (trial %lld) with %s\n%s\n",
            json_integer_value(json_object_get(r, "trials")), text_s(json_integer_value(json_object_get(r, "trials"))), json_number_value(json_object_get(r, "seconds")), id,
            json_integer_value(json_object_get(best, "trial")), score,
            json_string_value(json_object_get(json_object_get(r, "evidence"), "sentence")));
    json_int_t timed_out = json_integer_value(json_object_get(r, "timed_out"));
    if (timed_out > 0)
        fprintf(out, "stopped by the limit of time: %lld trial%s\n", timed_out, text_s(timed_out));
    show_race(r, out);
    if (json_object_get(r, "front"))
        print_table(json_object_get(r, "front"), "trial,score,parameters,macs,latency_us|latency us,arch", out);
}

const struct command command_search = {.name = "search",
                                       .operands = "",
                                       .about = "search architectures by morphisms",
                                       .need = COMMAND_WRITES,
                                       .run = run_search,
                                       .show = show_search,
                                       .streams = true,
                                       .ends_itself = true,
                                       .option = {{"strategy", "A", "bayes, random, evolution, local, anneal or grid; several race: A,B (bayes)"},
                                                  {"trials", "N", "trials in all, those of the starting points counted (20)"},
                                                  {"time", "SPAN", "end after 90s, 10m, 2h: what cannot end by then is not begun, or stopped"},
                                                  {"macs", "N", "stop asking after so many multiply-adds of training, such as 5e12"},
                                                  {"stall", "N", "stop asking after N trials without a better one"},
                                                  {"workers", "N", "worker processes (one a processor)"},
                                                  {"fidelity", "F", "full, or halving: stop what is behind early (full)"},
                                                  {"acquire", "A", "what bayes maximises: ei, ucb, thompson or ei-per-cost (ei)"},
                                                  {"objectives", "LIST", "of score, parameters, macs, latency (score)"},
                                                  {"max-params", "N", "never train a larger network"},
                                                  {"max-macs", "N", "nor one of more multiply-adds a prediction"},
                                                  {"max-latency", "US", "nor one that takes longer to predict here, in microseconds"},
                                                  {"from-scratch", NULL, "do not inherit the parent's weights"},
                                                  {"grown-epochs", "N", "epochs of a network that inherits weights; 0: a third of --epochs (0)"},
                                                  {"deterministic", NULL, "the same proposals on every machine"},
                                                  {"resume", NULL, "go on with the search that was interrupted"},
                                                  CMD_RECIPE_OPTIONS}};

static json_t *run_board(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)a;
    return action_board(w, err);
}

static void show_board(const json_t *r, FILE *out)
{
    print_scores(json_object_get(r, "rows"),
                "trial,state,score,fidelity,directional_accuracy|accuracy,mcc,log_loss,parameters,strategy,name,arch,why", out);
}

const struct command command_board = {.name = "board",
                                      .operands = "",
                                      .about = "the leaderboard",
                                      .need = COMMAND_READS,
                                      .run = run_board,
                                      .show = show_board};

static json_t *run_inherit(struct workspace *w, const struct arguments *a, struct error *err)
{
    int64_t trial = 0;
    if (!arguments_int(a, "trial", 1, INT64_MAX, &trial, err))
        return NULL;
    if (arguments_flag(a, "all")) {
        if (trial == 0)
            return action_inherit_all(w, arguments_threads(a), arguments_control(a), err);
        error_set(err, ERROR_USAGE, "--all and --trial exclude each other");
        return NULL;
    }
    return action_inherit(w, trial, arguments_threads(a), arguments_control(a), err);
}

static void show_inherit(const json_t *r, FILE *out)
{
    const json_t *all = json_object_get(r, "rows"), *alone = json_object_get(r, "last_alone");
    bool short_of = json_integer_value(json_object_get(r, "reached")) < json_integer_value(json_object_get(r, "folds"));
    print_table(all ? all : json_object_get(r, "chain"),
                "trial,inherited.epochs|epochs,inherited.seconds|seconds,scratch.epochs|from scratch,"
                "scratch.seconds|seconds,scratch.reached|as low in,scratch.folds|of folds,morphism",
                out);
    fprintf(out, "\nwith inheritance %.2f s, from scratch %.2f s: %.1f %% less (%.1f %% of the multiply-adds)%s\n",
            json_number_value(json_object_get(r, "inherited_seconds")),
            json_number_value(json_object_get(r, "scratch_seconds")),
            100 * json_number_value(json_object_get(r, "saved")),
            100 * json_number_value(json_object_get(r, "saved_macs")),
            short_of ? "; at least: some never came as low from scratch" : "");
    if (all)
        fprintf(out,
                "%lld grown trials, %lld starting points (%.2f s), which count with inheritance alone; on both sides: "
                "%.1f %% less (%.1f %% of the multiply-adds)\n",
                json_integer_value(json_object_get(r, "grown")), json_integer_value(json_object_get(r, "starting_points")),
                json_number_value(json_object_get(json_object_get(r, "starting"), "seconds")),
                100 * json_number_value(json_object_get(r, "saved_both")),
                100 * json_number_value(json_object_get(r, "saved_both_macs")));
    else
        fprintf(out, "the last alone from scratch: %.2f s\n", json_number_value(json_object_get(alone, "seconds")));
}

const struct command command_bench_inherit = {
    .name = "bench inherit",
    .operands = "",
    .about = "measure what inheriting weights saved the best trial of the last search, its ancestors counted",
    .need = COMMAND_READS,
    .run = run_inherit,
    .show = show_inherit,
    .streams = true,
    .ends_itself = true,
    .option = {{"trial", "N", "of another trial"},
               {"all", NULL, "of all trials of the last search that grew and ran in full"}}};

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
