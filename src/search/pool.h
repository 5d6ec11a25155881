/* Candidates under consideration, no two of one place, none that was tried or is above a limit. */
#ifndef SEARCH_POOL_H
#define SEARCH_POOL_H

#include "base/random.h"
#include "search/search.h"

/* A set of ids. Zero-initialise; seen_free. */
struct seen {
    struct hash *slot; /* all zero: free */
    int n;
    size_t slots; /* a power of two, or 0 */
};
bool seen_add(struct seen *s, struct hash id); /* false: it was there */
bool seen_has(const struct seen *s, struct hash id);
void seen_free(struct seen *s);

struct pool {
    struct search_candidate *item;
    int n;
    size_t capacity;
    struct seen seen;
};

void pool_free(struct pool *p);
/* Takes the candidate over if it may be proposed and is not there yet, else frees it. */
bool pool_add(struct pool *p, const struct search *s, struct search_candidate c);
/* All one-step neighbours of a told trial. */
void pool_neighbours(struct pool *p, const struct search *s, int trial);
/* A chain of `steps` random steps from a told trial; false where it led nowhere new. */
bool pool_chain(struct pool *p, const struct search *s, int trial, int steps, struct random *r);
/* A place drawn evenly, where the space can. */
bool pool_draw(struct pool *p, const struct search *s, struct random *r);
/* Takes item i out: the caller owns it. */
struct search_candidate pool_take(struct pool *p, int i);

#endif
