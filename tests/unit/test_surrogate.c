/* What the surrogate promises: its predictions against sums written out naively, its explanations against predictions
 * of what they suppose, and what it does with data that is not as one would wish. */
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
#include "search/morph.h"
#include "search/surrogate_internal.h"

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

static void index_gives_products(void **state)
{
    (void)state;
    struct wl w[4] = {features(HEAD "c conv in=x channels=4 kernel=3\np last in=c\ny dense in=p units=1\n"),
                      features(HEAD "p last in=x\ny dense in=p units=1\n"),
                      features(HEAD "c conv in=x channels=4 kernel=3\nd conv in=c channels=4 kernel=3\n"
                                    "p last in=d\ny dense in=p units=1\n"),
                      features(HEAD "c conv in=x channels=8 kernel=3\np last in=c\ny dense in=p units=1\n")};
    struct wl_index x = {0};
    for (int i = 0; i < 4; i++)
        wl_index_add(&x, &w[i], i);
    wl_index_cut(&x, 2);
    for (int i = 2; i < 4; i++)
        wl_index_add(&x, &w[i], i);
    for (int i = 0; i < 4; i++)
        for (int t = 0; t < WL_DEPTHS; t++) {
            double dot[4] = {0};
            wl_index_dots(&x, &w[i], t, dot);
            for (int j = 0; j < 4; j++)
                assert_true(dot[j] == wl_dot(&w[i], &w[j], t));
        }
    wl_index_end(&x);
    for (int i = 0; i < 4; i++)
        wl_end(&w[i]);
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
    struct surrogate *s = surrogate_new(&(struct surrogate_options){.deterministic = true, .straight = true});
    for (int i = 0; i < n; i++) {
        struct arch *a = relative((uint32_t)i, 1 + i % 5);
        surrogate_add(s, a, smooth_score(a), noise);
        arch_free(a);
    }
    surrogate_fit(s);
    return s;
}

static double naive_distance(const double *theta, const struct surrogate_point *a, const struct surrogate_point *b)
{
    double sum = 0;
    for (int d = 0; d < 3; d++)
        sum += pow((a->f.size[d] - b->f.size[d]) / exp(theta[KERNEL_LENGTH + d]), 2);
    return sqrt(sum);
}

/* The covariances of a setting, those of the last point behind the observations', without noise. */
static void naive_covariances(const struct surrogate *s, const struct kernel_drawn *at, double k[N][N])
{
    double share = 1 / (1 + exp(-at->theta[KERNEL_SHARE]));
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            double r = sqrt(5) * naive_distance(at->theta, &s->point[i], &s->point[j]);
            k[i][j] = exp(at->theta[KERNEL_VARIANCE]) * (share * surrogate_wl(&s->point[i], &s->point[j], at->depth) +
                                                         (1 - share) * (1 + r + r * r / 3) * exp(-r));
        }
}

static void prediction_is_the_naive_one(void **state)
{
    (void)state;
    struct surrogate *s = told(N - 1, 1e-5);
    double k[N][N], y[N], mean = 0, square = 0, log_det, evidence = 0;
    for (int i = 0; i < N - 1; i++)
        mean += s->point[i].score / (N - 1);
    for (int i = 0; i < N - 1; i++)
        square += pow(s->point[i].score - mean, 2) / (N - 1);
    struct arch *a = relative(99, 3);
    surrogate_add(s, a, 0, 0); /* for its features; the factor stays that of the fit */
    for (int i = 0; i < N; i++)
        y[i] = (s->point[i].score - mean) / sqrt(square);
    struct surrogate_view v;
    surrogate_predict(s, a, &v);
    assert_int_equal(v.parts, s->models);
    for (int m = 0; m < s->models; m++) {
        const double *theta = s->model[m].at.theta;
        naive_covariances(s, &s->model[m].at, k);
        for (int i = 0; i < N; i++)
            k[i][i] += exp(theta[KERNEL_NOISE]) + 1e-5 / square;
        assert_near(v.part[m].mean, mean + sqrt(square) * naive_quadratic(k, k[N - 1], y, N - 1, &log_det), 1e-9);
        assert_near(v.part[m].sd * v.part[m].sd / square,
                    exp(theta[KERNEL_VARIANCE]) - naive_quadratic(k, k[N - 1], k[N - 1], N - 1, NULL), 1e-8);
        evidence -= (naive_quadratic(k, y, y, N - 1, NULL) + log_det + (N - 1) * log(2 * acos(-1))) / 2 / s->models;
    }
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
        assert_near(v.part[0].ei, acquire_ei(v.part[0].mean, v.part[0].sd, v.best), 1e-9);
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
    struct kernel_drawn first = s->model[3].at;
    surrogate_fit(s);
    assert_memory_equal(first.theta, s->model[3].at.theta, (KERNEL_LENGTH + 3) * sizeof(double));
    assert_memory_equal(first.theta, t->model[3].at.theta, (KERNEL_LENGTH + 3) * sizeof(double));
    assert_int_equal(first.depth, t->model[3].at.depth);
    surrogate_free(s);
    surrogate_free(t);
}

