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

#define ROUND 4    /* candidates a round and strategy under `deterministic`, whatever the number of workers */
#define ATTEMPTS 2 /* a trial whose worker died is tried this often */
#define SMALLER_ONES 3 /* proposals that are too large for the time that is left, before no more are asked for */
#define TRIALS_ANY 1000000 /* so many are no limit: time is */

/* --- budget and progress ------------------------------------------------------------------------------------------ */

/* Multiply-adds that the trials which ended were trained with. */
static bool macs_left(const struct driver *d)
{
    double spent = 0;
    for (size_t i = 0; i < d->trials && d->options->macs > 0; i++) {
        double own = driver_number(&d->trial[i], "training_macs");
        spent += isfinite(own) && !isfinite(driver_number(&d->trial[i], "taken_over")) ? own : 0;
    }
    return d->options->macs <= 0 || spent < d->options->macs;
}

/* Counted by number, not by when they ended: the workers make no difference. */
static bool is_stalled(const struct driver *d)
{
    const struct trial_row *best = d->options->stall > 0 ? driver_best(d, NULL) : NULL;
    int since = 0;
    for (size_t i = 0; i < d->trials && best; i++)
        since += driver_ended(&d->trial[i]) && d->trial[i].id > best->id;
    return best && since >= d->options->stall;
}

static int unfinished(const struct driver *d)
{
    int n = 0;
    for (size_t i = 0; i < d->trials; i++)
        n += !driver_ended(&d->trial[i]);
    return n;
}

static bool is_running(const struct driver *d, const char *recipe_id)
{
    for (size_t i = 0; i < d->trials; i++)
        if (text_equal(d->trial[i].state, "running") && text_equal(d->trial[i].recipe_id, recipe_id))
            return true;
    return false;
}

/* One whose recipe runs already waits for that result. */
static struct trial_row *next_waiting(struct driver *d)
{
    for (size_t i = 0; i < d->trials; i++)
        if (text_equal(d->trial[i].state, "waiting") && !is_running(d, d->trial[i].recipe_id))
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
    double left = INFINITY, all = d->options->seconds;
    if (d->finished && d->busy_seconds > 0)
        left = d->busy_seconds / d->finished * (total - d->finished) / d->options->workers;
    if (all > 0 && all - (clock_seconds() - d->started) < left)
        left = fmax(0, all - (clock_seconds() - d->started));
    if (isfinite(left))
        json_object_set_new(event, "eta_seconds", json_of_number(left));
    char text[96];
    int next = d->finished < d->options->trials ? d->finished + 1 : d->finished;
    if (all > 0 && d->options->trials >= TRIALS_ANY)
        snprintf(text, sizeof text, "trial %d, %.0f s left", next, left);
    else
        snprintf(text, sizeof text, "trial %d of %d", next, d->options->trials);
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
    json_t *event = json_pack("{s:s, s:s, s:I, s:s, s:o, s:s}", "event", "trial", "state", what, "trial",
                              (json_int_t)t->id, "arch", hex, "why", json_of_text(t->why), "strategy", t->strategy);
    if (text_equal(what, "done")) {
        put_score(event, d->task.task.target, t);
        json_object_set_new(event, "fidelity", json_of_number(t->fidelity));
        if (t->fidelity < 1)
            json_object_set_new(event, "partial", json_true());
        if (isfinite(t->latency_us))
            json_object_set_new(event, "latency_us", json_of_number(t->latency_us));
    }
    if (driver_timed_out(t))
        json_object_set_new(event, "timed_out", json_true());
    progress(d, event);
}

/* --- what the workers say ----------------------------------------------------------------------------------------- */

/* What was stopped may go on: what is kept of its folds stays until the search ends. */
static bool finish_trial(struct driver *d, struct trial_row *t, bool again, struct error *err)
{
    d->finished += !again;
    if (!runs_trial_save(d->w, t, err))
        return false;
    if (!driver_timed_out(t) && (t->fidelity >= 1 || text_equal(t->state, "failed")))
        trial_forget(d->w, t);
    driver_lanes_tell(d, t, again);
    report_trial(d, t, t->state);
    return true;
}

/* Has it a score from a lower rung? */
static bool was_scored(const struct trial_row *t)
{
    return isfinite(t->score);
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
    return finish_trial(d, t, was_scored(t), err);
}

