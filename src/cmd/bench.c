#include "action/bench.h"
#include "base/text.h"
#include "chain/state.h"
#include "cmd/arguments.h"
#include "cmd/command.h"
#include "cmd/print.h"
#include "cmd/recipe.h"
#include "cmd/table.h"

#include <unistd.h>

/* --- training and inference -------------------------------------------------------------------------------------- */

static bool options_of(const struct arguments *a, struct action_bench_options *o, struct error *err)
{
    *o = (struct action_bench_options){.model = arguments_option(a, "model"),
                                       .batch = 64,
                                       .time = 64,
                                       .channels = 16,
                                       .threads = arguments_threads(a),
                                       .seconds = 2};
    if (!o->model)
        o->model = "mlp";
    return cmd_kernels(a, &o->blas, err) && arguments_int(a, "batch", 1, 65536, &o->batch, err) &&
           arguments_int(a, "time", 1, 4096, &o->time, err) &&
           arguments_int(a, "channels", 1, 4096, &o->channels, err) &&
           arguments_real(a, "seconds", 0.05, 3600, &o->seconds, err);
}

static json_t *run_bench_train(struct workspace *w, const struct arguments *a, struct error *err)
{
    struct action_bench_options o;
    (void)w;
    if (!options_of(a, &o, err) || !arguments_int(a, "steps", 1, INT64_MAX, &o.steps, err))
        return NULL;
    return action_bench_train(&o, arguments_control(a), err);
}

#define MODEL_OPTION                                                                                                   \
    {"model", "M", "mlp, lstm32, lstm128, tcn32, tcn64, tr64, tr64_torchlayer, hyb32, or an architecture's file (mlp)"}
#define KERNELS_OPTION {"kernels", "K", "exact, or blas: products through OpenBLAS (exact)"}

const struct command command_bench = {
    .name = "bench train",
    .operands = "",
    .about = "measure training: the real trainer on random windows",
    .need = COMMAND_BARE,
    .run = run_bench_train,
    .ends_itself = true,
    .option = {MODEL_OPTION,
               {"batch", "N", "windows a step (64)"},
               {"time", "N", "bars of a window (64)"},
               {"channels", "N", "features (16)"},
               {"seconds", "S", "how long (2)"},
               {"steps", "N", "exactly so many steps instead, and the hash they lead to"},
               KERNELS_OPTION}};

static json_t *run_bench_infer(struct workspace *w, const struct arguments *a, struct error *err)
{
    struct action_bench_options o;
    (void)w;
    return options_of(a, &o, err) ? action_bench_infer(&o, arguments_control(a), err) : NULL;
}

const struct command command_bench_infer = {.name = "bench infer",
                                            .operands = "",
                                            .about = "measure predicting: a fresh network on random windows",
                                            .need = COMMAND_BARE,
                                            .run = run_bench_infer,
                                            .ends_itself = true,
                                            .option = {MODEL_OPTION,
                                                       {"batch", "N", "windows a call (64)"},
                                                       {"time", "N", "bars of a window (64)"},
                                                       {"channels", "N", "features (16)"},
                                                       {"seconds", "S", "how long (2)"},
                                                       KERNELS_OPTION}};

/* --- products ----------------------------------------------------------------------------------------------------- */

static json_t *run_bench_gemm(struct workspace *w, const struct arguments *a, struct error *err)
{
    struct action_bench_gemm_options o = {.threads = arguments_threads(a), .seconds = 0.3};
    bool blas = false, named = arguments_option(a, "kernels") != NULL;
    (void)w;
    if (!cmd_kernels(a, &blas, err) || !arguments_real(a, "seconds", 0.001, 3600, &o.seconds, err))
        return NULL;
    o.exact = !named || !blas;
    o.blas = !named || blas;
    return action_bench_gemm(&o, arguments_control(a), err);
}

static void show_products(const json_t *r, FILE *out)
{
    const json_t *ratio = json_object_get(r, "ratio");
    print_table(json_object_get(r, "cases"),
                "case,layout,m,n,k,exact.median|exact,exact.least|least,exact.most|most,exact.of_peak|of peak,"
                "blas.median|blas,blas.least|least,blas.most|most,blas.of_peak|of peak,ratio",
                out);
    fprintf(out, "\nGFLOP/s; the peak, fused multiply-adds in registers alone, is %.1f\n",
            json_number_value(json_object_get(json_object_get(r, "peak_gflops"), "median")));
    if (ratio)
        fprintf(out, "exact over blas: median %.2f, least %.2f\n", json_number_value(json_object_get(ratio, "median")),
                json_number_value(json_object_get(ratio, "least")));
}

const struct command command_bench_gemm = {
    .name = "bench gemm",
    .operands = "",
    .about = "measure matrix products: exact kernels, OpenBLAS and the core's limit in turns",
    .need = COMMAND_BARE,
    .run = run_bench_gemm,
    .show = show_products,
    .streams = true,
    .ends_itself = true,
    .option = {{"kernels", "K", "exact or blas alone (both)"},
               {"seconds", "S", "how long for each case and kind of kernels (0.3)"}}};

