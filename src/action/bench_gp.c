/* A round of suggestions by a Gaussian process over numbers: as many observations of a smooth function with noise on
 * the unit cube, Matern's kernel with a length a dimension, and the candidate of largest expected improvement
 * downwards. Declared in bench.h. */
#include "action/bench_internal.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "search/acquire.h"
#include "search/kernel.h"

#include <math.h>
#include <sys/resource.h>

#define SEED 11
#define LENGTH 1.5 /* where lengths start, and what they are where they are kept */
#define NOISE 1e-2
#define ROUNDS 5

struct problem {
    int n, dims, candidates;
    double *x, *y, *at; /* [n, dims], [n] standardised, [candidates, dims] */
    double *mean, *variance, *scaled, *scaled_at;
    double *theta;
    struct gp gp;
    struct kernel kernel;
    struct threads *pool;
    int pick;
};

static void standardise(double *y, int n)
{
    double mean = 0, square = 0;
    for (int i = 0; i < n; i++)
        mean += y[i] / n;
    for (int i = 0; i < n; i++)
        square += (y[i] - mean) * (y[i] - mean) / n;
    for (int i = 0; i < n; i++)
        y[i] = (y[i] - mean) / (square > 0 ? sqrt(square) : 1);
}

/* sin(3 x w) + cos(4 x_0 x_1) / 2 + noise, w falling off with the dimension. */
static void make_up(struct problem *p)
{
    struct random r = random_start(SEED, RANDOM_SYNTH, 0, 0);
    double *w = NEW_ARRAY(double, p->dims);
    for (int i = 0; i < p->n * p->dims; i++)
        p->x[i] = random_unit(&r);
    for (int d = 0; d < p->dims; d++)
        w[d] = random_normal(&r) / (d + 1);
    for (int i = 0; i < p->n; i++) {
        const double *x = p->x + (ptrdiff_t)i * p->dims;
        double along = 0;
        for (int d = 0; d < p->dims; d++)
            along += x[d] * w[d];
        p->y[i] = sin(3 * along) + 0.5 * cos(4 * x[0] * x[p->dims > 1]) + 0.05 * random_normal(&r);
    }
    for (int i = 0; i < p->candidates * p->dims; i++)
        p->at[i] = random_unit(&r);
    standardise(p->y, p->n);
    free(w);
}

static void problem_start(struct problem *p, const struct action_bench_gp_options *o)
{
    size_t n = (size_t)o->n, dims = (size_t)o->dims, m = (size_t)o->candidates;
    *p = (struct problem){.n = o->n, .dims = o->dims, .candidates = o->candidates, .pool = threads_new(o->threads)};
    p->x = NEW_ARRAY(double, n *dims);
    p->y = NEW_ARRAY(double, n);
    p->at = NEW_ARRAY(double, m *dims);
    p->mean = NEW_ARRAY(double, m);
    p->variance = NEW_ARRAY(double, m);
    p->theta = NEW_ARRAY(double, KERNEL_LENGTH + dims);
    make_up(p);
}

static void problem_end(struct problem *p)
{
    threads_free(p->pool);
    gp_end(&p->gp);
    free(p->x);
    free(p->y);
    free(p->at);
    free(p->mean);
    free(p->variance);
    free(p->theta);
}

static void fill(void *context, double *k, int first, int count)
{
    struct problem *p = context;
    kernel_covariances(&p->kernel, k, p->scaled, p->n, p->scaled_at + (ptrdiff_t)first * p->dims, count, NULL);
}

/* Mean, spread and expected improvement of every candidate. */
static void look(struct problem *p)
{
    struct gp_query q = {.n = p->candidates, .fill = fill, .context = p};
    double least = INFINITY, most = -INFINITY;
    p->scaled = kernel_scaled(&p->kernel, p->x, p->n);
    p->scaled_at = kernel_scaled(&p->kernel, p->at, p->candidates);
    gp_posterior(&p->gp, &q, p->kernel.variance, p->mean, p->variance, p->pool);
    for (int i = 0; i < p->n; i++)
        least = p->y[i] < least ? p->y[i] : least;
    for (int i = 0; i < p->candidates; i++) {
        double ei = acquire_ei(-p->mean[i], sqrt(p->variance[i]), -least);
        if (ei > most) {
            most = ei;
            p->pick = i;
        }
    }
    free(p->scaled);
    free(p->scaled_at);
}

