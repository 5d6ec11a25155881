/* Receipts: making one from the workspace's chain, and checking one that stands alone. */
#include "action/chain_internal.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "chain/receipt.h"
#include "work/json.h"

static json_t *json_of_key(const struct key_public *k)
{
    struct hash h;
    memcpy(h.byte, k->byte, sizeof h.byte);
    return json_of_hash(h);
}

static json_t *final_json(const struct receipt_item *it)
{
    json_t *signers = json_array();
    for (int i = 0; i < it->set.n; i++)
        json_array_append_new(signers, json_pack("{s:o, s:I, s:b}", "voting_key",
                                                 json_of_key(&it->set.seat[i].voting), "power",
                                                 (json_int_t)it->set.seat[i].power, "signed", it->signed_by[i]));
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:o}", "round", (json_int_t)it->round, "signed", (json_int_t)it->signers,
                     "seats", (json_int_t)it->seats, "signed_power", (json_int_t)it->signed_power, "power",
                     (json_int_t)it->power, "validators", signers);
}

static json_t *item_json(const struct receipt_item *it)
{
    json_t *j = chain_tx_json(&it->tx);
    json_object_set_new(j, "height", json_integer((json_int_t)it->height));
    json_object_set_new(j, "time", json_of_time(it->time_us));
    json_object_set_new(j, "block", json_of_hash(it->block));
    json_object_set_new(j, "position", json_integer((json_int_t)it->position));
    if (it->seats)
        json_object_set_new(j, "certificate", final_json(it));
    return j;
}

/* What is known of the sender; `self` where it decides on what is its own. */
static bool is_self(const struct receipt *r)
{
    const struct receipt_item *first = &r->item[0];
    for (int i = 1; i < r->items; i++)
        if (r->item[i].tx.type == TX_ANNOUNCE)
            return (first->tx.type == TX_APPROVE || first->tx.type == TX_REJECT) &&
                   memcmp(first->tx.sender.byte, r->item[i].tx.sender.byte, sizeof first->tx.sender.byte) == 0;
    return false;
}

static json_t *receipt_json(const struct receipt *r)
{
    char head[CHAIN_HEAD_MAX];
    json_t *about = json_array(), *j = item_json(&r->item[0]);
    for (int i = 1; i < r->items; i++)
        json_array_append_new(about, item_json(&r->item[i]));
    chain_head_text(&r->head, head);
    json_object_set_new(j, "ok", json_true());
    json_object_set_new(j, "self", json_boolean(is_self(r)));
    json_object_set_new(j, "chain_id", json_of_hash(r->chain));
    json_object_set_new(j, "chain", json_of_text(r->genesis.name));
    json_object_set_new(j, "head", json_string(head));
    json_object_set_new(j, "about", about);
    return j;
}

static bool find(const struct ledger *l, const char *digits, struct hash *id, struct error *err)
{
    return hash_from_hex(digits, id) || ledger_find_prefix(l, digits, id, err);
}

json_t *action_chain_receipt(struct workspace *w, const char *tx, const char *file, struct error *err)
{
    struct bytes b = {0};
    struct hash id;
    struct receipt *r = NEW(struct receipt);
    struct ledger *l = chain_ledger_open(w, false, err);
    json_t *result = NULL;
    /* What is written is what a stranger will check: checked here, too. */
    if (l && find(l, tx, &id, err) && receipt_make(l, id, &b, err) && receipt_check(b.data, b.n, r, err) &&
        file_create(file, b.data, b.n, 0644, err)) {
        result = receipt_json(r);
        json_object_set_new(result, "file", json_of_text(file));
        json_object_set_new(result, "bytes", json_integer((json_int_t)b.n));
    }
    ledger_close(l);
    bytes_free(&b);
    free(r);
    return result;
}

/* True if the receipt knows of that block; one that it does not know says nothing for or against it. */
static bool head_fits(const struct receipt *r, const char *text, struct error *err)
{
    struct ledger_head want;
    if (!chain_head_parse(text, &want))
        return error_set(err, ERROR_USAGE, "--head is HEIGHT:ID, not %s", text);
    bool known = r->head.height == want.height, same = known && hash_equal(r->head.id, want.id);
    for (int i = 0; i < r->items && !known; i++)
        if (r->item[i].height == want.height) {
            known = true;
            same = hash_equal(r->item[i].block, want.id);
        }
    if (same)
        return true;
    if (known)
        return error_set(err, ERROR_CHAIN, "the receipt's block %llu is another one than the one given: it is of another "
                                           "chain, or of a history that was rewritten",
                         (unsigned long long)want.height);
    return error_set(err, ERROR_USAGE, "the receipt does not speak of block %llu: it knows block %llu and the head %llu",
                     (unsigned long long)want.height, (unsigned long long)r->item[0].height,
                     (unsigned long long)r->head.height);
}

json_t *action_chain_check_receipt(const char *file, const char *head, struct error *err)
{
    struct bytes b = {0};
    struct receipt *r = NEW(struct receipt);
    json_t *result = NULL;
    if (file_read(file, RECEIPT_MOST, &b, err)) {
        if (!receipt_check(b.data, b.n, r, err))
            error_prefix(err, "%s", file);
        else if (!head || head_fits(r, head, err))
            result = receipt_json(r);
    }
    bytes_free(&b);
    free(r);
    return result;
}
