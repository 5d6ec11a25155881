/* Which points have a Weisfeiler-Lehman label, and how often: products of a new point with all others at the cost of
 * what they share. Points are numbered from 0 and added in order. */
#ifndef SEARCH_WL_INDEX_H
#define SEARCH_WL_INDEX_H

#include "search/wl.h"

struct wl_posting {
    int point, count;
};

struct wl_slot {
    uint64_t label;
    struct wl_posting *posting; /* in the order of points; NULL: the slot is free */
    int n;
    size_t capacity;
};

struct wl_index {
    struct wl_slot *slot; /* [room], open addressing; room is a power of two or 0 */
    size_t room, used;
};

void wl_index_end(struct wl_index *x);
void wl_index_add(struct wl_index *x, const struct wl *w, int point);
void wl_index_cut(struct wl_index *x, int points); /* forgets the points from there on */

/* out[point] += wl_dot(w, that point's, t) for all points. */
void wl_index_dots(const struct wl_index *x, const struct wl *w, int t, double *out);

/* The points that have the label: NULL and 0 where none has. */
const struct wl_posting *wl_index_find(const struct wl_index *x, uint64_t label, int *n);

#endif
