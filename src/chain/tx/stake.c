#include "chain/tx/kind.h"

void stake_encode(const struct tx *tx, struct bytes *out)
{
    bytes_put_u64(out, tx->stake.amount);
}

void stake_decode(struct bytes_reader *r, struct tx *tx)
{
    tx->stake.amount = bytes_get_u64(r);
}

static bool apply(struct state *s, const struct tx *tx, struct hash hash, struct error *err)
{
    (void)hash;
    struct address who = key_address(&tx->sender);
    if (!state_check_amount(s, tx, "stake", tx->stake.amount, err))
        return false;
    state_debit(s, who, tx->stake.amount, POT_STAKES);
    state_write_account(s, who)->stake += tx->stake.amount;
    return true;
}

static void describe(const struct tx *tx, struct text *out)
{
    show_amount(out, "amount to lock", tx->stake.amount);
}

const struct tx_kind tx_kind_stake = {TX_STAKE, "stake", "lock tokens as stake", stake_encode, stake_decode, apply,
                                      describe};
