/* The search's driver: asks the search for candidates, has worker processes train them, tells the scores, stores all.
 *
 * Every trial is a row before it is trained and its result is one transaction, so that a kill at any moment loses
 * nothing but the trials in flight; --resume runs those again and goes on. A worker that dies is replaced and its trial
 * tried once more. One search runs in a workspace at a time (search.lock). With `deterministic`, candidates are asked
 * for in fixed rounds and told in order, so that the proposals do not depend on how fast or how many the workers are.
 *
 * Several strategies race: each is a search of its own, told the shared starting points and its own trials alone, and
 * the trials are shared out in turns. A recipe that was trained before, by whom ever, is not trained again: its result
 * is taken over.
 *
 * With `halving` a trial runs the first fold at first (asynchronous successive halving, Li et al., MLSys 2020, over
 * folds: rungs in driver_rungs.c), and a training whose curve is clearly behind the others' ends early. What was stopped
 * is "done" with a fidelity below 1 and an estimate for a score: never the best, never the parent of weights. */
#ifndef WORK_DRIVER_H
#define WORK_DRIVER_H

#include "search/search.h"
#include "store/workspace.h"
#include "train/recipe.h"
#include "work/control.h"

struct driver_options {
    const char *strategy; /* one of search/search.h, or several with commas between */
    uint64_t seed;
    int trials;     /* in all, the starting architectures counted */
    double seconds; /* 0: no limit */
    double macs;    /* training multiply-adds in all; 0: no limit */
    int stall;      /* stop asking after so many trials without a better one; 0: never */
    int workers;
    int64_t max_parameters, max_macs; /* 0: no limit */
    double max_latency_us;            /* 0: no limit */
    unsigned objectives;              /* of enum search_objective; 0: the score alone */
    bool from_scratch, deterministic, resume, halving;
    enum search_acquire acquire; /* what bayes maximises */
    int grown_epochs; /* of a trial that inherits weights; 0: a third of the recipe's */
    struct recipe recipe;
};

/* ERROR_USAGE where they exclude each other or name what is not there. */
bool driver_options_check(const struct driver_options *o, struct error *err);

/* Returns {"done":true,"trials":N,"best":{...},"evidence":{...},"seconds":S, "strategies":[...]} (morphsmith(1)) or NULL
 * and err (ERROR_INTERRUPTED when cancelled: what finished is kept). */
json_t *driver_search(struct workspace *w, const struct driver_options *options, const struct control *control,
                      struct error *err);

/* A candidate's morphisms, one a line. free() */
struct search_candidate;
char *driver_steps(const struct search_candidate *c);

/* A search object told everything that is known of a task: for suggestions. Its surrogate gets at most `most` results (at
 * least 2; DRIVER_KNOWN_MOST keeps a suggestion within seconds); the others are known, and not proposed again. search_free. */
#define DRIVER_KNOWN_MOST 1000
struct driver_told {
    int scored, left_out; /* results in full that the surrogate has; results that it has not */
};
struct search;
struct search *driver_known(struct workspace *w, struct hash task, const struct driver_options *options, int most,
                            struct driver_told *out, struct error *err);

#endif
