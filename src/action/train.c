#include "action/action.h"

#include "base/memory.h"
#include "base/text.h"
#include "store/arches.h"
#include "store/models.h"
#include "store/tasks.h"
#include "train/crossval.h"
#include "train/room.h"
#include "work/json.h"
#include "work/trial.h"

#include <math.h>

/* What a training or scoring needs: the task's data set and the architecture, checked to fit. */
struct job_input {
    struct dataset *data;
    struct arch *arch;
    struct hash arch_id;
    struct threads *pool;
};

static bool input_open(struct job_input *in, struct workspace *w, const char *key, int threads, struct error *err)
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

static void input_close(struct job_input *in)
{
    threads_free(in->pool);
    arch_free(in->arch);
    dataset_free(in->data);
}

struct relay {
    struct workspace *w;
    const struct control *control;
    const char *kind;
    int64_t run;
};

static void relay_epoch(void *context, const struct train_event *e)
{
    struct relay *r = context;
    runs_epoch_put(r->w, r->kind, r->run, e, NULL); /* a curve with a hole is no reason to stop */
    json_t *event = trial_epoch_json(r->kind, r->run, e);
    char text[96];
    snprintf(text, sizeof text, "epoch %d of at most %d", e->epoch, e->epochs);
    json_object_set_new(event, "progress", json_of_number((double)e->epoch / e->epochs));
    json_object_set_new(event, "eta_seconds", json_of_number(e->epoch > 0 ? e->seconds / e->epoch * (e->epochs - e->epoch) : (double)NAN));
    json_object_set_new(event, "text", json_of_text(text));
    control_event(r->control, event);
}

static bool relay_cancelled(void *context)
{
    return control_cancelled(((struct relay *)context)->control);
}

/* Said before it is taken, so that who sees too much can stop it. */
static void announce_plan(const struct job_input *in, const struct recipe *recipe, int models,
                          const struct control *control)
{
    control_event(control, trial_plan_json(in->arch, recipe->batch, models, 1));
}

static struct model *start_model(struct workspace *w, const struct job_input *in, const struct action_train_options *o,
                                 struct hash *parent, struct error *err)
{
    *parent = (struct hash){{0}};
    if (!o->from) {
        struct model *fresh = model_new(in->arch, o->recipe.seed, err);
        if (fresh && o->recipe.zero_head)
            model_zero_head(fresh);
        return fresh;
    }
    struct model_row row;
    if (!models_find(w, o->from, &row, err))
        return NULL;
    free(row.result);
    *parent = row.id;
    if (!hash_equal(row.arch, in->arch_id)) {
        error_set(err, ERROR_USAGE, "model %s has another architecture than the one to train", o->from);
        return NULL;
    }
    return models_load_file(w, row.file, err);
}

static json_t *trained_json(const struct job_input *in, const struct model_row *row, const struct train_result *r,
                            const struct metric *valid)
{
    json_t *scores =
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:I}", "directional_accuracy", json_of_number(valid->directional_accuracy),
                  "log_loss", json_of_number(valid->log_loss), "f1", json_of_number(valid->f1), "mcc",
                  json_of_number(valid->mcc), "auc", json_of_number(valid->auc), "samples", (json_int_t)valid->n);
    double objective = metric_objective(valid, in->data->task.target);
    json_object_set_new(scores, "score", json_of_number(objective));
    json_object_set_new(scores, "score_name", json_string(task_score_name(in->data->task.target)));
    return json_pack("{s:o, s:o, s:s, s:o, s:o, s:I, s:i, s:i, s:o, s:o, s:o, s:o}", "arch", json_of_hash(in->arch_id),
                     "model", json_of_hash(row->id), "kernels", row->blas ? "blas" : "exact", "weights_hash", json_of_hash(row->id), "trace_root",
                     json_of_hash(r->trace_root), "steps", (json_int_t)r->steps, "epochs", r->epochs, "best_epoch",
                     r->best_epoch, "seconds", json_of_number(r->seconds), "samples_per_second",
                     json_of_number(r->samples_per_second), "train_loss", json_of_number(r->train_loss), "valid",
                     scores);
}

/* What a model's row tells later: which share of its samples it was not fitted on, so that its scaling can be found
 * again, and how well it did there. */
static char *kept_text(const struct recipe *recipe, bool blas, const json_t *result)
{
    json_t *kept = blas ? json_pack("{s:s}", "kernels", "blas") : json_object();
    json_object_set_new(kept, "stop_ppm", json_integer(recipe->stop_ppm));
    json_object_set(kept, "valid", json_object_get(result, "valid"));
    char *text = json_dumps(kept, JSON_COMPACT | JSON_PRESERVE_ORDER); /* see MODELS_BLAS_HEAD */
    json_decref(kept);
    return text;
}

