#include "search/kernel.h"

#include "base/memory.h"
#include "base/vmath.h"

#include <math.h>

#define L GP_LANES

void kernel_start(struct kernel *k, const struct kernel_data *d, const double *theta)
{
    *k = (struct kernel){.dims = d->dims,
                         .share = d->graph ? d->dims > 0 ? vmath_sigmoid(theta[KERNEL_SHARE]) : 1 : 0,
                         .variance = vmath_exp(theta[KERNEL_VARIANCE]),
                         .noise = vmath_exp(theta[KERNEL_NOISE]),
                         .scale = NEW_ARRAY(double, d->dims)};
    for (int i = 0; i < d->dims; i++)
        k->scale[i] = vmath_exp(-theta[KERNEL_LENGTH + i]);
}

void kernel_end(struct kernel *k)
{
    free(k->scale);
    *k = (struct kernel){0};
}

double *kernel_scaled(const struct kernel *k, const double *x, int n)
{
    double *out = NEW_ARRAY(double, (n + L - 1) / L * L * k->dims);
    for (int i = 0; i < n; i++)
        for (int d = 0; d < k->dims; d++)
            out[i * k->dims + d] = x[i * k->dims + d] * k->scale[d];
    return out;
}

/* Points to lanes: out[d * L + l]. */
static void turn(double *out, const double *at, int count, int dims)
{
    for (int d = 0; d < dims; d++)
        for (int l = 0; l < L; l++)
            out[d * L + l] = l < count ? at[l * dims + d] : 0;
}

/* What the graph adds. */
static void add_graph(const struct kernel *k, double *out, const double *graph, int n)
{
    double by = k->variance * k->share;
    for (int i = 0; i < n; i++)
        out[i] += by * graph[i];
}

void kernel_covariances(const struct kernel *k, double *out, const double *x, int n, const double *at, int count,
                        const double *graph)
{
    const struct dense *d = dense_active();
    int rows = (n + L - 1) / L * L;
    double *lane = NEW_ARRAY(double, k->dims *L);
    turn(lane, at, count, k->dims);
    d->distance(out, x, lane, rows, k->dims);
    d->matern(out, NULL, out, k->variance * (1 - k->share), rows * L);
    if (graph)
        add_graph(k, out, graph, rows * L);
    free(lane);
}

/* --- evidence ------------------------------------------------------------------------------------------------------
 */

struct evidence {
    const struct kernel_data *data;
    struct kernel kernel;
    double *x; /* scaled */
    const struct gp *g;
    struct gp_matrix k, slope, inverse; /* k without noise */
    double *sum;                        /* [panels][KERNEL_LENGTH + dims] */
    bool gradient;
};

static void fill_panel(void *context, int p)
{
    const struct evidence *e = context;
    const struct dense *d = dense_active();
    const struct kernel *k = &e->kernel;
    int n = e->data->n, dims = e->data->dims, rows = (p + 1) * L;
    double *lane = NEW_ARRAY(double, dims *L), *out = e->k.panel[p];
    turn(lane, e->x + (ptrdiff_t)p * L * dims, n - p * L, dims);
    d->distance(out, e->x, lane, rows, dims);
    d->matern(out, e->gradient ? e->slope.panel[p] : NULL, out, k->variance * (1 - k->share), rows * L);
    if (e->data->graph)
        add_graph(k, out, e->data->graph->panel[p], rows * L);
    free(lane);
}

static double noise_of(const struct evidence *e, int i)
{
    return e->kernel.noise + (e->data->noise ? e->data->noise[i] : 0);
}

/* Half of what the evidence changes by with entry (j, c) and its mirror image, times 2: d log p = 1/2 tr((alpha alpha'
 * - K^-1) dK) (eq. 5.9 there). In the inverse's place; 0 where the panel holds nothing. */
static void weigh_panel(const struct evidence *e, int p)
{
    const double *alpha = e->g->alpha;
    double *w = e->inverse.panel[p];
    for (int j = 0; j < (p + 1) * L; j++)
        for (int l = 0, c = p * L; l < L; l++, c++) {
            double by = c >= e->data->n || j > c ? 0 : j == c ? 0.5 : 1;
            w[j * L + l] = by * (alpha[j] * alpha[c] - w[j * L + l]);
        }
}

