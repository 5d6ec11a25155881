/* Checkpoints of trainings that have not ended (train/checkpoint.h): files in checkpoints/, named RECIPEID.FOLD, so
 * that whoever trains the same recipe finds them. A file is replaced as a whole or not at all. Two that train the same
 * recipe at once do each other no harm: every checkpoint of a recipe lies on the way to the same bits.
 *
 * Beside them train.N.lock is held by the process that runs training N, trial.N.lock by the one that scores trial N by
 * hand. */
#ifndef STORE_CHECKPOINTS_H
#define STORE_CHECKPOINTS_H

#include "store/workspace.h"
#include "train/checkpoint.h"

bool checkpoints_put(struct workspace *w, const struct checkpoint *c, struct error *err);

/* What there is of a recipe's fold; *found false if nothing. What *out points into is *file, which the caller frees. A
 * file that is damaged or belongs to something else is an error that names it. */
bool checkpoints_get(struct workspace *w, const struct checkpoint_owner *owner, struct checkpoint *out, bool *found,
                     struct bytes *file, struct error *err);

bool checkpoints_there(const struct workspace *w, struct hash recipe_id, int fold); /* damaged or not */

/* All folds of a recipe's cross-validation. What cannot be removed is left. */
void checkpoints_drop_folds(struct workspace *w, struct hash recipe_id);
void checkpoints_drop_fold(struct workspace *w, struct hash recipe_id, int fold);

/* The heads of all that can be read (checkpoint_decode_head), in no order: how many. free() */
int checkpoints_list(struct workspace *w, struct checkpoint **out);

/* Removes those of what has ended: left by who was killed between storing the result and removing them. */
int checkpoints_sweep(struct workspace *w);

/* kind: "train" or "trial". A descriptor, or -1 where another process runs this one. */
int checkpoints_lock(struct workspace *w, const char *kind, int64_t run, struct error *err);
void checkpoints_unlock(struct workspace *w, const char *kind, int64_t run, int lock);
bool checkpoints_running(const struct workspace *w, const char *kind, int64_t run);

#endif
