#include "chain/state_market.h"
#include "chain/tx/kind.h"

static void encode(const struct tx *tx, struct bytes *out)
{
    tx_list_encode(&tx->list, out);
}

void tx_list_encode(const struct tx_list *l, struct bytes *out)
{
    codec_put_hash(out, l->object);
    codec_put_hash(out, l->content);
    codec_put_hash(out, l->commitment);
    bytes_put_u64(out, l->price);
    bytes_put_u32(out, l->deliver_blocks);
    bytes_put_u32(out, l->deliver_seconds);
    bytes_put_text(out, l->title);
}

/* A title stands in tables and on screens. */
static bool has_control(const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at; at++)
        if (*at < 0x20 || *at == 0x7f || (*at == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f))
            return true;
    return false;
}

static void decode(struct bytes_reader *r, struct tx *tx)
{
    struct tx_list *l = &tx->list;
    l->object = codec_get_hash(r);
    l->content = codec_get_hash(r);
    l->commitment = codec_get_hash(r);
    l->price = bytes_get_u64(r);
    l->deliver_blocks = bytes_get_u32(r);
    l->deliver_seconds = bytes_get_u32(r);
    codec_get_utf8(r, l->title, sizeof l->title);
    if (has_control(l->title))
        r->failed = true;
}

static bool apply(struct state *s, const struct tx *tx, struct hash id, struct error *err)
{
    if (tx->list.price < 1 || tx->list.price > STATE_SUPPLY_MAX)
        return error_set(err, ERROR_CHAIN, "listing: a price is 1 to 2^42 units");
    if (tx->list.deliver_blocks < 1)
        return error_set(err, ERROR_CHAIN, "listing: the seller has at least one block to deliver");
    struct state_listing *l = state_add_listing(s, id);
    l->seller = key_address(&tx->sender);
    l->body = tx->list;
    return true;
}

static void describe(const struct tx *tx, struct text *out)
{
    const struct tx_list *l = &tx->list;
    show_text(out, "title", l->title);
    show_amount(out, "price", l->price);
    show_hash(out, "object", l->object);
    show_hash(out, "content", l->content);
    show_hash(out, "key commitment", l->commitment);
    show_count(out, "deliver, blocks", l->deliver_blocks);
    show_count(out, "deliver, seconds", l->deliver_seconds);
    show_text(out, "note", "one sale: the key is public once it is delivered");
}

const struct tx_kind tx_kind_list = {
    TX_LIST, "list", "offer an encrypted object for sale", encode, decode, apply, describe};
