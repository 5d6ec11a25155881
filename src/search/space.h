/* Where a search moves: what a strategy needs to know of it. Two kinds, one file each: architectures that grow from told
 * trials by morphisms (space_morph.c), and the rows of a benchmark table (space_table.c). Every order and every draw is
 * a function of the arguments alone. */
#ifndef SEARCH_SPACE_H
#define SEARCH_SPACE_H

#include "base/random.h"
#include "search/search.h"

/* A place in the space; borrowed. */
struct space_point {
    const struct arch *arch; /* NULL in a table */
    int row;                 /* of the table; else -1 */
};

struct space {
    const struct space_kind *kind;
    const struct search_table *table; /* NULL: morphisms */
    bool shrinks;                     /* steps that lose something of the function are offered too */
};

/* Takes what it is handed over; false: enough. */
typedef bool space_visit(void *context, struct search_candidate *one);

struct space_kind {
    const char *name;
    struct hash (*id)(const struct space *s, struct space_point p);
    /* One random step further. False where there is none: the candidate stays as it was. */
    bool (*walk)(const struct space *s, struct search_candidate *c, struct random *r);
    /* Hands over all places one step away, in a fixed order. */
    void (*neighbours)(const struct space *s, struct space_point from, space_visit *visit, void *context);
    /* Any place, evenly. NULL where places are only reached from others. */
    void (*draw)(const struct space *s, struct search_candidate *out, struct random *r);
    /* The place number k of all in an order that spreads early ones evenly and begins anywhere; false behind the last.
     * NULL as above. */
    bool (*enumerate)(const struct space *s, struct search_candidate *out, int k, uint64_t from);
    /* Known beforehand; -1: not known. */
    void (*costs)(const struct space *s, struct space_point p, int64_t *parameters, int64_t *macs);
    /* What the surrogate sees of it: borrowed from the space, or made in *own and the caller's to end. */
    const struct surrogate_features *(*features)(const struct space *s, struct space_point p,
                                                 struct surrogate_features *own);
    /* The steps of a candidate, for people. */
    void (*say)(const struct space *s, const struct search_candidate *c, char *out, size_t size);
};
extern const struct space_kind space_morph, space_table;

struct space_point space_point_of(const struct search_candidate *c);
/* A candidate that stands where it starts, no step taken. */
struct search_candidate space_stand(struct space_point at, int parent);

#endif
