#include "work/driver.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "search/search.h"
#include "store/arches.h"
#include "store/tasks.h"
#include "work/crew.h"
#include "work/json.h"
#include "work/trial.h"

#include <math.h>

#define ROUND 4        /* candidates a round under `deterministic`: fixed, whatever the number of workers */
#define ATTEMPTS 2     /* a trial whose worker died is tried this often */

struct driver {
    struct workspace *w;
    const struct driver_options *options;
    const struct control *control;
    struct task_row task;
    struct search *search;
    struct crew *crew;
    struct trial_row *trial; /* of this search, by id */
    size_t trials, capacity;
    size_t told;             /* deterministic: trials told so far, in order */
    int64_t id;
    double started, busy_seconds;
    int finished;
    bool exhausted; /* the search has no untried neighbour left */
    int lock;       /* one search a workspace at a time: two would run the same trials */
};

/* --- telling ------------------------------------------------------------------------------------------------------ */

static bool ended(const struct trial_row *t)
{
    return text_equal(t->state, "done") || text_equal(t->state, "failed");
}

static void tell(struct workspace *w, struct search *s, const struct trial_row *t)
{
    struct arch *a = arches_load(w, t->arch, NULL);
    if (!a)
        return;
    if (ended(t))
        search_tell(s, (int)t->id, a, t->score, t->noise, text_equal(t->state, "failed"));
    else
        search_pending(s, (int)t->id, a);
    arch_free(a);
}

