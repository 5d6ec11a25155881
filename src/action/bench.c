#include "action/bench.h"

#include "action/json.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "train/trainer.h"

#define BARS 4096

/* The models of the comparison with other frameworks: the same layers and widths. */
static char *model_text(const char *name, int time, int channels)
{
    if (text_equal(name, "mlp"))
        return memory_format("morphsmith-arch 1\nx input time=%d channels=%d\nf flatten in=x\na dense in=f units=128 act=relu\n"
                             "b dense in=a units=64 act=relu\ny dense in=b units=1\n", time, channels);
    if (text_starts(name, "lstm"))
        return memory_format("morphsmith-arch 1\nx input time=%d channels=%d\nr lstm in=x units=%s\np last in=r\n"
                             "y dense in=p units=1\n", time, channels, name + 4);
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
    double started, seconds;
};

static bool enough(void *context)
{
    struct stopwatch *s = context;
    s->steps++;
    return s->most ? s->steps >= s->most : clock_seconds() - s->started >= s->seconds;
}

json_t *action_bench_train(const struct action_bench_options *o, struct error *err)
{
    struct arch *a = bench_arch(o, err);
    if (!a)
        return NULL;
    int time = a->shape[0].time, channels = a->shape[0].channels;
    struct random r = random_start(7, RANDOM_TEST, 0, 0);
    float *feature = NEW_ARRAY(float, (size_t)(BARS + time) * (size_t)channels), *target = NEW_ARRAY(float, BARS);
    uint32_t *bar = NEW_ARRAY(uint32_t, BARS);
    for (size_t i = 0; i < (size_t)(BARS + time) * (size_t)channels; i++)
        feature[i] = (float)random_normal(&r);
    for (uint32_t i = 0; i < BARS; i++) {
        bar[i] = i + (uint32_t)time;
        target[i] = (float)random_below(&r, 2);
    }
    struct train_view view = {feature, (size_t)channels, time, bar, target, BARS}, none = {0};
    struct recipe recipe;
    recipe_defaults(&recipe);
    recipe.batch = (int)o->batch;
    recipe.epochs = 100000;
    struct threads *pool = threads_new(o->threads);
    struct model *m = model_new(a, 1, err);
    struct stopwatch watch = {.most = o->steps, .seconds = o->seconds, .started = clock_seconds()};
    struct train_hooks hooks = {&watch, NULL, enough};
    struct train_result result = {0};
    struct error why = {0};
    json_t *out = NULL;
    if (m) {
        train_model(m, &result, &view, &none, &recipe, 0, pool, &hooks, &why);
        double seconds = clock_seconds() - watch.started, rate = (double)watch.steps / seconds;
        if (why.kind == ERROR_INTERRUPTED) /* the stopwatch ended it, as meant */
            out = json_pack("{s:s, s:I, s:i, s:I, s:f, s:f, s:f, s:f, s:o}", "model", o->model, "batch", (json_int_t)o->batch,
                            "threads", o->threads, "steps", (json_int_t)watch.steps, "seconds", seconds, "steps_per_second", rate,
                            "samples_per_second", rate * (double)o->batch, "gflops",
                            rate * (double)o->batch * 6e-9 * (double)arch_macs(a), "weights_hash", json_of_hash(model_hash(m)));
        else if (err)
            *err = why;
    }
    free(result.trace);
    model_free(m);
    threads_free(pool);
    free(feature);
    free(target);
    free(bar);
    arch_free(a);
    return out;
}
