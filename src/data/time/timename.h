/* What the name of a column says about time: whether it is one, which part, in which unit and zone. */
#ifndef DATA_TIME_TIMENAME_H
#define DATA_TIME_TIMENAME_H

#include <stdbool.h>
#include <stddef.h>

enum timename_part {
    TIMENAME_NONE, /* says nothing of time */
    TIMENAME_ANY,  /* "timestamp", "ts" */
    TIMENAME_DATE,
    TIMENAME_CLOCK, /* "time", "hour:minute", "Uhrzeit"; also of whole instants */
    TIMENAME_YEAR,
    TIMENAME_MONTH,
    TIMENAME_DAY,
    TIMENAME_HOUR,
    TIMENAME_MINUTE,
    TIMENAME_SECOND
};

enum timename_unit {
    TIMENAME_NO_UNIT,
    TIMENAME_S,
    TIMENAME_MS,
    TIMENAME_US,
    TIMENAME_NS,
    TIMENAME_MINUTES,
    TIMENAME_HOURS,
    TIMENAME_DAYS,
    TIMENAME_SAMPLES,
    TIMENAME_EXCEL
};

struct timename {
    enum timename_part part;
    enum timename_unit unit;
    bool elapsed;     /* "elapsed", "since start" */
    bool open, close; /* of a period */
    bool local;       /* "local time" */
    bool has_zone;    /* "(UTC)", "GMT+8" */
    int zone_minutes;
    char zone_word[8]; /* "EST": a zone that is named by a word that gives no offset; else "" */
};

void timename_read(struct timename *out, const char *name);

/* The zone alone, of any text: a name, or the lines above a header ("Timestamps are UTC timezone"). */
void timename_read_zone(struct timename *out, const char *text);

/* Whether numbers under this name may be times. */
bool timename_may_count(const char *name);

#endif
