/* The inside of a search, for its strategies. */
#ifndef SEARCH_STATE_H
#define SEARCH_STATE_H

#include "search/pool.h"
#include "search/space.h"

struct search_trial {
    int id;
    struct arch *arch; /* owned; NULL in a table */
    int row;
    struct hash hash;
    double score, noise, latency_us;
    int64_t parameters, macs; /* -1: not known */
    bool failed, start;
};

struct trial_list {
    struct search_trial *item;
    int n;
    size_t capacity;
};

struct search {
    struct search_options options;
    const struct strategy *strategy;
    struct space space;
    struct trial_list told;      /* in the order of telling, failed ones among them */
    struct trial_list pending;   /* in the order of asking */
    struct seen seen;            /* the ids of both */
    struct surrogate *surrogate; /* NULL where the strategy has none */
    struct surrogate *latency;   /* of its logarithm; NULL where it is no objective */
    bool *stale;                 /* owned: the surrogates do not know all that was told */
};

struct space_point search_point(const struct search_trial *t);

/* May it be proposed: within the limits, and neither told nor pending? */
bool search_within(const struct search *s, struct space_point p);
bool search_is_new(const struct search *s, struct space_point p, struct hash *id);

/* The trials that can be grown from: indices into told, best first (by score, then order of telling). NULL and 0 where
 * there is none. free() */
int *search_ranking(const struct search *s, int *n);

/* Random numbers for the next proposal: a stream for each state of (told, pending). */
struct random search_random(const struct search *s);
/* Random numbers that belong to the trial told at this place, however much was told since. */
struct random search_random_at(const struct search *s, int place);

/* --- proposals that several rules make ---------------------------------------------------------------------------- */

/* Takes the candidate over as the answer. */
bool search_answer(struct search *s, struct search_candidate *out, struct search_candidate c);
bool search_nothing_left(const struct search *s, struct error *err); /* false, with the reason */

/* Is the search still in the part that all strategies draw alike? */
bool search_is_starting(const struct search *s);
/* A table's row drawn evenly; a step drawn evenly from a trial drawn evenly. Never one tried before. */
bool search_ask_random(struct search *s, struct search_candidate *out, struct error *err);
/* One random step from a told trial, never to one tried before: false where none was found. */
bool search_step_from(struct search *s, int trial, struct random *r, struct search_candidate *out);
/* A place to begin anew: a table's row, or some random steps from a starting point. */
bool search_restart(struct search *s, struct random *r, struct search_candidate *out);

/* Sets the prediction and the acquisition's value of c[n]. */
void search_predict(const struct search *s, struct search_candidate *c, int n);
/* Sets the values anew: those of one function drawn from the posterior at all of them (Thompson sampling). */
void search_sample(const struct search *s, struct search_candidate *c, int n, struct random *r);
/* Sets the line for people. */
void search_say(const struct search *s, struct search_candidate *c);

#endif
