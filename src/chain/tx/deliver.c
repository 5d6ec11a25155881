#include "chain/listing.h"
#include "chain/state_market.h"
#include "chain/tx/kind.h"

static void encode(const struct tx *tx, struct bytes *out)
{
    codec_put_hash(out, tx->deliver.listing);
    codec_put_hash(out, tx->deliver.key);
}

static void decode(struct bytes_reader *r, struct tx *tx)
{
    tx->deliver.listing = codec_get_hash(r);
    tx->deliver.key = codec_get_hash(r);
}

static bool apply(struct state *s, const struct tx *tx, struct hash id, struct error *err)
{
    const struct tx_deliver *d = &tx->deliver;
    const struct state_listing *l = listing_in(s, d->listing, LISTING_BOUGHT, "delivery", err);
    (void)id;
    if (!l)
        return false;
    if (!address_equal(l->seller, key_address(&tx->sender)))
        return error_set(err, ERROR_CHAIN, "delivery: only the seller delivers");
    if (!hash_equal(listing_commitment(d->key), l->body.commitment))
        return error_set(err, ERROR_CHAIN, "delivery: this is not the key that the listing promises");
    state_deliver(s, d->listing, d->key);
    return true;
}

static void describe(const struct tx *tx, struct text *out)
{
    show_hash(out, "listing", tx->deliver.listing);
    show_hash(out, "key", tx->deliver.key);
    show_text(out, "note", "whoever reads the chain has the key from now on");
}

const struct tx_kind tx_kind_deliver = {
    TX_DELIVER, "deliver", "show the key of what was bought, and be paid", encode, decode, apply, describe};
