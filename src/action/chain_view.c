#include "action/chain_internal.h"

#include "action/claim.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "work/json.h"

void chain_folder(struct workspace *w, char *out, size_t size)
{
    workspace_path(w, "chain", out, size);
}

struct ledger *chain_open_to_read(struct workspace *w, struct error *err)
{
    char chain[FILE_PATH_MAX];
    chain_folder(w, chain, sizeof chain);
    return ledger_open(chain, false, err);
}

static json_t *accounts_json(const struct state *s)
{
    const struct state_account *a;
    int n = state_accounts(s, &a);
    json_t *list = json_array();
    for (int i = 0; i < n; i++) {
        char address[KEY_ADDRESS_MAX];
        address_text(a[i].address, address);
        json_array_append_new(list, json_pack("{s:s, s:I, s:I, s:I, s:b}", "address", address, "balance",
                                              (json_int_t)a[i].balance, "stake", (json_int_t)a[i].stake, "nonce",
                                              (json_int_t)a[i].nonce, "validator", a[i].validator));
    }
    return list;
}

static json_t *decisions_json(const struct state_proposal *p)
{
    json_t *list = json_array();
    for (int i = 0; i < p->decisions; i++) {
        const struct state_decision *d = &p->decision[i];
        char address[KEY_ADDRESS_MAX];
        bool rerun = !hash_is_zero(d->rerun_root);
        address_text(d->who, address);
        json_t *j = json_pack("{s:s, s:b, s:b, s:b, s:I, s:o}", "who", address, "approve", d->approve, "self", d->self,
                              "rerun", rerun, "height", (json_int_t)d->height, "reason", json_of_text(d->reason));
        if (rerun)
            json_object_set_new(j, "matches", json_boolean(hash_equal(d->rerun_root, p->open.trace_root)));
        json_array_append_new(list, j);
    }
    return list;
}

static json_t *proposal_json(const struct state *s, const struct state_proposal *p)
{
    const struct state_task *task = state_task_find(s, p->announce.task);
    char address[KEY_ADDRESS_MAX];
    json_int_t correct = 0, total = 0, approvals = 0;
    json_t *folds = json_array();
    for (int k = 0; k < p->body.counts.folds; k++) {
        correct += p->body.counts.correct[k];
        total += p->body.counts.total[k];
        json_array_append_new(folds, json_pack("{s:I, s:I}", "correct", (json_int_t)p->body.counts.correct[k], "total",
                                               (json_int_t)p->body.counts.total[k]));
    }
    for (int i = 0; i < p->decisions; i++) {
        approvals += p->decision[i].approve;
    }
    address_text(p->proposer, address);
    return json_pack(
        "{s:o, s:s, s:I, s:s, s:o, s:{s:I, s:I, s:o}, s:b, s:I, s:i, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:o}",
        "proposal", json_of_hash(p->id), "state", proposal_state_name(p->state), "height", (json_int_t)p->announced.height,
        "proposer", address, "arch", json_of_hash(p->body.arch), "claimed", "correct", correct, "total", total,
        "directional_accuracy", json_of_number(total ? (double)correct / (double)total : 0.0), "verified", p->verified,
        "approvals", approvals, "approvals_needed", task ? task->body.approvals : 0, "folds", folds, "evidence_hash",
        json_of_hash(p->body.evidence), "trace_root", json_of_hash(p->open.trace_root), "weights_hash",
        json_of_hash(p->open.weights), "task", json_of_hash(p->announce.task), "stake", (json_int_t)p->announce.stake, "reward",
        (json_int_t)p->reward, "decisions", decisions_json(p));
}

static json_t *tx_json(const struct tx *tx)
{
    struct text shown = {0};
    char sender[KEY_ADDRESS_MAX];
    address_text(key_address(&tx->sender), sender);
    tx_kind_of(tx->type)->describe(tx, &shown);
    json_t *j = json_pack("{s:o, s:s, s:s, s:o}", "tx", json_of_hash(tx_id(tx)), "kind", tx_kind_of(tx->type)->name,
                          "sender", sender, "show", json_of_text(text_of(&shown)));
    text_free(&shown);
    return j;
}

