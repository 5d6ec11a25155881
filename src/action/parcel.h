/* A model as it is sold: all that `predict` needs of it besides the data of its task.
 *
 *   "MSPARCL1", data set's hash 32, root over its training trace 32, task's text (blob), id of its recipe (text), u32 share
 *   for early stopping in ppm (its scaling rests on that), its row's result (blob, a JSON object), the model's file (blob,
 *   net/model.h)
 *
 * Parcels come from strangers: everything is bounded, and checked before anything is stored. */
#ifndef ACTION_PARCEL_H
#define ACTION_PARCEL_H

#include "action/action.h"
#include "store/models.h"

/* Of a model that can predict. `out` is replaced. */
bool parcel_pack(struct workspace *w, const char *model, struct bytes *out, struct hash *id, struct error *err);

struct parcel {
    struct hash dataset, trace_root;
    char *task, *result;
    char recipe[HASH_HEX];
    uint32_t stop_ppm;
    struct model *model;
};
/* ERROR_DATA naming `origin`. parcel_free in every case. */
bool parcel_read(struct parcel *p, const void *data, size_t n, const char *origin, struct error *err);
void parcel_free(struct parcel *p);

/* Puts model and architecture into the workspace, unless they are there. Gives {"model", "arch", "task", "about",
 * "known": the model was there, "in_force": its task is}. */
json_t *parcel_take(struct workspace *w, const struct parcel *p, const char *listing, struct error *err);

#endif
