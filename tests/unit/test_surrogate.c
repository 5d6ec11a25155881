/* The Gaussian process against sums written out naively, expected improvement against integrals, and what the
 * surrogate promises about architectures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "search/acquire.h"
#include "search/gp.h"
#include "search/morph.h"
#include "search/surrogate_fit.h"

#include <math.h>

#define N 9

static void assert_near(double a, double b, double tolerance)
{
    if (!(fabs(a - b) <= tolerance * (1 + fabs(b))))
        fail_msg("%.17g is not %.17g", a, b);
}

/* Solves A x = b by Gaussian elimination with pivoting; returns log |det A|. A and b are overwritten. */
static double naive_solve(double a[N][N], double *b, int n)
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

static double naive_quadratic(double k[N][N], const double *u, const double *v, int n, double *log_det)
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

/* exp(-|x_i - x_j|) on random points, noise on the diagonal. */
static void random_problem(uint64_t seed, double noise, double k[N][N], double *packed, double y[N])
{
    struct random r = random_start(seed, RANDOM_TEST, 0, 0);
    double x[N];
    for (int i = 0; i < N; i++) {
        x[i] = 4 * random_unit(&r);
        y[i] = random_normal(&r);
    }
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            k[i][j] = exp(-fabs(x[i] - x[j])) + (i == j ? noise : 0);
    for (int i = 0; i < N; i++)
        for (int j = 0; j <= i; j++)
            packed[GP_AT(i, j)] = k[i][j];
}

static void posterior_is_the_naive_one(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        double k[N][N], packed[N * (N + 1) / 2], y[N];
        random_problem(seed, 0.1, k, packed, y);
        struct gp g;
        gp_factor(&g, packed, y, N - 1);
        double *at = k[N - 1], det;
        double fit = naive_quadratic(k, y, y, N - 1, &det);
        assert_near(gp_mean(&g, at), naive_quadratic(k, at, y, N - 1, NULL), 1e-11);
        assert_near(gp_variance(&g, at, 1), 1 - naive_quadratic(k, at, at, N - 1, NULL), 1e-11);
        assert_near(gp_evidence(&g), -0.5 * fit - 0.5 * det - 0.5 * (N - 1) * log(2 * acos(-1)), 1e-11);
        assert_true(g.jitter <= 0);
        gp_end(&g);
    }
}

static void appending_is_factoring(void **state)
{
    (void)state;
    double k[N][N], packed[N * (N + 1) / 2], y[N];
    random_problem(5, 0.1, k, packed, y);
    struct gp all, grown;
    gp_factor(&all, packed, y, N);
    gp_factor(&grown, packed, y, 1);
    for (int i = 1; i < N; i++)
        gp_append(&grown, k[i], k[i][i], y[i]);
    assert_int_equal(grown.n, N);
    assert_memory_equal(all.factor, grown.factor, sizeof packed);
    assert_memory_equal(all.alpha, grown.alpha, sizeof y);
    gp_end(&all);
    gp_end(&grown);
}

static void interpolates_without_noise(void **state)
{
    (void)state;
    double k[N][N], packed[N * (N + 1) / 2], y[N];
    random_problem(7, 0, k, packed, y);
    struct gp g;
    gp_factor(&g, packed, y, N);
    for (int i = 0; i < N; i++) {
        assert_near(gp_mean(&g, k[i]), y[i], 1e-9);
        assert_near(gp_variance(&g, k[i], 1), 0, 1e-9);
    }
    gp_end(&g);
}

static void singular_matrices_get_jitter(void **state)
{
    double packed[6] = {1, 1, 1, 1, 1, 1}, y[3] = {1, 2, 3}, at[3] = {1, 1, 1};
    struct gp g;
    (void)state;
    gp_factor(&g, packed, y, 3);
    assert_true(g.jitter > 0);
    assert_near(gp_mean(&g, at), 2, 1e-4);
    gp_append(&g, at, 1, 2);
    assert_true(isfinite(gp_mean(&g, (double[]){1, 1, 1, 1})));
    gp_end(&g);
}

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

static struct arch *graph(const char *text)
{
    struct error err = {0};
    struct arch *a = arch_parse(text, strlen(text), "test", &err);
    if (!a)
        fail_msg("%s", err.text);
    return a;
}

static struct wl features(const char *text)
{
    struct arch *a = graph(text);
    struct wl w;
    wl_start(&w, a);
    arch_free(a);
    return w;
}

#define HEAD "morphsmith-arch 1\nx input time=8 channels=4\n"

