/* The limit of time. What a training takes is foretold from its multiply-adds and from what trainings of this search
 * took so far, those from scratch and those that began with a parent's weights apart: the ones end early more often. Nothing
 * is begun that would not end by the limit, and what is in flight then has a short grace. Proposals that follow a clock
 * are not the same everywhere, so `deterministic` has no such limit. */
#include "work/driver_internal.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/arches.h"
#include "train/crossval.h"
#include "work/json.h"

#include <math.h>

#define GRACE 0.05    /* of the limit */
#define SMALLER 0.8   /* what would not fit is followed by one that takes at most so much of what is left */

double driver_time_left(const struct driver *d)
{
    double limit = d->options->seconds;
    return limit > 0 ? limit - (clock_seconds() - d->started) : (double)INFINITY;
}

bool driver_time_over(const struct driver *d)
{
    return driver_time_left(d) < -GRACE * d->options->seconds;
}

bool driver_timed_out(const struct trial_row *t)
{
    json_t *j = text_equal(t->state, "failed") ? json_loads(t->result, 0, NULL) : NULL;
    bool out = json_is_true(json_object_get(j, "timed_out"));
    json_decref(j);
    return out;
}

bool driver_time_open(struct driver *d, struct error *err)
{
    if (d->options->seconds <= 0 && !d->options->halving)
        return true;
    struct dataset *data = tasks_dataset(d->w, &d->task, err);
    for (int k = 0; data && k < (int)d->task.task.folds; k++) {
        size_t train = 0, stop = 0;
        crossval_counts(&train, &stop, data, k, &d->options->recipe);
        d->samples[k] = (double)train;
    }
    dataset_free(data);
    return data != NULL;
}

/* Multiply-adds of folds that run all of their epochs. */
static double whole_macs(const struct driver *d, double macs, int epochs, int first, int end)
{
    double samples = 0;
    for (int k = first; k < end; k++)
        samples += d->samples[k];
    return 3 * macs * samples * epochs;
}

struct pace {
    double seconds, macs; /* macs: had they run all of their epochs */
};

static void add_pace(const struct driver *d, struct pace *pace, const struct trial_row *t)
{
    struct recipe recipe;
    struct arch_row arch;
    json_t *j = json_loads(t->result, 0, NULL);
    const json_t *folds = json_object_get(j, "folds");
    double seconds = 0;
    for (size_t k = 0; k < json_array_size(folds); k++)
        seconds += json_member_number(json_array_get(folds, k), "seconds");
    bool own = !json_object_get(j, "taken_over") && !json_object_get(j, "cut");
    if (own && seconds > 0 && recipe_parse(&recipe, t->recipe, NULL) && arches_get(d->w, t->arch, &arch, NULL)) {
        pace->seconds += fmax(seconds, t->seconds);
        pace->macs += whole_macs(d, (double)arch.macs, recipe.epochs, 0, (int)json_array_size(folds));
        free(arch.text);
    }
    json_decref(j);
}

/* Seconds of a multiply-add; NaN before anything was trained. */
static double pace_of(const struct driver *d, bool grown)
{
    struct pace pace[2] = {{0, 0}, {0, 0}};
    for (size_t i = 0; i < d->trials; i++)
        if (text_equal(d->trial[i].state, "done"))
            add_pace(d, &pace[d->trial[i].parent != 0], &d->trial[i]);
    const struct pace *p = pace[grown].macs > 0 ? &pace[grown] : &pace[!grown];
    return p->seconds / p->macs;
}

bool driver_time_fits(struct driver *d, const struct arch *a)
{
    struct recipe recipe = d->options->recipe;
    bool grown = !d->options->from_scratch;
    double left = driver_time_left(d), macs = (double)arch_macs(a);
    if (!isfinite(left))
        return true;
    if (grown)
        recipe_grown(&recipe, &recipe, d->options->grown_epochs);
    double expected = pace_of(d, grown) * whole_macs(d, macs, recipe.epochs, 0, d->rung[0]);
    if (!(expected > left)) /* nor where nothing is known */
        return true;
    d->fitting = (int64_t)fmax(SMALLER * macs * left / expected, 1);
    return false;
}

/* From the fold on that it has not run. Starting points are always begun: they may be of a make that is faster a
 * multiply-add than those before. */
bool driver_time_has_room(const struct driver *d, const struct trial_row *t)
{
    struct recipe recipe;
    struct arch_row arch;
    double left = driver_time_left(d);
    if (!isfinite(left) || left <= 0 || !t->strategy[0] || !recipe_parse(&recipe, t->recipe, NULL) ||
        !arches_get(d->w, t->arch, &arch, NULL))
        return left > 0;
    free(arch.text);
    struct part p = part_read(t->result);
    json_t *j = json_loads(t->result, 0, NULL);
    int ran = (int)json_array_size(json_object_get(j, "folds")), folds = (int)d->task.task.folds;
    double macs = whole_macs(d, (double)arch.macs, recipe.epochs, ran, p.folds > 0 ? p.folds : folds);
    json_decref(j);
    part_free(&p);
    return !(pace_of(d, t->parent != 0) * macs > left);
}

void driver_time_mark(struct trial_row *t)
{
    json_t *j = json_loads(t->result, 0, NULL);
    if (json_array_size(json_object_get(j, "folds")) > 0) { /* it is what it was before it went on */
        text_copy(t->state, sizeof t->state, "done");
    } else {
        json_t *result = json_pack("{s:s, s:b}", "error", "stopped by the limit of time", "timed_out", 1);
        text_copy(t->state, sizeof t->state, "failed");
        free(t->result);
        t->result = json_dumps(result, JSON_COMPACT | JSON_PRESERVE_ORDER);
        json_decref(result);
    }
    json_decref(j);
}
