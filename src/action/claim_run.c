/* Training a claim again, from scratch and from objects alone, and where two runs part. */
#include "action/claim.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "net/numeric.h"
#include "train/crossval.h"
#include "train/room.h"
#include "work/json.h"
#include "work/trial.h"

void claim_run_free(struct claim_run *r)
{
    free(r->leaves);
    *r = (struct claim_run){0};
}

/* --- training ----------------------------------------------------------------------------------------------------- */

struct relay {
    const struct claim_training *training;
    double began;
};

static void relay_epoch(void *context, const struct train_event *e)
{
    const struct relay *r = context;
    const struct claim_training *t = r->training;
    int folds = t->data->folds;
    double share = (e->fold + (double)e->epoch / e->epochs) / folds, spent = clock_seconds() - r->began;
    char text[128];
    json_t *event = trial_epoch_json("rerun", 0, e);
    snprintf(text, sizeof text, "%s: fold %d of %d, epoch %d of at most %d", t->doing, e->fold + 1, folds, e->epoch,
             e->epochs);
    json_object_set_new(event, "folds", json_integer(folds));
    json_object_set_new(event, "progress", json_of_number(share));
    if (share > 0)
        json_object_set_new(event, "eta_seconds", json_of_number(spent * (1 - share) / share));
    json_object_set_new(event, "text", json_of_text(text));
    control_event(t->control, event);
}

static bool relay_cancelled(void *context)
{
    return control_cancelled(((const struct relay *)context)->training->control);
}

static void take(struct claim_run *out, const struct crossval *c)
{
    struct tx_counts *counts = &out->finding.counts;
    *out = (struct claim_run){.leaves = leaves_format(c), .time_us = clock_wall_us()};
    counts->folds = c->folds;
    for (int k = 0; k < c->folds; k++) {
        counts->correct[k] = (uint32_t)c->fold[k].metric.correct;
        counts->total[k] = (uint32_t)c->fold[k].metric.n;
    }
    out->finding.trace_root = c->trace_root;
    out->finding.weights = c->weights;
}

bool claim_train(const struct claim_training *t, struct claim_run *out, struct error *err)
{
    struct relay relay = {t, clock_seconds()};
    struct train_hooks hooks = {.context = &relay, .event = relay_epoch, .cancelled = relay_cancelled};
    if (t->data->folds < 1 || t->data->folds > TX_FOLDS_MAX)
        return error_set(err, ERROR_CHAIN, "a claim has 1 to %d folds", TX_FOLDS_MAX);
    if (!room_check(t->arch, t->recipe->batch, t->data->folds, 1, err))
        return false;
    struct crossval *c = crossval_run(t->data, t->arch, NULL, t->recipe, -1, t->pool, &hooks, err);
    if (c)
        take(out, c);
    crossval_free(c);
    return c != NULL;
}

bool claim_rerun(const struct claim_rerun *how, const struct state_task *task, const struct state_proposal *p,
                 struct claim_run *out, struct error *err)
{
    struct recipe recipe;
    if (!claim_same_numeric(&task->body, err))
        return false;
    if (!numeric_self_test(err))
        return error_prefix(err, "this machine must not attest");
    struct dataset *d =
        claim_recipe(how->chain, &task->body, &recipe, err) ? claim_dataset(how->chain, &task->body, err) : NULL;
    struct arch *a = d ? claim_object_arch(how->chain, p->body.arch, "the claimed architecture", err) : NULL;
    struct claim_training t = {d, a, &recipe, how->pool, how->control, "re-training the claim"};
    bool ok = a && claim_train(&t, out, err);
    arch_free(a);
    dataset_free(d);
    return ok;
}

bool claim_rerun_finding(void *context, const struct state_task *task, const struct state_proposal *p,
                         struct tx_finding *found, struct error *err)
{
    struct claim_run run = {0};
    bool ok = claim_rerun(context, task, p, &run, err);
    *found = run.finding;
    claim_run_free(&run);
    return ok;
}

