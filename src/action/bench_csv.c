/* How fast files are imported. Declared in bench.h. */
#include "action/bench.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "data/read/csv.h"
#include "work/json.h"

#include <sys/resource.h>

struct load {
    struct frame **frame;
    int64_t rows, values, bytes;
};

static bool load_all(struct load *l, const char *const *path, int n, int threads, const struct control *control,
                     struct error *err)
{
    struct csv_options options = {.threads = threads};
    for (int i = 0; i < n; i++) {
        struct csv_report report;
        if (control_cancelled(control))
            return error_set(err, ERROR_INTERRUPTED, "interrupted");
        l->frame[i] = csv_import(path[i], &report, &options, err);
        csv_report_free(&report);
        if (!l->frame[i])
            return false;
        l->rows += (int64_t)l->frame[i]->rows;
        l->values += (int64_t)(l->frame[i]->rows * (l->frame[i]->columns + 1)); /* the time is a value too */
        l->bytes += file_size(path[i]);
    }
    return true;
}

static double processor_seconds(const struct rusage *u)
{
    return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) +
           1e-6 * (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec);
}

json_t *action_bench_csv(const char *const *path, int n, int threads, const struct control *control, struct error *err)
{
    struct load l = {.frame = NEW_ARRAY(struct frame *, n)};
    struct rusage before, after;
    json_t *out = NULL;
    getrusage(RUSAGE_SELF, &before);
    double from = clock_seconds();
    if (load_all(&l, path, n, threads, control, err)) {
        double seconds = clock_seconds() - from;
        getrusage(RUSAGE_SELF, &after);
        out = json_pack("{s:i, s:i, s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "files", n, "threads", threads, "rows",
                        (json_int_t)l.rows, "values", (json_int_t)l.values, "bytes", (json_int_t)l.bytes, "seconds",
                        json_of_number(seconds), "processor_seconds",
                        json_of_number(processor_seconds(&after) - processor_seconds(&before)), "megabytes_per_second",
                        json_of_number((double)l.bytes * 1e-6 / seconds), "peak_rss_mb",
                        json_of_number((double)after.ru_maxrss / 1024));
    }
    for (int i = 0; i < n; i++)
        frame_free(l.frame[i]);
    free(l.frame);
    return out;
}
