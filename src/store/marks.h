/* Marks that a person puts on architectures: pinned (it stays on top of the suggestions), skipped (it is never suggested
 * again until the mark is taken off). */
#ifndef STORE_MARKS_H
#define STORE_MARKS_H

#include "store/workspace.h"

#define MARKS_PIN "pin"
#define MARKS_SKIP "skip"

bool marks_set(struct workspace *w, struct hash arch, const char *mark, bool on, struct error *err);
bool marks_has(struct workspace *w, struct hash arch, const char *mark);
/* Those that bear the mark, oldest first; free(*out). A workspace of before marks has none. -1 and err. */
int marks_list(struct workspace *w, const char *mark, struct hash **out, struct error *err);

#endif
