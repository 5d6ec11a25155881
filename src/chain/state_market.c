#include "chain/state_market.h"

#include "base/memory.h"
#include "chain/codec.h"
#include "chain/state_part.h"

const char *listing_state_name(enum listing_state s)
{
    static const char *const name[] = {"open", "bought", "delivered", "refunded", "withdrawn"};
    ASSERT((size_t)s < ARRAY_N(name));
    return name[s];
}

bool listing_closed(enum listing_state s)
{
    return s >= LISTING_DELIVERED;
}

int state_listings(const struct state *s, const struct state_listing **out)
{
    *out = s->market.item;
    return (int)s->market.n;
}

const struct state_listing *state_listing_find(const struct state *s, struct hash id)
{
    int at = index_find(&s->market.index, id);
    return at < 0 ? NULL : &s->market.item[at];
}

/* A transaction is not told its block's time: the window is measured up to the head's. */
bool state_listing_late(const struct state *s, const struct state_listing *l)
{
    struct state_moment now = {s->height + 1, s->time_us};
    return l->state == LISTING_BOUGHT && l->bought.height <= s->height &&
           state_moment_passed(l->bought, l->body.deliver_blocks, l->body.deliver_seconds, now);
}

/* --- changes ------------------------------------------------------------------------------------------------------ */

static struct state_listing *write_listing(struct state *s, struct hash id)
{
    int at = index_find(&s->market.index, id);
    ASSERT(at >= 0);
    state_mark(s, ENTRY_LISTING, id.byte, sizeof id.byte);
    return &s->market.item[at];
}

struct state_listing *state_add_listing(struct state *s, struct hash id)
{
    struct market_part *m = &s->market;
    m->item = memory_grow(m->item, &m->capacity, m->n + 1, sizeof *m->item);
    m->item[m->n] = (struct state_listing){.id = id, .height = s->height + 1};
    index_put(&m->index, id, (int)m->n++);
    m->open++;
    return write_listing(s, id);
}

void state_buy(struct state *s, struct hash listing, struct address buyer)
{
    struct market_part *m = &s->market;
    struct state_listing *l = write_listing(s, listing);
    l->state = LISTING_BOUGHT;
    l->buyer = buyer;
    l->bought.height = s->height + 1;
    m->bought = memory_grow(m->bought, &m->bought_capacity, m->boughts + 1, sizeof *m->bought);
    m->bought[m->boughts++] = listing;
    state_debit(s, buyer, l->body.price, POT_ESCROWS);
}

static void close_listing(struct state *s, struct state_listing *l, enum listing_state end)
{
    l->state = end;
    l->closed = s->height + 1;
    s->market.open--;
}

void state_deliver(struct state *s, struct hash listing, struct hash key)
{
    struct state_listing *l = write_listing(s, listing);
    l->key = key;
    close_listing(s, l, LISTING_DELIVERED);
    state_credit(s, l->seller, l->body.price, POT_ESCROWS);
}

void state_refund_listing(struct state *s, struct hash listing)
{
    struct state_listing *l = write_listing(s, listing);
    bool bought = l->state == LISTING_BOUGHT;
    close_listing(s, l, bought ? LISTING_REFUNDED : LISTING_WITHDRAWN);
    if (bought)
        state_credit(s, l->buyer, l->body.price, POT_ESCROWS);
}

/* --- the part ----------------------------------------------------------------------------------------------------- */

/* In batches, and never what this block has written: its value is still to be hashed. */
static void forget_closed(struct market_part *m, uint64_t height)
{
    size_t closed = m->n - m->open, kept = 0;
    if (closed < 2 * STATE_CLOSED_KEPT + m->open)
        return;
    size_t drop = closed - STATE_CLOSED_KEPT;
    index_clear(&m->index);
    for (size_t i = 0; i < m->n; i++) {
        const struct state_listing *l = &m->item[i];
        if (drop > 0 && listing_closed(l->state) && l->closed < height) {
            drop--;
            continue;
        }
        index_put(&m->index, l->id, (int)kept);
        m->item[kept++] = *l;
    }
    m->n = kept;
}

