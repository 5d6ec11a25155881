/* chain challenge, respond, verdict: a dispute about one place of an opened claim. What is trained for a step is kept, so
 * that the draft and the signature rest on the same. */
#include "action/chain_internal.h"

#include "base/memory.h"
#include "base/text.h"
#include "work/json.h"

/* --- shared --------------------------------------------------------------------------------------------------------- */

bool chain_own_run(struct workspace *w, const char *chain, const struct state_task *task, const struct state_proposal *p,
                   struct threads *pool, const struct control *control, struct claim_run *out, struct error *err)
{
    struct claim_rerun how = {chain, pool, control};
    return claim_run_kept(w, task, p, out) ||
           (claim_rerun(&how, task, p, out, err) && claim_run_keep(w, task, p, out, err));
}

const struct state_challenge *chain_find_challenge(const struct state *s, const char *key, struct error *err)
{
    const struct state_challenge *all, *found = NULL;
    int n = state_challenges(s, &all);
    size_t digits = strlen(key);
    for (int i = 0; i < n && digits >= 4 && digits < HASH_HEX; i++) {
        char hex[HASH_HEX];
        hash_hex(all[i].id, hex);
        if (strncmp(hex, key, digits) != 0)
            continue;
        if (found)
            return error_set(err, ERROR_CHAIN, "several challenges begin with %s: give more digits", key), NULL;
        found = &all[i];
    }
    if (!found)
        error_set(err, ERROR_CHAIN, "there is no challenge %s; `chain disputes` lists them", key);
    return found;
}

bool chain_rule(struct workspace *w, const char *chain, const struct state *s, const struct state_challenge *c,
                struct threads *pool, const struct control *control, struct claim_ruling *out, struct error *err)
{
    const struct state_proposal *p = state_proposal_find(s, c->body.proposal);
    const struct state_task *task = p ? state_task_find(s, p->announce.task) : NULL;
    struct claim_rerun how = {chain, pool, control};
    struct claim_run own, made = {.leaves = NULL};
    if (claim_ruling_kept(w, c, out))
        return true;
    if (!task)
        return error_set(err, ERROR_CHAIN, "the challenge's proposal is not known any more");
    bool kept = claim_run_kept(w, task, p, &own);
    bool ok = claim_dispute_rule(&how, task, p, c, kept ? &own : NULL, &made, out, err) &&
              (!made.leaves || claim_run_keep(w, task, p, &made, err)) && claim_ruling_keep(w, c, out, err);
    claim_run_free(&made);
    claim_run_free(&own);
    return ok;
}

struct disputing {
    struct chain_look look;
    struct state_proposal proposal; /* its arrays are not to be read any more */
    struct state_task task;
    struct state_challenge challenge; /* zeros while it is being made */
    struct tx_challenge body;
    struct claim_ruling ruling;
    struct hash object;
    bool concede;
    char difference[512];
    json_t *shown; /* of the challenge */
};

static void disputing_free(struct disputing *d)
{
    chain_look_close(&d->look);
    json_decref(d->shown);
    free(d);
}

static bool take_proposal(struct disputing *d, const struct state_proposal *p)
{
    d->proposal = *p;
    d->task = *state_task_find(d->look.state, p->announce.task);
    return true;
}

/* An open challenge; of what waits in the pool, too. */
static bool take_challenge(struct disputing *d, struct workspace *w, const struct action_signer *s, const char *key,
                           struct error *err)
{
    const struct state_challenge *c =
        chain_look_open(&d->look, w, s, err) ? chain_find_challenge(d->look.state, key, err) : NULL;
    if (!c)
        return false;
    if (c->state != CHALLENGE_OPEN)
        return error_set(err, ERROR_CHAIN, "this challenge is %s already", challenge_state_name(c->state));
    d->challenge = *c;
    d->body = c->body;
    d->shown = chain_challenge_json(d->look.chain, d->look.state, c, NULL);
    return take_proposal(d, state_proposal_find(d->look.state, c->body.proposal));
}

