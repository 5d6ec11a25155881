/* Which spans of time were sealed, and which of those were looked at since.
 *
 * The seal belongs to a series and a span of time, not to a task. Every task that was ever in force leaves a row of its
 * hold-out; whatever looks at sealed bars later leaves an opening: a task whose visible part reaches into them (kind
 * "task"), or the opening of a hold-out (kind "holdout"). Rows are never removed.
 *
 * A span is (after_us, last_us] in closes of bars; that of a task without a hold-out is empty. A series is known by its
 * lineage: the same asset, the same name, the same frame, or, under other names, mostly the same values at the same
 * times. */
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
#define SEAL_KIND_HOLDOUT "holdout"

/* The lineage of a series: that of an earlier one that is the same, else its own asset. By its names and frame; with
 * the frame in hand (not NULL) also by its values. */
bool seals_lineage(struct workspace *w, char lineage[FRAME_NAME_MAX], const struct seal_series *series,
                   const struct frame *frame, struct error *err);

bool seals_put(struct workspace *w, const char *lineage, const struct seal_series *series, struct seal_span span,
               struct hash task, struct error *err);
bool seals_open(struct workspace *w, const char *lineage, struct seal_span span, const char *kind, struct hash task,
                struct error *err);

/* The first span of the lineage that lies in `visible`, is sealed and was never opened, and which task sealed it.
 * 1 found, 0 none, -1 an error. */
int seals_find_closed(struct workspace *w, const char *lineage, struct seal_span visible, struct seal_span *closed,
                      struct hash *task, struct error *err);

/* How many openings overlap a span; -1 on error. */
int seals_opened(struct workspace *w, const char *lineage, struct seal_span span, struct error *err);

#endif
