#include "work/json.h"

#include "base/clock.h"
#include "base/text.h"

#include <math.h>

json_t *json_of_number(double v)
{
    return isfinite(v) ? json_real(v) : json_null();
}

json_t *json_of_text(const char *text)
{
    if (!text)
        return json_null();
    size_t n = strlen(text);
    json_t *value = json_stringn(text, n); /* NULL where it is no UTF-8 */
    if (value)
        return value;
    struct text escaped = {0};
    text_escape(&escaped, text, n);
    value = json_string(text_of(&escaped));
    text_free(&escaped);
    return value;
}

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

double json_member_number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

struct hash json_member_hash(const json_t *object, const char *key)
{
    struct hash h = {{0}};
    const char *text = json_string_value(json_object_get(object, key));
    return text && hash_from_hex(text, &h) ? h : (struct hash){{0}};
}