static json_t *pool_json(const struct ledger *l)
{
    const struct tx *tx;
    int n = ledger_pool(l, &tx);
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, tx_json(&tx[i]));
    return list;
}

json_t *action_chain_status(struct workspace *w, struct error *err)
{
    struct ledger *l = chain_open_to_read(w, err);
    if (!l)
        return NULL;
    const struct state *s = ledger_state(l);
    const struct state_proposal *p;
    const struct state_task *t;
    struct state_totals totals = state_totals(s);
    json_t *proposals = json_array(), *tasks = json_array();
    int n = state_proposals(s, &p), tasks_n = state_tasks(s, &t);
    for (int i = 0; i < n; i++)
        json_array_append_new(proposals, proposal_json(s, &p[i]));
    for (int i = 0; i < tasks_n; i++)
        json_array_append_new(tasks, json_pack("{s:o, s:o, s:I, s:I, s:I, s:i}", "task", json_of_hash(t[i].id),
                                               "dataset", json_of_hash(t[i].body.dataset), "height",
                                               (json_int_t)t[i].height, "pool", (json_int_t)t[i].body.pool, "pool_left",
                                               (json_int_t)t[i].pool_left, "folds", t[i].body.folds));
    json_t *result = json_pack("{s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:{s:I, s:I, s:I, s:I, s:I, s:I}}", "chain_id",
                               json_of_hash(ledger_id(l)), "name", json_of_text(ledger_genesis(l)->name), "height",
                               (json_int_t)ledger_height(l), "head", json_of_hash(ledger_head(l)), "accounts",
                               accounts_json(s), "tasks", tasks, "proposals", proposals, "pool", pool_json(l), "totals",
                               "supply", (json_int_t)totals.supply, "balances", (json_int_t)totals.balances, "stakes",
                               (json_int_t)totals.stakes, "escrows", (json_int_t)totals.escrows, "treasury",
                               (json_int_t)totals.treasury, "burnt", (json_int_t)totals.burnt);
    ledger_close(l);
    return result;
}

json_t *action_chain_log(struct workspace *w, struct error *err)
{
    struct ledger *l = chain_open_to_read(w, err);
    if (!l)
        return NULL;
    json_t *blocks = json_array();
    struct ledger_block b;
    bool ok = true;
    struct tx *tx = NEW(struct tx);
    for (uint64_t h = 0; ok && h <= ledger_height(l) && ledger_block(l, h, &b); h++) {
        json_t *txs = json_array();
        for (int i = 0; i < b.transactions && ok; i++) {
            ok = ledger_block_tx(l, h, i, tx, err);
            if (ok)
                json_array_append_new(txs, tx_json(tx));
        }
        json_array_append_new(blocks,
                              json_pack("{s:I, s:I, s:I, s:o, s:o, s:o}", "height", (json_int_t)b.height, "offset",
                                        (json_int_t)b.offset, "bytes", (json_int_t)b.bytes, "time",
                                        json_of_time(b.time_us), "hash", json_of_hash(b.id), "transactions", txs));
    }
    free(tx);
    ledger_close(l);
    if (!ok) {
        json_decref(blocks);
        return NULL;
    }
    return json_pack("{s:o}", "blocks", blocks);
}

const struct state_proposal *chain_find_proposal(const struct state *s, const char *key, struct error *err)
{
    const struct state_proposal *p, *found = NULL;
    int n = state_proposals(s, &p), matches = 0;
    for (int i = 0; i < n; i++) {
        char hex[HASH_HEX];
        hash_hex(p[i].id, hex);
        if (key[0] && text_starts(hex, key)) {
            found = &p[i];
            matches++;
        }
    }
    if (matches == 1)
        return found;
    error_set(err, ERROR_CHAIN,
              matches ? "several proposals are meant by %s; give more digits"
                      : "there is no proposal %s; `chain status` shows those there are, and what waits for a block",
              key);
    return NULL;
}

