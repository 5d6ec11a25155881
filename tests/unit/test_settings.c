/* Draws of a surrogate's settings: their moments against posteriors that are known or can be summed on a grid, and the
 * same bits everywhere; and what the surrogate makes of them. */
#include "tests/unit/test_support.h"

#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"
#include "search/surrogate_internal.h"

#include <math.h>

#define DRAWS 6000

static const struct kernel_prior prior[] = {{0.0, 1.5, -4.0, 4.0}, {0.0, 1.0, -4.0, 3.0}, {-3.0, 1.5, -11.5, 0.7},
                                            {0.0, 1.0, -3.0, 4.0}};

static double prior_at(int i, double theta)
{
    double off = (theta - prior[i].start) / prior[i].spread;
    return -0.5 * off * off;
}

struct moments {
    double mean[KERNEL_LENGTH + 1], square[KERNEL_LENGTH + 1], total;
};

static void add(struct moments *m, const double *theta, int n, double weight)
{
    for (int i = 0; i < n; i++) {
        m->mean[i] += weight * theta[i];
        m->square[i] += weight * theta[i] * theta[i];
    }
    m->total += weight;
}

static double mean_of(const struct moments *m, int i)
{
    return m->mean[i] / m->total;
}

static double sd_of(const struct moments *m, int i)
{
    return sqrt(m->square[i] / m->total - pow(mean_of(m, i), 2));
}

/* A coordinate's draws against what they should be. */
static void assert_alike(const struct moments *drawn, const struct moments *known, int i)
{
    double off = (mean_of(drawn, i) - mean_of(known, i)) / sd_of(known, i), wide = sd_of(drawn, i) / sd_of(known, i);
    if (!(fabs(off) < 0.08 && fabs(wide - 1) < 0.06))
        fail_msg("coordinate %d: mean %g is %g sd off %g, sd %g times as wide", i, mean_of(drawn, i), off,
                 mean_of(known, i), wide);
}

static struct kernel_drawn *draw(const struct kernel_chain *c, const struct kernel_data *d, uint32_t stream, int n)
{
    struct kernel_drawn *out = NEW_ARRAY(struct kernel_drawn, n);
    struct random r = random_start(1, RANDOM_TEST, stream, 9);
    kernel_draw(c, d, &r, out, n);
    return out;
}

/* One observation y: it is N(0, variance + noise), whatever the share and the length are, which so keep their prior. */
static void one_observation_is_known(void **state)
{
    const double x = 0.3, y = 2.5;
    struct kernel_data d = {.n = 1, .dims = 1, .x = &x, .y = &y};
    struct kernel_chain c = {.prior = prior, .burn = 20, .apart = 2};
    struct kernel_drawn *drawn = draw(&c, &d, 1, DRAWS);
    struct moments known = {.total = 0}, sample = {.total = 0};
    (void)state;
    for (int i = 0; i < DRAWS; i++)
        add(&sample, drawn[i].theta, KERNEL_LENGTH + 1, 1);
    for (double a = -4 + 0.01; a < 3; a += 0.02)
        for (double b = -11.5 + 0.01; b < 0.7; b += 0.02) {
            double theta[] = {0, a, b, 0}, v = exp(a) + exp(b);
            add(&known, theta, 4, exp(prior_at(KERNEL_VARIANCE, a) + prior_at(KERNEL_NOISE, b) - 0.5 * y * y / v) / sqrt(v));
        }
    assert_alike(&sample, &known, KERNEL_VARIANCE);
    assert_alike(&sample, &known, KERNEL_NOISE);
    for (int i = KERNEL_SHARE; i <= KERNEL_LENGTH; i += KERNEL_LENGTH - KERNEL_SHARE) {
        assert_true(fabs(mean_of(&sample, i)) < 0.08 * prior[i].spread);
        assert_true(sd_of(&sample, i) > 0.93 * prior[i].spread && sd_of(&sample, i) < 1.03 * prior[i].spread);
    }
    assert_true(fabs(mean_of(&known, KERNEL_VARIANCE)) > 0.3); /* the observation moves it */
    free(drawn);
}

