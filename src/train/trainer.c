#include "train/trainer.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "net/kernel/kernel.h"
#include "net/numeric.h"
#include "train/loss.h"
#include "train/run.h"
#include "train/window.h"

#include <inttypes.h>
#include <math.h>

static void run_free(struct run *r)
{
    plan_free(r->plan);
    model_free(r->best);
    optimizer_end(&r->optimizer);
    free(r->trace.leaf);
    free(r->gradient);
    free(r->target);
    free(r->each);
    free(r->order);
}

int64_t run_steps_of_epoch(const struct run *r)
{
    return (int64_t)((r->train->n + (size_t)r->recipe->batch - 1) / (size_t)r->recipe->batch);
}

static bool take_blas(struct run *r)
{
    const struct kernel *k = kernel_blas(r->err);

    if (k)
        plan_take_kernel(r->plan, k);
    return k != NULL;
}

static bool run_allocate(struct run *r)
{
    const struct arch *a = r->m->arch;
    size_t batch = (size_t)r->recipe->batch;
    int64_t interval = trace_interval(arch_parameters(a), plan_macs(a), r->recipe->batch);

    if (!optimizer_start(&r->optimizer, r->m, r->recipe, run_steps_of_epoch(r) * r->recipe->epochs, r->err))
        return false;
    r->start_step = r->m->step;
    r->plan = plan_new_stream(a, r->recipe->batch, r->pool, r->err);
    if (!r->plan || (r->recipe->blas && !take_blas(r)))
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
    r->each = NEW_ARRAY(struct loss_one, batch);
    return trace_start(&r->trace, interval, run_steps_of_epoch(r) * r->recipe->epochs, r->err);
}

/* What smooths or weighs the training's loss. The stop slice is weighed alike, or early stopping would work against the
 * weights, but its labels are as they were. */
static void set_goal(struct run *r)
{
    r->goal = r->train->goal;
    if (r->recipe->balanced) {
        loss_balance(r->weight, &r->goal, r->train->target, r->train->n);
        r->goal.weight = r->weight;
    }
    r->goal.delta = r->recipe->huber ? (double)r->recipe->huber_delta : 0.0;
    r->stop_goal = r->goal;
    r->goal.smoothing = (double)r->recipe->label_smoothing;
}

static bool check_input(const struct run *r)
{
    if (!recipe_check(r->recipe, r->err) || !recipe_fits(r->recipe, r->train->goal.target, r->err) ||
        !numeric_start(r->err))
        return false;
    if (r->train->n == 0)
        return error_set(r->err, ERROR_DATA, "there are no training samples");
    if (r->train->n > UINT32_MAX)
        return error_set(r->err, ERROR_LIMIT, "%zu training samples: at most %" PRIu32, r->train->n, UINT32_MAX);
    return window_fits(r->train, r->m->arch, r->err) && window_check(r->train, "training samples", r->err) &&
           (r->stop->n == 0 ||
            (window_fits(r->stop, r->m->arch, r->err) && window_check(r->stop, "early-stopping samples", r->err)));
}

/* A batch on its way through the plan: where it comes from, and what its outputs are compared with. */
struct batch {
    const struct train_view *view;
    const uint32_t *pick; /* its samples; NULL: first, first + 1 and so on */
    size_t first;
    int rows;
    const float *target; /* [rows] */
    const struct loss_goal *goal;
    struct loss_sum *sum;
    struct loss_one *each; /* [rows] */
    const struct op_draw *draw; /* NULL: no dropout */
};

static void batch_input(void *context, float *input, int first, int rows, struct threads *pool)
{
    const struct batch *b = context;

    window_gather(input, b->view, b->pick ? b->pick + first : NULL, b->first + (size_t)first, rows, pool);
}

struct loss_work {
    const struct batch *batch;
    const float *output;
    float *d_output;
    int first, rows;
};

#define LOSS_ROWS 32 /* of a task */

static void loss_task(void *context, int task)
{
    const struct loss_work *w = context;
    const struct batch *b = w->batch;
    int at = task * LOSS_ROWS, rows = w->rows - at < LOSS_ROWS ? w->rows - at : LOSS_ROWS;
    ptrdiff_t from = (ptrdiff_t)at * loss_outputs(b->goal);

    loss_each(b->each + w->first + at, w->d_output + from, b->goal, w->output + from, b->target + w->first + at, rows,
              b->rows);
}

static void batch_output(void *context, const float *output, float *d_output, int first, int rows, struct threads *pool)
{
    struct loss_work w = {context, output, d_output, first, rows};

    threads_run(pool, (rows + LOSS_ROWS - 1) / LOSS_ROWS, loss_task, &w);
}

