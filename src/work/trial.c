#include "work/trial.h"

#include "base/memory.h"
#include "base/text.h"
#include "net/plan.h"
#include "search/morph.h"
#include "store/arches.h"
#include "store/models.h"
#include "train/room.h"
#include "work/json.h"
#include "work/judge.h"
#include "work/keeper.h"
#include "work/latency.h"
#include "work/leaves.h"
#include "work/part.h"

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
    t->latency_us = (double)NAN;
    t->fidelity = 1;
}

json_t *trial_plan_json(const struct arch *a, int batch, int models, int at_once)
{
    struct room r = room_of(a, batch, models);
    char text[192];
    room_text(r, batch, at_once, text, sizeof text);
    return json_pack("{s:s, s:I, s:i, s:I, s:I, s:i, s:s}", "event", "plan", "bytes", (json_int_t)r.plan, "batch",
                     batch, "macs", (json_int_t)plan_macs(a), "weights_bytes", (json_int_t)r.weights, "at_once",
                     at_once, "text", text);
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

json_t *trial_metric_json(const struct metric *m, const struct metric_interval *i,
                          const struct metric_interval *objective, enum task_target target)
{
    json_t *j =
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I}", "directional_accuracy",
                  trial_interval_json(i->mean, i->low, i->high), "balanced_accuracy",
                  json_of_number(m->balanced_accuracy), "f1", json_of_number(m->f1), "mcc", json_of_number(m->mcc),
                  "auc", json_of_number(m->auc), "log_loss", json_of_number(m->log_loss), "brier",
                  json_of_number(m->brier), "correct", (json_int_t)m->correct, "total", (json_int_t)m->n);
    json_object_set_new(j, "score", trial_interval_json(objective->mean, objective->low, objective->high));
    json_object_set_new(j, "score_name", json_string(task_score_name(target)));
    if (target == TASK_RETURN) {
        json_object_set_new(j, "r2", json_of_number(m->r2));
        json_object_set_new(j, "mae", json_of_number(m->mae));
        json_object_set_new(j, "pearson", json_of_number(m->pearson));
        json_object_set_new(j, "spearman", json_of_number(m->spearman));
    }
    return j;
}

struct model *trial_grow(struct model *m, const char *steps, uint64_t seed, struct error *err)
{
    char *text = memory_text(steps), *rest = text, *line;
    while (m && (line = text_next(&rest, '\n'))) {
        struct morph_step step;
        struct model *grown = morph_parse(&step, line, err) ? morph_apply(m, &step, seed++, err) : NULL;
        model_free(m);
        m = grown;
    }
    free(text);
    return m;
}

bool trial_grow_folds(struct workspace *w, const struct trial_row *t, struct model **start, int folds,
                      struct error *err)
{
    struct trial_row parent;
    struct recipe recipe;
    if (!recipe_parse(&recipe, t->recipe, err) || !runs_trial_get(w, t->parent, &parent, err))
        return false;
    json_t *result = json_loads(parent.result, 0, NULL);
    const json_t *fold = json_object_get(result, "folds");
    bool ok = (int)json_array_size(fold) == folds;
    if (!ok)
        error_set(err, ERROR_FAILED, "trial %lld has no weights to grow from", (long long)t->parent);
    for (int k = 0; k < folds && ok; k++) {
        struct model *m = models_load_file(w, json_member_hash(json_array_get(fold, (size_t)k), "model"), err);
        start[k] = trial_grow(m, t->steps, recipe.seed, err);
        ok = start[k] != NULL;
    }
    json_decref(result);
    runs_trial_free(&parent);
    return ok;
}