/* A graph and sizes made up. */
static void made_up(struct surrogate_features *f, uint32_t seed)
{
    static const char *const op[] = {"in", "a", "b", "c", "out"};
    struct random r = random_start(seed, RANDOM_TEST, 5, 0);
    const char *label[7] = {"in"};
    int edge[12][2], n = 3 + (int)random_below(&r, 4), m = 0;
    for (int i = 1; i < n; i++) {
        label[i] = i == n - 1 ? "out" : op[1 + random_below(&r, 3)];
        edge[m][0] = i - 1;
        edge[m++][1] = i;
        if (i >= 2 && random_below(&r, 2)) {
            edge[m][0] = (int)random_below(&r, (uint32_t)i - 1);
            edge[m++][1] = i;
        }
    }
    *f = (struct surrogate_features){.sizes = 2, .size = {2 * random_unit(&r), random_unit(&r)}};
    wl_start_graph(&f->wl, label, n, (const int(*)[2])edge, m);
}

static double made_up_score(const struct surrogate_features *f)
{
    double score = f->size[0] - pow(f->size[0], 2) / 3;
    for (int i = 0; i < f->wl.n[0]; i++)
        score += (f->wl.name[i][0] == 'a' ? 0.2 : 0) * f->wl.feature[0][i].count;
    return score;
}

static void add_made_up(struct surrogate *s, uint32_t seed)
{
    struct surrogate_features f;
    made_up(&f, seed);
    surrogate_add_features(s, &f, made_up_score(&f), 1e-4);
    surrogate_features_end(&f);
}

static void refits_follow_from_the_number(void **state)
{
    (void)state;
    assert_int_equal(surrogate_fitted_on(1), 1);
    assert_int_equal(surrogate_fitted_on(31), 31);
    assert_int_equal(surrogate_fitted_on(33), 32);
    assert_int_equal(surrogate_fitted_on(67), 64);
    assert_int_equal(surrogate_fitted_on(1000), 992);
    for (int n = 1; n < 5000; n++) {
        int on = surrogate_fitted_on(n);
        assert_true(on > n - 1 - n / 16 && on <= n);
        assert_true(on >= surrogate_fitted_on(n - 1));
        assert_int_equal(surrogate_fitted_on(on), on);
    }
}

/* Told one by one with a fit and a belief each time, or all at once: the same bits. */
static void rebuilding_is_going_on(void **state)
{
    (void)state;
    struct surrogate *grown = surrogate_new(&(struct surrogate_options){.deterministic = true});
    struct surrogate *rebuilt = surrogate_new(&(struct surrogate_options){.deterministic = true});
    struct surrogate_features f;
    struct surrogate_view a, b;
    made_up(&f, 900);
    for (uint32_t i = 0; i < 43; i++) {
        add_made_up(grown, i);
        add_made_up(rebuilt, i);
        surrogate_fit(grown);
        surrogate_believe_features(grown, &f);
    }
    surrogate_fit(grown);
    surrogate_fit(rebuilt);
    assert_int_equal(grown->fitted_on, 42);
    surrogate_predict_features(grown, &f, 1, &a);
    surrogate_predict_features(rebuilt, &f, 1, &b);
    assert_memory_equal(&a, &b, sizeof a);
    for (int i = 0; i < 43; i++)
        assert_true(surrogate_standing(grown, i) == surrogate_standing(rebuilt, i));
    surrogate_features_end(&f);
    surrogate_free(grown);
    surrogate_free(rebuilt);
}

