/* What was run: searches, their trials, single trainings, and the curves of all of them. */
#ifndef STORE_RUNS_H
#define STORE_RUNS_H

#include "store/workspace.h"
#include "train/trainer.h"

struct search_row {
    int64_t id, created_us;
    struct hash task;
    char *options;  /* JSON */
    char state[16]; /* running, done, stopped */
    double seconds;
};

struct trial_row {
    int64_t id, search, parent; /* search 0: by hand; parent 0: none */
    struct hash task, arch, trace_root, weights;
    char recipe_id[HASH_HEX];
    char *recipe, *steps, *why; /* recipe text; morphisms one a line; a line for people */
    char state[16];             /* waiting, running, done, failed */
    int64_t attempts, created_us;
    double score, low, high, noise, predicted, predicted_sd, ei, seconds; /* NaN: not known */
    char *result; /* JSON: metrics, folds with correct, total, weights file */
    bool pinned;
    char strategy[16]; /* which asked for it; "": a starting point, or by hand */
    double fidelity;   /* share of the cross-validation that was run; below 1: stopped, the score is an estimate */
    double latency_us; /* of one prediction at batch 1 on this machine; NaN: not measured */
};

#define RUNS_BASELINE "baseline" /* a strategy: trials of the manual models, which no search goes on from */

bool runs_search_new(struct workspace *w, struct hash task, const char *options, int64_t *id, struct error *err);
bool runs_search_end(struct workspace *w, int64_t id, const char *state, double seconds, struct error *err);
bool runs_search_last(struct workspace *w, struct hash task, struct search_row *out); /* free options */

/* Inserts a trial (id is filled), or overwrites what changes in one. */
bool runs_trial_new(struct workspace *w, struct trial_row *t, struct error *err);
bool runs_trial_save(struct workspace *w, const struct trial_row *t, struct error *err);
bool runs_trial_pin(struct workspace *w, int64_t id, bool pinned, struct error *err);
bool runs_trial_get(struct workspace *w, int64_t id, struct trial_row *out, struct error *err);
/* A trial of this recipe id that came to its full end: its result need not be computed again. */
bool runs_trial_done(struct workspace *w, const char *recipe_id, struct trial_row *out);
/* The best of an architecture's full trials on a task; `why` not NULL: of those that say so, the newest. false: none. */
bool runs_trial_of_arch(struct workspace *w, struct hash task, struct hash arch, const char *why,
                        struct trial_row *out);
/* A trial of this recipe id that was begun by hand and did not end: the next attempt takes its row over. */
bool runs_trial_left(struct workspace *w, const char *recipe_id, struct trial_row *out);
bool runs_trial_drop(struct workspace *w, int64_t id, struct error *err); /* with its curves */
/* How many different recipes were scored on a task, in part or in full: what the best of them must be corrected for. -1
 * on error. */
int runs_tried(struct workspace *w, struct hash task, struct error *err);
/* The results of those, each recipe's once, by id; ends where `take` is false. */
bool runs_each_result(struct workspace *w, struct hash task,
                      bool (*take)(void *context, const char *result, struct error *err), void *context,
                      struct error *err);
/* What runs no longer, as its process ended, waits again. */
bool runs_search_rest(struct workspace *w, int64_t search, struct error *err);
/* By score: best first, stopped ones behind all that were run in full, then those without a score. */
enum runs_order { RUNS_BY_ID, RUNS_BY_SCORE };
/* All trials on a task; search < 0: of every search. */
int runs_trials(struct workspace *w, struct hash task, int64_t search, enum runs_order order, struct trial_row **out,
                struct error *err);
void runs_trial_free(struct trial_row *t);
void runs_trials_free(struct trial_row *rows, int n);

struct training_row {
    int64_t id, created_us, epochs;
    struct hash arch, task, model;
    char state[16]; /* running, paused, done, failed, cancelled (nothing was kept), stopped (it can be resumed) */
    bool blas;      /* its model is not exact */
};
bool runs_training_new(struct workspace *w, struct hash arch, struct hash task, int epochs, int64_t *id,
                       struct error *err);
bool runs_training_end(struct workspace *w, int64_t id, const char *state, const struct hash *model, struct error *err);
bool runs_training_get(struct workspace *w, int64_t id, struct training_row *out); /* false: there is none */
int runs_trainings(struct workspace *w, struct training_row **out, struct error *err); /* newest first */

/* Curves. kind is "trial" or "train". */
bool runs_epoch_put(struct workspace *w, const char *kind, int64_t run, const struct train_event *e, struct error *err);
bool runs_epochs_drop(struct workspace *w, const char *kind, int64_t run, struct error *err);
int runs_epochs(struct workspace *w, const char *kind, int64_t run, struct train_event **out, struct error *err);

#endif
