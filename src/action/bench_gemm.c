/* How fast products are: exact kernels, OpenBLAS, and the core's own limit, in turns. Declared in bench.h.
 *
 * A training meets a product in three layouts. Weights lie as [in, out]. Forward both factors are read as they lie (NN),
 * for the weights' gradient the first is read across (TN), for the inputs' gradient the second (NT): there the exact
 * kernels need the weights transposed first, which is timed with them, and shared by all steps of a recurrent layer.
 * OpenBLAS reads them across by itself. */
#include "action/bench_internal.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "net/kernel/kernel.h"
#include "net/numeric.h"
#include "net/op/ops.h"

#include <math.h>

enum reading { NN, TN, NT };
static const char *const layout_names[] = {"NN", "TN", "NT"};

/* Windows of 64 steps of 16 channels: the models and batches of bench train. */
static const struct shape {
    const char *name;
    enum reading layout;
    int m, n, k;
    int shares; /* NT: products to one transposing */
} shapes[] = {
    {"mlp 1 forward, batch 64", NN, 64, 128, 1024, 0},
    {"mlp 1 weights, batch 64", TN, 1024, 128, 64, 0},
    {"mlp 2 inputs, batch 64", NT, 64, 128, 64, 1},
    {"lstm32 step forward, batch 64", NN, 64, 128, 48, 0},
    {"lstm32 step inputs, batch 64", NT, 64, 48, 128, 64},
    {"lstm128 step forward, batch 64", NN, 64, 512, 144, 0},
    {"lstm128 step inputs, batch 64", NT, 64, 144, 512, 64},
    {"lstm128 weights, all steps", TN, 144, 512, 4096, 0},
    {"mlp 1 forward, batch 256", NN, 256, 128, 1024, 0},
    {"mlp 1 weights, batch 256", TN, 1024, 128, 256, 0},
    {"lstm32 step forward, batch 256", NN, 256, 128, 48, 0},
    {"lstm128 step forward, batch 256", NN, 256, 512, 144, 0},
    {"lstm128 step inputs, batch 256", NT, 256, 144, 512, 64},
    {"tcn32 forward", NN, 4096, 32, 96, 0},
    {"tcn32 weights", TN, 96, 32, 4096, 0},
    {"tcn32 inputs", NT, 4096, 32, 96, 1},
    {"tcn64 forward", NN, 4096, 64, 192, 0},
    {"tcn64 weights", TN, 192, 64, 4096, 0},
    {"tcn64 inputs", NT, 4096, 64, 192, 1},
    {"tr64 qkv forward", NN, 4096, 192, 64, 0},
    {"tr64 qkv weights", TN, 64, 192, 4096, 0},
    {"tr64 qkv inputs", NT, 4096, 64, 192, 1},
    {"tr64 wide forward", NN, 4096, 128, 64, 0},
    {"tr64 wide weights", TN, 64, 128, 4096, 0},
    {"tr64 wide inputs", NT, 4096, 64, 128, 1},
    {"tr64 head QK'", NT, 64, 64, 16, 1},
    {"tr64 head PV", NN, 64, 16, 64, 0},
};

struct product {
    const struct shape *shape;
    const struct kernel *exact, *blas;
    struct threads *pool;
    float *a, *b, *turned, *c, *other; /* other: what OpenBLAS makes of it */
};

static void product_free(struct product *p)
{
    free(p->a);
    free(p->b);
    free(p->turned);
    free(p->c);
    free(p->other);
}

static float *random_floats(size_t n, struct random *r, struct error *err)
{
    float *x = memory_try(n, sizeof *x, "a matrix", err);
    for (size_t i = 0; x && i < n; i++)
        x[i] = (float)random_normal(r);
    return x;
}

static bool product_make(struct product *p, struct error *err)
{
    size_t m = (size_t)p->shape->m, n = (size_t)p->shape->n, k = (size_t)p->shape->k;
    struct random r = random_start(11, RANDOM_TEST, 0, 0);
    return (p->a = random_floats(m * k, &r, err)) && (p->b = random_floats(k * n, &r, err)) &&
           (p->turned = random_floats(k * n, &r, err)) && (p->c = random_floats(m * n, &r, err)) &&
           (p->other = random_floats(m * n, &r, err));
}

