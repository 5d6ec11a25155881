/* chain propose: announce, then claim. The claim is fixed when it is announced (claim_keep), so that later trials cannot
 * change what was promised; run again, it goes on where the chain has got to. */
#include "action/chain_internal.h"

#include "action/claim.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "net/numeric.h"
#include "store/arches.h"
#include "store/models.h"
#include "store/tasks.h"
#include "work/json.h"
#include "work/trial.h"

/* --- what is claimed ---------------------------------------------------------------------------------------------- */

/* An architecture is claimed, and trained for that; a model given in its stead is told why it cannot be. */
static bool find_claimed(struct workspace *w, const char *key, struct hash *arch, struct error *err)
{
    struct error no_arch = {0};
    struct arch_row row;
    struct model_row model;
    if (arches_find(w, key, &row, &no_arch)) {
        free(row.text);
        *arch = row.id;
        return true;
    }
    if (!models_find(w, key, &model, NULL))
        return error_set(err, no_arch.kind, "%s", no_arch.text);
    char id[13];
    hash_short(model.arch, id);
    free(model.result);
    if (model.blas)
        return error_set(err, ERROR_CHAIN,
                         "model %s was trained through OpenBLAS (kernels blas), whose bits nobody can check: it cannot "
                         "be proposed. `chain propose %s` trains its architecture with the exact kernels",
                         key, id);
    return error_set(err, ERROR_USAGE, "%s is a model: an architecture is proposed, here %s", key, id);
}

/* The newest chain task about this data set; one that waits for a block will do. */
static const struct state_task *find_task(const struct state *s, struct hash dataset)
{
    const struct state_task *t, *found = NULL;
    int n = state_tasks(s, &t);
    for (int i = 0; i < n; i++)
        if (hash_equal(t[i].body.dataset, dataset))
            found = &t[i];
    return found;
}

/* Said by its id, it must still be about the data set that is at hand. */
static const struct state_task *find_said(const struct state *s, struct hash dataset, const char *key, struct error *err)
{
    const struct state_task *t = chain_find_task_by(s, key);
    if (!t)
        return error_set(err, ERROR_CHAIN, "no task on the chain has an id that begins with %s", key), NULL;
    if (!hash_equal(t->body.dataset, dataset))
        return error_set(err, ERROR_CHAIN, "task %s is about another data set than this workspace's task", key), NULL;
    return t;
}

bool chain_find_task(struct workspace *w, const struct state *s, const char *key, struct state_task *out,
                     struct error *err)
{
    struct task_row row;
    if (!tasks_active(w, &row, err))
        return false;
    free(row.info);
    const struct state_task *t = key ? find_said(s, row.hash, key, err) : find_task(s, row.hash);
    if (!t && key)
        return false;
    if (t)
        *out = *t;
    return t || error_set(err, ERROR_CHAIN, "the task is not on the chain: put it there with `chain task`");
}

/* --- where the chain has got to ----------------------------------------------------------------------------------- */

struct proposing {
    struct claim claim;
    struct state_task task;
    struct hash arch, announced; /* announced: its id; zeros before */
    struct hash commitment;      /* of what was announced before */
    struct address who;
    const char *said; /* which task; NULL: the newest */
    uint64_t stake;
    bool going_on, sealed; /* announced before; in a block already */
};

/* One's own announcement of this network that was not followed by its claim. */
static bool find_announced(struct workspace *w, struct ledger *l, struct proposing *p)
{
    const struct state_proposal *all;
    int n = state_proposals(ledger_pool_state(l), &all);
    for (int i = 0; i < n && !p->going_on; i++) {
        if (all[i].state != PROPOSAL_ANNOUNCED || !address_equal(all[i].proposer, p->who) ||
            !hash_equal(all[i].announce.task, p->task.id) || !claim_kept(w, all[i].announce.commitment, &p->claim))
            continue;
        if (!hash_equal(hash_of_text(p->claim.arch), p->arch)) {
            claim_free(&p->claim);
            continue;
        }
        p->going_on = true;
        p->announced = all[i].id;
        p->commitment = all[i].announce.commitment;
        p->stake = all[i].announce.stake;
        p->sealed = state_proposal_find(ledger_state(l), all[i].id) != NULL;
    }
    return p->going_on;
}

