#include "net/arena.h"

#include "base/memory.h"

#define ARENA_LINE 16 /* floats of a cache line */

static size_t round_line(size_t n)
{
    return (n + ARENA_LINE - 1) / ARENA_LINE * ARENA_LINE;
}

/* The larger first: greedy by size wastes least (Pisarchyk and Lee 2020). Ties by index, for one result everywhere. */
static int compare_size(const void *a, const void *b)
{
    const struct arena_item *const *x = a, *const *y = b;
    if ((*x)->floats != (*y)->floats)
        return (*x)->floats > (*y)->floats ? -1 : 1;
    return (*x > *y) - (*x < *y);
}

/* Inserts into placed[], which is sorted by offset. */
static void insert(struct arena_item **placed, int n, struct arena_item *item)
{
    int i = n;
    for (; i > 0 && placed[i - 1]->offset > item->offset; i--)
        placed[i] = placed[i - 1];
    placed[i] = item;
}

/* The first gap between those that live at the same time. */
static size_t first_gap(struct arena_item *const *placed, int n, const struct arena_item *item)
{
    size_t at = 0, need = round_line(item->floats);
    for (int i = 0; i < n; i++) {
        const struct arena_item *p = placed[i];
        if (p->until < item->from || p->from > item->until)
            continue;
        if (p->offset >= at + need)
            return at;
        size_t end = p->offset + round_line(p->floats);
        at = end > at ? end : at;
    }
    return at;
}

size_t arena_place(struct arena_item *item, int items)
{
    struct arena_item **sorted = NEW_ARRAY(struct arena_item *, items);
    struct arena_item **placed = NEW_ARRAY(struct arena_item *, items);
    size_t total = 0;
    int n = 0;
    for (int i = 0; i < items; i++)
        sorted[i] = &item[i];
    qsort(sorted, (size_t)items, sizeof *sorted, compare_size);
    for (int i = 0; i < items; i++) {
        struct arena_item *it = sorted[i];
        it->offset = 0;
        if (it->floats == 0)
            continue;
        it->offset = first_gap(placed, n, it);
        insert(placed, n++, it);
        size_t end = it->offset + round_line(it->floats);
        total = end > total ? end : total;
    }
    free(sorted);
    free(placed);
    return total;
}
