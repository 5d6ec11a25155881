/* Facts outside of the state, checked before this machine votes for a block that claims them. A kind is one line in the
 * table; what was found good is remembered, so that a re-execution is done once and not in every round. What was not is
 * asked again behind a pause, or when an object has come that it may have wanted (chain_refusal.h), and is told once. */
#include "action/chain_witness.h"

#include "action/chain_internal.h"
#include "action/tournament.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "chain/listing.h"
#include "chain/state_market.h"
#include "work/json.h"

bool chain_witness_try(const struct chain_witnessing *x, struct hash key, bool (*work)(void *context, struct error *err),
                       void *context, struct error *err)
{
    char folder[FILE_PATH_MAX];
    struct file_stamp objects = {.size = -1};
    struct error why;
    error_clear(&why);
    file_join(folder, sizeof folder, x->chain, "objects");
    file_stamp(folder, &objects, NULL);
    double began = clock_boot_seconds();
    if (chain_refused(x->refusals, key, began, &objects, err))
        return false;
    if (work(context, &why))
        return true;
    if (why.kind != ERROR_INTERRUPTED)
        chain_refuse(x->refusals, key, began, clock_boot_seconds(), &objects, &why);
    return error_set(err, why.kind, "%s", why.text);
}

struct delivery {
    const struct chain_witnessing *x;
    const struct state *s;
    const struct tx *tx;
};

static bool open_delivery(void *context, struct error *err)
{
    const struct delivery *d = context;
    return listing_witness(d->x->chain, d->s, d->tx, err);
}

/* One whose listing is not on the chain yet costs nothing, and the next state may have it. */
static bool check_delivery(const struct chain_witnessing *x, const struct state *s, const struct tx *tx,
                           struct error *err)
{
    struct delivery d = {x, s, tx};
    if (!state_listing_find(s, tx->deliver.listing))
        return listing_witness(x->chain, s, tx, err);
    return chain_witness_try(x, tx_id(tx), open_delivery, &d, err);
}

static bool check_outcome(const struct chain_witnessing *x, const struct state *s, const struct tx *tx,
                          struct error *err)
{
    return tournament_check(x->chain, s, &tx->outcome, true, err);
}

static const struct chain_witness_kind kinds[] = {
    {TX_DELIVER, check_delivery},
    {TX_VERDICT, chain_witness_verdict},
    {TX_OUTCOME, check_outcome},
};

#define REMEMBERED 256

struct chain_witness {
    struct chain_witnessing with;
    struct chain_refusals refusals;
    struct ledger_witness ledger;
    struct hash good[REMEMBERED]; /* transactions; a ring */
    int n, next;
};

static const struct chain_witness_kind *kind_of(enum tx_type type)
{
    for (size_t i = 0; i < ARRAY_N(kinds); i++)
        if (kinds[i].type == type)
            return &kinds[i];
    return NULL;
}

static bool ask(struct chain_witness *x, const struct state *s, const struct tx *tx, struct error *err)
{
    const struct chain_witness_kind *k = kind_of(tx->type);
    if (!k)
        return error_set(err, ERROR_CHAIN, "this program cannot check a %s", tx_kind_of(tx->type)->name);
    return k->check(&x->with, s, tx, err);
}

/* Nobody else will say why a transaction waits though blocks are made. */
static void tell(struct chain_witness *x, const struct tx *tx, struct hash id, const struct error *why)
{
    char name[13], text[sizeof why->text + 128];
    if (!chain_refusal_is_news(&x->refusals, id, why->text))
        return;
    hash_short(id, name);
    snprintf(text, sizeof text, "%s %s is not borne out here, and left out of blocks: %s", tx_kind_of(tx->type)->name, name,
             why->text);
    log_write(LOG_WARNING, "witness: %s", text);
    control_event(x->with.control,
                  json_pack("{s:s, s:o, s:o}", "event", "problem", "tx", json_of_hash(id), "text", json_of_text(text)));
}

static bool check(void *context, const struct state *s, const struct tx *tx, struct error *err)
{
    struct chain_witness *x = context;
    struct hash id = tx_id(tx);
    for (int i = 0; i < x->n; i++)
        if (hash_equal(x->good[i], id))
            return true;
    struct error why;
    error_clear(&why);
    if (!ask(x, s, tx, &why)) {
        tell(x, tx, id, &why);
        return error_set(err, why.kind, "%s", why.text);
    }
    x->good[x->next] = id;
    x->next = (x->next + 1) % REMEMBERED;
    x->n = x->n < REMEMBERED ? x->n + 1 : x->n;
    return true;
}

struct chain_witness *chain_witness_new(struct workspace *w, int threads, const struct control *control)
{
    struct chain_witness *x = NEW(struct chain_witness);
    x->with = (struct chain_witnessing){.workspace = w, .threads = threads, .control = control, .refusals = &x->refusals};
    chain_folder(w, x->with.chain, sizeof x->with.chain);
    x->ledger = (struct ledger_witness){check, x};
    return x;
}

void chain_witness_free(struct chain_witness *x)
{
    free(x);
}

const struct ledger_witness *chain_witness_of(const struct chain_witness *x)
{
    return &x->ledger;
}
