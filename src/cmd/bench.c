#include "action/bench.h"
#include "base/text.h"
#include "cmd/arguments.h"
#include "cmd/command.h"
#include "cmd/print.h"
#include "cmd/recipe.h"
#include "cmd/table.h"

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
