/* Measurements: the real code on made-up input. */
#ifndef ACTION_BENCH_H
#define ACTION_BENCH_H

#include "base/error.h"
#include "work/control.h"

#include <stdint.h>

struct action_bench_options {
    const char *model; /* mlp, lstm32, lstm128, tcn32, tcn64, tr64, tr64_torchlayer, hyb32, or a path */
    int64_t batch, time, channels, steps; /* steps 0: as many as fit into seconds */
    int threads;
    double seconds;
};
/* {"model","batch","threads","steps","seconds","steps_per_second","samples_per_second","gflops","weights_hash"}; the
 * rates are null where a single step gives none. */
json_t *action_bench_train(const struct action_bench_options *options, const struct control *control,
                           struct error *err);

/* The importer over files, everything guessed, all frames kept to the end:
 * {"files","threads","rows","values","bytes","seconds","processor_seconds","megabytes_per_second","peak_rss_mb"}. */
json_t *action_bench_csv(const char *const *path, int n, int threads, const struct control *control, struct error *err);

#endif
