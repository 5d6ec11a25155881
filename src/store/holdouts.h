/* Openings of sealed hold-outs: once a task. The row is there before anything of the hold-out is read, together with
 * the opening in store/seals.h; what each model says of it is a part, stored as it is made, so that an interrupted
 * opening goes on where it was; the result comes last, and ends it. */
#ifndef STORE_HOLDOUTS_H
#define STORE_HOLDOUTS_H

#include "store/workspace.h"

struct holdout_row {
    struct hash task;
    int64_t trial, opened_us, ended_us; /* ended_us 0: not yet */
    char *plan, *result;                /* JSON; result "" until it has ended */
};

/* false: there is none, or (err) it cannot be read. holdouts_free. */
bool holdouts_get(struct workspace *w, struct hash task, struct holdout_row *out, struct error *err);
void holdouts_free(struct holdout_row *h);

/* Within the caller's transaction. */
bool holdouts_begin(struct workspace *w, struct hash task, int64_t trial, const char *plan, struct error *err);
bool holdouts_end(struct workspace *w, struct hash task, const char *result, struct error *err);

/* What a model of the plan predicted: a file in models/. */
bool holdouts_part_put(struct workspace *w, struct hash task, const char *name, const char *part, struct error *err);
char *holdouts_part(struct workspace *w, struct hash task, const char *name); /* NULL: not yet; free() */

#endif
