/* The compute market: paying for a trial, taking one, its result. */
#include "action/market_internal.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "net/numeric.h"
#include "store/arches.h"
#include "work/json.h"

/* --- job ---------------------------------------------------------------------------------------------------------- */

struct offer {
    const struct action_job_options *options;
    char *arch; /* canonical text */
};

static bool fill_job(void *context, const struct chain_draft *d, struct tx *tx, struct error *err)
{
    const struct offer *o = context;
    struct state_task task;
    tx->type = TX_JOB;
    if (!chain_find_task(d->workspace, ledger_pool_state(d->ledger), o->options->task, &task, err))
        return false;
    tx->job = (struct tx_job){.task = task.id,
                              .arch = hash_of_text(o->arch),
                              .pay = o->options->pay,
                              .deposit = o->options->deposit,
                              .blocks = o->options->blocks,
                              .seconds = o->options->seconds};
    return (d->draft && !d->prepares) || claim_put_text(d->chain, o->arch, &tx->job.arch, err);
}

static char *canonical_text(struct workspace *w, const char *key, struct error *err)
{
    struct arch_row row;
    char *text = NULL;
    if (!arches_find(w, key, &row, err))
        return NULL;
    struct arch *a = arches_load(w, row.id, err);
    if (a)
        text = arch_canonical_text(a);
    arch_free(a);
    free(row.text);
    return text;
}

json_t *action_chain_job(struct workspace *w, const struct action_signer *s, const struct action_job_options *options,
                         struct error *err)
{
    struct offer o = {.options = options, .arch = canonical_text(w, options->arch, err)};
    struct chain_filling filling = {.fill = fill_job, .context = &o};
    struct tx *tx = NEW(struct tx);
    json_t *result = o.arch ? chain_submit(w, s, tx, &filling, err) : NULL;
    if (result && !s->draft) {
        json_object_set(result, "job", json_object_get(result, "tx"));
        json_object_set_new(result, "arch", json_of_hash(tx->job.arch));
    }
    free(o.arch);
    free(tx);
    return result;
}

/* --- take --------------------------------------------------------------------------------------------------------- */

struct taking {
    const char *key;
    struct hash job;
};

/* Who takes what they cannot train loses the deposit: the objects must be here, and be what they should. */
static bool trainable(const char *chain, const struct state *s, const struct state_job *j, struct error *err)
{
    const struct state_task *task = state_task_find(s, j->body.task);
    struct recipe recipe;
    struct arch *a = NULL;
    struct dataset *d = NULL;
    bool ok = claim_same_numeric(&task->body, err) && claim_recipe(chain, &task->body, &recipe, err) &&
              (a = claim_object_arch(chain, j->body.arch, "the job's architecture", err)) != NULL &&
              (d = claim_dataset(chain, &task->body, err)) != NULL;
    arch_free(a);
    dataset_free(d);
    return ok || error_prefix(err, "nothing is taken that cannot be trained here");
}

static bool fill_take(void *context, const struct chain_draft *d, struct tx *tx, struct error *err)
{
    struct taking *t = context;
    const struct state *s = ledger_pool_state(d->ledger);
    const struct state_job *j = market_find_job(s, t->key, err);
    tx->type = TX_TAKE;
    if (!j || !trainable(d->chain, s, j, err))
        return false;
    t->job = tx->take.job = j->id;
    return true;
}

json_t *action_chain_take(struct workspace *w, const struct action_signer *s, const char *job, struct error *err)
{
    struct taking t = {.key = job};
    struct chain_filling filling = {.fill = fill_take, .context = &t};
    struct tx *tx = NEW(struct tx);
    json_t *result = chain_submit(w, s, tx, &filling, err);
    if (result && !s->draft) {
        json_object_set_new(result, "job", json_of_hash(t.job));
        json_object_set(result, "proposal", json_object_get(result, "tx"));
        json_object_set_new(result, "next", json_string("`chain result` with the job trains it and claims what came out"));
    }
    free(tx);
    return result;
}

/* --- result ------------------------------------------------------------------------------------------------------- */

