#include "action/chain_internal.h"

#include "action/chain_follow.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "chain/batch.h"
#include "work/json.h"

#include <sodium.h>

/* --- identities --------------------------------------------------------------------------------------------------- */

/* A public key in full is an identity even where no file names it: its secret may live on another machine. */
static bool by_public_key(const char *hex, const struct key_info *all, int n, struct key_info *out)
{
    struct hash key;
    if (!hash_from_hex(hex, &key))
        return false;
    *out = (struct key_info){.public_only = true};
    memcpy(out->public_key.byte, key.byte, KEY_PUBLIC_BYTES);
    for (int i = 0; i < n; i++)
        if (!all[i].problem[0] && memcmp(&all[i].public_key, &out->public_key, sizeof out->public_key) == 0)
            *out = all[i];
    return true;
}

static int with_secrets(const struct key_info *all, int n)
{
    int secrets = 0;
    for (int i = 0; i < n; i++)
        secrets += !all[i].public_only && !all[i].problem[0];
    return secrets;
}

static int by_name(const struct key_info *all, int n, const char *name)
{
    for (int i = 0; i < n; i++)
        if (text_equal(all[i].name, name))
            return i;
    return -1;
}

int chain_default_identity(const char *folder, const struct key_info *all, int n, struct error *err)
{
    char chosen[KEY_NAME_MAX];
    int secrets = with_secrets(all, n), found = -1;
    if (!chain_chosen_identity(folder, chosen, err))
        return -1;
    if (chosen[0]) {
        found = by_name(all, n, chosen);
        if (found < 0)
            error_set(err, ERROR_KEY, "the identity %s, which was to sign by default, is not here: `key default NAME` chooses "
                                      "another",
                      chosen);
        return found;
    }
    for (int i = 0; i < n; i++)
        if (!all[i].problem[0] &&
            (secrets == 1 ? !all[i].public_only : n == 1 || text_equal(all[i].name, "main")))
            found = i;
    return found;
}

static bool none_found(const struct key_info *all, int n, const char *name, struct error *err)
{
    if (name)
        return error_set(err, ERROR_KEY, "there is no identity %s; `key list` shows those there are, `key new` makes one",
                         name);
    if (n == 0)
        return error_set(err, ERROR_KEY, "there is no identity yet: make one with `key new`");
    if (n == 1)
        return error_set(err, ERROR_KEY, "%s", all[0].problem);
    return error_set(err, ERROR_KEY,
                     "there are several identities: say which with --key NAME (behind a key command NAME alone), or once "
                     "and for all with `key default NAME`; `key list` shows them");
}

bool chain_find_identity(const char *name, struct key_info *out, char *folder, size_t size, struct error *err)
{
    struct key_info *all = NULL;
    struct error why = {0};
    int n = action_key_folder(folder, size, err) ? key_list(folder, &all, err) : -1;
    int found = n <= 0 ? -1 : name ? by_name(all, n, name) : chain_default_identity(folder, all, n, &why);
    bool ok = n >= 0;
    if (found >= 0)
        *out = all[found];
    if (found >= 0 && out->problem[0])
        ok = error_set(err, ERROR_KEY, "%s", out->problem);
    else if (why.kind != ERROR_NONE)
        ok = error_set(err, why.kind, "%s", why.text);
    else if (ok && found < 0 && !(name && by_public_key(name, all, n, out)))
        ok = none_found(all, n, name, err);
    free(all);
    return ok;
}

bool chain_find_signer(const char *name, struct key_info *out, char *folder, size_t size, struct error *err)
{
    if (!chain_find_identity(name, out, folder, size, err))
        return false;
    return !out->public_only ||
           error_set(err, ERROR_KEY,
                     "only the public part of %s is here: `chain prepare` what it shall sign, and sign it with `chain "
                     "sign` where its key is",
                     out->name[0] ? out->name : name);
}

/* --- signing ------------------------------------------------------------------------------------------------------ */

