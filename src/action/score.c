/* Scoring: the cross-validation of one architecture, and of the baselines. */
#include "action/train_internal.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/checkpoints.h"
#include "store/tasks.h"
#include "train/crossval.h"
#include "train/room.h"
#include "work/json.h"
#include "work/trial.h"

/* The same recipe gives the same bits: what was scored once is not trained again. */
static json_t *scored_before(struct workspace *w, const struct trial_row *t)
{
    struct trial_row known;
    json_t *result = NULL;
    if (runs_trial_done(w, t->recipe_id, &known)) {
        result = json_loads(known.result, 0, NULL);
        runs_trial_free(&known);
    }
    return result;
}

/* A new row, or that of an earlier attempt that did not come to its end, and the lock that says that it runs; -1 and
 * err. A new row is not seen before it is locked. */
static int begin_trial(struct workspace *w, struct trial_row *t, struct error *err)
{
    struct trial_row left;
    int lock = -1;
    t->why = memory_text("scored by hand");
    t->attempts = 1;
    text_copy(t->state, sizeof t->state, "running");
    if (!workspace_begin(w, err))
        return -1;
    bool ok = true;
    if (runs_trial_left(w, t->recipe_id, &left)) {
        t->id = left.id;
        t->attempts = left.attempts + 1;
        runs_trial_free(&left);
        ok = runs_trial_save(w, t, err); /* what there is of its curve stands: it comes to the same values again */
    } else {
        ok = runs_trial_new(w, t, err);
    }
    if (ok)
        lock = checkpoints_lock(w, "trial", t->id, err);
    if (lock >= 0 && workspace_commit(w, err))
        return lock;
    workspace_rollback(w);
    checkpoints_unlock(w, "trial", t->id, lock);
    return -1;
}

/* An interrupted trial neither failed nor was it scored: it waits, and the next attempt goes on where it was. */
static void give_up(struct workspace *w, struct trial_row *t, const char *key, const struct error *why,
                    struct error *err)
{
    if (why->kind == ERROR_INTERRUPTED) {
        text_copy(t->state, sizeof t->state, "waiting");
        runs_trial_save(w, t, NULL);
        error_set(err, why->kind, "%s; what was trained is kept: `score %.40s` with the same settings goes on",
                  why->text, key);
        return;
    }
    error_set(err, why->kind, "%s", why->text);
    json_t *result = json_pack("{s:o}", "error", json_of_text(why->text));
    text_copy(t->state, sizeof t->state, "failed");
    free(t->result);
    t->result = json_dumps(result, JSON_COMPACT);
    json_decref(result);
    runs_trial_save(w, t, NULL);
    if (why->kind == ERROR_FAILED)
        trial_forget(w, t); /* it would come to the same again */
}

struct relay {
    struct workspace *w;
    const struct control *control;
    struct trial_row *trial;
};

static void keep_event(void *context, json_t *event)
{
    struct relay *r = context;
    const char *kind = json_string_value(json_object_get(event, "event"));
    struct train_event e;
    if (kind && text_equal(kind, "epoch") && trial_epoch_parse(event, &e))
        runs_epoch_put(r->w, "trial", r->trial->id, &e, NULL);
    if (kind && (text_equal(kind, "paused") || text_equal(kind, "resumed"))) {
        text_copy(r->trial->state, sizeof r->trial->state, text_equal(kind, "paused") ? "paused" : "running");
        runs_trial_save(r->w, r->trial, NULL);
    }
    control_event(r->control, json_incref(event));
}

static bool relay_cancelled(void *context)
{
    return control_cancelled(((struct relay *)context)->control);
}

static bool relay_paused(void *context)
{
    return control_paused(((struct relay *)context)->control);
}

static json_t *run_trial(struct workspace *w, const struct job_input *in, struct trial_row *t, const char *key,
                         const struct control *control, struct error *err)
{
    struct relay relay = {w, control, t};
    struct control keeping = {&relay, keep_event, relay_cancelled, relay_paused};
    struct error why = {0};
    json_t *result = trial_run(w, in->data, t, in->pool, &keeping, &why);
    if (result && trial_finish(t, result, &why) && runs_trial_save(w, t, &why)) {
        trial_forget(w, t);
        return result;
    }
    json_decref(result);
    give_up(w, t, key, &why, err);
    return NULL;
}

json_t *action_score(struct workspace *w, const char *key, const struct action_train_options *options,
                     const struct control *control, struct error *err)
{
    struct job_input in;
    json_t *result = NULL;
    if (!recipe_check(&options->recipe, err) || !recipe_exact(&options->recipe, "a score", err))
        return NULL;
    if (train_input_open(&in, w, key, options->threads, err)) {
        struct trial_row t = {0};
        trial_prepare(&t, in.arch_id, in.data->hash, &options->recipe, NULL, "");
        result = scored_before(w, &t);
        if (result)
            trial_forget(w, &t); /* killed between storing the result and this */
        bool fits = result || room_check(in.arch, options->recipe.batch, in.data->folds, 1, err);
        int lock = result || !fits ? -1 : begin_trial(w, &t, err);
        if (lock >= 0) {
            train_announce_plan(&in, &options->recipe, in.data->folds, control);
            result = run_trial(w, &in, &t, key, control, err);
            checkpoints_unlock(w, "trial", t.id, lock);
        }
        runs_trial_free(&t);
    }
    train_input_close(&in);
    return result;
}

json_t *action_baseline(struct workspace *w, struct error *err)
{
    struct task_row task;
    if (!tasks_active(w, &task, err))
        return NULL;
    struct dataset *d = tasks_dataset(w, &task, err);
    free(task.info);
    if (!d)
        return NULL;
    struct baseline b[16];
    int n = 0;
    json_t *list = NULL;
    if (baseline_run(d, b, &n, (int)ARRAY_N(b), err)) {
        list = json_array();
        for (int i = 0; i < n; i++) {
            json_t *j = trial_metric_json(&b[i].metric, &b[i].interval, &b[i].objective, d->task.target);
            json_object_set_new(j, "name", json_of_text(b[i].name));
            json_object_set_new(j, "about", json_of_text(b[i].about));
            json_array_append_new(list, j);
        }
    }
    dataset_free(d);
    return list ? json_pack("{s:o}", "baselines", list) : NULL;
}
