/* Imported series in the workspace. */
#ifndef STORE_SERIES_H
#define STORE_SERIES_H

#include "data/read/csv.h"
#include "store/workspace.h"

struct series_row {
    char name[FRAME_NAME_MAX], asset[FRAME_NAME_MAX];
    char path[512]; /* where it came from */
    struct hash frame;
    uint64_t print; /* of a frame just put (data/frame.h); 0 otherwise */
    int64_t rows, columns, first_us, last_us, step_us, lag_us, added_us;
    enum csv_stamp stamp;
    char lag_reason[192];
    char *report; /* JSON: what the importer decided and dropped */
};

/* Stores the frame and its row; a series of the same name is replaced. row->frame is filled. */
bool series_put(struct workspace *w, struct series_row *row, const struct frame *f, struct error *err);
/* The two halves of it: the file, which nothing names yet (row->frame and row->print are filled), and the row. */
bool series_put_frame(struct workspace *w, struct series_row *row, const struct frame *f, struct error *err);
bool series_put_row(struct workspace *w, const struct series_row *row, struct error *err);
int series_list(struct workspace *w, struct series_row **out, struct error *err); /* by name; -1 on error */
void series_list_free(struct series_row *rows, int n);
bool series_get(struct workspace *w, const char *name, struct series_row *out,
                struct error *err); /* free out->report */
/* Removes the row, and its frame where no other series and no task names it. */
bool series_remove(struct workspace *w, const struct series_row *row, struct error *err);

/* Opened in place (frame_open), so in the time it takes to read it once. Every check of the file is made, and that it
 * is the frame of this hash is known from when the workspace hashed it; what goes into a task is hashed again
 * (dataset_build). A file that is damaged, or another one, is ERROR_DATA and named. Free it with frame_free. */
struct frame *series_frame(struct workspace *w, struct hash id, struct error *err);

#endif