static void multiply_exact(struct product *p, int64_t calls)
{
    const struct shape *s = p->shape;
    struct gemm g = {.a = p->a, .a_row = s->layout == TN ? 1 : s->k, .a_step = s->layout == TN ? s->m : 1,
                     .b = s->layout == NT ? p->turned : p->b, .b_row = s->n, .c = p->c, .c_row = s->n, .m = s->m,
                     .n = s->n, .segments = 1, .depth = s->k};
    for (int64_t i = 0; i < calls; i++) {
        if (s->layout == NT && i % s->shares == 0)
            op_transpose(p->b, s->n, s->k, p->turned);
        kernel_gemm(p->exact, p->pool, &g);
    }
}

static void blas_rows(void *context, int task)
{
    const struct product *p = context;
    const struct shape *s = p->shape;
    int piece = (s->m + threads_n(p->pool) - 1) / threads_n(p->pool), from = task * piece;
    struct gemm g = {.a = p->a + (size_t)from * (size_t)s->k, .a_row = s->k, .a_step = 1, .b = p->b, .b_row = s->k,
                     .c = p->other + (size_t)from * (size_t)s->n, .c_row = s->n,
                     .m = s->m - from < piece ? s->m - from : piece, .n = s->n, .segments = 1, .depth = s->k};
    if (g.m > 0)
        kernel_blas_across(&g);
}

static void multiply_blas(struct product *p, int64_t calls)
{
    const struct shape *s = p->shape;
    struct gemm g = {.a = p->a, .a_row = s->layout == TN ? 1 : s->k, .a_step = s->layout == TN ? s->m : 1, .b = p->b,
                     .b_row = s->n, .c = p->other, .c_row = s->n, .m = s->m, .n = s->n, .segments = 1, .depth = s->k};
    for (int64_t i = 0; i < calls; i++) {
        if (s->layout == NT)
            threads_run(p->pool, threads_n(p->pool), blas_rows, p);
        else
            kernel_gemm(p->blas, p->pool, &g);
    }
}

/* --- timing ------------------------------------------------------------------------------------------------------- */

/* With one thread the processor's time, in which nobody else has a part; several are measured by the wall. */
static double now(const struct product *p)
{
    return threads_n(p->pool) == 1 ? clock_processor_seconds() : clock_seconds();
}

struct peak {
    const struct kernel *kernel;
    long rounds;
    double done[64];
};

static void peak_share(void *context, int task)
{
    struct peak *p = context;
    p->done[task] = p->kernel->peak(p->rounds);
}

/* Operations a nanosecond of all threads in registers alone. */
static double peak_rate(const struct product *p, long rounds)
{
    struct peak work = {.kernel = kernel_active(), .rounds = rounds};
    double start = now(p), done = 0;
    threads_run(p->pool, threads_n(p->pool), peak_share, &work);
    double seconds = now(p) - start;
    for (int i = 0; i < threads_n(p->pool); i++)
        done += work.done[i];
    return done * 1e-9 / seconds;
}

typedef void multiply(struct product *p, int64_t calls);

static double product_rate(struct product *p, multiply *run, int64_t calls)
{
    const struct shape *s = p->shape;
    double start = now(p);
    run(p, calls);
    return 2e-9 * (double)s->m * (double)s->n * (double)s->k * (double)calls / (now(p) - start);
}

/* As many calls as fill `seconds`, a multiple of those that share a transposing. */
static int64_t calls_for(struct product *p, multiply *run, double seconds)
{
    const struct shape *s = p->shape;
    int64_t calls = s->shares > 0 ? s->shares : 1, most = calls, unit = calls;
    double start = now(p), took;
    do {
        run(p, calls);
        most = calls;
        took = now(p) - start;
        start = now(p);
        calls *= 2;
    } while (took < seconds / 4);
    return ((int64_t)((double)most * seconds / took) / unit + 1) * unit;
}

enum { EXACT, BLAS, KERNELS };
static const char *const kernel_names[] = {"exact", "blas"};
static multiply *const multiply_with[] = {multiply_exact, multiply_blas};

struct figures {
    double rate[KERNELS][BENCH_BLOCKS], of_peak[KERNELS][BENCH_BLOCKS]; /* operations a nanosecond; of the peak */
    double peak[BENCH_BLOCKS], ratio[BENCH_BLOCKS];
};

/* In turns, so that what else the machine does meets all of them. */
static void measure(struct figures *f, struct product *p, double seconds)
{
    const struct kernel *const kernel[] = {p->exact, p->blas};
    double block = seconds / BENCH_BLOCKS;
    int64_t calls[KERNELS] = {0, 0};
    for (int k = 0; k < KERNELS; k++)
        calls[k] = kernel[k] ? calls_for(p, multiply_with[k], block) : 0;
    for (int i = 0; i < BENCH_BLOCKS; i++) {
        f->peak[i] = peak_rate(p, 2000);
        for (int k = 0; k < KERNELS; k++) {
            f->rate[k][i] = calls[k] > 0 ? product_rate(p, multiply_with[k], calls[k]) : (double)NAN;
            f->of_peak[k][i] = f->rate[k][i] / f->peak[i];
        }
        f->ratio[i] = f->rate[EXACT][i] / f->rate[BLAS][i];
    }
}

