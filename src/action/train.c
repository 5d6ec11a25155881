/* Training one model on everything before the hold-out. */
#include "action/train_internal.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/threads.h"
#include "store/models.h"
#include "train/crossval.h"
#include "train/room.h"
#include "work/json.h"
#include "work/keeper.h"
#include "work/trial.h"

#include <math.h>

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
    json_object_set_new(event, "eta_seconds",
                        json_of_number(e->epoch > 0 ? e->seconds / e->epoch * (e->epochs - e->epoch) : (double)NAN));
    json_object_set_new(event, "text", json_of_text(text));
    control_event(r->control, event);
}

static bool relay_cancelled(void *context)
{
    return control_cancelled(((struct relay *)context)->control);
}

/* As it was before its first step: an interrupted one too, whose checkpoint then takes its place. */
static struct model *start_model(struct workspace *w, const struct job_input *in, const struct training *t,
                                 struct error *err)
{
    struct model_row row;
    if (!t->from[0]) {
        struct model *fresh = model_new(in->arch, t->recipe.seed, err);
        if (fresh && t->recipe.zero_head)
            model_zero_head(fresh);
        return fresh;
    }
    if (!models_find(w, t->from, &row, err))
        return NULL;
    free(row.result);
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
                     "model", json_of_hash(row->id), "kernels", row->blas ? "blas" : "exact", "weights_hash",
                     json_of_hash(row->id), "trace_root", json_of_hash(r->trace_root), "steps", (json_int_t)r->steps,
                     "epochs", r->epochs, "best_epoch", r->best_epoch, "seconds", json_of_number(r->seconds),
                     "samples_per_second", json_of_number(r->samples_per_second), "train_loss",
                     json_of_number(r->train_loss), "valid", scores);
}

/* What a model's row tells later: which share of its samples it was not fitted on, so that its scaling can be found
 * again, and how well it did there. */
static char *kept_text(const struct recipe *recipe, bool blas, const json_t *result)
{
    json_t *kept = json_pack("{s:I, s:O}", "stop_ppm", (json_int_t)recipe->stop_ppm, "valid",
                             json_object_get(result, "valid"));
    if (blas)
        json_object_set_new(kept, "kernels", json_string("blas"));
    char *text = json_dumps(kept, JSON_COMPACT);
    json_decref(kept);
    return text;
}