static void features_know_the_graph_only(void **state)
{
    (void)state;
    struct wl a = features(HEAD "c conv in=x channels=4 kernel=3 act=relu\nd conv in=c channels=4 kernel=5\n"
                                "s add in=c,d\np last in=s\ny dense in=p units=1\n");
    struct wl b = features("morphsmith-arch 1\nq input time=8 channels=4\nout dense in=g units=1\ng last in=w\n"
                           "w add in=v,u\nv conv in=u channels=4 kernel=5\nu conv in=q channels=4 kernel=3 act=relu\n");
    struct wl c = features(HEAD "c conv in=x channels=4 kernel=5\nd conv in=c channels=4 kernel=3 act=relu\n"
                                "s add in=c,d\np last in=s\ny dense in=p units=1\n");
    for (int t = 0; t < WL_DEPTHS; t++) {
        assert_int_equal(a.n[t], b.n[t]);
        assert_memory_equal(a.feature[t], b.feature[t], (size_t)a.n[t] * sizeof *a.feature[t]);
        assert_true(wl_dot(&a, &b, t) == 6);
    }
    assert_true(wl_dot(&a, &c, 0) == 6); /* the same operators */
    assert_true(wl_dot(&a, &c, 1) == 3); /* add, last and dense alone have the same neighbours */
    assert_true(wl_dot(&a, &c, 3) == 1); /* three edges from the output there is nothing else */
    wl_end(&a);
    wl_end(&b);
    wl_end(&c);
}

/* The same graph, told by its labels and edges: the same features. */
static void any_graph_has_features(void **state)
{
    static const char *const label[] = {"in", "a", "a", "b", "out"};
    static const int edge[][2] = {{0, 1}, {0, 2}, {1, 3}, {2, 3}, {3, 4}};
    static const char *const turned_label[] = {"out", "b", "a", "a", "in"};
    static const int turned_edge[][2] = {{1, 0}, {4, 2}, {2, 1}, {4, 3}, {3, 1}};
    static const int other_edge[][2] = {{0, 1}, {1, 2}, {1, 3}, {2, 3}, {3, 4}};
    struct wl a, b, c, d;
    (void)state;
    wl_start_graph(&a, label, 5, edge, 5);
    wl_start_graph(&b, turned_label, 5, turned_edge, 5);
    wl_start_graph(&c, label, 5, other_edge, 5);
    wl_copy(&d, &a);
    for (int t = 0; t < WL_DEPTHS; t++) {
        assert_true(wl_dot(&a, &a, t) == 7); /* the two "a" cannot be told apart */
        assert_true(wl_dot(&a, &b, t) == 7);
        assert_true(wl_dot(&a, &d, t) == 7);
    }
    assert_true(wl_dot(&a, &c, 0) == 7);
    assert_true(wl_dot(&a, &c, 1) == 2); /* "b" and "out" alone have the same around them */
    assert_true(wl_dot(&a, &c, 2) == 1);
    assert_string_equal(d.name[0], a.name[0]);
    wl_end(&a);
    wl_end(&b);
    wl_end(&c);
    wl_end(&d);
}

static void counts_can_be_changed(void **state)
{
    (void)state;
    struct wl a = features(HEAD "c conv in=x channels=4 kernel=3\np last in=c\ny dense in=p units=1\n"), b;
    double whole = wl_dot(&a, &a, 0);
    for (int i = 0; i < a.n[0]; i++) {
        assert_true(a.name[i][0] != '\0');
        wl_with_count(&b, &a, a.feature[0][i].label, 3);
        assert_true(wl_dot(&b, &b, 0) == whole + 8);
        assert_true(wl_dot(&a, &b, 0) == whole + 2);
        wl_end(&b);
        wl_with_count(&b, &a, a.feature[0][i].label, 0);
        assert_true(wl_dot(&b, &b, 0) == whole - 1);
        wl_end(&b);
    }
    wl_with_count(&b, &a, UINT64_MAX, 2);
    assert_true(wl_dot(&b, &b, 0) == whole + 4);
    wl_end(&b);
    wl_end(&a);
}

/* Architectures that differ in many ways: random morphisms of one. */
static struct arch *relative(uint32_t seed, int steps)
{
    struct arch *a = graph(HEAD "c conv in=x channels=4 kernel=3 act=relu\np last in=c\n"
                                "d dense in=p units=6 act=relu\ny dense in=d units=1\n");
    struct random r = random_start(seed, RANDOM_TEST, 4, 0);
    for (int i = 0; i < steps; i++) {
        struct morph_option *option;
        int n = morph_list(a, &option), fit = 0;
        for (int k = 0; k < n; k++)
            if (option[k].applicable)
                option[fit++] = option[k];
        struct arch *next = morph_apply_arch(a, &option[random_below(&r, (uint32_t)fit)].step, NULL);
        assert_non_null(next);
        arch_free(a);
        a = next;
        free(option);
    }
    return a;
}

static double smooth_score(const struct arch *a)
{
    return 0.5 + 0.05 * log10((double)arch_parameters(a)) + 0.004 * a->nodes;
}

