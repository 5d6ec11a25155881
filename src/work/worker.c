#include "work/worker.h"

#include "base/text.h"
#include "store/tasks.h"
#include "work/json.h"
#include "work/trial.h"

#include <poll.h>

struct serving {
    struct workspace *w;
    struct dataset *data; /* of the last trial's task; trials of one search share it */
    FILE *in, *out;
    bool (*cancelled)(void);
};

static void emit(void *context, json_t *event)
{
    FILE *out = ((struct serving *)context)->out;
    json_dumpf(event, out, JSON_COMPACT | JSON_PRESERVE_ORDER);
    fputc('\n', out);
    fflush(out);
}

/* Is the driver gone? */
static bool hung_up(FILE *in)
{
    struct pollfd wait = {.fd = fileno(in), .events = POLLIN};
    return poll(&wait, 1, 0) > 0 && (wait.revents & (POLLHUP | POLLERR)) != 0;
}

static bool ends(void *context)
{
    const struct serving *s = context;
    return s->cancelled() || ferror(s->out) || hung_up(s->in);
}

static json_t *error_json(int64_t trial, const struct error *err)
{
    return json_pack("{s:s, s:I, s:s, s:o}", "event", "error", "trial", (json_int_t)trial, "kind",
                     error_kind_name(err->kind), "text", json_of_text(err->text));
}

/* The task's data set is kept for the next trial. A person may put another task in force meanwhile. */
static bool need_data(struct serving *s, struct hash hash, struct error *err)
{
    struct task_row task;
    if (s->data && hash_equal(s->data->hash, hash))
        return true;
    dataset_free(s->data);
    s->data = NULL;
    if (tasks_find(s->w, hash, &task, err)) {
        s->data = tasks_dataset(s->w, &task, err);
        free(task.info);
    }
    return s->data != NULL;
}

static json_t *serve_one(struct serving *s, int64_t id, const struct control *control)
{
    struct error err = {0};
    struct trial_row trial;
    if (!runs_trial_get(s->w, id, &trial, &err))
        return error_json(id, &err);
    json_t *result = need_data(s, trial.task, &err) ? trial_run(s->w, s->data, &trial, NULL, control, &err) : NULL;
    runs_trial_free(&trial);
    if (!result)
        return error_json(id, &err);
    return json_pack("{s:s, s:I, s:o}", "event", "result", "trial", (json_int_t)id, "result", result);
}

bool worker_serve(struct workspace *w, FILE *in, FILE *out, bool (*cancelled)(void), struct error *err)
{
    struct serving s = {.w = w, .in = in, .out = out, .cancelled = cancelled};
    struct control control = {&s, emit, ends, NULL};
    char line[64];
    bool ok = true;
    while (ok && !cancelled() && fgets(line, sizeof line, in)) {
        int64_t id;
        if (!text_parse_int(text_trim(line), 1, INT64_MAX, &id))
            ok = error_set(err, ERROR_USAGE, "a worker is given the number of a trial, not \"%s\"", line);
        else
            control_event(&control, serve_one(&s, id, &control));
        if (ok && ferror(out))
            ok = error_set(err, ERROR_IO, "the search that this worker belongs to is gone");
    }
    dataset_free(s.data);
    return ok;
}
