#include "search/wl_index.h"

#include "base/memory.h"

void wl_index_end(struct wl_index *x)
{
    for (size_t i = 0; i < x->room; i++)
        free(x->slot[i].posting);
    free(x->slot);
    *x = (struct wl_index){0};
}

/* The label's slot, or the free one where it belongs. Labels are hashes already. */
static struct wl_slot *slot_of(const struct wl_index *x, uint64_t label)
{
    size_t i = (size_t)label & (x->room - 1);
    while (x->slot[i].posting && x->slot[i].label != label)
        i = (i + 1) & (x->room - 1);
    return &x->slot[i];
}

/* At most half full, so that a free slot is always near. */
static void make_room(struct wl_index *x)
{
    if (2 * (x->used + 1) <= x->room)
        return;
    struct wl_index bigger = {.room = x->room ? 2 * x->room : 64, .used = x->used};
    bigger.slot = NEW_ARRAY(struct wl_slot, bigger.room);
    for (size_t i = 0; i < x->room; i++)
        if (x->slot[i].posting)
            *slot_of(&bigger, x->slot[i].label) = x->slot[i];
    free(x->slot);
    *x = bigger;
}

void wl_index_add(struct wl_index *x, const struct wl *w, int point)
{
    for (int t = 0; t < WL_DEPTHS; t++)
        for (int i = 0; i < w->n[t]; i++) {
            const struct wl_feature *f = &w->feature[t][i];
            make_room(x);
            struct wl_slot *slot = slot_of(x, f->label);
            x->used += slot->posting == NULL;
            slot->label = f->label;
            slot->posting = memory_grow(slot->posting, &slot->capacity, (size_t)slot->n + 1, sizeof *slot->posting);
            slot->posting[slot->n++] = (struct wl_posting){.point = point, .count = f->count};
        }
}

void wl_index_cut(struct wl_index *x, int points)
{
    for (size_t i = 0; i < x->room; i++)
        while (x->slot[i].n > 0 && x->slot[i].posting[x->slot[i].n - 1].point >= points)
            x->slot[i].n--;
}

const struct wl_posting *wl_index_find(const struct wl_index *x, uint64_t label, int *n)
{
    const struct wl_slot *slot = x->room > 0 ? slot_of(x, label) : NULL;
    *n = slot ? slot->n : 0;
    return *n > 0 ? slot->posting : NULL;
}

void wl_index_dots(const struct wl_index *x, const struct wl *w, int t, double *out)
{
    for (int i = 0; i < w->n[t]; i++) {
        int n;
        const struct wl_posting *p = wl_index_find(x, w->feature[t][i].label, &n);
        for (int k = 0; k < n; k++)
            out[p[k].point] += (double)p[k].count * (double)w->feature[t][i].count;
    }
}
