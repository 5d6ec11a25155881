/* How good the predictions were whose outcome is known, by what the model had to do with the bars. */
#include "action/predict_internal.h"

#include "base/memory.h"
#include "work/trial.h"

static void drop_older(struct predict_tally *t, size_t outputs)
{
    size_t keep = PREDICT_SCORED_MOST / 2, drop = t->n - keep;
    memmove(t->value, t->value + drop * outputs, keep * outputs * sizeof *t->value);
    memmove(t->target, t->target + drop, keep * sizeof *t->target);
    t->n = keep;
    t->cut = true;
}

void predict_score_add(struct predict_scores *s, enum predict_state state, const float *value, float target)
{
    struct predict_tally *t = &s->tally[state];
    size_t outputs = (size_t)s->outputs;
    if (t->n == PREDICT_SCORED_MOST)
        drop_older(t, outputs);
    t->value = memory_grow(t->value, &t->value_capacity, (t->n + 1) * outputs, sizeof *t->value);
    t->target = memory_grow(t->target, &t->target_capacity, t->n + 1, sizeof *t->target);
    memcpy(t->value + t->n * outputs, value, outputs * sizeof *value);
    t->target[t->n++] = target;
}

static json_t *score_json(const struct predict_scores *s, enum predict_state state)
{
    const struct predict_tally *t = &s->tally[state];
    const struct task *task = &s->model->data->task;
    double *reference = NEW_ARRAY(double, t->n); /* the mean return that was known when it was trained */
    struct metric_input in = {.kind = task->target,
                              .outputs = s->outputs,
                              .prediction = t->value,
                              .target = t->target,
                              .reference = reference,
                              .n = t->n};
    struct metric metric;
    struct metric_moments at;
    struct metric_interval right, objective;
    for (size_t i = 0; i < t->n; i++)
        reference[i] = s->model->slices.goal.mean;
    metric_score(&metric, &in);
    metric_moments_of(&at, NULL, t->n);
    crossval_intervals(&right, &objective, &in, &at, task);
    metric_moments_free(&at);
    free(reference);
    json_t *j = json_pack("{s:s, s:b}", "state", predict_state_name(state), "newest_only", t->cut);
    json_t *scores = trial_metric_json(&metric, &right, &objective, task->target);
    json_object_update(j, scores);
    json_decref(scores);
    return j;
}

json_t *predict_scores_json(const struct predict_scores *s)
{
    json_t *list = json_array();
    for (int i = 0; i < PREDICT_STATES; i++)
        if (s->tally[i].n > 0)
            json_array_append_new(list, score_json(s, (enum predict_state)i));
    return list;
}

void predict_scores_free(struct predict_scores *s)
{
    for (int i = 0; i < PREDICT_STATES; i++) {
        free(s->tally[i].value);
        free(s->tally[i].target);
    }
    *s = (struct predict_scores){0};
}
