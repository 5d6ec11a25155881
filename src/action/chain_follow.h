/* Actions on a chain for many: taking part by exchanging folders. */
#ifndef ACTION_CHAIN_FOLLOW_H
#define ACTION_CHAIN_FOLLOW_H

#include "action/chain.h"
#include "work/follow.h"

struct action_chain_follow_options {
    const char *const *place; /* others' folders, or folders of such */
    int places;
    const char *publish;      /* NULL: nowhere */
    const char *voting, *voting_passphrase; /* the identity whose key votes; NULL: none */
    const char *who, *passphrase; /* the identity that attests, opens, sends evidence; NULL: none */
    enum follow_part part;
    bool once;
    double every, timeout, idle, seconds; /* see work/follow.h */
    uint64_t until_height, objects_most;
    int64_t owner; /* a process, without which this ends */
    int threads;
};
void action_chain_follow_defaults(struct action_chain_follow_options *o);

/* As follow_run. */
json_t *action_chain_follow(struct workspace *w, const struct action_chain_follow_options *o,
                            const struct control *control, struct error *err);
/* One look at the others, without votes. */
json_t *action_chain_pull(struct workspace *w, const struct action_chain_follow_options *o,
                          const struct control *control, struct error *err);

/* Begins the chain of another's folder in this workspace, and pulls. id: the chain's, all digits, or NULL; where a folder
 * holds several chains it must be told. Gives what pull gives, with "chain_id", "name", "genesis" (text). */
json_t *action_chain_join(struct workspace *w, const struct action_chain_follow_options *o, const char *id,
                          const struct control *control, struct error *err);

/* As follow_votes; voting: an identity's name, or NULL. */
json_t *action_chain_votes(struct workspace *w, const char *voting, struct error *err);

/* Becoming a validator, and ceasing to be one. The voting key (NULL: the signer's own) signs its consent; its passphrase may be
 * NULL in a draft, which then shows an empty one. */
json_t *action_chain_register(struct workspace *w, const struct action_signer *s, const char *voting,
                              const char *voting_passphrase, struct error *err);
json_t *action_chain_retire(struct workspace *w, const struct action_signer *s, struct error *err);

/* Sends the oldest proof of a double signature that is kept and not punished yet; drops those that cannot be. Gives {"tx",
 * "height", "culprit", "left"}; ERROR_CHAIN if there is none. */
json_t *action_chain_evidence(struct workspace *w, const struct action_signer *s, struct error *err);
/* Those that are kept: [{"id", "culprit", "voting_key", "height", "round", "step", "due", "why"}]. */
json_t *action_chain_evidence_list(struct workspace *w, struct error *err);

/* What this machine can check of transactions that need a witness (chain_witness.c). Free it with chain_witness_free. */
struct chain_witness;
struct chain_witness *chain_witness_new(struct workspace *w, int threads, const struct control *control);
void chain_witness_free(struct chain_witness *x);
const struct ledger_witness *chain_witness_of(const struct chain_witness *x);

#endif
