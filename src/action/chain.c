#include "action/chain_internal.h"

#include "action/claim.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "net/numeric.h"
#include "store/arches.h"
#include "store/models.h"
#include "store/tasks.h"
#include "work/json.h"
#include "work/trial.h"

/* --- the ledger --------------------------------------------------------------------------------------------------- */

json_t *action_chain_init(struct workspace *w, const char *key, const char *name, uint64_t supply, struct error *err)
{
    char keys[FILE_PATH_MAX], chain[FILE_PATH_MAX], address[KEY_ADDRESS_MAX];
    struct key_info who;
    if (!chain_find_identity(key, &who, keys, sizeof keys, err))
        return NULL;
    struct genesis g = {.time_us = clock_wall_us(),
                        .supply = supply,
                        .min_fee = 1,
                        .unbonding_blocks = 20,
                        .expiry_blocks = 1000,
                        .commit_blocks = 1,
                        .reveal_blocks = 1000, /* windows close early when all have done their part */
                        .epoch_blocks = 1,
                        .missed_ppm = 10000,
                        .finder_ppm = 500000,
                        .holders = 1,
                        .validators = 1};
    if (!text_copy(g.name, sizeof g.name, name)) {
        error_set(err, ERROR_USAGE, "a chain's name has at most %zu characters", sizeof g.name - 1);
        return NULL;
    }
    g.holder[0].key = g.validator[0].identity = g.validator[0].voting = who.public_key;
    g.validator[0].stake = supply < 10 ? 1 : supply / 10;
    g.holder[0].balance = supply - g.validator[0].stake;
    chain_folder(w, chain, sizeof chain);
    if (!ledger_create(chain, &g, err))
        return NULL;
    address_text(key_address(&who.public_key), address);
    return json_pack("{s:o, s:s, s:I}", "chain_id", json_of_hash(genesis_id(&g)), "address", address, "supply",
                     (json_int_t)supply);
}

/* --- transactions ------------------------------------------------------------------------------------------------- */

json_t *action_chain_transfer(struct workspace *w, const struct action_signer *s, const char *to, uint64_t amount,
                              struct error *err)
{
    struct tx *tx = NEW(struct tx);
    json_t *result = NULL;
    tx->type = TX_TRANSFER;
    tx->transfer.amount = amount;
    if (address_parse(to, &tx->transfer.to, err))
        result = chain_submit(w, s, tx, NULL, err);
    free(tx);
    return result;
}

json_t *action_chain_stake(struct workspace *w, const struct action_signer *s, uint64_t amount, bool unstake,
                           struct error *err)
{
    struct tx *tx = NEW(struct tx);
    tx->type = unstake ? TX_UNSTAKE : TX_STAKE;
    tx->stake.amount = amount;
    json_t *result = chain_submit(w, s, tx, NULL, err);
    free(tx);
    return result;
}

/* Without a list the owner reviews, and everything it approves is marked `self`. */
static bool take_reviewers(struct tx_task *out, const struct action_chain_task_options *o, const struct key_info *who,
                           struct error *err)
{
    out->approvals = o->approvals;
    if (!o->reviewers) {
        out->reviewers = 1;
        out->reviewer[0] = key_address(&who->public_key);
    } else {
        char *copy = memory_text(o->reviewers), *rest = copy, *one;
        bool ok = true;
        while (ok && (one = text_next(&rest, ','))) {
            if (out->reviewers == TX_REVIEWERS_MAX)
                ok = error_set(err, ERROR_USAGE, "--reviewers: at most %d", TX_REVIEWERS_MAX);
            else
                ok = address_parse(text_trim(one), &out->reviewer[out->reviewers++], err);
        }
        free(copy);
        if (!ok)
            return false;
    }
    return (o->approvals >= 1 && o->approvals <= out->reviewers) ||
           error_set(err, ERROR_USAGE, "--approvals must be 1 to %d, the number of reviewers", out->reviewers);
}

