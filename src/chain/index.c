#include "chain/index.h"

#include "base/memory.h"

#define INDEX_LEAST 64

void index_free(struct index *x)
{
    free(x->slot);
    memset(x, 0, sizeof *x);
}

void index_clear(struct index *x)
{
    if (x->slot)
        memset(x->slot, 0, x->capacity * sizeof *x->slot);
    x->n = 0;
}

/* The id's slot, or the free one where it belongs. */
static struct index_slot *slot_of(const struct index *x, const struct hash *id)
{
    uint64_t at;
    memcpy(&at, id->byte, sizeof at); /* its byte order only moves slots about: nothing sees it */
    for (size_t i = (size_t)at;; i++) {
        struct index_slot *s = &x->slot[i & (x->capacity - 1)];
        if (s->position == 0 || hash_equal(s->id, *id))
            return s;
    }
}

static void grow(struct index *x)
{
    struct index bigger = {.capacity = x->capacity ? 2 * x->capacity : INDEX_LEAST, .n = x->n};
    bigger.slot = NEW_ARRAY(struct index_slot, bigger.capacity);
    for (size_t i = 0; i < x->capacity; i++)
        if (x->slot[i].position != 0)
            *slot_of(&bigger, &x->slot[i].id) = x->slot[i];
    free(x->slot);
    *x = bigger;
}

void index_put(struct index *x, struct hash id, int position)
{
    if (2 * (x->n + 1) > x->capacity)
        grow(x);
    struct index_slot *s = slot_of(x, &id);
    ASSERT(s->position == 0 && position >= 0);
    *s = (struct index_slot){.id = id, .position = position + 1};
    x->n++;
}

int index_find(const struct index *x, struct hash id)
{
    return x->capacity ? slot_of(x, &id)->position - 1 : -1;
}

void index_copy(struct index *to, const struct index *from)
{
    index_free(to);
    if (!from->slot)
        return;
    *to = *from;
    to->slot = memory_copy(from->slot, from->capacity * sizeof *from->slot);
}