/* What is kept of its folds stays: whoever asks for the same recipe again goes on with them. */
static bool time_out(struct driver *d, struct trial_row *t, struct error *err)
{
    bool again = was_scored(t);
    log_write(LOG_INFO, "trial %lld: stopped by the limit of time", (long long)t->id);
    driver_time_mark(t);
    return finish_trial(d, t, again, err);
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

static bool run_again(struct driver *d, struct trial_row *t, struct error *err)
{
    trial_forget(d->w, t);
    text_copy(t->state, sizeof t->state, "waiting");
    return runs_trial_save(d->w, t, err);
}

static bool on_result(struct driver *d, struct trial_row *t, json_t *result, struct error *err)
{
    struct error why = {0};
    bool again = was_scored(t);
    if (d->options->deterministic && d->options->halving && !driver_rungs_seen(d, t, result))
        return run_again(d, t, err); /* others are judged by its curve, of which a kill took a piece */
    driver_rungs_estimate(d, t, result);
    if (!trial_finish(t, result, &why))
        return fail_trial(d, t, why.text, true, err);
    d->busy_seconds += t->seconds;
    return finish_trial(d, t, again, err);
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
    if (text_equal(kind, "result"))
        return on_result(d, t, json_object_get(event, "result"), err);
    if (text_equal(kind, "error")) {
        const char *why = json_string_value(json_object_get(event, "text"));
        const char *error_kind = json_string_value(json_object_get(event, "kind"));
        bool ended_by_signal = error_kind && text_equal(error_kind, error_kind_name(ERROR_INTERRUPTED));
        if (d->stopping && ended_by_signal)
            return time_out(d, t, err);
        return fail_trial(d, t, why && why[0] ? why : "its worker gave no reason", ended_by_signal, err);
    }
    return true;
}

static bool on_death(void *context, int64_t trial, const char *message, struct error *err)
{
    struct driver *d = context;
    struct trial_row *t = driver_find(d, trial);
    char why[256];
    if (t && d->stopping)
        return time_out(d, t, err);
    snprintf(why, sizeof why, "its worker ended unexpectedly (%s)", message[0] ? message : "no message");
    return !t || fail_trial(d, t, why, true, err);
}

/* --- the loop ----------------------------------------------------------------------------------------------------- */

/* What was trained before is not trained again. */
static bool take_over(struct driver *d, struct trial_row *t, json_t *result, bool *taken, struct error *err)
{
    bool again = was_scored(t);
    if (!json_is_integer(json_object_get(result, "taken_over")))
        json_object_set(result, "taken_over", json_object_get(result, "trial"));
    json_object_set_new(result, "trial", json_integer(t->id));
    driver_rungs_estimate(d, t, result);
    *taken = trial_finish(t, result, NULL);
    return !*taken || finish_trial(d, t, again, err);
}

static bool start_trial(struct driver *d, struct trial_row *t, struct error *err)
{
    json_t *known = driver_known_result(d, t);
    bool taken = false, ok = !known || take_over(d, t, known, &taken, err);
    json_decref(known);
    if (!ok || taken)
        return ok;
    t->attempts++;
    text_copy(t->state, sizeof t->state, "running");
    if (!runs_trial_save(d->w, t, err)) /* what there is of its curve stands: it comes to the same values again */
        return false;
    report_trial(d, t, "running");
    return crew_give(d->crew, t->id, err);
}

/* --- what comes next ---------------------------------------------------------------------------------------------- */

/* May the search be asked now? Candidates need a scored trial to grow from. */
static bool may_ask(const struct driver *d)
{
    bool any = false;
    for (size_t i = 0; i < d->trials && !any; i++)
        any = driver_full(&d->trial[i]);
    return any && driver_has_room(d) && !d->no_time && driver_time_left(d) > 0 && macs_left(d) && !is_stalled(d);
}

static bool ask_one(struct driver *d, struct lane *lane, bool *fits, struct error *err)
{
    struct search_candidate c = {0};
    struct error why = {0};
    *fits = true;
    if (!search_ask(lane->search, &c, &why)) {
        lane->exhausted = why.kind == ERROR_FAILED; /* no untried neighbour within the limits */
        log_write(LOG_INFO, "search: %s: %s", lane->name, why.text);
        return lane->exhausted || error_set(err, why.kind, "%s", why.text);
    }
    *fits = driver_time_fits(d, c.arch);
    bool ok = !*fits || driver_add_candidate(d, lane, &c, err);
    search_candidate_free(&c);
    return ok;
}

/* Where the first choice would not end in time, a smaller network might. */
static bool ask_in_time(struct driver *d, struct lane *lane, struct error *err)
{
    bool fits, ok = ask_one(d, lane, &fits, err);
    for (int i = 1; ok && !fits && i < SMALLER_ONES; i++) {
        d->stale = true;
        ok = driver_lanes_fresh(d, err) && ask_one(d, lane, &fits, err);
    }
    d->no_time = !fits;
    return ok;
}

/* Deterministic ones come a round at a time. */
static bool ask(struct driver *d, struct error *err)
{
    int n = d->options->deterministic ? ROUND * d->lanes : 1;
    struct lane *lane;
    bool ok = driver_lanes_fresh(d, err);
    for (int i = 0; ok && i < n && !d->no_time && driver_has_room(d) && (lane = driver_lanes_next(d)); i++)
        ok = ask_in_time(d, lane, err);
    return ok;
}

static bool may_promote(const struct driver *d)
{
    return d->options->halving && !d->no_time && driver_time_left(d) > 0 && macs_left(d);
}

static bool promote(struct driver *d, bool *any, struct error *err)
{
    struct trial_row *t;
    *any = false;
    if (!may_promote(d))
        return true;
    while ((t = driver_rungs_promote(d))) {
        *any = true;
        if (!runs_trial_save(d->w, t, err))
            return false;
        if (!d->options->deterministic)
            break;
    }
    return true;
}

/* One for each strategy that has nothing to show, a rung at a time. */
static bool promote_last(struct driver *d, struct error *err)
{
    struct trial_row *t;
    while (may_promote(d) && (t = driver_rungs_last(d)))
        if (!runs_trial_save(d->w, t, err))
            return false;
    return true;
}

/* What goes on to the next rung, else new candidates. Stored whole or not at all: a round that was cut would be told,
 * and followed by others, than without the cut. */
static bool find_work(struct driver *d, struct error *err)
{
    bool any;
    if (d->options->deterministic && unfinished(d) > 0)
        return true;
    bool ok = workspace_begin(d->w, err) && promote(d, &any, err) && (any || !may_ask(d) || ask(d, err)) &&
              (unfinished(d) > 0 || promote_last(d, err));
    if (ok && workspace_commit(d->w, err))
        return true;
    workspace_rollback(d->w);
    return false;
}

static bool loop(struct driver *d, struct error *err)
{
    while (!control_cancelled(d->control)) {
        bool paused = control_paused(d->control);
        while (!paused && crew_idle(d->crew) && !control_cancelled(d->control)) {
            if (!next_waiting(d) && !find_work(d, err))
                return false;
            struct trial_row *t = next_waiting(d);
            if (!t)
                break;
            bool room = driver_time_has_room(d, t);
            d->no_time |= !room;
            if (!(room ? start_trial(d, t, err) : time_out(d, t, err)))
                return false;
        }
        if (driver_time_over(d) && !d->stopping) {
            d->stopping = true;
            crew_stop(d->crew);
        }
        if (!crew_busy(d->crew) && !paused && !control_cancelled(d->control))
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
            t->attempts = 0;              /* the interruption was not the trial's fault */
            d->finished += was_scored(t); /* it goes on to another rung */
        }
    }
    return true;
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
        ok = driver_rungs_open(d, err) && load(d, err) && runs_search_end(d->w, d->id, "running", (double)NAN, err);
    }
    free(last.options);
    return ok;
}

