#include "work/keeper.h"

#include "base/clock.h"
#include "base/log.h"
#include "work/json.h"

#include <time.h>

/* A fold that took less is trained again rather than kept. */
#define FOLD_SECONDS 0.25

/* The number of a fold in a checkpoint's name. */
static int number_of(const struct keeper *k, int fold)
{
    return k->folds > 0 ? fold + 1 : 0;
}

/* Never an error: what cannot be read is as good as not there. */
static void forgive(struct keeper *k, const struct checkpoint_owner *owner, struct checkpoint *out, bool *found,
                    struct bytes *file)
{
    struct error why = {0};

    if (checkpoints_get(k->w, owner, out, found, file, &why))
        return;
    *found = false;
    log_write(LOG_WARNING, "%s; the fold is trained from its start", why.text);
    if (why.kind == ERROR_DATA)
        checkpoints_drop_fold(k->w, owner->recipe_id, owner->fold);
}

static bool load(void *context, int fold, struct checkpoint *out, bool *found, struct bytes *file, struct error *err)
{
    struct keeper *k = context;
    struct checkpoint_owner owner = k->owner;

    owner.fold = number_of(k, fold);
    k->kept_seconds = clock_seconds();
    k->further = 0;
    if (k->anew || k->forgives)
        forgive(k, &owner, out, found, file);
    else if (!checkpoints_get(k->w, &owner, out, found, file, err))
        return false;
    if (*found && k->anew) {
        k->further = out->steps;
        *found = false;
    }
    if (*found)
        k->resumed += out->steps;
    return true;
}

static bool due(void *context, bool over)
{
    struct keeper *k = context;
    double since = clock_seconds() - k->kept_seconds, at_least = KEEPER_SHARE * k->cost_seconds;

    if (over)
        return k->folds > 0 && since > FOLD_SECONDS && since > at_least;
    k->paused = control_paused(k->control);
    return k->paused || (since > KEEPER_SECONDS && since > at_least);
}

static bool save(void *context, const struct checkpoint *c, struct error *err)
{
    struct keeper *k = context;
    struct checkpoint owned = *c;
    double from = clock_seconds();
    if (c->steps <= k->further)
        return true;
    owned.owner = k->owner;
    owned.owner.fold = number_of(k, c->owner.fold);
    bool ok = checkpoints_put(k->w, &owned, err);
    k->kept_seconds = clock_seconds();
    k->cost_seconds = k->kept_seconds - from;
    if (ok)
        k->saved = c->steps;
    return ok;
}

static void tell(const struct keeper *k, const struct checkpoint *c, const char *event, const char *word)
{
    int epoch = c->epochs + 1 < k->epochs ? c->epochs + 1 : k->epochs;
    char text[128], fold[48] = "";

    if (k->folds > 0)
        snprintf(fold, sizeof fold, "fold %d of %d, ", c->owner.fold + 1, k->folds);
    snprintf(text, sizeof text, "%s at %sepoch %d of %d", word, fold, epoch, k->epochs);
    control_event(k->control, json_pack("{s:s, s:s, s:I, s:i, s:i, s:I, s:o}", "event", event, "kind", k->kind, "run",
                                        (json_int_t)k->owner.run, "fold", c->owner.fold, "epoch", epoch, "step",
                                        (json_int_t)c->steps, "text", json_of_text(text)));
}

static void pause_training(void *context, const struct checkpoint *c)
{
    const struct timespec moment = {0, 50 * 1000 * 1000};
    struct keeper *k = context;

    if (!k->paused)
        return;
    tell(k, c, "paused", "paused");
    while (control_paused(k->control) && !control_cancelled(k->control))
        nanosleep(&moment, NULL);
    tell(k, c, "resumed", "goes on");
    k->kept_seconds = clock_seconds();
    k->paused = false;
}

struct train_keeper keeper_start(struct keeper *k)
{
    return (struct train_keeper){k, load, due, save, pause_training};
}
