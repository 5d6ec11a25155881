/* The seal when a task is set: bars that an earlier task sealed stay unseen unless a person opens them for good. */
#include "action/task_internal.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/seals.h"

#include <math.h>

/* The hold-out share that would leave everything from a moment on unseen; 0 where none that is allowed does. */
static double share_to_keep(const struct dataset *d, int64_t after_us)
{
    size_t behind = d->sealed_bars, all = d->sealed_bars + d->visible_bars;
    for (int k = 0; k < d->task.assets; k++)
        for (size_t i = d->asset[k].first; i < d->asset[k].first + d->asset[k].visible; i++)
            behind += d->time_us[i] > after_us;
    double share = ceil((double)behind / (double)all * 1e4) / 1e4;
    return share <= 0.5 ? share : 0;
}

static bool refuse(const struct dataset *d, int asset, struct seal_span closed, struct hash task, struct error *err)
{
    char from[40], to[40], short_hash[13], keep[64] = "";
    size_t bars = 0;
    double share = share_to_keep(d, closed.after_us);
    for (size_t i = d->asset[asset].first; i < d->asset[asset].first + d->asset[asset].visible; i++)
        bars += d->time_us[i] > closed.after_us && d->time_us[i] <= closed.last_us;
    clock_iso(closed.after_us, from, sizeof from);
    clock_iso(closed.last_us, to, sizeof to);
    hash_short(task, short_hash);
    if (share > 0)
        snprintf(keep, sizeof keep, "keep them sealed with --holdout %g, or ", share);
    return error_set(
        err, ERROR_DATA,
        "%zu bars of %s that this task would show (after %s, up to %s) were sealed by task %s: %sopen them "
        "for good with --open-sealed, which every later score will say",
        bars, d->task.asset[asset].name, from, to, short_hash, keep);
}

static bool open_or_refuse(struct workspace *w, struct dataset *d, int asset, const char *lineage, bool open,
                           struct error *err)
{
    struct seal_span closed, visible = tasks_visible_span(d, asset);
    struct hash task;
    int found;
    while ((found = seals_find_closed(w, lineage, visible, &closed, &task, err)) == 1) {
        if (!open)
            return refuse(d, asset, closed, task, err);
        if (!seals_open(w, lineage, closed, SEAL_KIND_TASK, d->hash, err))
            return false;
    }
    return found == 0;
}

bool task_seal(struct workspace *w, struct dataset *d, const struct frame *const *frames, bool open, struct error *err)
{
    for (int i = 0; i < d->task.assets; i++) {
        struct seal_series s = tasks_seal_series(&d->task, i);
        char lineage[FRAME_NAME_MAX];
        if (!seals_lineage(w, lineage, &s, frames[d->task.asset[i].base], err) ||
            !open_or_refuse(w, d, i, lineage, open, err) ||
            !seals_put(w, lineage, &s, tasks_visible_span(d, i), tasks_sealed_span(d, i), d->hash, err))
            return false;
    }
    d->opened = seals_opened(w, d->hash, err);
    return d->opened >= 0;
}
