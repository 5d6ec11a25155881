/* chain holdout: what came out when the task's sealed hold-out was opened, once, told to everybody. */
#include "action/chain_internal.h"

#include "action/holdout.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/arches.h"
#include "work/json.h"

static void put_model(struct text *t, const char *what, const json_t *m)
{
    const json_t *score = json_object_get(m, "directional_accuracy");
    text_printf(t, "%s %s: correct %lld of %lld, %.6f [%.6f, %.6f]\n", what,
                json_string_value(json_object_get(m, "name")), json_integer_value(json_object_get(m, "correct")),
                json_integer_value(json_object_get(m, "total")), json_member_number(score, "mean"),
                json_member_number(score, "low"), json_member_number(score, "high"));
}

void chain_holdout_head(struct text *out, const struct tx_holdout *h)
{
    char task[HASH_HEX], arch[HASH_HEX], weights[HASH_HEX];
    hash_hex(h->task, task);
    hash_hex(h->arch, arch);
    hash_hex(h->weights, weights);
    text_printf(out, "morphsmith-holdout 1\ntask %s\narchitecture %s\nweights %s\ncorrect %u of %u\n\n", task, arch,
                weights, h->correct, h->total);
}

/* The chosen one, the baselines, and what the comparison comes to. */
static char *holdout_text(const json_t *result, const struct tx_holdout *h)
{
    struct text t = {0};
    const json_t *one;
    size_t i;
    chain_holdout_head(&t, h);
    put_model(&t, "chosen", json_object_get(result, "chosen"));
    json_array_foreach(json_object_get(result, "baselines"), i, one)
        put_model(&t, "baseline", one);
    json_array_foreach(json_object_get(result, "leads"), i, one)
        text_printf(&t, "%s\n", json_string_value(json_object_get(one, "sentence")));
    return t.data;
}

struct telling {
    json_t *result;
    struct tx_holdout body;
    char *arch, *evidence;
};

static bool fill_holdout(void *context, const struct chain_draft *d, struct tx *tx, struct error *err)
{
    const struct telling *h = context;
    struct hash id;
    tx->type = TX_HOLDOUT;
    tx->holdout = h->body;
    if (state_holdout_find(ledger_pool_state(d->ledger), h->body.task, key_address(&tx->sender)))
        return error_set(err, ERROR_CHAIN, "this identity has told of this hold-out already");
    return d->draft || (claim_put_text(d->chain, h->arch, &id, err) && claim_put_text(d->chain, h->evidence, &id, err));
}

static bool read_result(struct workspace *w, struct telling *h, struct error *err)
{
    const json_t *chosen = json_object_get(h->result, "chosen");
    const char *state = json_string_value(json_object_get(h->result, "state"));
    if (!chosen || !state || !text_equal(state, "done"))
        return error_set(err, ERROR_USAGE, "the task's hold-out was not opened yet: `holdout open` does, once");
    struct arch *a = arches_load(w, json_member_hash(chosen, "arch"), err);
    if (!a)
        return false;
    h->arch = arch_canonical_text(a);
    arch_free(a);
    h->body.arch = hash_of_text(h->arch);
    h->body.weights = json_member_hash(chosen, "weights_hash");
    h->body.correct = (uint32_t)json_integer_value(json_object_get(chosen, "correct"));
    h->body.total = (uint32_t)json_integer_value(json_object_get(chosen, "total"));
    h->evidence = holdout_text(h->result, &h->body);
    h->body.evidence = hash_of_text(h->evidence);
    return true;
}

static bool find_task(struct workspace *w, struct hash *out, struct error *err)
{
    struct ledger *l = chain_open_to_read(w, err);
    struct state_task task;
    bool ok = l && chain_find_task(w, ledger_pool_state(l), NULL, &task, err);
    if (ok)
        *out = task.id;
    ledger_close(l);
    return ok;
}

json_t *action_chain_holdout(struct workspace *w, const struct action_signer *s, struct error *err)
{
    struct telling h = {.result = action_holdout_show(w, err)};
    struct tx *tx = NEW(struct tx);
    struct chain_filling filling = {.fill = fill_holdout, .context = &h};
    json_t *result = NULL;
    if (h.result && find_task(w, &h.body.task, err) && read_result(w, &h, err))
        result = chain_submit(w, s, tx, &filling, err);
    if (result) {
        json_object_set_new(result, "task", json_of_hash(h.body.task));
        json_object_set_new(result, "arch", json_of_hash(h.body.arch));
        json_object_set_new(result, "correct", json_integer((json_int_t)h.body.correct));
        json_object_set_new(result, "total", json_integer((json_int_t)h.body.total));
    }
    json_decref(h.result);
    free(h.arch);
    free(h.evidence);
    free(tx);
    return result;
}

bool action_chain_wants_holdout(struct workspace *w)
{
    struct hash task;
    struct ledger *l = find_task(w, &task, NULL) ? chain_open_to_read(w, NULL) : NULL;
    const struct state_holdout *all;
    int n = l ? state_holdouts(ledger_pool_state(l), &all) : 0;
    bool told = !l;
    for (int i = 0; i < n; i++)
        told = told || hash_equal(all[i].body.task, task);
    ledger_close(l);
    return !told;
}
