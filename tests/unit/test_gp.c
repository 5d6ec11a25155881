/* The Gaussian process against sums written out naively and against closed forms, its derivatives against differences,
 * one machine's instructions against another's, and expected improvement against integrals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/threads.h"
#include "search/acquire.h"
#include "search/kernel.h"

#include <math.h>

#define N 61 /* two whole panels and a part of a third */

static void assert_near(double a, double b, double tolerance)
{
    if (!(fabs(a - b) <= tolerance * (1 + fabs(b))))
        fail_msg("%.17g is not %.17g", a, b);
}

/* Solves A x = b by Gaussian elimination with pivoting; returns log |det A|. A and b are overwritten. */
static double naive_solve(double (*a)[N], double *b, int n)
{
    double log_det = 0;
    for (int i = 0; i < n; i++) {
        int p = i;
        for (int r = i; r < n; r++)
            if (fabs(a[r][i]) > fabs(a[p][i]))
                p = r;
        for (int c = 0; c < n; c++) {
            double t = a[i][c];
            a[i][c] = a[p][c];
            a[p][c] = t;
        }
        double t = b[i];
        b[i] = b[p];
        b[p] = t;
        log_det += log(fabs(a[i][i]));
        for (int r = i + 1; r < n; r++) {
            double f = a[r][i] / a[i][i];
            for (int c = i; c < n; c++)
                a[r][c] -= f * a[i][c];
            b[r] -= f * b[i];
        }
    }
    for (int i = n - 1; i >= 0; i--) {
        for (int c = i + 1; c < n; c++)
            b[i] -= a[i][c] * b[c];
        b[i] /= a[i][i];
    }
    return log_det;
}

static double naive_quadratic(double (*k)[N], const double *u, const double *v, int n, double *log_det)
{
    double a[N][N], b[N], sum = 0;
    memcpy(a, k, sizeof a);
    memcpy(b, v, sizeof b);
    double d = naive_solve(a, b, n);
    for (int i = 0; i < n; i++)
        sum += u[i] * b[i];
    if (log_det)
        *log_det = d;
    return sum;
}

struct problem {
    double k[N][N], y[N];
    struct gp_matrix packed;
};

static void pack(struct problem *p, int n)
{
    gp_matrix_start(&p->packed, n);
    for (int j = 0; j < n; j++)
        for (int i = 0; i <= j; i++)
            *gp_matrix_at(&p->packed, i, j) = p->k[i][j];
}

/* exp(-|x_i - x_j|) on random points, noise on the diagonal; n of them packed. */
static void random_problem(struct problem *p, uint64_t seed, double noise, int n)
{
    struct random r = random_start(seed, RANDOM_TEST, 0, 0);
    double x[N];
    for (int i = 0; i < N; i++) {
        x[i] = 12 * random_unit(&r);
        p->y[i] = random_normal(&r);
    }
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            p->k[i][j] = exp(-fabs(x[i] - x[j])) + (i == j ? noise : 0);
    pack(p, n);
}

static void posterior_is_the_naive_one(void **state)
{
    static const int sizes[] = {1, 2, 23, 24, 25, 48, 60};
    (void)state;
    for (size_t s = 0; s < ARRAY_N(sizes); s++) {
        int n = sizes[s];
        struct problem p;
        random_problem(&p, s, 0.1, n);
        struct gp g = {0};
        gp_factor(&g, &p.packed, p.y);
        double *at = p.k[N - 1], det;
        double fit = naive_quadratic(p.k, p.y, p.y, n, &det);
        assert_near(gp_mean(&g, at), naive_quadratic(p.k, at, p.y, n, NULL), 1e-11);
        assert_near(gp_variance(&g, at, 1), 1 - naive_quadratic(p.k, at, at, n, NULL), 1e-11);
        assert_near(gp_evidence(&g), -0.5 * fit - 0.5 * det - 0.5 * n * log(2 * acos(-1)), 1e-11);
        assert_true(g.jitter <= 0);
        gp_end(&g);
        gp_matrix_end(&p.packed);
    }
}

