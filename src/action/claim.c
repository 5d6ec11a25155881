#include "action/claim.h"

#include "base/memory.h"
#include "base/text.h"
#include "net/numeric.h"
#include "store/arches.h"
#include "store/series.h"
#include "store/tasks.h"
#include "train/crossval.h"
#include "work/json.h"
#include "work/judge.h"
#include "work/trial.h"

static bool put_text(const char *chain, const char *text, struct hash *id, struct error *err)
{
    return ledger_object_put(chain, text, strlen(text), id, err);
}

bool claim_publish_task(struct workspace *w, const char *chain, struct tx_task *out, const struct recipe *recipe,
                        struct error *err)
{
    struct task_row task;
    if (!tasks_active(w, &task, err))
        return false;
    free(task.info);
    if (!recipe_exact(recipe, "the recipe", err))
        return false;
    out->dataset = task.hash;
    out->folds = task.task.folds;
    text_copy(out->numeric, sizeof out->numeric, NUMERIC_VERSION);
    char *text = task_format(&task.task), *settings = recipe_format(recipe);
    bool ok = put_text(chain, text, &out->text, err) && put_text(chain, settings, &out->recipe, err);
    for (int i = 0; i < task.task.series_n && ok; i++) {
        struct bytes frame = {0};
        struct hash id;
        ok = workspace_blob_get(w, "frames", task.task.series[i].frame, &frame, err) &&
             ledger_object_put(chain, frame.data, frame.n, &id, err);
        bytes_free(&frame);
    }
    free(text);
    free(settings);
    return ok;
}

/* How every evidence begins: the claim itself, so that what a reviewer reads cannot say another thing. */
static void put_claim(struct text *t, const struct tx_propose *p, const char *numeric)
{
    uint64_t correct = 0, total = 0;
    text_printf(t, "morphsmith-evidence 1\nnumeric %s\n", numeric);
    for (int k = 0; k < p->counts.folds; k++) {
        text_printf(t, "fold %d correct %u of %u\n", k + 1, p->counts.correct[k], p->counts.total[k]);
        correct += p->counts.correct[k];
        total += p->counts.total[k];
    }
    text_printf(t, "directional_accuracy %.6f\n", total ? (double)correct / (double)total : 0.0);
}

/* What a reviewer is shown, as text; its hash is what an approval is bound to. */
static char *evidence_text(const struct tx_propose *p, const json_t *result, const char *arch, const char *recipe,
                           const char *sentence)
{
    struct text t = {0};
    const json_t *score = json_object_get(result, "directional_accuracy");
    put_claim(&t, p, NUMERIC_VERSION);
    text_printf(&t, "interval95 %.6f %.6f\n", json_number_value(json_object_get(score, "low")),
                json_number_value(json_object_get(score, "high")));
    score = json_object_get(result, "score");
    text_printf(&t, "score %.6f %.6f %.6f %s\n", json_number_value(json_object_get(score, "mean")),
                json_number_value(json_object_get(score, "low")), json_number_value(json_object_get(score, "high")),
                json_string_value(json_object_get(result, "score_name")));
    text_printf(&t, "\n%s\n\n%s\n%s", sentence, recipe, arch);
    return t.data;
}

static bool fill_finding(struct tx_finding *found, const json_t *result, struct error *err)
{
    struct tx_counts *c = &found->counts;
    const json_t *folds = json_object_get(result, "folds");
    c->folds = (int)json_array_size(folds);
    if (c->folds < 1 || c->folds > TX_FOLDS_MAX)
        return error_set(err, ERROR_FAILED, "a claim has 1 to %d folds", TX_FOLDS_MAX);
    for (int k = 0; k < c->folds; k++) {
        const json_t *fold = json_array_get(folds, (size_t)k);
        c->correct[k] = (uint32_t)json_integer_value(json_object_get(fold, "correct"));
        c->total[k] = (uint32_t)json_integer_value(json_object_get(fold, "total"));
    }
    found->trace_root = json_member_hash(result, "trace_root");
    found->weights = json_member_hash(result, "weights_hash");
    return true;
}

static bool sentence_of(struct workspace *w, const json_t *result, struct evidence *out, struct error *err)
{
    struct task_row task;
    if (!tasks_active(w, &task, err))
        return false;
    struct dataset *d = tasks_dataset(w, &task, err);
    bool ok = d && judge_trial(w, result, d, out, err);
    dataset_free(d);
    free(task.info);
    return ok;
}

static bool same_numeric(const struct state_task *task, struct error *err)
{
    return text_equal(task->body.numeric, NUMERIC_VERSION) ||
           error_set(err, ERROR_CHAIN,
                     "the task was made with numeric version %s, this program has %s: it cannot re-run it",
                     task->body.numeric, NUMERIC_VERSION);
}

