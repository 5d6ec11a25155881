#include "action/task_internal.h"

#include "base/memory.h"
#include "base/text.h"
#include "store/datasets.h"
#include "work/json.h"

/* What was accepted is part of the task's text, so the data set is named anew. */
static bool name_again(struct dataset *d, struct error *err)
{
    if (!task_settle(&d->task, err))
        return false;
    dataset_name(d);
    return true;
}

/* The seal, what was opened and the task: all or nothing. */
static bool store(struct workspace *w, struct dataset *d, const struct frame *const *frames,
                  const struct task_consent *consent, const json_t *info, struct error *err)
{
    if (!workspace_begin(w, err))
        return false;
    char *text = json_dumps(info, JSON_COMPACT | JSON_PRESERVE_ORDER);
    bool ok = task_seal(w, d, frames, consent->open_sealed, err) && tasks_put(w, &d->task, d->hash, text, err) &&
              (consent->dry_run || workspace_commit(w, err));
    if (!ok || consent->dry_run)
        workspace_rollback(w);
    free(text);
    return ok;
}

/* The task of a file comes out with the hash that the file gives, or something else differs: the program's version. */
static bool is_wanted(const struct dataset *d, const struct task_consent *consent, struct error *err)
{
    char wanted[13], got[13];
    if (!consent->dataset || hash_equal(d->hash, *consent->dataset))
        return true;
    hash_short(*consent->dataset, wanted);
    hash_short(d->hash, got);
    return error_set(err, ERROR_DATA,
                     "the data set comes out with another hash (%s) than the file was written with (%s): the text was "
                     "changed since, or written by another version",
                     got, wanted);
}

static json_t *examine(struct workspace *w, const struct task *task, const struct frame *const *frames,
                       const struct task_consent *consent, struct error *err)
{
    struct leak_report leaks = {0};
    json_t *info = NULL;
    struct dataset *d = dataset_build(task, frames, DATASET_SEARCH, err);
    bool ok = d && task_find_leaks(&leaks, d, frames, err) &&
              task_accept_leaks(&d->task, &leaks, consent->leak, consent->leaks, err) && name_again(d, err) &&
              is_wanted(d, consent, err);
    if (ok) {
        info = task_info_json(d, &leaks);
        task_note_needless(json_object_get(info, "notes"), &leaks, consent->leak, consent->leaks);
        ok = store(w, d, frames, consent, info, err);
        if (ok && !consent->dry_run)
            datasets_keep(w, d);
        json_object_set_new(info, "opened", json_integer(d->opened));
    }
    leak_report_free(&leaks);
    dataset_free(d);
    if (ok)
        return info;
    json_decref(info);
    return NULL;
}

json_t *task_put_in_force(struct workspace *w, const struct task *task, const struct task_consent *consent,
                          struct error *err)
{
    struct frame *frame[TASK_SERIES_MAX];
    json_t *info = NULL;
    int held = workspace_read_only(w) ? -1 : workspace_hold(w, err);
    if (held < 0 && !workspace_read_only(w))
        return NULL;
    if (tasks_frames(w, task, frame, err))
        info = examine(w, task, (const struct frame *const *)frame, consent, err);
    tasks_frames_free(task, frame);
    workspace_release(held);
    return info;
}

/* Without a price nothing says which columns are what: their values are taken as they are. */
static void choose_features(struct task *task, const struct action_task_options *o)
{
    bool priced = true;
    for (int i = 0; i < task->assets; i++)
        priced = priced && task->asset[i].price[0];
    if (!o->features && !priced)
        text_copy(task->features, sizeof task->features, FEATURE_USUAL_PLAIN);
}

json_t *action_task_set(struct workspace *w, const struct action_task_options *options, struct error *err)
{
    struct task task;
    struct task_consent consent = {options->accept_leak, options->accepted_n, options->open_sealed, options->dry_run,
                                   NULL};
    task_defaults(&task);
    if (!task_take_options(&task, options, err) || !task_choose_series(w, &task, options, err) ||
        !task_choose_columns(w, &task, options, err))
        return NULL;
    choose_features(&task, options);
    if (!task_settle(&task, err) || !task_check(&task, err))
        return NULL;
    return task_put_in_force(w, &task, &consent, err);
}

json_t *action_task_show(struct workspace *w, struct error *err)
{
    struct task_row row;
    if (!tasks_active(w, &row, err))
        return NULL;
    json_t *info = json_loads(row.info, 0, NULL);
    char *text = task_format(&row.task);
    int opened = seals_opened(w, row.hash, err);
    if (info && opened >= 0) {
        json_object_set_new(info, "opened", json_integer(opened));
        json_object_set_new(info, "text", json_of_text(text));
    } else if (opened >= 0)
        error_set(err, ERROR_FAILED, "the stored task is damaged: set it again with `task set`");
    free(text);
    free(row.info);
    return info;
}