struct working {
    struct state_proposal proposal; /* with the job's architecture; its arrays are not to be read */
    struct state_task task;
    struct state_job job;
    struct claim claim;
};

static bool look(struct working *k, struct workspace *w, const struct action_signer *s, const char *key,
                 char chain[FILE_PATH_MAX], struct error *err)
{
    struct chain_look l;
    const struct state_job *j = chain_look_open(&l, w, s, err) ? market_find_job(l.state, key, err) : NULL;
    bool ok = j != NULL;
    if (ok && j->state != JOB_TAKEN)
        ok = error_set(err, ERROR_CHAIN, "the job is %s: a result follows a `chain take`", job_state_name(j->state));
    if (ok) {
        const struct state_proposal *p = state_proposal_find(l.state, j->proposal);
        k->job = *j;
        k->proposal = *p;
        k->proposal.body.arch = j->body.arch;
        k->task = *state_task_find(l.state, j->body.task);
        if (!address_equal(p->proposer, l.address))
            ok = error_set(err, ERROR_CHAIN, "somebody else has taken this job");
        else if (p->state != PROPOSAL_ANNOUNCED)
            ok = error_set(err, ERROR_CHAIN, "its result is there: the proposal is %s", proposal_state_name(p->state));
    }
    text_copy(chain, FILE_PATH_MAX, l.chain);
    chain_look_close(&l);
    return ok;
}

/* What was trained for the draft is kept for the signature, as a validator's re-run is. */
static bool train(struct working *k, struct workspace *w, const char *chain, int threads, const struct control *control,
                  struct error *err)
{
    if (claim_run_kept(w, &k->task, &k->proposal, &k->claim.run))
        return true;
    struct claim_rerun how = {chain, threads_new(threads > 0 ? threads : 1), control};
    bool ok = claim_rerun(&how, &k->task, &k->proposal, &k->claim.run, err) &&
              claim_run_keep(w, &k->task, &k->proposal, &k->claim.run, err);
    threads_free(how.pool);
    return ok;
}

/* The lines that a reviewer's reading begins with, and what was trained with what. */
static bool put_evidence(struct working *k, const char *chain, struct error *err)
{
    struct tx_propose *content = NEW(struct tx_propose);
    struct text t = {0};
    char *recipe = claim_object_text(chain, k->task.body.recipe, "the task's recipe", err);
    k->claim.arch = recipe ? claim_object_text(chain, k->job.body.arch, "the job's architecture", err) : NULL;
    if (k->claim.arch) {
        claim_content(&k->claim, (struct hash){{0}}, content);
        char *lines = claim_lines(&k->task, content);
        text_printf(&t, "%s\nThe result of a job, trained from the chain's objects alone.\n\n%s\n%s", lines, recipe,
                    k->claim.arch);
        free(lines);
        k->claim.evidence = t.data;
    }
    free(recipe);
    free(content);
    return k->claim.evidence != NULL;
}

static bool fill_result(void *context, const struct chain_draft *d, struct tx *tx, struct error *err)
{
    struct working *k = context;
    struct chain_draft own = *d;
    struct tx_propose *content = NEW(struct tx_propose);
    bool ok = chain_salts(&own, err);
    tx->type = TX_RESULT;
    if (ok) {
        claim_content(&k->claim, chain_salt_root(&own, k->task.id, &k->claim), content);
        tx->result = (struct tx_result){.proposal = k->job.proposal,
                                        .counts = content->counts,
                                        .hidden_root = content->hidden_root,
                                        .evidence = content->evidence};
        ok = (d->draft && !d->prepares) || claim_publish(d->chain, &k->claim, err);
    }
    free(content);
    return ok;
}

