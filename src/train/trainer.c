#include "train/trainer.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "net/numeric.h"
#include "net/plan.h"
#include "train/loss.h"
#include "train/optimizer.h"
#include "train/predictor.h"
#include "train/window.h"

#include <inttypes.h>
#include <math.h>

#define PREDICT_BATCH 256

/* Everything the loop touches, allocated before it starts. */
struct run {
    struct model *m;
    struct model *best; /* NULL without a stop view */
    const struct train_view *train, *stop;
    const struct recipe *recipe;
    struct threads *pool;
    const struct train_hooks *hooks;
    struct error *err;
    struct plan *plan;
    struct optimizer optimizer;
    struct trace trace;
    float *gradient;          /* [weights] */
    float *target, *d_output; /* [batch], [batch, outputs] */
    uint32_t *order;          /* [train->n] */
    int64_t steps;
    double start_seconds;
};

static void run_free(struct run *r)
{
    plan_free(r->plan);
    model_free(r->best);
    free(r->trace.leaf);
    free(r->gradient);
    free(r->target);
    free(r->d_output);
    free(r->order);
}

static int64_t steps_of_epoch(const struct run *r)
{
    return (int64_t)((r->train->n + (size_t)r->recipe->batch - 1) / (size_t)r->recipe->batch);
}

static bool run_allocate(struct run *r)
{
    const struct arch *a = r->m->arch;
    size_t batch = (size_t)r->recipe->batch;
    int64_t interval = trace_interval(arch_parameters(a), arch_macs(a), r->recipe->batch);

    if (!model_need_moments(r->m, r->err))
        return false;
    r->plan = plan_new(a, r->recipe->batch, true, r->pool, r->err);
    if (!r->plan)
        return false;
    if (r->stop->n > 0 && !(r->best = model_copy(r->m, r->err)))
        return false;
    r->gradient = memory_try(r->m->weights, sizeof *r->gradient, "the gradient", r->err);
    if (!r->gradient)
        return false;
    r->order = memory_try(r->train->n, sizeof *r->order, "the order of the samples", r->err);
    if (!r->order)
        return false;
    r->target = NEW_ARRAY(float, batch);
    r->d_output = NEW_ARRAY(float, batch *(size_t)loss_outputs(&r->train->goal));
    return trace_start(&r->trace, interval, steps_of_epoch(r) * r->recipe->epochs, r->err);
}

static bool check_input(const struct run *r)
{
    if (!recipe_check(r->recipe, r->err) || !numeric_start(r->err))
        return false;
    if (r->train->n == 0)
        return error_set(r->err, ERROR_DATA, "there are no training samples");
    if (r->train->n > UINT32_MAX)
        return error_set(r->err, ERROR_LIMIT, "%zu training samples: at most %" PRIu32, r->train->n, UINT32_MAX);
    return window_fits(r->train, r->m->arch, r->err) && window_check(r->train, "training samples", r->err) &&
           (r->stop->n == 0 ||
            (window_fits(r->stop, r->m->arch, r->err) && window_check(r->stop, "early-stopping samples", r->err)));
}

/* The first node, in order, whose value for the last batch is not finite; NULL if all are. */
static const struct arch_node *first_not_finite(const struct plan *plan, const struct arch *a, int rows)
{
    for (int i = 0; i < plan_nodes(plan) && i < a->nodes; i++) {
        struct arch_shape shape = {0, 0};
        const float *value = plan_value(plan, i, &shape);
        size_t n = (size_t)rows * (size_t)(shape.time > 0 ? shape.time : 1) * (size_t)shape.channels;
        for (size_t k = 0; value && k < n; k++) {
            if (!isfinite(value[k]))
                return &a->node[i];
        }
    }
    return NULL;
}

