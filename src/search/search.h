/* The search, ask and tell: it proposes candidates and is told scores; it trains nothing, stores nothing and knows no
 * clock. Its proposals are a pure function of (options, what was told and is pending, in order), so a search can be
 * rebuilt from its stored trials after a crash. Asking changes nothing: the same question has the same answer until
 * something is told or made pending. No architecture is proposed twice, none above a limit at all.
 *
 * A search moves in a space (search/space.h): the architectures that morphisms lead to, or the rows of a benchmark
 * table. Strategies are one file each in search/strategy/ and one line in their table; they know spaces only through
 * what every space can do. */
#ifndef SEARCH_SEARCH_H
#define SEARCH_SEARCH_H

#include "search/morph.h"
#include "search/surrogate.h"

#define SEARCH_CHAIN_MAX 8

enum search_objective { SEARCH_SCORE = 1, SEARCH_PARAMETERS = 2, SEARCH_MACS = 4, SEARCH_LATENCY = 8 };
/* By multiply-adds: EI over those of one prediction, which those of a training are in proportion to. */
enum search_acquire { SEARCH_EI, SEARCH_UCB, SEARCH_THOMPSON, SEARCH_EI_PER_COST };
extern const char *const search_acquire_names[]; /* NULL-terminated */

struct search_table;

struct search_options {
    const char *strategy; /* of strategy_table; NULL: bayes */
    uint64_t seed;
    int64_t max_parameters, max_macs; /* 0: no limit; a candidate above it is never proposed */
    int initial;                      /* drawn at random before a rule is asked; 0: 4. The starting point of a search by
                                         morphisms comes on top */
    unsigned objectives;              /* of enum search_objective; 0: the score alone. Others are made small */
    enum search_acquire acquire;
    bool deterministic; /* nothing measured by a clock (latency) is looked at */
    const struct search_table *table; /* borrowed; NULL: architectures by morphisms */
};

struct search_candidate {
    int parent; /* trial id whose weights it grows from; -1: drawn afresh (tables) */
    struct morph_step step[SEARCH_CHAIN_MAX];
    int steps;
    struct arch *arch; /* owned: search_candidate_free; NULL in a table */
    int row;           /* of the table; else -1 */
    bool predicted;    /* the numbers below are set */
    struct surrogate_view view; /* ei and log_ei are those of what is sought: with several objectives, of their weighing */
    double value;               /* what proposals are ranked by, larger is better */
    char why[160];              /* one line for people */
};
void search_candidate_free(struct search_candidate *c);
struct search_candidate search_candidate_copy(const struct search_candidate *c);

struct search;
struct search *search_new(const struct search_options *options, struct error *err);
void search_free(struct search *s);

/* What became of a trial. Higher scores are better; noise is the score's variance. A failed trial, or one whose score is
 * not finite, is never proposed again; the surrogate does not see it. */
struct search_told {
    double score, noise;
    double latency_us; /* of one prediction; 0 or NaN: not measured */
    bool failed;
    bool start; /* a starting point, not asked for: what restarts grow from (where none is marked: the first told) */
};
/* Each trial once, ids in any order. */
void search_tell(struct search *s, int id, const struct arch *a, const struct search_told *told);
/* A trial in flight: not proposed again; the posterior treats it as told with its mean (kriging believer). */
void search_pending(struct search *s, int id, const struct arch *a);
/* The same in a table. */
void search_tell_row(struct search *s, int id, int row, const struct search_told *told);
void search_pending_row(struct search *s, int id, int row);

/* The next candidate. ERROR_FAILED when nothing untried is left or no trial was told yet to grow from. */
bool search_ask(struct search *s, struct search_candidate *out, struct error *err);
/* The n best by the acquisition, for people; fewer where there are fewer. Returns how many, -1 on error. */
int search_suggest(struct search *s, struct search_candidate *out, int n, struct error *err);
const struct surrogate *search_surrogate(const struct search *s); /* fitted to all that was told; NULL where none is kept */

struct strategy {
    const char *name, *about;
    bool surrogate; /* keeps one */
    bool (*ask)(struct search *s, struct search_candidate *out, struct error *err);
};
extern const struct strategy *const strategy_table[]; /* NULL-terminated */
const struct strategy *strategy_find(const char *name, struct error *err); /* ERROR_USAGE naming all */

#endif
