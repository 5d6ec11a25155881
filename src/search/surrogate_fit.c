#include "search/surrogate_fit.h"

#include "base/memory.h"
#include "base/vmath.h"

#include <math.h>
#include <nlopt.h>

enum { SHARE, LENGTH, VARIANCE, NOISE, COORDINATES };

/* Searched in these coordinates: logit of the share, logs of the rest. Priors: normal there. The bounds keep the
 * covariance far from singular. */
static const struct {
    double start, spread, least, most;
} prior[COORDINATES] = {
    {0.0, 1.5, -4.0, 4.0},   /* half and half */
    {0.0, 1.0, -3.0, 3.0},   /* a decade */
    {0.0, 1.0, -4.0, 3.0},   /* that of the standardised scores */
    {-3.0, 1.5, -11.5, 0.7}, /* 5 % */
};

/* Where rounding makes searches on two machines end in the same place although NLopt may round differently there. */
#define GRID 256

struct fit {
    const struct surrogate *s;
    double *wl;       /* [n(n+1)/2] normalised, at the depth looked at */
    double *distance; /* [n(n+1)/2] */
    double *target, *noise;
    double *k;
    int depth;
};

static struct surrogate_hyper hyper_at(const double *x, int depth)
{
    return (struct surrogate_hyper){.depth = depth,
                                    .wl_share = vmath_sigmoid(x[SHARE]),
                                    .length = vmath_exp(x[LENGTH]),
                                    .variance = vmath_exp(x[VARIANCE]),
                                    .noise = vmath_exp(x[NOISE])};
}

struct surrogate_hyper surrogate_preset(void)
{
    double x[COORDINATES];
    for (int i = 0; i < COORDINATES; i++)
        x[i] = prior[i].start;
    return hyper_at(x, 1);
}

static void factor_at(struct fit *f, const struct surrogate_hyper *h, struct gp *out)
{
    int n = f->s->n;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j <= i; j++)
            f->k[GP_AT(i, j)] = surrogate_covariance(h, f->wl[GP_AT(i, j)], f->distance[GP_AT(i, j)]);
        f->k[GP_AT(i, i)] += h->noise + f->noise[i];
    }
    gp_factor(out, f->k, f->target, n);
}

static double objective(unsigned n, const double *x, double *gradient, void *context)
{
    struct fit *f = context;
    struct surrogate_hyper h = hyper_at(x, f->depth);
    struct gp gp;
    (void)gradient;
    factor_at(f, &h, &gp);
    double value = gp_evidence(&gp);
    gp_end(&gp);
    for (unsigned i = 0; i < n; i++) {
        double off = (x[i] - prior[i].start) / prior[i].spread;
        value -= 0.5 * off * off;
    }
    return value;
}

/* The number of steps falls as each becomes dearer; it follows from n alone. */
static int steps_for(int n)
{
    return n <= 100 ? 80 : n <= 200 ? 60 : 40;
}

static double climb(struct fit *f, double *x)
{
    double least[COORDINATES], most[COORDINATES], value;
    nlopt_opt opt = nlopt_create(NLOPT_LN_NELDERMEAD, COORDINATES);
    ASSERT(opt);
    for (int i = 0; i < COORDINATES; i++) {
        x[i] = prior[i].start;
        least[i] = prior[i].least;
        most[i] = prior[i].most;
    }
    nlopt_set_lower_bounds(opt, least);
    nlopt_set_upper_bounds(opt, most);
    nlopt_set_max_objective(opt, objective, f);
    nlopt_set_initial_step1(opt, 0.75);
    nlopt_set_maxeval(opt, steps_for(f->s->n));
    bool climbed = nlopt_optimize(opt, x, &value) > 0;
    nlopt_destroy(opt);
    for (int i = 0; i < COORDINATES; i++)
        x[i] = climbed ? rint(x[i] * GRID) / GRID : prior[i].start;
    return objective(COORDINATES, x, NULL, f);
}

static struct fit fit_start(const struct surrogate *s)
{
    int n = s->n;
    struct fit f = {.s = s, .target = NEW_ARRAY(double, n), .noise = NEW_ARRAY(double, n)};
    f.wl = NEW_ARRAY(double, GP_AT(n, 0));
    f.distance = NEW_ARRAY(double, GP_AT(n, 0));
    f.k = NEW_ARRAY(double, GP_AT(n, 0));
    for (int i = 0; i < n; i++) {
        f.target[i] = (s->point[i].score - s->centre) / s->spread;
        f.noise[i] = s->point[i].noise / (s->spread * s->spread);
        for (int j = 0; j <= i; j++)
            f.distance[GP_AT(i, j)] = surrogate_distance(&s->point[i], &s->point[j]);
    }
    return f;
}

static void fit_end(struct fit *f)
{
    free(f->wl);
    free(f->distance);
    free(f->target);
    free(f->noise);
    free(f->k);
}

static void look_at_depth(struct fit *f, int depth)
{
    f->depth = depth;
    for (int i = 0; i < f->s->n; i++)
        for (int j = 0; j <= i; j++)
            f->wl[GP_AT(i, j)] = surrogate_wl(&f->s->point[i], &f->s->point[j], depth);
}

void surrogate_search_hyper(struct surrogate *s)
{
    struct fit f = fit_start(s);
    double best = -INFINITY;
    for (int depth = 0; depth < WL_DEPTHS && s->n >= 2; depth++) {
        double x[COORDINATES];
        look_at_depth(&f, depth);
        double value = climb(&f, x);
        if (value > best) {
            best = value;
            s->hyper = hyper_at(x, depth);
        }
    }
    look_at_depth(&f, s->hyper.depth);
    factor_at(&f, &s->hyper, &s->gp);
    s->evidence = gp_evidence(&s->gp);
    fit_end(&f);
}