/* Of the two results, over the largest value: both are the same sums, rounded in another order. */
static double largest_difference(const struct product *p)
{
    double most = 0, size = 0;
    for (size_t i = 0; i < (size_t)p->shape->m * (size_t)p->shape->n; i++) {
        most = fmax(most, fabs((double)p->c[i] - (double)p->other[i]));
        size = fmax(size, fabs((double)p->c[i]));
    }
    return most / size;
}

/* --- telling ------------------------------------------------------------------------------------------------------ */

struct summary {
    json_t *cases;
    double peak[ARRAY_N(shapes)], of_peak[KERNELS][ARRAY_N(shapes)], ratio[ARRAY_N(shapes)];
    int n;
};

static json_t *case_json(const struct product *p, struct figures *f, struct summary *all)
{
    const struct shape *s = p->shape;
    bool used[] = {p->exact != NULL, p->blas != NULL};
    all->peak[all->n] = bench_median(f->peak, BENCH_BLOCKS);
    json_t *out = json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:o}", "event", "case", "case", s->name, "layout",
                            layout_names[s->layout], "m", s->m, "n", s->n, "k", s->k, "threads", threads_n(p->pool),
                            "peak_gflops", json_of_number(all->peak[all->n]));
    for (int k = 0; k < KERNELS; k++) {
        if (!used[k])
            continue;
        json_t *spread = bench_spread(f->rate[k], BENCH_BLOCKS);
        all->of_peak[k][all->n] = bench_median(f->of_peak[k], BENCH_BLOCKS);
        json_object_set_new(spread, "of_peak", json_of_number(all->of_peak[k][all->n]));
        json_object_set_new(out, kernel_names[k], spread);
    }
    if (p->exact && p->blas) {
        all->ratio[all->n] = bench_median(f->ratio, BENCH_BLOCKS);
        json_object_set_new(out, "ratio", json_of_number(all->ratio[all->n]));
        json_object_set_new(out, "largest_difference", json_of_number(largest_difference(p)));
    }
    all->n++;
    return out;
}

static json_t *summary_json(struct summary *all, const struct action_bench_gemm_options *o)
{
    bool used[] = {o->exact, o->blas};
    json_t *out = json_pack("{s:b, s:i, s:o}", "done", true, "threads", o->threads, "peak_gflops",
                            bench_spread(all->peak, all->n));
    for (int k = 0; k < KERNELS; k++)
        if (used[k])
            json_object_set_new(out, k == EXACT ? "exact_of_peak" : "blas_of_peak",
                                bench_spread(all->of_peak[k], all->n));
    if (o->exact && o->blas)
        json_object_set_new(out, "ratio", bench_spread(all->ratio, all->n));
    json_object_set(out, "cases", all->cases);
    return out;
}

static bool run_case(struct summary *all, struct product *p, double seconds, const struct control *control,
                     struct error *err)
{
    struct figures f;
    bool ok = product_make(p, err);
    if (ok) {
        measure(&f, p, seconds);
        json_t *one = case_json(p, &f, all);
        json_array_append(all->cases, one);
        control_event(control, one);
    }
    product_free(p);
    return ok && (!control_cancelled(control) || error_set(err, ERROR_INTERRUPTED, "interrupted"));
}

json_t *action_bench_gemm(const struct action_bench_gemm_options *o, const struct control *control, struct error *err)
{
    const struct kernel *blas = o->blas ? kernel_blas(err) : NULL;
    if (!numeric_start(err) || (o->blas && !blas))
        return NULL;
    struct threads *pool = threads_new(o->threads);
    struct summary *all = NEW(struct summary);
    json_t *out = NULL;
    bool ok = true;
    all->cases = json_array();
    for (size_t i = 0; i < ARRAY_N(shapes) && ok; i++) {
        struct product p = {.shape = &shapes[i], .exact = o->exact ? kernel_active() : NULL, .blas = blas, .pool = pool};
        ok = run_case(all, &p, o->seconds, control, err);
    }
    if (ok)
        out = summary_json(all, o);
    json_decref(all->cases);
    free(all);
    threads_free(pool);
    return out;
}
