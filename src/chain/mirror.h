/* A copy of a chain's folder for others to read, in a shared folder or a checkout: blocks.msc, blocks.len, pool/ and
 * objects/, and in this order of writing: objects, pool, blocks, so that what refers to something comes behind it.
 *
 * The copy may be behind or half-written at any moment; whoever reads it checks everything. Nobody else writes there. What
 * the folder holds besides (names that are no hash) is left alone. No syncs: what is lost is copied again. */
#ifndef CHAIN_MIRROR_H
#define CHAIN_MIRROR_H

#include "base/error.h"

#include <stdbool.h>

/* Makes the folder if it is missing (its parent must be there). *changed: something was written. ERROR_CHAIN if there is
 * another chain. */
bool mirror_chain(const char *from, const char *to, bool *changed, struct error *err);

#endif
