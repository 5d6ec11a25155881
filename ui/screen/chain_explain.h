/* What the files that explain the Chain screen share. */
#ifndef UI_SCREEN_CHAIN_EXPLAIN_H
#define UI_SCREEN_CHAIN_EXPLAIN_H

#include "ui/screen/chain_state.h"

long long chain_parameter(const struct chain_screen *s, const char *name); /* a line of genesis as text: "commit_blocks 1" */
/* The views of a chain for many; row: under the cursor, or NULL. False: it is none of them. */
bool chain_say_many(struct text *t, const struct chain_screen *s, const json_t *row);

#endif
