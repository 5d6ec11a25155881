/* Products through OpenBLAS, for comparison only: its sums run in an order of its own, so that the bits differ from
 * those of the exact kernels, and from one machine to another.
 *
 * The library is loaded when it is first asked for: it takes some 10 MB and starts threads as it is loaded, which
 * nobody else should pay for, and a machine without it runs everything but this. */
#include "net/kernel/kernel.h"

#include "config.h"

#if defined(HAVE_OPENBLAS)

#include <cblas.h>
#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>

typedef void sgemm(const enum CBLAS_ORDER, const enum CBLAS_TRANSPOSE, const enum CBLAS_TRANSPOSE, const blasint,
                   const blasint, const blasint, const float, const float *, const blasint, const float *,
                   const blasint, const float, float *, const blasint);
_Static_assert(_Generic(&cblas_sgemm, sgemm *: 1, default: 0), "cblas_sgemm is not what is called below");

/* Filled once, under `once`; only read behind that. */
static struct {
    pthread_once_t once;
    sgemm *product;
    const struct kernel *exact;
    struct kernel kernel;
    char why[160];
} blas = {.once = PTHREAD_ONCE_INIT};

static bool whole_blas_int(ptrdiff_t n)
{
    return n >= 1 && n <= INT_MAX;
}

/* Is a segment a plain product, with A's rows or its columns side by side? */
static bool plain(const struct gemm *g, bool *a_across, blasint *a_lead)
{
    ptrdiff_t lead;
    *a_across = g->a_step != 1;
    if (!*a_across)
        lead = g->m == 1 ? g->depth : g->a_row;
    else if (g->a_row == 1 || g->m == 1)
        lead = g->depth == 1 ? g->m : g->a_step;
    else
        return false;
    *a_lead = (blasint)lead;
    return whole_blas_int(lead) && lead >= (*a_across ? g->m : g->depth) && whole_blas_int(g->b_row) &&
           (g->m == 1 || (whole_blas_int(g->c_row) && g->c_row >= g->n));
}

static void start_at_bias(const struct gemm *g)
{
    for (int i = 0; i < g->m; i++)
        memcpy(g->c + i * g->c_row, g->bias, (size_t)g->n * sizeof *g->c);
}

static void cut_below_zero(const struct gemm *g)
{
    for (int i = 0; i < g->m; i++)
        blas.exact->act(ACT_RELU, (size_t)g->n, g->c + i * g->c_row, g->c + i * g->c_row);
}

static void blas_product(const struct gemm *g)
{
    bool a_across, adds = g->accumulate || g->bias;
    blasint a_lead;
    if (g->m < 1 || g->n < 1 || g->segments < 1 || g->depth < 1 || g->b_row < g->n || !plain(g, &a_across, &a_lead)) {
        blas.exact->gemm(g);
        return;
    }
    if (g->bias && !g->accumulate)
        start_at_bias(g);
    for (int s = 0; s < g->segments; s++)
        blas.product(CblasRowMajor, a_across ? CblasTrans : CblasNoTrans, CblasNoTrans, g->m, g->n, g->depth, 1.0f,
                     g->a + s * g->a_segment, a_lead, g->b + (ptrdiff_t)s * g->depth * g->b_row, (blasint)g->b_row,
                     adds || s > 0 ? 1.0f : 0.0f, g->c, g->m == 1 ? g->n : (blasint)g->c_row);
    if (g->relu)
        cut_below_zero(g);
}

void kernel_blas_across(const struct gemm *g)
{
    bool a_across;
    blasint a_lead;
    ASSERT(blas.product && g->segments == 1 && !g->bias && !g->relu && plain(g, &a_across, &a_lead));
    blas.product(CblasRowMajor, a_across ? CblasTrans : CblasNoTrans, CblasTrans, g->m, g->n, g->depth, 1.0f, g->a,
                 a_lead, g->b, (blasint)g->b_row, g->accumulate ? 1.0f : 0.0f, g->c, (blasint)g->c_row);
}

/* POSIX: what dlsym gives may be called, but ISO C has no cast for it. */
static bool find_symbol(void *library, const char *name, void *function)
{
    void *symbol = dlsym(library, name);
    memcpy(function, &symbol, sizeof symbol);
    return symbol != NULL;
}

static void load(void)
{
    void (*set_threads)(int) = NULL;
    void *library = dlopen(OPENBLAS_NAME, RTLD_NOW | RTLD_LOCAL);
    if (!library || !find_symbol(library, "cblas_sgemm", &blas.product) ||
        !find_symbol(library, "openblas_set_num_threads", &set_threads)) {
        const char *why = dlerror();
        blas.product = NULL;
        snprintf(blas.why, sizeof blas.why, "%s", why ? why : OPENBLAS_NAME " is no OpenBLAS");
        return;
    }
    set_threads(1); /* the products are split by our own pool */
    blas.exact = kernel_active();
    blas.kernel = *blas.exact;
    blas.kernel.name = "blas";
    blas.kernel.gemm = blas_product;
}

const struct kernel *kernel_blas(struct error *err)
{
    if (!kernel_active() && !kernel_choose(err))
        return NULL;
    pthread_once(&blas.once, load);
    if (blas.product)
        return &blas.kernel;
    error_set(err, ERROR_FAILED, "OpenBLAS cannot be loaded (%s): install it (Debian: libopenblas0), or use exact kernels",
              blas.why);
    return NULL;
}

#else

const struct kernel *kernel_blas(struct error *err)
{
    error_set(err, ERROR_FAILED, "this build has no OpenBLAS: install it (Debian: libopenblas-dev), configure and build "
                                 "again, or use exact kernels");
    return NULL;
}

void kernel_blas_across(const struct gemm *g)
{
    (void)g;
    ASSERT(!"without OpenBLAS there are no such kernels");
}

#endif
