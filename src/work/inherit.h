/* What the inheritance of weights saved a trial, measured: every trial from its starting point on is trained again, fold
 * by fold, as it was (from its parent's weights, to its best epoch), and from scratch with the same recipe until its
 * early-stopping loss is as low, both here, one behind the other. The starting point, which inherits nothing, counts the
 * same on both sides. From scratch a training has four times the recipe's epochs where the schedule is constant, and its
 * patience; where it never comes as low, what it took until then counts, and the saving is at least what is said. */
#ifndef WORK_INHERIT_H
#define WORK_INHERIT_H

#include "base/threads.h"
#include "store/runs.h"
#include "work/control.h"

/* {"trial","arch","chain":[{"trial","arch","morphism","inherited":{"epochs","seconds","macs"},"scratch":{..., "reached"}}],
 * "inherited_seconds","scratch_seconds","saved","inherited_macs","scratch_macs","saved_macs","reached","folds"} */
json_t *inherit_measure(struct workspace *w, int64_t trial, struct threads *pool, const struct control *control,
                        struct error *err);

#endif
