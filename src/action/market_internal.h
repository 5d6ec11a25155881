/* What the files of market.h share. */
#ifndef ACTION_MARKET_INTERNAL_H
#define ACTION_MARKET_INTERNAL_H

#include "action/chain_internal.h"
#include "action/market.h"
#include "chain/listing.h"
#include "chain/state_job.h"
#include "chain/state_market.h"
#include "chain/state_tournament.h"

json_t *market_json_address(struct address a);
json_t *market_json_moment(struct state_moment m); /* {"height", "time"}, or null */

/* The place, among n ids that lie `step` bytes apart, of the one that begins with these digits; -1 and ERROR_CHAIN. */
int market_find(const struct hash *first, int n, size_t step, const char *digits, const char *what, struct error *err);
const struct state_listing *market_find_listing(const struct state *s, const char *key, struct error *err);
const struct state_job *market_find_job(const struct state *s, const char *key, struct error *err);

/* Is it among the chain's objects? Its bytes in *n. */
bool market_object_here(const char *chain, struct hash id, size_t *n);

/* What comes next, in a sentence. */
void market_listing_stage(const struct state *s, const struct state_listing *l, char *out, size_t size);
void market_job_stage(const struct state *s, const struct state_job *j, char *out, size_t size);

#endif
