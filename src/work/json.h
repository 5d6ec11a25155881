/* Values for events and results. None of these returns NULL, so that no member and no whole result can vanish: a number
 * that is not finite becomes null (JSON has none), a text that is no UTF-8 is written with its odd bytes as \xNN. */
#ifndef WORK_JSON_H
#define WORK_JSON_H

#include "base/hash.h"

#include <jansson.h>

json_t *json_of_number(double v);
json_t *json_of_text(const char *text); /* NULL: null */
json_t *json_of_hash(struct hash h);
json_t *json_of_time(int64_t time_us); /* ISO 8601 UTC */

/* Members: NaN, or zeros, where there is none of that kind. */
double json_member_number(const json_t *object, const char *key);
struct hash json_member_hash(const json_t *object, const char *key);

#endif
