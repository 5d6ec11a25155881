#include "action/json.h"

#include "base/clock.h"

json_t *json_of_hash(struct hash h)
{
    char hex[HASH_HEX];
    hash_hex(h, hex);
    return json_string(hex);
}

json_t *json_of_time(int64_t time_us)
{
    char text[40];
    clock_iso(time_us, text, sizeof text);
    return json_string(text);
}

struct hash json_hash(const json_t *object, const char *key)
{
    struct hash h = {{0}};
    const char *text = json_string_value(json_object_get(object, key));
    return text && hash_from_hex(text, &h) ? h : (struct hash){{0}};
}