/* 30 at once, on two threads, are what each is alone; what was not refitted knows the newest observation too. */
static void many_are_predicted_alike(void **state)
{
    (void)state;
    struct threads *pool = threads_new(2);
    struct surrogate *s = surrogate_new(&(struct surrogate_options){.deterministic = true, .pool = pool});
    struct surrogate_features f[60];
    struct surrogate_view v[60], one;
    for (uint32_t i = 0; i < 35; i++)
        add_made_up(s, i);
    surrogate_fit(s);
    assert_int_equal(s->fitted_on, 34);
    assert_int_equal(s->model[0].gp.n, 35);
    double error = 0, plain = 0;
    for (uint32_t i = 0; i < 60; i++)
        made_up(&f[i], 100 + i);
    surrogate_predict_features(s, f, 60, v);
    for (int i = 0; i < 60; i++) {
        surrogate_predict_features(s, &f[i], 1, &one);
        assert_true(one.mean == v[i].mean && one.sd == v[i].sd && one.log_ei == v[i].log_ei);
        assert_memory_equal(one.part, v[i].part, sizeof one.part);
        if (made_up_score(&f[i]) < s->knee)
            continue;
        error += pow(v[i].mean - made_up_score(&f[i]), 2);
        plain += pow(s->knee + s->width - made_up_score(&f[i]), 2);
    }
    if (!(error < 0.2 * plain))
        fail_msg("%g of %g", error, plain);
    for (int i = 0; i < 35; i++)
        if (s->point[i].score > s->knee)
            assert_near(surrogate_standing(s, i), s->point[i].score, 0.05);
    for (int i = 0; i < 60; i++)
        surrogate_features_end(&f[i]);
    surrogate_free(s);
    threads_free(pool);
}

/* Mean and spread of many draws are the posterior's, and neighbours move together as it says. */
static void samples_are_from_the_posterior(void **state)
{
    (void)state;
    struct surrogate *s = surrogate_new(&(struct surrogate_options){.deterministic = true, .straight = true});
    struct surrogate_features f[30];
    struct surrogate_view v[30];
    double sum[30] = {0}, square[30] = {0}, out[30];
    enum { DRAWS = 4000 };
    for (uint32_t i = 0; i < 12; i++)
        add_made_up(s, i);
    surrogate_fit(s);
    for (uint32_t i = 0; i < 30; i++)
        made_up(&f[i], i == 29 ? 100 : 100 + i); /* the last is the first */
    surrogate_predict_features(s, f, 30, v);
    struct random r = random_start(1, RANDOM_TEST, 6, 0);
    for (int k = 0; k < DRAWS; k++) {
        surrogate_sample(s, f, 30, &r, out);
        assert_near(out[29], out[0], 1e-3 * s->spread);
        for (int i = 0; i < 30; i++) {
            sum[i] += out[i] / DRAWS;
            square[i] += pow(out[i] - v[i].mean, 2) / DRAWS;
        }
    }
    for (int i = 0; i < 30; i++) {
        assert_true(fabs(sum[i] - v[i].mean) < 5 * v[i].sd / sqrt(DRAWS));
        assert_true(fabs(sqrt(square[i]) / v[i].sd - 1) < 0.07);
    }
    for (int i = 0; i < 30; i++)
        surrogate_features_end(&f[i]);
    surrogate_free(s);
}

/* There and back, rising, straight above the median, and with the slope that is said. */
static void scale_is_bent_below_the_median(void **state)
{
    (void)state;
    struct surrogate *s = surrogate_new(&(struct surrogate_options){.deterministic = true});
    for (uint32_t i = 0; i < 21; i++) {
        struct surrogate_features f;
        made_up(&f, i);
        surrogate_add_features(s, &f, i < 3 ? -1000 - (double)i : 50 + (double)i, 0);
        surrogate_features_end(&f);
    }
    surrogate_fit(s);
    assert_true(s->bent && s->knee == 60 && s->width == 68 - 60);
    double last = -INFINITY, top = surrogate_unit(s, surrogate_standardised(s, 65));
    for (double score = -1e6; score < 80; score = score < 0 ? score / 2 + 1 : score + 0.5) {
        double at = surrogate_standardised(s, score), h = 1e-6;
        assert_true(at > last);
        last = at;
        assert_near(surrogate_score(s, at), score, 1e-11);
        assert_near((surrogate_score(s, at + h) - surrogate_score(s, at - h)) / (2 * h) / surrogate_unit(s, at), 1,
                    1e-4);
        assert_true(score < 60 ? surrogate_unit(s, at) > top : fabs(surrogate_unit(s, at) / top - 1) < 1e-12);
    }
    struct surrogate_features f;
    struct surrogate_view v;
    made_up(&f, 20);
    surrogate_predict_features(s, &f, 1, &v);
    assert_true(v.mean > 60 && v.best > 60);
    int straight = 0;
    for (int k = 0; k < v.parts; k++) {
        const struct surrogate_part *part = &v.part[k];
        if (part->mean < 60)
            continue;
        straight++;
        assert_near(part->z, (part->mean - v.best) / part->sd, 1e-9);
        assert_near(part->ei, acquire_ei(part->mean, part->sd, v.best), 1e-9);
    }
    assert_true(straight > 0);
    surrogate_features_end(&f);
    surrogate_free(s);
}

