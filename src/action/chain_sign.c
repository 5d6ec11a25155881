#include "action/chain_internal.h"

#include "base/bytes.h"
#include "base/file.h"
#include "base/text.h"
#include "work/json.h"

/* --- identities --------------------------------------------------------------------------------------------------- */

/* The identity that `name` means: given, or the only one, or "main". */
bool chain_find_identity(const char *name, struct key_info *out, char *folder, size_t size, struct error *err)
{
    struct key_info *all = NULL;
    if (!action_key_folder(folder, size, err))
        return false;
    int n = key_list(folder, &all, err), found = -1;
    for (int i = 0; i < n; i++)
        if (name ? text_equal(all[i].name, name) : n == 1 || text_equal(all[i].name, "main"))
            found = i;
    if (found >= 0)
        *out = all[found];
    free(all);
    if (n < 0)
        return false;
    if (found >= 0)
        return true;
    if (n == 0)
        return error_set(err, ERROR_KEY, "there is no identity yet: make one with `key new`");
    return name ? error_set(err, ERROR_KEY, "there is no identity %s; `key list` shows those there are", name)
                : error_set(err, ERROR_KEY, "there are several identities: say which with --key NAME");
}

/* --- signing ------------------------------------------------------------------------------------------------------ */

static json_t *draft_json(const struct bytes *b, struct error *err)
{
    struct text shown = {0};
    char word[64], hex[HASH_HEX];
    json_t *result = NULL;
    if (tx_show(b->data, b->n, &shown, err)) {
        tx_confirm_word(b->data, b->n, word, sizeof word);
        hash_hex(hash_of(b->data, b->n), hex);
        result = json_pack("{s:b, s:o, s:s, s:s}", "draft", 1, "show", json_of_text(text_of(&shown)), "word", word,
                           "expect", hex);
    }
    text_free(&shown);
    return result;
}

static json_t *sign_and_submit(struct ledger *l, const struct action_signer *s, const char *folder, const char *name,
                               struct tx *tx, struct error *err)
{
    struct bytes b = {0};
    char hex[HASH_HEX];
    struct hash id;
    json_t *result = NULL;
    tx_signing_bytes(tx, &b);
    hash_hex(hash_of(b.data, b.n), hex);
    if (s->draft) {
        result = draft_json(&b, err);
    } else if (s->expect && !text_equal(s->expect, hex)) {
        error_set(err, ERROR_CHAIN,
                  "what would be signed is no longer what was shown (the chain or the proposal changed): look again");
    } else {
        struct key *key = key_open(folder, name, s->passphrase ? s->passphrase : "", err);
        if (key) {
            tx_sign(tx, key);
            if (ledger_submit(l, tx, &id, err))
                result = json_pack("{s:o, s:I}", "tx", json_of_hash(id), "height", (json_int_t)ledger_height(l) + 1);
        }
        key_free(key);
    }
    bytes_free(&b);
    return result;
}

json_t *chain_submit(struct workspace *w, const struct action_signer *s, struct tx *tx,
                     const struct chain_filling *filling, struct error *err)
{
    char chain[FILE_PATH_MAX], keys[FILE_PATH_MAX];
    struct key_info who;
    if (!chain_find_identity(s->key, &who, keys, sizeof keys, err))
        return NULL;
    chain_folder(w, chain, sizeof chain);
    struct ledger *l = ledger_open(chain, !s->draft, err);
    if (!l)
        return NULL;
    json_t *result = NULL;
    tx->chain = ledger_id(l);
    tx->sender = who.public_key;
    tx->nonce = ledger_next_nonce(l, key_address(&who.public_key));
    tx->fee = ledger_genesis(l)->min_fee;
    if (!filling || filling->fill(filling->context, w, chain, l, &who, tx, err))
        result = sign_and_submit(l, s, keys, who.name, tx, err);
    ledger_close(l);
    return result;
}
