/* Open addressing by the first bytes of the ids, which are hashes already. Declared in pool.h. */
#include "search/pool.h"

#include "base/memory.h"

#include <string.h>

static struct hash *slot_of(const struct seen *s, struct hash id)
{
    uint64_t at;
    memcpy(&at, id.byte, sizeof at);
    for (at &= s->slots - 1; !hash_is_zero(s->slot[at]) && !hash_equal(s->slot[at], id); at = (at + 1) & (s->slots - 1))
        ;
    return &s->slot[at];
}

static void widen(struct seen *s)
{
    struct seen wide = {.slots = s->slots ? 2 * s->slots : 64};
    wide.slot = NEW_ARRAY(struct hash, wide.slots);
    for (size_t i = 0; i < s->slots; i++)
        if (!hash_is_zero(s->slot[i]))
            seen_add(&wide, s->slot[i]);
    free(s->slot);
    *s = wide;
}

bool seen_has(const struct seen *s, struct hash id)
{
    return s->slots > 0 && !hash_is_zero(*slot_of(s, id));
}

bool seen_add(struct seen *s, struct hash id)
{
    ASSERT(!hash_is_zero(id));
    if (2 * ((size_t)s->n + 1) > s->slots)
        widen(s);
    struct hash *slot = slot_of(s, id);
    if (!hash_is_zero(*slot))
        return false;
    *slot = id;
    s->n++;
    return true;
}

void seen_free(struct seen *s)
{
    free(s->slot);
    *s = (struct seen){0};
}
