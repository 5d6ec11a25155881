/* What a training or scoring needs. */
#include "action/train_internal.h"
#include "base/threads.h"
#include "store/arches.h"
#include "store/tasks.h"
#include "work/trial.h"

bool train_input_open(struct job_input *in, struct workspace *w, const char *key, int threads, struct error *err)
{
    *in = (struct job_input){0};
    struct arch_row row;
    struct task_row task;
    if (!arches_find(w, key, &row, err))
        return false;
    in->arch_id = row.id;
    in->arch = arch_parse(row.text, strlen(row.text), row.name, err);
    free(row.text);
    if (!in->arch || !tasks_active(w, &task, err))
        return false;
    in->data = tasks_dataset(w, &task, err);
    free(task.info);
    if (!in->data)
        return false;
    struct arch_shape s = in->arch->shape[0];
    if ((size_t)s.channels != in->data->channels || s.time != in->data->task.lookback)
        return error_set(
            err, ERROR_FAILED,
            "%s reads windows of [%d, %d], the task gives [%d, %zu]; make one for this task with `arch new`", key,
            s.time, s.channels, in->data->task.lookback, in->data->channels);
    in->pool = threads_new(threads);
    return true;
}

void train_input_close(struct job_input *in)
{
    threads_free(in->pool);
    arch_free(in->arch);
    dataset_free(in->data);
}

void train_announce_plan(const struct job_input *in, const struct recipe *recipe, int models,
                         const struct control *control)
{
    control_event(control, trial_plan_json(in->arch, recipe->batch, models, 1));
}
