#include "train/room.h"

#include "base/machine.h"
#include "base/text.h"
#include "net/plan.h"

/* Floats for each weight while one model trains: it with two moments, the same of the best epoch, and the gradient. A
 * trained model that is kept has its moments too. */
enum { TRAINING_FLOATS = 7, KEPT_FLOATS = 3 };

#define SMALL_SHARE 20 /* weights below this part of the plan are not worth a word */

struct room room_of(const struct arch *a, int batch, int models)
{
    size_t weight = (size_t)arch_parameters(a) * sizeof(float);
    return (struct room){plan_bytes(a, batch, true), weight * (size_t)(TRAINING_FLOATS + KEPT_FLOATS * (models - 1))};
}

void room_text(struct room r, int batch, int at_once, char *out, size_t size)
{
    char plan[32], weights[32], part[96];
    text_of_bytes(r.plan, plan, sizeof plan);
    text_of_bytes(r.weights, weights, sizeof weights);
    snprintf(out, size, "plan: %s for batch %d", plan, batch);
    if (r.weights > r.plan / SMALL_SHARE) {
        snprintf(part, sizeof part, ", %s for the weights in training", weights);
        text_append(out, size, part);
    }
    if (at_once > 1) {
        text_of_bytes((r.plan + r.weights) * (size_t)at_once, plan, sizeof plan);
        snprintf(part, sizeof part, "; %d at once: %s", at_once, plan);
        text_append(out, size, part);
    }
}

static bool refuse(const struct arch *a, int batch, struct room r, int at_once, size_t available, struct error *err)
{
    char takes[32], has[32], one[128];
    size_t each = available / (size_t)at_once;
    int fits = each > r.weights ? plan_batch_within(a, batch, true, each - r.weights) : 0;
    text_of_bytes((r.plan + r.weights) * (size_t)at_once, takes, sizeof takes);
    text_of_bytes(available, has, sizeof has);
    room_text(r, batch, 1, one, sizeof one);
    if (fits > 0)
        return error_set(err, ERROR_LIMIT, "too large for this machine: %s are needed and %s are free (%s). Use --batch %d",
                         takes, has, one, fits);
    size_t side_by_side = available / (r.plan + r.weights);
    if (side_by_side > 0)
        return error_set(err, ERROR_LIMIT,
                         "too large for this machine: %s are needed and %s are free (%s, %d at once). Use --workers %zu",
                         takes, has, one, at_once, side_by_side);
    return error_set(err, ERROR_LIMIT,
                     "too large for this machine: %s are needed and %s are free (%s). Even --batch 1 would not fit: use a "
                     "smaller network",
                     takes, has, one);
}

bool room_check(const struct arch *a, int batch, int models, int at_once, struct error *err)
{
    struct room r = room_of(a, batch, models);
    size_t available = machine_memory().available;
    if (available / (size_t)at_once >= r.plan + r.weights)
        return true;
    return refuse(a, batch, r, at_once, available, err);
}
