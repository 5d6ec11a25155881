/* The marketplace's part of the state: listings (chain/listing.h), the price in escrow from the buy to the delivery or the
 * refund. Of those that are closed at least the newest STATE_CLOSED_KEPT are kept. Queries are for everyone; what changes
 * is for chain/tx/ and state*.c, and marks what it writes. */
#ifndef CHAIN_STATE_MARKET_H
#define CHAIN_STATE_MARKET_H

#include "chain/index.h"
#include "chain/state.h"

enum listing_state { LISTING_OPEN, LISTING_BOUGHT, LISTING_DELIVERED, LISTING_REFUNDED, LISTING_WITHDRAWN };
const char *listing_state_name(enum listing_state s);
bool listing_closed(enum listing_state s);

struct state_listing {
    struct hash id; /* of its transaction */
    uint64_t height;
    struct address seller, buyer; /* buyer: zeros until bought */
    struct tx_list body;
    enum listing_state state;
    struct state_moment bought; /* time_us is known from the block's end on */
    struct hash key;            /* once delivered */
    uint64_t closed;            /* height; 0: not yet */
};

int state_listings(const struct state *s, const struct state_listing **out); /* in order of listing */
const struct state_listing *state_listing_find(const struct state *s, struct hash id);
/* May the buyer take the price back, in a block behind this state's head? */
bool state_listing_late(const struct state *s, const struct state_listing *l);

/* --- changes; each has been checked --- */
struct state_listing *state_add_listing(struct state *s, struct hash id); /* open; valid until the next */
void state_buy(struct state *s, struct hash listing, struct address buyer);
void state_deliver(struct state *s, struct hash listing, struct hash key);
void state_refund_listing(struct state *s, struct hash listing); /* back to the buyer, or withdrawn */

/* --- inside --- */
struct market_part {
    struct state_listing *item;
    size_t n, capacity, open; /* open: not closed */
    struct index index;
    struct hash *bought; /* of this block */
    size_t boughts, bought_capacity;
};

#endif
