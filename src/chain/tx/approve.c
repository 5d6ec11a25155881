#include "chain/tx/kind.h"

static bool apply(struct state *s, const struct tx *tx, struct hash hash, struct error *err)
{
    (void)hash;
    return decide_apply(s, tx, true, err);
}

const struct tx_kind tx_kind_approve = {TX_APPROVE, "approve", "approve a proposal",
                                   decide_encode, decide_decode, apply, decide_describe};
