/* What the files about the chain share: chain_sign.c signs and submits, chain.c makes what is signed and seals,
 * chain_view.c shows and verifies. */
#ifndef ACTION_CHAIN_INTERNAL_H
#define ACTION_CHAIN_INTERNAL_H

#include "action/chain.h"
#include "chain/ledger.h"

void chain_folder(struct workspace *w, char *out, size_t size);
struct ledger *chain_open_to_read(struct workspace *w, struct error *err);

/* The one proposal whose hash begins so (borrowed from the state), or NULL and ERROR_CHAIN. */
const struct state_proposal *chain_find_proposal(const struct state *s, const char *key, struct error *err);

/* The identity that `name` means: given, or the only one, or "main"; and the folder it lies in. */
bool chain_find_identity(const char *name, struct key_info *out, char *folder, size_t size, struct error *err);

/* Opens the ledger, completes the transaction (chain, sender, nonce, fee; then `filling`, which may be NULL), and signs
 * and submits it or, for a draft, shows it. NULL and err on failure. */
struct chain_filling {
    bool (*fill)(void *context, struct workspace *w, const char *chain, const struct ledger *l,
                 const struct key_info *who, struct tx *tx, struct error *err);
    void *context;
};
json_t *chain_submit(struct workspace *w, const struct action_signer *s, struct tx *tx,
                     const struct chain_filling *filling, struct error *err);

#endif
