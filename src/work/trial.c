#include "work/trial.h"

#include "base/memory.h"
#include "base/text.h"
#include "search/morph.h"
#include "store/arches.h"
#include "store/models.h"
#include "work/json.h"

#include <math.h>

void trial_prepare(struct trial_row *t, struct hash arch, struct hash dataset, const struct recipe *recipe,
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
}

json_t *trial_epoch_json(const char *kind, int64_t run, const struct train_event *e)
{
    return json_pack("{s:s, s:s, s:I, s:i, s:i, s:i, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "event", "epoch", "kind",
                     kind, "run", (json_int_t)run, "fold", e->fold, "epoch", e->epoch, "epochs", e->epochs, "step",
                     (json_int_t)e->step, "train_loss", json_of_number(e->train_loss), "valid_loss",
                     json_of_number(e->valid_loss), "valid_accuracy", json_of_number(e->valid_accuracy),
                     "learning_rate", json_of_number(e->learning_rate), "gradient_norm",
                     json_of_number(e->gradient_norm), "samples_per_second", json_of_number(e->samples_per_second));
}

bool trial_epoch_parse(const json_t *event, struct train_event *out)
{
    json_int_t step = 0;
    *out = (struct train_event){0};
    if (json_unpack((json_t *)event, "{s:i, s:i, s:i, s:I}", "fold", &out->fold, "epoch", &out->epoch, "epochs",
                    &out->epochs, "step", &step) != 0)
        return false;
    out->step = step;
    out->train_loss = json_member_number(event, "train_loss");
    out->valid_loss = json_member_number(event, "valid_loss");
    out->valid_accuracy = json_member_number(event, "valid_accuracy");
    out->learning_rate = json_member_number(event, "learning_rate");
    out->gradient_norm = json_member_number(event, "gradient_norm");
    out->samples_per_second = json_member_number(event, "samples_per_second");
    return true;
}

json_t *trial_interval_json(double mean, double low, double high)
{
    return json_pack("{s:o, s:o, s:o}", "mean", json_of_number(mean), "low", json_of_number(low), "high",
                     json_of_number(high));
}

