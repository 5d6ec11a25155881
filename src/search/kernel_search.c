#include "search/kernel.h"

#include "base/memory.h"

#include <math.h>
#include <nlopt.h>

struct climb {
    const struct kernel_fit *fit;
    const struct kernel_data *data;
    struct gp gp;
    double *best, most; /* the best theta met: what counts, whatever the optimiser says at its end */
    int coordinates, evaluations;
};

static double posterior_at(struct climb *c, const double *theta, double *gradient)
{
    const struct kernel_prior *prior = c->fit->prior;
    double value = kernel_evidence(c->data, theta, gradient, &c->gp, c->fit->pool);
    c->evaluations++;
    for (int i = 0; i < c->coordinates; i++) {
        if (!(prior[i].spread > 0))
            continue;
        double off = (theta[i] - prior[i].start) / prior[i].spread;
        value -= 0.5 * off * off;
        if (gradient)
            gradient[i] -= off / prior[i].spread;
    }
    return value;
}

static double objective(unsigned n, const double *theta, double *gradient, void *context)
{
    struct climb *c = context;
    double value = posterior_at(c, theta, gradient);
    if (value > c->most) {
        c->most = value;
        memcpy(c->best, theta, n * sizeof *theta);
    }
    return value;
}

/* Coordinates that change nothing stand still: the optimiser is not troubled with them. */
static bool stands(const struct kernel_data *d, int i)
{
    return i == KERNEL_SHARE && (!d->graph || d->dims == 0);
}

static void climb(struct climb *c)
{
    const struct kernel_fit *f = c->fit;
    unsigned n = (unsigned)c->coordinates;
    nlopt_opt opt = nlopt_create(f->derivatives ? NLOPT_LD_LBFGS : NLOPT_LN_NELDERMEAD, n);
    double *x = NEW_ARRAY(double, n), *least = NEW_ARRAY(double, n), *most = NEW_ARRAY(double, n), value;
    ASSERT(opt);
    for (unsigned i = 0; i < n; i++) {
        bool fixed = stands(c->data, (int)i);
        x[i] = f->prior[i].start;
        least[i] = fixed ? x[i] : f->prior[i].least;
        most[i] = fixed ? x[i] : f->prior[i].most;
    }
    nlopt_set_lower_bounds(opt, least);
    nlopt_set_upper_bounds(opt, most);
    nlopt_set_max_objective(opt, objective, c);
    nlopt_set_maxeval(opt, f->most);
    nlopt_set_ftol_abs(opt, 1e-4);
    if (!f->derivatives)
        nlopt_set_initial_step1(opt, 0.75);
    nlopt_optimize(opt, x, &value); /* where it gives up early, what it met before is taken */
    nlopt_destroy(opt);
    free(x);
    free(least);
    free(most);
}

double kernel_search(const struct kernel_fit *f, const struct kernel_data *d, double *theta, int *evaluations)
{
    struct climb c = {.fit = f, .data = d, .most = -INFINITY, .best = theta, .coordinates = KERNEL_LENGTH + d->dims};
    for (int i = 0; i < c.coordinates; i++)
        theta[i] = f->prior[i].start;
    climb(&c);
    if (f->grid > 0) {
        for (int i = 0; i < c.coordinates; i++)
            theta[i] = rint(theta[i] / f->grid) * f->grid;
        c.most = posterior_at(&c, theta, NULL);
    }
    if (evaluations)
        *evaluations = c.evaluations;
    gp_end(&c.gp);
    return c.most;
}
