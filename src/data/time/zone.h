/* What a place's clocks show: fixed offsets, and the zones that the system's TZif files (RFC 8536, versions 1 to 4,
 * with the rule in their footer for the years behind their table) describe.
 *
 * A zone is read once and never changes; reading it is free of global state, so any number of threads may share it.
 * Seconds since 1970-01-01 UTC, no leap seconds: files that count them ("right/...") are refused. */
#ifndef DATA_TIME_ZONE_H
#define DATA_TIME_ZONE_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

#define ZONE_NAME_MAX 64

struct zone;

/* "Europe/Rome", "UTC", "Z", "+02:00", "-0330", "UTC+2". NULL and ERROR_USAGE where there is no such zone. Free with
 * zone_free. */
struct zone *zone_open(const char *name, struct error *err);
/* The same with another folder than the system's. */
struct zone *zone_open_in(const char *folder, const char *name, struct error *err);
/* The n bytes of a TZif file; `name` is for messages. */
struct zone *zone_parse(const void *data, size_t n, const char *name, struct error *err);
struct zone *zone_fixed(int minutes_east);
void zone_free(struct zone *z);

const char *zone_name(const struct zone *z);

struct zone_offset {
    int32_t seconds; /* east of Greenwich */
    bool summer;
    const char *word; /* "CEST"; borrowed */
};

struct zone_offset zone_at(const struct zone *z, int64_t utc_s);

/* The instants at which the clocks show a local time (counted as if it were UTC): none where they skip it, two where
 * they repeat it, the earlier one first. */
int zone_instants(const struct zone *z, int64_t local_s, int64_t utc_s[2]);

/* The first instant behind utc_s at which the clocks are changed; false where there is none until the year 10000. */
bool zone_next_change(const struct zone *z, int64_t utc_s, int64_t *change_s);

#endif