static bool fill_task(void *context, const struct chain_draft *draft, struct tx *tx, struct error *err)
{
    const struct action_chain_task_options *o = context;
    tx->task.pool = o->pool;
    tx->task.min_improvement_ppm = 1000;
    tx->task.full_pay_ppm = 100000;
    tx->task.baseline_ppm = 500000;
    return take_reviewers(&tx->task, o, draft->who, err) &&
           claim_publish_task(draft->workspace, draft->chain, &tx->task, &o->recipe, err);
}

json_t *action_chain_task(struct workspace *w, const struct action_signer *s,
                          const struct action_chain_task_options *options, struct error *err)
{
    struct tx *tx = NEW(struct tx);
    struct action_chain_task_options o = *options;
    struct chain_filling filling = {fill_task, &o};
    tx->type = TX_TASK;
    json_t *result = recipe_check(&o.recipe, err) ? chain_submit(w, s, tx, &filling, err) : NULL;
    if (result && !s->draft)
        json_object_set(result, "task", json_object_get(result, "tx"));
    free(tx);
    return result;
}

/* The newest chain task about this data set. */
static bool find_task(struct workspace *w, struct hash dataset, struct hash *id, struct recipe *recipe,
                      struct error *err)
{
    char chain[FILE_PATH_MAX];
    struct ledger *l = chain_open_to_read(w, err);
    if (!l)
        return false;
    chain_folder(w, chain, sizeof chain);
    const struct state_task *t;
    int n = state_tasks(ledger_pool_state(l), &t), found = -1; /* one that waits for a block will do */
    for (int i = 0; i < n; i++)
        if (hash_equal(t[i].body.dataset, dataset))
            found = i;
    bool ok = found >= 0 || error_set(err, ERROR_CHAIN, "the task is not on the chain: put it there with `chain task`");
    struct bytes text = {0};
    if (ok) {
        *id = t[found].id;
        ok = ledger_object_get(chain, t[found].body.recipe, &text, err);
    }
    if (ok) {
        bytes_put_u8(&text, 0);
        ok = recipe_parse(recipe, (const char *)text.data, err);
    }
    bytes_free(&text);
    ledger_close(l);
    return ok;
}

/* An architecture is claimed, and trained for that; a model given in its stead is told why it cannot be. */
static bool find_claimed(struct workspace *w, const char *key, struct arch_row *row, struct error *err)
{
    struct error no_arch = {0};
    struct model_row model;
    if (arches_find(w, key, row, &no_arch))
        return true;
    if (!models_find(w, key, &model, NULL))
        return error_set(err, no_arch.kind, "%s", no_arch.text);
    char arch[13];
    hash_short(model.arch, arch);
    free(model.result);
    if (model.blas)
        return error_set(err, ERROR_CHAIN,
                         "model %s was trained through OpenBLAS (kernels blas), whose bits nobody can check: it cannot "
                         "be proposed. `chain propose %s` trains its architecture with the exact kernels",
                         key, arch);
    return error_set(err, ERROR_USAGE, "%s is a model: an architecture is proposed, here %s", key, arch);
}

json_t *action_chain_propose(struct workspace *w, const struct action_signer *s, const char *arch, uint64_t stake,
                             int threads, const struct control *control, struct error *err)
{
    struct arch_row row;
    struct task_row task;
    struct action_train_options options = {.threads = threads};
    struct hash task_id;
    if (!numeric_self_test(err))
        return error_prefix(err, "this machine must not make claims"), NULL;
    if (!find_claimed(w, arch, &row, err))
        return NULL;
    free(row.text);
    if (!tasks_active(w, &task, err))
        return NULL;
    free(task.info);
    if (!find_task(w, task.hash, &task_id, &options.recipe, err) ||
        !recipe_exact(&options.recipe, "the task's recipe", err))
        return NULL;
    char key[HASH_HEX];
    hash_hex(row.id, key);
    json_t *scored = action_score(w, key, &options, control, err), *result = NULL;
    struct trial_row trial;
    char recipe[HASH_HEX];
    hash_hex(recipe_id(&options.recipe, row.id, task.hash, "scratch"), recipe);
    if (scored && runs_trial_done(w, recipe, &trial)) {
        (void)stake, (void)s; /* until announcing, proposing and opening are commands */
        error_set(err, ERROR_CHAIN, "a claim has to be announced first");
        runs_trial_free(&trial);
    }
    json_decref(scored);
    return result;
}

