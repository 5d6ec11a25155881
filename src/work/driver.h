/* The search's driver: asks the search for candidates, has worker processes train them, tells the scores, stores all.
 *
 * Every trial is a row before it is trained and its result is one transaction, so that a kill at any moment loses
 * nothing but the trials in flight; --resume runs those again and goes on. A worker that dies is replaced and its trial
 * tried once more. One search runs in a workspace at a time (search.lock). With `deterministic`, candidates are asked
 * for in fixed rounds and told in order, so that the proposals do not depend on how fast or how many the workers are.
 */
#ifndef WORK_DRIVER_H
#define WORK_DRIVER_H

#include "store/workspace.h"
#include "train/recipe.h"
#include "work/control.h"

struct driver_options {
    const char *strategy; /* bayes, random */
    uint64_t seed;
    int trials;     /* in all, the starting architectures counted */
    double seconds; /* 0: no limit */
    int workers;
    int64_t max_parameters; /* 0: no limit */
    bool from_scratch, deterministic, resume;
    struct recipe recipe;
};

/* Returns {"done":true,"trials":N,"best":{...},"evidence":{...},"seconds":S} or NULL and err (ERROR_INTERRUPTED when
 * cancelled: what finished is kept). */
json_t *driver_search(struct workspace *w, const struct driver_options *options, const struct control *control,
                      struct error *err);

/* A candidate's morphisms, one a line. free() */
struct search_candidate;
char *driver_steps(const struct search_candidate *c);

/* A search object told everything that is known of a task: for suggestions. search_free. */
struct search;
struct search *driver_known(struct workspace *w, struct hash task, const struct driver_options *options, int *told,
                            struct error *err);

#endif