static struct hash bytes_of_all(const struct tx *tx, int n, struct bytes *out)
{
    batch_bytes(tx, n, out);
    return hash_of(out->data, out->n);
}

static json_t *json_of_bytes(const struct bytes *b)
{
    char *hex = memory_new(2 * b->n + 1, 1);
    sodium_bin2hex(hex, 2 * b->n + 1, b->data, b->n);
    json_t *j = json_string(hex);
    free(hex);
    return j;
}

static void put_ids(const struct tx *tx, int n, json_t *ids, json_t *hex)
{
    for (int i = 0; i < n; i++) {
        struct bytes b = {0};
        tx_signing_bytes(&tx[i], &b);
        json_array_append_new(ids, json_of_hash(hash_of(b.data, b.n)));
        json_array_append_new(hex, json_of_bytes(&b));
        bytes_free(&b);
    }
}

json_t *chain_draft_json(const struct tx *tx, int n, struct error *err)
{
    struct text shown = {0};
    struct bytes all = {0};
    char word[64], expect[HASH_HEX];
    json_t *result = NULL, *ids = json_array(), *hex = json_array();
    put_ids(tx, n, ids, hex);
    hash_hex(bytes_of_all(tx, n, &all), expect);
    if (batch_show(tx, n, &shown, err)) {
        tx_confirm_word(all.data, all.n, word, sizeof word);
        result = json_pack("{s:b, s:o, s:s, s:s, s:O, s:O, s:O}", "draft", 1, "show", json_of_text(text_of(&shown)),
                           "word", word, "expect", expect, "tx", json_array_get(ids, (size_t)n - 1), "transactions",
                           ids, "bytes", hex);
    }
    json_decref(ids);
    json_decref(hex);
    text_free(&shown);
    bytes_free(&all);
    return result;
}

bool chain_seal_block(struct workspace *w, struct ledger *l, const struct key *key, uint64_t *height, struct hash *id,
                      struct error *err)
{
    struct chain_witness *x = chain_witness_new(w, 1, NULL);
    bool ok = ledger_seal_witnessed(l, key, clock_wall_us(), chain_witness_of(x), height, id, err);
    chain_witness_free(x);
    return ok;
}

static bool seal(struct workspace *w, struct ledger *l, const struct key *key, bool wanted, json_t *blocks,
                 struct error *err)
{
    uint64_t height;
    struct hash id;
    if (!wanted)
        return true;
    if (!chain_seal_block(w, l, key, &height, &id, err))
        return false;
    json_array_append_new(blocks, json_integer((json_int_t)height));
    return true;
}

static bool submit_one(struct workspace *w, struct ledger *l, const struct key *key, const struct tx *tx,
                       const struct chain_filling *f, json_t *ids, json_t *blocks, struct error *err)
{
    struct hash id;
    if (!seal(w, l, key, f && f->seal_before, blocks, err) || !ledger_submit(l, tx, &id, err))
        return false;
    json_array_append_new(ids, json_of_hash(id));
    return seal(w, l, key, f && f->seal_behind, blocks, err);
}

/* "height" is that of the block which holds the last one, or will. */
static json_t *sign_all(struct workspace *w, struct ledger *l, const struct key *key, struct tx *tx, int n,
                        const struct chain_filling *filling, struct error *err)
{
    json_t *ids = json_array(), *blocks = json_array(), *result = NULL;
    bool ok = true;
    for (int i = 0; i < n; i++)
        tx_sign(&tx[i], key);
    for (int i = 0; ok && i < n; i++)
        ok = submit_one(w, l, key, &tx[i], filling ? &filling[i] : NULL, ids, blocks, err);
    int sent = (int)json_array_size(ids);
    bool sealed = filling && filling[n - 1].seal_behind;
    if (ok)
        result = json_pack("{s:O, s:I}", "tx", json_array_get(ids, (size_t)n - 1), "height",
                           (json_int_t)ledger_height(l) + !sealed);
    else if (sent)
        error_prefix(err, "%d of %d were sent; run this again to go on", sent, n);
    if (result && n > 1)
        json_object_set(result, "transactions", ids);
    if (result && json_array_size(blocks))
        json_object_set(result, "blocks", blocks);
    json_decref(ids);
    json_decref(blocks);
    return result;
}

