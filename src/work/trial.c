#include "work/trial.h"

#include "base/memory.h"
#include "base/text.h"
#include "search/morph.h"
#include "store/arches.h"
#include "store/models.h"

#include <math.h>

bool trial_prepare(struct trial_row *t, struct hash arch, struct hash dataset, const struct recipe *recipe,
                   const struct trial_row *parent, const char *steps)
{
    char *origin = parent ? memory_format("%s\n%s", parent->recipe_id, steps) : memory_text("scratch");
    struct hash id = recipe_id(recipe, arch, dataset, origin);
    free(origin);
    hash_hex(id, t->recipe_id);
    t->arch = arch;
    t->task = dataset;
    t->recipe = recipe_format(recipe);
    t->parent = parent ? parent->id : 0;
    t->steps = memory_text(steps ? steps : "");
    t->predicted = t->predicted_sd = t->ei = t->score = t->low = t->high = t->noise = t->seconds = (double)NAN;
    return true;
}

json_t *trial_epoch_json(const char *kind, int64_t run, const struct train_event *e)
{
    return json_pack("{s:s, s:s, s:I, s:i, s:i, s:i, s:I, s:f, s:f, s:f, s:f, s:f, s:f}", "event", "epoch", "kind", kind,
                     "run", (json_int_t)run, "fold", e->fold, "epoch", e->epoch, "epochs", e->epochs, "step",
                     (json_int_t)e->step, "train_loss", e->train_loss, "valid_loss", e->valid_loss, "valid_accuracy",
                     e->valid_accuracy, "learning_rate", e->learning_rate, "gradient_norm", e->gradient_norm,
                     "samples_per_second", e->samples_per_second);
}

bool trial_epoch_parse(const json_t *event, struct train_event *out)
{
    json_int_t step = 0;
    *out = (struct train_event){0};
    if (json_unpack((json_t *)event, "{s:i, s:i, s:i, s:I, s:F, s:F, s:F, s:F, s:F, s:F}", "fold", &out->fold, "epoch",
                    &out->epoch, "epochs", &out->epochs, "step", &step, "train_loss", &out->train_loss, "valid_loss",
                    &out->valid_loss, "valid_accuracy", &out->valid_accuracy, "learning_rate", &out->learning_rate,
                    "gradient_norm", &out->gradient_norm, "samples_per_second", &out->samples_per_second) != 0)
        return false;
    out->step = step;
    return true;
}

json_t *trial_metric_json(const struct metric *m, const struct metric_interval *i)
{
    return json_pack("{s:{s:f, s:f, s:f}, s:f, s:f, s:f, s:f, s:f, s:f, s:I, s:I}", "directional_accuracy", "mean",
                     i->mean, "low", i->low, "high", i->high, "balanced_accuracy", m->balanced_accuracy, "f1", m->f1, "mcc",
                     m->mcc, "auc", m->auc, "log_loss", m->log_loss, "brier", m->brier, "correct", (json_int_t)m->correct,
                     "total", (json_int_t)m->n);
}

static json_t *hash_json(struct hash h)
{
    char hex[HASH_HEX];
    hash_hex(h, hex);
    return json_string(hex);
}

static struct hash hash_member(const json_t *object, const char *key)
{
    struct hash h = {{0}};
    const char *text = json_string_value(json_object_get(object, key));
    if (!text || !hash_from_hex(text, &h))
        return (struct hash){{0}};
    return h;
}

