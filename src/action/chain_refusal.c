#include "action/chain_refusal.h"

#include "base/bytes.h"

#include <string.h>

#define PAUSE_OF_WORK 10.0

bool chain_refused(const struct chain_refusals *r, struct hash key, double now, const struct file_stamp *objects,
                   struct error *err)
{
    for (int i = 0; i < r->n; i++) {
        const struct chain_refusal *one = &r->refusal[i];
        if (!hash_equal(one->key, key) || now >= one->until || !file_stamp_equal(&one->objects, objects))
            continue;
        error_set(err, one->why.kind, "%s", one->why.text);
        return true;
    }
    return false;
}

static struct chain_refusal *place_of(struct chain_refusals *r, struct hash key)
{
    for (int i = 0; i < r->n; i++)
        if (hash_equal(r->refusal[i].key, key))
            return &r->refusal[i];
    struct chain_refusal *one = &r->refusal[r->next];
    r->next = (r->next + 1) % CHAIN_REFUSALS_MOST;
    r->n = r->n < CHAIN_REFUSALS_MOST ? r->n + 1 : r->n;
    return one;
}

void chain_refuse(struct chain_refusals *r, struct hash key, double began, double now, const struct file_stamp *objects,
                  const struct error *why)
{
    double pause = PAUSE_OF_WORK * (now - began);
    pause = pause > CHAIN_REFUSAL_SECONDS ? pause : CHAIN_REFUSAL_SECONDS;
    *place_of(r, key) = (struct chain_refusal){.key = key, .until = now + pause, .objects = *objects, .why = *why};
}

bool chain_refusal_is_news(struct chain_refusals *r, struct hash tx, const char *why)
{
    struct bytes both = {0};
    bytes_put(&both, tx.byte, sizeof tx.byte);
    bytes_put(&both, why, strlen(why));
    struct hash id = hash_of(both.data, both.n);
    bytes_free(&both);
    for (int i = 0; i < r->told_n; i++)
        if (hash_equal(r->told[i], id))
            return false;
    r->told[r->told_next] = id;
    r->told_next = (r->told_next + 1) % CHAIN_REFUSALS_TOLD;
    r->told_n = r->told_n < CHAIN_REFUSALS_TOLD ? r->told_n + 1 : r->told_n;
    return true;
}
