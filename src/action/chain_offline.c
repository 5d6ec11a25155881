/* Keys that live on a machine without the chain: what is to be signed is written to a file, signed there, brought back. */
#include "action/chain_internal.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "chain/batch.h"
#include "work/json.h"

#include <sodium.h>

static bool write_batch(const struct batch *b, const char *file, struct error *err)
{
    struct bytes out = {0};
    batch_encode(b, &out);
    bool ok = file_create(file, out.data, out.n, 0644, err);
    bytes_free(&out);
    return ok;
}

static bool read_batch(const char *file, struct batch *b, struct error *err)
{
    struct bytes in = {0};
    bool ok = file_read(file, BATCH_FILE_MOST, &in, err);
    if (ok && !batch_decode(b, in.data, in.n, err))
        ok = error_prefix(err, "%s", file);
    bytes_free(&in);
    return ok;
}

static json_t *ids_of(const struct batch *b)
{
    json_t *ids = json_array();
    for (int i = 0; i < b->n; i++) {
        struct bytes one = {0};
        tx_signing_bytes(&b->tx[i], &one);
        json_array_append_new(ids, json_of_hash(hash_of(one.data, one.n)));
        bytes_free(&one);
    }
    return ids;
}

static json_t *file_json(const struct batch *b, const char *file)
{
    char address[KEY_ADDRESS_MAX];
    json_t *ids = ids_of(b);
    address_text(key_address(&b->tx[0].sender), address);
    return json_pack("{s:o, s:b, s:s, s:o, s:O, s:o}", "file", json_of_text(file), "signed", b->is_signed, "address",
                     address, "chain", json_of_hash(b->tx[0].chain), "tx", json_array_get(ids, (size_t)b->n - 1),
                     "transactions", ids);
}

/* --- preparing ---------------------------------------------------------------------------------------------------- */

static bool add_hex(struct batch *b, const char *hex, struct error *err)
{
    size_t n = hex ? strlen(hex) / 2 : 0, got = 0;
    uint8_t *bytes = memory_new(n + 1, 1);
    bool ok = hex && sodium_hex2bin(bytes, n + 1, hex, strlen(hex), NULL, &got, NULL) == 0 && got == n;
    ok = ok ? batch_add(b, bytes, n, err) : error_set(err, ERROR_FAILED, "the draft has no bytes in hex");
    free(bytes);
    return ok;
}

json_t *action_chain_prepare(const json_t *draft, const char *file, struct error *err)
{
    struct batch b = {0};
    size_t i;
    const json_t *one, *all = json_object_get(draft, "bytes");
    bool ok = json_array_size(all) > 0 || error_set(err, ERROR_FAILED, "there is nothing that could be prepared");
    json_array_foreach(all, i, one)
        ok = ok && add_hex(&b, json_string_value(one), err);
    json_t *result = ok && write_batch(&b, file, err) ? file_json(&b, file) : NULL;
    batch_free(&b);
    return result;
}

/* --- signing ------------------------------------------------------------------------------------------------------ */

/* The identity that the file names; given by name, it must be that one. */
static bool find_sender(const char *name, const struct key_public *sender, struct key_info *who, char *folder,
                        size_t size, struct error *err)
{
    char hex[2 * KEY_PUBLIC_BYTES + 1], address[KEY_ADDRESS_MAX];
    sodium_bin2hex(hex, sizeof hex, sender->byte, KEY_PUBLIC_BYTES);
    address_text(key_address(sender), address);
    if (!chain_find_identity(name ? name : hex, who, folder, size, err))
        return false;
    if (memcmp(&who->public_key, sender, sizeof *sender) != 0)
        return error_set(err, ERROR_KEY, "this was prepared for %s, which %s is not", address, who->name);
    return !who->public_only ||
           error_set(err, ERROR_KEY, "this was prepared for %s, whose secret key is not on this machine", address);
}

static bool is_expected(const char *expect, const struct batch *b, struct error *err)
{
    struct bytes all = {0};
    char hex[HASH_HEX];
    batch_bytes(b->tx, b->n, &all);
    hash_hex(hash_of(all.data, all.n), hex);
    bytes_free(&all);
    return !expect || text_equal(expect, hex) ||
           error_set(err, ERROR_CHAIN, "what would be signed is not what was shown: the file has changed; look again");
}