json_t *action_chain_result(struct workspace *w, const struct action_signer *s, const char *job, int threads,
                            const struct control *control, struct error *err)
{
    if (!numeric_self_test(err))
        return error_prefix(err, "this machine must not claim results"), NULL;
    struct working *k = NEW(struct working);
    struct tx *tx = NEW(struct tx);
    struct chain_filling filling = {.fill = fill_result, .context = k};
    char chain[FILE_PATH_MAX];
    json_t *result = NULL;
    if (look(k, w, s, job, chain, err) && train(k, w, chain, threads, control, err) && put_evidence(k, chain, err))
        result = s->train ? json_object() : chain_submit(w, s, tx, &filling, err);
    if (result && !s->train && !s->draft) {
        json_object_set_new(result, "job", json_of_hash(k->job.id));
        json_object_set_new(result, "proposal", json_of_hash(k->job.proposal));
        json_object_set_new(result, "next", json_string("validators check it with `chain attest`, and you open it with `chain "
                                                        "open`, as every claim"));
    }
    claim_free(&k->claim);
    free(k);
    free(tx);
    return result;
}

/* --- looking ------------------------------------------------------------------------------------------------------ */

static void put_taken(const struct state *s, const struct state_job *j, char *out, size_t size)
{
    const struct state_proposal *p = state_proposal_find(s, j->proposal);
    char who[KEY_ADDRESS_MAX], span[40] = "", stage[400];
    address_text(p->proposer, who);
    if (j->body.seconds)
        clock_span(j->body.seconds, span, sizeof span);
    if (p->state == PROPOSAL_ANNOUNCED) {
        snprintf(out, size, "taken: %s has %u block%s%s%s from then on for `chain result`, or loses the deposit", who,
                 j->body.blocks, j->body.blocks == 1 ? "" : "s", *span ? " and " : "", span);
        return;
    }
    chain_stage(s, p, stage, sizeof stage);
    snprintf(out, size, "delivered; %s", stage);
}

void market_job_stage(const struct state *s, const struct state_job *j, char *out, size_t size)
{
    unsigned long long pay = j->body.pay, deposit = j->body.deposit;
    switch (j->state) {
    case JOB_OPEN:
        snprintf(out, size, "open: who takes it (`chain take`) puts %llu at stake and is paid %llu for a result that the "
                            "validators verify", deposit, pay);
        break;
    case JOB_TAKEN:
        put_taken(s, j, out, size);
        break;
    case JOB_PAID:
        snprintf(out, size, "verified, and %llu paid", pay);
        break;
    case JOB_RETURNED:
        snprintf(out, size, "no verified result: %llu went back to the owner", pay);
        break;
    case JOB_WITHDRAWN:
        snprintf(out, size, "withdrawn by its owner");
        break;
    }
}

static json_t *job_json(const struct state *s, const struct state_job *j, const char *chain)
{
    const struct state_proposal *p = hash_is_zero(j->proposal) ? NULL : state_proposal_find(s, j->proposal);
    char stage[512];
    size_t bytes;
    market_job_stage(s, j, stage, sizeof stage);
    return json_pack("{s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:s, s:o, s:I, s:o, s:o, s:o, s:b, s:o}", "job",
                     json_of_hash(j->id), "task", json_of_hash(j->body.task), "arch", json_of_hash(j->body.arch), "pay",
                     (json_int_t)j->body.pay, "deposit", (json_int_t)j->body.deposit, "blocks",
                     (json_int_t)j->body.blocks, "seconds", (json_int_t)j->body.seconds, "state",
                     job_state_name(j->state), "owner", market_json_address(j->owner), "height", (json_int_t)j->height,
                     "proposal", hash_is_zero(j->proposal) ? json_null() : json_of_hash(j->proposal), "taker",
                     p ? market_json_address(p->proposer) : json_null(), "taken",
                     p ? market_json_moment(p->announced) : json_null(), "here",
                     market_object_here(chain, j->body.arch, &bytes), "stage", json_of_text(stage));
}

json_t *action_chain_jobs(struct workspace *w, struct error *err)
{
    char chain[FILE_PATH_MAX];
    struct ledger *l = chain_open_to_read(w, err);
    if (!l)
        return NULL;
    const struct state *s = ledger_pool_state(l);
    const struct state_job *item;
    int n = state_jobs(s, &item);
    json_t *list = json_array();
    chain_folder(w, chain, sizeof chain);
    for (int i = 0; i < n; i++)
        json_array_append_new(list, job_json(s, &item[i], chain));
    ledger_close(l);
    return json_pack("{s:o}", "jobs", list);
}