/* --- files -------------------------------------------------------------------------------------------------------- */

static json_t *run_bench_csv(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)w;
    return action_bench_csv(arguments_operand_list(a), arguments_operands(a), arguments_threads(a),
                            arguments_control(a), err);
}

const struct command command_bench_csv = {.name = "bench csv",
                                          .operands = "FILE...",
                                          .about = "measure the importer, everything guessed, all series kept",
                                          .least = 1,
                                          .most = COMMAND_ARGS_MAX,
                                          .need = COMMAND_BARE,
                                          .run = run_bench_csv,
                                          .ends_itself = true};

/* --- strategies --------------------------------------------------------------------------------------------------- */

bool cmd_acquire(const struct arguments *a, enum search_acquire *out, struct error *err)
{
    const char *name = arguments_option(a, "acquire");
    for (int i = 0; search_acquire_names[i]; i++)
        if (!name || text_equal(name, search_acquire_names[i])) {
            *out = (enum search_acquire)i;
            return true;
        }
    return error_set(err, ERROR_USAGE, "--acquire is ei, ucb, thompson or ei-per-cost, not %s", name);
}

static json_t *run_bench_search(struct workspace *w, const struct arguments *a, struct error *err)
{
    struct action_bench_search_options o = {.table = arguments_option(a, "table"),
                                            .strategies = arguments_option(a, "strategy"),
                                            .threads = arguments_threads(a)};
    int64_t queries = 150, seeds = 30, seed = 1;
    (void)w;
    if (!o.table) {
        error_set(err, ERROR_USAGE, "bench search needs --table FILE: graphs and their scores, see FILES");
        return NULL;
    }
    if (!o.strategies)
        o.strategies = "bayes";
    if (!arguments_int(a, "queries", 10, 100000, &queries, err) || !arguments_int(a, "seeds", 1, 100000, &seeds, err) ||
        !arguments_int(a, "seed", 0, INT64_MAX - 100000, &seed, err) || !cmd_acquire(a, &o.acquire, err))
        return NULL;
    o.queries = (int)queries;
    o.seeds = (int)seeds;
    o.seed = (uint64_t)seed;
    return action_bench_search(&o, arguments_control(a), err);
}

/* One line for each number of queries, strategies side by side. */
static void show_means(const json_t *r, FILE *out)
{
    const json_t *queries = json_object_get(r, "queries"), *one;
    struct text columns = {0};
    json_t *rows = json_array();
    size_t i, k;
    text_put(&columns, "queries");
    json_array_foreach(json_object_get(r, "strategies"), k, one)
        text_printf(&columns, ",%s,%s_se|±", json_string_value(json_object_get(one, "strategy")),
                    json_string_value(json_object_get(one, "strategy")));
    for (i = 0; i < json_array_size(queries); i++) {
        json_t *row = json_object();
        json_object_set(row, "queries", json_array_get(queries, i));
        json_array_foreach(json_object_get(r, "strategies"), k, one) {
            char error[64];
            const char *name = json_string_value(json_object_get(one, "strategy"));
            snprintf(error, sizeof error, "%s_se", name);
            json_object_set(row, name, json_array_get(json_object_get(one, "best"), i));
            json_object_set(row, error, json_array_get(json_object_get(one, "standard_error"), i));
        }
        json_array_append_new(rows, row);
    }
    print_table(rows, text_of(&columns), out);
    json_decref(rows);
    text_free(&columns);
}

static void show_pairs(const json_t *r, FILE *out)
{
    const json_t *pair, *queries = json_object_get(r, "queries");
    size_t k;
    json_array_foreach(json_object_get(r, "paired"), k, pair) {
        json_t *rows = json_array();
        for (size_t i = 0; i < json_array_size(queries); i++)
            json_array_append_new(rows, json_pack("{s:O, s:O, s:O, s:O}", "queries", json_array_get(queries, i), "ahead",
                                                  json_array_get(json_object_get(pair, "ahead"), i), "low",
                                                  json_array_get(json_object_get(pair, "low"), i), "high",
                                                  json_array_get(json_object_get(pair, "high"), i)));
        fprintf(out, "\n%s ahead of %s, paired over the seeds, with its 95 %% interval:\n",
                json_string_value(json_object_get(pair, "first")), json_string_value(json_object_get(pair, "second")));
        print_table(rows, "queries,ahead,low|from,high|to", out);
        json_decref(rows);
    }
}

static void show_strategies(const json_t *r, FILE *out)
{
    fprintf(out, "%lld graphs, %s is better; %lld seed%s from %lld; test score of the best by validation so far:\n",
            json_integer_value(json_object_get(r, "graphs")), json_string_value(json_object_get(r, "better")),
            json_integer_value(json_object_get(r, "seeds")), text_s(json_integer_value(json_object_get(r, "seeds"))),
            json_integer_value(json_object_get(r, "seed")));
    show_means(r, out);
    show_pairs(r, out);
}

