/* Places buffers with lifetimes in one piece of memory, so that two share an address only if they never live at the
 * same time. Pure arithmetic: nothing is allocated for the buffers themselves. */
#ifndef NET_ARENA_H
#define NET_ARENA_H

#include <stddef.h>

struct arena_item {
    size_t floats;
    int from, until; /* first and last moment of life, inclusive */
    size_t offset;   /* out, in floats; a multiple of 16 */
};

/* Fills the offsets; returns the floats in all. Items with 0 floats get offset 0. */
size_t arena_place(struct arena_item *item, int items);

#endif
