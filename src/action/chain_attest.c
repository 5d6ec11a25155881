/* chain attest: a validator's own re-run, first as a commitment, then shown; chain open: the proposer shows what its
 * claim hid. Each call does the next step that is this identity's, and where it seals alone, all of them. */
#include "action/chain_internal.h"

#include "action/claim.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "net/numeric.h"
#include "work/json.h"

struct attesting {
    struct state_proposal proposal; /* its arrays are not to be read any more */
    struct state_task task;
    struct state_attest mine; /* zeros: not committed */
    struct claim_run run;
    struct chain_look look;
    bool own, committed, may_commit;
    char difference[512]; /* where the re-run and the claim part; "": nowhere */
};

/* --- what is signed ----------------------------------------------------------------------------------------------- */

static bool fill_commit(void *context, const struct chain_draft *d, struct tx *tx, struct error *err)
{
    struct attesting *a = context;
    struct chain_draft own = *d;
    if (!chain_salts(&own, err))
        return false;
    tx->type = TX_COMMIT;
    tx->commit.proposal = a->proposal.id;
    tx->commit.commitment = tx_attest_commitment(chain_salt_attest(&own, a->proposal.id, &a->run.finding), &tx->sender,
                                                 a->proposal.id, &a->run.finding);
    return true;
}

static bool committed_so(const struct attesting *a, const struct tx *tx)
{
    return hash_equal(a->mine.commitment,
                      tx_attest_commitment(tx->reveal.salt, &tx->sender, a->proposal.id, &a->run.finding));
}

static bool fill_reveal(void *context, const struct chain_draft *d, struct tx *tx, struct error *err)
{
    struct attesting *a = context;
    struct chain_draft own = *d, prepared;
    if (!chain_salts(&own, err))
        return false;
    tx->type = TX_REVEAL;
    tx->reveal = (struct tx_reveal){.proposal = a->proposal.id,
                                    .salt = chain_salt_attest(&own, a->proposal.id, &a->run.finding),
                                    .finding = a->run.finding};
    if (a->committed && !committed_so(a, tx) && chain_salts_prepared(d, &prepared))
        tx->reveal.salt = chain_salt_attest(&prepared, a->proposal.id, &a->run.finding);
    if (a->committed && !committed_so(a, tx))
        return error_set(err, ERROR_CHAIN, "this is not the finding that was committed to, or not the key: nothing can be "
                                           "revealed");
    return true;
}

static bool opens_so(const struct attesting *a, const struct tx_open *o)
{
    return hash_equal(tx_hidden_root(o->salt, o->trace_root, o->weights), a->proposal.body.hidden_root);
}

static bool fill_open(void *context, const struct chain_draft *d, struct tx *tx, struct error *err)
{
    struct attesting *a = context;
    struct chain_draft own = *d, prepared;
    const struct tx_finding *f = &a->run.finding;
    struct claim c = {.run = a->run};
    struct hash leaves = hash_of_text(a->run.leaves);
    if (!chain_salts(&own, err) ||
        !(c.arch = claim_object_text(d->chain, a->proposal.body.arch, "the claimed architecture", err)))
        return false;
    tx->type = TX_OPEN;
    tx->open = (struct tx_open){a->proposal.id, chain_salt_root(&own, a->task.id, &c), f->trace_root, f->weights, leaves};
    if (!opens_so(a, &tx->open) && chain_salts_prepared(d, &prepared))
        tx->open.salt = chain_salt_root(&prepared, a->task.id, &c);
    free(c.arch);
    if (!opens_so(a, &tx->open))
        return error_set(err, ERROR_CHAIN, "this key and this training do not give the hidden root that was claimed: "
                                           "it cannot be opened");
    return (d->draft && !d->prepares) || claim_put_text(d->chain, a->run.leaves, &leaves, err);
}

/* --- the finding -------------------------------------------------------------------------------------------------- */

static bool find(struct workspace *w, struct attesting *a, int threads, const struct control *control,
                 struct error *err)
{
    if (claim_run_kept(w, &a->task, &a->proposal, &a->run))
        return true;
    struct claim_rerun how = {a->look.chain, threads_new(threads), control};
    bool ok = claim_rerun(&how, &a->task, &a->proposal, &a->run, err) &&
              claim_run_keep(w, &a->task, &a->proposal, &a->run, err);
    threads_free(how.pool);
    return ok;
}

/* What the claim was made from, where this workspace made it: its counts may not be what a re-run finds. */
static bool find_own(struct workspace *w, struct attesting *a, int threads, const struct control *control,
                     struct error *err)
{
    struct claim c;
    if (claim_kept(w, a->proposal.announce.commitment, &c)) {
        a->run = c.run;
        c.run = (struct claim_run){0};
        claim_free(&c);
        return true;
    }
    return find(w, a, threads, control, err);
}

/* --- whose turn it is --------------------------------------------------------------------------------------------- */

static bool not_yet(const struct attesting *a, struct error *err, const char *what)
{
    char id[13];
    hash_short(a->proposal.id, id);
    return error_set(err, ERROR_CHAIN, "%s; `chain show %s` says whose turn it is", what, id);
}

