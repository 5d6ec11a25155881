#include "train/predictor.h"

#include "base/memory.h"
#include "net/numeric.h"
#include "net/plan.h"
#include "train/window.h"

#include <math.h>

struct predictor {
    const struct model *model;
    struct train_view view; /* of the windows at hand */
    struct plan *plan;
    size_t batch;
    struct threads *pool;
};

struct predictor *predictor_new(const struct model *m, const struct loss_goal *goal, int lookback, size_t channels,
                                int batch, struct threads *pool, struct error *err)
{
    struct train_view view = {.channels = channels, .lookback = lookback, .goal = *goal};
    if (!numeric_start(err) || !window_fits(&view, m->arch, err))
        return NULL;
    struct plan *plan = plan_new(m->arch, batch, false, pool, err);
    if (!plan)
        return NULL;
    struct predictor *p = NEW(struct predictor);
    *p = (struct predictor){m, view, plan, (size_t)batch, pool};
    return p;
}

void predictor_free(struct predictor *p)
{
    if (!p)
        return;
    plan_free(p->plan);
    free(p);
}

/* An infinite logit of one output is a probability of 0 or 1; elsewhere there is nothing to make of it. */
static bool usable(const struct loss_goal *goal, float output)
{
    return goal->target == TASK_DIRECTION ? !isnan(output) : isfinite(output);
}

bool predictor_run(struct predictor *p, float *out, const float *feature, const uint32_t *bar, size_t n,
                   struct error *err)
{
    struct train_view *v = &p->view;
    size_t outputs = (size_t)loss_outputs(&v->goal);
    v->feature = feature;
    v->bar = bar;
    v->n = n;
    for (size_t first = 0; first < n; first += p->batch) {
        int rows = (int)(n - first < p->batch ? n - first : p->batch);
        window_gather(plan_input(p->plan), v, NULL, first, rows, p->pool);
        const float *output = plan_forward(p->plan, p->model->weight, rows);
        for (size_t i = 0; i < (size_t)rows * outputs; i++)
            if (!usable(&v->goal, output[i]))
                return error_set(err, ERROR_FAILED, "the model's output for sample %zu is %g, not a number to go by",
                                 first + i / outputs, (double)output[i]);
        loss_predict(out + first * outputs, &v->goal, output, rows);
    }
    return true;
}