static bool begin_end(struct state *s, struct state_moment now, struct error *err)
{
    struct market_part *m = &s->market;
    (void)err;
    for (size_t i = 0; i < m->boughts; i++)
        m->item[index_find(&m->index, m->bought[i])].bought.time_us = now.time_us;
    m->boughts = 0;
    forget_closed(m, now.height);
    return true;
}

/* A buyer who could take the price back, if only there were more blocks. None is made for a window that is longer than
 * the chain's own: else two friends could have empty blocks made for as long as they like. */
static bool waits(const struct state *s, struct state_moment now)
{
    for (size_t i = 0; i < s->market.n; i++) {
        const struct state_listing *l = &s->market.item[i];
        bool usual = l->body.deliver_blocks <= s->genesis.expiry_blocks;
        if (usual && l->state == LISTING_BOUGHT && !state_listing_late(s, l) &&
            state_moment_passed(l->bought, 0, l->body.deliver_seconds, now))
            return true;
    }
    return false;
}

static bool put(const struct state *s, enum entry_type type, struct hash id, struct bytes *out)
{
    const struct state_listing *l = state_listing_find(s, id);
    (void)type;
    bytes_put_u64(out, l->height);
    codec_put_address(out, l->seller);
    tx_list_encode(&l->body, out);
    bytes_put_u8(out, (uint8_t)l->state);
    codec_put_address(out, l->buyer);
    bytes_put_u64(out, l->bought.height);
    bytes_put_i64(out, l->bought.time_us);
    codec_put_hash(out, l->key);
    return true;
}

static void copy(struct state *to, const struct state *from)
{
    struct market_part *m = &to->market;
    m->item = from->market.n ? memory_copy(m->item, m->n * sizeof *m->item) : NULL;
    m->capacity = m->n;
    m->bought = from->market.boughts ? memory_copy(m->bought, m->boughts * sizeof *m->bought) : NULL;
    m->bought_capacity = m->boughts;
    m->index = (struct index){0};
    index_copy(&m->index, &from->market.index);
}

static void empty(struct state *s)
{
    free(s->market.item);
    free(s->market.bought);
    index_free(&s->market.index);
    s->market = (struct market_part){.n = 0};
}

static void pass_listing(struct pass *p, struct state_listing *l)
{
    int state = (int)l->state;
    pass_hash(p, &l->id);
    pass_u64(p, &l->height);
    pass_address(p, &l->seller);
    pass_address(p, &l->buyer);
    PASS_BODY(p, TX_LIST, list, &l->body);
    pass_int(p, &state, LISTING_WITHDRAWN);
    l->state = (enum listing_state)state;
    pass_moment(p, &l->bought);
    pass_hash(p, &l->key);
    pass_u64(p, &l->closed);
}

static void pass(struct state *s, struct pass *p)
{
    struct market_part *m = &s->market;
    PASS_ARRAY(p, m, item, n, capacity);
    for (size_t i = 0; i < m->n; i++) {
        struct state_listing *l = &m->item[i];
        pass_listing(p, l);
        if (p->out)
            continue;
        m->open += !listing_closed(l->state);
        if (state_listing_find(s, l->id))
            p->in->failed = true;
        else
            index_put(&m->index, l->id, (int)i);
    }
}

static void audit(const struct state *s, struct state_totals *t)
{
    for (size_t i = 0; i < s->market.n; i++)
        t->escrows += s->market.item[i].state == LISTING_BOUGHT ? s->market.item[i].body.price : 0;
}

extern const struct state_part state_part_market; /* of the table in state_part.c */
const struct state_part state_part_market = {.name = "market",
                                             .first = ENTRY_LISTING,
                                             .last = ENTRY_LISTING,
                                             .copy = copy,
                                             .free = empty,
                                             .put = put,
                                             .pass = pass,
                                             .begin_end = begin_end,
                                             .waits = waits,
                                             .audit = audit};
