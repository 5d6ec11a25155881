/* What one kind of witnessed transaction needs: see chain_witness.c, where each has its line. */
#ifndef ACTION_CHAIN_WITNESS_H
#define ACTION_CHAIN_WITNESS_H

#include "action/chain_follow.h"
#include "action/chain_refusal.h"

/* What a check may use. */
struct chain_witnessing {
    struct workspace *workspace;
    char chain[4096]; /* its folder */
    int threads;
    const struct control *control;
    struct chain_refusals *refusals; /* for what takes long: chain_witness_try */
};

struct chain_witness_kind {
    enum tx_type type;
    /* True: what the transaction claims about the world outside of the state was found so. Else err says why: it is
     * otherwise, or cannot be checked here. May take long (then through chain_witness_try); what was found so is not asked again. */
    bool (*check)(const struct chain_witnessing *x, const struct state *s, const struct tx *tx, struct error *err);
};

/* `work` on behalf of `key`, unless that was in vain a moment ago: then what was said then. Only for work whose outcome hangs
 * on objects, not on the state. */
bool chain_witness_try(const struct chain_witnessing *x, struct hash key, bool (*work)(void *context, struct error *err),
                       void *context, struct error *err);

#endif
