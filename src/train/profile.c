#include "train/profile.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "net/plan.h"
#include "train/window.h"

#include <math.h>

enum { STEPS_LEAST = 3 };

/* One of two parts: measuring the nodes, timing the trainer. */
struct stopwatch {
    const struct profile_options *o;
    int part;
    int64_t steps;
    double first, last; /* behind the first step, and the last: what is set up before is not measured */
    bool cancelled;
};

static bool enough(struct stopwatch *s)
{
    s->last = clock_seconds();
    if (s->steps++ == 0)
        s->first = s->last;
    double spent = s->last - s->first;
    double by_steps = s->o->steps ? (double)s->steps / (double)s->o->steps : spent / s->o->seconds;
    if (s->o->progress)
        s->o->progress(s->o->context, (s->part + (by_steps < 1 ? by_steps : 1)) / 2);
    s->cancelled = s->o->cancelled && s->o->cancelled(s->o->context);
    if (s->cancelled)
        return true;
    return s->o->steps ? s->steps > s->o->steps : s->steps > STEPS_LEAST && spent >= s->o->seconds;
}

/* --- the nodes ------------------------------------------------------------------------------------------------------ */

struct pass {
    struct plan *plan;
    float *gradient, *d_output, *target;
};

static bool pass_make(struct pass *p, const struct model *m, const struct train_view *v, int batch,
                      struct threads *pool, struct error *err)
{
    *p = (struct pass){.plan = plan_new(m->arch, batch, true, pool, err)};
    p->gradient = p->plan ? memory_try(m->weights, sizeof *p->gradient, "the gradient", err) : NULL;
    p->d_output = NEW_ARRAY(float, (size_t)batch *(size_t)loss_outputs(&v->goal));
    p->target = NEW_ARRAY(float, batch);
    return p->gradient != NULL;
}

static void pass_free(struct pass *p)
{
    plan_free(p->plan);
    free(p->gradient);
    free(p->d_output);
    free(p->target);
}

static bool pass_step(struct pass *p, const struct model *m, const struct train_view *v, size_t first, int rows,
                      const struct recipe *recipe, uint32_t step, struct threads *pool, struct error *err)
{
    struct loss_sum sum = {0};
    window_gather(plan_input(p->plan), v, NULL, first, rows, pool);
    struct op_draw draw = {recipe->seed, 1, step};
    const float *output = plan_forward_draw(p->plan, m->weight, rows, draw);
    loss_batch(&sum, p->d_output, &v->goal, output, v->target + first, rows);
    if (!isfinite(sum.loss))
        return error_set(err, ERROR_FAILED, "the loss of a batch is not finite with these weights: train them anew");
    plan_backward(p->plan, m->weight, p->d_output, p->gradient, rows);
    return true;
}

/* Squares of the norms of one batch; NaN stays NaN. */
static void add_norms(struct profile *out, const struct plan *plan)
{
    for (int i = 0; i < out->nodes; i++) {
        struct plan_share share = plan_share(plan, i);
        out->node[i].gradient_norm += share.gradient_norm * share.gradient_norm;
        out->node[i].weight_norm += share.weight_norm * share.weight_norm;
    }
}

static void sum_up(struct profile *out, const struct plan *plan)
{
    double n = (double)out->steps;
    for (int i = 0; i < out->nodes; i++) {
        struct plan_share share = plan_share(plan, i);
        struct profile_node *node = &out->node[i];
        *node = (struct profile_node){share.forward / n, share.backward / n, sqrt(node->gradient_norm / n),
                                      sqrt(node->weight_norm / n)};
        out->forward += node->forward;
        out->backward += node->backward;
    }
}

static bool measure_nodes(struct profile *out, const struct model *m, const struct train_view *v,
                          const struct recipe *recipe, struct threads *pool, const struct profile_options *o,
                          struct error *err)
{
    struct pass p;
    struct stopwatch watch = {.o = o};
    size_t first = 0;
    bool ok = pass_make(&p, m, v, out->batch, pool, err);
    for (bool warm = false; ok; warm = true) { /* the first step touches the memory for the first time */
        ok = pass_step(&p, m, v, first, out->batch, recipe, (uint32_t)watch.steps, pool, err);
        first = first + 2 * (size_t)out->batch > v->n ? 0 : first + (size_t)out->batch;
        if (ok && !warm)
            plan_measure_start(p.plan);
        if (ok && warm) {
            add_norms(out, p.plan);
            out->steps++;
        }
        if (ok && enough(&watch))
            break;
    }
    if (ok && watch.cancelled)
        ok = error_set(err, ERROR_INTERRUPTED, "the measuring was cancelled");
    if (ok)
        sum_up(out, p.plan);
    pass_free(&p);
    return ok;
}

