/* The ledger as JSON: what there is, and the blocks one by one. */
#include "action/chain_internal.h"

#include "action/chain_genesis.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "chain/fork.h"
#include "work/json.h"

#include <sodium.h>

void chain_folder(struct workspace *w, char *out, size_t size)
{
    workspace_path(w, "chain", out, size);
}

struct ledger *chain_open_to_read(struct workspace *w, struct error *err)
{
    return chain_ledger_open(w, false, err);
}

static json_t *json_of_address(struct address a)
{
    char text[KEY_ADDRESS_MAX];
    address_text(a, text);
    return json_string(text);
}

static json_t *json_of_bytes(const void *data, size_t n)
{
    char *hex = memory_new(2 * n + 1, 1);
    sodium_bin2hex(hex, 2 * n + 1, data, n);
    json_t *j = json_string(hex);
    free(hex);
    return j;
}

/* --- status ------------------------------------------------------------------------------------------------------- */

static json_t *accounts_json(const struct state *s)
{
    const struct state_account *a;
    int n = state_accounts(s, &a);
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:o, s:I, s:I, s:I, s:b, s:b}", "address", json_of_address(a[i].address),
                                              "balance", (json_int_t)a[i].balance, "stake", (json_int_t)a[i].stake,
                                              "nonce", (json_int_t)a[i].nonce, "validator", a[i].validator, "barred",
                                              a[i].barred));
    return list;
}

static json_t *validators_json(const struct state *s)
{
    const struct state_validator *v;
    int n = state_validators(s, &v);
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:o, s:o, s:I}", "address", json_of_address(v[i].who), "voting_key",
                                              json_of_bytes(v[i].voting.byte, sizeof v[i].voting.byte), "power",
                                              (json_int_t)v[i].power));
    return list;
}

json_t *chain_task_json(const struct state_task *t)
{
    json_t *reviewers = json_array(), *best = json_null();
    for (int i = 0; i < t->body.reviewers; i++)
        json_array_append_new(reviewers, json_of_address(t->body.reviewer[i]));
    if (t->best_total)
        best = json_of_number((double)t->best_correct / (double)t->best_total);
    return json_pack("{s:o, s:o, s:I, s:I, s:I, s:i, s:I, s:o, s:I, s:I, s:o, s:o, s:i, s:o, s:s, s:I, s:I, s:I}", "task",
                     json_of_hash(t->id), "dataset", json_of_hash(t->body.dataset), "height", (json_int_t)t->height,
                     "pool", (json_int_t)t->body.pool, "pool_left", (json_int_t)t->pool_left, "folds", t->body.folds,
                     "baseline_ppm", (json_int_t)t->body.baseline_ppm, "baseline_share",
                     json_of_number((double)t->body.baseline_ppm / 1e6), "min_improvement_ppm",
                     (json_int_t)t->body.min_improvement_ppm, "full_pay_ppm", (json_int_t)t->body.full_pay_ppm, "best", best, "reviewers", reviewers, "approvals", t->body.approvals, "owner", json_of_address(t->owner),
                     "numeric", t->body.numeric, "best_correct", (json_int_t)t->best_correct, "best_total",
                     (json_int_t)t->best_total, "earned_ppm", (json_int_t)t->earned_ppm);
}

static json_t *tasks_json(const struct state *s)
{
    const struct state_task *t;
    int n = state_tasks(s, &t);
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, chain_task_json(&t[i]));
    return list;
}

static json_t *proposals_json(const struct ledger *l)
{
    const struct state_proposal *p;
    const struct state *s = ledger_state(l);
    int n = state_proposals(s, &p);
    char waits[640];
    json_t *list = json_array();
    for (int i = 0; i < n; i++) {
        json_t *one = chain_proposal_json(s, &p[i]);
        if (chain_pending(l, p[i].id, waits, sizeof waits))
            json_object_set_new(one, "pending", json_of_text(waits));
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *holdouts_json(const struct state *s)
{
    const struct state_holdout *h;
    int n = state_holdouts(s, &h);
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:I, s:I, s:I, s:o, s:o}", "task",
                                              json_of_hash(h[i].body.task), "who", json_of_address(h[i].who), "arch",
                                              json_of_hash(h[i].body.arch), "correct", (json_int_t)h[i].body.correct,
                                              "total", (json_int_t)h[i].body.total, "height", (json_int_t)h[i].height,
                                              "weights_hash", json_of_hash(h[i].body.weights), "evidence_hash",
                                              json_of_hash(h[i].body.evidence)));
    return list;
}

