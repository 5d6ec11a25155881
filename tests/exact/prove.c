/* Trains fixed networks and makes fixed claims, and prints a hash for each: the same on every machine, under every
 * compiler, at every level of optimisation, for every number of threads and with every kernel.
 *
 *   prove [--threads N] [--flush before|amid] [NAME...]
 *
 * --flush makes the processor flush denormals to zero: before anything else, as a library would that a program loads,
 * which must change nothing; or amid each training, behind everything that guards against it, which must be seen in
 * the hashes, or else they prove nothing about it. The first line says what ran. */
#include "tests/exact/prove.h"

#include "base/bytes.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "net/kernel/kernel.h"
#include "net/numeric.h"

#include <stdio.h>
#include <stdlib.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

void put_floats(struct hash_stream *s, const float *x, size_t n)
{
    struct bytes out = {0};
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &x[i], sizeof bits);
        bytes_put_u32(&out, bits);
    }
    hash_stream_put(s, out.data, out.n);
    bytes_free(&out);
}

void put_double(struct hash_stream *s, double x)
{
    struct bytes out = {0};
    bytes_put_f64(&out, x);
    hash_stream_put(s, out.data, out.n);
    bytes_free(&out);
}

/* Results and operands that are denormal become zero, in this thread. */
static void flush_denormals(void)
{
#if defined(__x86_64__)
    _mm_setcsr(_mm_getcsr() | 0x8040U);
#elif defined(__aarch64__)
    uint64_t control;
    __asm__ volatile("mrs %0, fpcr" : "=r"(control));
    control |= UINT64_C(1) << 24;
    __asm__ volatile("msr fpcr, %0" : : "r"(control));
#else
    fputs("prove: it is not known how this processor flushes denormals\n", stderr);
    exit(1);
#endif
}

static bool flush_and_go_on(void *context)
{
    (void)context;
    flush_denormals();
    return false;
}

/* --- one network ------------------------------------------------------------------------------------------------- */

struct samples {
    float *feature, *target;
    uint32_t *bar;
};

static struct samples samples_of(const struct network *w, const struct arch *a)
{
    size_t time = (size_t)a->shape[0].time, n = (size_t)w->samples, floats = (n + time) * (size_t)a->shape[0].channels;
    struct samples s = {NEW_ARRAY(float, floats), NEW_ARRAY(float, n), NEW_ARRAY(uint32_t, n)};
    struct random r = random_start(21, RANDOM_TEST, 30, 0);

    for (size_t i = 0; i < floats; i++)
        s.feature[i] = w->size * (2.0F * random_unit_float(&r) - 1.0F);
    for (size_t i = 0; i < n; i++) {
        s.bar[i] = (uint32_t)(i + time);
        s.target[i] = w->target == TASK_RETURN      ? 0.05F * (float)random_normal(&r)
                      : w->target == TASK_DIRECTION ? (float)random_below(&r, 2)
                                                    : (float)random_below(&r, (uint32_t)w->outputs);
    }
    return s;
}

static void samples_free(struct samples *s)
{
    free(s->feature);
    free(s->target);
    free(s->bar);
}

static struct hash hash_of_training(const struct model *m, const struct train_result *result, const float *prediction,
                                    size_t predictions)
{
    struct hash_stream *s = hash_stream_new();

    put_floats(s, m->weight, m->weights);
    for (int i = 0; i < 2; i++)
        if (m->moment[i])
            put_floats(s, m->moment[i], m->weights);
    put_double(s, (double)m->step);
    put_double(s, result->train_loss);
    put_double(s, result->valid_loss);
    hash_stream_put(s, result->trace_root.byte, HASH_BYTES);
    put_floats(s, prediction, predictions);
    return hash_stream_end(s);
}

static bool recipe_of(struct recipe *r, const struct network *w, struct error *err)
{
    struct text text = {0};
    recipe_defaults(r);
    r->epochs = w->epochs;
    r->batch = w->batch;
    r->learning_rate = 0.01F;
    text_copy(r->optimizer, sizeof r->optimizer, w->optimizer ? w->optimizer : "adam");
    char *usual = recipe_format(r);
    text_printf(&text, "%s%s", usual, w->settings ? w->settings : "");
    bool ok = recipe_parse(r, text_of(&text), err);
    free(usual);
    text_free(&text);
    return ok;
}

