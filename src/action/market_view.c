/* What is for sale, as the state has it behind the pool, and whose turn it is. */
#include "action/market_internal.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "work/json.h"

#include <sys/stat.h>

json_t *market_json_address(struct address a)
{
    char text[KEY_ADDRESS_MAX];
    address_text(a, text);
    return json_string(text);
}

json_t *market_json_moment(struct state_moment m)
{
    if (m.height == 0)
        return json_null();
    return json_pack("{s:I, s:o}", "height", (json_int_t)m.height, "time", m.time_us ? json_of_time(m.time_us) : json_null());
}

int market_find(const struct hash *first, int n, size_t step, const char *digits, const char *what, struct error *err)
{
    int found = -1, count = 0;
    for (int i = 0; i < n && *digits; i++) {
        char hex[HASH_HEX];
        hash_hex(*(const struct hash *)(const void *)((const char *)first + (size_t)i * step), hex);
        if (text_starts(hex, digits)) {
            found = i;
            count++;
        }
    }
    if (count == 1)
        return found;
    error_set(err, ERROR_CHAIN, count ? "several %ss are meant by %s; give more digits" : "there is no %s %s on this chain",
              what, digits);
    return -1;
}

const struct state_listing *market_find_listing(const struct state *s, const char *key, struct error *err)
{
    const struct state_listing *l;
    int n = state_listings(s, &l), at = market_find(n ? &l->id : NULL, n, sizeof *l, key, "listing", err);
    return at < 0 ? NULL : &l[at];
}

const struct state_job *market_find_job(const struct state *s, const char *key, struct error *err)
{
    const struct state_job *j;
    int n = state_jobs(s, &j), at = market_find(n ? &j->id : NULL, n, sizeof *j, key, "job", err);
    return at < 0 ? NULL : &j[at];
}

bool market_object_here(const char *chain, struct hash id, size_t *n)
{
    char inside[FILE_PATH_MAX], path[FILE_PATH_MAX], hex[HASH_HEX];
    struct stat st;
    hash_hex(id, hex);
    file_join(inside, sizeof inside, chain, "objects");
    file_join(path, sizeof path, inside, hex);
    bool here = stat(path, &st) == 0 && S_ISREG(st.st_mode);
    *n = here ? (size_t)st.st_size : 0;
    return here;
}

/* --- listings ----------------------------------------------------------------------------------------------------- */

static void put_window(const struct state_listing *l, char *out, size_t size)
{
    char span[40] = "";
    if (l->body.deliver_seconds)
        clock_span(l->body.deliver_seconds, span, sizeof span);
    snprintf(out, size, "%u block%s%s%s", l->body.deliver_blocks, l->body.deliver_blocks == 1 ? "" : "s",
             *span ? " and " : "", span);
}

void market_listing_stage(const struct state *s, const struct state_listing *l, char *out, size_t size)
{
    char who[KEY_ADDRESS_MAX], window[80];
    unsigned long long price = l->body.price;
    put_window(l, window, sizeof window);
    switch (l->state) {
    case LISTING_OPEN:
        snprintf(out, size, "for sale: `chain buy` puts %llu into escrow; then the seller has %s to deliver", price, window);
        break;
    case LISTING_BOUGHT:
        address_text(state_listing_late(s, l) ? l->buyer : l->seller, who);
        if (state_listing_late(s, l))
            snprintf(out, size, "%s have passed without a delivery: %s may take %llu back with `chain refund`; until then "
                                "the seller may still deliver", window, who, price);
        else
            snprintf(out, size, "bought: the seller %s has %s from then on for `chain deliver`", who, window);
        break;
    case LISTING_DELIVERED:
        snprintf(out, size, "delivered, and %llu paid to the seller: `chain fetch` opens it; its key is public now", price);
        break;
    case LISTING_REFUNDED:
        snprintf(out, size, "not delivered in time: %llu went back to the buyer", price);
        break;
    case LISTING_WITHDRAWN:
        snprintf(out, size, "withdrawn by its seller");
        break;
    }
}

static json_t *listing_json(const struct state *s, const struct state_listing *l, const char *chain)
{
    char stage[512];
    size_t bytes;
    bool here = market_object_here(chain, l->body.object, &bytes), bought = l->bought.height > 0;
    market_listing_stage(s, l, stage, sizeof stage);
    return json_pack("{s:o, s:o, s:I, s:s, s:o, s:o, s:I, s:o, s:I, s:I, s:b, s:b, s:I, s:o, s:o, s:o}", "listing",
                     json_of_hash(l->id), "title", json_of_text(l->body.title), "price", (json_int_t)l->body.price, "state",
                     listing_state_name(l->state), "seller", market_json_address(l->seller), "buyer",
                     bought ? market_json_address(l->buyer) : json_null(), "height", (json_int_t)l->height, "bought",
                     market_json_moment(l->bought), "deliver_blocks", (json_int_t)l->body.deliver_blocks,
                     "deliver_seconds", (json_int_t)l->body.deliver_seconds, "late", state_listing_late(s, l), "here", here,
                     "bytes", (json_int_t)bytes, "object", json_of_hash(l->body.object), "content",
                     json_of_hash(l->body.content), "stage", json_of_text(stage));
}

json_t *action_chain_listings(struct workspace *w, struct error *err)
{
    char chain[FILE_PATH_MAX];
    struct ledger *l = chain_open_to_read(w, err);
    if (!l)
        return NULL;
    const struct state *s = ledger_pool_state(l);
    const struct state_listing *item;
    int n = state_listings(s, &item);
    json_t *list = json_array();
    chain_folder(w, chain, sizeof chain);
    for (int i = 0; i < n; i++)
        json_array_append_new(list, listing_json(s, &item[i], chain));
    ledger_close(l);
    return json_pack("{s:o}", "listings", list);
}