/* What the rules would refuse in the end is refused before anything is trained. */
static bool may_claim(const struct state *s, const struct proposing *p, struct error *err)
{
    const struct state_proposal *all;
    int n = state_proposals(s, &all);
    for (int i = 0; i < n; i++) {
        char id[13];
        hash_short(all[i].id, id);
        if (!hash_equal(all[i].announce.task, p->task.id) || !hash_equal(all[i].body.arch, p->arch) ||
            (proposal_closed(all[i].state) && all[i].state != PROPOSAL_ACCEPTED))
            continue;
        return error_set(err, ERROR_CHAIN, "this architecture is %s for this task already, as proposal %s; `chain show %s` "
                                           "says what it waits for",
                         all[i].state == PROPOSAL_ACCEPTED ? "accepted" : "claimed", id, id);
    }
    return true;
}

static bool look(struct workspace *w, struct ledger *l, struct proposing *p, struct error *err)
{
    if (!chain_find_task(w, ledger_pool_state(l), p->said, &p->task, err))
        return false;
    return find_announced(w, l, p) || may_claim(ledger_pool_state(l), p, err);
}

/* --- what is signed ----------------------------------------------------------------------------------------------- */

static void put_content(struct proposing *p, const struct chain_draft *d, struct tx_propose *out)
{
    claim_content(&p->claim, chain_salt_root(d, p->task.id, &p->claim), out);
    out->salt = chain_salt_announce(d, p->task.id, out);
    out->proposal = p->announced;
}

static bool fill_content(struct proposing *p, const struct chain_draft *d, struct tx_propose *out, struct error *err)
{
    struct chain_draft own = *d;
    if (!chain_salts(&own, err))
        return false;
    put_content(p, &own, out);
    return true;
}

static bool announced_so(const struct proposing *p, const struct tx *tx)
{
    return hash_equal(tx_announce_commitment(tx->propose.salt, &tx->sender, &tx->propose), p->commitment);
}

static bool fill_announce(void *context, const struct chain_draft *d, struct tx *tx, struct error *err)
{
    struct proposing *p = context;
    struct tx_propose *content = NEW(struct tx_propose);
    bool ok = fill_content(p, d, content, err);
    tx->type = TX_ANNOUNCE;
    tx->announce = (struct tx_announce){.task = p->task.id, .stake = p->stake};
    if (ok)
        tx->announce.commitment = tx_announce_commitment(content->salt, &tx->sender, content);
    p->announced = tx_id(tx);
    ok = ok && ((d->draft && !d->prepares) || claim_keep(d->workspace, tx->announce.commitment, &p->claim, err));
    free(content);
    return ok;
}

static bool fill_propose(void *context, const struct chain_draft *d, struct tx *tx, struct error *err)
{
    struct proposing *p = context;
    tx->type = TX_PROPOSE;
    if (!fill_content(p, d, &tx->propose, err))
        return false;
    struct chain_draft prepared;
    if (p->going_on && !announced_so(p, tx) && chain_salts_prepared(d, &prepared))
        put_content(p, &prepared, &tx->propose);
    if (p->going_on && !announced_so(p, tx))
        return error_set(err, ERROR_CHAIN, "this key is not the one that the claim was announced with, or the claim that "
                                           "is kept is another: announce it anew");
    return (d->draft && !d->prepares) || claim_publish(d->chain, &p->claim, err);
}

/* --- the steps ---------------------------------------------------------------------------------------------------- */

/* The claim is made once, when it is trained, and taken from there for the draft and the signature: its evidence says how
 * many were tried until then. */
static struct hash made_as(const struct proposing *p)
{
    uint8_t both[2 * HASH_BYTES];
    memcpy(both, p->task.id.byte, HASH_BYTES);
    memcpy(both + HASH_BYTES, p->arch.byte, HASH_BYTES);
    return hash_of(both, sizeof both);
}

