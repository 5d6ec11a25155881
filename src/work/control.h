/* What long work reports and asks. Events are JSON objects; those of a running job carry "event" and, where known,
 * "progress" in [0, 1], "eta_seconds" and "text". */
#ifndef WORK_CONTROL_H
#define WORK_CONTROL_H

#include <jansson.h>
#include <stdbool.h>

struct control {
    void *context;
    void (*event)(void *context, json_t *event); /* borrowed; may be NULL */
    bool (*cancelled)(void *context);            /* may be NULL */
    bool (*paused)(void *context);               /* may be NULL; asked between trials */
};

void control_event(const struct control *c, json_t *event); /* takes the reference */
bool control_cancelled(const struct control *c);
bool control_paused(const struct control *c);

#endif