/* --- comparing ---------------------------------------------------------------------------------------------------- */

bool claim_leaves(const char *chain, const struct tx_open *open, struct leaves *out, struct error *err)
{
    char *text = claim_object_text(chain, open->leaves, "the opened leaves", err);
    bool ok = text && leaves_parse(out, text, strlen(text), err);
    free(text);
    if (ok && !hash_equal(leaves_root(out), open->trace_root)) {
        leaves_free(out);
        ok = error_set(err, ERROR_CHAIN, "the opened leaves do not have the trace root that was opened");
    }
    return ok;
}

static bool counts_differ(const struct tx_counts *claimed, const struct tx_counts *found, char *out, size_t size)
{
    if (claimed->folds != found->folds) {
        snprintf(out, size, "it claims %d folds, the re-run has %d", claimed->folds, found->folds);
        return true;
    }
    for (int k = 0; k < found->folds; k++)
        if (claimed->correct[k] != found->correct[k] || claimed->total[k] != found->total[k]) {
            snprintf(out, size, "fold %d: %u of %u are claimed to be right, the re-run has %u of %u", k + 1,
                     claimed->correct[k], claimed->total[k], found->correct[k], found->total[k]);
            return true;
        }
    return false;
}

static void say_gap(const struct leaves *claimed, const struct leaves_gap *gap, char *out, size_t size)
{
    uint64_t n = gap->fold < claimed->folds ? claimed->fold[gap->fold].n : 0;
    if (gap->leaf >= n || gap->in_shape)
        snprintf(out, size, "fold %d: its trace has another shape than the re-run's, from leaf %llu on", gap->fold + 1,
                 (unsigned long long)gap->leaf + 1);
    else if (gap->step < 0)
        snprintf(out, size, "fold %d, leaf %llu of %llu: the state that the training hands back is another",
                 gap->fold + 1, (unsigned long long)gap->leaf + 1, (unsigned long long)n);
    else
        snprintf(out, size, "fold %d, leaf %llu of %llu: the state behind step %lld is another", gap->fold + 1,
                 (unsigned long long)gap->leaf + 1, (unsigned long long)n, (long long)gap->step);
}

/* Of lists whose roots differ, or cannot be read. */
static void find_leaf(const char *chain, const struct tx_open *open, const struct claim_run *run, char *out,
                      size_t size)
{
    struct leaves claimed, found;
    struct leaves_gap gap;
    struct error why = {0};
    if (!leaves_parse(&found, run->leaves, strlen(run->leaves), &why)) {
        snprintf(out, size, "the roots differ; %.200s", why.text);
        return;
    }
    if (!claim_leaves(chain, open, &claimed, &why)) {
        snprintf(out, size, "the roots differ, and where cannot be told: %.200s", why.text);
    } else {
        if (leaves_differ(&claimed, &found, &gap))
            say_gap(&claimed, &gap, out, size);
        else
            snprintf(out, size, "the leaves agree, but not the final weights");
        leaves_free(&claimed);
    }
    leaves_free(&found);
}

bool claim_difference(const char *chain, const struct state_proposal *p, const struct claim_run *run, char *out,
                      size_t size)
{
    bool opened = p->opened.height > 0;
    struct tx_finding claim = state_claim(p);
    char leaf[384] = "";
    if (opened && tx_finding_equal(&claim, &run->finding))
        return false;
    bool counts = counts_differ(&p->body.counts, &run->finding.counts, out, size);
    if (!opened)
        return counts;
    if (!hash_equal(claim.trace_root, run->finding.trace_root) || !hash_equal(claim.weights, run->finding.weights))
        find_leaf(chain, &p->open, run, leaf, sizeof leaf);
    if (!counts)
        text_copy(out, size, leaf);
    else if (leaf[0]) {
        text_append(out, size, "; ");
        text_append(out, size, leaf);
    }
    return true;
}
