/* The models and the data of the measurements. Declared in bench_internal.h. */
#include "action/bench_internal.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"

#include <sys/resource.h>

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

struct arch *bench_arch(const struct action_bench_options *o, struct error *err)
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

bool bench_data_make(struct bench_data *d, int time, int channels, int64_t batch, struct error *err)
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

void bench_data_free(struct bench_data *d)
{
    free(d->feature);
    free(d->target);
    free(d->bar);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double bench_median(double *value, int n)
{
    qsort(value, (size_t)n, sizeof *value, ascending);
    return n % 2 ? value[n / 2] : (value[n / 2 - 1] + value[n / 2]) / 2;
}

json_t *bench_spread(double *value, int n)
{
    double median = bench_median(value, n);
    return json_pack("{s:o, s:o, s:o}", "median", json_of_number(median), "least", json_of_number(value[0]), "most",
                     json_of_number(value[n - 1]));
}

double bench_peak_mb(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)used.ru_maxrss / 1024;
}
