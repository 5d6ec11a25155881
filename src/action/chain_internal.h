/* What the files about the chain share: chain_sign.c signs and submits, chain.c makes what is signed and seals,
 * chain_view.c shows and verifies. */
#ifndef ACTION_CHAIN_INTERNAL_H
#define ACTION_CHAIN_INTERNAL_H

#include "action/chain.h"
#include "chain/keystore.h"
#include "chain/ledger.h"

void chain_folder(struct workspace *w, char *out, size_t size);
struct ledger *chain_open_to_read(struct workspace *w, struct error *err);

/* The one proposal whose hash begins so (borrowed from the state), or NULL and ERROR_CHAIN. */
const struct state_proposal *chain_find_proposal(const struct state *s, const char *key, struct error *err);

/* The identity that `name` means: by name, or by public key (64 hex digits; it need not be here); NULL: the only one, or
 * "main"; and the folder they lie in. chain_find_signer wants one whose secret key is here. */
bool chain_find_identity(const char *name, struct key_info *out, char *folder, size_t size, struct error *err);
bool chain_find_signer(const char *name, struct key_info *out, char *folder, size_t size, struct error *err);

/* What a transaction is filled in from. */
struct chain_draft {
    struct workspace *workspace;
    const char *chain; /* its folder */
    const struct ledger *ledger;
    const struct key_info *who;
    const struct key *key; /* unlocked; NULL in a draft that was given no passphrase (also all that is prepared) */
};

/* Completes a transaction behind its chain, sender, nonce and fee. Called in order, the ones before being complete: their
 * ids are known (hash of their signing bytes). It must fill the same in the draft as when signing. */
struct chain_filling {
    bool (*fill)(void *context, const struct chain_draft *draft, struct tx *tx, struct error *err);
    void *context; /* fill may be NULL */
};

/* Opens the ledger, completes tx[n] and, as one thing with one word and one `expect` over the bytes of all of them,
 * shows them (a draft), or signs all and then submits them in order. filling: n of them, or NULL. Gives {"tx", "height"},
 * for several also "transactions": [ids], where "tx" is the last one's; for a draft {"draft", "show", "word", "expect",
 * "tx", "transactions", "bytes": [the signing bytes in hex]}. NULL and err on failure. */
json_t *chain_submit_all(struct workspace *w, const struct action_signer *s, struct tx *tx, int n,
                         const struct chain_filling *filling, struct error *err);
json_t *chain_submit(struct workspace *w, const struct action_signer *s, struct tx *tx,
                     const struct chain_filling *filling, struct error *err); /* one */

#endif
