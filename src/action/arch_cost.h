/* What `arch show` says of costs. Shared by the actions on architectures. */
#ifndef ACTION_ARCH_COST_H
#define ACTION_ARCH_COST_H

#include "net/arch.h"
#include "store/workspace.h"

#include <jansson.h>

/* Adds "plan" to what is shown, and "steps", "plan_macs" and "bytes" to each node of its "graph". */
void arch_cost_put_plan(json_t *shown, const struct arch *a, int batch);

/* What was measured of it last, with "nodes" by name; NULL: nothing yet. */
json_t *arch_cost_known(struct workspace *w, struct hash arch);
/* Adds it: "measured" to the whole and to each node. NULL adds nothing. */
void arch_cost_put_measured(json_t *shown, json_t *measured);

#endif