/* One observation y with variance v, and a point with covariance c to it: mean c y / v, variance 1 - c^2 / v. */
static void one_observation_in_closed_form(void **state)
{
    struct gp_matrix k;
    struct gp g = {0};
    (void)state;
    gp_matrix_start(&k, 1);
    *gp_matrix_at(&k, 0, 0) = 1.25;
    gp_factor(&g, &k, (double[]){3});
    assert_near(gp_mean(&g, (double[]){0.5}), 0.5 * 3 / 1.25, 1e-15);
    assert_near(gp_variance(&g, (double[]){0.5}, 1), 1 - 0.25 / 1.25, 1e-15);
    assert_near(gp_evidence(&g), -0.5 * 9 / 1.25 - 0.5 * log(2 * acos(-1) * 1.25), 1e-15);
    gp_end(&g);
    gp_matrix_end(&k);
}

static void assert_same_factor(const struct gp *a, const struct gp *b)
{
    assert_int_equal(a->n, b->n);
    for (int j = 0; j < a->n; j++)
        for (int i = 0; i <= j; i++)
            assert_memory_equal(gp_matrix_at(&a->factor, i, j), gp_matrix_at(&b->factor, i, j), sizeof(double));
    assert_memory_equal(a->solved, b->solved, (size_t)a->n * sizeof(double));
    assert_memory_equal(a->alpha, b->alpha, (size_t)a->n * sizeof(double));
    assert_memory_equal(a->target, b->target, (size_t)a->n * sizeof(double));
}

/* To the bit, whatever was there before: all at once, one by one, and after forgetting some. */
static void appending_is_factoring(void **state)
{
    (void)state;
    struct problem p;
    random_problem(&p, 5, 0.1, N);
    struct gp all = {0}, grown = {0};
    struct gp_matrix first;
    gp_matrix_start(&first, 1);
    *gp_matrix_at(&first, 0, 0) = p.k[0][0];
    gp_factor(&all, &p.packed, p.y);
    gp_factor(&grown, &first, p.y);
    for (int i = 1; i < N; i++)
        gp_append(&grown, p.k[i], p.k[i][i], p.y[i]);
    assert_same_factor(&all, &grown);
    gp_truncate(&grown, 24);
    for (int i = 24; i < N; i++)
        gp_append(&grown, p.k[i], p.k[i][i], p.y[i]);
    assert_same_factor(&all, &grown);
    gp_truncate(&grown, 30);
    assert_near(gp_mean(&grown, p.k[N - 1]), naive_quadratic(p.k, p.k[N - 1], p.y, 30, NULL), 1e-11);
    gp_end(&all);
    gp_end(&grown);
    gp_matrix_end(&first);
    gp_matrix_end(&p.packed);
}

static void fill_from(void *context, double *k, int first, int count)
{
    const struct problem *p = context;
    for (int i = 0; i < p->packed.panels * GP_LANES; i++)
        for (int l = 0; l < GP_LANES; l++)
            k[i * GP_LANES + l] = i < p->packed.n && l < count ? p->k[i][first + l] : 1e3;
}

static void many_points_are_each_alone(void **state)
{
    (void)state;
    struct problem p;
    random_problem(&p, 8, 0.1, 40);
    struct gp g = {0};
    struct gp_query q = {.n = N, .fill = fill_from, .context = &p};
    struct gp_matrix joint;
    struct threads *pool = threads_new(2);
    double mean[N], variance[N], mean_2[N], variance_2[N], together[N];
    gp_factor(&g, &p.packed, p.y);
    gp_posterior(&g, &q, 1.1, mean, variance, NULL);
    gp_posterior(&g, &q, 1.1, mean_2, variance_2, pool);
    assert_memory_equal(mean, mean_2, sizeof mean);
    assert_memory_equal(variance, variance_2, sizeof variance);
    gp_matrix_start(&joint, N);
    for (int j = 0; j < N; j++)
        for (int i = 0; i <= j; i++)
            *gp_matrix_at(&joint, i, j) = p.k[i][j];
    gp_posterior_joint(&g, &q, &joint, together);
    for (int j = 0; j < N; j++) {
        assert_near(mean[j], naive_quadratic(p.k, p.k[j], p.y, 40, NULL), 1e-10);
        assert_near(variance[j], 1.1 - naive_quadratic(p.k, p.k[j], p.k[j], 40, NULL), 1e-10);
        assert_near(variance[j], gp_variance(&g, p.k[j], 1.1), 0);
        assert_near(together[j], mean[j], 0);
        for (int i = 0; i <= j; i++)
            assert_near(*gp_matrix_at(&joint, i, j), p.k[i][j] - naive_quadratic(p.k, p.k[i], p.k[j], 40, NULL), 1e-10);
    }
    threads_free(pool);
    gp_matrix_end(&joint);
    gp_matrix_end(&p.packed);
    gp_end(&g);
}

