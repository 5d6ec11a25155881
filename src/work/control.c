#include "work/control.h"

void control_event(const struct control *c, json_t *event)
{
    if (c && c->event)
        c->event(c->context, event);
    json_decref(event);
}

bool control_cancelled(const struct control *c)
{
    return c && c->cancelled && c->cancelled(c->context);
}

bool control_paused(const struct control *c)
{
    return c && c->paused && c->paused(c->context);
}
