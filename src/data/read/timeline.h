/* Which columns of a table are its time, and what its times are.
 *
 * One candidate is taken; several are settled only where they say the same instants, or open and close one period;
 * everything else is a question. A date and a clock, or year, month and day, may stand in columns of their own. Times
 * without a zone are turned into UTC by the zone that the user, the column's name or the lines above the header say;
 * where none is said they are taken for UTC, unless the rows show the hours that a change of clocks repeats or skips:
 * then the zone is a question. */
#ifndef DATA_READ_TIMELINE_H
#define DATA_READ_TIMELINE_H

#include "data/read/csv.h"
#include "data/read/table.h"

#define TIMELINE_PARTS_MAX 6

struct timeline {
    int64_t *us;                             /* [rows of the table], UTC, in the file's order; owned */
    size_t column;                           /* of the table: the first that makes up the time */
    size_t part[TIMELINE_PARTS_MAX], part_n; /* all of them */
    char name[FRAME_NAME_MAX];               /* "date", "Date+Time" */
    struct timestamp_column format;
    char evidence[192];                /* why this column */
    char zone[64], zone_evidence[192]; /* what local times were taken for; "" where that cannot matter */
    enum csv_stamp stamp;              /* what the columns of time alone say of it; else GUESS */
    char stamp_evidence[192];
    char (*note)[192]; /* what a person should know: leap seconds, hours that came twice; owned */
    size_t note_n;
};

/* Candidates of *t that are plain numbers and not the time become columns of values. Free *line with timeline_free in
 * every case. */
bool timeline_find(struct timeline *line, struct table *t, const struct csv_options *options, struct error *err);

/* Whether a column of the table is part of the time. */
bool timeline_uses(const struct timeline *line, size_t column);
void timeline_free(struct timeline *line);

#endif
