/* A crew of local worker processes, each given one trial at a time. One that dies is replaced when there is work for
 * it. */
#ifndef WORK_CREW_H
#define WORK_CREW_H

#include "store/workspace.h"

#include <jansson.h>

struct crew;

struct crew *crew_new(struct workspace *w, int workers, struct error *err);
void crew_free(struct crew *c);                                   /* ends the workers */
bool crew_idle(const struct crew *c);                             /* is anybody free? */
bool crew_busy(const struct crew *c);                             /* is anybody at work? */
bool crew_give(struct crew *c, int64_t trial, struct error *err); /* to somebody free */

void crew_stop(struct crew *c); /* what they are at: each says so, as an error, or dies; others take their places */

/* Waits at most ms for news and hands them on. Events are borrowed. Returns false when a handler did. */
typedef bool crew_event(void *context, int64_t trial, json_t *event, struct error *err);
typedef bool crew_death(void *context, int64_t trial, const char *message, struct error *err);
bool crew_wait(struct crew *c, int ms, crew_event *event, crew_death *death, void *context, struct error *err);

#endif
