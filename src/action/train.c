#include "action/action.h"

#include "action/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/arches.h"
#include "store/models.h"
#include "store/tasks.h"
#include "train/crossval.h"
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
        return error_set(err, ERROR_FAILED, "%s reads windows of [%d, %d], the task gives [%d, %zu]; make one for this task with `arch new`",
                         key, s.time, s.channels, in->data->task.lookback, in->data->channels);
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
    int64_t run;
};

static void relay_epoch(void *context, const struct train_event *e)
{
    struct relay *r = context;
    runs_epoch_put(r->w, "train", r->run, e, NULL);
    json_t *event = trial_epoch_json("train", r->run, e);
    char text[96];
    snprintf(text, sizeof text, "epoch %d of at most %d", e->epoch, e->epochs);
    json_object_set_new(event, "progress", json_real((double)e->epoch / e->epochs));
    json_object_set_new(event, "eta_seconds", json_real(e->seconds / e->epoch * (e->epochs - e->epoch)));
    json_object_set_new(event, "text", json_string(text));
    control_event(r->control, event);
}

static bool relay_cancelled(void *context)
{
    return control_cancelled(((struct relay *)context)->control);
}

static struct model *start_model(struct workspace *w, const struct job_input *in, const struct action_train_options *o,
                                 struct hash *parent, struct error *err)
{
    *parent = (struct hash){{0}};
    if (!o->from)
        return model_new(in->arch, o->recipe.seed, err);
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
    return json_pack("{s:o, s:o, s:o, s:o, s:I, s:i, s:i, s:f, s:f, s:f, s:{s:f, s:f, s:f, s:f, s:f, s:I}}", "arch",
                     json_of_hash(in->arch_id), "model", json_of_hash(row->id), "weights_hash", json_of_hash(row->id),
                     "trace_root", json_of_hash(r->trace_root), "steps", (json_int_t)r->steps, "epochs", r->epochs,
                     "best_epoch", r->best_epoch, "seconds", r->seconds, "samples_per_second", r->samples_per_second,
                     "train_loss", r->train_loss, "valid", "directional_accuracy", valid->directional_accuracy, "log_loss",
                     valid->log_loss, "f1", valid->f1, "mcc", valid->mcc, "auc", valid->auc, "samples", (json_int_t)valid->n);
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
    if (!input_open(&in, w, key, options->threads, err)) {
        input_close(&in);
        return NULL;
    }
    bool ok = (m = start_model(w, &in, options, &parent, err)) != NULL &&
         runs_training_new(w, in.arch_id, in.data->hash, options->recipe.epochs, &run, err);
    if (ok) {
        struct relay relay = {w, control, run};
        struct train_hooks hooks = {&relay, relay_epoch, relay_cancelled};
        struct metric valid;
        struct error why = {0};
        ok = crossval_train_all(m, &trained, &valid, in.data, &options->recipe, in.pool, &hooks, &why);
        if (ok) {
            struct model_row row = {.task = in.data->hash, .parent = parent, .trace_root = trained.trace_root};
            char hex[HASH_HEX];
            hash_hex(recipe_id(&options->recipe, in.arch_id, in.data->hash, options->from ? options->from : "scratch"), hex);
            text_copy(row.recipe, sizeof row.recipe, hex);
            ok = models_put(w, m, &row, err) && runs_training_end(w, run, "done", &row.id, err);
            result = ok ? trained_json(&in, &row, &trained, &valid) : NULL;
        } else {
            if (err)
                *err = why;
            runs_training_end(w, run, why.kind == ERROR_INTERRUPTED ? "cancelled" : "failed", NULL, NULL);
        }
    }
    free(trained.trace);
    model_free(m);
    input_close(&in);
    return result;
}

/* Epochs of a scoring are kept, as a search keeps those of its trials. */
static void keep_epoch(void *context, json_t *event)
{
    const struct relay *r = context;
    const char *kind = json_string_value(json_object_get(event, "event"));
    struct train_event e;
    if (kind && text_equal(kind, "epoch") && trial_epoch_parse(event, &e))
        runs_epoch_put(r->w, "trial", r->run, &e, NULL);
    json_incref(event);
    control_event(r->control, event);
}

json_t *action_score(struct workspace *w, const char *key, const struct action_train_options *options,
                     const struct control *control, struct error *err)
{
    struct job_input in;
    if (!recipe_check(&options->recipe, err))
        return NULL;
    if (!input_open(&in, w, key, options->threads, err)) {
        input_close(&in);
        return NULL;
    }
    struct trial_row t = {0}, known;
    json_t *result = NULL;
    trial_prepare(&t, in.arch_id, in.data->hash, &options->recipe, NULL, "");
    t.why = memory_text("scored by hand");
    text_copy(t.state, sizeof t.state, "running");
    t.attempts = 1;
    if (runs_trial_done(w, t.recipe_id, &known)) { /* the same recipe gives the same bits: no need to train again */
        result = json_loads(known.result, 0, NULL);
        runs_trial_free(&known);
    } else if (runs_trial_new(w, &t, err)) {
        struct error why = {0};
        struct relay relay = {w, control, t.id};
        struct control keeping = {&relay, keep_epoch, relay_cancelled, NULL};
        result = trial_run(w, in.data, &t, in.pool, &keeping, &why);
        if (!result || !trial_finish(&t, result, &why)) {
            text_copy(t.state, sizeof t.state, "failed");
            free(t.result);
            t.result = memory_text("{}");
            json_decref(result);
            result = NULL;
            if (err)
                *err = why;
        }
        if (!runs_trial_save(w, &t, result ? err : NULL)) {
            json_decref(result);
            result = NULL;
        }
    }
    runs_trial_free(&t);
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
            json_t *j = trial_metric_json(&b[i].metric, &b[i].interval);
            json_object_set_new(j, "name", json_string(b[i].name));
            json_object_set_new(j, "about", json_string(b[i].about));
            json_array_append_new(list, j);
        }
    }
    dataset_free(d);
    return list ? json_pack("{s:o}", "baselines", list) : NULL;
}
