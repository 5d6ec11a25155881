#include "chain/tx/kind.h"

static void encode(const struct tx *tx, struct bytes *out)
{
    codec_put_address(out, tx->transfer.to);
    bytes_put_u64(out, tx->transfer.amount);
}

static void decode(struct bytes_reader *r, struct tx *tx)
{
    tx->transfer.to = codec_get_address(r);
    tx->transfer.amount = bytes_get_u64(r);
}

static bool apply(struct state *s, const struct tx *tx, struct hash hash, struct error *err)
{
    (void)hash;
    struct address from = key_address(&tx->sender);
    if (address_equal(from, tx->transfer.to))
        return error_set(err, ERROR_CHAIN, "transfer: sender and receiver are the same account");
    if (!state_check_amount(s, tx, "transfer", tx->transfer.amount, err))
        return false;
    state_move(s, from, tx->transfer.to, tx->transfer.amount);
    return true;
}

static void describe(const struct tx *tx, struct text *out)
{
    show_address(out, "to", tx->transfer.to);
    show_amount(out, "amount", tx->transfer.amount);
}

const struct tx_kind tx_kind_transfer = {TX_TRANSFER, "transfer", "send tokens", encode, decode, apply, describe};
