/* Imported series in the workspace. */
#ifndef STORE_SERIES_H
#define STORE_SERIES_H

#include "data/csv.h"
#include "store/workspace.h"

struct series_row {
    char name[FRAME_NAME_MAX], asset[FRAME_NAME_MAX];
    char path[512]; /* where it came from */
    struct hash frame;
    int64_t rows, columns, first_us, last_us, step_us, lag_us, added_us;
    enum csv_stamp stamp;
    char lag_reason[192];
    char *report; /* JSON: what the importer decided and dropped */
};

/* Stores the frame and its row; a series of the same name is replaced. row->frame is filled. */
bool series_put(struct workspace *w, struct series_row *row, const struct frame *f, struct error *err);
int series_list(struct workspace *w, struct series_row **out, struct error *err); /* by name; -1 on error */
void series_list_free(struct series_row *rows, int n);
bool series_get(struct workspace *w, const char *name, struct series_row *out,
                struct error *err); /* free out->report */
struct frame *series_frame(struct workspace *w, struct hash id, struct error *err);

#endif