static double total(const double *lane)
{
    double sum = 0;
    for (int l = 0; l < L; l++)
        sum += lane[l];
    return sum;
}

static void sum_panel(void *context, int p)
{
    const struct evidence *e = context;
    int dims = e->data->dims, rows = (p + 1) * L;
    double *out = e->sum + (ptrdiff_t)p * (KERNEL_LENGTH + dims), *w = e->inverse.panel[p], *k = e->k.panel[p];
    double *slope = e->slope.panel[p], variance[L] = {0}, share[L] = {0};
    const double *graph = e->data->graph ? e->data->graph->panel[p] : NULL;
    weigh_panel(e, p);
    for (int c = p * L; c < (p + 1) * L && c < e->data->n; c++)
        out[KERNEL_NOISE] += *gp_matrix_at(&e->inverse, c, c);
    for (int i = 0; i < rows * L; i += L)
        for (int l = 0; l < L; l++) {
            variance[l] += w[i + l] * k[i + l];
            share[l] += graph ? w[i + l] * graph[i + l] : 0;
            slope[i + l] *= w[i + l];
        }
    out[KERNEL_VARIANCE] = total(variance);
    out[KERNEL_SHARE] = total(share);
    double *lane = NEW_ARRAY(double, dims *L), *by_length = NEW_ARRAY(double, dims *L);
    turn(lane, e->x + (ptrdiff_t)p * L * dims, e->data->n - p * L, dims);
    dense_active()->slopes(by_length, slope, e->x, lane, rows, dims);
    for (int d = 0; d < dims; d++)
        out[KERNEL_LENGTH + d] = total(by_length + (ptrdiff_t)d * L);
    free(lane);
    free(by_length);
}

static void put_gradient(const struct evidence *e, double *gradient)
{
    const struct kernel *k = &e->kernel;
    int all = KERNEL_LENGTH + k->dims;
    for (int i = 0; i < all; i++) {
        gradient[i] = 0;
        for (int p = 0; p < e->k.panels; p++)
            gradient[i] += e->sum[p * all + i];
    }
    /* variance (graph - matern) = (variance graph - k) / (1 - share), and the share's logit brings share (1 - share).
     */
    gradient[KERNEL_SHARE] = k->share * (k->variance * gradient[KERNEL_SHARE] - gradient[KERNEL_VARIANCE]);
    gradient[KERNEL_NOISE] *= k->noise;
}

double kernel_evidence(const struct kernel_data *d, const double *theta, double *gradient, struct gp *g,
                       struct threads *pool)
{
    struct evidence e = {.data = d, .g = g, .gradient = gradient != NULL};
    kernel_start(&e.kernel, d, theta);
    e.x = kernel_scaled(&e.kernel, d->x, d->n);
    gp_matrix_start(&e.k, d->n);
    if (gradient) {
        gp_matrix_start(&e.slope, d->n);
        gp_matrix_start(&e.inverse, d->n);
    }
    threads_run(pool, e.k.panels, fill_panel, &e);
    for (int i = 0; i < d->n; i++)
        *gp_matrix_at(&e.k, i, i) += noise_of(&e, i);
    gp_factor(g, &e.k, d->y);
    for (int i = 0; i < d->n; i++)
        *gp_matrix_at(&e.k, i, i) -= noise_of(&e, i);
    if (gradient) {
        gp_inverse(g, &e.inverse, pool);
        e.sum = NEW_ARRAY(double, e.k.panels *(KERNEL_LENGTH + d->dims));
        threads_run(pool, e.k.panels, sum_panel, &e);
        put_gradient(&e, gradient);
        free(e.sum);
    }
    gp_matrix_end(&e.k);
    gp_matrix_end(&e.slope);
    gp_matrix_end(&e.inverse);
    free(e.x);
    kernel_end(&e.kernel);
    return gp_evidence(g);
}
