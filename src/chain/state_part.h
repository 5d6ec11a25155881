/* Families of the state that live in files of their own: each has its member in struct state, its entries in the state hash,
 * and one line in the table of state_part.c. For state*.c only. */
#ifndef CHAIN_STATE_PART_H
#define CHAIN_STATE_PART_H

#include "chain/state_pass.h"
#include "chain/state_private.h"

/* Any function may be NULL. */
struct state_part {
    const char *name;
    enum entry_type first, last; /* its entries */
    void (*copy)(struct state *to, const struct state *from); /* `to` is a plain copy so far: nothing is freed in it */
    void (*free)(struct state *s);                            /* and leaves the member empty */

    /* The value of an entry that was marked; false if it is not there (any more). */
    bool (*put)(const struct state *s, enum entry_type type, struct hash id, struct bytes *out);

    /* A saved state: read into an empty member; what is not sane fails p->in. Tasks, proposals and accounts are there. */
    void (*pass)(struct state *s, struct pass *p);
    bool (*ready)(struct state *s); /* a state that was read: now everything can be looked up; false: it is not sane */

    /* At a block's end: before the windows of proposals close, and behind all that pays. */
    bool (*begin_end)(struct state *s, struct state_moment now, struct error *err);
    bool (*end_block)(struct state *s, struct state_moment now, struct error *err);

    void (*audit)(const struct state *s, struct state_totals *t); /* adds the units that it holds */

    /* Does something of it wait for blocks alone: see state_waits.c. */
    bool (*waits)(const struct state *s, struct state_moment now);
};
extern const struct state_part *const state_parts[]; /* NULL-terminated; in this order at a block's end */

void state_parts_copy(struct state *to, const struct state *from);
void state_parts_free(struct state *s);
bool state_parts_put(const struct state *s, enum entry_type type, struct hash id, struct bytes *out);
void state_parts_pass(struct state *s, struct pass *p);
bool state_parts_ready(struct state *s);
bool state_parts_begin_end(struct state *s, struct state_moment now, struct error *err);
bool state_parts_end_block(struct state *s, struct state_moment now, struct error *err);
void state_parts_audit(const struct state *s, struct state_totals *t);

#endif