/* Several, with a length that matters: against the sum over a grid. */
static void several_observations_are_those_of_a_grid(void **state)
{
    static const double x[] = {0, 0.2, 0.5, 0.9, 1.4, 2.0}, y[] = {0.1, 0.4, 1.1, 0.6, -0.8, -1.2};
    struct kernel_data d = {.n = 6, .dims = 1, .x = x, .y = y};
    struct kernel_chain c = {.prior = prior, .burn = 20, .apart = 3};
    struct kernel_drawn *drawn = draw(&c, &d, 2, DRAWS);
    struct moments known = {.total = 0}, sample = {.total = 0};
    struct gp g = {0};
    (void)state;
    for (int i = 0; i < DRAWS; i++)
        add(&sample, drawn[i].theta, KERNEL_LENGTH + 1, 1);
    for (double a = -3.95; a < 3; a += 0.15)
        for (double b = -11.4; b < 0.7; b += 0.25)
            for (double l = -2.95; l < 4; l += 0.15) {
                double theta[] = {0, a, b, l};
                double p = prior_at(KERNEL_VARIANCE, a) + prior_at(KERNEL_NOISE, b) + prior_at(KERNEL_LENGTH, l);
                add(&known, theta, 4, exp(p + kernel_evidence(&d, theta, NULL, &g, NULL)));
            }
    for (int i = KERNEL_VARIANCE; i <= KERNEL_LENGTH; i++)
        assert_alike(&sample, &known, i);
    assert_true(fabs(mean_of(&known, KERNEL_LENGTH)) > 0.2 && sd_of(&known, KERNEL_LENGTH) < 0.8);
    gp_end(&g);
    free(drawn);
}

/* How often each depth is drawn: its share of the evidence summed over a grid. */
static void depths_are_drawn_by_their_evidence(void **state)
{
    static const double y[] = {1.2, 1.0, -0.9, -1.1, 0.2};
    static const int group[] = {0, 0, 1, 1, 2};
    struct gp_matrix graph[2];
    struct kernel_data d = {.n = 5, .y = y};
    struct kernel_chain c = {.prior = prior, .graph = graph, .depths = 2, .burn = 20, .apart = 2};
    struct gp g = {0};
    double sum[2] = {0}, share = 0;
    (void)state;
    for (int t = 0; t < 2; t++) {
        gp_matrix_start(&graph[t], 5);
        for (int j = 0; j < 5; j++)
            for (int i = 0; i <= j; i++)
                *gp_matrix_at(&graph[t], i, j) = i == j ? 1 : t == 0 ? 0.3 : group[i] == group[j] ? 0.6 : 0;
        d.graph = &graph[t];
        for (double a = -3.95; a < 3; a += 0.1)
            for (double b = -11.4; b < 0.7; b += 0.2) {
                double theta[] = {0, a, b};
                sum[t] += exp(prior_at(KERNEL_VARIANCE, a) + prior_at(KERNEL_NOISE, b) +
                              kernel_evidence(&d, theta, NULL, &g, NULL));
            }
    }
    struct kernel_drawn *drawn = draw(&c, &d, 3, DRAWS);
    for (int i = 0; i < DRAWS; i++)
        share += drawn[i].depth / (double)DRAWS;
    assert_true(sum[1] > 1.5 * sum[0]);
    if (!(fabs(share - sum[1] / (sum[0] + sum[1])) < 0.03))
        fail_msg("%g, not %g", share, sum[1] / (sum[0] + sum[1]));
    for (int t = 0; t < 2; t++)
        gp_matrix_end(&graph[t]);
    gp_end(&g);
    free(drawn);
}

/* --- the surrogate ------------------------------------------------------------------------------------------------ */

static void made_up(struct surrogate_features *f, uint32_t seed)
{
    static const char *const op[] = {"a", "b", "c"};
    struct random r = random_start(seed, RANDOM_TEST, 7, 0);
    const char *label[5] = {"in", op[random_below(&r, 3)], op[random_below(&r, 3)], op[random_below(&r, 3)], "out"};
    int edge[5][2] = {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {(int)random_below(&r, 3), 4}};
    *f = (struct surrogate_features){.sizes = 2, .size = {2 * random_unit(&r), random_unit(&r)}};
    wl_start_graph(&f->wl, label, 5, (const int(*)[2])edge, 5);
}

static double score_of(const struct surrogate_features *f)
{
    double score = f->size[0] - f->size[0] * f->size[0] / 3;
    for (int i = 0; i < f->wl.n[0]; i++)
        score += (f->wl.name[i][0] == 'a' ? 0.2 : 0) * f->wl.feature[0][i].count;
    return score;
}

static struct surrogate *told(uint32_t n, const struct surrogate_options *o)
{
    struct surrogate *s = surrogate_new(o);
    for (uint32_t i = 0; i < n; i++) {
        struct surrogate_features f;
        made_up(&f, i);
        surrogate_add_features(s, &f, score_of(&f), 1e-4);
        surrogate_features_end(&f);
    }
    surrogate_fit(s);
    return s;
}

