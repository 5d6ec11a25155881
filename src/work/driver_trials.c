#include "work/driver_internal.h"

#include "base/memory.h"
#include "base/text.h"
#include "store/arches.h"
#include "work/json.h"
#include "work/trial.h"

#include <math.h>

bool driver_ended(const struct trial_row *t)
{
    return text_equal(t->state, "done") || text_equal(t->state, "failed");
}

bool driver_full(const struct trial_row *t)
{
    return text_equal(t->state, "done") && t->fidelity >= 1;
}

static bool within_limits(const struct driver *d, const struct trial_row *t)
{
    double most = d->options->max_latency_us;
    return most <= 0 || t->latency_us <= most; /* one that was not measured is not known to be within */
}

struct trial_row *driver_best(const struct driver *d, const char *strategy)
{
    struct trial_row *best = NULL;
    for (size_t i = 0; i < d->trials; i++) {
        struct trial_row *t = &d->trial[i];
        if (driver_full(t) && driver_is_of(t, strategy) && within_limits(d, t) && (!best || t->score > best->score))
            best = t;
    }
    return best;
}

double driver_number(const struct trial_row *t, const char *key)
{
    json_t *j = json_loads(t->result, 0, NULL);
    double v = json_member_number(j, key);
    json_decref(j);
    return v;
}

static struct trial_row *add_trial(struct driver *d, struct trial_row *t, bool whole, struct error *err)
{
    t->search = d->id;
    text_copy(t->state, sizeof t->state, "waiting");
    t->result = memory_text("{}");
    driver_rungs_start(d, t, whole);
    if (!runs_trial_new(d->w, t, err) || !runs_trial_save(d->w, t, err)) {
        runs_trial_free(t);
        return NULL;
    }
    d->trial = memory_grow(d->trial, &d->capacity, d->trials + 1, sizeof *d->trial);
    d->trial[d->trials] = *t;
    return &d->trial[d->trials++];
}

static bool add_root(struct driver *d, struct hash arch, const char *name, struct error *err)
{
    struct trial_row t = {0};
    trial_prepare(&t, arch, d->task.hash, &d->options->recipe, NULL, "");
    t.why = memory_format("starting point %s", name);
    return add_trial(d, &t, true, err) != NULL;
}

/* Of this search or an earlier one; stopped ones of this search where as many folds are to be run. What was measured of
 * latency is missing in one of a search that did not ask for it. */
json_t *driver_known_result(struct driver *d, const struct trial_row *t)
{
    struct trial_row known;
    struct part p = part_read(t->result);
    json_t *result = NULL;
    if (runs_trial_done(d->w, t->recipe_id, &known)) {
        result = json_loads(known.result, 0, NULL);
        runs_trial_free(&known);
    }
    for (size_t i = 0; i < d->trials && !result; i++) {
        const struct trial_row *other = &d->trial[i];
        if (other == t || !text_equal(other->state, "done") || !text_equal(other->recipe_id, t->recipe_id))
            continue;
        result = json_loads(other->result, 0, NULL);
        if (json_object_get(result, "cut") || (int)json_array_size(json_object_get(result, "folds")) != p.folds) {
            json_decref(result);
            result = NULL;
        }
    }
    if (result && p.latency && !json_object_get(result, "latency_us")) {
        json_decref(result);
        result = NULL;
    }
    part_free(&p);
    return result;
}

bool driver_has_room(const struct driver *d)
{
    return (int)d->trials < d->options->trials;
}

static bool small_enough(const struct driver *d, const struct arch *a)
{
    const struct driver_options *o = d->options;
    return (!o->max_parameters || arch_parameters(a) <= o->max_parameters) &&
           (!o->max_macs || arch_macs(a) <= o->max_macs);
}

struct shape {
    int time, channels, outputs;
};

static bool fits(const struct arch *a, const struct shape *task)
{
    return a->shape[0].time == task->time && a->shape[0].channels == task->channels &&
           a->shape[a->nodes - 1].channels == task->outputs;
}

/* The architectures a person put in that fit the task's windows and target. */
static bool add_own_roots(struct driver *d, const struct shape *task, struct error *err)
{
    struct arch_row *rows;
    int n = arches_list(d->w, &rows, err);
    bool ok = n >= 0;
    for (int i = 0; i < n && ok && driver_has_room(d); i++) {
        if (!hash_is_zero(rows[i].parent) || text_equal(rows[i].morphism, ARCHES_BASELINE))
            continue;
        struct arch *a = arch_parse(rows[i].text, strlen(rows[i].text), rows[i].name, NULL);
        if (a && fits(a, task) && small_enough(d, a))
            ok = add_root(d, rows[i].id, rows[i].name, err);
        arch_free(a);
    }
    arches_list_free(rows, n);
    return ok;
}