static bool take(struct attesting *a, struct workspace *w, const struct action_signer *s, const char *key,
                 struct error *err)
{
    struct chain_look *l = &a->look;
    if (!chain_look_open(l, w, s, err))
        return false;
    const struct state_proposal *p = chain_find_proposal(l->state, key, err);
    if (!p)
        return false;
    a->proposal = *p;
    a->task = *state_task_find(l->state, p->announce.task);
    a->own = address_equal(p->proposer, l->address);
    for (int i = 0; i < p->attests; i++)
        if (address_equal(p->attest[i].who, l->address)) {
            a->mine = p->attest[i];
            a->committed = true;
        }
    if (proposal_closed(p->state))
        return not_yet(a, err, "the proposal is closed");
    return p->state != PROPOSAL_ANNOUNCED || not_yet(a, err, "the proposal is announced, but not claimed yet");
}

static bool may_attest(const struct attesting *a, bool *opens, struct error *err)
{
    const struct state_proposal *p = &a->proposal;
    bool alone = a->look.seals && a->own;
    *opens = alone && p->opened.height == 0;
    if (p->state == PROPOSAL_CLAIMED && !a->committed)
        return a->may_commit || not_yet(a, err, a->own && a->look.validator
                                                         ? "nobody attests to their own proposal while there are others"
                                                         : "this identity is no validator with stake");
    if (p->state == PROPOSAL_CLAIMED)
        return a->look.seals || not_yet(a, err, "this identity has committed; a block must close the commits");
    if (!a->committed)
        return not_yet(a, err, "the commits are closed, and this identity made none");
    if (a->mine.revealed > 0)
        return not_yet(a, err, "this identity has revealed already");
    return *opens || p->opened.height > 0 || not_yet(a, err, "the proposer must open its claim first");
}

/* --- chain attest ------------------------------------------------------------------------------------------------- */

/* Up to three transactions: commit, open (one's own claim, alone), reveal. Who seals, seals between them. */
static json_t *step(struct workspace *w, const struct action_signer *s, struct attesting *a, bool opens,
                    struct error *err)
{
    struct tx *tx = NEW_ARRAY(struct tx, 3);
    struct chain_filling filling[3];
    bool seals = a->look.seals, claimed = a->proposal.state == PROPOSAL_CLAIMED;
    int n = 0;
    if (claimed && !a->committed)
        filling[n++] = (struct chain_filling){.fill = fill_commit, .context = a, .seal_behind = seals};
    if (opens) {
        bool alone = n == 0;
        filling[n++] = (struct chain_filling){.fill = fill_open, .context = a, .seal_before = alone && claimed};
    }
    if (opens || !claimed)
        filling[n++] = (struct chain_filling){.fill = fill_reveal, .context = a, .seal_behind = seals};
    json_t *result = n ? chain_submit_all(w, s, tx, n, filling, err) : action_chain_seal(w, s, err);
    free(tx);
    return result;
}

static void tell(struct workspace *w, json_t *result, const struct attesting *a)
{
    bool matches = !a->difference[0];
    json_object_set_new(result, "proposal", json_of_hash(a->proposal.id));
    json_object_set_new(result, "matches", json_boolean(matches));
    json_object_set_new(result, "rerun", json_of_time(a->run.time_us));
    if (!matches)
        json_object_set_new(result, "difference", json_of_text(a->difference));
    chain_put_stage(w, result, a->proposal.id);
}

json_t *action_chain_attest(struct workspace *w, const struct action_signer *s, const char *proposal, int threads,
                            const struct control *control, struct error *err)
{
    if (!numeric_self_test(err))
        return error_prefix(err, "this machine must not attest"), NULL;
    struct attesting *a = NEW(struct attesting);
    json_t *result = NULL;
    bool opens, ok = take(a, w, s, proposal, err);
    if (ok)
        a->may_commit = state_may_commit(a->look.state, &a->proposal, a->look.address);
    ok = ok && may_attest(a, &opens, err);
    chain_look_close(&a->look);
    ok = ok && find(w, a, threads, control, err);
    if (ok && claim_difference(a->look.chain, &a->proposal, &a->run, a->difference, sizeof a->difference) && opens)
        ok = error_set(err, ERROR_CHAIN, "the re-run does not give what you claimed (%s): nothing was signed; the claim "
                                         "would be refuted, and expires if it is not opened",
                       a->difference);
    if (ok)
        result = s->train ? json_object() : step(w, s, a, opens, err);
    if (result)
        tell(w, result, a);
    claim_run_free(&a->run);
    free(a);
    return result;
}

/* --- chain open --------------------------------------------------------------------------------------------------- */

static bool may_open(const struct attesting *a, struct error *err)
{
    if (!a->own)
        return not_yet(a, err, "only its proposer opens a claim");
    if (a->proposal.opened.height > 0)
        return not_yet(a, err, "the claim is opened already");
    return a->proposal.state == PROPOSAL_REVEALING || not_yet(a, err, "the commits are not closed yet");
}

json_t *action_chain_open(struct workspace *w, const struct action_signer *s, const char *proposal, int threads,
                          const struct control *control, struct error *err)
{
    struct attesting *a = NEW(struct attesting);
    struct tx *tx = NEW(struct tx);
    struct chain_filling filling = {.fill = fill_open, .context = a};
    json_t *result = NULL;
    bool ok = take(a, w, s, proposal, err) && may_open(a, err);
    chain_look_close(&a->look);
    if (ok && find_own(w, a, threads, control, err))
        result = s->train ? json_object() : chain_submit(w, s, tx, &filling, err);
    if (result) {
        json_object_set_new(result, "proposal", json_of_hash(a->proposal.id));
        json_object_set_new(result, "trace_root", json_of_hash(a->run.finding.trace_root));
        chain_put_stage(w, result, a->proposal.id);
    }
    claim_run_free(&a->run);
    free(tx);
    free(a);
    return result;
}
