/* How timeline_find takes a table's columns apart and together; for timeline*.c alone. */
#ifndef DATA_READ_TIMELINE_PARTS_H
#define DATA_READ_TIMELINE_PARTS_H

#include "data/read/timeline.h"
#include "data/time/timename.h"

#define TIMELINE_CANDIDATES_MAX 16

/* One column, or several that make up a time together. */
struct timeline_candidate {
    size_t part[TIMELINE_PARTS_MAX], part_n; /* columns of the table, the date first */
    struct timestamp *item;                  /* [rows] put together; NULL: those of the only column */
    struct timename said;                    /* by the name of the first */
    char name[FRAME_NAME_MAX], evidence[192];
    bool weak;      /* numbers under a name that says nothing of time */
    bool hour_ends; /* its hours run from 1 to 24 */
};

struct timeline_candidates {
    struct timeline_candidate one[TIMELINE_CANDIDATES_MAX];
    size_t n;
};

/* All candidates of a table: single columns, and dates with the clock beside them, or year, month and day. Those that
 * went into others are not listed on their own. Free with timeline_parts_free in every case. */
bool timeline_parts_find(struct timeline_candidates *out, const struct table *t, struct error *err);
void timeline_parts_free(struct timeline_candidates *c);

/* Turns the chosen local times into UTC, or finds that only the user can know how. */
bool timeline_settle_zone(struct timeline *line, const struct timeline_candidate *chosen, const struct table *t,
                          const struct csv_options *options, struct error *err);

void timeline_note(struct timeline *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
