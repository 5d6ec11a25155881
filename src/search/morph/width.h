/* Width groups: nodes that meet in sums or pass channels on have one width, and change it together. */
#ifndef SEARCH_MORPH_WIDTH_H
#define SEARCH_MORPH_WIDTH_H

#include "search/morph/kinds.h"

/* Could the node's own width grow and everything that sees it keep its bits? *silent: only if the new channels are zero
 * at first. Else the reason. */
bool width_may_change(const struct arch *a, int node, bool *silent, char *reason, size_t size);

/* Gives the node and its group this width. ERROR_LIMIT where an operator cannot have it. */
bool width_set(struct morph_edit *e, int node, int64_t width, struct error *err);

#endif
