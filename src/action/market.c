/* Selling a model: list, buy, deliver, refund, fetch. */
#include "action/market_internal.h"

#include "action/parcel.h"
#include "base/memory.h"
#include "base/text.h"
#include "work/json.h"

/* --- list --------------------------------------------------------------------------------------------------------- */

struct offering {
    const struct action_list_options *options;
    struct bytes plain;
    struct hash content;
    char title[TX_TITLE_MAX];
};

static bool seal(const struct offering *o, const struct chain_draft *d, struct tx_list *out, struct bytes *object,
                 struct error *err)
{
    struct hash key = chain_salt_listing(d, o->content);
    out->content = o->content;
    out->commitment = listing_commitment(key);
    if (!listing_seal(key, chain_salt_nonce(d, o->content), o->plain.data, o->plain.n, object, err))
        return false;
    out->object = hash_of(object->data, object->n);
    return true;
}

static bool fill_list(void *context, const struct chain_draft *d, struct tx *tx, struct error *err)
{
    const struct offering *o = context;
    struct chain_draft own = *d;
    struct bytes object = {0};
    tx->type = TX_LIST;
    tx->list = (struct tx_list){.price = o->options->price,
                                .deliver_blocks = o->options->deliver_blocks,
                                .deliver_seconds = o->options->deliver_seconds};
    text_copy(tx->list.title, sizeof tx->list.title, o->title);
    bool ok = chain_salts(&own, err) && seal(o, &own, &tx->list, &object, err);
    if (ok && (!d->draft || d->prepares))
        ok = ledger_object_put(d->chain, object.data, object.n, &tx->list.object, err);
    bytes_free(&object);
    return ok;
}

/* Cut behind a whole character, without what a screen would take for a command. */
static void default_title(const struct parcel *p, char out[TX_TITLE_MAX])
{
    char about[200] = "", title[300];
    struct task *task = NEW(struct task);
    if (task_parse(task, p->task, NULL))
        task_describe(task, about, sizeof about);
    snprintf(title, sizeof title, "model of %s", about);
    size_t n = strlen(title) < TX_TITLE_MAX - 1 ? strlen(title) : TX_TITLE_MAX - 1;
    while (n > 0 && !text_is_utf8(title, n))
        n--;
    memcpy(out, title, n);
    out[n] = '\0';
    free(task);
}

static bool take_title(struct offering *o, const struct parcel *p, struct error *err)
{
    const char *title = o->options->title;
    if (!title) {
        default_title(p, o->title);
        return true;
    }
    return text_copy(o->title, sizeof o->title, title) ||
           error_set(err, ERROR_USAGE, "--title: at most %d bytes", TX_TITLE_MAX - 1);
}

json_t *action_chain_list(struct workspace *w, const struct action_signer *s, const struct action_list_options *options,
                          struct error *err)
{
    struct offering o = {.options = options};
    struct parcel p = {.model = NULL};
    struct chain_filling filling = {.fill = fill_list, .context = &o};
    struct tx *tx = NEW(struct tx);
    struct hash model;
    json_t *result = NULL;
    if (parcel_pack(w, options->model, &o.plain, &model, err) &&
        parcel_read(&p, o.plain.data, o.plain.n, "the model", err) && take_title(&o, &p, err)) {
        o.content = hash_of(o.plain.data, o.plain.n);
        result = chain_submit(w, s, tx, &filling, err);
    }
    if (result && !s->draft) {
        json_object_set(result, "listing", json_object_get(result, "tx"));
        json_object_set_new(result, "model", json_of_hash(model));
        json_object_set_new(result, "bytes", json_integer((json_int_t)o.plain.n));
        json_object_set_new(
            result, "note",
            json_string("one listing is one sale: the key that the buyer is given is public from then on"));
    }
    parcel_free(&p);
    bytes_free(&o.plain);
    free(tx);
    return result;
}

/* --- buy, refund -------------------------------------------------------------------------------------------------- */

struct naming {
    const char *key;
    struct hash id;
    bool job;
};

static bool fill_buy(void *context, const struct chain_draft *d, struct tx *tx, struct error *err)
{
    struct naming *n = context;
    const struct state_listing *l = market_find_listing(ledger_pool_state(d->ledger), n->key, err);
    if (!l)
        return false;
    n->id = tx->buy.listing = l->id;
    tx->type = TX_BUY;
    return true;
}

/* A listing, else a job. */
static bool fill_refund(void *context, const struct chain_draft *d, struct tx *tx, struct error *err)
{
    struct naming *n = context;
    struct error no_listing = {0}, no_job = {0};
    const struct state *s = ledger_pool_state(d->ledger);
    const struct state_listing *l = market_find_listing(s, n->key, &no_listing);
    const struct state_job *j = l ? NULL : market_find_job(s, n->key, &no_job);
    if (!l && !j)
        return error_set(err, ERROR_CHAIN, "%s; %s", no_listing.text, no_job.text);
    n->job = j != NULL;
    n->id = tx->refund.of = l ? l->id : j->id;
    tx->type = TX_REFUND;
    return true;
}

