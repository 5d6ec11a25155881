/* Two networks laid side by side: which node of the one is which of the other. Canonical texts number their nodes, so that
 * names say nothing; what is kept is the longest common course in topological order, the same operator with the same
 * parameters counting more than the same operator alone. */
#ifndef UI_SCREEN_ARCH_ALIGN_H
#define UI_SCREEN_ARCH_ALIGN_H

#include "net/arch.h"

enum { ARCH_ALIGN_MOST = 512 }; /* nodes; larger ones are laid side by side by their place alone */

/* For each node of `after` the one of `before`, or -1: it is new. free() */
int *arch_align(const struct arch *before, const struct arch *after);
/* Is the node that was laid beside i of `after` another now: its parameters, or where its inputs come from? */
bool arch_align_changed(const struct arch *before, const struct arch *after, const int *was, int i);

#endif
