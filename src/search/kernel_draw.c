#include "search/kernel.h"

#include "base/memory.h"
#include "base/vmath.h"

#include <math.h>

struct walk {
    const struct kernel_chain *chain;
    struct kernel_data data; /* its graph is that of the present depth */
    struct gp gp;
    double *theta, value; /* where it stands, and the log posterior there */
    int depth, coordinates;
};

static double log_prior(const struct walk *w)
{
    const struct kernel_prior *prior = w->chain->prior;
    double sum = 0;
    for (int i = 0; i < w->coordinates; i++)
        if (prior[i].spread > 0) {
            double off = (w->theta[i] - prior[i].start) / prior[i].spread;
            sum -= 0.5 * off * off;
        }
    return sum;
}

static double log_posterior(struct walk *w)
{
    return kernel_evidence(&w->data, w->theta, NULL, &w->gp, w->chain->pool) + log_prior(w);
}

/* Does the evidence not depend on coordinate i? Then its posterior is its prior. */
static bool is_idle(const struct kernel_data *d, int i)
{
    if (i == KERNEL_SHARE)
        return !d->graph || d->dims == 0;
    for (int k = 1; i >= KERNEL_LENGTH && k < d->n; k++)
        if (d->x[k * d->dims + i - KERNEL_LENGTH] != d->x[i - KERNEL_LENGTH])
            return false;
    return i >= KERNEL_LENGTH;
}

static void draw_prior(struct walk *w, int i, struct random *r)
{
    const struct kernel_prior *p = &w->chain->prior[i];
    double at;
    do
        at = p->spread > 0 ? p->start + p->spread * random_normal(r) : p->least + (p->most - p->least) * random_unit(r);
    while (at < p->least || at > p->most);
    w->theta[i] = at;
}

/* Neal 2003, section 4: an interval as wide as most of the prior is laid around the point at random, and shrunk towards
 * it by each draw below the level (figure 5). It is not stepped out: the draw is as right without, and the prior bounds
 * how far there is to go. */
static void draw_slice(struct walk *w, int i, struct random *r)
{
    const struct kernel_prior *p = &w->chain->prior[i];
    double from = w->theta[i], width = p->spread > 0 ? 2 * p->spread : 0.5 * (p->most - p->least);
    double level = w->value + vmath_log(1 - random_unit(r)), low = from - width * random_unit(r), high = low + width;
    if (low < p->least)
        low = p->least;
    if (high > p->most)
        high = p->most;
    for (;;) {
        w->theta[i] = low + (high - low) * random_unit(r);
        w->value = log_posterior(w);
        if (w->value >= level || w->theta[i] == from)
            return;
        if (w->theta[i] < from)
            low = w->theta[i];
        else
            high = w->theta[i];
    }
}

/* The depth given theta: each by its share of the posterior. */
static void draw_depth(struct walk *w, struct random *r)
{
    double value[KERNEL_DEPTHS_MAX], share[KERNEL_DEPTHS_MAX], most = -INFINITY, sum = 0;
    const struct kernel_chain *c = w->chain;
    int depth = 0;
    for (int t = 0; t < c->depths; t++) {
        w->data.graph = &c->graph[t];
        value[t] = t == w->depth ? w->value : log_posterior(w);
        most = value[t] > most ? value[t] : most;
    }
    for (int t = 0; t < c->depths; t++) {
        share[t] = vmath_exp(value[t] - most);
        sum += share[t];
    }
    double at = sum * random_unit(r);
    while (depth < c->depths - 1 && at >= share[depth])
        at -= share[depth++];
    w->depth = depth;
    w->value = value[depth];
    w->data.graph = &c->graph[depth];
}

static void sweep(struct walk *w, struct random *r)
{
    for (int i = 0; i < w->coordinates; i++)
        if (is_idle(&w->data, i))
            draw_prior(w, i, r);
    w->value = log_posterior(w);
    for (int i = 0; i < w->coordinates; i++)
        if (!is_idle(&w->data, i))
            draw_slice(w, i, r);
    if (w->chain->depths > 1)
        draw_depth(w, r);
}

void kernel_draw(const struct kernel_chain *c, const struct kernel_data *d, struct random *r,
                 struct kernel_drawn *out, int n)
{
    struct walk w = {.chain = c, .data = *d, .coordinates = KERNEL_LENGTH + d->dims};
    ASSERT(c->depths <= KERNEL_DEPTHS_MAX && d->dims <= KERNEL_DIMS_MAX);
    w.theta = NEW_ARRAY(double, w.coordinates);
    for (int i = 0; i < w.coordinates; i++)
        w.theta[i] = c->prior[i].start;
    if (c->depths > 0)
        w.data.graph = &c->graph[w.depth];
    for (int i = 0; i < c->burn; i++)
        sweep(&w, r);
    for (int k = 0; k < n; k++) {
        for (int i = 0; i < c->apart; i++)
            sweep(&w, r);
        memcpy(out[k].theta, w.theta, (size_t)w.coordinates * sizeof *w.theta);
        out[k].depth = w.depth;
    }
    gp_end(&w.gp);
    free(w.theta);
}
