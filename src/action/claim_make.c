/* A claim of one's own: what a finished trial came to, as texts and hashes. */
#include "action/claim.h"

#include "base/memory.h"
#include "base/text.h"
#include "store/arches.h"
#include "store/tasks.h"
#include "work/json.h"
#include "work/judge.h"

void claim_free(struct claim *c)
{
    claim_run_free(&c->run);
    free(c->arch);
    free(c->parent);
    free(c->morphisms);
    free(c->evidence);
    *c = (struct claim){0};
}

static struct hash hash_of_object(const char *text)
{
    return text ? hash_of(text, strlen(text)) : (struct hash){{0}};
}

void claim_content(const struct claim *c, struct hash salt, struct tx_propose *out)
{
    out->parent = hash_of_object(c->parent);
    out->morphisms = hash_of_object(c->morphisms);
    out->arch = hash_of_object(c->arch);
    out->counts = c->run.finding.counts;
    out->hidden_root = tx_hidden_root(salt, c->run.finding.trace_root, c->run.finding.weights);
    out->evidence = hash_of_object(c->evidence);
}

bool claim_publish(const char *chain, const struct claim *c, struct error *err)
{
    const char *const text[] = {c->parent, c->morphisms, c->arch, c->evidence};
    struct hash id;
    bool ok = true;
    for (size_t i = 0; i < ARRAY_N(text) && ok; i++)
        ok = !text[i] || claim_put_text(chain, text[i], &id, err);
    return ok;
}

/* --- from a trial ------------------------------------------------------------------------------------------------- */

static bool read_finding(struct tx_finding *out, const json_t *result, struct error *err)
{
    const json_t *folds = json_object_get(result, "folds");
    struct tx_counts *c = &out->counts;
    c->folds = (int)json_array_size(folds);
    if (c->folds < 1 || c->folds > TX_FOLDS_MAX)
        return error_set(err, ERROR_FAILED, "a claim has 1 to %d folds", TX_FOLDS_MAX);
    for (int k = 0; k < c->folds; k++) {
        const json_t *fold = json_array_get(folds, (size_t)k);
        c->correct[k] = (uint32_t)json_integer_value(json_object_get(fold, "correct"));
        c->total[k] = (uint32_t)json_integer_value(json_object_get(fold, "total"));
    }
    out->trace_root = json_member_hash(result, "trace_root");
    out->weights = json_member_hash(result, "weights_hash");
    return true;
}

/* Those that the scoring kept, if they have the root that the result states. */
static char *kept_leaves(struct workspace *w, const json_t *result, struct hash root)
{
    struct bytes b = {0};
    struct leaves l;
    char *text = NULL;
    if (json_object_get(result, "leaves") &&
        workspace_blob_get(w, "models", json_member_hash(result, "leaves"), &b, NULL) &&
        leaves_parse(&l, (const char *)b.data, b.n, NULL)) {
        if (hash_equal(leaves_root(&l), root)) {
            bytes_put_u8(&b, 0);
            text = memory_text((const char *)b.data);
        }
        leaves_free(&l);
    }
    bytes_free(&b);
    return text;
}

/* Of a search's trial no leaves are kept: it is trained again, and must come to the same. */
static bool find_leaves(struct workspace *w, struct claim *out, const json_t *result, struct claim_training *t,
                        const char *settings, struct error *err)
{
    struct recipe recipe;
    struct claim_run again = {0};
    out->run.leaves = kept_leaves(w, result, out->run.finding.trace_root);
    if (out->run.leaves)
        return true;
    t->recipe = &recipe;
    bool ok = recipe_parse(&recipe, settings, err) && claim_train(t, &again, err);
    if (ok && !tx_finding_equal(&again.finding, &out->run.finding))
        ok = error_set(err, ERROR_CHAIN, "trained again, the stored score does not come out: nothing is claimed");
    if (ok) {
        out->run.leaves = again.leaves;
        again.leaves = NULL;
    }
    claim_run_free(&again);
    return ok;
}

static bool put_evidence(struct workspace *w, struct claim *out, const struct state_task *task, const json_t *result,
                         const struct dataset *d, const char *recipe, struct error *err)
{
    struct evidence evidence;
    struct tx_propose *p = NEW(struct tx_propose);
    bool ok = judge_trial(w, result, d, &evidence, err);
    claim_content(out, (struct hash){{0}}, p); /* its root and its evidence are not part of the lines */
    if (ok)
        out->evidence = claim_evidence(task, p, result, evidence.sentence, recipe, out);
    free(p);
    return ok;
}

bool claim_make(struct workspace *w, struct claim *out, const struct state_task *task, const struct trial_row *trial,
                struct threads *pool, const struct control *control, struct error *err)
{
    struct task_row row;
    *out = (struct claim){0};
    if (!claim_same_numeric(&task->body, err) || !tasks_find(w, task->body.dataset, &row, err))
        return false;
    json_t *result = json_loads(trial->result, 0, NULL);
    struct dataset *d = tasks_dataset(w, &row, err);
    struct arch *a = d ? arches_load(w, trial->arch, err) : NULL;
    struct claim_training t = {d, a, NULL, pool, control, "training again for the claim's leaves"};
    bool ok = a && read_finding(&out->run.finding, result, err) &&
              find_leaves(w, out, result, &t, trial->recipe, err) &&
              claim_lineage(w, trial->arch, &out->parent, &out->morphisms, err);
    if (ok)
        out->arch = arch_canonical_text(a);
    ok = ok && put_evidence(w, out, task, result, d, trial->recipe, err);
    arch_free(a);
    dataset_free(d);
    json_decref(result);
    free(row.info);
    if (!ok)
        claim_free(out);
    return ok;
}