bool claim_fill(struct workspace *w, const char *chain, struct tx_propose *out, struct tx_finding *found,
                const struct trial_row *trial, const struct state_task *task, struct error *err)
{
    struct evidence evidence;
    if (!same_numeric(task, err))
        return false;
    json_t *result = json_loads(trial->result, 0, NULL);
    struct arch *a = arches_load(w, trial->arch, err);
    bool ok = a && fill_finding(found, result, err) && sentence_of(w, result, &evidence, err);
    if (ok) {
        char *arch = arch_canonical_text(a);
        out->counts = found->counts;
        char *text = evidence_text(out, result, arch, trial->recipe, evidence.sentence);
        ok = put_text(chain, arch, &out->arch, err) && put_text(chain, text, &out->evidence, err);
        free(arch);
        free(text);
    }
    arch_free(a);
    json_decref(result);
    return ok;
}

/* --- re-run from objects ------------------------------------------------------------------------------------------ */

static char *object_text(const char *chain, struct hash id, struct error *err)
{
    struct bytes b = {0};
    char *text = NULL;
    if (ledger_object_get(chain, id, &b, err)) {
        bytes_put_u8(&b, 0);
        if (strlen((const char *)b.data) + 1 == b.n)
            text = memory_text((const char *)b.data);
        else /* what stands behind a NUL would be hashed, but not read */
            error_set(err, ERROR_CHAIN, "an object that should be a text holds a zero byte");
    }
    bytes_free(&b);
    return text;
}

bool claim_evidence_check(const char *chain, const struct state_task *task, const struct tx_propose *p,
                          struct error *err)
{
    struct text claim = {0};
    char *text = object_text(chain, p->evidence, err);
    if (!text)
        return error_prefix(err, "the evidence of this proposal");
    put_claim(&claim, p, task->body.numeric);
    bool same = text_starts(text, text_of(&claim));
    text_free(&claim);
    free(text);
    return same || error_set(err, ERROR_CHAIN, "the evidence does not state what the proposal claims: reject it");
}

static struct dataset *object_dataset(const char *chain, const struct tx_task *body, struct error *err)
{
    struct task task;
    struct frame *frame[TASK_SERIES_MAX] = {0};
    struct dataset *d = NULL;
    char *text = object_text(chain, body->text, err);
    bool ok = text && task_parse(&task, text, err);
    free(text);
    for (int i = 0; ok && i < task.series_n; i++) {
        struct bytes b = {0};
        if (ledger_object_get(chain, task.series[i].frame, &b, err))
            frame[i] = frame_decode(b.data, b.n, err);
        bytes_free(&b);
        ok = frame[i] != NULL;
    }
    if (ok)
        d = dataset_build(&task, (const struct frame *const *)frame, DATASET_SEARCH, err);
    if (d && !hash_equal(d->hash, body->dataset)) {
        error_set(err, ERROR_CHAIN, "the task's data set does not have the hash that the task transaction states");
        dataset_free(d);
        d = NULL;
    }
    for (int i = 0; i < TASK_SERIES_MAX; i++)
        frame_free(frame[i]);
    return d;
}

static void fold_event(void *context, const struct train_event *e)
{
    const struct claim_rerun *r = context;
    json_t *event = trial_epoch_json("rerun", 0, e);
    char text[96];
    snprintf(text, sizeof text, "re-training fold %d, epoch %d", e->fold + 1, e->epoch);
    json_object_set_new(event, "text", json_of_text(text));
    control_event(r->control, event);
}

static bool cancelled(void *context)
{
    return control_cancelled(((const struct claim_rerun *)context)->control);
}

bool claim_rerun(void *context, const struct state_task *task, const struct state_proposal *proposal,
                 struct tx_finding *found, struct error *err)
{
    struct claim_rerun *r = context;
    if (!text_equal(task->body.numeric, NUMERIC_VERSION))
        return error_set(err, ERROR_CHAIN,
                         "the task was made with numeric version %s, this program has %s: it cannot re-run it",
                         task->body.numeric, NUMERIC_VERSION);
    if (!numeric_self_test(err))
        return error_prefix(err, "this machine must not attest");
    struct recipe recipe;
    struct crossval *c = NULL;
    char *settings = object_text(r->chain, task->body.recipe, err), *text = NULL;
    struct dataset *d =
        settings && recipe_parse(&recipe, settings, err) && recipe_exact(&recipe, "the task's recipe", err)
            ? object_dataset(r->chain, &task->body, err)
            : NULL;
    struct arch *a = NULL;
    if (d && (text = object_text(r->chain, proposal->body.arch, err)))
        a = arch_parse(text, strlen(text), "claimed architecture", err);
    if (a) {
        struct train_hooks hooks = {.context = r, .event = fold_event, .cancelled = cancelled};
        c = crossval_run(d, a, NULL, &recipe, -1, r->pool, &hooks, err);
    }
    if (c) {
        found->counts.folds = c->folds;
        for (int k = 0; k < c->folds && k < TX_FOLDS_MAX; k++) {
            found->counts.correct[k] = (uint32_t)c->fold[k].metric.correct;
            found->counts.total[k] = (uint32_t)c->fold[k].metric.n;
        }
        found->trace_root = c->trace_root;
        found->weights = c->weights;
    }
    bool ok = c != NULL;
    crossval_free(c);
    arch_free(a);
    dataset_free(d);
    free(text);
    free(settings);
    return ok;
}