/* The parent's fold models with the steps applied, into start[folds]. */
static bool grow(struct workspace *w, const struct trial_row *t, const struct recipe *recipe, struct model **start,
                 int folds, struct error *err)
{
    struct trial_row parent;
    if (!runs_trial_get(w, t->parent, &parent, err))
        return false;
    json_t *result = json_loads(parent.result, 0, NULL);
    const json_t *fold = json_object_get(result, "folds");
    bool ok = (int)json_array_size(fold) == folds ||
              error_set(err, ERROR_FAILED, "trial %lld has no weights to grow from", (long long)t->parent);
    for (int k = 0; k < folds && ok; k++) {
        struct model *m = models_load_file(w, hash_member(json_array_get(fold, (size_t)k), "model"), err);
        char *text = memory_text(t->steps), *rest = text, *line;
        uint64_t seed = recipe->seed;
        while (m && (line = text_next(&rest, '\n'))) {
            struct morph_step step;
            struct model *grown = morph_parse(&step, line, err) ? morph_apply(m, &step, seed++, err) : NULL;
            model_free(m);
            m = grown;
        }
        free(text);
        start[k] = m;
        ok = m != NULL;
    }
    json_decref(result);
    runs_trial_free(&parent);
    return ok;
}

struct relay {
    const struct control *control;
    int64_t trial;
    int folds;
};

static void relay_epoch(void *context, const struct train_event *e)
{
    struct relay *r = context;
    json_t *event = trial_epoch_json("trial", r->trial, e);
    double share = (e->fold + (double)e->epoch / e->epochs) / r->folds;
    json_object_set_new(event, "progress", json_real(share));
    char text[96];
    snprintf(text, sizeof text, "fold %d of %d, epoch %d of at most %d", e->fold + 1, r->folds, e->epoch, e->epochs);
    json_object_set_new(event, "text", json_string(text));
    control_event(r->control, event);
}

static bool relay_cancelled(void *context)
{
    return control_cancelled(((struct relay *)context)->control);
}

static bool store_out_of_fold(struct workspace *w, const struct crossval *c, struct hash *file, struct error *err)
{
    struct bytes b = {0};
    bytes_put(&b, "MSOOF001", 8);
    bytes_put_u64(&b, c->n);
    for (size_t i = 0; i < c->n; i++) {
        uint32_t p, t;
        memcpy(&p, &c->probability[i], 4);
        memcpy(&t, &c->target[i], 4);
        bytes_put_u32(&b, c->sample[i]);
        bytes_put_u32(&b, p);
        bytes_put_u32(&b, t);
    }
    bool ok = workspace_blob_put(w, "models", b.data, b.n, file, err);
    bytes_free(&b);
    return ok;
}

struct crossval *trial_out_of_fold(struct workspace *w, const json_t *result, struct error *err)
{
    struct bytes b = {0};
    if (!workspace_blob_get(w, "models", hash_member(result, "predictions"), &b, err))
        return NULL;
    struct bytes_reader r = bytes_read(b.data, b.n);
    const uint8_t *magic = bytes_get(&r, 8);
    uint64_t n = bytes_get_u64(&r);
    if (!magic || memcmp(magic, "MSOOF001", 8) != 0 || n > b.n / 12) {
        bytes_free(&b);
        error_set(err, ERROR_DATA, "stored predictions are damaged; score the architecture again");
        return NULL;
    }
    struct crossval *c = NEW(struct crossval);
    c->n = n;
    c->sample = NEW_ARRAY(uint32_t, n);
    c->probability = NEW_ARRAY(float, n);
    c->target = NEW_ARRAY(float, n);
    for (size_t i = 0; i < n; i++) {
        c->sample[i] = bytes_get_u32(&r);
        uint32_t p = bytes_get_u32(&r), t = bytes_get_u32(&r);
        memcpy(&c->probability[i], &p, 4);
        memcpy(&c->target[i], &t, 4);
    }
    bytes_free(&b);
    metric_of(&c->metric, c->probability, c->target, c->n);
    return c;
}

static json_t *fold_json(struct workspace *w, const struct crossval *c, int k, struct error *err)
{
    const struct crossval_fold *f = &c->fold[k];
    struct hash file;
    if (!models_put_file(w, c->model[k], &file, err))
        return NULL;
    return json_pack("{s:I, s:I, s:f, s:f, s:i, s:i, s:I, s:f, s:f, s:o, s:o, s:o}", "correct", (json_int_t)f->metric.correct,
                     "total", (json_int_t)f->metric.n, "directional_accuracy", f->metric.directional_accuracy, "log_loss",
                     f->metric.log_loss, "epochs", f->train.epochs, "best_epoch", f->train.best_epoch, "steps",
                     (json_int_t)f->train.steps, "seconds", f->train.seconds, "samples_per_second",
                     f->train.samples_per_second, "model", hash_json(file), "weights_hash", hash_json(f->weights),
                     "trace_root", hash_json(f->train.trace_root));
}