static bool add_usual_roots(struct driver *d, const struct shape *task, struct error *err)
{
    static const char *const usual[] = {"mlp", "tcn"};
    bool ok = true;
    for (size_t i = 0; i < ARRAY_N(usual) && ok && driver_has_room(d); i++) {
        struct hash id;
        struct arch *a = arch_template(usual[i], task->time, task->channels, task->outputs, 0, 0, err);
        ok = a != NULL;
        if (ok && small_enough(d, a))
            ok = arches_put(d->w, a, usual[i], NULL, NULL, &id, err) && add_root(d, id, usual[i], err);
        arch_free(a);
    }
    return ok;
}

/* Starting points: what a person put in; without any, two templates. */
bool driver_add_roots(struct driver *d, struct error *err)
{
    json_t *info = json_loads(d->task.info, 0, NULL);
    struct shape task = {d->task.task.lookback, (int)json_integer_value(json_object_get(info, "channels")),
                         (int)json_integer_value(json_object_get(info, "outputs"))};
    json_decref(info);
    if (!add_own_roots(d, &task, err) || (!d->trials && !add_usual_roots(d, &task, err)))
        return false;
    if (d->trials)
        return true;
    if (d->options->max_macs)
        return error_set(err, ERROR_USAGE,
                         "no architecture to start from has at most %lld parameters and %lld multiply-adds (0: any): "
                         "raise --max-params or --max-macs, or add a smaller one with `arch new mlp --width N`",
                         (long long)d->options->max_parameters, (long long)d->options->max_macs);
    return error_set(err, ERROR_USAGE,
                     "no architecture to start from has at most %lld parameters: raise --max-params, or add a smaller "
                     "one with `arch new mlp --width N`",
                     (long long)d->options->max_parameters);
}

char *driver_steps(const struct search_candidate *c)
{
    struct text steps = {0};
    for (int i = 0; i < c->steps; i++) {
        char step[MORPH_TEXT_MAX];
        morph_format(&c->step[i], step);
        text_printf(&steps, "%s%s", i ? "\n" : "", step);
    }
    char *text = memory_text(text_of(&steps));
    text_free(&steps);
    return text;
}

struct trial_row *driver_find(struct driver *d, int64_t id)
{
    for (size_t i = 0; i < d->trials; i++)
        if (d->trial[i].id == id)
            return &d->trial[i];
    return NULL;
}

/* Weights grow from a trial that was run in full: from a stopped parent's nearest ancestor of that kind, through the
 * parent's morphisms. A starting point is one, so there always is. */
static const struct trial_row *grown_from(struct driver *d, const struct trial_row *parent, char **steps)
{
    while (!driver_full(parent) && parent->parent) {
        char *all = memory_format("%s\n%s", parent->steps, *steps);
        free(*steps);
        *steps = all;
        parent = driver_find(d, parent->parent);
        ASSERT(parent);
    }
    return parent;
}

bool driver_add_candidate(struct driver *d, struct lane *lane, const struct search_candidate *c, struct error *err)
{
    const struct trial_row *parent = driver_find(d, c->parent);
    ASSERT(parent);
    struct hash id, parent_arch = parent->arch;
    struct trial_row t = {0}, *row = NULL;
    char *steps = driver_steps(c);
    if (arches_put(d->w, c->arch, "", &parent_arch, steps, &id, err)) {
        parent = d->options->from_scratch ? NULL : grown_from(d, parent, &steps);
        struct recipe recipe = d->options->recipe;
        if (parent)
            recipe_grown(&recipe, &recipe, d->options->grown_epochs);
        trial_prepare(&t, id, d->task.hash, &recipe, parent, steps);
        text_copy(t.strategy, sizeof t.strategy, lane->name);
        t.why = memory_text(c->why);
        t.predicted = c->predicted ? c->view.mean : (double)NAN;
        t.predicted_sd = c->predicted ? c->view.sd : (double)NAN;
        t.ei = c->predicted ? c->view.ei : (double)NAN;
        row = add_trial(d, &t, false, err);
        if (row)
            driver_tell(d->w, lane->search, row, NULL); /* pending */
    }
    free(steps);
    return row != NULL;
}
