#include "chain/state_job.h"
#include "chain/state_market.h"
#include "chain/tx/kind.h"

static void encode(const struct tx *tx, struct bytes *out)
{
    codec_put_hash(out, tx->refund.of);
}

static void decode(struct bytes_reader *r, struct tx *tx)
{
    tx->refund.of = codec_get_hash(r);
}

static bool refund_listing(struct state *s, const struct state_listing *l, struct address who, struct error *err)
{
    bool seller = address_equal(l->seller, who), buyer = l->state == LISTING_BOUGHT && address_equal(l->buyer, who);
    if (listing_closed(l->state))
        return error_set(err, ERROR_CHAIN, "refund: the listing is %s already", listing_state_name(l->state));
    if (!seller && !buyer)
        return error_set(err, ERROR_CHAIN, "refund: the sender neither sells nor has bought this");
    if (seller && l->state != LISTING_OPEN)
        return error_set(err, ERROR_CHAIN, "refund: it is bought: its seller can deliver, and not withdraw it");
    if (buyer && !state_listing_late(s, l))
        return error_set(err, ERROR_CHAIN, "refund: the seller still has time to deliver");
    state_refund_listing(s, l->id);
    return true;
}

static bool refund_job(struct state *s, const struct state_job *j, struct address who, struct error *err)
{
    if (!address_equal(j->owner, who))
        return error_set(err, ERROR_CHAIN, "refund: only its owner withdraws a job");
    if (j->state != JOB_OPEN)
        return error_set(err, ERROR_CHAIN, "refund: the job is %s, it would have to be open", job_state_name(j->state));
    state_withdraw_job(s, j->id);
    return true;
}

static bool apply(struct state *s, const struct tx *tx, struct hash id, struct error *err)
{
    const struct state_listing *l = state_listing_find(s, tx->refund.of);
    const struct state_job *j = state_job_find(s, tx->refund.of);
    struct address who = key_address(&tx->sender);
    (void)id;
    if (l)
        return refund_listing(s, l, who, err);
    if (j)
        return refund_job(s, j, who, err);
    return error_set(err, ERROR_CHAIN, "refund: there is no such listing and no such job on this chain");
}

static void describe(const struct tx *tx, struct text *out)
{
    show_hash(out, "of", tx->refund.of);
}

const struct tx_kind tx_kind_refund = {
    TX_REFUND, "refund", "take back a price that nothing was delivered for, or withdraw an offer", encode, decode, apply,
    describe};