/* The search and its starting points are stored together: there is none without the other. */
static bool begin_new(struct driver *d, const struct driver_options *o, struct error *err)
{
    char *text = driver_options_text(o);
    bool ok = driver_rungs_open(d, err) && workspace_begin(d->w, err);
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
    if (!take_lock(d, err) || !(o->resume ? begin_again(d, o, err) : begin_new(d, o, err)) ||
        !driver_lanes_open(d, err))
        return false;
    d->crew = crew_new(d->w, o->workers, err);
    return d->crew != NULL;
}

/* What was stopped and did not climb goes on no more. */
static void forget_stopped(struct driver *d)
{
    for (size_t i = 0; i < d->trials; i++)
        if (d->trial[i].fidelity < 1)
            trial_forget(d->w, &d->trial[i]);
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
    if (!driver_options_check(&o, err) || !tasks_active(w, &d.task, err))
        return NULL;
    bool ok = begin(&d, &o, err) && announce_room(&d, err);
    ok = ok && loop(&d, err);
    crew_free(d.crew);
    if (ok)
        result = driver_result(&d, err);
    if (ok)
        forget_stopped(&d);
    else if (d.id && runs_search_end(w, d.id, "stopped", clock_seconds() - d.started, NULL))
        runs_search_rest(w, d.id, NULL);
    file_unlock(d.lock);
    driver_lanes_close(&d);
    runs_trials_free(d.trial, (int)d.trials);
    free(d.task.info);
    if (o.strategy != options->strategy)
        free((char *)o.strategy); /* the stored one of a search that was resumed */
    return result;
}