/* Stores the weights and ends the training's row together. */
static json_t *keep_trained(struct workspace *w, const struct job_input *in, const struct action_train_options *o,
                            struct hash parent, const struct model *m, const struct train_result *trained,
                            const struct metric *valid, int64_t run, struct error *err)
{
    struct model_row row = {.task = in->data->hash, .parent = parent, .trace_root = trained->trace_root};
    char origin[HASH_HEX] = "scratch", hex[HASH_HEX];
    if (o->from)
        hash_hex(parent, origin);
    hash_hex(recipe_id(&o->recipe, in->arch_id, in->data->hash, origin), hex);
    text_copy(row.recipe, sizeof row.recipe, hex);
    row.id = model_hash(m);
    row.blas = m->blas;
    json_t *result = trained_json(in, &row, trained, valid);
    row.result = kept_text(&o->recipe, m->blas, result);
    bool ok = workspace_begin(w, err);
    if (ok && !(models_put(w, m, &row, err) && runs_training_end(w, run, "done", &row.id, err) &&
                workspace_commit(w, err))) {
        workspace_rollback(w);
        ok = false;
    }
    free(row.result);
    if (ok)
        return result;
    json_decref(result);
    return NULL;
}

json_t *action_train(struct workspace *w, const char *key, const struct action_train_options *options,
                     const struct control *control, struct error *err)
{
    struct job_input in;
    struct hash parent;
    json_t *result = NULL;
    struct train_result trained = {0};
    struct model *m = NULL;
    int64_t run = 0;
    if (!recipe_check(&options->recipe, err))
        return NULL;
    if (input_open(&in, w, key, options->threads, err) && room_check(in.arch, options->recipe.batch, 1, 1, err) &&
        (m = start_model(w, &in, options, &parent, err)) != NULL &&
        runs_training_new(w, in.arch_id, in.data->hash, options->recipe.epochs, &run, err)) {
        struct relay relay = {w, control, "train", run};
        struct train_hooks hooks = {.context = &relay, .event = relay_epoch, .cancelled = relay_cancelled};
        struct metric valid;
        struct error why = {0};
        announce_plan(&in, &options->recipe, 1, control);
        if (crossval_train_all(m, &trained, &valid, in.data, &options->recipe, in.pool, &hooks, &why))
            result = keep_trained(w, &in, options, parent, m, &trained, &valid, run, &why);
        if (!result) {
            runs_training_end(w, run, why.kind == ERROR_INTERRUPTED ? "cancelled" : "failed", NULL, NULL);
            error_set(err, why.kind, "%s", why.text);
        }
    }
    free(trained.trace);
    model_free(m);
    input_close(&in);
    return result;
}

/* --- scoring ------------------------------------------------------------------------------------------------------ */

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

/* A new row, or that of an earlier attempt that did not come to its end. */
static bool begin_trial(struct workspace *w, struct trial_row *t, struct error *err)
{
    struct trial_row left;
    t->why = memory_text("scored by hand");
    t->attempts = 1;
    text_copy(t->state, sizeof t->state, "running");
    if (!runs_trial_left(w, t->recipe_id, &left))
        return runs_trial_new(w, t, err);
    t->id = left.id;
    t->attempts = left.attempts + 1;
    runs_trial_free(&left);
    return runs_epochs_drop(w, "trial", t->id, err) && runs_trial_save(w, t, err);
}

/* An interrupted trial leaves nothing: it neither failed nor was it scored. */
static void give_up(struct workspace *w, struct trial_row *t, const struct error *why)
{
    if (why->kind == ERROR_INTERRUPTED) {
        runs_trial_drop(w, t->id, NULL);
        return;
    }
    json_t *result = json_pack("{s:o}", "error", json_of_text(why->text));
    text_copy(t->state, sizeof t->state, "failed");
    free(t->result);
    t->result = json_dumps(result, JSON_COMPACT);
    json_decref(result);
    runs_trial_save(w, t, NULL);
}

static void keep_epoch(void *context, json_t *event)
{
    struct relay *r = context;
    struct train_event e;
    if (trial_epoch_parse(event, &e))
        runs_epoch_put(r->w, r->kind, r->run, &e, NULL);
    control_event(r->control, json_incref(event));
}

static json_t *run_trial(struct workspace *w, const struct job_input *in, struct trial_row *t,
                         const struct control *control, struct error *err)
{
    struct relay relay = {w, control, "trial", t->id};
    struct control keeping = {&relay, keep_epoch, relay_cancelled, NULL};
    struct error why = {0};
    json_t *result = trial_run(w, in->data, t, in->pool, &keeping, &why);
    if (result && trial_finish(t, result, &why) && runs_trial_save(w, t, &why))
        return result;
    json_decref(result);
    give_up(w, t, &why);
    error_set(err, why.kind, "%s", why.text);
    return NULL;
}

json_t *action_score(struct workspace *w, const char *key, const struct action_train_options *options,
                     const struct control *control, struct error *err)
{
    struct job_input in;
    json_t *result = NULL;
    if (!recipe_check(&options->recipe, err) || !recipe_exact(&options->recipe, "a score", err))
        return NULL;
    if (input_open(&in, w, key, options->threads, err)) {
        struct trial_row t = {0};
        trial_prepare(&t, in.arch_id, in.data->hash, &options->recipe, NULL, "");
        result = scored_before(w, &t);
        if (!result && room_check(in.arch, options->recipe.batch, in.data->folds, 1, err) && begin_trial(w, &t, err)) {
            announce_plan(&in, &options->recipe, in.data->folds, control);
            result = run_trial(w, &in, &t, control, err);
        }
        runs_trial_free(&t);
    }
    input_close(&in);
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