struct relay {
    const struct control *control;
    const struct part *part;
    int64_t trial;
    int folds; /* to be run */
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

static bool relay_enough(void *context, int fold, int epochs, double best_loss)
{
    return part_is_enough(((struct relay *)context)->part, fold, epochs, best_loss);
}

/* Out-of-fold predictions as a file: magic, u32 target, u32 outputs, u64 count, then for each the sample's number
 * (u32), the bits of its target (u32), of the training part's mean (u64, 0 unless a return) and of its predictions
 * (u32). */
#define OUT_OF_FOLD_MAGIC "MSOOF002"
#define OUT_OF_FOLD_HEAD 24

static size_t record_bytes(int outputs)
{
    return 16 + 4 * (size_t)outputs;
}

static void put_float(struct bytes *b, float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    bytes_put_u32(b, bits);
}

static float get_float(struct bytes_reader *r)
{
    uint32_t bits = bytes_get_u32(r);
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

bool trial_keep_predictions(struct workspace *w, const struct crossval *c, struct hash *file, struct error *err)
{
    struct bytes b = {0};
    size_t each = (size_t)c->outputs;
    bytes_put(&b, OUT_OF_FOLD_MAGIC, 8);
    bytes_put_u32(&b, (uint32_t)c->kind);
    bytes_put_u32(&b, (uint32_t)c->outputs);
    bytes_put_u64(&b, c->n);
    for (size_t i = 0; i < c->n; i++) {
        uint64_t reference = 0;
        if (c->reference)
            memcpy(&reference, &c->reference[i], sizeof reference);
        bytes_put_u32(&b, c->sample[i]);
        put_float(&b, c->target[i]);
        bytes_put_u64(&b, reference);
        for (size_t k = 0; k < each; k++)
            put_float(&b, c->prediction[i * each + k]);
    }
    bool ok = workspace_blob_put(w, "models", b.data, b.n, file, err);
    bytes_free(&b);
    return ok;
}

/* Probabilities, returns, targets that the scores can read. */
static bool all_sane(const struct crossval *c)
{
    for (size_t i = 0; i < c->n * (size_t)c->outputs; i++)
        if (!isfinite(c->prediction[i]) ||
            (c->kind != TASK_RETURN && !(c->prediction[i] >= 0 && c->prediction[i] <= 1)))
            return false;
    for (size_t i = 0; i < c->n; i++) {
        if (!isfinite(c->target[i]) || (c->reference && !isfinite(c->reference[i])))
            return false;
        if (c->kind == TASK_CLASS && !(c->target[i] >= 0 && c->target[i] < (float)c->outputs))
            return false;
    }
    return true;
}

static struct crossval *read_out_of_fold(struct bytes_reader *r, size_t bytes)
{
    const uint8_t *magic = bytes_get(r, 8);
    uint32_t kind = bytes_get_u32(r), outputs = bytes_get_u32(r);
    uint64_t n = bytes_get_u64(r);
    if (!magic || memcmp(magic, OUT_OF_FOLD_MAGIC, 8) != 0 || kind > TASK_CLASS || outputs < 1 ||
        outputs > DATASET_CLASSES_MAX || n != (bytes - OUT_OF_FOLD_HEAD) / record_bytes((int)outputs))
        return NULL;
    struct crossval *c = NEW(struct crossval);
    c->n = n;
    c->kind = (enum task_target)kind;
    c->outputs = (int)outputs;
    c->sample = NEW_ARRAY(uint32_t, n);
    c->prediction = NEW_ARRAY(float, n *outputs);
    c->target = NEW_ARRAY(float, n);
    c->reference = c->kind == TASK_RETURN ? NEW_ARRAY(double, n) : NULL;
    for (size_t i = 0; i < n; i++) {
        c->sample[i] = bytes_get_u32(r);
        c->target[i] = get_float(r);
        uint64_t reference = bytes_get_u64(r);
        if (c->reference)
            memcpy(&c->reference[i], &reference, sizeof reference);
        for (size_t k = 0; k < outputs; k++)
            c->prediction[i * outputs + k] = get_float(r);
    }
    if (bytes_done(r) && all_sane(c))
        return c;
    crossval_free(c);
    return NULL;
}

struct crossval *trial_out_of_fold(struct workspace *w, const json_t *result, struct error *err)
{
    struct bytes b = {0};
    if (!workspace_blob_get(w, "models", json_member_hash(result, "predictions"), &b, err))
        return NULL;
    struct bytes_reader r = bytes_read(b.data, b.n);
    struct crossval *c = read_out_of_fold(&r, b.n);
    bytes_free(&b);
    if (!c) {
        error_set(err, ERROR_DATA, "stored predictions are damaged; score the architecture again");
        return NULL;
    }
    struct metric_input in = crossval_scored(c);
    metric_score(&c->metric, &in);
    return c;
}

/* Of a trial that was stopped no weights are kept: nothing grows from it. */
static json_t *fold_json(struct workspace *w, const struct crossval *c, int k, bool whole, struct error *err)
{
    const struct crossval_fold *f = &c->fold[k];
    struct hash file;
    if (whole && !models_put_file(w, c->model[k], &file, err))
        return NULL;
    return json_pack(
        "{s:I, s:I, s:o, s:o, s:o, s:i, s:i, s:o, s:I, s:o, s:o, s:o*, s:o, s:o}", "correct", (json_int_t)f->metric.correct,
        "total", (json_int_t)f->metric.n, "directional_accuracy", json_of_number(f->metric.directional_accuracy),
        "log_loss", json_of_number(f->metric.log_loss), "score", json_of_number(metric_objective(&f->metric, c->kind)),
        "epochs", f->train.epochs, "best_epoch", f->train.best_epoch, "best_loss",
        json_of_number(f->train.valid_loss), "steps", (json_int_t)f->train.steps, "seconds",
        json_of_number(f->train.seconds), "samples_per_second", json_of_number(f->train.samples_per_second), "model",
        whole ? json_of_hash(file) : NULL, "weights_hash", json_of_hash(f->weights), "trace_root", json_of_hash(f->train.trace_root));
}

static json_t *assets_json(const struct crossval *c, const struct dataset *d)
{
    json_t *list = json_array();
    for (int i = 0; i < d->task.assets; i++) {
        const struct crossval_asset *a = &c->asset[i];
        json_t *j = trial_metric_json(&a->metric, &a->interval, &a->objective, c->kind);
        json_object_set_new(j, "asset", json_of_text(d->task.asset[i].name));
        json_array_append_new(list, j);
    }
    return list;
}

/* How much of the whole it was, by the samples that the folds train on; of a training that was cut by its epochs. And
 * the training's multiply-adds: three times those of a prediction for each sample of each epoch. */
static void put_share(json_t *result, const struct dataset *d, const struct crossval *c, const struct arch *a,
                      const struct recipe *recipe)
{
    double all = 0, done = 0, samples = 0;
    int folds = 0;
    for (int k = 0; k < d->folds; k++) {
        size_t train = 0, stop = 0;
        const struct train_result *r = &c->fold[k].train;
        crossval_counts(&train, &stop, d, k, recipe);
        all += (double)train;
        if (!c->model[k])
            continue;
        folds++;
        done += (double)train * (r->cut ? (double)r->epochs / recipe->epochs : 1);
        samples += (double)train * r->epochs;
        if (r->cut)
            json_object_set_new(result, "cut", json_pack("{s:i, s:i}", "fold", k, "epoch", r->epochs));
    }
    json_object_set_new(result, "training_macs", json_of_number(3.0 * (double)arch_macs(a) * samples));
    if (folds == d->folds && !json_object_get(result, "cut"))
        return;
    json_object_set_new(result, "partial", json_true());
    json_object_set_new(result, "fidelity", json_of_number(done / all));
}

/* What a claim of it will have to open. Searches make too many trials that nobody claims. */
static bool keep_leaves(struct workspace *w, json_t *result, const struct trial_row *t, const struct crossval *c,
                        struct error *err)
{
    struct hash file;
    if (t->search || t->parent || json_object_get(result, "partial"))
        return true;
    char *text = leaves_format(c);
    bool ok = workspace_blob_put(w, "models", text, strlen(text), &file, err);
    free(text);
    if (ok)
        json_object_set_new(result, "leaves", json_of_hash(file));
    return ok;
}

static json_t *result_json(struct workspace *w, const struct dataset *d, const struct trial_row *t,
                           const struct crossval *c, const struct recipe *recipe, struct error *err)
{
    struct hash predictions, tally;
    if (!trial_keep_predictions(w, c, &predictions, err) || !judge_keep(w, c, &tally, err))
        return NULL;
    json_t *result = trial_metric_json(&c->metric, &c->interval, &c->objective, c->kind), *folds = json_array();
    json_object_set_new(result, "arch", json_of_hash(t->arch));
    json_object_set_new(result, "trial", json_integer(t->id));
    json_object_set_new(result, "stability", json_of_number(c->stability));
    json_object_set_new(result, "score_error", json_of_number(c->objective.error));
    if (c->asset)
        json_object_set_new(result, "assets", assets_json(c, d));
    judge_put_more(result, c, d);
    json_object_set_new(result, "opened", json_integer(d->opened));
    json_object_set_new(result, "seconds", json_of_number(c->seconds));
    json_object_set_new(result, "trace_root", json_of_hash(c->trace_root));
    json_object_set_new(result, "weights_hash", json_of_hash(c->weights));
    json_object_set_new(result, "predictions", json_of_hash(predictions));
    json_object_set_new(result, "tally", json_of_hash(tally));
    json_object_set_new(result, "folds", folds);
    put_share(result, d, c, c->model[0]->arch, recipe);
    bool whole = !json_object_get(result, "partial");
    if (!keep_leaves(w, result, t, c, err)) {
        json_decref(result);
        return NULL;
    }
    for (int k = 0; k < c->folds && c->model[k]; k++) {
        json_t *fold = fold_json(w, c, k, whole, err);
        if (!fold) {
            json_decref(result);
            return NULL;
        }
        json_array_append_new(folds, fold);
    }
    return result;
}

/* The same recipe gives the same bits: what is kept of it can be gone on with without a word, and what is damaged is
 * trained again. */
static struct keeper keeper_of(struct workspace *w, const struct dataset *d, const struct trial_row *t,
                               const struct recipe *recipe, const struct control *control)
{
    struct keeper k = {.w = w,
                       .control = control,
                       .kind = "trial",
                       .owner = {.arch = t->arch, .dataset = t->task, .run = t->id},
                       .epochs = recipe->epochs,
                       .folds = d->folds,
                       .forgives = true};
    hash_from_hex(t->recipe_id, &k.owner.recipe_id);
    text_copy(k.owner.recipe, sizeof k.owner.recipe, t->recipe);
    return k;
}

void trial_forget(struct workspace *w, const struct trial_row *t)
{
    struct hash recipe_id;
    if (hash_from_hex(t->recipe_id, &recipe_id))
        checkpoints_drop_folds(w, recipe_id);
}

/* A network that predicts too slowly is not trained: its fresh weights tell. */
static bool check_latency(const struct part *part, const struct model *fresh, const struct arch *a,
                          const struct dataset *d, double *latency_us, struct error *err)
{
    struct model *m = fresh ? NULL : model_new(a, 1, err);
    bool ok = (fresh || m) && latency_measure(latency_us, fresh ? fresh : m, d, err);
    if (ok && part->max_latency_us > 0 && *latency_us > part->max_latency_us)
        ok = error_set(err, ERROR_LIMIT, "a prediction takes %.1f us here, more than the %.1f that are allowed: it was not trained",
                       *latency_us, part->max_latency_us);
    model_free(m);
    return ok;
}

struct training {
    struct workspace *w;
    const struct dataset *d;
    const struct trial_row *t;
    const struct arch *arch;
    const struct part *part;
    struct model *start[DATASET_FOLDS_MAX]; /* owned; [0] NULL: from scratch */
    struct recipe recipe;
};

static json_t *train_and_sum_up(struct training *g, struct threads *pool, const struct control *control,
                                struct error *err)
{
    double latency_us = (double)NAN;
    bool grown = g->start[0] != NULL;
    int folds = g->part->folds > 0 && g->part->folds < g->d->folds ? g->part->folds : g->d->folds;
    if (g->part->latency && !check_latency(g->part, g->start[0], g->arch, g->d, &latency_us, err))
        return NULL;
    struct relay relay = {control, g->part, g->t->id, folds};
    struct keeper keeper = keeper_of(g->w, g->d, g->t, &g->recipe, control);
    struct train_keeper keeps = keeper_start(&keeper);
    struct train_hooks hooks = {&relay, relay_epoch, relay_cancelled, &keeps, NULL, relay_enough};
    struct crossval *c =
        crossval_run_part(g->d, grown ? g->start[0]->arch : g->arch,
                          grown ? (const struct model *const *)g->start : NULL, &g->recipe, folds, pool, &hooks, err);
    json_t *result = c ? result_json(g->w, g->d, g->t, c, &g->recipe, err) : NULL;
    if (result && isfinite(latency_us))
        json_object_set_new(result, "latency_us", json_of_number(latency_us));
    crossval_free(c);
    return result;
}

json_t *trial_run(struct workspace *w, const struct dataset *d, const struct trial_row *t, struct threads *pool,
                  const struct control *control, struct error *err)
{
    struct part part = part_read(t->result);
    struct training g = {.w = w, .d = d, .t = t, .part = &part};
    struct arch *a = arches_load(w, t->arch, err);
    json_t *result = NULL;
    ASSERT(d->folds <= DATASET_FOLDS_MAX);
    g.arch = a;
    int models = t->parent ? 2 * d->folds : d->folds;
    bool ok = a && recipe_parse(&g.recipe, t->recipe, err) && room_check(a, g.recipe.batch, models, 1, err) &&
              (!t->parent || trial_grow_folds(w, t, g.start, d->folds, err));
    if (ok && t->parent && !hash_equal(arch_id(g.start[0]->arch), t->arch))
        ok = error_set(err, ERROR_FAILED, "trial %lld: the stored morphisms no longer lead to its architecture",
                       (long long)t->id);
    if (ok)
        result = train_and_sum_up(&g, pool, control, err);
    for (int k = 0; k < d->folds; k++)
        model_free(g.start[k]);
    arch_free(a);
    part_free(&part);
    return result;
}

/* The score's variance. Accuracy: binomial over all bars; else that of the resampled score. Or the folds' spread of the
 * mean where that is larger. */
static double noise_of(const json_t *result, double score, double total)
{
    const char *name = json_string_value(json_object_get(result, "score_name"));
    size_t folds = json_array_size(json_object_get(result, "folds"));
    double stability = json_member_number(result, "stability"), error = json_member_number(result, "score_error");
    bool is_share = !name || text_equal(name, task_score_name(TASK_DIRECTION));
    double own = is_share ? score * (1 - score) / total : error * error;
    double spread = folds > 1 ? stability * stability / (double)folds : 0;
    return spread > own ? spread : own;
}

/* Of a trial that was stopped: what it would have come to, with the score it is compared by and a larger noise. */
static void take_estimate(struct trial_row *t, const json_t *result)
{
    double estimate = json_member_number(json_object_get(result, "estimate"), "score");
    t->score = isfinite(estimate) ? estimate : t->score;
    t->low = t->high = (double)NAN;
    t->noise *= (json_object_get(result, "cut") ? 2 : 1) * (2 - t->fidelity);
}

bool trial_finish(struct trial_row *t, json_t *result, struct error *err)
{
    double stability = 0;
    json_int_t total = 0;
    const char *score = json_object_get(result, "score") ? "score" : "directional_accuracy";
    if (json_unpack(result, "{s:{s:F, s:F, s:F}, s:F, s:F, s:I}", score, "mean", &t->score, "low", &t->low, "high",
                    &t->high, "stability", &stability, "seconds", &t->seconds, "total", &total) != 0 ||
        total <= 0 || !isfinite(t->score))
        return error_set(err, ERROR_FAILED, "trial %lld: its worker gave no usable result", (long long)t->id);
    t->noise = noise_of(result, t->score, (double)total);
    t->trace_root = json_member_hash(result, "trace_root");
    t->weights = json_member_hash(result, "weights_hash");
    t->latency_us = json_member_number(result, "latency_us");
    t->fidelity = 1;
    if (json_is_true(json_object_get(result, "partial"))) {
        t->fidelity = json_member_number(result, "fidelity");
        t->fidelity = t->fidelity > 0 && t->fidelity < 1 ? t->fidelity : 0.5;
        take_estimate(t, result);
    }
    free(t->result);
    t->result = json_dumps(result, JSON_COMPACT | JSON_PRESERVE_ORDER);
    text_copy(t->state, sizeof t->state, "done");
    return true;
}