static struct kernel_prior *bounds(int dims)
{
    struct kernel_prior *prior = NEW_ARRAY(struct kernel_prior, KERNEL_LENGTH + dims);
    prior[KERNEL_VARIANCE] = (struct kernel_prior){.start = 0, .least = log(1e-5), .most = log(1e5)};
    prior[KERNEL_NOISE] = (struct kernel_prior){.start = log(NOISE), .least = log(1e-5), .most = log(1e5)};
    for (int d = 0; d < dims; d++)
        prior[KERNEL_LENGTH + d] = (struct kernel_prior){.start = log(LENGTH), .least = log(1e-2), .most = log(1e2)};
    return prior;
}

/* A whole round; returns the log likelihood. */
static double round_of(struct problem *p, bool refit, int *evaluations)
{
    struct kernel_data data = {.n = p->n, .dims = p->dims, .x = p->x, .y = p->y};
    struct kernel_prior *prior = bounds(p->dims);
    struct kernel_fit f = {.prior = prior, .derivatives = true, .most = 500, .pool = p->pool};
    for (int i = 0; i < KERNEL_LENGTH + p->dims; i++)
        p->theta[i] = prior[i].start;
    if (refit)
        kernel_search(&f, &data, p->theta, evaluations);
    double likelihood = kernel_evidence(&data, p->theta, NULL, &p->gp, p->pool);
    kernel_start(&p->kernel, &data, p->theta);
    look(p);
    kernel_end(&p->kernel);
    free(prior);
    return likelihood;
}

static double processor_seconds(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + 1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

/* {"seconds_<name>", "processor_seconds_<name>", "log_likelihood_<name>"} into out. */
static void measure(struct problem *p, const char *name, bool refit, json_t *out, const struct control *control)
{
    double wall[ROUNDS], busy[ROUNDS], likelihood = NAN, begun = clock_seconds();
    int done = 0, evaluations = 0;
    while (done < ROUNDS && !control_cancelled(control) && (done == 0 || clock_seconds() - begun < 5)) {
        double from = clock_seconds(), before = processor_seconds();
        likelihood = round_of(p, refit, &evaluations);
        wall[done] = clock_seconds() - from;
        busy[done++] = processor_seconds() - before;
    }
    if (done == 0)
        return;
    char key[64];
    snprintf(key, sizeof key, "seconds_%s", name);
    json_object_set_new(out, key, json_of_number(bench_median(wall, done)));
    snprintf(key, sizeof key, "processor_seconds_%s", name);
    json_object_set_new(out, key, json_of_number(bench_median(busy, done)));
    snprintf(key, sizeof key, "log_likelihood_%s", name);
    json_object_set_new(out, key, json_of_number(likelihood));
    snprintf(key, sizeof key, "pick_%s", name);
    json_object_set_new(out, key, json_integer(p->pick));
    if (refit)
        json_object_set_new(out, "evaluations", json_integer(evaluations));
}

json_t *action_bench_gp(const struct action_bench_gp_options *o, const struct control *control, struct error *err)
{
    struct problem p;
    json_t *out = json_pack("{s:i, s:i, s:i, s:i}", "n", o->n, "dims", o->dims, "candidates", o->candidates, "threads",
                            o->threads);
    problem_start(&p, o);
    measure(&p, "kept", false, out, control);
    measure(&p, "refit", true, out, control);
    problem_end(&p);
    if (control_cancelled(control)) {
        json_decref(out);
        error_set(err, ERROR_INTERRUPTED, "interrupted");
        return NULL;
    }
    return out;
}
