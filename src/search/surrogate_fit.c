/* The surrogate's hyper-parameters. */
#include "search/surrogate_internal.h"

#include "base/memory.h"

#include <math.h>

/* Priors are wide; they decide where few observations say little. The bounds keep the covariance far from singular. */
static const struct kernel_prior share = {0.0, 1.5, -4.0, 4.0};    /* half and half */
static const struct kernel_prior variance = {0.0, 1.0, -4.0, 3.0}; /* that of the standardised scores */
static const struct kernel_prior noise = {-3.0, 1.5, -11.5, 0.7};  /* 5 % */
static const struct kernel_prior length = {0.0, 1.0, -3.0, 4.0};   /* a decade */

#define GRID (1.0 / 256)
#define DRAWN_TO 100   /* observations: up to there settings are drawn, beyond the most likely ones are taken */
#define BURN 10        /* sweeps: from the prior's middle it is not far */
#define APART 2
#define DEPTH_FROM 200 /* so many observations are enough to choose the depth */

static void fill_prior(struct kernel_prior *out, int sizes)
{
    out[KERNEL_SHARE] = share;
    out[KERNEL_VARIANCE] = variance;
    out[KERNEL_NOISE] = noise;
    for (int d = 0; d < sizes; d++)
        out[KERNEL_LENGTH + d] = length;
}

void surrogate_start_theta(struct surrogate *s)
{
    struct kernel_prior prior[KERNEL_LENGTH + SURROGATE_SIZES_MAX];
    fill_prior(prior, SURROGATE_SIZES_MAX);
    s->models = 1;
    s->model[0].at.depth = 1;
    for (int i = 0; i < KERNEL_LENGTH + SURROGATE_SIZES_MAX; i++)
        s->model[0].at.theta[i] = prior[i].start;
}

/* Each to 32, then at steps of the largest power of two that is at most a sixteenth of n: some ten refits each time
 * that the observations double, whose cost is a share of all. It follows from n alone, so that a search that was
 * interrupted and goes on comes to the same numbers. */
int surrogate_fitted_on(int n)
{
    int step = 1;
    while (step * 32 <= n)
        step *= 2;
    return n / step * step;
}

/* The WL kernel between the first n points at every depth. */
static void graphs(const struct surrogate *s, int n, struct gp_matrix out[WL_DEPTHS])
{
    double *dot = NEW_ARRAY(double, s->points);
    for (int t = 0; t < WL_DEPTHS; t++)
        gp_matrix_start(&out[t], n);
    for (int j = 0; j < n; j++) {
        memset(dot, 0, (size_t)s->points * sizeof *dot);
        for (int t = 0; t < WL_DEPTHS; t++) {
            wl_index_dots(&s->index, &s->point[j].f.wl, t, dot);
            for (int i = 0; i <= j; i++)
                *gp_matrix_at(&out[t], i, j) = surrogate_likeness(dot[i], s->point[i].self[t], s->point[j].self[t]);
        }
    }
    free(dot);
}

struct fit {
    struct kernel_prior prior[KERNEL_LENGTH + SURROGATE_SIZES_MAX];
    double *x, *y, *noise;
    struct gp_matrix graph[WL_DEPTHS];
    struct kernel_data data;
    struct kernel_fit how;
};

/* The number of steps falls as each becomes dearer; it follows from n alone. */
static int steps_for(const struct surrogate *s, int n)
{
    int steps = n <= 100 ? 80 : n <= 200 ? 60 : 40;
    return s->options.deterministic ? steps + 10 * s->sizes : steps / 2;
}

static void fit_start(struct fit *f, const struct surrogate *s, int n)
{
    int dims = s->sizes;
    *f = (struct fit){.x = NEW_ARRAY(double, n *dims), .y = NEW_ARRAY(double, n), .noise = NEW_ARRAY(double, n)};
    fill_prior(f->prior, dims);
    for (int i = 0; i < n; i++) {
        memcpy(f->x + i * dims, s->point[i].f.size, (size_t)dims * sizeof *f->x);
        f->y[i] = surrogate_standardised(s, s->point[i].score);
        f->noise[i] = surrogate_noise(s, i);
    }
    graphs(s, n, f->graph);
    f->data = (struct kernel_data){.n = n, .dims = dims, .x = f->x, .y = f->y, .noise = f->noise};
    f->how = (struct kernel_fit){.prior = f->prior,
                                 .derivatives = !s->options.deterministic,
                                 .most = steps_for(s, n),
                                 .grid = GRID,
                                 .pool = s->options.pool};
}

static void fit_end(struct fit *f)
{
    for (int t = 0; t < WL_DEPTHS; t++)
        gp_matrix_end(&f->graph[t]);
    free(f->x);
    free(f->y);
    free(f->noise);
}

/* The best of the depths from `least` to `most` on the first n points. */
static void fit_depths(struct surrogate *s, int n, int least, int most)
{
    struct fit f;
    double best = -INFINITY;
    fit_start(&f, s, n);
    for (int t = least; t <= most; t++) {
        double theta[KERNEL_LENGTH + SURROGATE_SIZES_MAX];
        f.data.graph = &f.graph[t];
        double value = kernel_search(&f.how, &f.data, theta, NULL);
        if (value > best) {
            best = value;
            s->model[0].at.depth = t;
            memcpy(s->model[0].at.theta, theta, (size_t)(KERNEL_LENGTH + s->sizes) * sizeof *theta);
        }
    }
    fit_end(&f);
}

/* Few observations leave much open, the depth before all: what depends on the settings is then averaged over draws from
 * their posterior (Snoek, Larochelle and Adams, NIPS 2012). The stream follows from n alone. */
static void draw_models(struct surrogate *s, int n)
{
    struct fit f;
    struct kernel_drawn drawn[SURROGATE_MODELS_MAX];
    struct random r = random_start(0, RANDOM_SETTINGS, (uint32_t)n, 0);
    fit_start(&f, s, n);
    struct kernel_chain chain = {.prior = f.prior,
                                 .graph = f.graph,
                                 .depths = WL_DEPTHS,
                                 .burn = BURN,
                                 .apart = APART,
                                 .pool = s->options.pool};
    kernel_draw(&chain, &f.data, &r, drawn, SURROGATE_MODELS_MAX);
    s->models = SURROGATE_MODELS_MAX;
    for (int k = 0; k < s->models; k++)
        s->model[k].at = drawn[k];
    fit_end(&f);
}

void surrogate_search_theta(struct surrogate *s, int n)
{
    surrogate_start_theta(s);
    surrogate_set_scale(s, n);
    if (n < 2)
        return;
    if (n <= DRAWN_TO) {
        draw_models(s, n);
        return;
    }
    fit_depths(s, n < DEPTH_FROM ? n : DEPTH_FROM, 0, WL_DEPTHS - 1);
    if (n > DEPTH_FROM)
        fit_depths(s, n, s->model[0].at.depth, s->model[0].at.depth);
}