static struct surrogate *told(int n, double noise)
{
    struct surrogate *s = surrogate_new(&(struct surrogate_options){.deterministic = true});
    for (int i = 0; i < n; i++) {
        struct arch *a = relative((uint32_t)i, 1 + i % 5);
        surrogate_add(s, a, smooth_score(a), noise);
        arch_free(a);
    }
    surrogate_fit(s);
    return s;
}

static void prediction_is_the_naive_one(void **state)
{
    (void)state;
    struct surrogate *s = told(N - 1, 1e-5);
    const struct surrogate_hyper *h = &s->hyper;
    double k[N][N], y[N], mean = 0, square = 0, log_det;
    for (int i = 0; i < N - 1; i++)
        mean += s->point[i].score / (N - 1);
    for (int i = 0; i < N - 1; i++)
        square += pow(s->point[i].score - mean, 2) / (N - 1);
    struct arch *a = relative(99, 3);
    surrogate_add(s, a, 0, 0); /* for its features; the factor stays that of the fit */
    for (int i = 0; i < N; i++) {
        y[i] = (s->point[i].score - mean) / sqrt(square);
        for (int j = 0; j < N; j++) {
            double r = sqrt(5) * surrogate_distance(&s->point[i], &s->point[j]) / h->length;
            k[i][j] = h->variance * (h->wl_share * surrogate_wl(&s->point[i], &s->point[j], h->depth) +
                                     (1 - h->wl_share) * (1 + r + r * r / 3) * exp(-r));
        }
        k[i][i] += h->noise + 1e-5 / square;
    }
    struct surrogate_view v;
    surrogate_predict(s, a, &v);
    assert_near(v.mean, mean + sqrt(square) * naive_quadratic(k, k[N - 1], y, N - 1, &log_det), 1e-9);
    assert_near(v.sd * v.sd / square, h->variance - naive_quadratic(k, k[N - 1], k[N - 1], N - 1, NULL), 1e-8);
    double evidence = -0.5 * naive_quadratic(k, y, y, N - 1, NULL) - log_det / 2 - (N - 1) * log(2 * acos(-1)) / 2;
    assert_near(surrogate_fitted(s).log_likelihood, evidence, 1e-9);
    arch_free(a);
    surrogate_free(s);
}

static void learns_a_smooth_score(void **state)
{
    (void)state;
    struct surrogate *s = told(30, 0);
    double error = 0, plain = 0;
    for (uint32_t i = 0; i < 12; i++) {
        struct arch *a = relative(500 + i, 1 + (int)(i % 5));
        struct surrogate_view v;
        surrogate_predict(s, a, &v);
        error += pow(v.mean - smooth_score(a), 2);
        plain += pow(s->centre - smooth_score(a), 2);
        assert_true(v.sd > 0 && isfinite(v.log_ei));
        assert_near(v.z, (v.mean - v.best) / v.sd, 1e-9);
        assert_near(v.ei, acquire_ei(v.mean, v.sd, v.best), 1e-9);
        arch_free(a);
    }
    assert_true(error < 0.1 * plain);
    for (int i = 0; i < 30; i++)
        assert_near(surrogate_standing(s, i), s->point[i].score, 0.01);
    surrogate_free(s);
}

/* Expected improvement is over the best posterior mean: neither over some other trial's, nor over a lucky score. */
static void improvement_is_over_the_best_mean(void **state)
{
    (void)state;
    struct surrogate *s = told(12, 1e-6);
    struct arch *a = relative(77, 2);
    surrogate_add(s, a, 2.0, 1.0);
    surrogate_fit(s);
    double best = surrogate_standing(s, 0);
    for (int i = 1; i < 13; i++)
        best = fmax(best, surrogate_standing(s, i));
    struct surrogate_view v;
    surrogate_predict(s, a, &v);
    assert_near(v.best, best, 1e-12);
    assert_true(surrogate_standing(s, 0) < best && best < 1.9);
    arch_free(a);
    surrogate_free(s);
}

static void fits_are_repeatable(void **state)
{
    (void)state;
    struct surrogate *s = told(14, 1e-4), *t = told(14, 1e-4);
    struct surrogate_hyper first = s->hyper;
    surrogate_fit(s);
    assert_memory_equal(&first.wl_share, &s->hyper.wl_share, 4 * sizeof(double));
    assert_memory_equal(&first.wl_share, &t->hyper.wl_share, 4 * sizeof(double));
    assert_int_equal(first.depth, t->hyper.depth);
    surrogate_free(s);
    surrogate_free(t);
}

