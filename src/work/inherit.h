/* What the inheritance of weights saved, measured by training again, fold by fold, one behind the other, here: a grown
 * trial as it was (from its parent's weights, to its best epoch), and the same network from scratch, with the whole
 * recipe of the starting point that it came from, until its early-stopping loss is as low. Where it never comes as low,
 * its whole training counts, and the saving is at least what is said. */
#ifndef WORK_INHERIT_H
#define WORK_INHERIT_H

#include "base/threads.h"
#include "store/runs.h"
#include "work/control.h"

/* A trial with all its ancestors: each on both sides, the starting point the same on both.
 * {"trial","arch","chain":[{"trial","arch","morphism","inherited":{"epochs","seconds","macs"},"scratch":{..., "reached"}}],
 * "last_alone":{...} (the last from scratch, without the others),
 * "inherited_seconds","scratch_seconds","saved","inherited_macs","scratch_macs","saved_macs","reached","folds"} */
json_t *inherit_measure(struct workspace *w, int64_t trial, struct threads *pool, const struct control *control,
                        struct error *err);

/* All trials of a search that grew, were trained in it and in full. The starting points' whole trainings are on the
 * inherited side alone; "saved_both" has them on both, as a search from scratch would train them too.
 * {"search","rows":[as in a chain],"grown","starting_points","left_out","starting":{...},"inherited_seconds",...,
 * "saved_both","saved_both_macs"} */
json_t *inherit_all(struct workspace *w, struct hash task, int64_t search, struct threads *pool,
                    const struct control *control, struct error *err);

#endif