/* Stores the weights and ends the training's row together. */
static json_t *keep_trained(struct workspace *w, const struct job_input *in, const struct training *t,
                            const struct model *m, const struct train_result *trained, const struct metric *valid,
                            struct error *err)
{
    struct model_row row = {.task = in->data->hash, .parent = t->parent, .trace_root = trained->trace_root};
    hash_hex(t->recipe_id, row.recipe);
    row.id = model_hash(m);
    row.blas = m->blas;
    json_t *result = trained_json(in, &row, trained, valid);
    row.result = kept_text(&t->recipe, m->blas, result);
    bool ok = workspace_begin(w, err);
    if (ok && !(models_put(w, m, &row, err) && runs_training_end(w, t->run, "done", &row.id, err) &&
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

/* --- interrupted ones --------------------------------------------------------------------------------------------- */

/* Its row, and the lock that says that it runs; -1 and err. A new row is not seen before it is locked. */
static int begin_row(struct workspace *w, const struct job_input *in, struct training *t, struct error *err)
{
    int lock = -1;
    if (!workspace_begin(w, err))
        return -1;
    bool ok = t->run > 0 ? runs_training_end(w, t->run, "running", NULL, err)
                         : runs_training_new(w, in->arch_id, in->data->hash, t->recipe.epochs, &t->run, err);
    if (ok)
        lock = checkpoints_lock(w, "train", t->run, err);
    if (lock >= 0 && workspace_commit(w, err))
        return lock;
    workspace_rollback(w);
    checkpoints_unlock(w, "train", t->run, lock);
    return -1;
}

static struct keeper keeper_of(struct workspace *w, const struct job_input *in, const struct training *t, bool resume,
                               const struct control *control)
{
    struct keeper k = {
        .w = w,
        .control = control,
        .kind = "train",
        .owner = {.recipe_id = t->recipe_id, .arch = in->arch_id, .dataset = in->data->hash, .run = t->run},
        .epochs = t->recipe.epochs,
        .anew = !resume,
    };
    char *text = recipe_format(&t->recipe);
    bool fits = text_copy(k.owner.recipe, sizeof k.owner.recipe, text) &&
                text_copy(k.owner.origin, sizeof k.owner.origin, t->from[0] ? t->from : "scratch");
    ASSERT(fits);
    free(text);
    return k;
}

/* An earlier attempt's state, gone on with or not. */
static void announce_kept(const struct training *t, const char *key, bool resume, const struct control *control)
{
    char text[160];
    if (!t->kept || t->epoch == 0)
        return;
    int epoch = t->epoch < t->recipe.epochs ? t->epoch : t->recipe.epochs;
    snprintf(text, sizeof text,
             resume
                 ? "going on at epoch %d of %d"
                 : "this training was interrupted at epoch %d of %d: `train %.40s --resume --run %lld` goes on there",
             epoch, t->recipe.epochs, key, (long long)t->kept_run);
    control_event(control, json_pack("{s:s, s:s, s:I, s:i, s:s}", "event", resume ? "resumed" : "interrupted", "kind",
                                     "train", "run", (json_int_t)t->run, "epoch", epoch, "text", text));
}

/* What a training's own control tells on: a pause is seen by who looks from outside, too. */
static void relay_event(void *context, json_t *event)
{
    struct relay *r = context;
    const char *kind = json_string_value(json_object_get(event, "event"));
    if (kind && (text_equal(kind, "paused") || text_equal(kind, "resumed")))
        runs_training_end(r->w, r->run, text_equal(kind, "paused") ? "paused" : "running", NULL, NULL);
    control_event(r->control, json_incref(event));
}

static bool relay_paused(void *context)
{
    return control_paused(((struct relay *)context)->control);
}

/* How a training that has no result ended. What diverged would diverge again. */
static void end_badly(struct workspace *w, const struct training *t, const struct keeper *k, const char *key,
                      const struct error *why, struct error *err)
{
    bool kept = why->kind != ERROR_FAILED && why->kind != ERROR_DATA && checkpoints_there(w, t->recipe_id, 0);
    if (why->kind == ERROR_FAILED)
        checkpoints_drop_fold(w, t->recipe_id, 0);
    bool own = kept && (k->saved > 0 || k->resumed > 0);
    const char *state = own ? "stopped" : why->kind == ERROR_INTERRUPTED ? "cancelled" : "failed";
    runs_training_end(w, t->run, state, NULL, NULL);
    if (kept)
        error_set(err, why->kind, "%s; `train %.40s --resume --run %lld` goes on", why->text, key,
                  (long long)(own ? t->run : t->kept_run));
    else
        error_set(err, why->kind, "%s", why->text);
}

static json_t *run_training(struct workspace *w, const struct job_input *in, struct training *t, const char *key,
                            bool resume, const struct control *control, struct error *err)
{
    struct relay relay = {w, control, "train", t->run};
    struct control own = {&relay, relay_event, relay_cancelled, relay_paused};
    struct keeper keeper = keeper_of(w, in, t, resume, &own);
    struct train_keeper keeps = keeper_start(&keeper);
    struct train_hooks hooks = {&relay, relay_epoch, relay_cancelled, &keeps, NULL, NULL};
    struct train_result trained = {0};
    struct metric valid;
    struct error why = {0};
    json_t *result = NULL;
    struct model *m = start_model(w, in, t, &why);
    if (m && crossval_train_all(m, &trained, &valid, in->data, &t->recipe, in->pool, &hooks, &why))
        result = keep_trained(w, in, t, m, &trained, &valid, &why);
    if (result) {
        json_object_set_new(result, "resumed_steps", json_integer(keeper.resumed));
        checkpoints_drop_fold(w, t->recipe_id, 0);
    } else {
        end_badly(w, t, &keeper, key, &why, err);
    }
    free(trained.trace);
    model_free(m);
    return result;
}

json_t *action_train(struct workspace *w, const char *key, const struct action_train_options *options,
                     const struct control *control, struct error *err)
{
    struct job_input in;
    struct training t;
    json_t *result = NULL;
    int lock = -1;
    if (!recipe_check(&options->recipe, err))
        return NULL;
    if (train_input_open(&in, w, key, options->threads, err) && train_choose(&t, w, &in, options, key, err) &&
        room_check(in.arch, t.recipe.batch, 1, 1, err) && (lock = begin_row(w, &in, &t, err)) >= 0) {
        train_announce_plan(&in, &t.recipe, 1, control);
        announce_kept(&t, key, options->resume, control);
        result = run_training(w, &in, &t, key, options->resume, control, err);
        checkpoints_unlock(w, "train", t.run, lock);
    }
    train_input_close(&in);
    return result;
}
