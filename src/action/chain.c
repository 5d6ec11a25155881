/* Starting a chain, sealing blocks, tokens. */
#include "action/chain_internal.h"

#include "action/chain_genesis.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "work/json.h"

/* --- beginning ---------------------------------------------------------------------------------------------------- */

void action_chain_defaults(struct action_chain_init_options *o)
{
    *o = (struct action_chain_init_options){.name = "morphsmith"};
    chain_genesis_defaults(&o->genesis);
}

bool action_chain_parameter(struct action_chain_init_options *o, const char *name, const char *value,
                            struct error *err)
{
    return chain_genesis_set(&o->genesis, name, value, err);
}

/* One identity holds everything, a tenth of it as its stake, and seals. */
static bool alone(const struct action_chain_init_options *o, struct genesis *g, struct error *err)
{
    char keys[FILE_PATH_MAX];
    struct key_info who, voting;
    if (!chain_find_identity(o->key, &who, keys, sizeof keys, err))
        return false;
    voting = who;
    if (o->voting && !chain_find_identity(o->voting, &voting, keys, sizeof keys, err))
        return false;
    if (!text_copy(g->name, sizeof g->name, o->name))
        return error_set(err, ERROR_USAGE, "a chain's name has at most %zu characters", sizeof g->name - 1);
    g->holders = g->validators = 1;
    g->holder[0].key = g->validator[0].identity = who.public_key;
    g->validator[0].voting = voting.public_key;
    g->validator[0].stake = o->stake ? o->stake : g->supply < 10 ? 1 : g->supply / 10;
    if (g->validator[0].stake > g->supply)
        return error_set(err, ERROR_USAGE, "a stake of %llu is more than the supply of %llu",
                         (unsigned long long)g->validator[0].stake, (unsigned long long)g->supply);
    g->holder[0].balance = g->supply - g->validator[0].stake;
    return true;
}

json_t *action_chain_init(struct workspace *w, const struct action_chain_init_options *o, struct error *err)
{
    char chain[FILE_PATH_MAX], address[KEY_ADDRESS_MAX];
    struct genesis *g = NEW(struct genesis);
    json_t *result = NULL;
    *g = o->genesis;
    chain_folder(w, chain, sizeof chain);
    bool ok = o->file ? chain_genesis_read(o->file, g, err) : alone(o, g, err);
    if (ok && ledger_create(chain, g, err)) {
        char *text = chain_genesis_text(g);
        chain_head_remember(w, 0, genesis_id(g));
        address_text(key_address(&g->validator[0].identity), address);
        result = json_pack("{s:o, s:s, s:I, s:I, s:o}", "chain_id", json_of_hash(genesis_id(g)), "address", address,
                           "supply", (json_int_t)g->supply, "stake", (json_int_t)g->validator[0].stake, "genesis",
                           json_of_text(text));
        json_object_set_new(result, "next",
                            json_string(g->validators > 1 ? "the others take it over with `chain join`; then all `chain follow` it"
                                                          : "`chain task` puts the workspace's task on it"));
        free(text);
    }
    free(g);
    return result;
}

/* --- tokens ------------------------------------------------------------------------------------------------------- */

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

/* --- blocks ------------------------------------------------------------------------------------------------------- */

json_t *action_chain_seal(struct workspace *w, const struct action_signer *s, struct error *err)
{
    char keys[FILE_PATH_MAX];
    struct key_info who;
    if (!chain_find_signer(s->key, &who, keys, sizeof keys, err))
        return NULL;
    struct key *key = key_open(keys, who.name, s->passphrase ? s->passphrase : "", err);
    struct ledger *l = key ? chain_ledger_open(w, true, err) : NULL;
    json_t *result = NULL;
    const struct tx *pool;
    int n = l ? ledger_pool(l, &pool) : 0;
    uint64_t height;
    struct hash id;
    if (l && chain_seal_block(w, l, key, &height, &id, err)) {
        int left = ledger_pool(l, &pool);
        result = json_pack("{s:I, s:o, s:b, s:i, s:i}", "height", (json_int_t)height, "hash", json_of_hash(id), "final", 1,
                           "transactions", n - left, "left", left);
    }
    key_free(key);
    chain_ledger_close(w, l);
    return result;
}
