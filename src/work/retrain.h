/* A trial's model, trained again on everything before the hold-out and scored on it.
 *
 * The data set is built anew with the hold-out in it; training sees its samples up to the first whose target is read at
 * or behind what any window of the hold-out reads (split_purge), scaling is fitted on those alone, there is no
 * early-stopping slice: a model trains for the median of its folds' best epochs (the lower of two; at least one). A
 * trial that grew out of others is grown again: its first ancestor is trained, the morphisms are applied, and so on, each
 * with its own settings and median. The same trial gives the same bits. */
#ifndef WORK_RETRAIN_H
#define WORK_RETRAIN_H

#include "store/tasks.h"
#include "train/crossval.h"
#include "work/control.h"

/* A task's data set with its hold-out, as one fold: what is trained on, and the hold-out's samples. */
struct retrain_data {
    struct dataset *opened; /* owned */
    struct dataset view;    /* the same arrays; folds 1; `opened` counts are those of the caller */
};

/* ERROR_DATA where the hold-out has no samples, or nothing is left to train on. */
bool retrain_open(struct retrain_data *out, struct workspace *w, const struct task_row *task, struct error *err);
void retrain_close(struct retrain_data *d);

/* The epochs that a trial trains for: of its result's folds. */
int retrain_epochs(const json_t *result);

/* The work that a trial's lineage is, for shares of progress: multiply-adds of a sample times epochs, summed up. */
double retrain_work(struct workspace *w, int64_t trial, struct error *err); /* negative on error */

/* Events carry "progress" of this model alone. crossval_free. */
struct crossval *retrain_trial(struct workspace *w, const struct retrain_data *d, int64_t trial, struct threads *pool,
                               const struct control *control, struct error *err);

#endif
