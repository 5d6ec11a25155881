/* Becoming a validator, ceasing to be one, and proving that another has signed twice. */
#include "action/chain_follow.h"

#include "action/chain_internal.h"
#include "base/memory.h"
#include "base/text.h"
#include "chain/evidence.h"
#include "work/json.h"

/* --- register, retire ------------------------------------------------------------------------------------------------- */

struct registering {
    struct key *voting;
    struct key_info who; /* of the voting key */
};

static bool fill_register(void *context, const struct chain_draft *d, struct tx *tx, struct error *err)
{
    struct registering *r = context;
    const struct key *voting = r->voting ? r->voting : d->key;
    tx->type = TX_REGISTER;
    if (voting && memcmp(key_public_of(voting), &r->who.public_key, sizeof r->who.public_key) == 0) {
        tx_register_consent(&tx->registration, tx->chain, &tx->sender, voting);
        return true;
    }
    return error_set(err, ERROR_KEY, "the voting key must sign that it votes for this identity: give its passphrase too "
                                     "(--passphrase-fd: the identity's line first, then the voting key's)");
}

json_t *action_chain_register(struct workspace *w, const struct action_signer *s, const char *voting,
                              const char *voting_passphrase, struct error *err)
{
    char keys[FILE_PATH_MAX];
    struct registering r = {.voting = NULL};
    struct chain_filling filling = {.fill = fill_register, .context = &r};
    if (!chain_find_signer(voting ? voting : s->key, &r.who, keys, sizeof keys, err))
        return NULL;
    if (voting && voting_passphrase && !(r.voting = key_open(keys, r.who.name, voting_passphrase, err)))
        return NULL;
    struct tx *tx = NEW(struct tx);
    json_t *result = chain_submit(w, s, tx, &filling, err);
    free(tx);
    key_free(r.voting);
    return result;
}

json_t *action_chain_retire(struct workspace *w, const struct action_signer *s, struct error *err)
{
    struct tx *tx = NEW(struct tx);
    tx->type = TX_RETIRE;
    json_t *result = chain_submit(w, s, tx, NULL, err);
    free(tx);
    return result;
}

/* --- evidence --------------------------------------------------------------------------------------------------------- */

static bool fill_evidence(void *context, const struct chain_draft *d, struct tx *tx, struct error *err)
{
    const struct evidence_proof *e = context;
    (void)d, (void)err;
    tx->type = TX_EVIDENCE;
    tx->evidence = (struct tx_evidence){e->a, e->b};
    return true;
}

static json_t *culprit(const struct state *s, const struct vote *v)
{
    const struct state_voting *k = state_voting_find(s, &v->voting);
    char text[KEY_ADDRESS_MAX] = "";
    if (k)
        address_text(k->who, text);
    return k ? json_string(text) : json_null();
}

/* Would a block take it now? Asked of a copy of the state. */
static bool is_due(const struct ledger *l, const struct evidence_proof *e, const struct key_public *sender, struct error *why)
{
    struct state *s = state_copy(ledger_pool_state(l));
    struct tx *tx = NEW(struct tx);
    tx->type = TX_EVIDENCE;
    tx->chain = ledger_id(l);
    tx->evidence = (struct tx_evidence){e->a, e->b};
    tx->sender = *sender;
    tx->nonce = ledger_next_nonce(l, key_address(sender));
    tx->fee = ledger_genesis(l)->min_fee;
    bool due = state_apply_id(s, tx, tx_id(tx), why);
    free(tx);
    state_free(s);
    return due;
}

static json_t *evidence_json(const struct ledger *l, const struct evidence_proof *e)
{
    return json_pack("{s:o, s:o, s:I, s:i, s:s}", "id", json_of_hash(e->id), "culprit", culprit(ledger_state(l), &e->a),
                     "height", (json_int_t)e->a.height, "round", (int)e->a.round, "step", vote_step_name(e->a.step));
}

json_t *action_chain_evidence_list(struct workspace *w, struct error *err)
{
    char chain[FILE_PATH_MAX];
    struct evidence_proof *e = NULL;
    chain_folder(w, chain, sizeof chain);
    struct ledger *l = chain_open_to_read(w, err);
    int n = l ? evidence_list(chain, &e, err) : -1;
    json_t *list = n >= 0 ? json_array() : NULL;
    for (int i = 0; i < n; i++)
        json_array_append_new(list, evidence_json(l, &e[i]));
    free(e);
    ledger_close(l);
    return list ? json_pack("{s:o}", "evidence", list) : NULL;
}

/* The first that is due; the others are of no use any more, unless it is the sender who lacks the fee. */
static int first_due(const struct ledger *l, const char *chain, const struct evidence_proof *e, int n,
                     const struct key_public *sender, struct error *why)
{
    for (int i = 0; i < n; i++) {
        error_clear(why);
        if (is_due(l, &e[i], sender, why))
            return i;
        const struct state_voting *k = state_voting_find(ledger_state(l), &e[i].a.voting);
        uint64_t height = ledger_height(l), blocks = ledger_genesis(l)->evidence_blocks;
        bool late = height > e[i].a.height && height - e[i].a.height > blocks;
        if (!k || k->punished >= e[i].a.height || late)
            evidence_remove(chain, e[i].id, NULL);
    }
    return -1;
}

json_t *action_chain_evidence(struct workspace *w, const struct action_signer *s, struct error *err)
{
    char chain[FILE_PATH_MAX], keys[FILE_PATH_MAX];
    struct key_info who;
    struct evidence_proof *e = NULL;
    struct error why;
    error_clear(&why);
    chain_folder(w, chain, sizeof chain);
    struct ledger *l = chain_find_identity(s->key, &who, keys, sizeof keys, err) ? chain_open_to_read(w, err) : NULL;
    int n = l ? evidence_list(chain, &e, err) : -1;
    int at = n > 0 ? first_due(l, chain, e, n, &who.public_key, &why) : -1;
    json_t *of = at >= 0 ? culprit(ledger_state(l), &e[at].a) : NULL, *result = NULL;
    ledger_close(l);
    if (n >= 0 && at < 0)
        error_set(err, ERROR_CHAIN, n ? "none of the %d proofs that are kept can be sent: %s"
                                      : "no proof of a double signature is kept here (%d)%s", n, why.text);
    if (at >= 0) {
        struct tx *tx = NEW(struct tx);
        struct chain_filling filling = {.fill = fill_evidence, .context = &e[at]};
        result = chain_submit(w, s, tx, &filling, err);
        free(tx);
    }
    if (result)
        json_object_set(result, "culprit", of);
    json_decref(of);
    free(e);
    return result;
}