static json_t *sign_batch(struct batch *b, const struct action_signer *s, const char *file, const char *out,
                          struct error *err)
{
    char keys[FILE_PATH_MAX], path[FILE_PATH_MAX];
    struct key_info who;
    if (b->is_signed) {
        error_set(err, ERROR_CHAIN, "%s is signed already: `chain submit` it where the chain is", file);
        return NULL;
    }
    if (!find_sender(s->key, &b->tx[0].sender, &who, keys, sizeof keys, err))
        return NULL;
    if (s->draft) {
        json_t *draft = chain_draft_json(b->tx, b->n, err);
        json_object_set_new(draft, "identity", json_of_text(who.name));
        return draft;
    }
    if (!text_copy(path, sizeof path, out ? out : file) || (!out && !text_append(path, sizeof path, ".signed"))) {
        error_set(err, ERROR_USAGE, "the path is too long");
        return NULL;
    }
    struct key *key = is_expected(s->expect, b, err) ? key_open(keys, who.name, s->passphrase ? s->passphrase : "", err)
                                                     : NULL;
    bool ok = key && batch_sign(b, key, err) && write_batch(b, path, err);
    key_free(key);
    return ok ? file_json(b, path) : NULL;
}

json_t *action_chain_sign(const struct action_signer *s, const char *file, const char *out, struct error *err)
{
    struct batch b = {0};
    json_t *result = read_batch(file, &b, err) ? sign_batch(&b, s, file, out, err) : NULL;
    batch_free(&b);
    return result;
}

/* --- bringing back ------------------------------------------------------------------------------------------------ */

static bool same_tx(const struct tx *a, const struct tx *b)
{
    struct bytes one = {0}, two = {0};
    tx_signing_bytes(a, &one);
    tx_signing_bytes(b, &two);
    bool same = one.n == two.n && memcmp(one.data, two.data, one.n) == 0;
    bytes_free(&one);
    bytes_free(&two);
    return same;
}

static bool in_block(const struct ledger *l, uint64_t height, const struct tx *tx)
{
    struct ledger_block block;
    struct tx *got = NEW(struct tx);
    bool found = false;
    if (ledger_block(l, height, &block))
        for (int i = 0; !found && i < block.transactions; i++)
            found = ledger_block_tx(l, height, i, got, NULL) && same_tx(got, tx);
    free(got);
    return found;
}

/* Brought here before? Looked for only where its number was used already, from the newest block on. */
static bool is_known(const struct ledger *l, const struct tx *tx)
{
    const struct tx *pool;
    if (tx->nonce >= ledger_next_nonce(l, key_address(&tx->sender)))
        return false;
    for (int i = 0, n = ledger_pool(l, &pool); i < n; i++)
        if (same_tx(&pool[i], tx))
            return true;
    for (uint64_t h = ledger_height(l); h > 0; h--)
        if (in_block(l, h, tx))
            return true;
    return false;
}

static bool submittable(const struct ledger *l, const struct batch *b, const char *file, struct error *err)
{
    if (!b->is_signed)
        return error_set(err, ERROR_CHAIN, "%s is not signed yet: `chain sign` it where its key is", file);
    return hash_equal(b->tx[0].chain, ledger_id(l)) ||
           error_set(err, ERROR_CHAIN, "%s was prepared for another chain than this one", file);
}

/* How many came into the pool, and how many were here before; false where one was refused. */
static bool put_all(struct ledger *l, const struct batch *b, int *put, int *known, struct error *err)
{
    for (int i = 0; i < b->n; i++) {
        struct hash id;
        if (is_known(l, &b->tx[i]))
            ++*known;
        else if (ledger_submit(l, &b->tx[i], &id, err))
            ++*put;
        else if (*put + *known > 0)
            return error_prefix(err,
                                "%d of %d are on the chain or wait for a block, the next is refused (once a block is "
                                "sealed, the same file can be submitted again)",
                                *put + *known, b->n);
        else
            return false;
    }
    return true;
}

json_t *action_chain_submit(struct workspace *w, const char *file, struct error *err)
{
    struct batch b = {0};
    json_t *result = NULL;
    int put = 0, known = 0;
    struct ledger *l = read_batch(file, &b, err) ? chain_ledger_open(w, true, err) : NULL;
    if (l && submittable(l, &b, file, err) && put_all(l, &b, &put, &known, err)) {
        result = file_json(&b, file);
        json_object_set_new(result, "submitted", json_integer(put));
        json_object_set_new(result, "known", json_integer(known));
        json_object_set_new(result, "height", json_integer((json_int_t)ledger_height(l) + 1));
    }
    chain_ledger_close(w, l);
    batch_free(&b);
    return result;
}
