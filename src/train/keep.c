/* Keeping a run's state, going on from what was kept, and the pauses of a run. */
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "train/checkpoint.h"
#include "train/run.h"

#include <inttypes.h>

static void state_of(const struct model *m, const void *out[3])
{
    out[0] = m->weight;
    out[1] = m->moment[0];
    out[2] = m->moment[1];
}

static struct checkpoint capture(const struct run *r)
{
    const struct train_result *result = r->result;
    struct checkpoint c = {
        .owner.fold = r->fold,
        .epochs = result->epochs,
        .position = r->position,
        .steps = r->steps,
        .sum = r->sum,
        .best_epoch = result->best_epoch,
        .train_loss = result->train_loss,
        .valid_loss = result->valid_loss,
        .valid_accuracy = result->valid_accuracy,
        .seconds = clock_seconds() - r->start_seconds,
        .step = r->m->step,
        .weights = r->m->weights,
        .leaf = r->trace.leaf,
        .leaves = r->trace.leaves,
    };

    state_of(r->m, c.state);
    if (r->has_best) {
        state_of(r->best, c.best);
        c.best_step = r->best->step;
    }
    return c;
}

static bool same_moments(const void *const state[3], const struct model *m)
{
    return (state[1] != NULL) == (m->moment[0] != NULL) && (state[2] != NULL) == (m->moment[1] != NULL);
}

/* Could this training have been there? What the hash cannot tell: whether the state is one of this recipe's. */
static bool fits(const struct run *r, const struct checkpoint *c)
{
    int64_t epoch = run_steps_of_epoch(r), batch = r->recipe->batch;
    bool start = r->best && r->recipe->keep_start; /* counts as an epoch */
    bool has_best = r->best && (c->epochs > 0 || start);

    return c->weights == r->m->weights && c->epochs <= r->recipe->epochs && c->position < r->train->n &&
           c->position % (size_t)batch == 0 && (c->position == 0 || c->epochs < r->recipe->epochs) &&
           c->steps == c->epochs * epoch + (int64_t)c->position / batch && c->step == r->start_step + c->steps &&
           (c->best[0] != NULL) == has_best && (start || (c->best_epoch > 0) == (c->epochs > 0)) &&
           same_moments(c->state, r->m) && (!has_best || same_moments(c->best, r->m)) &&
           (r->best || c->best_epoch == c->epochs) &&
           c->best_step == (has_best ? r->start_step + c->best_epoch * epoch : 0) &&
           c->leaves == (uint64_t)(c->steps / r->trace.interval) && (c->position > 0 || c->sum.loss == 0);
}

static void put_state(struct model *m, const void *const from[3], int64_t step)
{
    size_t n = m->weights * sizeof *m->weight;

    memcpy(m->weight, from[0], n);
    for (int i = 0; i < model_moments(m); i++)
        memcpy(m->moment[i], from[1 + i], n);
    m->step = step;
}

static void take_over(struct run *r, const struct checkpoint *c)
{
    struct train_result *result = r->result;

    put_state(r->m, c->state, c->step);
    r->has_best = c->best[0] != NULL;
    if (r->has_best)
        put_state(r->best, c->best, c->best_step);
    memcpy(r->trace.leaf, c->leaf, c->leaves * HASH_BYTES);
    r->trace.leaves = c->leaves;
    r->steps = c->steps;
    r->position = c->position;
    r->sum = c->sum;
    result->epochs = c->epochs;
    result->best_epoch = c->best_epoch;
    result->train_loss = c->train_loss;
    result->valid_loss = c->valid_loss;
    result->valid_accuracy = c->valid_accuracy;
    r->start_seconds -= c->seconds;
}

bool run_restore(struct run *r)
{
    const struct train_keeper *k = r->hooks->keeper;
    struct checkpoint c;
    struct bytes file = {0};
    bool found = false;

    if (!k)
        return true;
    bool ok = k->load(k->context, r->fold, &c, &found, &file, r->err);
    if (ok && found) {
        ok = fits(r, &c) || error_set(r->err, ERROR_DATA,
                                      "the checkpoint is of a state that this recipe never comes through; train "
                                      "without --resume");
        if (ok)
            take_over(r, &c);
    }
    bytes_free(&file);
    return ok;
}

/* The training's own clock stands still meanwhile. */
static void pause_run(struct run *r, const struct checkpoint *c)
{
    const struct train_keeper *k = r->hooks->keeper;
    double from = clock_seconds();

    k->pause(k->context, c);
    double waited = clock_seconds() - from;
    r->start_seconds += waited;
    r->epoch_seconds += waited;
}

static bool end_cancelled(const struct run *r, bool kept, const struct error *why)
{
    int epoch = r->result->epochs + (r->position > 0);

    if (kept)
        return error_set(r->err, ERROR_INTERRUPTED, "training was stopped at step %" PRId64 ", in epoch %d of %d",
                         r->steps, epoch > 0 ? epoch : 1, r->recipe->epochs);
    return error_set(r->err, ERROR_INTERRUPTED,
                     "training was cancelled at step %" PRId64 " (epoch %d), and its state could not be kept: %.700s",
                     r->steps, epoch > 0 ? epoch : 1, why->text);
}

bool run_rest(struct run *r)
{
    const struct train_keeper *k = r->hooks->keeper;
    bool over = run_is_over(r);

    if (!k || !(r->cancelled || k->due(k->context, over)))
        return true;
    struct checkpoint c = capture(r);
    struct error why = {0};
    bool kept = k->save(k->context, &c, &why);
    if (r->cancelled && !over)
        return end_cancelled(r, kept, &why);
    if (!kept)
        log_write(LOG_WARNING, "the state of a training could not be kept: %s", why.text);
    pause_run(r, &c);
    return true;
}
