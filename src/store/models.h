/* Models (weights) in the workspace. A person names one by any unambiguous beginning of its weights' hash. */
#ifndef STORE_MODELS_H
#define STORE_MODELS_H

#include "net/model.h"
#include "store/workspace.h"

/* The result column of a model that is not exact: a list of models need not open their files. */
#define MODELS_BLAS "\"kernels\":\"blas\"" /* stands in the result of those */

struct model_row {
    struct hash id; /* model_hash */
    struct hash arch, task, file, parent, trace_root;
    char recipe[HASH_HEX]; /* recipe id */
    char morphism[192];
    char *result; /* JSON */
    bool blas;    /* as the model's */
    int64_t created_us;
};

/* Stores weights as a file: *file names it. For the folds of a trial, which need no row. */
bool models_put_file(struct workspace *w, const struct model *m, struct hash *file, struct error *err);
struct model *models_load_file(struct workspace *w, struct hash file, struct error *err);

/* Stores weights and row; row->id and row->file are filled. */
bool models_put(struct workspace *w, const struct model *m, struct model_row *row, struct error *err);
bool models_find(struct workspace *w, const char *id, struct model_row *out, struct error *err); /* free result */
/* The newest model of an architecture on a task; false without an error if there is none. */
bool models_newest(struct workspace *w, struct hash arch, struct hash task, struct model_row *out);
/* The newest that a training of this recipe made, likewise. */
bool models_of_recipe(struct workspace *w, const char *recipe_id, struct model_row *out);
int models_list(struct workspace *w, struct model_row **out, struct error *err); /* newest first */
void models_list_free(struct model_row *rows, int n);

#endif
