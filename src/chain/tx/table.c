#include "chain/tx/kind.h"

#include "base/memory.h"

const struct tx_kind *const tx_table[] = {
    &tx_kind_transfer, &tx_kind_stake,  &tx_kind_unstake, &tx_kind_task,    &tx_kind_announce,
    &tx_kind_propose,  &tx_kind_commit, &tx_kind_reveal,  &tx_kind_open,    &tx_kind_approve,
    &tx_kind_reject,   &tx_kind_holdout,

    &tx_kind_register, &tx_kind_retire, &tx_kind_evidence,

    &tx_kind_challenge, &tx_kind_respond, &tx_kind_verdict,

    &tx_kind_list,     &tx_kind_buy,    &tx_kind_deliver, &tx_kind_refund,
    &tx_kind_job,      &tx_kind_take,   &tx_kind_result,
    &tx_kind_seal,     &tx_kind_reveal_seal, &tx_kind_outcome,
    NULL,
};

bool tx_witnessed(enum tx_type type)
{
    return type == TX_VERDICT || type == TX_DELIVER || type == TX_OUTCOME;
}

const struct tx_kind *tx_kind_of(enum tx_type type)
{
    for (size_t i = 0; tx_table[i]; i++)
        if (tx_table[i]->type == type)
            return tx_table[i];
    return NULL;
}
