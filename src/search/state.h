/* The inside of a search, for its strategies. */
#ifndef SEARCH_STATE_H
#define SEARCH_STATE_H

#include "base/random.h"
#include "search/search.h"

struct search_trial {
    int id;
    struct arch *arch; /* owned */
    struct hash hash;  /* arch_id */
    double score, noise;
    bool failed;
};

struct trial_list {
    struct search_trial *item;
    int n;
    size_t capacity;
};

struct search {
    struct search_options options;
    const struct strategy *strategy;
    struct trial_list told;      /* in the order of telling, failed ones among them */
    struct trial_list pending;   /* in the order of asking */
    struct surrogate *surrogate; /* NULL where the strategy has none */
    bool *stale;                 /* owned: the surrogate does not know all that was told */
};

/* Candidates under consideration, no two of one architecture. */
struct pool {
    struct search_candidate *item;
    struct hash *hash; /* of each item's architecture */
    int n;
    size_t item_capacity, hash_capacity;
};

void pool_free(struct pool *p);

/* All one-step neighbours of a told trial. */
void pool_neighbours(struct pool *p, const struct search *s, int trial);
/* A chain of `steps` random steps from a told trial; false where it led nowhere new. */
bool pool_chain(struct pool *p, const struct search *s, int trial, int steps, struct random *r);
/* Takes item i out: the caller owns it. */
struct search_candidate pool_take(struct pool *p, int i);

/* The trials that can be grown from: indices into told, best first (by score, then order of telling). NULL and 0 where
 * there is none. free() */
int *search_ranking(const struct search *s, int *n);

/* Random numbers for the next proposal: a stream for each state of (told, pending). */
struct random search_random(const struct search *s);

/* Sets the numbers and the line for people. */
void search_predict(const struct search *s, struct search_candidate *c);
void search_say(struct search_candidate *c);

/* A uniformly drawn step from a uniformly drawn trial, never one tried before. */
bool search_ask_random(struct search *s, struct search_candidate *out, struct error *err);

#endif
