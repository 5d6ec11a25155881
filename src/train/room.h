/* The memory that trainings need, told and refused before any of it is taken: the plan, and the weights with Adam's
 * moments, the best state and the gradient. The data set is not counted. */
#ifndef TRAIN_ROOM_H
#define TRAIN_ROOM_H

#include "net/arch.h"

#include <stddef.h>

struct room {
    size_t plan, weights; /* bytes of one training */
};

/* `models`: trained ones that are kept meanwhile, the one in training counted (folds of a cross-validation). */
struct room room_of(const struct arch *a, int batch, int models);

/* "plan: 12.4 MiB for batch 64"; with more than one at once their number, with large weights those too. */
void room_text(struct room r, int batch, int at_once, char *out, size_t size);

/* ERROR_LIMIT where `at_once` such trainings side by side need more than the machine has available now, with what
 * would fit: a smaller batch, else fewer at once, else a smaller network. */
bool room_check(const struct arch *a, int batch, int models, int at_once, struct error *err);

#endif
