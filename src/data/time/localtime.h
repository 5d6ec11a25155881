/* Local times: turning them into instants by a zone, and seeing that times are local where nobody said so. */
#ifndef DATA_TIME_LOCALTIME_H
#define DATA_TIME_LOCALTIME_H

#include "data/time/timestamp.h"
#include "data/time/zone.h"

/* What was decided on the way, for the report. */
struct localtime_notes {
    size_t repeats;                 /* hours that came twice and were told apart by the order of rows */
    uint64_t first_line, last_line; /* of the first of them */
    char first_words[40];           /* "EDT, then EST" */
    int64_t first_local_us;
};

/* Turns us[n], local times of a zone in the file's order, into instants; items whose cell names an offset are left as
 * they are, those that name a zone's word (EST) are taken by it. An hour that the clocks repeat is settled by the order
 * of the rows where they run one way: what comes first is summer time. ERROR_DATA with lines: a time that the clocks
 * skip, a repeated hour that is not settled by order, a word that the zone does not have. A single row in a repeated
 * hour that lies in the middle between its neighbours under one reading is settled too. item may be NULL. Where `dates`
 * is true the times stand for whole days, and a midnight that the clocks skip or repeat is the day's first instant. */
bool localtime_resolve(int64_t *us, const struct timestamp *item, size_t n, const uint64_t *line,
                       const struct zone *zone, bool dates, struct localtime_notes *notes, struct error *err);

enum localtime_sign {
    LOCALTIME_UNKNOWN,  /* no row stands where clocks change, or there are no zones to compare with */
    LOCALTIME_UNLIKELY, /* rows stand there, and nothing is missing or doubled */
    LOCALTIME_LIKELY
};

/* Whether times read as UTC are local times: an hour that is missing and one that comes twice where the clocks of a
 * zone change, or, for steps above an hour, a time of the day that shifts by an hour on those days. LIKELY with a text
 * that names lines and all candidate zones that fit: "... as the clocks do in America/New_York". `folder` holds the
 * zones (NULL: the system's). */
enum localtime_sign localtime_suspect(const int64_t *us, size_t n, const uint64_t *line, const char *folder, char *text,
                                      size_t size);

#endif