/* Deterministic: a trial is told only when all before it are, so that the order never depends on the workers. */
static void tell_finished(struct driver *d, const struct trial_row *t)
{
    if (!d->options->deterministic) {
        tell(d->w, d->search, t);
        return;
    }
    while (d->told < d->trials && ended(&d->trial[d->told]))
        tell(d->w, d->search, &d->trial[d->told++]);
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
        if (ended(&rows[i])) {
            tell(w, s, &rows[i]);
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

/* --- trials ------------------------------------------------------------------------------------------------------- */

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

static bool has_room(const struct driver *d)
{
    return (int)d->trials < d->options->trials;
}

static bool small_enough(const struct driver *d, const struct arch *a)
{
    return !d->options->max_parameters || arch_parameters(a) <= d->options->max_parameters;
}

/* The architectures a person put in that fit the task's windows. */
static bool add_own_roots(struct driver *d, int time, int channels, struct error *err)
{
    struct arch_row *rows;
    int n = arches_list(d->w, &rows, err);
    bool ok = n >= 0;
    for (int i = 0; i < n && ok && has_room(d); i++) {
        if (!hash_is_zero(rows[i].parent))
            continue;
        struct arch *a = arch_parse(rows[i].text, strlen(rows[i].text), rows[i].name, NULL);
        if (a && a->shape[0].time == time && a->shape[0].channels == channels && small_enough(d, a))
            ok = add_root(d, rows[i].id, rows[i].name, err);
        arch_free(a);
    }
    arches_list_free(rows, n);
    return ok;
}

static bool add_usual_roots(struct driver *d, int time, int channels, struct error *err)
{
    static const char *const usual[] = {"mlp", "tcn"};
    bool ok = true;
    for (size_t i = 0; i < ARRAY_N(usual) && ok && has_room(d); i++) {
        struct hash id;
        struct arch *a = arch_template(usual[i], time, channels, 0, 0, err);
        ok = a != NULL;
        if (ok && small_enough(d, a))
            ok = arches_put(d->w, a, usual[i], NULL, NULL, &id, err) && add_root(d, id, usual[i], err);
        arch_free(a);
    }
    return ok;
}

/* Starting points: what a person put in; without any, two templates. */
static bool add_roots(struct driver *d, struct error *err)
{
    json_t *info = json_loads(d->task.info, 0, NULL);
    int time = d->task.task.lookback, channels = (int)json_integer_value(json_object_get(info, "channels"));
    json_decref(info);
    if (!add_own_roots(d, time, channels, err) || (!d->trials && !add_usual_roots(d, time, channels, err)))
        return false;
    return d->trials || error_set(err, ERROR_USAGE, "no architecture to start from has at most %lld parameters: raise "
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

static struct trial_row *find_trial(struct driver *d, int64_t id)
{
    for (size_t i = 0; i < d->trials; i++)
        if (d->trial[i].id == id)
            return &d->trial[i];
    return NULL;
}

static bool add_candidate(struct driver *d, const struct search_candidate *c, struct error *err)
{
    const struct trial_row *parent = find_trial(d, c->parent);
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
            tell(d->w, d->search, row); /* pending */
    }
    free(steps);
    return row != NULL;
}

/* --- budget and progress ------------------------------------------------------------------------------------------ */

static bool time_left(const struct driver *d)
{
    return d->options->seconds <= 0 || clock_seconds() - d->started < d->options->seconds;
}

static int unfinished(const struct driver *d)
{
    int n = 0;
    for (size_t i = 0; i < d->trials; i++)
        n += !ended(&d->trial[i]);
    return n;
}

static struct trial_row *next_waiting(struct driver *d)
{
    for (size_t i = 0; i < d->trials; i++)
        if (text_equal(d->trial[i].state, "waiting"))
            return &d->trial[i];
    return NULL;
}

static void progress(struct driver *d, json_t *event)
{
    double total = d->options->trials, share = d->finished / total;
    if (d->options->seconds > 0) {
        double by_time = (clock_seconds() - d->started) / d->options->seconds;
        share = by_time > share ? by_time : share;
    }
    json_object_set_new(event, "progress", json_of_number(share > 1 ? 1 : share));
    if (d->finished) {
        double each = d->busy_seconds / d->finished;
        json_object_set_new(event, "eta_seconds", json_of_number(each * (total - d->finished) / d->options->workers));
    }
    char text[96];
    snprintf(text, sizeof text, "trial %d of %d", d->finished < d->options->trials ? d->finished + 1 : d->finished,
             d->options->trials);
    json_object_set_new(event, "text", json_string(text));
    json_object_set_new(event, "search", json_integer(d->id));
    control_event(d->control, event);
}

static void report_trial(struct driver *d, const struct trial_row *t, const char *what)
{
    char hex[HASH_HEX];
    hash_hex(t->arch, hex);
    json_t *event = json_pack("{s:s, s:s, s:I, s:s, s:o}", "event", "trial", "state", what, "trial", (json_int_t)t->id,
                              "arch", hex, "why", json_of_text(t->why));
    if (text_equal(what, "done"))
        json_object_set_new(event, "directional_accuracy", trial_interval_json(t->score, t->low, t->high));
    progress(d, event);
}

/* --- what the workers say ----------------------------------------------------------------------------------------- */

static bool finish_trial(struct driver *d, struct trial_row *t, struct error *err)
{
    d->finished++;
    if (!runs_trial_save(d->w, t, err))
        return false;
    tell_finished(d, t);
    report_trial(d, t, t->state);
    return true;
}

static bool fail_trial(struct driver *d, struct trial_row *t, const char *why, bool again, struct error *err)
{
    log_write(LOG_WARNING, "trial %lld: %s", (long long)t->id, why);
    if (again && t->attempts < ATTEMPTS) {
        text_copy(t->state, sizeof t->state, "waiting");
        report_trial(d, t, "waiting");
        return runs_trial_save(d->w, t, err);
    }
    text_copy(t->state, sizeof t->state, "failed");
    json_t *result = json_pack("{s:o}", "error", json_of_text(why));
    free(t->result);
    t->result = json_dumps(result, JSON_COMPACT);
    json_decref(result);
    return finish_trial(d, t, err);
}

static bool on_epoch(struct driver *d, const json_t *event, struct error *err)
{
    struct train_event e;
    if (!trial_epoch_parse(event, &e))
        return true; /* a damaged line of a dying worker */
    json_int_t run = json_integer_value(json_object_get(event, "run"));
    if (!runs_epoch_put(d->w, "trial", run, &e, err))
        return false;
    json_t *copy = json_copy((json_t *)event);
    json_object_set_new(copy, "trial_progress", json_incref(json_object_get(event, "progress")));
    progress(d, copy);
    return true;
}

static bool on_event(void *context, int64_t trial, json_t *event, struct error *err)
{
    struct driver *d = context;
    struct trial_row *t = find_trial(d, trial);
    const char *kind = json_string_value(json_object_get(event, "event"));
    if (!t || !kind)
        return true;
    if (text_equal(kind, "epoch"))
        return on_epoch(d, event, err);
    if (text_equal(kind, "result")) {
        struct error why = {0};
        if (!trial_finish(t, json_object_get(event, "result"), &why))
            return fail_trial(d, t, why.text, true, err);
        d->busy_seconds += t->seconds;
        return finish_trial(d, t, err);
    }
    if (text_equal(kind, "error")) {
        const char *why = json_string_value(json_object_get(event, "text"));
        const char *error_kind = json_string_value(json_object_get(event, "kind"));
        bool ended_by_signal = error_kind && text_equal(error_kind, error_kind_name(ERROR_INTERRUPTED));
        return fail_trial(d, t, why && why[0] ? why : "its worker gave no reason", ended_by_signal, err);
    }
    return true;
}

static bool on_death(void *context, int64_t trial, const char *message, struct error *err)
{
    struct driver *d = context;
    struct trial_row *t = find_trial(d, trial);
    char why[256];
    snprintf(why, sizeof why, "its worker ended unexpectedly (%s)", message[0] ? message : "no message");
    return !t || fail_trial(d, t, why, true, err);
}

/* --- the loop ----------------------------------------------------------------------------------------------------- */

static bool start_trial(struct driver *d, struct trial_row *t, struct error *err)
{
    t->attempts++;
    text_copy(t->state, sizeof t->state, "running");
    if (!runs_trial_save(d->w, t, err) || !runs_epochs_drop(d->w, "trial", t->id, err))
        return false;
    report_trial(d, t, "running");
    return crew_give(d->crew, t->id, err);
}

/* May the search be asked now? Candidates need a scored trial; deterministic ones come a round at a time. */
static bool may_ask(const struct driver *d)
{
    if (d->exhausted || !has_room(d) || !time_left(d))
        return false;
    int done = 0;
    for (size_t i = 0; i < d->trials; i++)
        done += text_equal(d->trial[i].state, "done");
    return done > 0 && (!d->options->deterministic || unfinished(d) == 0);
}

static bool ask_one(struct driver *d, struct error *err)
{
    struct search_candidate c = {0};
    struct error why = {0};
    if (!search_ask(d->search, &c, &why)) {
        d->exhausted = why.kind == ERROR_FAILED; /* no untried neighbour within the limits */
        log_write(LOG_INFO, "search: %s", why.text);
        return d->exhausted || error_set(err, why.kind, "%s", why.text);
    }
    bool ok = add_candidate(d, &c, err);
    search_candidate_free(&c);
    return ok;
}

/* A round is stored whole or not at all: one that was cut would be told, and followed by others, than without the cut. */
static bool ask(struct driver *d, struct error *err)
{
    int n = d->options->deterministic ? ROUND : 1;
    bool ok = workspace_begin(d->w, err);
    for (int i = 0; ok && i < n && has_room(d) && !d->exhausted; i++)
        ok = ask_one(d, err);
    if (ok && workspace_commit(d->w, err))
        return true;
    workspace_rollback(d->w);
    return false;
}

static bool loop(struct driver *d, struct error *err)
{
    while (!control_cancelled(d->control)) {
        bool paused = control_paused(d->control);
        while (!paused && crew_idle(d->crew)) {
            if (!next_waiting(d) && may_ask(d) && !ask(d, err))
                return false;
            struct trial_row *t = next_waiting(d);
            if (!t)
                break;
            if (!start_trial(d, t, err))
                return false;
        }
        if (!crew_busy(d->crew) && !paused)
            return true;
        if (!crew_wait(d->crew, 200, on_event, on_death, d, err))
            return false;
    }
    return error_set(err, ERROR_INTERRUPTED, "interrupted: %d of %d trials are done; `search --resume` goes on", d->finished,
                     d->options->trials);
}

static bool load(struct driver *d, struct error *err)
{
    int n = runs_trials(d->w, d->task.hash, d->id, RUNS_BY_ID, &d->trial, err);
    if (n < 0)
        return false;
    d->trials = d->capacity = (size_t)n;
    for (size_t i = 0; i < d->trials; i++) {
        struct trial_row *t = &d->trial[i];
        if (ended(t)) {
            d->finished++;
        } else {
            text_copy(t->state, sizeof t->state, "waiting");
            t->attempts = 0; /* the interruption was not the trial's fault */
        }
    }
    return true;
}

static void tell_loaded(struct driver *d)
{
    bool in_order = d->options->deterministic;
    for (size_t i = 0; i < d->trials; i++) {
        struct trial_row seen = d->trial[i];
        if (in_order && d->told < i)
            text_copy(seen.state, sizeof seen.state, "running"); /* told when all before it are */
        else if (ended(&seen))
            d->told = i + 1;
        tell(d->w, d->search, &seen);
    }
}

static char *options_text(const struct driver_options *o)
{
    char *recipe = recipe_format(&o->recipe);
    json_t *j = json_pack("{s:s, s:I, s:i, s:o, s:I, s:b, s:b, s:s}", "strategy", o->strategy, "seed", (json_int_t)o->seed,
                          "trials", o->trials, "seconds", json_of_number(o->seconds), "max_parameters",
                          (json_int_t)o->max_parameters, "from_scratch", o->from_scratch, "deterministic", o->deterministic,
                          "recipe", recipe);
    char *text = json_dumps(j, JSON_COMPACT);
    ASSERT(text);
    json_decref(j);
    free(recipe);
    return text;
}

static bool options_parse(struct driver_options *o, const char *text, struct error *err)
{
    json_t *j = json_loads(text, 0, NULL);
    json_int_t seed = 0, most = 0;
    const char *strategy = NULL, *recipe = NULL;
    int from_scratch = 0, deterministic = 0;
    bool ok = j && json_unpack(j, "{s:s, s:I, s:i, s:F, s:I, s:b, s:b, s:s}", "strategy", &strategy, "seed", &seed, "trials",
                               &o->trials, "seconds", &o->seconds, "max_parameters", &most, "from_scratch", &from_scratch,
                               "deterministic", &deterministic, "recipe", &recipe) == 0;
    if (!ok)
        error_set(err, ERROR_FAILED, "the options of the interrupted search cannot be read; start a new one");
    ok = ok && recipe_parse(&o->recipe, recipe, err);
    if (ok) {
        o->strategy = NULL;
        for (int i = 0; strategy_table[i]; i++)
            if (text_equal(strategy_table[i]->name, strategy))
                o->strategy = strategy_table[i]->name; /* not the text of j, which goes */
        ok = o->strategy || error_set(err, ERROR_FAILED, "the interrupted search used the strategy %s, which this version lacks", strategy);
    }
    o->seed = (uint64_t)seed;
    o->max_parameters = most;
    o->from_scratch = from_scratch;
    o->deterministic = deterministic;
    json_decref(j);
    return ok;
}

/* For who looks later: "ID SENTENCE" of the search that ended last. */
static void keep_sentence(struct driver *d, const char *sentence)
{
    char *text = memory_format("%lld %s", (long long)d->id, sentence);
    workspace_setting_set(d->w, "search.evidence", text);
    free(text);
}

static json_t *finish(struct driver *d, struct error *err)
{
    struct trial_row *best = NULL;
    int done = 0;
    for (size_t i = 0; i < d->trials; i++) {
        struct trial_row *t = &d->trial[i];
        if (text_equal(t->state, "done")) {
            done++;
            if (!best || t->score > best->score)
                best = t;
        }
    }
    double seconds = clock_seconds() - d->started;
    if (!best) {
        runs_search_end(d->w, d->id, "done", seconds, NULL);
        error_set(err, ERROR_FAILED, "no trial of %zu came to an end; the log says why", d->trials);
        return NULL;
    }
    json_t *result = NULL, *scored = json_loads(best->result, 0, NULL);
    struct crossval *c = trial_out_of_fold(d->w, scored, err);
    struct dataset *data = c ? tasks_dataset(d->w, &d->task, err) : NULL;
    int tried = data ? runs_tried(d->w, d->task.hash, err) : -1;
    if (tried >= 0) {
        struct evidence e;
        evidence_of(&e, c, data, tried);
        keep_sentence(d, e.sentence);
        result = json_pack("{s:b, s:i, s:i, s:O, s:{s:b, s:o, s:i, s:s}, s:o, s:I}", "done", 1, "trials", (int)d->trials,
                           "failed", (int)d->trials - done, "best", scored, "evidence", "skill", e.skill, "p",
                           json_of_number(e.p), "trials", e.trials, "sentence", e.sentence, "seconds",
                           json_of_number(seconds), "search", (json_int_t)d->id);
        if (!runs_search_end(d->w, d->id, "done", seconds, err)) { /* last: until then it can be resumed */
            json_decref(result);
            result = NULL;
        }
    }
    dataset_free(data);
    crossval_free(c);
    json_decref(scored);
    return result;
}

static bool begin_again(struct driver *d, struct driver_options *o, struct error *err)
{
    struct search_row last = {0};
    if (!runs_search_last(d->w, d->task.hash, &last))
        return error_set(err, ERROR_USAGE, "there is no search on this task to resume");
    bool ok = !text_equal(last.state, "done");
    if (!ok)
        error_set(err, ERROR_USAGE, "the last search on this task has ended; start a new one without --resume");
    ok = ok && options_parse(o, last.options, err);
    if (ok) {
        d->id = last.id;
        ok = load(d, err);
    }
    free(last.options);
    return ok;
}

/* The search and its starting points are stored together: there is none without the other. */
static bool begin_new(struct driver *d, const struct driver_options *o, struct error *err)
{
    char *text = options_text(o);
    bool ok = workspace_begin(d->w, err);
    if (ok) {
        ok = runs_search_new(d->w, d->task.hash, text, &d->id, err) && add_roots(d, err) && workspace_commit(d->w, err);
        if (!ok) {
            workspace_rollback(d->w);
            d->id = 0;
        }
    }
    free(text);
    return ok;
}

static bool take_lock(struct driver *d, struct error *err)
{
    char path[FILE_PATH_MAX];
    workspace_path(d->w, "search.lock", path, sizeof path);
    d->lock = file_lock(path, false, err);
    if (d->lock < 0 && err && err->kind == ERROR_FAILED)
        error_prefix(err, "a search is running in this workspace already");
    return d->lock >= 0;
}

static bool begin(struct driver *d, struct driver_options *o, struct error *err)
{
    if (!take_lock(d, err) || !(o->resume ? begin_again(d, o, err) : begin_new(d, o, err)))
        return false;
    struct search_options so = {o->strategy, o->seed, o->max_parameters, 0};
    d->search = search_new(&so, err);
    d->crew = d->search ? crew_new(d->w, o->workers, err) : NULL;
    return d->crew != NULL;
}

json_t *driver_search(struct workspace *w, const struct driver_options *options, const struct control *control,
                      struct error *err)
{
    struct driver_options o = *options;
    struct driver d = {.w = w, .options = &o, .control = control, .started = clock_seconds(), .lock = -1};
    json_t *result = NULL;
    if (!tasks_active(w, &d.task, err))
        return NULL;
    bool ok = begin(&d, &o, err);
    if (ok) {
        tell_loaded(&d);
        ok = loop(&d, err);
    }
    crew_free(d.crew);
    if (ok)
        result = finish(&d, err);
    else if (d.id && runs_search_end(w, d.id, "stopped", clock_seconds() - d.started, NULL))
        runs_search_rest(w, d.id, NULL);
    file_unlock(d.lock);
    search_free(d.search);
    runs_trials_free(d.trial, (int)d.trials);
    free(d.task.info);
    return result;
}