static json_t *send(struct workspace *w, const struct action_signer *s, struct disputing *d,
                    bool (*fill)(void *, const struct chain_draft *, struct tx *, struct error *), struct error *err)
{
    struct tx *tx = NEW(struct tx);
    struct chain_filling filling = {.fill = fill, .context = d};
    json_t *result = s->train ? json_object() : chain_submit(w, s, tx, &filling, err);
    free(tx);
    return result;
}

/* --- chain challenge ------------------------------------------------------------------------------------------------ */

static bool fill_challenge(void *context, const struct chain_draft *draft, struct tx *tx, struct error *err)
{
    struct disputing *d = context;
    (void)draft;
    (void)err;
    tx->type = TX_CHALLENGE;
    tx->challenge = d->body;
    return true;
}

static bool may_challenge(const struct disputing *d, struct error *err)
{
    const struct state_proposal *p = &d->proposal;
    if (state_alone(d->look.state))
        return error_set(err, ERROR_CHAIN, "a closed chain has one validator and no disputes");
    if (proposal_closed(p->state))
        return error_set(err, ERROR_CHAIN, "the proposal is %s: it is too late to challenge it",
                         proposal_state_name(p->state));
    if (p->opened.height == 0)
        return error_set(err, ERROR_CHAIN, "the claim is not opened yet: there is nothing to challenge");
    return !address_equal(p->proposer, d->look.address) ||
           error_set(err, ERROR_CHAIN, "nobody challenges their own proposal; to withdraw it, concede to a challenge");
}

/* The place, and the state before it as an object. */
static bool find_place(struct workspace *w, struct disputing *d, struct threads *pool, const struct control *control,
                       struct error *err)
{
    struct claim_rerun how = {d->look.chain, pool, control};
    struct claim_run own = {0};
    struct claim_place place;
    bool ok = chain_own_run(w, d->look.chain, &d->task, &d->proposal, pool, control, &own, err);
    if (ok && !claim_dispute_find(d->look.chain, &d->proposal, &own, &place, d->difference, sizeof d->difference))
        ok = error_set(err, ERROR_CHAIN, "the re-run gives exactly what is claimed: there is nothing to challenge");
    ok = ok && (claim_state_kept(w, &d->proposal, &place, &d->object) ||
                (claim_dispute_state(&how, &d->task, &d->proposal, &place, &d->object, err) &&
                 claim_state_keep(w, &d->proposal, &place, d->object, err)));
    claim_run_free(&own);
    if (!ok)
        return false;
    d->body.proposal = d->proposal.id;
    d->body.fold = place.fold;
    d->body.leaf = place.leaf;
    d->body.found = place.found;
    d->body.state = d->object;
    return true;
}

json_t *action_chain_challenge(struct workspace *w, const struct action_signer *s, const char *proposal,
                               uint64_t deposit, int threads, const struct control *control, struct error *err)
{
    struct disputing *d = NEW(struct disputing);
    struct threads *pool = NULL;
    json_t *result = NULL;
    const struct state_proposal *p =
        chain_look_open(&d->look, w, s, err) ? chain_find_proposal(d->look.state, proposal, err) : NULL;
    bool ok = p && take_proposal(d, p) && may_challenge(d, err);
    if (ok)
        d->body.deposit = deposit ? deposit : state_challenge_least(d->look.state, p);
    chain_look_close(&d->look);
    ok = ok && (pool = threads_new(threads)) != NULL && find_place(w, d, pool, control, err);
    threads_free(pool);
    if (ok)
        result = send(w, s, d, fill_challenge, err);
    if (result)
        json_object_update_new(
            result, json_pack("{s:o, s:{s:I, s:I}, s:o, s:I, s:o}", "proposal", json_of_hash(d->proposal.id), "place",
                              "fold", (json_int_t)d->body.fold, "leaf", (json_int_t)d->body.leaf, "difference",
                              json_of_text(d->difference), "deposit", (json_int_t)d->body.deposit, "dispute",
                              json_object_get(result, "tx") ? json_incref(json_object_get(result, "tx")) : json_null()));
    disputing_free(d);
    return result;
}

