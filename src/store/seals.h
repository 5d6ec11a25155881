/* Which spans of time were sealed, and which of those were looked at since.
 *
 * The seal belongs to a series and a span of time, not to a task. Every task that was ever in force leaves a row of
 * what it shows and what it seals; whatever looks at sealed bars leaves an opening: task     a task shows bars that an
 * earlier one sealed shown    a task seals bars that an earlier one showed: its hold-out is not unseen holdout  a
 * hold-out was opened Rows are never removed. Bars that were once shown are not sealed any more, whatever a later task
 * says.
 *
 * A span is (after_us, last_us] in closes of bars and may be empty. A series is known by its lineage: the same asset,
 * the same name, the same frame, or, under other names, mostly the same values at the same times. */
#ifndef STORE_SEALS_H
#define STORE_SEALS_H

#include "data/frame.h"
#include "store/workspace.h"

struct seal_span {
    int64_t after_us, last_us;
};

/* The base series of an asset. */
struct seal_series {
    char asset[FRAME_NAME_MAX], series[FRAME_NAME_MAX];
    char value[FRAME_NAME_MAX]; /* the column that tells its values: the price, or the label */
    struct hash frame;
};

#define SEAL_KIND_TASK "task"
#define SEAL_KIND_SHOWN "shown"
#define SEAL_KIND_HOLDOUT "holdout"

/* The lineage of a series: that of an earlier one that is the same, else its own asset. By its names and frame; with
 * the frame in hand (not NULL) also by its values. */
bool seals_lineage(struct workspace *w, char lineage[FRAME_NAME_MAX], const struct seal_series *series,
                   const struct frame *frame, struct error *err);

/* Call after seals_open of what is opened by it: what the row shows counts as shown from then on. Its own "shown" is
 * noted here. */
bool seals_put(struct workspace *w, const char *lineage, const struct seal_series *series, struct seal_span visible,
               struct seal_span sealed, struct hash task, struct error *err);
bool seals_open(struct workspace *w, const char *lineage, struct seal_span span, const char *kind, struct hash task,
                struct error *err);

/* The first span of the lineage that lies in `visible`, is sealed and was neither opened nor shown, and which task
 * sealed it. 1 found, 0 none, -1 an error. */
int seals_find_closed(struct workspace *w, const char *lineage, struct seal_span visible, struct seal_span *closed,
                      struct hash *task, struct error *err);

/* All such spans of a series, by its names and its frame: at most `most`. How many, or -1. */
int seals_closed(struct workspace *w, const struct seal_series *series, struct seal_span *out, int most,
                 struct error *err);

/* How often bars of a task that were sealed have been looked at: openings that overlap what it seals, and those of the
 * kinds task and holdout that overlap what it shows. Of several assets the one with most. 0 for a task that was never
 * in force; -1 on error. */
int seals_opened(struct workspace *w, struct hash task, struct error *err);

#endif
