/* What architectures were last measured to cost on this machine, as JSON texts: a cache, of which any part may be lost.
 * A workspace that was moved keeps figures of another machine: each says which it was. */
#ifndef STORE_MEASURES_H
#define STORE_MEASURES_H

#include "store/workspace.h"

/* The text, or NULL where there is none. Free it. */
char *measures_get(struct workspace *w, struct hash arch);
/* Replaces the one before. Failing to keep it, and a workspace that is only read, are no errors. */
void measures_put(struct workspace *w, struct hash arch, const char *result);

#endif
