/* chain approve, chain reject: a reviewer's decision about an opened claim, bound to what was shown. A re-run's finding is
 * kept between the draft and the signature. */
#include "action/chain_internal.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "net/numeric.h"
#include "work/json.h"

#include <string.h>

struct deciding {
    struct chain_look look;
    struct state_proposal proposal; /* its arrays are not to be read any more */
    struct state_task task;
    struct claim_run run;
    const char *reason;
    bool approve, rerun;
    char difference[512];
};

static struct hash shown_of(const struct state_proposal *p)
{
    return tx_shown(p->body.evidence, p->open.trace_root, p->open.weights, p->open.leaves);
}

static bool fill_decide(void *context, const struct chain_draft *draft, struct tx *tx, struct error *err)
{
    struct deciding *d = context;
    (void)draft;
    tx->type = d->approve ? TX_APPROVE : TX_REJECT;
    tx->decide.proposal = d->proposal.id;
    tx->decide.shown = shown_of(&d->proposal);
    if (d->rerun)
        tx->decide.rerun_root = d->run.finding.trace_root;
    return text_copy(tx->decide.reason, sizeof tx->decide.reason, d->reason) ||
           error_set(err, ERROR_USAGE, "a reason has at most %d bytes", TX_REASON_MAX - 1);
}

/* What cannot be decided is said before anything is trained. */
static bool may_decide(const struct deciding *d, const struct state_proposal *p, struct error *err)
{
    char id[13];
    bool listed = false, own = address_equal(p->proposer, d->look.address);
    hash_short(p->id, id);
    for (int i = 0; i < d->task.body.reviewers; i++)
        listed = listed || address_equal(d->task.body.reviewer[i], d->look.address);
    if (proposal_closed(p->state))
        return error_set(err, ERROR_CHAIN, "the proposal is %s: nothing is decided about it any more",
                         proposal_state_name(p->state));
    if (p->opened.height == 0)
        return error_set(err, ERROR_CHAIN, "a decision waits until the claim is opened; `chain show %s` says whose turn it is",
                         id);
    if (!listed)
        return error_set(err, ERROR_CHAIN, "this identity is no reviewer of the task");
    if (own && !state_alone(d->look.state))
        return error_set(err, ERROR_CHAIN, "nobody decides about their own proposal while there are others");
    for (int i = 0; i < p->decisions; i++)
        if (address_equal(p->decision[i].who, d->look.address))
            return error_set(err, ERROR_CHAIN, "this identity has decided already");
    return true;
}

static bool take(struct deciding *d, struct workspace *w, const struct action_signer *s, const char *key,
                 struct error *err)
{
    struct chain_look *l = &d->look;
    const struct state_proposal *p =
        chain_look_open(l, w, s, err) ? chain_find_proposal(l->state, key, err) : NULL;
    if (!p)
        return false;
    d->proposal = *p;
    d->task = *state_task_find(l->state, p->announce.task);
    return may_decide(d, p, err);
}

/* Whoever approves must be able to say what they saw. */
static bool check_evidence(const struct deciding *d, struct error *err)
{
    struct leaves l;
    const struct tx_propose *p = &d->proposal.body;
    if (!claim_evidence_check(d->look.chain, &d->task, p, NULL, err) ||
        !claim_leaves(d->look.chain, &d->proposal.open, &l, err))
        return false;
    leaves_free(&l);
    return claim_lineage_check(d->look.chain, p, err);
}

static bool rerun(struct workspace *w, struct deciding *d, int threads, const struct control *control,
                  struct error *err)
{
    bool ok = claim_run_kept(w, &d->task, &d->proposal, &d->run);
    if (!ok) {
        struct claim_rerun how = {d->look.chain, threads_new(threads), control};
        ok = claim_rerun(&how, &d->task, &d->proposal, &d->run, err) &&
             claim_run_keep(w, &d->task, &d->proposal, &d->run, err);
        threads_free(how.pool);
    }
    if (ok && claim_difference(d->look.chain, &d->proposal, &d->run, d->difference, sizeof d->difference) && d->approve)
        ok = error_set(err, ERROR_CHAIN, "the re-run does not give the claimed bits: %s. Approval refused; reject it instead",
                       d->difference);
    return ok;
}

static void tell(struct workspace *w, json_t *result, const struct deciding *d)
{
    json_object_set_new(result, "proposal", json_of_hash(d->proposal.id));
    json_object_set_new(result, "matches", d->rerun ? json_boolean(!d->difference[0]) : json_null());
    if (d->rerun)
        json_object_set_new(result, "rerun", json_of_time(d->run.time_us));
    if (d->difference[0])
        json_object_set_new(result, "difference", json_of_text(d->difference));
    chain_put_stage(w, result, d->proposal.id);
}

json_t *action_chain_decide(struct workspace *w, const struct action_signer *s, const char *proposal, bool approve,
                            const char *reason, bool rerun_too, int threads, const struct control *control,
                            struct error *err)
{
    if (!approve && (!reason || reason[strspn(reason, " \t\n")] == '\0'))
        return error_set(err, ERROR_USAGE, "a rejection needs a reason, which is signed and public: --reason TEXT"), NULL;
    if (rerun_too && !numeric_self_test(err))
        return error_prefix(err, "this machine must not attest"), NULL;
    struct deciding *d = NEW(struct deciding);
    struct tx *tx = NEW(struct tx);
    struct chain_filling filling = {.fill = fill_decide, .context = d};
    json_t *result = NULL;
    d->reason = reason ? reason : "";
    d->approve = approve;
    d->rerun = rerun_too;
    bool ok = take(d, w, s, proposal, err);
    chain_look_close(&d->look);
    ok = ok && (!approve || check_evidence(d, err)) && (!rerun_too || rerun(w, d, threads, control, err));
    if (ok)
        result = chain_submit(w, s, tx, &filling, err);
    if (result)
        tell(w, result, d);
    claim_run_free(&d->run);
    free(tx);
    free(d);
    return result;
}
