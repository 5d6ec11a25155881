#include "action/task_internal.h"

#include "base/memory.h"
#include "base/text.h"
#include "work/json.h"

/* What was accepted is part of the task's text, so the data set is named anew. */
static bool store(struct workspace *w, struct dataset *d, const struct leak_report *leaks, bool dry_run, json_t **info,
                  struct error *err)
{
    if (!task_settle(&d->task, err))
        return false;
    dataset_name(d);
    *info = task_info_json(d, leaks);
    char *text = json_dumps(*info, JSON_COMPACT | JSON_PRESERVE_ORDER);
    bool ok = dry_run || tasks_put(w, &d->task, d->hash, text, err);
    free(text);
    return ok;
}

json_t *task_put_in_force(struct workspace *w, const struct task *task, const char *const *accept, int accepted,
                          bool dry_run, struct error *err)
{
    struct leak_report leaks = {0};
    json_t *info = NULL;
    struct dataset *d = tasks_build(w, task, err);
    bool ok = d != NULL;
    if (ok) {
        struct leak_view view = leak_view_of(d);
        ok = leak_run(&leaks, &view, err) && task_accept_leaks(&d->task, &leaks, accept, accepted, err) &&
             store(w, d, &leaks, dry_run, &info, err);
    }
    leak_report_free(&leaks);
    dataset_free(d);
    if (!ok) {
        json_decref(info);
        return NULL;
    }
    return info;
}

json_t *action_task_set(struct workspace *w, const struct action_task_options *options, struct error *err)
{
    struct task task;
    task_defaults(&task);
    if (!task_take_options(&task, options, err) || !task_choose_series(w, &task, options, err) ||
        !task_choose_columns(w, &task, options, err) || !task_settle(&task, err) || !task_check(&task, err))
        return NULL;
    return task_put_in_force(w, &task, options->accept_leak, options->accepted_n, options->dry_run, err);
}

json_t *action_task_show(struct workspace *w, struct error *err)
{
    struct task_row row;
    if (!tasks_active(w, &row, err))
        return NULL;
    json_t *info = json_loads(row.info, 0, NULL);
    char *text = task_format(&row.task);
    if (info)
        json_object_set_new(info, "text", json_of_text(text));
    else
        error_set(err, ERROR_FAILED, "the stored task is damaged: set it again with `task set`");
    free(text);
    free(row.info);
    return info;
}