/* From scratch with the task's recipe, unless that result is stored. */
static bool score(struct workspace *w, struct proposing *p, int threads, const struct control *control,
                  struct error *err)
{
    char key[HASH_HEX], chain[FILE_PATH_MAX], id[HASH_HEX];
    struct action_train_options o = {.threads = threads};
    struct trial_row trial;
    chain_folder(w, chain, sizeof chain);
    hash_hex(p->arch, key);
    if (!claim_same_numeric(&p->task.body, err) || !claim_recipe(chain, &p->task.body, &o.recipe, err))
        return false;
    json_t *scored = action_score(w, key, &o, control, err);
    hash_hex(recipe_id(&o.recipe, p->arch, p->task.body.dataset, "scratch"), id);
    bool ok = scored && (runs_trial_done(w, id, &trial) ||
                         error_set(err, ERROR_FAILED, "the score that was just made is not stored"));
    if (ok) {
        struct threads *pool = threads_new(threads);
        ok = claim_make(w, &p->claim, &p->task, &trial, pool, control, err) &&
             claim_keep(w, made_as(p), &p->claim, err);
        threads_free(pool);
        runs_trial_free(&trial);
    }
    json_decref(scored);
    return ok;
}

static json_t *submit(struct workspace *w, const struct action_signer *s, struct proposing *p, bool seals,
                      struct error *err)
{
    struct tx *tx = NEW_ARRAY(struct tx, 2);
    struct chain_filling filling[2] = {{.fill = fill_announce, .context = p, .seal_behind = seals},
                                       {.fill = fill_propose, .context = p}};
    json_t *result;
    if (p->going_on) {
        filling[1].seal_before = !p->sealed;
        result = chain_submit(w, s, tx, &filling[1], err);
    } else {
        result = chain_submit_all(w, s, tx, seals ? 2 : 1, filling, err);
    }
    free(tx);
    return result;
}

static void tell(json_t *result, const struct proposing *p, bool proposed, bool done)
{
    const struct tx_counts *c = &p->claim.run.finding.counts;
    uint64_t correct = 0, total = 0;
    for (int k = 0; k < c->folds; k++) {
        correct += c->correct[k];
        total += c->total[k];
    }
    json_object_set_new(result, "claimed",
                        json_pack("{s:I, s:I, s:o}", "correct", (json_int_t)correct, "total", (json_int_t)total,
                                  "directional_accuracy",
                                  json_of_number(total ? (double)correct / (double)total : 0)));
    json_object_set_new(result, "trained",
                        json_string("from scratch, as every claim: a trial's score may rest on its parent's weights and "
                                    "differ"));
    if (!done)
        return;
    json_object_set_new(result, "proposal", json_of_hash(p->announced));
    json_object_set_new(result, "state", json_string(proposed ? "claimed" : "announced"));
    json_object_set_new(result, "next",
                        json_string(proposed ? "validators commit: `chain attest` with the proposal's id"
                                             : "wait until a block holds the announcement, then run the same command "
                                               "again: it puts the claim behind it"));
}

json_t *action_chain_propose(struct workspace *w, const struct action_signer *s, const char *arch, const char *task,
                             uint64_t stake, int threads, const struct control *control, struct error *err)
{
    if (!numeric_self_test(err))
        return error_prefix(err, "this machine must not make claims"), NULL;
    struct proposing *p = NEW(struct proposing);
    struct key_info who;
    char keys[FILE_PATH_MAX];
    json_t *result = NULL;
    p->stake = stake;
    p->said = task;
    bool found = find_claimed(w, arch, &p->arch, err) && chain_find_identity(s->key, &who, keys, sizeof keys, err),
         seals = false;
    struct ledger *l = found ? chain_open_to_read(w, err) : NULL;
    if (l) {
        p->who = key_address(&who.public_key);
        seals = !s->prepares && chain_seals(ledger_state(l), &who.public_key);
    }
    bool ok = l && look(w, l, p, err);
    ledger_close(l);
    if (ok && p->going_on && !p->sealed && !seals)
        ok = error_set(err, ERROR_CHAIN, "the announcement waits for a block: run this again when a validator has sealed "
                                         "one");
    bool made = ok && !s->train && !p->going_on && claim_kept(w, made_as(p), &p->claim);
    ok = ok && (p->going_on || made || score(w, p, threads, control, err));
    if (ok)
        result = s->train ? json_object() : submit(w, s, p, seals, err);
    if (result)
        tell(result, p, p->going_on || seals, !s->train && !s->draft);
    claim_free(&p->claim);
    free(p);
    return result;
}
