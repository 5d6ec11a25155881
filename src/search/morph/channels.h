/* Channel maps: which channel of a new architecture was which of the old one, followed through the graph so that one
 * rule serves every morphism.
 *
 * A map has an entry for each place of an axis: the old place, or why there is none. A channel is CHANNEL_NEW where its
 * values may be anything: what reads it starts with weights of zero. It is CHANNEL_SILENT where its values start at
 * zero: what makes it has weights of zero, and what reads it starts with random ones. */
#ifndef SEARCH_MORPH_CHANNELS_H
#define SEARCH_MORPH_CHANNELS_H

#include "search/morph/edit.h"

enum { CHANNEL_NEW = -1, CHANNEL_SILENT = -2 };

struct channel_map {
    int *old; /* [n], owned */
    int n;
    int old_n; /* places there were before */
};

/* One for each node of e->after. */
struct channel_map *channels_new(const struct morph_edit *e);
void channels_free(struct channel_map *map, int nodes);

/* The map of one axis of a tensor of `node`, which was there before; size and old_size: the axis's lengths. free
 * ->old. */
struct channel_map channels_axis(const struct morph_edit *e, const struct channel_map *map, int node, enum op_axis axis,
                                 int size, int old_size);

#endif
