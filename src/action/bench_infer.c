/* How long a network takes to answer. Declared in bench.h. */
#include "action/bench_internal.h"

#include "base/clock.h"
#include "base/text.h"
#include "net/kernel/kernel.h"
#include "net/plan.h"
#include "train/window.h"

#include <math.h>

struct inference {
    const struct model *m;
    struct plan *plan;
    const struct bench_data *data;
    struct threads *pool;
    int rows;
    size_t next; /* window of the next call's first sample */
};

static void gather(struct inference *f)
{
    if (f->next + (size_t)f->rows > f->data->view.n)
        f->next = 0;
    window_gather(plan_input(f->plan), &f->data->view, NULL, f->next, f->rows, f->pool);
    f->next += (size_t)f->rows;
}

/* Seconds of one call, over as many as it says. */
static double time_calls(struct inference *f, int64_t calls, bool gathers)
{
    double start = clock_seconds();
    for (int64_t i = 0; i < calls; i++) {
        if (gathers)
            gather(f);
        plan_forward(f->plan, f->m->weight, f->rows);
    }
    return (clock_seconds() - start) / (double)calls;
}

struct timing {
    double alone[BENCH_BLOCKS], gathered[BENCH_BLOCKS], processor[BENCH_BLOCKS]; /* microseconds a call */
    int64_t calls;
    double seconds;
};

/* Blocks of calls with windows gathered and without, alternately; first as many as it takes to tell how long one is. */
static bool time_blocks(struct timing *t, struct inference *f, double seconds, const struct control *control,
                        struct error *err)
{
    double block = seconds / (2 * BENCH_BLOCKS), from = clock_seconds(), one;
    int64_t calls = 1;
    gather(f);
    while ((one = time_calls(f, calls, false)) * (double)calls < block / 4)
        calls *= 2;
    calls = (int64_t)(block / one) + 1;
    for (int i = 0; i < BENCH_BLOCKS; i++) {
        double spent = clock_processor_seconds();
        t->alone[i] = 1e6 * time_calls(f, calls, false);
        t->processor[i] = 1e6 * (clock_processor_seconds() - spent) / (double)calls;
        t->gathered[i] = 1e6 * time_calls(f, calls, true);
        t->calls += 2 * calls;
        if (control_cancelled(control))
            return error_set(err, ERROR_INTERRUPTED, "interrupted");
    }
    t->seconds = clock_seconds() - from;
    return true;
}

static void put_rates(json_t *out, double *microseconds, int64_t batch)
{
    json_t *spread = bench_spread(microseconds, BENCH_BLOCKS);
    double rate = 1e6 / json_number_value(json_object_get(spread, "median"));
    json_object_set_new(out, "microseconds_per_call", spread);
    json_object_set_new(out, "calls_per_second", json_of_number(rate));
    json_object_set_new(out, "samples_per_second", json_of_number(rate * (double)batch));
}

static json_t *timing_json(const struct action_bench_options *o, struct timing *t)
{
    json_t *gathered = json_object();
    json_t *out = json_pack("{s:o, s:s, s:I, s:i, s:I, s:o}", "model", json_of_text(o->model), "kernels",
                            o->blas ? "blas" : "exact", "batch", (json_int_t)o->batch, "threads", o->threads, "calls",
                            (json_int_t)t->calls, "seconds", json_of_number(t->seconds));
    put_rates(out, t->alone, o->batch);
    json_object_set_new(out, "processor_microseconds_per_call", bench_spread(t->processor, BENCH_BLOCKS));
    put_rates(gathered, t->gathered, o->batch);
    json_object_set_new(out, "gathered", gathered);
    return out;
}

static bool take_kernels(struct plan *plan, bool blas, struct error *err)
{
    const struct kernel *k = blas ? kernel_blas(err) : NULL;
    if (k)
        plan_take_kernel(plan, k);
    return k || !blas;
}

json_t *action_bench_infer(const struct action_bench_options *o, const struct control *control, struct error *err)
{
    struct arch *a = bench_arch(o, err);
    struct model *m = a ? model_new(a, 1, err) : NULL;
    struct threads *pool = threads_new(o->threads);
    struct plan *plan = m ? plan_new(a, (int)o->batch, false, pool, err) : NULL;
    struct bench_data d = {0};
    struct timing timing = {.calls = 0};
    json_t *out = NULL;
    if (plan && take_kernels(plan, o->blas, err) &&
        bench_data_make(&d, a->shape[0].time, a->shape[0].channels, o->batch, err)) {
        struct inference f = {.m = m, .plan = plan, .data = &d, .pool = pool, .rows = (int)o->batch};
        if (time_blocks(&timing, &f, o->seconds, control, err))
            out = timing_json(o, &timing);
    }
    bench_data_free(&d);
    plan_free(plan);
    threads_free(pool);
    model_free(m);
    arch_free(a);
    return out;
}