static json_t *totals_json(const struct state *s)
{
    struct state_totals t = state_totals(s);
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "supply", (json_int_t)t.supply, "balances",
                     (json_int_t)t.balances, "stakes", (json_int_t)t.stakes, "escrows", (json_int_t)t.escrows,
                     "treasury", (json_int_t)t.treasury, "burnt", (json_int_t)t.burnt);
}

static json_t *genesis_json(const struct genesis *g)
{
    char *text = chain_genesis_text(g);
    json_t *j = json_of_text(text);
    free(text);
    return j;
}

json_t *chain_tx_json(const struct tx *tx)
{
    struct text shown = {0};
    tx_kind_of(tx->type)->describe(tx, &shown);
    json_t *j = json_pack("{s:o, s:s, s:o, s:o}", "tx", json_of_hash(tx_id(tx)), "kind", tx_kind_of(tx->type)->name,
                          "sender", json_of_address(key_address(&tx->sender)), "show", json_of_text(text_of(&shown)));
    text_free(&shown);
    return j;
}

static json_t *pool_json(const struct ledger *l)
{
    const struct tx *tx;
    int n = ledger_pool(l, &tx);
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, chain_tx_json(&tx[i]));
    return list;
}

/* Final blocks that contradict ours. */
static json_t *forks_json(const char *chain)
{
    struct fork *fork = NULL;
    json_t *list = json_array();
    int n = fork_list(chain, &fork);
    for (int i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:I, s:o, s:o}", "height", (json_int_t)fork[i].height, "block",
                                              json_of_hash(fork[i].id), "file", json_of_text(fork[i].file)));
    free(fork);
    return list;
}

