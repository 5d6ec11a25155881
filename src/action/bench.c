#include "action/bench.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "net/plan.h"
#include "train/trainer.h"
#include "work/json.h"

#include <math.h>

#define BARS 4096

/* The models of the comparison with other frameworks: the same layers and widths. A step's place is told by fixed
 * codes where theirs has learned numbers. */
static void put_mlp(struct text *t, int width)
{
    text_printf(t, "f flatten in=x\na dense in=f units=%d act=relu\nb dense in=a units=64 act=relu\n", width);
    text_put(t, "y dense in=b units=1\n");
}

static void put_lstm(struct text *t, int width)
{
    text_printf(t, "r lstm in=x units=%d\np last in=r\ny dense in=p units=1\n", width);
}

static void put_blocks(struct text *t, int width)
{
    for (int i = 0; i < 4; i++) {
        char in[16] = "x";
        if (i)
            snprintf(in, sizeof in, "s%d", i);
        text_printf(t, "c%d conv in=%s channels=%d kernel=3 dilation=%d act=relu\n", i + 1, in, width, 1 << i);
        if (i == 0)
            text_printf(t, "r1 conv in=x channels=%d kernel=1\n", width);
        text_printf(t, "s%d add in=c%d,%s\n", i + 1, i + 1, i ? in : "r1");
    }
}

static void put_tcn(struct text *t, int width)
{
    put_blocks(t, width);
    text_put(t, "p last in=s4\ny dense in=p units=1\n");
}

/* Two encoder blocks with the normalisation behind each sum. */
static void put_encoder(struct text *t, const char *in, int width)
{
    text_printf(t, "e dense in=%s units=%d\n", in, width);
    for (int i = 1; i <= 2; i++) {
        char from[16] = "e";
        if (i > 1)
            snprintf(from, sizeof from, "m%d", i - 1);
        text_printf(t, "a%d attention in=%s heads=4 head=%d causal=0\nr%d add in=%s,a%d\nn%d layernorm in=r%d\n", i,
                    from, width / 4, i, from, i, i, i);
        text_printf(t, "f%d dense in=n%d units=%d act=relu\ng%d dense in=f%d units=%d\n", i, i, 2 * width, i, i, width);
        text_printf(t, "s%d add in=n%d,g%d\nm%d layernorm in=s%d\n", i, i, i, i, i);
    }
    text_put(t, "p meanpool in=m2\ny dense in=p units=1\n");
}

static void put_transformer(struct text *t, int width)
{
    text_put(t, "t timecode in=x\n");
    put_encoder(t, "t", width);
}

static void put_torch_layer(struct text *t, int width)
{
    put_encoder(t, "x", width);
}

static void put_hybrid(struct text *t, int width)
{
    put_blocks(t, width);
    text_printf(t, "a attention in=s4 heads=4 head=%d causal=0\nb add in=s4,a\nn layernorm in=b\n", width / 4);
    text_put(t, "p meanpool in=n\ny dense in=p units=1\n");
}

static const struct {
    const char *name;
    void (*put)(struct text *t, int width);
    int width;
} models[] = {{"mlp", put_mlp, 128},
              {"lstm32", put_lstm, 32},
              {"lstm128", put_lstm, 128},
              {"tcn32", put_tcn, 32},
              {"tcn64", put_tcn, 64},
              {"tr64", put_transformer, 64},
              {"tr64_torchlayer", put_torch_layer, 64},
              {"hyb32", put_hybrid, 32}};

static struct arch *bench_arch(const struct action_bench_options *o, struct error *err)
{
    for (size_t i = 0; i < ARRAY_N(models); i++) {
        if (!text_equal(o->model, models[i].name))
            continue;
        struct text t = {0};
        text_printf(&t, "morphsmith-arch 1\nx input time=%d channels=%d\n", (int)o->time, (int)o->channels);
        models[i].put(&t, models[i].width);
        struct arch *a = arch_parse(text_of(&t), t.n, o->model, err);
        text_free(&t);
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
    double flops = 6.0 * (double)plan_macs(m->arch); /* a sample: forward, and twice that backward */
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
        struct train_hooks hooks = {.context = &watch, .cancelled = enough};
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