/* --- the trainer ---------------------------------------------------------------------------------------------------- */

static bool stop_training(void *context)
{
    return enough(context);
}

/* A copy is trained until there is enough: it ends as if a person had cancelled it. */
static bool time_trainer(struct profile *out, const struct model *m, const struct train_view *v,
                         const struct recipe *recipe, struct threads *pool, const struct profile_options *o,
                         struct error *err)
{
    struct stopwatch watch = {.o = o, .part = 1};
    struct train_hooks hooks = {.context = &watch, .cancelled = stop_training};
    struct train_result result = {0};
    struct error why = {0};
    struct recipe whole = *recipe;
    struct train_view full = *v;
    full.n -= full.n % (size_t)out->batch; /* every step a whole batch */
    whole.batch = out->batch;
    whole.epochs = RECIPE_EPOCHS_MAX;
    struct model *copy = model_copy(m, err);
    bool ended = copy && train_model(copy, &result, &full, NULL, &whole, 0, pool, &hooks, &why);
    free(result.trace);
    model_free(copy);
    if (!copy)
        return false;
    if (watch.cancelled)
        return error_set(err, ERROR_INTERRUPTED, "the measuring was cancelled");
    if (!ended && why.kind != ERROR_INTERRUPTED)
        return error_set(err, why.kind, "%s", why.text);
    out->train_steps = watch.steps - 1;
    out->step_seconds = watch.steps > 1 ? (watch.last - watch.first) / (double)(watch.steps - 1) : (double)NAN;
    return true;
}

bool profile_run(struct profile *out, const struct model *m, const struct train_view *view, const struct recipe *recipe,
                 struct threads *pool, const struct profile_options *options, struct error *err)
{
    *out = (struct profile){.nodes = m->arch->nodes, .batch = recipe->batch};
    if (view->n == 0)
        return error_set(err, ERROR_DATA, "there are no training samples to measure with");
    if ((size_t)out->batch > view->n)
        out->batch = (int)view->n;
    out->node = NEW_ARRAY(struct profile_node, out->nodes);
    if (window_fits(view, m->arch, err) && window_check(view, "training samples", err) &&
        measure_nodes(out, m, view, recipe, pool, options, err) &&
        time_trainer(out, m, view, recipe, pool, options, err))
        return true;
    profile_free(out);
    return false;
}

void profile_free(struct profile *p)
{
    free(p->node);
    *p = (struct profile){0};
}

/* --- without data --------------------------------------------------------------------------------------------------- */

bool profile_noise_make(struct profile_noise *n, const struct arch *a, size_t samples, struct error *err)
{
    struct arch_shape in = a->shape[0];
    int outputs = a->shape[a->nodes - 1].channels;
    size_t values = (samples + (size_t)in.time) * (size_t)in.channels;
    struct random r = random_start(7, RANDOM_TEST, 0, 0);
    *n = (struct profile_noise){.feature = memory_try(values, sizeof *n->feature, "the random windows", err)};
    if (!n->feature)
        return false;
    n->target = NEW_ARRAY(float, samples);
    n->bar = NEW_ARRAY(uint32_t, samples);
    for (size_t i = 0; i < values; i++)
        n->feature[i] = (float)random_normal(&r);
    for (size_t i = 0; i < samples; i++) {
        n->bar[i] = (uint32_t)(i + (size_t)in.time - 1);
        n->target[i] = (float)random_below(&r, (uint32_t)(outputs > 1 ? outputs : 2));
    }
    n->view = (struct train_view){.feature = n->feature, .channels = (size_t)in.channels, .lookback = in.time,
                                  .bar = n->bar, .target = n->target, .n = samples,
                                  .goal = {.target = outputs > 1 ? TASK_CLASS : TASK_DIRECTION, .outputs = outputs,
                                           .sd = 1}};
    return true;
}

void profile_noise_free(struct profile_noise *n)
{
    free(n->feature);
    free(n->target);
    free(n->bar);
    *n = (struct profile_noise){0};
}
