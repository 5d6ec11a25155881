/* Architectures in the workspace. A person names one by its name ("mlp"), or by any unambiguous beginning of its id. */
#ifndef STORE_ARCHES_H
#define STORE_ARCHES_H

#include "net/arch.h"
#include "store/workspace.h"

#define ARCHES_STEPS 192

struct arch_row {
    struct hash id, parent; /* parent: zeros where there is none */
    char name[64];
    char morphism[ARCHES_STEPS]; /* the beginning: see arches_steps */
    char *text;
    int64_t parameters, macs, nodes, created_us;
};

/* Stands where the morphism does in an architecture that is there as a baseline alone: no search starts from it. Whoever
 * puts the same one for its own sake takes it over. */
#define ARCHES_BASELINE "baseline"

/* Stores it unless it is there; *id is its canonical id. name may be "" (then the first digits of the id serve). */
bool arches_put(struct workspace *w, const struct arch *a, const char *name, const struct hash *parent,
                const char *morphism, struct hash *id, struct error *err);
bool arches_find(struct workspace *w, const char *name_or_id, struct arch_row *out, struct error *err); /* free text */
bool arches_get(struct workspace *w, struct hash id, struct arch_row *out, struct error *err);
/* All morphisms that made it of its parent, one a line: a row holds the first ARCHES_STEPS - 1 bytes of them. free(); NULL
 * and err where they cannot be read. */
char *arches_steps(struct workspace *w, const struct arch_row *row, struct error *err);
struct arch *arches_load(struct workspace *w, struct hash id, struct error *err);
int arches_list(struct workspace *w, struct arch_row **out, struct error *err); /* oldest first */
void arches_list_free(struct arch_row *rows, int n);

#endif
