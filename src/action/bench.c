#include "action/bench.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "train/trainer.h"
#include "work/json.h"

#include <math.h>

#define BARS 4096

/* The models of the comparison with other frameworks: the same layers and widths. */
static char *model_text(const char *name, int time, int channels)
{
    if (text_equal(name, "mlp"))
        return memory_format(
            "morphsmith-arch 1\nx input time=%d channels=%d\nf flatten in=x\na dense in=f units=128 act=relu\n"
            "b dense in=a units=64 act=relu\ny dense in=b units=1\n",
            time, channels);
    if (text_starts(name, "lstm"))
        return memory_format("morphsmith-arch 1\nx input time=%d channels=%d\nr lstm in=x units=%s\np last in=r\n"
                             "y dense in=p units=1\n",
                             time, channels, name + 4);
    struct text t = {0};
    text_printf(&t, "morphsmith-arch 1\nx input time=%d channels=%d\n", time, channels);
    for (int i = 0; i < 4; i++) {
        char in[16] = "x";
        if (i)
            snprintf(in, sizeof in, "s%d", i);
        text_printf(&t, "c%d conv in=%s channels=%s kernel=3 dilation=%d act=relu\n", i + 1, in, name + 3, 1 << i);
        if (i == 0)
            text_printf(&t, "r1 conv in=x channels=%s kernel=1\n", name + 3);
        text_printf(&t, "s%d add in=c%d,%s\n", i + 1, i + 1, i ? in : "r1");
    }
    text_put(&t, "p last in=s4\ny dense in=p units=1\n");
    return t.data;
}

static struct arch *bench_arch(const struct action_bench_options *o, struct error *err)
{
    static const char *const known[] = {"mlp", "lstm32", "lstm128", "tcn32", "tcn64"};
    for (size_t i = 0; i < ARRAY_N(known); i++) {
        if (!text_equal(o->model, known[i]))
            continue;
        char *text = model_text(o->model, (int)o->time, (int)o->channels);
        struct arch *a = arch_parse(text, strlen(text), o->model, err);
        free(text);
        return a;
    }
    struct bytes text = {0};
    struct arch *a = NULL;
    if (file_read(o->model, ARCH_TEXT_MAX, &text, err))
        a = arch_parse((const char *)text.data, text.n, o->model, err);
    bytes_free(&text);
    return a;
}

struct stopwatch {
    int64_t steps, most;
    double first, last, seconds; /* behind the first step and the last: what is set up before is not measured */
    const struct control *control;
    bool interrupted;
};

static bool enough(void *context)
{
    struct stopwatch *s = context;
    s->last = clock_seconds();
    if (s->steps++ == 0)
        s->first = s->last;
    s->interrupted = control_cancelled(s->control);
    return s->interrupted || (s->most ? s->steps >= s->most : s->last - s->first >= s->seconds);
}

struct bench_data {
    float *feature, *target;
    uint32_t *bar;
    struct train_view view;
};

/* As many windows as fill every batch. */
static bool data_make(struct bench_data *d, int time, int channels, int64_t batch, struct error *err)
{
    size_t n = (size_t)((BARS + batch - 1) / batch * batch), values = (n + (size_t)time) * (size_t)channels;
    struct random r = random_start(7, RANDOM_TEST, 0, 0);
    *d = (struct bench_data){0};
    d->feature = memory_try(values, sizeof *d->feature, "the features", err);
    if (!d->feature)
        return false;
    d->target = NEW_ARRAY(float, n);
    d->bar = NEW_ARRAY(uint32_t, n);
    for (size_t i = 0; i < values; i++)
        d->feature[i] = (float)random_normal(&r);
    for (uint32_t i = 0; i < n; i++) {
        d->bar[i] = i + (uint32_t)time;
        d->target[i] = (float)random_below(&r, 2);
    }
    d->view = (struct train_view){.feature = d->feature,
                                  .channels = (size_t)channels,
                                  .lookback = time,
                                  .bar = d->bar,
                                  .target = d->target,
                                  .n = n};
    return true;
}

static void data_free(struct bench_data *d)
{
    free(d->feature);
    free(d->target);
    free(d->bar);
}

static json_t *measured_json(const struct action_bench_options *o, const struct stopwatch *s, const struct model *m)
{
    double seconds = s->last - s->first,
           rate = s->steps > 1 && seconds > 0 ? (double)(s->steps - 1) / seconds : (double)NAN;
    double flops = 6.0 * (double)arch_macs(m->arch); /* a sample: forward, and twice that backward */
    return json_pack(
        "{s:o, s:I, s:i, s:I, s:o, s:o, s:o, s:o, s:o}", "model", json_of_text(o->model), "batch", (json_int_t)o->batch,
        "threads", o->threads, "steps", (json_int_t)s->steps, "seconds", json_of_number(seconds), "steps_per_second",
        json_of_number(rate), "samples_per_second", json_of_number(rate * (double)o->batch), "gflops",
        json_of_number(rate * (double)o->batch * flops * 1e-9), "weights_hash", json_of_hash(model_hash(m)));
}

/* The trainer itself, stopped between two steps: the weights are those behind the last one. */
json_t *action_bench_train(const struct action_bench_options *o, const struct control *control, struct error *err)
{
    struct arch *a = bench_arch(o, err);
    struct bench_data d = {0};
    struct model *m = a ? model_new(a, 1, err) : NULL;
    json_t *out = NULL;
    if (m && data_make(&d, a->shape[0].time, a->shape[0].channels, o->batch, err)) {
        struct recipe recipe;
        recipe_defaults(&recipe);
        recipe.batch = (int)o->batch;
        recipe.epochs = RECIPE_EPOCHS_MAX;
        struct threads *pool = threads_new(o->threads);
        struct stopwatch watch = {.most = o->steps, .seconds = o->seconds, .control = control};
        struct train_hooks hooks = {&watch, NULL, enough};
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
    data_free(&d);
    model_free(m);
    arch_free(a);
    return out;
}
