#include "chain/state_market.h"
#include "chain/tx/kind.h"

static void encode(const struct tx *tx, struct bytes *out)
{
    codec_put_hash(out, tx->buy.listing);
}

static void decode(struct bytes_reader *r, struct tx *tx)
{
    tx->buy.listing = codec_get_hash(r);
}

const struct state_listing *listing_in(const struct state *s, struct hash id, enum listing_state wanted,
                                       const char *what, struct error *err)
{
    const struct state_listing *l = state_listing_find(s, id);
    if (l && l->state == wanted)
        return l;
    if (l)
        error_set(err, ERROR_CHAIN, "%s: the listing is %s, it would have to be %s", what, listing_state_name(l->state),
                  listing_state_name(wanted));
    else
        error_set(err, ERROR_CHAIN, "%s: there is no such listing on this chain", what);
    return NULL;
}

static bool apply(struct state *s, const struct tx *tx, struct hash id, struct error *err)
{
    const struct state_listing *l = listing_in(s, tx->buy.listing, LISTING_OPEN, "buy", err);
    struct address who = key_address(&tx->sender);
    (void)id;
    if (!l)
        return false;
    if (address_equal(l->seller, who))
        return error_set(err, ERROR_CHAIN, "buy: nobody buys what they sell themselves");
    if (!state_check_amount(s, tx, "buy: the price", l->body.price, err))
        return false;
    state_buy(s, tx->buy.listing, who);
    return true;
}

static void describe(const struct tx *tx, struct text *out)
{
    show_hash(out, "listing", tx->buy.listing);
}

const struct tx_kind tx_kind_buy = {
    TX_BUY, "buy", "pay a listing's price into escrow", encode, decode, apply, describe};
