#include "chain/tx/kind.h"

#include "base/memory.h"

const struct tx_kind *const tx_table[] = {
    &tx_kind_transfer, &tx_kind_stake,  &tx_kind_unstake, &tx_kind_task,    &tx_kind_announce,
    &tx_kind_propose,  &tx_kind_commit, &tx_kind_reveal,  &tx_kind_open,    &tx_kind_approve,
    &tx_kind_reject,   &tx_kind_holdout, NULL,
};

const struct tx_kind *tx_kind_of(enum tx_type type)
{
    for (size_t i = 0; tx_table[i]; i++)
        if (tx_table[i]->type == type)
            return tx_table[i];
    return NULL;
}