/* Failures far below, which nothing told beforehand: the order of the good ones is learned all the same. */
static void failures_do_not_hide_the_good(void **state)
{
    (void)state;
    double error[2] = {0};
    for (int straight = 0; straight < 2; straight++) {
        struct surrogate *s = surrogate_new(&(struct surrogate_options){.deterministic = true, .straight = straight});
        for (uint32_t i = 0; i < 40; i++) {
            struct surrogate_features f;
            made_up(&f, i);
            surrogate_add_features(s, &f, i % 8 == 3 ? -30 : made_up_score(&f), 0);
            surrogate_features_end(&f);
        }
        surrogate_fit(s);
        double mean = 0, off[40];
        for (uint32_t i = 0; i < 40; i++) {
            struct surrogate_features f;
            struct surrogate_view v;
            made_up(&f, 200 + i);
            surrogate_predict_features(s, &f, 1, &v);
            off[i] = v.mean - made_up_score(&f);
            mean += off[i] / 40;
            surrogate_features_end(&f);
        }
        for (int i = 0; i < 40; i++)
            error[straight] += pow(off[i] - mean, 2) / 40;
        surrogate_free(s);
    }
    assert_true(error[0] < 0.2 * error[1]);
}

static void assert_sound(struct surrogate *s)
{
    struct surrogate_features f;
    struct surrogate_view v;
    surrogate_fit(s);
    made_up(&f, 900);
    surrogate_predict_features(s, &f, 1, &v);
    assert_true(isfinite(v.mean) && v.sd > 0 && isfinite(v.sd) && v.ei >= 0 && isfinite(v.log_ei) && isfinite(v.best));
    surrogate_features_end(&f);
}

static void hard_data_is_borne(void **state)
{
    static const double step[] = {0, 1e-9, 1e-3, 1e6};
    (void)state;
    for (size_t k = 0; k < ARRAY_N(step); k++) /* the same scores; 1e-9 apart; ...; of a spread of millions */
        for (int sure = 0; sure < 2; sure++) {
            struct surrogate *s = surrogate_new(&(struct surrogate_options){.deterministic = sure});
            struct surrogate_features f;
            for (uint32_t i = 0; i < 20; i++) {
                made_up(&f, i);
                surrogate_add_features(s, &f, 0.5 + step[k] * (i % 7), 0);
                surrogate_features_end(&f);
            }
            assert_sound(s);
            surrogate_free(s);
        }
}

static void five_hundred_duplicates(void **state)
{
    (void)state;
    struct surrogate *s = surrogate_new(&(struct surrogate_options){0});
    struct surrogate_features f;
    struct surrogate_view v;
    struct random r = random_start(2, RANDOM_TEST, 7, 0);
    double sum = 0;
    made_up(&f, 1);
    for (int i = 0; i < 500; i++) {
        double score = 0.6 + 0.02 * random_normal(&r);
        sum += score / 500;
        surrogate_add_features(s, &f, score, 0);
    }
    assert_sound(s);
    surrogate_predict_features(s, &f, 1, &v);
    assert_near(v.mean, sum, 4e-3); /* between the mean and the median of the bent scale */
    assert_true(v.sd < 0.02);
    assert_int_equal(surrogate_fitted(s).n, 500);
    surrogate_features_end(&f);
    surrogate_free(s);
}

