/* Small helpers for building results. */
#ifndef ACTION_JSON_H
#define ACTION_JSON_H

#include "base/hash.h"

#include <jansson.h>

json_t *json_of_hash(struct hash h);
json_t *json_of_time(int64_t time_us); /* ISO 8601 UTC */
struct hash json_hash(const json_t *object, const char *key);

#endif
