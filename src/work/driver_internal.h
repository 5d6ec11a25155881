/* What the driver's own files share. driver.c runs the loop, driver_trials.c makes trials, driver_lanes.c has the
 * strategies, driver_rungs.c says how much of a trial is run, driver_result.c sums up. */
#ifndef WORK_DRIVER_INTERNAL_H
#define WORK_DRIVER_INTERNAL_H

#include "search/search.h"
#include "store/runs.h"
#include "store/tasks.h"
#include "work/crew.h"
#include "work/driver.h"
#include "work/part.h"

#define LANES_MAX 8
#define RUNGS_MAX 8

/* A strategy in the race. */
struct lane {
    char name[16];
    struct search *search;
    bool exhausted; /* it has no untried neighbour left */
};

struct driver {
    struct workspace *w;
    const struct driver_options *options;
    const struct control *control;
    struct task_row task;
    struct lane lane[LANES_MAX];
    int lanes;
    int64_t cap; /* multiply-adds of a network that may be asked for, see driver_cap */
    int64_t fitting;                   /* of one that there is time for still; 0: any */
    bool no_time;                      /* for another trial */
    bool stopping;                     /* what is in flight was told to end, see driver_time.c */
    double samples[DATASET_FOLDS_MAX]; /* trained on in each fold; under `halving` and with a limit of time */
    bool stale;  /* the lanes are to be made anew from the trials before they are asked */
    size_t told; /* deterministic: trials told so far, in order */
    struct hash *skip; /* what a person skipped, as the lanes were told */
    int skips;
    struct crew *crew;
    struct trial_row *trial; /* of this search, by id */
    size_t trials, capacity;
    int rung[RUNGS_MAX], rungs; /* folds run by the end of each; the last: all */
    int64_t id;
    double started, busy_seconds;
    int finished; /* stopped ones among them */
    int lock;     /* one search a workspace at a time: two would run the same trials */
};

/* Done or failed? */
bool driver_ended(const struct trial_row *t);
/* Done, and run in full? */
bool driver_full(const struct trial_row *t);
/* The best of those in full that keep the limits, of one strategy and the starting points (NULL: of all); or NULL. */
struct trial_row *driver_best(const struct driver *d, const char *strategy);
/* May there be more trials? */
bool driver_has_room(const struct driver *d);
struct trial_row *driver_find(struct driver *d, int64_t id); /* of this search, or NULL */
/* Does a strategy know of it? Starting points belong to all. */
bool driver_is_of(const struct trial_row *t, const char *strategy);
/* A number in a trial's result; NaN where there is none. */
double driver_number(const struct trial_row *t, const char *key);

bool driver_add_roots(struct driver *d, struct error *err);
bool driver_add_candidate(struct driver *d, struct lane *lane, const struct search_candidate *c, struct error *err);
/* A result that is there already for a trial's recipe, as much of it as the trial is to run; NULL where there is none. */
json_t *driver_known_result(struct driver *d, const struct trial_row *t);

/* --- driver_lanes.c --- */
bool driver_lanes_open(struct driver *d, struct error *err); /* by the options' strategies */
void driver_lanes_close(struct driver *d);
bool driver_lanes_fresh(struct driver *d, struct error *err); /* before asking: all that ended was told */
void driver_lanes_tell(struct driver *d, const struct trial_row *t, bool again); /* it ended; again: told before */
/* ref: see driver_noise. */
void driver_tell(struct workspace *w, struct search *s, const struct trial_row *t, const struct trial_row *ref);
/* The first of those in full that grew from nothing: what the others' folds are compared with; or NULL. */
const struct trial_row *driver_reference(const struct trial_row *rows, size_t n);
/* The variance of a score as it matters beside others on the same bars: how much more one fold differs from the
 * reference's than another. That folds are harder or easier for all is no noise. */
double driver_noise(const struct trial_row *t, const struct trial_row *ref);
/* The strategy whose turn it is, of those that are not exhausted; or NULL. */
struct lane *driver_lanes_next(struct driver *d);

/* --- driver_cap.c --- */
/* The most multiply-adds of a network to be asked for: --max-macs, or else what leaves a budget room for enough trials,
 * by what the starting points took; near a limit of time what there is time for. */
int64_t driver_cap(const struct driver *d);

/* --- driver_time.c --- */
bool driver_time_open(struct driver *d, struct error *err);
double driver_time_left(const struct driver *d); /* seconds, may be negative; INFINITY: no limit */
bool driver_time_over(const struct driver *d);   /* the grace too */
/* Would a new trial's first rung end in time? Else d->fitting is what might. */
bool driver_time_fits(struct driver *d, const struct arch *a);
bool driver_time_has_room(const struct driver *d, const struct trial_row *t); /* for one that waits */
/* The row of one that was stopped, or not begun: failed and "timed_out", or on the rung where it stood. */
void driver_time_mark(struct trial_row *t);
bool driver_timed_out(const struct trial_row *t);

/* --- driver_rungs.c --- */
/* The score over n folds of a result from `first` on; NaN where they were not run. */
double driver_fold_score(const json_t *result, int first, int n);
bool driver_rungs_open(struct driver *d, struct error *err);
/* Says in the row what part of the trial is to be run: from rung 0 on, or all. */
void driver_rungs_start(struct driver *d, struct trial_row *t, bool whole);
/* The trial that is to go on to the next rung, made to wait for it; NULL where there is none. */
struct trial_row *driver_rungs_promote(struct driver *d);
/* When nothing else is left to do: the same for a strategy that ran none of its own in full. */
struct trial_row *driver_rungs_last(struct driver *d);
/* Puts into the result of a trial that was stopped what it would have come to. */
void driver_rungs_estimate(struct driver *d, const struct trial_row *t, json_t *result);
/* Deterministic: is the curve of what was run as whole as it would be without an interruption? */
bool driver_rungs_seen(struct driver *d, const struct trial_row *t, const json_t *result);

/* --- driver_result.c --- */
json_t *driver_result(struct driver *d, struct error *err);

/* --- driver_inherit.c --- */
json_t *driver_inherited(const struct driver *d);

/* The options that a search is resumed with, as JSON; parsing leaves the number of workers alone. free(); strategy of
 * what was parsed is the caller's to free as well. */
char *driver_options_text(const struct driver_options *o);
bool driver_options_parse(struct driver_options *o, const char *text, struct error *err);

#endif