static void run_batch(struct run *r, struct batch *b, float *gradient)
{
    struct plan_feed feed = {b, batch_input, batch_output};

    b->each = r->each;
    plan_stream(r->plan, r->m->weight, gradient, b->rows, b->draw, &feed);
    loss_add(b->sum, r->each, b->rows);
}

/* The first node, in order, whose value for the batch is not finite; NULL if all are, or if there is no memory to hold
 * them. The weights are still those that made them. */
static const struct arch_node *first_not_finite(const struct run *r, const struct batch *b)
{
    const struct arch *a = r->m->arch;
    const struct arch_node *found = NULL;
    struct error none = {0};
    struct plan *plan = plan_new(a, b->rows, true, r->pool, &none);

    if (!plan)
        return NULL;
    batch_input((void *)b, plan_input(plan), 0, b->rows, r->pool);
    if (b->draw)
        plan_forward_draw(plan, r->m->weight, b->rows, *b->draw);
    else
        plan_forward(plan, r->m->weight, b->rows);
    for (int i = 0; i < a->nodes && !found; i++) {
        struct arch_shape shape = {0, 0};
        const float *value = plan_value(plan, i, &shape);
        size_t n = (size_t)b->rows * (size_t)(shape.time > 0 ? shape.time : 1) * (size_t)shape.channels;
        for (size_t k = 0; value && k < n && !found; k++)
            found = isfinite(value[k]) ? NULL : &a->node[i];
    }
    plan_free(plan);
    return found;
}

