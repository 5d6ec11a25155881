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

void driver_tell(struct workspace *w, struct search *s, const struct trial_row *t)
{
    struct arch *a = arches_load(w, t->arch, NULL);
    if (!a)
        return;
    if (driver_ended(t))
        search_tell(s, (int)t->id, a, t->score, t->noise, text_equal(t->state, "failed"));
    else
        search_pending(s, (int)t->id, a);
    arch_free(a);
}

struct search *driver_known(struct workspace *w, struct hash task, const struct driver_options *options, int *told,
                            struct error *err)
{
    struct search_options so = {options->strategy, options->seed, options->max_parameters, 0};
    struct search *s = search_new(&so, err);
    struct trial_row *rows = NULL;
    int n = s ? runs_trials(w, task, -1, RUNS_BY_ID, &rows, err) : -1;
    *told = 0;
    for (int i = 0; i < n; i++) {
        if (driver_ended(&rows[i]) && !text_equal(rows[i].strategy, RUNS_BASELINE)) {
            driver_tell(w, s, &rows[i]);
            *told += text_equal(rows[i].state, "done");
        }
    }
    runs_trials_free(rows, n);
    if (n < 0) {
        search_free(s);
        return NULL;
    }
    return s;
}

static struct trial_row *add_trial(struct driver *d, struct trial_row *t, struct error *err)
{
    t->search = d->id;
    text_copy(t->state, sizeof t->state, "waiting");
    if (!runs_trial_new(d->w, t, err)) {
        runs_trial_free(t);
        return NULL;
    }
    t->result = memory_text("{}");
    d->trial = memory_grow(d->trial, &d->capacity, d->trials + 1, sizeof *d->trial);
    d->trial[d->trials] = *t;
    return &d->trial[d->trials++];
}

static bool add_root(struct driver *d, struct hash arch, const char *name, struct error *err)
{
    struct trial_row t = {0}, known;
    trial_prepare(&t, arch, d->task.hash, &d->options->recipe, NULL, "");
    t.why = memory_format("starting point %s", name);
    bool reuse = runs_trial_done(d->w, t.recipe_id, &known);
    struct trial_row *row = add_trial(d, &t, err);
    bool ok = row != NULL;
    if (ok && reuse) {
        json_t *result = json_loads(known.result, 0, NULL);
        if (result && trial_finish(row, result, NULL)) {
            ok = runs_trial_save(d->w, row, err);
            d->finished++;
        }
        json_decref(result);
    }
    if (reuse)
        runs_trial_free(&known);
    return ok;
}

bool driver_has_room(const struct driver *d)
{
    return (int)d->trials < d->options->trials;
}

static bool small_enough(const struct driver *d, const struct arch *a)
{
    return !d->options->max_parameters || arch_parameters(a) <= d->options->max_parameters;
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
    return d->trials || error_set(err, ERROR_USAGE,
                                  "no architecture to start from has at most %lld parameters: raise "
                                  "--max-params, or add a smaller one with `arch new mlp --width N`",
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

bool driver_add_candidate(struct driver *d, const struct search_candidate *c, struct error *err)
{
    const struct trial_row *parent = driver_find(d, c->parent);
    ASSERT(parent);
    struct hash id, parent_arch = parent->arch;
    struct trial_row t = {0}, *row = NULL;
    char *steps = driver_steps(c);
    if (arches_put(d->w, c->arch, "", &parent_arch, steps, &id, err)) {
        trial_prepare(&t, id, d->task.hash, &d->options->recipe, d->options->from_scratch ? NULL : parent, steps);
        t.why = memory_text(c->why);
        t.predicted = c->predicted ? c->view.mean : (double)NAN;
        t.predicted_sd = c->predicted ? c->view.sd : (double)NAN;
        t.ei = c->predicted ? c->view.ei : (double)NAN;
        row = add_trial(d, &t, err);
        if (row)
            driver_tell(d->w, d->search, row); /* pending */
    }
    free(steps);
    return row != NULL;
}

/* --- options --------------------------------------------------------------------------------------------------------
 */

char *driver_options_text(const struct driver_options *o)
{
    char *recipe = recipe_format(&o->recipe);
    json_t *j = json_pack("{s:s, s:I, s:i, s:o, s:I, s:b, s:b, s:s}", "strategy", o->strategy, "seed",
                          (json_int_t)o->seed, "trials", o->trials, "seconds", json_of_number(o->seconds),
                          "max_parameters", (json_int_t)o->max_parameters, "from_scratch", o->from_scratch,
                          "deterministic", o->deterministic, "recipe", recipe);
    char *text = json_dumps(j, JSON_COMPACT);
    ASSERT(text);
    json_decref(j);
    free(recipe);
    return text;
}

bool driver_options_parse(struct driver_options *o, const char *text, struct error *err)
{
    json_t *j = json_loads(text, 0, NULL);
    json_int_t seed = 0, most = 0;
    const char *strategy = NULL, *recipe = NULL;
    int from_scratch = 0, deterministic = 0;
    bool ok = j && json_unpack(j, "{s:s, s:I, s:i, s:F, s:I, s:b, s:b, s:s}", "strategy", &strategy, "seed", &seed,
                               "trials", &o->trials, "seconds", &o->seconds, "max_parameters", &most, "from_scratch",
                               &from_scratch, "deterministic", &deterministic, "recipe", &recipe) == 0;
    if (!ok)
        error_set(err, ERROR_FAILED, "the options of the interrupted search cannot be read; start a new one");
    ok = ok && recipe_parse(&o->recipe, recipe, err);
    if (ok) {
        o->strategy = NULL;
        for (int i = 0; strategy_table[i]; i++)
            if (text_equal(strategy_table[i]->name, strategy))
                o->strategy = strategy_table[i]->name; /* not the text of j, which goes */
        ok =
            o->strategy || error_set(err, ERROR_FAILED,
                                     "the interrupted search used the strategy %s, which this version lacks", strategy);
    }
    o->seed = (uint64_t)seed;
    o->max_parameters = most;
    o->from_scratch = from_scratch;
    o->deterministic = deterministic;
    json_decref(j);
    return ok;
}
