#include "work/driver_internal.h"

#include "base/memory.h"
#include "base/text.h"
#include "store/arches.h"
#include "store/marks.h"
#include "work/json.h"

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
                                .max_macs = d->cap,
                                .objectives = o->objectives,
                                .acquire = o->acquire,
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
    free(d->skip);
    d->skip = NULL;
}

const struct trial_row *driver_reference(const struct trial_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (driver_full(&rows[i]) && !rows[i].strategy[0] && !rows[i].parent)
            return &rows[i];
    return NULL;
}

/* The variance of the mean of the folds' differences; NaN of fewer than two. */
static double spread_of(const json_t *own, const json_t *ref)
{
    size_t n = json_array_size(json_object_get(own, "folds")), m = json_array_size(json_object_get(ref, "folds"));
    double mean = 0, squares = 0;
    n = n < m ? n : m;
    for (size_t k = 0; k < n; k++)
        mean += (driver_fold_score(own, (int)k, 1) - driver_fold_score(ref, (int)k, 1)) / (double)n;
    for (size_t k = 0; k < n; k++) {
        double d = driver_fold_score(own, (int)k, 1) - driver_fold_score(ref, (int)k, 1) - mean;
        squares += d * d;
    }
    return n > 1 ? squares / (double)(n - 1) / (double)n : (double)NAN;
}

/* At least a quarter of what chance does to one score alone, and never more than was said of it alone. */
double driver_noise(const struct trial_row *t, const struct trial_row *ref)
{
    json_t *own = ref ? json_loads(t->result, 0, NULL) : NULL, *other = ref ? json_loads(ref->result, 0, NULL) : NULL;
    double total = json_member_number(own, "total"), error = json_member_number(own, "score_error");
    bool is_share = json_object_get(own, "score_name") &&
                    text_equal(json_string_value(json_object_get(own, "score_name")), task_score_name(TASK_DIRECTION));
    double alone = is_share ? t->score * (1 - t->score) / total : error * error, spread = spread_of(own, other);
    double noise = spread > alone / 4 ? spread : alone / 4;
    if (t->fidelity < 1)
        noise = (noise > alone ? noise : alone) * (json_object_get(own, "cut") ? 2 : 1) * (2 - t->fidelity);
    json_decref(own);
    json_decref(other);
    return noise < t->noise ? noise : t->noise; /* also where the one is no number */
}

void driver_tell(struct workspace *w, struct search *s, const struct trial_row *t, const struct trial_row *ref)
{
    struct arch *a = arches_load(w, t->arch, NULL);
    if (!a)
        return;
    if (driver_ended(t))
        search_tell(s, (int)t->id, a,
                    &(struct search_told){.score = t->score,
                                          .noise = driver_noise(t, ref),
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
            driver_tell(d->w, d->lane[i].search, t, driver_reference(d->trial, d->trials));
}

/* A person may skip what is suggested, or take that back, while a search runs. */
static bool look_for_skipped(struct driver *d, struct error *err)
{
    struct hash *id = NULL;
    int n = marks_list(d->w, MARKS_SKIP, &id, err);
    size_t size = n > 0 ? (size_t)n * sizeof *id : 0;
    bool same = n == d->skips && (n <= 0 || memcmp(id, d->skip, size) == 0);
    if (n < 0 || same) {
        free(id);
        return n >= 0;
    }
    free(d->skip);
    d->skip = id;
    d->skips = n;
    d->stale = true;
    return true;
}

/* What was skipped is not asked for: it is told as one that failed. */
static void tell_skipped(struct driver *d, struct search *s)
{
    for (int i = 0; i < d->skips; i++) {
        struct arch *a = arches_load(d->w, d->skip[i], NULL);
        if (a)
            search_tell(s, -1 - i, a, &(struct search_told){.failed = true});
        arch_free(a);
    }
}

static bool make_anew(struct driver *d, struct error *err)
{
    d->cap = driver_cap(d);
    for (int i = 0; i < d->lanes; i++) {
        struct search *s = open_search(d, d->lane[i].name, err);
        if (!s)
            return false;
        tell_skipped(d, s);
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
    if (!look_for_skipped(d, err))
        return false;
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