const struct command command_bench_search = {
    .name = "bench search",
    .operands = "",
    .about = "measure search strategies on a table of graphs whose scores are known",
    .need = COMMAND_BARE,
    .run = run_bench_search,
    .show = show_strategies,
    .streams = true,
    .ends_itself = true,
    .option = {{"table", "FILE", "the table (see FILES)"},
               {"strategy", "LIST", "of bayes evolution local anneal grid random, separated by commas (bayes)"},
               {"queries", "N", "graphs that a search may ask for (150)"},
               {"seeds", "K", "searches to take the mean over (30)"},
               {"seed", "N", "the first of them (1)"},
               {"acquire", "A", "of bayes: ei, ucb or thompson (ei)"}}};

/* --- suggestions -------------------------------------------------------------------------------------------------- */

static json_t *run_bench_gp(struct workspace *w, const struct arguments *a, struct error *err)
{
    int64_t n = 1000, dims = 32, candidates = 10000;
    (void)w;
    if (!arguments_int(a, "n", 1, 10000, &n, err) || !arguments_int(a, "dims", 1, 1000, &dims, err) ||
        !arguments_int(a, "candidates", 1, 1000000, &candidates, err))
        return NULL;
    struct action_bench_gp_options o = {
        .n = (int)n, .dims = (int)dims, .candidates = (int)candidates, .threads = arguments_threads(a)};
    return action_bench_gp(&o, arguments_control(a), err);
}

const struct command command_bench_gp = {.name = "bench gp",
                                         .operands = "",
                                         .about = "measure rounds of suggestions by a Gaussian process",
                                         .need = COMMAND_BARE,
                                         .run = run_bench_gp,
                                         .ends_itself = true,
                                         .option = {{"n", "N", "observations (1000)"},
                                                    {"dims", "N", "numbers a point (32)"},
                                                    {"candidates", "N", "points to choose from (10000)"}}};

/* --- the chain ---------------------------------------------------------------------------------------------------- */

static json_t *run_bench_chain(struct workspace *w, const struct arguments *a, struct error *err)
{
    int64_t transactions = 100000, accounts = 1000, validators = 1;
    (void)w;
    if (!arguments_int(a, "transactions", 100, INT64_C(100000000), &transactions, err) ||
        !arguments_int(a, "accounts", 50, 1000000, &accounts, err) ||
        !arguments_int(a, "validators", 1, 64, &validators, err))
        return NULL;
    struct action_bench_chain_options o = {.transactions = transactions,
                                           .accounts = (int)accounts,
                                           .validators = (int)validators,
                                           .keep = arguments_option(a, "keep"),
                                           .threads = arguments_threads(a)};
    return action_bench_chain(&o, arguments_control(a), err);
}

const struct command command_bench_chain = {
    .name = "bench chain",
    .operands = "",
    .about = "measure verifying a chain, in turns with libsodium's own loop",
    .need = COMMAND_BARE,
    .run = run_bench_chain,
    .ends_itself = true,
    .option = {{"transactions", "N", "of the chain that is built (100000)"},
               {"accounts", "N", "that send them (1000)"},
               {"validators", "N", "that sign each block's certificate; 1: none (1)"},
               {"keep", "DIR", "leave the workspace with this chain here"}}};

static json_t *run_bench_follow(struct workspace *w, const struct arguments *a, struct error *err)
{
    int64_t validators = 20, blocks = 10, history = 1000;
    (void)w;
    if (!arguments_int(a, "validators", 2, STATE_VALIDATORS_MAX, &validators, err) ||
        !arguments_int(a, "blocks", 0, 100000, &blocks, err) || !arguments_int(a, "history", 0, 1000000, &history, err))
        return NULL;
    struct bench_follow_options o = {.validators = (int)validators,
                                     .blocks = blocks,
                                     .history = history,
                                     .threads = arguments_threads(a),
                                     .processes = arguments_flag(a, "processes"),
                                     .leave = _exit,
                                     .every = 1,
                                     .rest = 10};
    if (!arguments_real(a, "every", 0.01, 3600, &o.every, err) || !arguments_real(a, "rest", 0.1, 3600, &o.rest, err))
        return NULL;
    return action_bench_follow(&o, arguments_control(a), err);
}

const struct command command_bench_follow = {
    .name = "bench follow",
    .operands = "",
    .about = "measure what a block costs validators who follow each other, and pulling a history",
    .need = COMMAND_BARE,
    .run = run_bench_follow,
    .ends_itself = true,
    .option = {{"validators", "N", "all in this process, but for --processes (20)"},
               {"blocks", "N", "that they make by votes (10)"},
               {"history", "N", "blocks that are pulled (1000)"},
               {"processes", NULL, "each validator follows in a process of its own"},
               {"every", "S", "seconds between two of its looks (1)"},
               {"rest", "S", "for which it has nothing to do, with --processes (10)"}}};