static json_t *submit_named(struct workspace *w, const struct action_signer *s, const char *key,
                            bool (*fill)(void *, const struct chain_draft *, struct tx *, struct error *),
                            struct error *err)
{
    struct naming n = {.key = key};
    struct chain_filling filling = {.fill = fill, .context = &n};
    struct tx *tx = NEW(struct tx);
    json_t *result = chain_submit(w, s, tx, &filling, err);
    if (result && !s->draft)
        json_object_set_new(result, n.job ? "job" : "listing", json_of_hash(n.id));
    free(tx);
    return result;
}

json_t *action_chain_buy(struct workspace *w, const struct action_signer *s, const char *listing, struct error *err)
{
    return submit_named(w, s, listing, fill_buy, err);
}

json_t *action_chain_refund(struct workspace *w, const struct action_signer *s, const char *of, struct error *err)
{
    return submit_named(w, s, of, fill_refund, err);
}

/* --- deliver ------------------------------------------------------------------------------------------------------ */

static bool fill_deliver(void *context, const struct chain_draft *d, struct tx *tx, struct error *err)
{
    struct naming *n = context;
    const struct state *s = ledger_pool_state(d->ledger);
    const struct state_listing *l = market_find_listing(s, n->key, err);
    struct chain_draft own = *d, prepared;
    if (!l || !chain_salts(&own, err))
        return false;
    n->id = tx->deliver.listing = l->id;
    tx->type = TX_DELIVER;
    tx->deliver.key = chain_salt_listing(&own, l->body.content);
    if (!hash_equal(listing_commitment(tx->deliver.key), l->body.commitment) && chain_salts_prepared(d, &prepared))
        tx->deliver.key = chain_salt_listing(&prepared, l->body.content);
    if (!hash_equal(listing_commitment(tx->deliver.key), l->body.commitment))
        return error_set(err, ERROR_CHAIN,
                         "this identity's key is not the one that the listing promises: it was listed by "
                         "another");
    return listing_witness(d->chain, s, tx, err) || error_prefix(err, "no validator would take this delivery");
}

json_t *action_chain_deliver(struct workspace *w, const struct action_signer *s, const char *listing, struct error *err)
{
    return submit_named(w, s, listing, fill_deliver, err);
}

/* --- fetch -------------------------------------------------------------------------------------------------------- */

static bool open_delivered(struct workspace *w, const char *key, struct state_listing *out, struct bytes *plain,
                           struct error *err)
{
    char chain[FILE_PATH_MAX];
    struct bytes object = {0};
    struct ledger *l = chain_open_to_read(w, err);
    const struct state_listing *found = l ? market_find_listing(ledger_pool_state(l), key, err) : NULL;
    bool ok = found != NULL;
    chain_folder(w, chain, sizeof chain);
    if (ok) {
        *out = *found;
        if (out->state != LISTING_DELIVERED)
            ok = error_set(err, ERROR_CHAIN, "the listing is %s: what it sells opens once it is delivered",
                           listing_state_name(out->state));
    }
    ok = ok && listing_object(chain, out->body.object, &object, err) &&
         listing_open(out->key, out->body.content, object.data, object.n, plain, err);
    bytes_free(&object);
    ledger_close(l);
    return ok;
}

static json_t *take_in(struct workspace *w, const struct state_listing *l, const struct bytes *plain, const char *file,
                       const char *task, struct error *err)
{
    struct parcel p;
    char id[HASH_HEX];
    json_t *result = NULL;
    hash_hex(l->id, id);
    bool ok = parcel_read(&p, plain->data, plain->n, "what was listed", err);
    ok = ok && (!file || file_create(file, plain->data, plain->n, 0666, err));
    ok = ok && (!task || file_create(task, p.task, strlen(p.task), 0666, err));
    if (ok)
        result = parcel_take(w, &p, id, err);
    parcel_free(&p);
    return result;
}

json_t *action_chain_fetch(struct workspace *w, const char *listing, const char *file, const char *task,
                           struct error *err)
{
    struct state_listing l;
    struct bytes plain = {0};
    json_t *result = NULL;
    if (open_delivered(w, listing, &l, &plain, err))
        result = take_in(w, &l, &plain, file, task, err);
    if (result) {
        bool in_force = json_is_true(json_object_get(result, "in_force"));
        json_object_set_new(result, "listing", json_of_hash(l.id));
        json_object_set_new(result, "title", json_of_text(l.body.title));
        json_object_set_new(result, "next",
                            json_string(in_force
                                            ? "`predict` with this model"
                                            : "its task is not the one in force here: `chain work` sets up one of the "
                                              "chain's, `task import` the file that --task writes; then `predict`"));
        if (file)
            json_object_set_new(result, "file", json_of_text(file));
        if (task)
            json_object_set_new(result, "task_file", json_of_text(task));
    }
    bytes_free(&plain);
    return result;
}
