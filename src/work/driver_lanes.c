#include "work/driver_internal.h"

#include "base/memory.h"
#include "base/text.h"
#include "store/arches.h"
#include "store/marks.h"

#include <math.h>

bool driver_is_of(const struct trial_row *t, const char *strategy)
{
    return !strategy || !t->strategy[0] || text_equal(t->strategy, strategy);
}

static struct search *open_search(const struct driver *d, const char *name, struct error *err)
{
    const struct driver_options *o = d->options;
    struct search_options so = {.strategy = name,
                                .seed = o->seed,
                                .max_parameters = o->max_parameters,
                                .max_macs = o->max_macs,
                                .objectives = o->objectives,
                                .deterministic = o->deterministic};
    return search_new(&so, err);
}

bool driver_lanes_open(struct driver *d, struct error *err)
{
    char *names = memory_text(d->options->strategy), *rest = names, *name;
    bool ok = true;
    while (ok && (name = text_next(&rest, ','))) {
        struct lane *lane = &d->lane[d->lanes];
        ASSERT(d->lanes < LANES_MAX); /* driver_options_check */
        text_copy(lane->name, sizeof lane->name, text_trim(name));
        lane->search = open_search(d, lane->name, err);
        ok = lane->search != NULL;
        d->lanes += ok;
    }
    free(names);
    d->stale = true;
    return ok;
}

void driver_lanes_close(struct driver *d)
{
    for (int i = 0; i < d->lanes; i++)
        search_free(d->lane[i].search);
    d->lanes = 0;
}

void driver_tell(struct workspace *w, struct search *s, const struct trial_row *t)
{
    struct arch *a = arches_load(w, t->arch, NULL);
    if (!a)
        return;
    if (driver_ended(t))
        search_tell(s, (int)t->id, a,
                    &(struct search_told){.score = t->score,
                                          .noise = t->noise,
                                          .latency_us = t->latency_us,
                                          .failed = text_equal(t->state, "failed"),
                                          .start = !t->strategy[0]});
    else
        search_pending(s, (int)t->id, a);
    arch_free(a);
}

static void tell_all(struct driver *d, const struct trial_row *t)
{
    for (int i = 0; i < d->lanes; i++)
        if (driver_is_of(t, d->lane[i].name))
            driver_tell(d->w, d->lane[i].search, t);
}

/* What a person skipped is not asked for: it is told as one that failed. */
static bool tell_skipped(struct driver *d, struct search *s, struct error *err)
{
    struct hash *id = NULL;
    int n = marks_list(d->w, MARKS_SKIP, &id, err);
    for (int i = 0; i < n; i++) {
        struct arch *a = arches_load(d->w, id[i], NULL);
        if (a)
            search_tell(s, -1 - i, a, &(struct search_told){.failed = true});
        arch_free(a);
    }
    free(id);
    return n >= 0;
}

static bool make_anew(struct driver *d, struct error *err)
{
    for (int i = 0; i < d->lanes; i++) {
        struct search *s = open_search(d, d->lane[i].name, err);
        if (!s || !tell_skipped(d, s, err)) {
            search_free(s);
            return false;
        }
        search_free(d->lane[i].search);
        d->lane[i].search = s;
        d->lane[i].exhausted = false;
    }
    for (size_t i = 0; i < d->trials; i++)
        tell_all(d, &d->trial[i]);
    d->told = d->trials;
    d->stale = false;
    return true;
}

/* Deterministic: nothing is asked before all that was asked for has ended, so that the order is always that of the
 * trials. */
bool driver_lanes_fresh(struct driver *d, struct error *err)
{
    if (d->stale)
        return make_anew(d, err);
    for (; d->options->deterministic && d->told < d->trials; d->told++)
        tell_all(d, &d->trial[d->told]);
    return true;
}

void driver_lanes_tell(struct driver *d, const struct trial_row *t, bool again)
{
    if (again) /* a search is told each trial once */
        d->stale = true;
    else if (!d->stale && !d->options->deterministic)
        tell_all(d, t);
}

struct lane *driver_lanes_next(struct driver *d)
{
    struct lane *next = NULL;
    size_t least = 0;
    for (int i = 0; i < d->lanes; i++) {
        size_t n = 0;
        for (size_t k = 0; k < d->trials; k++)
            n += text_equal(d->trial[k].strategy, d->lane[i].name);
        if (!d->lane[i].exhausted && (!next || n < least)) {
            next = &d->lane[i];
            least = n;
        }
    }
    return next;
}
