/* What the baselines and the opening of the hold-out share. */
#ifndef ACTION_BASELINE_H
#define ACTION_BASELINE_H

#include "action/action.h"
#include "train/baseline_model.h"

/* The settings that all of them share. */
bool baseline_shared_recipe(struct recipe *out, const struct action_baseline_options *o, enum task_target target,
                            struct error *err);

#endif
