#include "chain/tx/kind.h"

static bool apply(struct state *s, const struct tx *tx, struct hash hash, struct error *err)
{
    (void)hash;
    struct address who = key_address(&tx->sender);
    const struct state_account *account = state_account_find(s, who);
    uint64_t staked = account ? account->stake : 0;
    if (tx->stake.amount == 0)
        return error_set(err, ERROR_CHAIN, "unstake: the amount is 0");
    if (tx->stake.amount > staked)
        return error_set(err, ERROR_CHAIN, "unstake of %llu: only %llu are staked",
                         (unsigned long long)tx->stake.amount, (unsigned long long)staked);
    if (account->validator && tx->stake.amount == staked)
        return error_set(err, ERROR_CHAIN, "unstake of %llu: a validator keeps a stake of at least 1",
                         (unsigned long long)tx->stake.amount);
    state_write_account(s, who)->stake -= tx->stake.amount;
    state_unbond(s, who, tx->stake.amount);
    return true;
}

static void describe(const struct tx *tx, struct text *out)
{
    show_amount(out, "amount to release", tx->stake.amount);
}

const struct tx_kind tx_kind_unstake = {
    TX_UNSTAKE, "unstake", "release stake after the waiting time", stake_encode, stake_decode, apply, describe};
