#include "work/worker.h"

#include "base/text.h"
#include "store/tasks.h"
#include "work/trial.h"

static void emit(void *context, json_t *event)
{
    FILE *out = context;
    json_dumpf(event, out, JSON_COMPACT | JSON_PRESERVE_ORDER);
    fputc('\n', out);
    fflush(out);
}

static bool closed(void *context)
{
    return ferror(context) != 0; /* the driver is gone: writing failed */
}

static json_t *error_json(int64_t trial, const struct error *err)
{
    return json_pack("{s:s, s:I, s:s, s:s}", "event", "error", "trial", (json_int_t)trial, "kind",
                     error_kind_name(err->kind), "text", err->text);
}

static json_t *serve_one(struct workspace *w, struct dataset **d, int64_t id, const struct control *control)
{
    struct error err = {0};
    struct trial_row trial;
    if (!runs_trial_get(w, id, &trial, &err))
        return error_json(id, &err);
    json_t *result = NULL;
    if (!*d) {
        struct task_row task;
        if (tasks_active(w, &task, &err)) {
            *d = tasks_dataset(w, &task, &err);
            free(task.info);
        }
    }
    if (*d && !hash_equal((*d)->hash, trial.task))
        error_set(&err, ERROR_FAILED, "the task was changed while the search ran");
    else if (*d)
        result = trial_run(w, *d, &trial, NULL, control, &err);
    runs_trial_free(&trial);
    if (!result)
        return error_json(id, &err);
    return json_pack("{s:s, s:I, s:o}", "event", "result", "trial", (json_int_t)id, "result", result);
}

bool worker_serve(struct workspace *w, FILE *in, FILE *out, struct error *err)
{
    struct control control = {out, emit, closed, NULL};
    struct dataset *d = NULL;
    char line[64];
    bool ok = true;
    while (ok && fgets(line, sizeof line, in)) {
        int64_t id;
        if (!text_parse_int(text_trim(line), 1, INT64_MAX, &id))
            ok = error_set(err, ERROR_USAGE, "a worker is given the number of a trial, not \"%s\"", line);
        else
            control_event(&control, serve_one(w, &d, id, &control));
        ok = ok && !ferror(out);
    }
    dataset_free(d);
    return ok;
}
