/* The search, ask and tell: it proposes candidates and is told scores; it trains nothing, stores nothing and knows no
 * clock. Its proposals are a pure function of (options, what was told and is pending, in order), so a search can be
 * rebuilt from its stored trials after a crash. Asking changes nothing: the same question has the same answer until
 * something is told or made pending. Strategies are one file each in search/strategy/ and one line in their table. */
#ifndef SEARCH_SEARCH_H
#define SEARCH_SEARCH_H

#include "search/morph.h"
#include "search/surrogate.h"

#define SEARCH_CHAIN_MAX 8

struct search_options {
    const char *strategy; /* bayes, random */
    uint64_t seed;
    int64_t max_parameters; /* 0: no limit; a candidate above it is never proposed */
    int initial;            /* random candidates before the surrogate is asked; 0: 4 */
};

struct search_candidate {
    int parent; /* trial id whose weights it grows from */
    struct morph_step step[SEARCH_CHAIN_MAX];
    int steps;
    struct arch *arch; /* owned: search_candidate_free */
    bool predicted;    /* the numbers below are set */
    struct surrogate_view view;
    char why[160]; /* one line for people */
};
void search_candidate_free(struct search_candidate *c);

struct search;
struct search *search_new(const struct search_options *options, struct error *err);
void search_free(struct search *s);

/* A finished trial (any order of ids; each once). score higher is better; noise is its variance. A failed trial is told
 * with failed = true, or a score that is not finite, and is never proposed again; the surrogate does not see it. */
void search_tell(struct search *s, int id, const struct arch *a, double score, double noise, bool failed);
/* A trial in flight: not proposed again; the posterior treats it as told with its mean (kriging believer). */
void search_pending(struct search *s, int id, const struct arch *a);

/* The next candidate. ERROR_FAILED when no untried neighbour is left or no trial was told yet. */
bool search_ask(struct search *s, struct search_candidate *out, struct error *err);
/* The n best by expected improvement, for people; fewer where there are fewer. Returns how many, -1 on error. */
int search_suggest(struct search *s, struct search_candidate *out, int n, struct error *err);
const struct surrogate *search_surrogate(const struct search *s); /* fitted to all that was told; NULL for random */

struct strategy {
    const char *name, *about;
    bool surrogate; /* keeps one */
    bool (*ask)(struct search *s, struct search_candidate *out, struct error *err);
};
extern const struct strategy *const strategy_table[]; /* NULL-terminated */

#endif