static bool fill_all(const struct chain_draft *d, struct tx *tx, int n, const struct chain_filling *filling,
                     struct error *err)
{
    uint64_t nonce = ledger_next_nonce(d->ledger, key_address(&d->who->public_key));
    for (int i = 0; i < n; i++) {
        tx[i].chain = ledger_id(d->ledger);
        tx[i].sender = d->who->public_key;
        tx[i].nonce = nonce + (uint64_t)i;
        tx[i].fee = ledger_genesis(d->ledger)->min_fee;
        if (filling && filling[i].fill && !filling[i].fill(filling[i].context, d, &tx[i], err))
            return false;
    }
    return true;
}

/* What a rule refuses is said with the draft, not behind the word and the passphrase. Behind the first block that is to be
 * sealed in between nothing can be told yet; and a key elsewhere may sign what is possible only later. */
static bool draft_is_possible(const struct chain_draft *d, const struct tx *tx, int n, const struct chain_filling *filling,
                              struct error *err)
{
    int now = 0;
    if (d->prepares)
        return true;
    while (now < n && !(filling && (filling[now].seal_before || (now > 0 && filling[now - 1].seal_behind))))
        now++;
    return ledger_would_take(d->ledger, tx, now, err);
}

static json_t *fill_and_sign(struct ledger *l, const struct chain_draft *d, const struct action_signer *s,
                             struct tx *tx, int n, const struct chain_filling *filling, struct error *err)
{
    if (s->expect && strlen(s->expect) != HASH_HEX - 1)
        return error_set(err, ERROR_USAGE, "--expect is all 64 digits that --draft prints, not %s", s->expect), NULL;
    if (!fill_all(d, tx, n, filling, err))
        return NULL;
    struct bytes all = {0};
    char hex[HASH_HEX];
    json_t *result = NULL;
    hash_hex(bytes_of_all(tx, n, &all), hex);
    if (s->draft)
        result = draft_is_possible(d, tx, n, filling, err) ? chain_draft_json(tx, n, err) : NULL;
    else if (s->expect && !text_equal(s->expect, hex))
        error_set(err, ERROR_CHAIN,
                  "what would be signed is no longer what was shown (the chain or the proposal changed): look again");
    else
        result = sign_all(d->workspace, l, d->key, tx, n, filling, err);
    bytes_free(&all);
    return result;
}

json_t *chain_submit_all(struct workspace *w, const struct action_signer *s, struct tx *tx, int n,
                         const struct chain_filling *filling, struct error *err)
{
    char chain[FILE_PATH_MAX], keys[FILE_PATH_MAX];
    struct key_info who;
    ASSERT(n >= 1);
    bool unlocks = !s->draft || s->passphrase;
    if (!(unlocks ? chain_find_signer : chain_find_identity)(s->key, &who, keys, sizeof keys, err))
        return NULL;
    chain_folder(w, chain, sizeof chain);
    struct key *key = NULL;
    if (unlocks && !(key = key_open(keys, who.name, s->passphrase ? s->passphrase : "", err)))
        return NULL;
    struct ledger *l = chain_ledger_open(w, !s->draft, err);
    struct chain_draft d = {.workspace = w, .chain = chain, .ledger = l, .who = &who, .key = key, .draft = s->draft,
                            .prepares = s->prepares};
    json_t *result = l ? fill_and_sign(l, &d, s, tx, n, filling, err) : NULL;
    chain_ledger_close(w, l);
    key_free(key);
    if (result && s->draft)
        json_object_set_new(result, "identity", json_of_text(who.name));
    return result;
}

json_t *chain_submit(struct workspace *w, const struct action_signer *s, struct tx *tx,
                     const struct chain_filling *filling, struct error *err)
{
    return chain_submit_all(w, s, tx, 1, filling, err);
}
