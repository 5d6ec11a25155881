/* The evidence for a trial of a task, beside all that were tried on it (train/evidence.h). Each recipe counts once,
 * whoever asked for it: searches, a person, the baselines. What is read of a trial is its tally (train/tally.h), which
 * its result names; a result of an older version is tallied from its predictions. */
#ifndef WORK_JUDGE_H
#define WORK_JUDGE_H

#include "store/workspace.h"
#include "train/crossval.h"

#include <jansson.h>

/* result: of the trial that is judged; d: the task's data set, which it was scored on. */
bool judge_trial(struct workspace *w, const json_t *result, const struct dataset *d, struct evidence *out,
                 struct error *err);

/* {"skill", "p", "trials", "sentence"} */
json_t *judge_json(const struct evidence *e);

/* Puts "calibration" ({"error", "bins": [{"from", "to", "n", "said", "seen"}]}) and "trading" (see train/trading.h) into
 * a result, where there are such. */
void judge_put_more(json_t *result, const struct crossval *c, const struct dataset *d);

/* Stores a cross-validation's tally: *file names it. */
bool judge_keep(struct workspace *w, const struct crossval *c, struct hash *file, struct error *err);

#endif
