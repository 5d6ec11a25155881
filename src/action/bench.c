#include "action/bench_internal.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "net/plan.h"

#include <math.h>

struct stopwatch {
    int64_t steps, most;
    double first, last, seconds; /* behind the first step and the last: what is set up before is not measured */
    double since_start;          /* of the process, behind the first step */
    double trace, trace_first;   /* seconds that the trace took, by now and behind the first step */
    const struct control *control;
    bool interrupted;
};

static bool enough(void *context)
{
    struct stopwatch *s = context;
    s->last = clock_seconds();
    if (s->steps++ == 0) {
        s->first = s->last;
        s->since_start = clock_process_seconds();
        s->trace_first = s->trace;
    }
    s->interrupted = control_cancelled(s->control);
    return s->interrupted || (s->most ? s->steps >= s->most : s->last - s->first >= s->seconds);
}

static json_t *measured_json(const struct action_bench_options *o, const struct stopwatch *s, const struct model *m)
{
    double seconds = s->last - s->first,
           rate = s->steps > 1 && seconds > 0 ? (double)(s->steps - 1) / seconds : (double)NAN;
    double flops = 6.0 * (double)plan_macs(m->arch); /* a sample: forward, and twice that backward */
    return json_pack(
        "{s:o, s:s, s:I, s:i, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "model", json_of_text(o->model), "kernels",
        o->blas ? "blas" : "exact", "batch", (json_int_t)o->batch, "threads", o->threads, "steps",
        (json_int_t)s->steps, "seconds", json_of_number(seconds), "steps_per_second", json_of_number(rate),
        "samples_per_second", json_of_number(rate * (double)o->batch), "gflops",
        json_of_number(rate * (double)o->batch * flops * 1e-9), "trace_share",
        json_of_number(seconds > 0 ? (s->trace - s->trace_first) / seconds : (double)NAN), "first_step_seconds",
        json_of_number(s->since_start), "peak_rss_mb", json_of_number(bench_peak_mb()), "weights_hash",
        json_of_hash(model_hash(m)));
}

/* The trainer itself, stopped between two steps: the weights are those behind the last one. */
json_t *action_bench_train(const struct action_bench_options *o, const struct control *control, struct error *err)
{
    struct arch *a = bench_arch(o, err);
    struct bench_data d = {0};
    struct model *m = a ? model_new(a, 1, err) : NULL;
    json_t *out = NULL;
    if (m && bench_data_make(&d, a->shape[0].time, a->shape[0].channels, o->batch, err)) {
        struct recipe recipe;
        recipe_defaults(&recipe);
        recipe.batch = (int)o->batch;
        recipe.epochs = RECIPE_EPOCHS_MAX;
        recipe.blas = o->blas;
        struct threads *pool = threads_new(o->threads);
        struct stopwatch watch = {.most = o->steps, .seconds = o->seconds, .control = control};
        struct train_hooks hooks = {.context = &watch, .cancelled = enough, .trace_seconds = &watch.trace};
        struct train_result result = {0};
        struct error why = {0};
        if (train_model(m, &result, &d.view, NULL, &recipe, 0, pool, &hooks, &why))
            error_set(err, ERROR_LIMIT, "--steps: at most %lld with this batch", (long long)result.steps);
        else if (why.kind == ERROR_INTERRUPTED && !watch.interrupted)
            out = measured_json(o, &watch, m);
        else
            error_set(err, why.kind, "%s", why.text);
        free(result.trace);
        threads_free(pool);
    }
    bench_data_free(&d);
    model_free(m);
    arch_free(a);
    return out;
}