/* A fifth of the samples stops the training early; predictions are of all. */
static bool prove_network(const struct network *w, bool flush, struct hash *out, struct threads *pool,
                          struct error *err)
{
    struct text text = {0};
    struct train_result result;
    struct recipe recipe;
    struct train_hooks hooks = {.cancelled = flush ? flush_and_go_on : NULL};
    text_printf(&text, "morphsmith-arch 1\n%s", w->arch);
    struct arch *a = arch_parse(text_of(&text), text.n, w->name, err);
    struct model *m = a && recipe_of(&recipe, w, err) ? model_new(a, 3, err) : NULL;
    text_free(&text);
    if (!m) {
        arch_free(a);
        return false;
    }
    struct samples s = samples_of(w, a);
    size_t train = (size_t)w->samples * 4 / 5;
    struct train_view all = {.feature = s.feature, .channels = (size_t)a->shape[0].channels,
                             .lookback = a->shape[0].time, .bar = s.bar, .target = s.target, .n = (size_t)w->samples,
                             .goal = {.target = w->target, .outputs = w->outputs, .sd = 0.05}};
    struct train_view first = all, stop = all;
    float *prediction = NEW_ARRAY(float, w->samples * w->outputs);
    first.n = train;
    stop.bar += train;
    stop.target += train;
    stop.n -= train;
    bool ok = train_model(m, &result, &first, &stop, &recipe, 0, pool, &hooks, err);
    if (ok) {
        ok = train_predict(m, prediction, &all, pool, err);
        *out = hash_of_training(m, &result, prediction, all.n * (size_t)w->outputs);
        free(result.trace);
    }
    free(prediction);
    samples_free(&s);
    model_free(m);
    arch_free(a);
    return ok;
}

/* --- all --------------------------------------------------------------------------------------------------------- */

struct options {
    int64_t threads;
    bool before, amid;
    char **name; /* NULL-terminated; none: all */
};

static bool wanted(const struct options *o, const char *name)
{
    bool found = !*o->name;
    for (char **n = o->name; *n; n++)
        found = found || text_equal(*n, name);
    return found;
}

static void print_hash(const char *name, struct hash h)
{
    char hex[HASH_HEX];
    hash_hex(h, hex);
    printf("%-18s %s\n", name, hex);
}

static bool prove_networks(const struct options *o, struct threads *pool, struct error *err)
{
    for (int i = 0; i < networks_n; i++) {
        struct hash h;
        if (!wanted(o, networks[i].name))
            continue;
        if (!prove_network(&networks[i], o->amid, &h, pool, err))
            return error_prefix(err, "%s", networks[i].name);
        print_hash(networks[i].name, h);
    }
    return true;
}

static bool prove_claims(const struct options *o, struct threads *pool, struct error *err)
{
    static const char *const target[] = {"direction", "return", "class"};
    for (int i = 0; i < (int)ARRAY_N(target); i++) {
        char features[32], scores[32];
        struct hash made, scored;
        snprintf(features, sizeof features, "%s-features", target[i]);
        snprintf(scores, sizeof scores, "%s-scores", target[i]);
        if (!wanted(o, features) && !wanted(o, scores))
            continue;
        if (!prove_claim((enum task_target)i, &made, &scored, pool, err))
            return error_prefix(err, "%s", target[i]);
        print_hash(features, made);
        print_hash(scores, scored);
    }
    return true;
}

static bool read_options(struct options *o, char **argument)
{
    *o = (struct options){.threads = 1};
    for (o->name = argument + 1; o->name[0] && strncmp(o->name[0], "--", 2) == 0; o->name += 2) {
        const char *value = o->name[1];
        if (value && text_equal(o->name[0], "--threads"))
            o->threads = strtol(value, NULL, 10);
        else if (value && text_equal(o->name[0], "--flush")) {
            o->before = text_equal(value, "before");
            o->amid = text_equal(value, "amid");
        } else
            return false;
    }
    return true;
}

int main(int n, char **argument)
{
    struct options o;
    struct error err = {0};
    (void)n;
    if (!read_options(&o, argument)) {
        fputs("usage: prove [--threads N] [--flush before|amid] [NAME...]\n", stderr);
        return 2;
    }
    if (o.before)
        flush_denormals();
    struct threads *pool = threads_new((int)o.threads);
    bool ok = numeric_start(&err);
    if (ok)
        printf("# %s, kernels %s, %d threads\n", NUMERIC_VERSION, numeric_isa(), threads_n(pool));
    ok = ok && prove_networks(&o, pool, &err) && prove_claims(&o, pool, &err);
    threads_free(pool);
    if (!ok)
        fprintf(stderr, "prove: %s\n", err.text);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