json_t *trial_metric_json(const struct metric *m, const struct metric_interval *i)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I}", "directional_accuracy",
                     trial_interval_json(i->mean, i->low, i->high), "balanced_accuracy",
                     json_of_number(m->balanced_accuracy), "f1", json_of_number(m->f1), "mcc", json_of_number(m->mcc),
                     "auc", json_of_number(m->auc), "log_loss", json_of_number(m->log_loss), "brier",
                     json_of_number(m->brier), "correct", (json_int_t)m->correct, "total", (json_int_t)m->n);
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
    bool ok = (int)json_array_size(fold) == folds;
    if (!ok)
        error_set(err, ERROR_FAILED, "trial %lld has no weights to grow from", (long long)t->parent);
    for (int k = 0; k < folds && ok; k++) {
        struct model *m = models_load_file(w, json_member_hash(json_array_get(fold, (size_t)k), "model"), err);
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

/* Out-of-fold predictions as a file: magic, u64 count, then for each the sample's number and the bits of probability
 * and target, u32 each. */
#define OUT_OF_FOLD_MAGIC "MSOOF001"
#define OUT_OF_FOLD_BYTES 12

static bool store_out_of_fold(struct workspace *w, const struct crossval *c, struct hash *file, struct error *err)
{
    struct bytes b = {0};
    bytes_put(&b, OUT_OF_FOLD_MAGIC, 8);
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

static bool all_probabilities(const struct crossval *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (!(c->probability[i] >= 0 && c->probability[i] <= 1))
            return false;
    return true;
}

static struct crossval *damaged(struct error *err)
{
    error_set(err, ERROR_DATA, "stored predictions are damaged; score the architecture again");
    return NULL;
}

struct crossval *trial_out_of_fold(struct workspace *w, const json_t *result, struct error *err)
{
    struct bytes b = {0};
    if (!workspace_blob_get(w, "models", json_member_hash(result, "predictions"), &b, err))
        return NULL;
    struct bytes_reader r = bytes_read(b.data, b.n);
    const uint8_t *magic = bytes_get(&r, 8);
    uint64_t n = bytes_get_u64(&r);
    if (!magic || memcmp(magic, OUT_OF_FOLD_MAGIC, 8) != 0 || n != (b.n - 16) / OUT_OF_FOLD_BYTES) {
        bytes_free(&b);
        return damaged(err);
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
    bool whole = bytes_done(&r);
    bytes_free(&b);
    if (!whole || !all_probabilities(c)) {
        crossval_free(c);
        return damaged(err);
    }
    metric_of(&c->metric, c->probability, c->target, c->n);
    return c;
}

static json_t *fold_json(struct workspace *w, const struct crossval *c, int k, struct error *err)
{
    const struct crossval_fold *f = &c->fold[k];
    struct hash file;
    if (!models_put_file(w, c->model[k], &file, err))
        return NULL;
    return json_pack("{s:I, s:I, s:o, s:o, s:i, s:i, s:I, s:o, s:o, s:o, s:o, s:o}", "correct",
                     (json_int_t)f->metric.correct, "total", (json_int_t)f->metric.n, "directional_accuracy",
                     json_of_number(f->metric.directional_accuracy), "log_loss", json_of_number(f->metric.log_loss),
                     "epochs", f->train.epochs, "best_epoch", f->train.best_epoch, "steps", (json_int_t)f->train.steps,
                     "seconds", json_of_number(f->train.seconds), "samples_per_second",
                     json_of_number(f->train.samples_per_second), "model", json_of_hash(file), "weights_hash",
                     json_of_hash(f->weights), "trace_root", json_of_hash(f->train.trace_root));
}

static json_t *result_json(struct workspace *w, const struct trial_row *t, const struct crossval *c, struct error *err)
{
    struct hash predictions;
    if (!store_out_of_fold(w, c, &predictions, err))
        return NULL;
    json_t *result = trial_metric_json(&c->metric, &c->interval), *folds = json_array();
    json_object_set_new(result, "arch", json_of_hash(t->arch));
    json_object_set_new(result, "trial", json_integer(t->id));
    json_object_set_new(result, "stability", json_of_number(c->stability));
    json_object_set_new(result, "seconds", json_of_number(c->seconds));
    json_object_set_new(result, "trace_root", json_of_hash(c->trace_root));
    json_object_set_new(result, "weights_hash", json_of_hash(c->weights));
    json_object_set_new(result, "predictions", json_of_hash(predictions));
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
    ASSERT(d->folds <= DATASET_FOLDS_MAX);
    bool ok = a && recipe_parse(&recipe, t->recipe, err) && (!t->parent || grow(w, t, &recipe, start, d->folds, err));
    if (ok && t->parent && !hash_equal(arch_id(start[0]->arch), t->arch))
        ok = error_set(err, ERROR_FAILED, "trial %lld: the stored morphisms no longer lead to its architecture",
                       (long long)t->id);
    if (ok) {
        struct relay relay = {control, t->id, d->folds};
        struct train_hooks hooks = {&relay, relay_epoch, relay_cancelled};
        c = crossval_run(d, t->parent ? start[0]->arch : a, t->parent ? (const struct model *const *)start : NULL,
                         &recipe, -1, pool, &hooks, err);
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
    if (json_unpack(result, "{s:{s:F, s:F, s:F}, s:F, s:F, s:I}", "directional_accuracy", "mean", &t->score, "low",
                    &t->low, "high", &t->high, "stability", &stability, "seconds", &t->seconds, "total", &total) != 0 ||
        total <= 0 || !isfinite(t->score))
        return error_set(err, ERROR_FAILED, "trial %lld: its worker gave no usable result", (long long)t->id);
    /* The score's variance: binomial over all bars, or the folds' spread of the mean where that is larger. */
    size_t folds = json_array_size(json_object_get(result, "folds"));
    double binomial = t->score * (1 - t->score) / (double)total;
    double spread = folds > 1 ? stability * stability / (double)folds : 0;
    t->noise = spread > binomial ? spread : binomial;
    t->trace_root = json_member_hash(result, "trace_root");
    t->weights = json_member_hash(result, "weights_hash");
    free(t->result);
    t->result = json_dumps(result, JSON_COMPACT | JSON_PRESERVE_ORDER);
    text_copy(t->state, sizeof t->state, "done");
    return true;
}