static void inverse_times_matrix_is_one(void **state)
{
    (void)state;
    struct problem p;
    random_problem(&p, 9, 0.01, N);
    struct gp g = {0};
    struct gp_matrix inverse;
    gp_factor(&g, &p.packed, p.y);
    gp_matrix_start(&inverse, N);
    gp_inverse(&g, &inverse, NULL);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            double sum = 0;
            for (int k = 0; k < N; k++)
                sum += p.k[i][k] * *gp_matrix_at(&inverse, k < j ? k : j, k < j ? j : k);
            assert_near(sum, i == j, 1e-11);
        }
    gp_matrix_end(&inverse);
    gp_matrix_end(&p.packed);
    gp_end(&g);
}

static void interpolates_without_noise(void **state)
{
    (void)state;
    struct problem p;
    random_problem(&p, 7, 0, 30);
    struct gp g = {0};
    gp_factor(&g, &p.packed, p.y);
    for (int i = 0; i < 30; i++) {
        assert_near(gp_mean(&g, p.k[i]), p.y[i], 1e-9);
        assert_near(gp_variance(&g, p.k[i], 1), 0, 1e-9);
    }
    gp_end(&g);
    gp_matrix_end(&p.packed);
}

static void singular_matrices_get_jitter(void **state)
{
    struct gp_matrix k;
    double at[3] = {1, 1, 1};
    struct gp g = {0};
    (void)state;
    gp_matrix_start(&k, 3);
    for (int j = 0; j < 3; j++)
        for (int i = 0; i <= j; i++)
            *gp_matrix_at(&k, i, j) = 1;
    gp_factor(&g, &k, (double[]){1, 2, 3});
    assert_true(g.jitter > 0);
    assert_near(gp_mean(&g, at), 2, 1e-4);
    gp_append(&g, at, 1, 2);
    assert_true(isfinite(gp_mean(&g, (double[]){1, 1, 1, 1})));
    gp_end(&g);
    gp_matrix_end(&k);
}

/* --- the covariance ----------------------------------------------------------------------------------------------- */

#define DIMS 5

struct points {
    double x[N * DIMS], y[N], noise[N];
    struct gp_matrix graph;
};

static void random_points(struct points *p, int n)
{
    struct random r = random_start(3, RANDOM_TEST, 1, 0);
    double kind[N];
    gp_matrix_start(&p->graph, n);
    for (int i = 0; i < n; i++) {
        for (int d = 0; d < DIMS; d++)
            p->x[i * DIMS + d] = 2 * random_unit(&r);
        kind[i] = random_below(&r, 4);
        p->y[i] = sin(3 * p->x[i * DIMS]) + p->x[i * DIMS + 1] + 0.3 * kind[i] + 0.05 * random_normal(&r);
        p->noise[i] = 0.01 * random_unit(&r);
    }
    for (int j = 0; j < n; j++)
        for (int i = 0; i <= j; i++)
            *gp_matrix_at(&p->graph, i, j) = exp(-0.5 * (kind[i] - kind[j]) * (kind[i] - kind[j]));
}

static struct kernel_data data_of(const struct points *p, int n)
{
    return (struct kernel_data){.n = n, .dims = DIMS, .x = p->x, .y = p->y, .noise = p->noise, .graph = &p->graph};
}

static const double theta_0[KERNEL_LENGTH + DIMS] = {0.3, -0.2, -3, 0.1, -0.4, 0.8, 1.5, 0.2};

static double naive_covariance(const struct points *p, const double *theta, int i, int j)
{
    double s = 0, share = 1 / (1 + exp(-theta[KERNEL_SHARE]));
    for (int d = 0; d < DIMS; d++)
        s += pow((p->x[i * DIMS + d] - p->x[j * DIMS + d]) / exp(theta[KERNEL_LENGTH + d]), 2);
    double r = sqrt(5 * s), graph = *gp_matrix_at(&p->graph, i < j ? i : j, i < j ? j : i);
    return exp(theta[KERNEL_VARIANCE]) * (share * graph + (1 - share) * (1 + r + r * r / 3) * exp(-r));
}