/* A point without a graph has sizes still, and one without sizes its graph. */
static void either_half_may_be_missing(void **state)
{
    (void)state;
    for (int half = 0; half < 2; half++) {
        struct surrogate *s = surrogate_new(&(struct surrogate_options){.deterministic = true});
        struct surrogate_features f;
        struct surrogate_view v;
        for (uint32_t i = 0; i < 20; i++) {
            made_up(&f, i);
            double score = made_up_score(&f);
            f.sizes = half ? 0 : 2;
            if (!half)
                wl_end(&f.wl);
            surrogate_add_features(s, &f, score, 0);
            surrogate_fit(s);
            surrogate_predict_features(s, &f, 1, &v);
            assert_true(isfinite(v.mean) && isfinite(v.log_ei));
            surrogate_features_end(&f);
        }
        assert_true(half == 0 || surrogate_fitted(s).wl_share >= 1);
        surrogate_free(s);
    }
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

/* The graph with one node's label changed differs from it in that label and its neighbourhoods; a depth of 0 knows the
 * label alone, and there the explanation is the difference of two predictions. */
static void explanations_are_differences(void **state)
{
    static const char *const with[] = {"in", "a", "b", "out"}, *const without[] = {"in", "a", "out"};
    static const int edge[][2] = {{0, 1}, {1, 2}, {2, 3}};
    (void)state;
    struct surrogate *s = surrogate_new(&(struct surrogate_options){.deterministic = true});
    struct surrogate_features f, g;
    for (uint32_t i = 0; i < 24; i++)
        add_made_up(s, i);
    surrogate_fit(s);
    for (int k = 0; k < s->models; k++)
        s->model[k].at.depth = 0;
    s->fitted_on = surrogate_fitted_on(s->n);
    struct surrogate_features best = s->point[s->incumbent].f;
    int count = 0;
    for (int i = 0; i < best.wl.n[0]; i++)
        count += best.wl.name[i][0] == 'b' ? best.wl.feature[0][i].count : 0;
    f = (struct surrogate_features){.sizes = 2, .size = {best.size[0] + 0.5, best.size[1]}};
    g = (struct surrogate_features){.sizes = 2, .size = {best.size[0], best.size[1]}};
    wl_start_graph(&f.wl, with, 4, edge, 3);
    wl_start_graph(&g.wl, with, 4, edge, 3);
    struct surrogate_view v, w;
    char line[8][96], expected[96];
    int n = surrogate_explain_features(s, &f, line, 8), found = 0;
    surrogate_predict_features(s, &f, 1, &v);
    surrogate_predict_features(s, &g, 1, &w);
    snprintf(expected, sizeof expected, "parameters %+.2g", v.mean - w.mean);
    for (int i = 0; i < n; i++)
        found += text_equal(line[i], expected);
    if (count == 0) {
        wl_end(&g.wl);
        wl_start_graph(&g.wl, without, 3, edge, 2);
        g.size[0] = f.size[0];
        surrogate_predict_features(s, &g, 1, &w);
        snprintf(expected, sizeof expected, "b %+.2g", v.mean - w.mean);
        for (int i = 0; i < n; i++)
            found += text_equal(line[i], expected);
    }
    assert_int_equal(found, count == 0 ? 2 : 1);
    surrogate_features_end(&f);
    surrogate_features_end(&g);
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
        cmocka_unit_test(features_know_the_graph_only),
        cmocka_unit_test(any_graph_has_features),
        cmocka_unit_test(index_gives_products),
        cmocka_unit_test(prediction_is_the_naive_one),
        cmocka_unit_test(learns_a_smooth_score),
        cmocka_unit_test(improvement_is_over_the_best_mean),
        cmocka_unit_test(fits_are_repeatable),
        cmocka_unit_test(duplicates_do_no_harm),
        cmocka_unit_test(noise_is_heeded),
        cmocka_unit_test(prior_stands_alone),
        cmocka_unit_test(beliefs_narrow_and_are_forgotten),
        cmocka_unit_test(refits_follow_from_the_number),
        cmocka_unit_test(rebuilding_is_going_on),
        cmocka_unit_test(many_are_predicted_alike),
        cmocka_unit_test(samples_are_from_the_posterior),
        cmocka_unit_test(scale_is_bent_below_the_median),
        cmocka_unit_test(failures_do_not_hide_the_good),
        cmocka_unit_test(hard_data_is_borne),
        cmocka_unit_test(five_hundred_duplicates),
        cmocka_unit_test(either_half_may_be_missing),
        cmocka_unit_test(explanations_are_differences),
        cmocka_unit_test(explanations_name_labels),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
