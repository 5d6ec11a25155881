/* Is there memory for a plan? */
#ifndef NET_PLAN_ROOM_H
#define NET_PLAN_ROOM_H

#include "net/arch.h"

#include <stddef.h>

/* ERROR_LIMIT, with the batch that would fit, where a plan of `total` bytes is more than the machine has to spare now.
 * (The system would promise the memory all the same, and kill the process when it is used.) */
bool plan_has_room(const struct arch *a, int batch, bool training, size_t total, struct error *err);

#endif
