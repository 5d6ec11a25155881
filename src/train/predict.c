/* Predictions of a trained model. */
#include "net/numeric.h"
#include "net/plan.h"
#include "train/trainer.h"
#include "train/window.h"

#include <math.h>

#define PREDICT_BATCH 256

/* An infinite logit of one output is a probability of 0 or 1; elsewhere there is nothing to make of it. */
static bool usable(const struct loss_goal *goal, float output)
{
    return goal->target == TASK_DIRECTION ? !isnan(output) : isfinite(output);
}

static bool predict_all(const struct model *m, float *out, const struct train_view *v, struct plan *plan, size_t batch,
                        struct threads *pool, struct error *err)
{
    size_t outputs = (size_t)loss_outputs(&v->goal);

    for (size_t first = 0; first < v->n; first += batch) {
        int rows = (int)(v->n - first < batch ? v->n - first : batch);
        window_gather(plan_input(plan), v, NULL, first, rows, pool);
        const float *output = plan_forward(plan, m->weight, rows);
        for (size_t i = 0; i < (size_t)rows * outputs; i++)
            if (!usable(&v->goal, output[i]))
                return error_set(err, ERROR_FAILED, "the model's output for sample %zu is %g, not a number to go by",
                                 first + i / outputs, (double)output[i]);
        loss_predict(out + first * outputs, &v->goal, output, rows);
    }
    return true;
}

bool train_predict(const struct model *m, float *out, const struct train_view *view, struct threads *pool,
                   struct error *err)
{
    struct train_view v = *view;
    size_t batch = v.n < PREDICT_BATCH ? v.n : PREDICT_BATCH;

    v.target = NULL;
    if (v.n == 0)
        return true;
    if (!numeric_start(err) || !window_fits(&v, m->arch, err) || !window_check(&v, "samples", err))
        return false;
    struct plan *plan = plan_new(m->arch, (int)batch, false, pool, err);
    if (!plan)
        return false;
    bool ok = predict_all(m, out, &v, plan, batch, pool, err);
    plan_free(plan);
    return ok;
}