/* --- decisions ---------------------------------------------------------------------------------------------------- */

struct deciding {
    const char *key, *reason;
    bool rerun, matches;
    struct claim_rerun how;
};

static bool fill_decide(void *context, const struct chain_draft *draft, struct tx *tx, struct error *err)
{
    struct deciding *d = context;
    const struct state *state = ledger_pool_state(draft->ledger);
    const struct state_proposal *p = chain_find_proposal(state, d->key, err);
    if (!p)
        return false;
    tx->decide.proposal = p->id;
    tx->decide.shown = tx_shown(p->body.evidence, p->open.trace_root, p->open.weights, p->open.leaves);
    if (!text_copy(tx->decide.reason, sizeof tx->decide.reason, d->reason))
        return error_set(err, ERROR_USAGE, "a reason has at most %d bytes", TX_REASON_MAX - 1);
    const struct state_task *task = state_task_find(state, p->announce.task);
    if (tx->type == TX_APPROVE && !claim_evidence_check(draft->chain, task, &p->body, err))
        return false;
    if (!d->rerun)
        return true;
    struct tx_finding *found = NEW(struct tx_finding), claim = state_claim(p);
    d->how.chain = draft->chain;
    bool ok = claim_rerun(&d->how, task, p, found, err);
    if (ok) {
        tx->decide.rerun_root = found->trace_root;
        d->matches = tx_finding_equal(found, &claim);
        if (!d->matches && tx->type == TX_APPROVE)
            ok = error_set(err, ERROR_CHAIN,
                           "the re-run does not give the claimed bits: approve refused; reject it instead");
    }
    free(found);
    return ok;
}

json_t *action_chain_decide(struct workspace *w, const struct action_signer *s, const char *proposal, bool approve,
                            const char *reason, bool rerun, int threads, const struct control *control,
                            struct error *err)
{
    struct tx *tx = NEW(struct tx);
    struct threads *pool = threads_new(threads);
    struct deciding d = {.key = proposal, .reason = reason ? reason : "", .rerun = rerun, .how = {NULL, pool, control}};
    struct chain_filling filling = {fill_decide, &d};
    tx->type = approve ? TX_APPROVE : TX_REJECT;
    json_t *result = chain_submit(w, s, tx, &filling, err);
    if (result && !s->draft)
        json_object_set_new(result, "matches", rerun ? json_boolean(d.matches) : json_null());
    threads_free(pool);
    free(tx);
    return result;
}

json_t *action_chain_seal(struct workspace *w, const struct action_signer *s, struct error *err)
{
    char chain[FILE_PATH_MAX], keys[FILE_PATH_MAX];
    struct key_info who;
    if (!chain_find_identity(s->key, &who, keys, sizeof keys, err))
        return NULL;
    chain_folder(w, chain, sizeof chain);
    struct ledger *l = ledger_open(chain, true, err);
    if (!l)
        return NULL;
    json_t *result = NULL;
    const struct tx *pool;
    int n = ledger_pool(l, &pool);
    struct key *key = key_open(keys, who.name, s->passphrase ? s->passphrase : "", err);
    uint64_t height;
    struct hash hash;
    if (key && ledger_seal(l, key, clock_wall_us(), &height, &hash, err))
        result = json_pack("{s:I, s:o, s:b, s:i}", "height", (json_int_t)height, "hash", json_of_hash(hash), "final", 1,
                           "transactions", n);
    key_free(key);
    ledger_close(l);
    return result;
}
