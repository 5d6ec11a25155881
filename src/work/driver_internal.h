/* What the driver's own files share. driver.c runs the loop, driver_trials.c makes trials and tells them to the search.
 */
#ifndef WORK_DRIVER_INTERNAL_H
#define WORK_DRIVER_INTERNAL_H

#include "search/search.h"
#include "store/runs.h"
#include "store/tasks.h"
#include "work/crew.h"
#include "work/driver.h"

struct driver {
    struct workspace *w;
    const struct driver_options *options;
    const struct control *control;
    struct task_row task;
    struct search *search;
    struct crew *crew;
    struct trial_row *trial; /* of this search, by id */
    size_t trials, capacity;
    size_t told; /* deterministic: trials told so far, in order */
    int64_t id;
    double started, busy_seconds;
    int finished;
    bool exhausted; /* the search has no untried neighbour left */
    int lock;       /* one search a workspace at a time: two would run the same trials */
};

/* Done or failed? */
bool driver_ended(const struct trial_row *t);
/* Tells the search what is known of a trial: its score, its failure, or that it is in flight. */
void driver_tell(struct workspace *w, struct search *s, const struct trial_row *t);
/* May there be more trials? */
bool driver_has_room(const struct driver *d);
struct trial_row *driver_find(struct driver *d, int64_t id); /* of this search, or NULL */

bool driver_add_roots(struct driver *d, struct error *err);
bool driver_add_candidate(struct driver *d, const struct search_candidate *c, struct error *err);

/* The options that a search is resumed with, as JSON; parsing leaves the number of workers alone. free() */
char *driver_options_text(const struct driver_options *o);
bool driver_options_parse(struct driver_options *o, const char *text, struct error *err);

#endif
