/* What the files about the chain share: chain.c signs and seals, chain_view.c shows and verifies. */
#ifndef ACTION_CHAIN_INTERNAL_H
#define ACTION_CHAIN_INTERNAL_H

#include "action/chain.h"
#include "chain/ledger.h"

void chain_folder(struct workspace *w, char *out, size_t size);
struct ledger *chain_open_to_read(struct workspace *w, struct error *err);

/* The one proposal whose hash begins so (borrowed from the state), or NULL and ERROR_CHAIN. */
const struct state_proposal *chain_find_proposal(const struct state *s, const char *key, struct error *err);

#endif