/* --- chain respond -------------------------------------------------------------------------------------------------- */

static bool fill_respond(void *context, const struct chain_draft *draft, struct tx *tx, struct error *err)
{
    struct disputing *d = context;
    (void)draft;
    (void)err;
    tx->type = TX_RESPOND;
    tx->respond = (struct tx_respond){.challenge = d->challenge.id, .concede = d->concede, .object = d->object};
    return true;
}

/* Where a state decides something at all. */
static bool own_state(struct workspace *w, struct disputing *d, int threads, const struct control *control,
                      struct error *err)
{
    struct claim_place place = {.fold = d->body.fold, .leaf = d->body.leaf, .stateful = !hash_is_zero(d->body.state)};
    if (claim_state_kept(w, &d->proposal, &place, &d->object))
        return true;
    struct claim_rerun how = {d->look.chain, threads_new(threads), control};
    bool ok = claim_dispute_state(&how, &d->task, &d->proposal, &place, &d->object, err) &&
              claim_state_keep(w, &d->proposal, &place, d->object, err);
    threads_free(how.pool);
    return ok;
}

json_t *action_chain_respond(struct workspace *w, const struct action_signer *s, const char *challenge, bool concede,
                             int threads, const struct control *control, struct error *err)
{
    struct disputing *d = NEW(struct disputing);
    json_t *result = NULL;
    d->concede = concede;
    bool ok = take_challenge(d, w, s, challenge, err);
    if (ok && !address_equal(d->proposal.proposer, d->look.address))
        ok = error_set(err, ERROR_CHAIN, "only the proposer answers a challenge to a claim");
    if (ok && d->challenge.answered != CHALLENGE_UNANSWERED)
        ok = error_set(err, ERROR_CHAIN, "this challenge is answered already");
    chain_look_close(&d->look);
    ok = ok && (concede || own_state(w, d, threads, control, err));
    if (ok)
        result = send(w, s, d, fill_respond, err);
    if (result) {
        json_object_set(result, "dispute", d->shown);
        json_object_set_new(result, "concede", json_boolean(concede));
        json_object_set_new(result, "state_object", hash_is_zero(d->object) ? json_null() : json_of_hash(d->object));
    }
    disputing_free(d);
    return result;
}

/* --- chain verdict -------------------------------------------------------------------------------------------------- */

static bool fill_verdict(void *context, const struct chain_draft *draft, struct tx *tx, struct error *err)
{
    struct disputing *d = context;
    (void)draft;
    (void)err;
    tx->type = TX_VERDICT;
    tx->verdict = (struct tx_verdict){d->challenge.id, d->ruling.upheld, d->ruling.found};
    return true;
}

json_t *action_chain_verdict(struct workspace *w, const struct action_signer *s, const char *challenge, int threads,
                             const struct control *control, struct error *err)
{
    struct disputing *d = NEW(struct disputing);
    json_t *result = NULL;
    bool ok = take_challenge(d, w, s, challenge, err);
    if (ok) {
        struct threads *pool = threads_new(threads);
        ok = chain_rule(w, d->look.chain, d->look.state, &d->challenge, pool, control, &d->ruling, err);
        threads_free(pool);
    }
    chain_look_close(&d->look);
    if (ok)
        result = send(w, s, d, fill_verdict, err);
    if (result) {
        json_object_set(result, "dispute", d->shown);
        json_object_set_new(result, "upheld", json_boolean(d->ruling.upheld));
        json_object_set_new(result, "why", json_of_text(d->ruling.why));
        json_object_set_new(result, "found", hash_is_zero(d->ruling.found) ? json_null() : json_of_hash(d->ruling.found));
    }
    disputing_free(d);
    return result;
}
