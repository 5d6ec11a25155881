/* Measurements: the real code on made-up input. */
#ifndef ACTION_BENCH_H
#define ACTION_BENCH_H

#include "base/error.h"
#include "search/search.h"
#include "work/control.h"

#include <stdint.h>

struct action_bench_options {
    const char *model; /* mlp, lstm32, lstm128, tcn32, tcn64, tr64, tr64_torchlayer, hyb32, or a path */
    int64_t batch, time, channels, steps; /* steps 0: as many as fit into seconds */
    int threads;
    double seconds;
    bool blas; /* products through OpenBLAS */
};
/* {"model","kernels","batch","threads","steps","seconds","steps_per_second","samples_per_second","gflops",
 * "trace_share","first_step_seconds","peak_rss_mb","weights_hash"}. The rates are null where a single step gives none;
 * trace_share is the part of the seconds that hashing the state took; first_step_seconds run from the start of the
 * process. */
json_t *action_bench_train(const struct action_bench_options *options, const struct control *control,
                           struct error *err);

/* An inference plan with the weights of a fresh model: {"model","kernels","batch","threads","calls","seconds",
 * "microseconds_per_call":{median, least, most},"calls_per_second","samples_per_second",
 * "processor_microseconds_per_call":{the same without what else the machine did, all threads together},
 * "gathered":{the last three with the windows gathered before each call, as predict does}}. */
json_t *action_bench_infer(const struct action_bench_options *options, const struct control *control,
                           struct error *err);

/* Products of the shapes in the comparison's models, in the three layouts in which a training meets them. Each is one
 * event: {"event":"case","case","layout","m","n","k","threads","peak_gflops","exact":{median, least, most, of_peak},
 * "blas":{the same},"ratio","largest_difference"}; the result has "cases", and "peak_gflops", "exact_of_peak",
 * "blas_of_peak" and "ratio" as {median, least, most} over them. Rates are GFLOP/s, with one
 * thread of the processor's time, so that a busy machine tells them too. */
struct action_bench_gemm_options {
    bool exact, blas;
    int threads;
    double seconds; /* of each kind of kernels, for each case */
};
json_t *action_bench_gemm(const struct action_bench_gemm_options *options, const struct control *control,
                          struct error *err);

/* The importer over files, everything guessed, all frames kept to the end:
 * {"files","threads","rows","values","bytes","seconds","processor_seconds","megabytes_per_second","peak_rss_mb"}. */
json_t *action_bench_csv(const char *const *path, int n, int threads, const struct control *control, struct error *err);

/* Strategies on a benchmark table (search/table.h), each over the same seeds. Each seed of a
 * strategy is one event: {"event":"seed","strategy","seed","best","progress","eta_seconds"}. The result: {"table","graphs",
 * "better":"higher"|"lower","seeds","seed","queries":[10,25,...],"best":[...],"standard_error":[...] (of the first
 * strategy; means over the seeds of the test score of the best by validation so far), "strategies":[{"strategy","best",
 * "standard_error","seconds_a_seed"}],"paired":[{"first","second","ahead":[...],"low","high"}] (mean over the seeds by
 * which the first is ahead of the second, with its 95 % interval by Student's t),"seconds"}. Results do not depend on
 * the number of threads. */
struct action_bench_search_options {
    const char *table, *strategies; /* names separated by commas */
    int queries, seeds;
    uint64_t seed; /* the first; the others follow it */
    enum search_acquire acquire;
    int threads;
};
json_t *action_bench_search(const struct action_bench_search_options *options, const struct control *control,
                            struct error *err);

/* A chain of all kinds of transactions, made up and verified: {"transactions","accounts","blocks","bytes","kinds":{kind: how
 * many},"threads","rounds","seconds" (to verify it),"transactions_per_second","signatures_per_second" (with all threads),
 * "one_thread_per_second","libsodium_per_second" (its own loop over messages of this chain, on one thread, in turns with the
 * verifying thread),"of_libsodium" (one thread over that),"processor_of_libsodium" (the same of processor time, for a busy
 * machine),"threads_over_one","seconds_to_build","seconds_to_open_first","seconds_to_open" (as the
 * workbench opens it: the first time all is gone through and indexed),"peak_rss_mb"}. Rates and ratios are {median, least,
 * most} over the rounds. */
struct action_bench_chain_options {
    int64_t transactions;
    int accounts, validators;
    const char *keep; /* a folder for the workspace; NULL: none is left */
    int threads;
};
json_t *action_bench_chain(const struct action_bench_chain_options *options, const struct control *control,
                           struct error *err);

/* Validators that follow each other's folders, all in this process: what a block costs the processor, of all of them
 * together; and a history of so many blocks that is pulled, beside libsodium's own rate: {"validators", "blocks",
 * "processor_seconds_per_block", "seconds_per_block", "looks_per_block", "history", "signatures", "pull_seconds",
 * "signatures_per_second", "signatures_per_processor_second", "libsodium_per_processor_second"}. With `processes` each
 * follows in its own, as people would run them, and instead of the looks it tells "rest_processor_seconds_per_minute": of one
 * of them while nothing happens. */
struct bench_follow_options {
    int validators;
    int64_t blocks, history; /* 0: not that part */
    int threads;
    bool processes;
    void (*leave)(int status); /* ends a process that was forked, without flushing what is its parent's; with `processes` */
    double every, rest; /* seconds between two looks; without anything to do */
};
json_t *action_bench_follow(const struct bench_follow_options *o, const struct control *control, struct error *err);

/* Rounds of suggestions by a Gaussian process, its hyper-parameters kept and refitted: {"n","dims","candidates",
 * "threads","seconds_kept","seconds_refit", and for each of both "processor_seconds_", "log_likelihood_" and "pick_";
 * "evaluations" of the likelihood that the refit took}. Medians of five rounds, fewer where they take long. */
struct action_bench_gp_options {
    int n, dims, candidates, threads;
};
json_t *action_bench_gp(const struct action_bench_gp_options *options, const struct control *control,
                        struct error *err);

#endif