json_t *action_chain_show(struct workspace *w, const char *key, struct error *err)
{
    char chain[FILE_PATH_MAX];
    struct ledger *l = chain_open_to_read(w, err);
    if (!l)
        return NULL;
    chain_folder(w, chain, sizeof chain);
    json_t *result = NULL;
    const struct state *s = ledger_pool_state(l);
    const struct state_proposal *p = chain_find_proposal(s, key, err);
    const struct state_proposal *sealed = p ? state_proposal_find(ledger_state(l), p->id) : NULL;
    struct bytes text = {0};
    if (sealed) { /* what merely waits for a block has decided nothing yet */
        s = ledger_state(l);
        p = sealed;
    }
    if (p && ledger_object_get(chain, p->body.evidence, &text, err)) {
        bytes_put_u8(&text, 0);
        result = proposal_json(s, p);
        json_object_set_new(result, "sealed", json_boolean(sealed != NULL));
        json_object_set_new(result, "evidence", json_of_text((const char *)text.data));
        json_int_t missing = json_integer_value(json_object_get(result, "approvals_needed")) -
                             json_integer_value(json_object_get(result, "approvals"));
        json_object_set_new(result, "approvals_missing",
                            json_integer(!proposal_closed(p->state) && missing > 0 ? missing : 0));
    }
    bytes_free(&text);
    ledger_close(l);
    return result;
}

/* --- verification ------------------------------------------------------------------------------------------------- */

static void verify_progress(void *context, uint64_t done, uint64_t bytes)
{
    const struct control *control = context;
    control_event(control,
                  json_pack("{s:s, s:o, s:s}", "event", "verify", "progress",
                            json_of_number(bytes ? (double)done / (double)bytes : 1.0), "text", "verifying the chain"));
}

/* Does the chain still contain the remembered head? */
static bool check_head(const char *chain, const char *head, struct ledger_verdict *v, struct error *err)
{
    char *copy = memory_text(head), *rest = copy;
    const char *height = text_next(&rest, ':');
    struct hash want;
    int64_t h = 0;
    bool ok = height && rest && text_parse_int(height, 0, INT64_MAX, &h) && hash_from_hex(rest, &want);
    if (!ok) {
        error_set(err, ERROR_USAGE, "--head is HEIGHT:HASH, not %s", head);
    } else {
        struct ledger *l = ledger_open(chain, false, err);
        struct ledger_block b;
        ok = l != NULL;
        if (ok && (!ledger_block(l, (uint64_t)h, &b) || !hash_equal(b.id, want))) {
            v->ok = false;
            v->error_height = (uint64_t)h;
            snprintf(v->reason, sizeof v->reason,
                     "the chain does not contain the remembered head %s: it was cut or rewritten", head);
            ok = error_set(err, ERROR_CHAIN, "%s", v->reason);
        }
        ledger_close(l);
    }
    free(copy);
    return ok;
}

json_t *action_chain_verify(struct workspace *w, bool rerun, const char *head, int threads,
                            const struct control *control, struct error *err)
{
    char chain[FILE_PATH_MAX];
    struct ledger_verdict *v = NEW(struct ledger_verdict);
    struct threads *pool = threads_new(threads);
    chain_folder(w, chain, sizeof chain);
    struct claim_rerun how = {chain, pool, control};
    struct ledger_rerun again = {claim_rerun, &how};
    bool ok = ledger_verify(chain, v, rerun ? &again : NULL, verify_progress, (void *)control, err);
    if (ok && head)
        ok = check_head(chain, head, v, err);
    json_t *result = NULL;
    if (ok)
        result = json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "ok", 1, "height", (json_int_t)v->height,
                           "blocks", (json_int_t)v->blocks, "transactions", (json_int_t)v->transactions, "signatures",
                           (json_int_t)v->signatures, "reruns", (json_int_t)v->reruns, "seconds",
                           json_of_number(v->seconds), "head", json_of_hash(v->head));
    else if (v->reason[0])
        result = json_pack("{s:b, s:{s:I, s:I, s:o}}", "ok", 0, "error", "height", (json_int_t)v->error_height,
                           "offset", (json_int_t)v->error_offset, "reason", json_of_text(v->reason));
    threads_free(pool);
    free(v);
    return result;
}