static void duplicates_do_no_harm(void **state)
{
    (void)state;
    struct surrogate *s = surrogate_new(&(struct surrogate_options){.deterministic = true});
    struct arch *a = relative(1, 2), *b = relative(2, 2);
    for (int i = 0; i < 6; i++)
        surrogate_add(s, a, 0.5 + 0.01 * i, i % 2 ? 1e-2 : 0);
    surrogate_add(s, b, 0.7, 0);
    surrogate_fit(s);
    struct surrogate_view v;
    surrogate_predict(s, a, &v);
    assert_int_equal(surrogate_n(s), 7);
    assert_true(v.mean > 0.45 && v.mean < 0.6 && v.sd < 0.2);
    arch_free(a);
    arch_free(b);
    surrogate_free(s);
}

/* An outlier that says of itself that it is noise moves the mean less. */
static void noise_is_heeded(void **state)
{
    (void)state;
    double mean[2];
    for (int k = 0; k < 2; k++) {
        struct surrogate *s = told(12, 1e-6);
        struct arch *a = relative(77, 2);
        surrogate_add(s, a, 2.0, k ? 1.0 : 1e-6);
        surrogate_fit(s);
        struct surrogate_view v;
        surrogate_predict(s, a, &v);
        mean[k] = v.mean;
        arch_free(a);
        surrogate_free(s);
    }
    assert_true(mean[1] < mean[0] - 0.3);
}

static void prior_stands_alone(void **state)
{
    (void)state;
    struct surrogate *s = surrogate_new(&(struct surrogate_options){.deterministic = true});
    struct arch *a = relative(1, 1);
    struct surrogate_view v;
    surrogate_fit(s);
    surrogate_predict(s, a, &v);
    assert_true(v.mean == 0 && v.sd > 0);
    surrogate_add(s, a, 0.5, 0);
    surrogate_fit(s);
    surrogate_predict(s, a, &v);
    assert_near(v.mean, 0.5, 1e-12);
    surrogate_add(s, a, 0.5, 0); /* all scores the same */
    surrogate_fit(s);
    surrogate_predict(s, a, &v);
    assert_near(v.mean, 0.5, 1e-12);
    assert_true(isfinite(v.sd) && isfinite(v.log_ei));
    arch_free(a);
    surrogate_free(s);
}

static void beliefs_narrow_and_are_forgotten(void **state)
{
    (void)state;
    struct surrogate *s = told(12, 1e-4);
    struct arch *a = relative(200, 4), *b = relative(201, 3);
    struct surrogate_view va[2], vb[2];
    surrogate_predict(s, a, &va[0]);
    surrogate_predict(s, b, &vb[0]);
    surrogate_believe(s, a);
    surrogate_predict(s, a, &va[1]);
    surrogate_predict(s, b, &vb[1]);
    assert_near(va[1].mean, va[0].mean, 1e-9);
    assert_near(vb[1].mean, vb[0].mean, 1e-9);
    assert_true(va[1].sd < 0.9 * va[0].sd);
    assert_true(vb[1].sd <= vb[0].sd * (1 + 1e-12));
    assert_int_equal(surrogate_n(s), 12);
    surrogate_fit(s);
    surrogate_predict(s, a, &va[1]);
    assert_true(va[0].mean == va[1].mean && va[0].sd == va[1].sd);
    arch_free(a);
    arch_free(b);
    surrogate_free(s);
}

static void explanations_name_labels(void **state)
{
    char line[5][96];
    (void)state;
    struct surrogate *s = told(20, 0);
    struct arch *a = relative(300, 4);
    int n = surrogate_explain(s, a, line, 5);
    assert_in_range(n, 1, 5);
    double last = INFINITY;
    for (int i = 0; i < n; i++) {
        const char *number = strrchr(line[i], ' ');
        assert_non_null(number);
        double size = fabs(strtod(number, NULL));
        assert_true(size <= last);
        last = size;
    }
    arch_free(a);
    surrogate_free(s);
}

static int start(void **state)
{
    (void)state;
    hash_start();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(posterior_is_the_naive_one),
        cmocka_unit_test(appending_is_factoring),
        cmocka_unit_test(interpolates_without_noise),
        cmocka_unit_test(singular_matrices_get_jitter),
        cmocka_unit_test(improvement_is_its_integral),
        cmocka_unit_test(log_improvement_does_not_underflow),
        cmocka_unit_test(features_know_the_graph_only),
        cmocka_unit_test(any_graph_has_features),
        cmocka_unit_test(counts_can_be_changed),
        cmocka_unit_test(prediction_is_the_naive_one),
        cmocka_unit_test(learns_a_smooth_score),
        cmocka_unit_test(improvement_is_over_the_best_mean),
        cmocka_unit_test(fits_are_repeatable),
        cmocka_unit_test(duplicates_do_no_harm),
        cmocka_unit_test(noise_is_heeded),
        cmocka_unit_test(prior_stands_alone),
        cmocka_unit_test(beliefs_narrow_and_are_forgotten),
        cmocka_unit_test(explanations_name_labels),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