static json_t *result_json(struct workspace *w, const struct trial_row *t, const struct crossval *c, struct error *err)
{
    struct hash predictions;
    if (!store_out_of_fold(w, c, &predictions, err))
        return NULL;
    json_t *result = trial_metric_json(&c->metric, &c->interval), *folds = json_array();
    json_object_set_new(result, "arch", hash_json(t->arch));
    json_object_set_new(result, "trial", json_integer(t->id));
    json_object_set_new(result, "stability", json_real(c->stability));
    json_object_set_new(result, "seconds", json_real(c->seconds));
    json_object_set_new(result, "trace_root", hash_json(c->trace_root));
    json_object_set_new(result, "weights_hash", hash_json(c->weights));
    json_object_set_new(result, "predictions", hash_json(predictions));
    json_object_set_new(result, "folds", folds);
    for (int k = 0; k < c->folds; k++) {
        json_t *fold = fold_json(w, c, k, err);
        if (!fold) {
            json_decref(result);
            return NULL;
        }
        json_array_append_new(folds, fold);
    }
    return result;
}

json_t *trial_run(struct workspace *w, const struct dataset *d, const struct trial_row *t, struct threads *pool,
                  const struct control *control, struct error *err)
{
    struct recipe recipe;
    struct model *start[DATASET_FOLDS_MAX] = {0};
    struct crossval *c = NULL;
    json_t *result = NULL;
    struct arch *a = arches_load(w, t->arch, err);
    bool ok = a && recipe_parse(&recipe, t->recipe, err) && (!t->parent || grow(w, t, &recipe, start, d->folds, err));
    if (ok && t->parent && !hash_equal(arch_id(start[0]->arch), t->arch))
        ok = error_set(err, ERROR_FAILED, "trial %lld: the stored morphisms no longer lead to its architecture",
                       (long long)t->id);
    if (ok) {
        struct relay relay = {control, t->id, d->folds};
        struct train_hooks hooks = {&relay, relay_epoch, relay_cancelled};
        c = crossval_run(d, t->parent ? start[0]->arch : a, t->parent ? (const struct model *const *)start : NULL, &recipe,
                         -1, pool, &hooks, err);
    }
    if (c)
        result = result_json(w, t, c, err);
    crossval_free(c);
    for (int k = 0; k < d->folds; k++)
        model_free(start[k]);
    arch_free(a);
    return result;
}

bool trial_finish(struct trial_row *t, json_t *result, struct error *err)
{
    double stability = 0;
    json_int_t total = 0;
    if (json_unpack(result, "{s:{s:F, s:F, s:F}, s:F, s:F, s:I}", "directional_accuracy", "mean", &t->score, "low", &t->low,
                    "high", &t->high, "stability", &stability, "seconds", &t->seconds, "total", &total) != 0 ||
        total <= 0)
        return error_set(err, ERROR_FAILED, "trial %lld: its worker gave no usable result", (long long)t->id);
    /* The score's variance: binomial over all bars, or the folds' spread of the mean where that is larger. */
    size_t folds = json_array_size(json_object_get(result, "folds"));
    double binomial = t->score * (1 - t->score) / (double)total;
    double spread = folds > 1 ? stability * stability / (double)folds : 0;
    t->noise = spread > binomial ? spread : binomial;
    t->trace_root = hash_member(result, "trace_root");
    t->weights = hash_member(result, "weights_hash");
    free(t->result);
    t->result = json_dumps(result, JSON_COMPACT | JSON_PRESERVE_ORDER);
    text_copy(t->state, sizeof t->state, "done");
    return true;
}