static void evidence_is_the_naive_one(void **state)
{
    (void)state;
    struct points p;
    random_points(&p, N);
    struct kernel_data d = data_of(&p, N);
    struct gp g = {0};
    double k[N][N], log_det;
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++)
            k[i][j] = naive_covariance(&p, theta_0, i, j);
        k[i][i] += exp(theta_0[KERNEL_NOISE]) + p.noise[i];
    }
    double fit = naive_quadratic(k, p.y, p.y, N, &log_det);
    assert_near(kernel_evidence(&d, theta_0, NULL, &g, NULL), -0.5 * fit - 0.5 * log_det - 0.5 * N * log(2 * acos(-1)),
                1e-11);
    gp_end(&g);
    gp_matrix_end(&p.graph);
}

static void covariances_are_the_naive_ones(void **state)
{
    (void)state;
    struct points p;
    struct kernel kernel;
    double graph[72 * GP_LANES], out[72 * GP_LANES];
    random_points(&p, N);
    struct kernel_data d = data_of(&p, N);
    kernel_start(&kernel, &d, theta_0);
    double *x = kernel_scaled(&kernel, p.x, N);
    for (int i = 0; i < N; i++)
        for (int l = 0; l < 7; l++)
            graph[i * GP_LANES + l] = *gp_matrix_at(&p.graph, i < l ? i : l, i < l ? l : i);
    kernel_covariances(&kernel, out, x, N, x, 7, graph);
    for (int i = 0; i < N; i++)
        for (int l = 0; l < 7; l++)
            assert_near(out[i * GP_LANES + l], naive_covariance(&p, theta_0, i, l), 1e-14);
    free(x);
    kernel_end(&kernel);
    gp_matrix_end(&p.graph);
}

static void check_gradient(const struct kernel_data *d, int coordinates)
{
    double gradient[KERNEL_LENGTH + DIMS], theta[KERNEL_LENGTH + DIMS], h = 1e-5;
    struct gp g = {0};
    kernel_evidence(d, theta_0, gradient, &g, NULL);
    for (int i = 0; i < coordinates; i++) {
        memcpy(theta, theta_0, sizeof theta);
        theta[i] += h;
        double up = kernel_evidence(d, theta, NULL, &g, NULL);
        theta[i] -= 2 * h;
        assert_near(gradient[i], (up - kernel_evidence(d, theta, NULL, &g, NULL)) / (2 * h), 1e-6);
    }
    gp_end(&g);
}

static void gradients_are_differences(void **state)
{
    (void)state;
    struct points p;
    random_points(&p, N);
    struct kernel_data d = data_of(&p, N);
    check_gradient(&d, KERNEL_LENGTH + DIMS);
    d.noise = NULL;
    d.graph = NULL;
    check_gradient(&d, KERNEL_LENGTH + DIMS);
    d.graph = &p.graph;
    d.dims = 0;
    check_gradient(&d, KERNEL_LENGTH);
    gp_matrix_end(&p.graph);
}

static const struct kernel_prior wide[KERNEL_LENGTH + DIMS] = {{0, 0, -8, 8}, {0, 0, -8, 8}, {-3, 0, -12, 3},
                                                               {0, 0, -4, 6}, {0, 0, -4, 6}, {0, 0, -4, 6},
                                                               {0, 0, -4, 6}, {0, 0, -4, 6}};

/* With derivatives and without them the search ends at the same likelihood, where the gradient vanishes or a bound is,
 * and tells the dimensions that matter from those that do not. */
static void searches_find_the_top(void **state)
{
    (void)state;
    struct points p;
    random_points(&p, N);
    struct kernel_data d = data_of(&p, N);
    struct kernel_fit with = {.prior = wide, .derivatives = true, .most = 300};
    struct kernel_fit without = {.prior = wide, .most = 3000};
    double theta[KERNEL_LENGTH + DIMS], other[KERNEL_LENGTH + DIMS], gradient[KERNEL_LENGTH + DIMS];
    struct gp g = {0};
    int evaluations;
    double top = kernel_search(&with, &d, theta, &evaluations), again = kernel_search(&without, &d, other, NULL);
    assert_true(evaluations > 1 && evaluations <= 300);
    assert_true(top > again - 0.1);
    assert_near(kernel_evidence(&d, theta, gradient, &g, NULL), top, 1e-12);
    for (int i = 0; i < KERNEL_LENGTH + DIMS; i++)
        if (theta[i] > wide[i].least + 1e-6 && theta[i] < wide[i].most - 1e-6)
            assert_true(fabs(gradient[i]) < 0.2);
    for (int d_2 = 2; d_2 < DIMS; d_2++) {
        assert_true(theta[KERNEL_LENGTH + d_2] > theta[KERNEL_LENGTH]);
        assert_true(theta[KERNEL_LENGTH + d_2] > theta[KERNEL_LENGTH + 1]);
    }
    with.grid = 1.0 / 256;
    kernel_search(&with, &d, theta, NULL);
    for (int i = 0; i < KERNEL_LENGTH + DIMS; i++)
        assert_true(theta[i] * 256 == rint(theta[i] * 256));
    gp_end(&g);
    gp_matrix_end(&p.graph);
}