static bool fail_not_finite(const struct run *r, const char *what, int epoch, int rows)
{
    const struct arch_node *node = first_not_finite(r->plan, r->m->arch, rows);

    if (node)
        return error_set(r->err, ERROR_FAILED,
                         "training diverged at step %" PRId64 " (epoch %d): the %s is not finite, first seen in node "
                         "%s (%s); lower learning_rate",
                         r->steps, epoch, what, node->name, node->op->name);
    return error_set(r->err, ERROR_FAILED,
                     "training diverged at step %" PRId64
                     " (epoch %d): the %s is not finite, though the value of every "
                     "node is; lower learning_rate",
                     r->steps, epoch, what);
}

/* One fixed order; squares of floats are exact in double. */
static double norm_of(const float *x, size_t n)
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    return sqrt(sum);
}

static bool train_step(struct run *r, struct loss_sum *sum, size_t first, int rows, int epoch)
{
    r->steps++;
    window_gather(plan_input(r->plan), r->train, r->order + first, 0, rows, r->pool);
    for (int i = 0; i < rows; i++)
        r->target[i] = r->train->target[r->order[first + (size_t)i]];
    struct op_draw draw = {r->recipe->seed, (uint32_t)epoch, (uint32_t)(r->steps - 1)};
    const float *output = plan_forward_draw(r->plan, r->m->weight, rows, draw);
    loss_batch(sum, r->d_output, &r->train->goal, output, r->target, rows);
    if (!isfinite(sum->loss))
        return fail_not_finite(r, "loss", epoch, rows);
    plan_backward(r->plan, r->m->weight, r->d_output, r->gradient, rows);
    optimizer_step(&r->optimizer, r->m, r->gradient, r->pool);
    trace_step(&r->trace, r->m, r->steps, r->pool);
    if (r->hooks->cancelled && r->hooks->cancelled(r->hooks->context))
        return error_set(r->err, ERROR_INTERRUPTED, "training was cancelled at step %" PRId64 " (epoch %d)", r->steps,
                         epoch);
    return true;
}

static bool train_epoch(struct run *r, struct train_event *event)
{
    struct loss_sum sum = {0};
    size_t n = r->train->n, batch = (size_t)r->recipe->batch;
    struct random random = random_start(r->recipe->seed, RANDOM_SHUFFLE, (uint32_t)event->epoch, 0);

    for (size_t i = 0; i < n; i++)
        r->order[i] = (uint32_t)i;
    random_shuffle(&random, r->order, n);
    int rows = 0;
    for (size_t first = 0; first < n; first += batch) {
        rows = (int)(n - first < batch ? n - first : batch);
        if (!train_step(r, &sum, first, rows, event->epoch))
            return false;
    }
    event->train_loss = sum.loss / (double)n;
    event->gradient_norm = norm_of(r->gradient, r->m->weights);
    if (!isfinite(event->gradient_norm))
        return fail_not_finite(r, "gradient", event->epoch, rows);
    return true;
}

static bool score_stop(struct run *r, struct train_event *event)
{
    struct loss_sum sum = {0};
    const struct train_view *v = r->stop;
    size_t batch = (size_t)r->recipe->batch;

    for (size_t first = 0; first < v->n; first += batch) {
        int rows = (int)(v->n - first < batch ? v->n - first : batch);
        window_gather(plan_input(r->plan), v, NULL, first, rows, r->pool);
        const float *output = plan_forward(r->plan, r->m->weight, rows);
        loss_batch(&sum, NULL, &r->train->goal, output, v->target + first, rows);
        if (!isfinite(sum.loss))
            return fail_not_finite(r, "loss of the early-stopping samples", event->epoch, rows);
    }
    event->valid_loss = sum.loss / (double)v->n;
    event->valid_accuracy = (double)sum.correct / (double)v->n;
    return true;
}

static void copy_state(struct model *to, const struct model *from)
{
    memcpy(to->weight, from->weight, from->weights * sizeof *to->weight);
    for (int i = 0; i < 2; i++)
        memcpy(to->moment[i], from->moment[i], from->weights * sizeof *to->moment[i]);
    to->step = from->step;
}

