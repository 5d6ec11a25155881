/* What files gave when they were imported, by a key that covers everything the outcome depends on: a cache, of which
 * any part may be lost. */
#ifndef STORE_IMPORTS_H
#define STORE_IMPORTS_H

#include "store/workspace.h"

/* The stored text, or NULL where there is none. Free it. */
char *imports_get(struct workspace *w, struct hash key);
/* Failing to keep it is no error. Old ones make room. */
void imports_put(struct workspace *w, struct hash key, const char *result);

#endif
