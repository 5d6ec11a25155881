/* Which kernels run here, and products split over threads. */
#include "net/kernel/kernel.h"

#include "config.h"

#include "base/text.h"

#include <stdatomic.h>
#include <stdint.h>

extern const struct kernel kernel_portable;
#if defined(__x86_64__)
extern const struct kernel kernel_avx512, kernel_avx2;
const struct kernel *const kernel_table[] = {&kernel_avx512, &kernel_avx2, &kernel_portable, NULL};
#elif defined(__aarch64__)
extern const struct kernel kernel_neon;
const struct kernel *const kernel_table[] = {&kernel_neon, &kernel_portable, NULL};
#else
const struct kernel *const kernel_table[] = {&kernel_portable, NULL};
#endif

/* Set once at start; all kernels give the same bits, so a race could only change the speed. */
static _Atomic(const struct kernel *) active;

/* The features are asked of the processor and of the operating system, which must save the wide registers. */
bool kernel_runs(const struct kernel *k)
{
#if defined(__x86_64__)
    if (k == &kernel_avx512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
    if (k == &kernel_avx2)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    return k != NULL;
}

const struct kernel *kernel_pick(const char *forced, bool (*runs)(const struct kernel *k), struct error *err)
{
    bool force = forced && *forced;
    for (int i = 0; kernel_table[i]; i++) {
        const struct kernel *k = kernel_table[i];
        if (force ? text_equal(forced, k->name) && runs(k) : runs(k))
            return k;
        if (force && text_equal(forced, k->name)) {
            error_set(err, ERROR_USAGE, "MORPHSMITH_ISA=%s: this processor lacks these instructions: unset it", forced);
            return NULL;
        }
    }
    error_set(err, ERROR_USAGE, "MORPHSMITH_ISA=%.32s is not known here: use avx512, avx2, neon or portable",
              force ? forced : "");
    return NULL;
}

bool kernel_choose(struct error *err)
{
    const struct kernel *k = kernel_pick(getenv("MORPHSMITH_ISA"), kernel_runs, err);
    if (k)
        atomic_store(&active, k);
    return k != NULL;
}

const struct kernel *kernel_active(void)
{
    return atomic_load(&active);
}

/* --- threads ----------------------------------------------------------------------------------------------------- */

#define GEMM_ALONE (1 << 16) /* multiply-adds below which waking a thread costs more than it brings */
#define ROW_ALONE (1 << 20)  /* the same for a single row: what answers for one sample, its threads mostly asleep */

struct split {
    const struct kernel *kernel;
    const struct gemm *g;
    int piece;
    bool columns;
};

static void split_piece(void *context, int task)
{
    const struct split *s = context;
    struct gemm g = *s->g;
    int from = task * s->piece, left = (s->columns ? g.n : g.m) - from, take = left < s->piece ? left : s->piece;
    if (s->columns) {
        g.b += from;
        g.c += from;
        g.bias = g.bias ? g.bias + from : NULL;
        g.n = take;
    } else {
        g.a += from * g.a_row;
        g.c += from * g.c_row;
        g.m = take;
    }
    s->kernel->gemm(&g);
}

static int round_up(int n, int to)
{
    return (n + to - 1) / to * to;
}

/* One column: the product of A's rows with a vector. Turned around, A's rows fill the vectors; the same factors meet
 * in the same order, so the bits are the same. Only where A's rows lie side by side. */
static bool turn(const struct gemm *g, struct gemm *out)
{
    if (g->n != 1 || g->a_row != 1 || g->c_row != 1 || g->segments != 1 || g->bias || g->m == 1)
        return false;
    *out = *g;
    out->a = g->b;
    out->a_row = 0;
    out->a_step = g->b_row;
    out->b = g->a;
    out->b_row = g->a_step;
    out->m = 1;
    out->n = g->m;
    out->c_row = g->m;
    return true;
}

void kernel_gemm(const struct kernel *k, struct threads *pool, const struct gemm *g)
{
    struct gemm turned;
    int threads = threads_n(pool);
    int64_t macs = (int64_t)g->m * g->n * g->segments * g->depth;
    if (turn(g, &turned))
        g = &turned;
    if (threads == 1 || macs < (g->m == 1 ? ROW_ALONE : GEMM_ALONE)) {
        k->gemm(g);
        return;
    }
    struct split s = {.kernel = k, .g = g, .columns = g->m < 4 * threads && g->n > g->m};
    int all = s.columns ? g->n : g->m;
    s.piece = round_up((all + threads - 1) / threads, s.columns ? 16 : 4);
    threads_run(pool, (all + s.piece - 1) / s.piece, split_piece, &s);
}