/* Expected improvement is the mean of the settings', over the best of the mean posterior; mean and sd are the mixture's. */
static void a_view_is_the_mean_of_its_parts(void **state)
{
    struct surrogate *s = told(15, &(struct surrogate_options){.straight = true});
    struct surrogate_features f;
    struct surrogate_view v;
    double best = -INFINITY, apart = 0;
    (void)state;
    assert_int_equal(s->models, SURROGATE_MODELS_MAX);
    for (int i = 0; i < 15; i++)
        best = fmax(best, surrogate_standing(s, i));
    for (uint32_t q = 0; q < 20; q++) {
        double mean = 0, square = 0, ei = 0;
        made_up(&f, 100 + q);
        surrogate_predict_features(s, &f, 1, &v);
        assert_int_equal(v.parts, s->models);
        for (int k = 0; k < v.parts; k++) {
            double z = (v.part[k].mean - best) / v.part[k].sd;
            double own = v.part[k].sd * (z * 0.5 * erfc(-z / sqrt(2)) + exp(-0.5 * z * z) / sqrt(2 * acos(-1)));
            assert_true(fabs(v.part[k].ei - own) < 1e-9);
            assert_true(fabs(v.part[k].z - z) < 1e-6 * (1 + fabs(z)));
            mean += v.part[k].mean / v.parts;
            square += (pow(v.part[k].mean, 2) + pow(v.part[k].sd, 2)) / v.parts;
            ei += v.part[k].ei / v.parts;
            apart = fmax(apart, fabs(v.part[k].mean - v.part[0].mean) / v.sd);
        }
        assert_true(v.best == best);
        assert_true(fabs(v.mean - mean) < 1e-12);
        assert_true(fabs(v.sd - sqrt(square - mean * mean)) < 1e-9);
        assert_true(fabs(v.ei - ei) <= 1e-13 + 1e-9 * ei);
        assert_true(fabs(exp(v.log_ei) - ei) <= 1e-13 + 1e-9 * ei);
        surrogate_features_end(&f);
    }
    assert_true(apart > 0.1); /* they do not all say the same */
    surrogate_free(s);
}

/* The optimiser has no part in it: with and without derivatives the same, in one go or after others. */
static void settings_follow_from_the_observations(void **state)
{
    struct surrogate *s = told(20, &(struct surrogate_options){.deterministic = true});
    struct surrogate *t = told(12, &(struct surrogate_options){.deterministic = false});
    (void)state;
    for (uint32_t i = 12; i < 20; i++) {
        struct surrogate_features f;
        made_up(&f, i);
        surrogate_add_features(t, &f, score_of(&f), 1e-4);
        surrogate_features_end(&f);
    }
    surrogate_fit(t);
    for (int k = 0; k < s->models; k++) {
        assert_int_equal(s->model[k].at.depth, t->model[k].at.depth);
        assert_memory_equal(s->model[k].at.theta, t->model[k].at.theta, (KERNEL_LENGTH + 2) * sizeof(double));
    }
    surrogate_free(s);
    surrogate_free(t);
}

/* The bits that every machine and every set of instructions comes to. */
static void the_bits_are_the_same_everywhere(void **state)
{
    static const char known[] = "82fb746286ca67bb929d3803bead48178eeadd9abaaa20ca58efdd85036f9318";
    struct surrogate *s = told(24, &(struct surrogate_options){.deterministic = true});
    struct surrogate_features f;
    struct surrogate_view v;
    double bits[1 + SURROGATE_MODELS_MAX * (KERNEL_LENGTH + 2)];
    char hex[HASH_HEX];
    int n = 0;
    (void)state;
    made_up(&f, 500);
    surrogate_predict_features(s, &f, 1, &v);
    bits[n++] = v.log_ei;
    for (int k = 0; k < s->models; k++)
        for (int i = 0; i < KERNEL_LENGTH + 2; i++)
            bits[n++] = s->model[k].at.theta[i];
    hash_hex(hash_of(bits, (size_t)n * sizeof *bits), hex);
    assert_string_equal(hex, known);
    surrogate_features_end(&f);
    surrogate_free(s);
}

static void many_observations_need_one_setting(void **state)
{
    struct surrogate *few = told(100, &(struct surrogate_options){.deterministic = false});
    struct surrogate *many = told(104, &(struct surrogate_options){.deterministic = false});
    struct surrogate_features f;
    struct surrogate_view v;
    (void)state;
    assert_int_equal(surrogate_fitted(few).models, SURROGATE_MODELS_MAX);
    assert_int_equal(surrogate_fitted(many).models, 1);
    made_up(&f, 700);
    surrogate_predict_features(many, &f, 1, &v);
    assert_int_equal(v.parts, 1);
    assert_true(v.ei == v.part[0].ei && v.mean == v.part[0].mean && v.sd == v.part[0].sd && v.z == v.part[0].z);
    surrogate_features_end(&f);
    surrogate_free(few);
    surrogate_free(many);
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
        cmocka_unit_test(one_observation_is_known),
        cmocka_unit_test(several_observations_are_those_of_a_grid),
        cmocka_unit_test(depths_are_drawn_by_their_evidence),
        cmocka_unit_test(a_view_is_the_mean_of_its_parts),
        cmocka_unit_test(settings_follow_from_the_observations),
        cmocka_unit_test(the_bits_are_the_same_everywhere),
        cmocka_unit_test(many_observations_need_one_setting),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
