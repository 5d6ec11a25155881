#include "work/driver_internal.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "net/plan.h"
#include "store/arches.h"
#include "train/room.h"
#include "work/json.h"
#include "work/judge.h"
#include "work/trial.h"

#include <math.h>

#define ROUND 4    /* candidates a round under `deterministic`: fixed, whatever the number of workers */
#define ATTEMPTS 2 /* a trial whose worker died is tried this often */

/* Deterministic: a trial is told only when all before it are, so that the order never depends on the workers. */
static void tell_finished(struct driver *d, const struct trial_row *t)
{
    if (!d->options->deterministic) {
        driver_tell(d->w, d->search, t);
        return;
    }
    while (d->told < d->trials && driver_ended(&d->trial[d->told]))
        driver_tell(d->w, d->search, &d->trial[d->told++]);
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
        n += !driver_ended(&d->trial[i]);
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

static void put_score(json_t *event, enum task_target target, const struct trial_row *t)
{
    json_object_set_new(event, "score", trial_interval_json(t->score, t->low, t->high));
    json_object_set_new(event, "score_name", json_string(task_score_name(target)));
    if (target == TASK_DIRECTION)
        json_object_set_new(event, "directional_accuracy", trial_interval_json(t->score, t->low, t->high));
}

static void report_trial(struct driver *d, const struct trial_row *t, const char *what)
{
    char hex[HASH_HEX];
    hash_hex(t->arch, hex);
    json_t *event = json_pack("{s:s, s:s, s:I, s:s, s:o}", "event", "trial", "state", what, "trial", (json_int_t)t->id,
                              "arch", hex, "why", json_of_text(t->why));
    if (text_equal(what, "done"))
        put_score(event, d->task.task.target, t);
    progress(d, event);
}

/* --- what the workers say ----------------------------------------------------------------------------------------- */

static bool finish_trial(struct driver *d, struct trial_row *t, struct error *err)
{
    d->finished++;
    if (!runs_trial_save(d->w, t, err))
        return false;
    trial_forget(d->w, t);
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
    struct trial_row *t = driver_find(d, trial);
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
    struct trial_row *t = driver_find(d, trial);
    char why[256];
    snprintf(why, sizeof why, "its worker ended unexpectedly (%s)", message[0] ? message : "no message");
    return !t || fail_trial(d, t, why, true, err);
}

/* --- the loop ----------------------------------------------------------------------------------------------------- */

static bool start_trial(struct driver *d, struct trial_row *t, struct error *err)
{
    t->attempts++;
    text_copy(t->state, sizeof t->state, "running");
    if (!runs_trial_save(d->w, t, err)) /* what there is of its curve stands: it comes to the same values again */
        return false;
    report_trial(d, t, "running");
    return crew_give(d->crew, t->id, err);
}

/* May the search be asked now? Candidates need a scored trial; deterministic ones come a round at a time. */
static bool may_ask(const struct driver *d)
{
    if (d->exhausted || !driver_has_room(d) || !time_left(d))
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
    bool ok = driver_add_candidate(d, &c, err);
    search_candidate_free(&c);
    return ok;
}

/* A round is stored whole or not at all: one that was cut would be told, and followed by others, than without the cut.
 */
static bool ask(struct driver *d, struct error *err)
{
    int n = d->options->deterministic ? ROUND : 1;
    bool ok = workspace_begin(d->w, err);
    for (int i = 0; ok && i < n && driver_has_room(d) && !d->exhausted; i++)
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
    return error_set(err, ERROR_INTERRUPTED, "interrupted: %d of %d trials are done; `search --resume` goes on",
                     d->finished, d->options->trials);
}

static bool load(struct driver *d, struct error *err)
{
    int n = runs_trials(d->w, d->task.hash, d->id, RUNS_BY_ID, &d->trial, err);
    if (n < 0)
        return false;
    d->trials = d->capacity = (size_t)n;
    for (size_t i = 0; i < d->trials; i++) {
        struct trial_row *t = &d->trial[i];
        if (driver_ended(t)) {
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
        else if (driver_ended(&seen))
            d->told = i + 1;
        driver_tell(d->w, d->search, &seen);
    }
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
    struct dataset *data = tasks_dataset(d->w, &d->task, err);
    struct evidence e;
    if (data && judge_trial(d->w, scored, data, &e, err)) {
        keep_sentence(d, e.sentence);
        result = json_pack("{s:b, s:i, s:i, s:O, s:o, s:o, s:I}", "done", 1, "trials",
                           (int)d->trials, "failed", (int)d->trials - done, "best", scored, "evidence",
                           judge_json(&e), "seconds", json_of_number(seconds), "search", (json_int_t)d->id);
        if (!runs_search_end(d->w, d->id, "done", seconds, err)) { /* last: until then it can be resumed */
            json_decref(result);
            result = NULL;
        }
    }
    dataset_free(data);
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
    ok = ok && driver_options_parse(o, last.options, err);
    if (ok) {
        d->id = last.id;
        ok = load(d, err) && runs_search_end(d->w, d->id, "running", (double)NAN, err);
    }
    free(last.options);
    return ok;
}

/* The search and its starting points are stored together: there is none without the other. */
static bool begin_new(struct driver *d, const struct driver_options *o, struct error *err)
{
    char *text = driver_options_text(o);
    bool ok = workspace_begin(d->w, err);
    if (ok) {
        ok = runs_search_new(d->w, d->task.hash, text, &d->id, err) && driver_add_roots(d, err) &&
             workspace_commit(d->w, err);
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
    struct search_options so = {.strategy = o->strategy, .seed = o->seed, .max_parameters = o->max_parameters};
    d->search = search_new(&so, err);
    d->crew = d->search ? crew_new(d->w, o->workers, err) : NULL;
    return d->crew != NULL;
}

/* The largest of the starting points speaks for all: a trial that turns out too large when its turn comes fails alone. */
static bool announce_room(struct driver *d, struct error *err)
{
    struct arch *largest = NULL;
    int batch = d->options->recipe.batch, workers = d->options->workers, folds = (int)d->task.task.folds;
    for (size_t i = 0; i < d->trials; i++) {
        struct arch *a = driver_ended(&d->trial[i]) ? NULL : arches_load(d->w, d->trial[i].arch, NULL);
        bool more = a && (!largest || plan_bytes(a, batch, true) > plan_bytes(largest, batch, true));
        arch_free(more ? largest : a);
        largest = more ? a : largest;
    }
    bool ok = !largest || room_check(largest, batch, folds, workers, err);
    if (ok && largest)
        control_event(d->control, trial_plan_json(largest, batch, folds, workers));
    arch_free(largest);
    return ok;
}

json_t *driver_search(struct workspace *w, const struct driver_options *options, const struct control *control,
                      struct error *err)
{
    struct driver_options o = *options;
    struct driver d = {.w = w, .options = &o, .control = control, .started = clock_seconds(), .lock = -1};
    json_t *result = NULL;
    if (!tasks_active(w, &d.task, err))
        return NULL;
    bool ok = begin(&d, &o, err) && announce_room(&d, err);
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