static bool fail_not_finite(struct run *r, const struct batch *b, const char *what, int epoch)
{
    const struct arch_node *node = first_not_finite(r, b);

    r->diverged = true;
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

/* Behind relu a weight that is not a number gives 0: it need not show in any node's value. */
static bool fail_weight(struct run *r, int epoch)
{
    const struct model *m = r->m;
    struct layout *l = layout_new(m->arch);
    const struct arch_node *node = NULL;
    size_t at = 0;

    r->diverged = true;
    while (at < m->weights && isfinite(m->weight[at]))
        at++;
    for (int i = 0; i < l->tensors; i++)
        if (l->tensor[i].offset <= at && at < m->weights)
            node = &m->arch->node[l->tensor[i].node];
    error_set(r->err, ERROR_FAILED,
              "training diverged by step %" PRId64 " (epoch %d): a weight of node %s (%s) is not finite; lower "
              "learning_rate",
              r->steps, epoch, node ? node->name : "?", node ? node->op->name : "?");
    layout_free(l);
    return false;
}

static void keep_trace(struct run *r)
{
    double start = r->hooks->trace_seconds ? clock_seconds() : 0.0;

    trace_step(&r->trace, r->m, r->steps, r->pool);
    if (r->hooks->trace_seconds)
        *r->hooks->trace_seconds += clock_seconds() - start;
}

static bool train_step(struct run *r, size_t first, int rows, int epoch)
{
    struct op_draw draw = {r->recipe->seed, (uint32_t)epoch, (uint32_t)r->steps};
    struct batch b = {.view = r->train, .pick = r->order + first, .rows = rows, .target = r->target, .goal = &r->goal,
                      .sum = &r->sum, .draw = &draw};

    r->steps++;
    for (int i = 0; i < rows; i++)
        r->target[i] = r->train->target[r->order[first + (size_t)i]];
    run_batch(r, &b, r->gradient);
    if (!isfinite(r->sum.loss))
        return fail_not_finite(r, &b, "loss", epoch);
    bool last = first + (size_t)rows == r->train->n;
    if (!optimizer_step(&r->optimizer, r->m, r->gradient, last, r->pool))
        return fail_not_finite(r, &b, "gradient", epoch);
    keep_trace(r);
    return true;
}

/* What is kept is kept between steps, and an epoch's last step belongs to its end. */
static bool after_step(struct run *r, int epoch)
{
    bool cancelled = r->hooks->cancelled && r->hooks->cancelled(r->hooks->context);

    if (cancelled && !r->hooks->keeper)
        return error_set(r->err, ERROR_INTERRUPTED, "training was cancelled at step %" PRId64 " (epoch %d)", r->steps,
                         epoch);
    r->cancelled |= cancelled;
    return r->position == r->train->n || run_rest(r);
}

static bool is_reached(const struct run *r)
{
    return r->steps >= r->until;
}

/* From where it stands to the epoch's end, or to where a part of a training stops. */
static bool train_epoch(struct run *r, struct train_event *event)
{
    size_t n = r->train->n, batch = (size_t)r->recipe->batch;
    struct random random = random_start(r->recipe->seed, RANDOM_SHUFFLE, (uint32_t)event->epoch, 0);

    for (size_t i = 0; i < n; i++)
        r->order[i] = (uint32_t)i;
    random_shuffle(&random, r->order, n);
    while (r->position < n) {
        size_t first = r->position;
        int rows = (int)(n - first < batch ? n - first : batch);
        if (!train_step(r, first, rows, event->epoch))
            return false;
        r->position += (size_t)rows;
        if (!after_step(r, event->epoch))
            return false;
        if (is_reached(r))
            return true;
    }
    event->train_loss = r->sum.loss / (double)n;
    event->learning_rate = r->optimizer.rate;
    event->gradient_norm = r->optimizer.clip.norm;
    return optimizer_is_sane(&r->optimizer, r->m, r->pool) || fail_weight(r, event->epoch);
}

static bool score_view(struct run *r, struct loss_sum *total, const struct train_view *v, const struct loss_goal *goal,
                       const char *what, int epoch)
{
    struct loss_sum sum = {0};
    size_t batch = (size_t)r->recipe->batch;

    for (size_t first = 0; first < v->n; first += batch) {
        int rows = (int)(v->n - first < batch ? v->n - first : batch);
        struct batch b = {.view = v, .first = first, .rows = rows, .target = v->target + first, .goal = goal,
                          .sum = &sum};
        run_batch(r, &b, NULL);
        if (!isfinite(sum.loss))
            return fail_not_finite(r, &b, what, epoch);
    }
    *total = sum;
    return true;
}

static bool score_stop(struct run *r, struct train_event *event)
{
    struct loss_sum sum;

    if (!score_view(r, &sum, r->stop, &r->stop_goal, "loss of the early-stopping samples", event->epoch))
        return false;
    event->valid_loss = sum.loss / (double)r->stop->n;
    event->valid_accuracy = (double)sum.correct / (double)r->stop->n;
    return true;
}

static void copy_state(struct model *to, const struct model *from)
{
    memcpy(to->weight, from->weight, from->weights * sizeof *to->weight);
    for (int i = 0; i < model_moments(from); i++)
        memcpy(to->moment[i], from->moment[i], from->weights * sizeof *to->moment[i]);
    to->step = from->step;
}

/* Books the epoch; the best one's state is kept. Without a stop view the last epoch is the best. */
static void keep_best(struct run *r, const struct train_event *event)
{
    struct train_result *result = r->result;

    result->epochs = event->epoch;
    if (r->best && r->has_best && !(event->valid_loss < result->valid_loss - (double)r->recipe->min_delta))
        return;
    r->has_best = r->best != NULL;
    result->best_epoch = event->epoch;
    result->train_loss = event->train_loss;
    result->valid_loss = event->valid_loss;
    result->valid_accuracy = event->valid_accuracy;
    if (r->best)
        copy_state(r->best, r->m);
}

static bool patience_is_over(const struct run *r)
{
    const struct train_result *result = r->result;

    return r->best && r->recipe->patience > 0 && result->epochs - result->best_epoch >= r->recipe->patience;
}

bool run_is_over(const struct run *r)
{
    return r->position == 0 && (r->result->epochs == r->recipe->epochs || patience_is_over(r));
}

static bool is_cut(const struct run *r)
{
    struct train_result *result = r->result;

    result->cut = r->hooks->enough && r->position == 0 && result->epochs > 0 && !run_is_over(r) &&
                  r->hooks->enough(r->hooks->context, r->fold, result->epochs, result->valid_loss);
    return result->cut;
}

static void measure(const struct run *r, struct train_event *event)
{
    double now = clock_seconds(), part = (double)(r->train->n - r->epoch_from);

    event->step = r->steps;
    event->seconds = now - r->start_seconds;
    event->samples_per_second = now > r->epoch_seconds ? part / (now - r->epoch_seconds) : 0.0;
}

static void tell(const struct run *r, const struct train_event *event)
{
    if (r->hooks->event)
        r->hooks->event(r->hooks->context, event);
}

/* Epoch 0: what was there before the first step, a candidate like every epoch. */
static bool score_start(struct run *r, struct train_event *event)
{
    struct loss_sum sum;

    r->epoch_seconds = clock_seconds();
    if (!score_view(r, &sum, r->train, &r->goal, "loss of the start", 0) || !score_stop(r, event))
        return false;
    event->train_loss = sum.loss / (double)r->train->n;
    keep_best(r, event);
    measure(r, event);
    tell(r, event);
    return true;
}

static bool run_epochs(struct run *r)
{
    struct train_event event = {.fold = r->fold, .epoch = r->result->epochs, .epochs = r->recipe->epochs};

    if (r->best && r->recipe->keep_start && r->steps == 0 && !score_start(r, &event))
        return false;
    while (!run_is_over(r) && !is_cut(r) && !is_reached(r)) {
        event.epoch++;
        r->epoch_seconds = clock_seconds();
        r->epoch_from = r->position;
        if (!train_epoch(r, &event))
            return false;
        if (is_reached(r))
            break;
        if (r->best && !score_stop(r, &event))
            return false;
        keep_best(r, &event);
        r->position = 0;
        r->sum = (struct loss_sum){0};
        measure(r, &event);
        tell(r, &event);
        if (!run_rest(r))
            return false;
    }
    return true;
}

static bool finish(struct run *r)
{
    struct train_result *result = r->result;

    if (r->best)
        copy_state(r->m, r->best);
    trace_end(&r->trace, r->m, r->pool);
    result->steps = r->steps;
    result->seconds = clock_seconds() - r->start_seconds;
    if (result->seconds > 0.0)
        result->samples_per_second = (double)r->train->n * result->epochs / result->seconds;
    result->trace_root = hash_merkle_root(r->trace.leaf, r->trace.leaves);
    result->trace_leaves = r->trace.leaves;
    result->trace_interval = r->trace.interval;
    result->trace = r->trace.leaf;
    r->trace.leaf = NULL;
    return true;
}

/* Puts the run where a training is behind so many steps: all but the model follows from the recipe and the views. */
static bool go_to(struct run *r, int64_t steps)
{
    int64_t epoch = run_steps_of_epoch(r);

    if (steps < 0 || steps > epoch * r->recipe->epochs)
        return error_set(r->err, ERROR_DATA, "a training of at most %" PRId64 " steps has no state behind step %" PRId64,
                         epoch * r->recipe->epochs, steps);
    ASSERT(steps == 0 || r->stop->n == 0);
    r->steps = steps;
    r->start_step -= steps;
    r->result->epochs = (int)(steps / epoch);
    r->position = (size_t)(steps % epoch) * (size_t)r->recipe->batch;
    return true;
}

bool train_stretch(struct model *m, struct train_stretch *out, const struct train_view *train,
                   const struct train_view *stop, const struct recipe *recipe, int64_t from, int64_t until, int fold,
                   struct threads *pool, const struct train_hooks *hooks, struct error *err)
{
    static const struct train_view no_view;
    static const struct train_hooks no_hooks;
    struct train_result result = {0};
    struct run r = {.m = m,
                    .train = train,
                    .stop = stop ? stop : &no_view,
                    .recipe = recipe,
                    .pool = pool,
                    .hooks = hooks ? hooks : &no_hooks,
                    .result = &result,
                    .err = err,
                    .fold = fold,
                    .until = until,
                    .start_seconds = clock_seconds()};

    ASSERT(!r.hooks->keeper && !r.hooks->enough && until > from);
    *out = (struct train_stretch){0};
    bool ok = check_input(&r) && run_allocate(&r) && go_to(&r, from);
    if (ok) {
        optimizer_go_on(&r.optimizer, m, from);
        set_goal(&r);
        ok = run_epochs(&r);
    }
    out->diverged = r.diverged;
    if (ok) {
        out->over = !is_reached(&r);
        if (out->over)
            ok = finish(&r);
        *out = (struct train_stretch){.over = out->over, .steps = r.steps, .leaves = r.trace.leaves};
        out->leaf = result.trace ? result.trace : r.trace.leaf;
        r.trace.leaf = NULL;
    }
    run_free(&r);
    return ok;
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
        .result = result,
        .err = err,
        .fold = fold,
        .until = INT64_MAX,
        .start_seconds = clock_seconds(),
    };

    *result = (struct train_result){0};
    bool ok = check_input(&r) && run_allocate(&r);
    if (ok && run_restore(&r)) {
        m->blas = m->blas || recipe->blas;
        optimizer_go_on(&r.optimizer, m, r.steps);
        set_goal(&r);
        ok = run_epochs(&r) && finish(&r);
    } else {
        ok = false;
    }
    if (!ok)
        *result = (struct train_result){0};
    run_free(&r);
    return ok;
}
