#include "chain/tx/kind.h"

static bool apply(struct state *s, const struct tx *tx, struct hash hash, struct error *err)
{
    (void)hash;
    return decide_apply(s, tx, false, err);
}

const struct tx_kind tx_kind_reject = {TX_REJECT, "reject", "reject a proposal, which ends it",
                                   decide_encode, decide_decode, apply, decide_describe};