/* --- instructions ------------------------------------------------------------------------------------------------- */

#define DEPTH 120

static void put_random(struct random *r, double *out, int n)
{
    for (int i = 0; i < n; i++)
        out[i] = random_normal(r);
}

struct results {
    double product[DENSE_SQUARE], column[DENSE_LANES], factor[DENSE_SQUARE], inverse[DENSE_LANES];
    double solved[DENSE_SQUARE], total[DENSE_LANES], square[DENSE_LANES], distance[DEPTH * DENSE_LANES];
    double value[DEPTH * DENSE_LANES], slope[DEPTH * DENSE_LANES], slopes[7 * DENSE_LANES];
};

static void run_all(const struct dense *d, struct results *out)
{
    static double a[DEPTH * DENSE_LANES], b[DEPTH * DENSE_LANES], x[DEPTH * 7];
    struct random r = random_start(4, RANDOM_TEST, 2, 0);
    memset(out, 0, sizeof *out);
    put_random(&r, a, ARRAY_N(a));
    put_random(&r, b, ARRAY_N(b));
    put_random(&r, x, ARRAY_N(x));
    put_random(&r, out->product, DENSE_SQUARE);
    put_random(&r, out->solved, DENSE_SQUARE);
    put_random(&r, out->column, DENSE_LANES);
    d->subtract(out->product, a, b, 107);
    d->subtract_column(out->column, a, b, 107);
    for (int k = 0; k < DEPTH; k++)
        for (int i = 0; i < DENSE_LANES; i++)
            for (int j = 0; j < DENSE_LANES; j++)
                out->factor[i * DENSE_LANES + j] += a[k * DENSE_LANES + i] * a[k * DENSE_LANES + j];
    assert_true(d->factor(out->factor, out->inverse));
    d->solve(out->solved, out->factor, out->inverse);
    d->reduce(out->total, out->square, a, x, 107);
    d->distance(out->distance, x, b, DEPTH, 7);
    d->matern(out->value, out->slope, out->distance, 1.3, DEPTH * DENSE_LANES);
    d->slopes(out->slopes, out->value, x, b, 107, 7);
}

static void all_instructions_give_the_same_bits(void **state)
{
    static struct results first, other;
    int ran = 0;
    (void)state;
    for (int i = 0; dense_table[i]; i++) {
        if (!dense_runs(dense_table[i]))
            continue;
        run_all(dense_table[i], ran++ == 0 ? &first : &other);
        if (ran > 1)
            assert_memory_equal(&first, &other, sizeof first);
    }
    assert_true(ran >= 1);
    print_message("# %d of the compilations run here\n", ran);
}

/* What the functions promise, written out. */
static void dense_functions_do_what_they_say(void **state)
{
    static double a[DEPTH * DENSE_LANES], c[DENSE_SQUARE], u[DENSE_SQUARE], keep[DENSE_SQUARE], inverse[DENSE_LANES];
    struct random r = random_start(6, RANDOM_TEST, 3, 0);
    const struct dense *d = dense_active();
    (void)state;
    put_random(&r, a, ARRAY_N(a));
    put_random(&r, c, DENSE_SQUARE);
    memcpy(keep, c, sizeof keep);
    for (int i = 0; i < DENSE_LANES; i++)
        for (int j = 0; j < DENSE_LANES; j++)
            for (int k = 0; k < DEPTH; k++)
                u[i * DENSE_LANES + j] += a[k * DENSE_LANES + i] * a[k * DENSE_LANES + j];
    double entry = u[2 * DENSE_LANES + 5];
    assert_true(d->factor(u, inverse));
    double sum = 0;
    for (int k = 0; k <= 2; k++)
        sum += u[k * DENSE_LANES + 2] * u[k * DENSE_LANES + 5];
    assert_near(sum, entry, 1e-13);
    d->solve(c, u, inverse);
    for (int i = 0; i < DENSE_LANES; i++)
        for (int l = 0; l < DENSE_LANES; l++) {
            sum = 0;
            for (int k = 0; k <= i; k++)
                sum += u[k * DENSE_LANES + i] * c[k * DENSE_LANES + l];
            assert_near(sum, keep[i * DENSE_LANES + l], 1e-12);
        }
    c[7 * DENSE_LANES + 7] = -1;
    assert_false(d->factor(c, inverse));
}