/* Books the epoch; the best one's state is kept. Without a stop view the last epoch is the best. */
static void keep_best(struct run *r, struct train_result *result, const struct train_event *event)
{
    result->epochs = event->epoch;
    if (r->best && result->best_epoch > 0 && !(event->valid_loss < result->valid_loss))
        return;
    result->best_epoch = event->epoch;
    result->train_loss = event->train_loss;
    result->valid_loss = event->valid_loss;
    result->valid_accuracy = event->valid_accuracy;
    if (r->best)
        copy_state(r->best, r->m);
}

static bool patience_is_over(const struct run *r, const struct train_result *result)
{
    return r->best && r->recipe->patience > 0 && result->epochs - result->best_epoch >= r->recipe->patience;
}

static void measure(const struct run *r, struct train_event *event, double epoch_start)
{
    double now = clock_seconds();

    event->step = r->steps;
    event->seconds = now - r->start_seconds;
    event->samples_per_second = now > epoch_start ? (double)r->train->n / (now - epoch_start) : 0.0;
}

static bool run_epochs(struct run *r, struct train_result *result, int fold)
{
    struct train_event event = {
        .fold = fold, .epochs = r->recipe->epochs, .learning_rate = (double)r->recipe->learning_rate};

    while (event.epoch < r->recipe->epochs && !patience_is_over(r, result)) {
        double start = clock_seconds();
        event.epoch++;
        if (!train_epoch(r, &event) || (r->best && !score_stop(r, &event)))
            return false;
        keep_best(r, result, &event);
        measure(r, &event, start);
        if (r->hooks->event)
            r->hooks->event(r->hooks->context, &event);
    }
    return true;
}

static bool finish(struct run *r, struct train_result *result)
{
    if (r->best)
        copy_state(r->m, r->best);
    if (!isfinite(norm_of(r->m->weight, r->m->weights)))
        return error_set(r->err, ERROR_FAILED,
                         "training diverged by step %" PRId64 ": a weight is not finite; lower "
                         "learning_rate",
                         r->steps);
    trace_end(&r->trace, r->m, r->pool);
    result->steps = r->steps;
    result->seconds = clock_seconds() - r->start_seconds;
    if (result->seconds > 0.0)
        result->samples_per_second = (double)r->train->n * result->epochs / result->seconds;
    result->trace_root = hash_merkle_root(r->trace.leaf, r->trace.leaves);
    result->trace_leaves = r->trace.leaves;
    result->trace = r->trace.leaf;
    r->trace.leaf = NULL;
    return true;
}

bool train_model(struct model *m, struct train_result *result, const struct train_view *train,
                 const struct train_view *stop, const struct recipe *recipe, int fold, struct threads *pool,
                 const struct train_hooks *hooks, struct error *err)
{
    static const struct train_view no_view;
    static const struct train_hooks no_hooks;
    struct run r = {
        .m = m,
        .train = train,
        .stop = stop ? stop : &no_view,
        .recipe = recipe,
        .pool = pool,
        .hooks = hooks ? hooks : &no_hooks,
        .err = err,
        .start_seconds = clock_seconds(),
    };

    *result = (struct train_result){0};
    bool ok = check_input(&r) && run_allocate(&r);
    if (ok) {
        optimizer_start(&r.optimizer, m, recipe);
        ok = run_epochs(&r, result, fold) && finish(&r, result);
    }
    if (!ok)
        *result = (struct train_result){0};
    run_free(&r);
    return ok;
}

bool train_predict(const struct model *m, float *out, const struct train_view *view, struct threads *pool,
                   struct error *err)
{
    struct train_view v = *view;
    size_t batch = v.n < PREDICT_BATCH ? v.n : PREDICT_BATCH;

    v.target = NULL;
    if (v.n == 0)
        return true;
    struct predictor *p = predictor_new(m, &v.goal, v.lookback, v.channels, (int)batch, pool, err);
    bool ok = p && window_check(&v, "samples", err) && predictor_run(p, out, v.feature, v.bar, v.n, err);
    predictor_free(p);
    return ok;
}
