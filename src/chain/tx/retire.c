#include "chain/tx/kind.h"

static void encode(const struct tx *tx, struct bytes *out)
{
    (void)tx, (void)out;
}

static void decode(struct bytes_reader *r, struct tx *tx)
{
    (void)r, (void)tx;
}

static bool another_has_stake(const struct state *s, struct address who)
{
    const struct state_validator *seat;
    int n = state_seats(s, &seat);
    for (int i = 0; i < n; i++)
        if (!address_equal(seat[i].who, who) && state_account_find(s, seat[i].who)->stake > 0)
            return true;
    return false;
}

static bool apply(struct state *s, const struct tx *tx, struct hash id, struct error *err)
{
    struct address who = key_address(&tx->sender);
    const struct state_account *a = state_account_find(s, who);
    (void)id;
    if (!kind_needs_many(s, "retire", err))
        return false;
    if (!a || !a->validator)
        return error_set(err, ERROR_CHAIN, "retire: the sender is no validator");
    if (!another_has_stake(s, who))
        return error_set(err, ERROR_CHAIN, "retire: no other validator has a stake, and the chain needs one");
    state_retire(s, who);
    return true;
}

static void describe(const struct tx *tx, struct text *out)
{
    (void)tx;
    show_text(out, "effect", "the sender votes no more; its stake stays until it is unstaked");
}

const struct tx_kind tx_kind_retire = {TX_RETIRE, "retire", "stop being a validator", encode, decode, apply, describe};
