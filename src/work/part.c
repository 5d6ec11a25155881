#include "work/part.h"

#include "base/error.h"

#include <stdlib.h>

struct part part_read(const char *result)
{
    struct part p = {0};
    json_t *j = result ? json_loads(result, 0, NULL) : NULL;
    const json_t *part = json_object_get(j, "part");
    json_t *limits = json_object_get(part, "limits");
    p.folds = (int)json_integer_value(json_object_get(part, "folds"));
    p.against = json_integer_value(json_object_get(part, "against"));
    p.limits = json_is_array(limits) ? json_incref(limits) : NULL;
    p.latency = json_is_true(json_object_get(part, "latency"));
    p.max_latency_us = json_number_value(json_object_get(part, "max_latency_us"));
    json_decref(j);
    return p;
}

void part_free(struct part *p)
{
    json_decref(p->limits);
    p->limits = NULL;
}

char *part_write(const struct part *p, const char *result)
{
    json_t *j = result ? json_loads(result, 0, NULL) : NULL;
    if (!json_is_object(j)) {
        json_decref(j);
        j = json_object();
    }
    json_t *part = json_pack("{s:i, s:I, s:b, s:f}", "folds", p->folds, "against", (json_int_t)p->against, "latency",
                             p->latency, "max_latency_us", p->max_latency_us);
    if (p->limits)
        json_object_set(part, "limits", p->limits);
    json_object_set_new(j, "part", part);
    char *text = json_dumps(j, JSON_COMPACT | JSON_PRESERVE_ORDER);
    ASSERT(text);
    json_decref(j);
    return text;
}

bool part_is_enough(const struct part *p, int fold, int epochs, double best_loss)
{
    if (!p->limits || fold < 0 || epochs < 1)
        return false;
    const json_t *limit = json_array_get(json_array_get(p->limits, (size_t)fold), (size_t)epochs - 1);
    return json_is_number(limit) && best_loss > json_number_value(limit);
}