json_t *action_chain_status(struct workspace *w, struct error *err)
{
    struct ledger *l = chain_open_to_read(w, err);
    if (!l)
        return NULL;
    const struct state *s = ledger_state(l);
    json_t *result = json_pack("{s:o, s:b, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:i}", "chain_id",
                               json_of_hash(ledger_id(l)), "many", !state_alone(s), "name", json_of_text(ledger_genesis(l)->name), "height",
                               (json_int_t)ledger_height(l), "head", json_of_hash(ledger_head(l)), "accounts",
                               accounts_json(s), "validators", validators_json(s), "tasks", tasks_json(s), "proposals",
                               proposals_json(l), "holdouts", holdouts_json(s), "pool", pool_json(l), "totals",
                               totals_json(s), "genesis", genesis_json(ledger_genesis(l)), "pool_refused",
                               ledger_pool_refused(l));
    char chain[FILE_PATH_MAX];
    chain_folder(w, chain, sizeof chain);
    if (result) {
        json_object_set_new(result, "final", json_integer((json_int_t)ledger_final_height(l)));
        json_object_set_new(result, "forks", forks_json(chain));
    }
    ledger_close(l);
    return result;
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

/* --- blocks ------------------------------------------------------------------------------------------------------- */

static json_t *full_tx_json(const struct tx *tx)
{
    struct bytes b = {0};
    json_t *j = chain_tx_json(tx);
    tx_encode(tx, &b);
    json_object_set_new(j, "nonce", json_integer((json_int_t)tx->nonce));
    json_object_set_new(j, "fee", json_integer((json_int_t)tx->fee));
    json_object_set_new(j, "bytes", json_of_bytes(b.data, b.n));
    bytes_free(&b);
    return j;
}

static bool take_tx(void *context, const struct tx *tx, struct error *err)
{
    (void)err;
    return json_array_append_new(context, chain_tx_json(tx)) == 0;
}

static bool take_full_tx(void *context, const struct tx *tx, struct error *err)
{
    (void)err;
    return json_array_append_new(context, full_tx_json(tx)) == 0;
}

/* A validator by its address, as everywhere; what it signed with was on this chain. */
static json_t *voter_json(const struct ledger *l, const struct key_public *voting)
{
    const struct state_voting *v = state_voting_find(ledger_state(l), voting);
    return json_of_address(v ? v->who : key_address(voting));
}

/* Who made it final; nothing while nobody has. */
static void add_votes(json_t *j, const struct ledger *l, const struct ledger_block *b)
{
    struct bytes data = {0};
    struct certificate c;
    json_object_set_new(j, "round", json_integer((json_int_t)b->round));
    json_object_set_new(j, "proposed_by", voter_json(l, &b->proposer));
    if (ledger_certificate(l, b->height, &data, NULL) && certificate_decode(data.data, data.n, &c, NULL)) {
        json_t *by = json_array();
        for (int i = 0; i < c.n; i++)
            json_array_append_new(by, voter_json(l, &c.signer[i].voting));
        json_object_set_new(j, "final_round", json_integer((json_int_t)c.round));
        json_object_set_new(j, "signed_by", by);
    }
    bytes_free(&data);
}

static json_t *block_json(const struct ledger *l, uint64_t height, bool full, struct error *err)
{
    struct ledger_block b;
    json_t *txs = json_array();
    bool ok = ledger_block(l, height, &b) ||
              error_set(err, ERROR_CHAIN, "block %llu cannot be read any more", (unsigned long long)height);
    if (!ok || !ledger_block_txs(l, height, full ? take_full_tx : take_tx, txs, err)) {
        json_decref(txs);
        return NULL;
    }
    json_t *j = json_pack("{s:I, s:I, s:I, s:o, s:o, s:o}", "height", (json_int_t)b.height, "offset",
                          (json_int_t)b.offset, "bytes", (json_int_t)b.bytes, "time", json_of_time(b.time_us), "hash",
                          json_of_hash(b.id), "transactions", txs);
    json_object_set_new(j, "final", json_boolean(height <= ledger_final_height(l)));
    if (full && height > 0)
        json_object_set_new(j, "proposer", json_of_bytes(b.proposer.byte, sizeof b.proposer.byte));
    if (full && height > 0 && !state_alone(ledger_state(l)))
        add_votes(j, l, &b);
    if (full && height == 0)
        json_object_set_new(j, "genesis", genesis_json(ledger_genesis(l)));
    return j;
}

bool action_chain_dump(struct workspace *w, uint64_t from, uint64_t to, bool (*take)(void *context, json_t *frame),
                       void *context, struct error *err)
{
    struct ledger *l = chain_open_to_read(w, err);
    bool ok = l != NULL, goes_on = true;
    for (uint64_t h = from; ok && goes_on && h <= to && h <= ledger_height(l); h++) {
        json_t *frame = block_json(l, h, true, err);
        ok = frame != NULL;
        goes_on = ok && take(context, frame);
        json_decref(frame);
    }
    ledger_close(l);
    return ok;
}

json_t *action_chain_log_part(struct workspace *w, uint64_t from, uint64_t to, struct error *err)
{
    struct ledger *l = chain_open_to_read(w, err);
    if (!l)
        return NULL;
    json_t *blocks = json_array();
    bool ok = true;
    for (uint64_t h = from; ok && h <= to && h <= ledger_height(l); h++) {
        json_t *block = block_json(l, h, false, err);
        ok = block && json_array_append_new(blocks, block) == 0;
    }
    ledger_close(l);
    if (ok)
        return json_pack("{s:o}", "blocks", blocks);
    json_decref(blocks);
    return NULL;
}

json_t *action_chain_log(struct workspace *w, struct error *err)
{
    return action_chain_log_part(w, 0, UINT64_MAX, err);
}