static void matern_is_its_formula(void **state)
{
    double s[DENSE_LANES * 3], value[DENSE_LANES * 3], slope[DENSE_LANES * 3];
    (void)state;
    for (int i = 0; i < DENSE_LANES * 3; i++)
        s[i] = i == 0 ? 0 : pow(10, -12 + i * 0.25);
    dense_active()->matern(value, slope, s, 2, DENSE_LANES * 3);
    for (int i = 0; i < DENSE_LANES * 3; i++) {
        double r = sqrt(5 * s[i]), e = 2 * exp(-(r < 700 ? r : 700));
        assert_true(fabs(value[i] / ((1 + r + r * r / 3) * e) - 1) < 2e-15 * (1 + r));
        assert_true(fabs(slope[i] / (5.0 / 3 * (1 + r) * e) - 1) < 2e-15 * (1 + r));
    }
    assert_true(value[0] == 2);
}

/* --- expected improvement ----------------------------------------------------------------------------------------- */

static void improvement_is_its_integral(void **state)
{
    (void)state;
    for (double z = -5; z <= 6; z += 0.37) {
        double sd = 0.3, best = 0.55, mean = best + z * sd;
        long double sum = 0, step = 1e-4L, root = sqrtl(2 * acosl(-1));
        for (int i = 0; i < 130000; i++) {
            long double u = -z + (i + 0.5L) * step;
            sum += (z + u) * expl(-u * u / 2) / root * step;
        }
        assert_near(acquire_ei(mean, sd, best) / (sd * (double)sum), 1, 2e-7);
        assert_near(acquire_log_ei(mean, sd, best), log(sd * (double)sum), 1e-7);
    }
}

/* phi(a) (1/a^2 - 3/a^4 + 15/a^6 - ...): the terms (2k-1)!! / a^2k; the error is below the last one taken. */
static double asymptotic_log_improvement(double a)
{
    double term = 1 / (a * a), sum = 0;
    for (int k = 1; k < 12; k++) {
        sum += term;
        term *= -(2 * k + 1) / (a * a);
    }
    return -a * a / 2 - log(2 * acos(-1)) / 2 + log(sum);
}

static void log_improvement_does_not_underflow(void **state)
{
    static const double z[] = {-15, -37, -38.5, -40, -100, -1e4, -1e8};
    (void)state;
    for (size_t i = 0; i < ARRAY_N(z); i++)
        assert_near(acquire_log_ei(z[i], 1, 0), asymptotic_log_improvement(-z[i]), 1e-14);
    assert_true(acquire_ei(-40, 1, 0) < 1e-300);
    assert_true(isfinite(acquire_log_ei(-1e100, 1, 0)));
    assert_near(acquire_log_ei(-1 - 1e-12, 1, 0), acquire_log_ei(-1 + 1e-12, 1, 0), 1e-11);
    double last = -INFINITY;
    for (double v = -50; v < 50; v += 0.01) {
        double now = acquire_log_ei(v, 1, 0);
        assert_true(now > last);
        last = now;
    }
    assert_true(acquire_ei(2, 0, 1.5) == 0.5);
    assert_true(acquire_ei(1, 0, 1.5) == 0);
    assert_true(isinf(acquire_log_ei(1, 0, 1.5)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(posterior_is_the_naive_one),
        cmocka_unit_test(one_observation_in_closed_form),
        cmocka_unit_test(appending_is_factoring),
        cmocka_unit_test(many_points_are_each_alone),
        cmocka_unit_test(inverse_times_matrix_is_one),
        cmocka_unit_test(interpolates_without_noise),
        cmocka_unit_test(singular_matrices_get_jitter),
        cmocka_unit_test(evidence_is_the_naive_one),
        cmocka_unit_test(covariances_are_the_naive_ones),
        cmocka_unit_test(gradients_are_differences),
        cmocka_unit_test(searches_find_the_top),
        cmocka_unit_test(all_instructions_give_the_same_bits),
        cmocka_unit_test(dense_functions_do_what_they_say),
        cmocka_unit_test(matern_is_its_formula),
        cmocka_unit_test(improvement_is_its_integral),
        cmocka_unit_test(log_improvement_does_not_underflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
