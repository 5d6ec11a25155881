#include "action/holdout_internal.h"

#include "action/train_internal.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/arches.h"
#include "train/baseline.h"
#include "train/compare.h"
#include "work/json.h"
#include "work/judge.h"
#include "work/retrain.h"
#include "work/trial.h"

struct opening {
    struct workspace *w;
    const struct action_holdout_options *options;
    const struct control *control;
    struct task_row task;
    struct holdout_plan plan;
    struct retrain_data data;
    struct threads *pool;
    double began, done; /* share of the work that is behind */
    int model;          /* that is trained */
    double baselines;   /* share of the work that they are; 0: they are there */
    int lock;
};

/* --- progress ----------------------------------------------------------------------------------------------------- */

static void relay_event(struct opening *o, json_t *event, double from, double share, const char *what)
{
    const json_t *progress = json_object_get(event, "progress");
    const char *text = json_string_value(json_object_get(event, "text"));
    if (json_is_number(progress) && text) {
        double done = from + share * json_number_value(progress), passed = clock_seconds() - o->began;
        char *more = memory_format("%s, %s", what, text);
        json_object_set_new(event, "progress", json_real(done));
        json_object_set_new(event, "text", json_of_text(more));
        if (done > 0.01)
            json_object_set_new(event, "eta_seconds", json_real(passed / done * (1 - done)));
        free(more);
    }
    control_event(o->control, json_incref(event));
}

static void relay_baseline(void *context, json_t *event)
{
    struct opening *o = context;
    relay_event(o, event, 0, o->baselines, "before it is opened");
}

static void relay_retrain(void *context, json_t *event)
{
    struct opening *o = context;
    char *what = memory_format("hold-out, %s (%d of %d)", o->plan.model[o->model].name, o->model + 1, o->plan.n);
    relay_event(o, event, o->done, o->plan.model[o->model].work, what);
    free(what);
}

static bool relay_cancelled(void *context)
{
    return control_cancelled(((const struct opening *)context)->control);
}

static bool relay_paused(void *context)
{
    return control_paused(((const struct opening *)context)->control);
}

/* --- before it is opened ------------------------------------------------------------------------------------------ */

static bool has_holdout(const struct dataset *d, struct error *err)
{
    return d->sealed_bars > 0 || error_set(err, ERROR_USAGE,
                                           "this task seals nothing: set one with `task set --holdout 0.15` on bars that "
                                           "no task has shown");
}

/* What is there is taken; only where a family is missing are the baselines run. */
static json_t *need_baselines(struct opening *o, struct error *err)
{
    struct control relay = {o, relay_baseline, relay_cancelled, relay_paused};
    struct action_baseline_options options = o->options->baseline;
    options.kept = true;
    json_t *there = action_baseline(o->w, &options, NULL, err);
    if (!there || holdout_has_families(json_object_get(there, "baselines")))
        return there;
    json_decref(there);
    o->baselines = 0.6;
    options.kept = false;
    return action_baseline(o->w, &options, &relay, err);
}

static bool make_plan(struct opening *o, const char *key, struct error *err)
{
    struct trial_row chosen;
    bool ok = trial_named(o->w, o->task.hash, key, &chosen, err);
    if (!ok)
        return false;
    json_t *baselines = need_baselines(o, err);
    ok = baselines && holdout_plan_make(&o->plan, o->w, &o->task, key, &chosen,
                                        json_object_get(baselines, "baselines"), err);
    json_decref(baselines);
    runs_trial_free(&chosen);
    return ok;
}

/* --- the opening -------------------------------------------------------------------------------------------------- */

static bool open_seals(struct opening *o, const struct dataset *d, struct error *err)
{
    for (int i = 0; i < d->task.assets; i++) {
        struct seal_series s = tasks_seal_series(&d->task, i);
        struct seal_span span = tasks_sealed_span(d, i);
        char lineage[FRAME_NAME_MAX];
        if (span.last_us > span.after_us &&
            (!seals_lineage(o->w, lineage, &s, NULL, err) ||
             !seals_open(o->w, lineage, span, SEAL_KIND_HOLDOUT, d->hash, err)))
            return false;
    }
    return true;
}

/* The record comes first, whole or not at all: from here on the hold-out counts as seen. */
static bool record(struct opening *o, const struct dataset *d, struct error *err)
{
    json_t *plan = holdout_plan_json(&o->plan);
    char *text = json_dumps(plan, JSON_COMPACT);
    bool ok = workspace_begin(o->w, err);
    if (ok) {
        ok = open_seals(o, d, err) && holdouts_begin(o->w, o->task.hash, o->plan.model[0].trial, text, err) &&
             workspace_commit(o->w, err);
        if (!ok)
            workspace_rollback(o->w);
    }
    free(text);
    json_decref(plan);
    return ok;
}

static bool open_anew(struct opening *o, const char *key, struct error *err)
{
    struct dataset *d = tasks_dataset(o->w, &o->task, err);
    bool ok = d && has_holdout(d, err) && make_plan(o, key, err) && record(o, d, err);
    dataset_free(d);
    return ok;
}

static bool go_on(struct opening *o, const struct holdout_row *row, const char *key, struct error *err)
{
    struct trial_row named, chosen;
    if (!trial_named(o->w, o->task.hash, key, &named, err))
        return false;
    bool ok = runs_trial_get(o->w, row->trial, &chosen, err);
    if (ok) {
        char arch[13];
        hash_short(chosen.arch, arch);
        ok = hash_equal(chosen.arch, named.arch) ||
             error_set(err, ERROR_USAGE,
                       "the hold-out of this task was opened for %s, and that was interrupted: `holdout open %s` goes on",
                       arch, arch);
        runs_trial_free(&chosen);
    }
    runs_trial_free(&named);
    return ok && holdout_plan_parse(&o->plan, row->plan, err);
}

static bool begin(struct opening *o, const char *key, struct error *err)
{
    struct holdout_row row;
    struct error why = {0};
    bool ok;
    if (!holdouts_get(o->w, o->task.hash, &row, &why))
        return why.kind ? error_set(err, why.kind, "%s", why.text) : open_anew(o, key, err);
    if (row.ended_us > 0) {
        char when[40];
        clock_iso(row.opened_us, when, sizeof when);
        ok = error_set(err, ERROR_USAGE,
                       "the hold-out of this task was opened at %s, and is opened once: `holdout show` says what came out",
                       when);
    } else {
        ok = go_on(o, &row, key, err);
    }
    holdouts_free(&row);
    return ok;
}

/* --- training ----------------------------------------------------------------------------------------------------- */

static const char *part_name(const struct opening *o, int model)
{
    return model == 0 ? HOLDOUT_CHOSEN : o->plan.model[model].name;
}

static bool share_work(struct opening *o, struct error *err)
{
    double all = 0;
    for (int i = 0; i < o->plan.n; i++) {
        o->plan.model[i].work = retrain_work(o->w, o->plan.model[i].trial, err);
        if (o->plan.model[i].work < 0)
            return false;
        all += o->plan.model[i].work;
    }
    for (int i = 0; i < o->plan.n && all > 0; i++)
        o->plan.model[i].work *= (1 - o->baselines) / all;
    return true;
}

static bool keep_part(struct opening *o, const struct crossval *c, struct error *err)
{
    struct hash predictions;
    if (!trial_keep_predictions(o->w, c, &predictions, err))
        return false;
    json_t *part = json_pack("{s:o, s:o, s:o, s:i, s:I, s:o}", "predictions", json_of_hash(predictions), "weights_hash",
                             json_of_hash(c->weights), "trace_root", json_of_hash(c->trace_root), "epochs",
                             c->fold[0].train.epochs, "steps", (json_int_t)c->fold[0].train.steps, "seconds",
                             json_of_number(c->seconds));
    char *text = json_dumps(part, JSON_COMPACT);
    bool ok = holdouts_part_put(o->w, o->task.hash, part_name(o, o->model), text, err);
    free(text);
    json_decref(part);
    return ok;
}

static bool train_part(struct opening *o, struct error *err)
{
    struct control relay = {o, relay_retrain, relay_cancelled, relay_paused};
    char *there = holdouts_part(o->w, o->task.hash, part_name(o, o->model));
    if (there) {
        free(there);
        return true;
    }
    struct crossval *c = retrain_trial(o->w, &o->data, o->plan.model[o->model].trial, o->pool, &relay, err);
    bool ok = c && keep_part(o, c, err);
    crossval_free(c);
    if (!ok && err->kind == ERROR_INTERRUPTED)
        error_set(err, ERROR_INTERRUPTED,
                  "interrupted: the hold-out is opened, and what was trained is kept; the same command goes on");
    return ok;
}

static bool train_parts(struct opening *o, struct error *err)
{
    if (!share_work(o, err))
        return false;
    o->done = o->baselines;
    for (o->model = 0; o->model < o->plan.n; o->model++) {
        if (!train_part(o, err))
            return false;
        o->done += o->plan.model[o->model].work;
    }
    return true;
}

/* --- the result --------------------------------------------------------------------------------------------------- */

static json_t *score_json(const struct opening *o, struct crossval *c)
{
    struct metric_input in = crossval_scored(c);
    struct metric_moments at;
    crossval_moments(&at, c, &o->data.view);
    crossval_intervals(&c->interval, &c->objective, &in, &at, &o->data.view.task);
    metric_moments_free(&at);
    json_t *j = trial_metric_json(&c->metric, &c->interval, &c->objective, c->kind);
    judge_put_more(j, c, &o->data.view);
    return j;
}

static json_t *model_json(const struct opening *o, int i, struct crossval **predictions, struct error *err)
{
    const struct holdout_model *m = &o->plan.model[i];
    struct trial_row t;
    char *text = holdouts_part(o->w, o->task.hash, part_name(o, i));
    json_t *part = text ? json_loads(text, 0, NULL) : NULL;
    free(text);
    *predictions = part ? trial_out_of_fold(o->w, part, err) : NULL;
    if (!*predictions || !runs_trial_get(o->w, m->trial, &t, err)) {
        if (!part)
            error_set(err, ERROR_DATA, "what %s predicted is not in the workspace any more", m->name);
        json_decref(part);
        return NULL;
    }
    json_t *j = score_json(o, *predictions);
    json_object_set_new(j, "name", json_of_text(m->name));
    json_object_set_new(j, "family", json_string(m->family));
    json_object_set_new(j, "about", json_of_text(m->about));
    json_object_set_new(j, "trial", json_integer(m->trial));
    json_object_set_new(j, "arch", json_of_hash(t.arch));
    json_object_update_missing(j, part); /* predictions, weights_hash, trace_root, epochs, steps, seconds */
    runs_trial_free(&t);
    json_decref(part);
    return j;
}

static bool add_lead(json_t *leads, const struct opening *o, const struct crossval *chosen, const struct crossval *other,
                     const char *name, const char *family, struct error *err)
{
    struct comparison c;
    if (!compare_models(&c, chosen, o->plan.model[0].name, other, name, &o->data.view, err))
        return false;
    json_array_append_new(leads, json_pack("{s:o, s:s, s:o, s:o, s:o}", "over", json_of_text(name), "family", family,
                                           "difference",
                                           trial_interval_json(c.difference.mean, c.difference.low, c.difference.high),
                                           "p", json_of_number(c.difference.p), "sentence", json_of_text(c.sentence)));
    return true;
}

static bool add_rules(const struct opening *o, json_t *list, json_t *leads, const struct crossval *chosen,
                      struct error *err)
{
    const struct dataset *d = &o->data.view;
    bool ok = true;
    for (int i = 0; ok && i < BASELINES; i++) {
        if (!baseline_applies(d, i))
            continue;
        struct crossval *c = baseline_predictions(d, i, err);
        ok = c != NULL;
        if (ok) {
            json_t *j = score_json(o, c);
            json_object_set_new(j, "name", json_string(baseline_name(d->task.target, i)));
            json_object_set_new(j, "family", json_string("rule"));
            json_array_append_new(list, j);
            ok = add_lead(leads, o, chosen, c, baseline_name(d->task.target, i), "rule", err);
        }
        crossval_free(c);
    }
    return ok;
}

static bool add_models(const struct opening *o, json_t *list, json_t *leads, const struct crossval *chosen,
                       struct error *err)
{
    bool ok = true;
    for (int i = 1; ok && i < o->plan.n; i++) {
        struct crossval *c = NULL;
        json_t *j = model_json(o, i, &c, err);
        ok = j != NULL;
        if (ok) {
            json_array_append_new(list, j);
            ok = add_lead(leads, o, chosen, c, o->plan.model[i].name, o->plan.model[i].family, err);
        }
        crossval_free(c);
    }
    return ok;
}

/* Over the trained baseline that is best on the hold-out itself: the one that is hardest to beat. */
static json_t *smallest_lead(const json_t *leads)
{
    json_t *least = NULL, *one;
    size_t i;
    json_array_foreach((json_t *)leads, i, one)
    {
        if (text_equal(json_string_value(json_object_get(one, "family")), "rule"))
            continue;
        double mean = json_member_number(json_object_get(one, "difference"), "mean");
        if (!least || mean < json_member_number(json_object_get(least, "difference"), "mean"))
            least = one;
    }
    return least ? json_incref(least) : json_null();
}

static json_t *span_json(const struct opening *o)
{
    const struct dataset *d = o->data.opened;
    const struct dataset_fold *f = &o->data.view.fold[0];
    return json_pack("{s:o, s:o, s:I, s:I, s:I}", "first", json_of_time(d->sealed_first_us), "last",
                     json_of_time(d->sealed_last_us), "bars", (json_int_t)d->sealed_bars, "samples",
                     (json_int_t)(f->valid_end - f->valid_first), "trained_on", (json_int_t)f->train_end);
}

static json_t *assemble(struct opening *o, struct error *err)
{
    struct crossval *chosen = NULL;
    struct evidence e;
    json_t *list = json_array(), *leads = json_array(), *result = NULL;
    json_t *of_chosen = model_json(o, 0, &chosen, err);
    if (of_chosen && add_rules(o, list, leads, chosen, err) && add_models(o, list, leads, chosen, err) &&
        evidence_of(&e, chosen, &o->data.view, NULL, 0, err)) {
        result = json_pack("{s:s, s:o, s:O, s:O, s:o, s:O, s:o, s:o, s:i}", "state", "done", "task",
                           json_of_hash(o->task.hash), "chosen", of_chosen, "baselines", list, "lead",
                           smallest_lead(leads), "leads", leads, "evidence", judge_json(&e), "span", span_json(o),
                           "opened", o->plan.opened_before + 1);
    }
    crossval_free(chosen);
    json_decref(of_chosen);
    json_decref(list);
    json_decref(leads);
    return result;
}

static json_t *finish(struct opening *o, struct error *err)
{
    json_t *result = assemble(o, err);
    char *text = result ? json_dumps(result, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
    if (result && !holdouts_end(o->w, o->task.hash, text, err)) {
        json_decref(result);
        result = NULL;
    }
    free(text);
    return result;
}

static bool take_lock(struct opening *o, struct error *err)
{
    char path[FILE_PATH_MAX];
    workspace_path(o->w, "holdout.lock", path, sizeof path);
    o->lock = file_lock(path, false, err);
    if (o->lock < 0 && err->kind == ERROR_FAILED)
        error_prefix(err, "the hold-out is being opened by another process");
    return o->lock >= 0;
}

json_t *action_holdout_open(struct workspace *w, const char *key, const struct action_holdout_options *options,
                            const struct control *control, struct error *err)
{
    struct opening o = {.w = w, .options = options, .control = control, .began = clock_seconds(), .lock = -1};
    json_t *result = NULL;
    if (!tasks_active(w, &o.task, err))
        return NULL;
    if (take_lock(&o, err) && begin(&o, key, err) && retrain_open(&o.data, w, &o.task, err)) {
        o.data.view.opened = o.plan.opened_before;
        o.pool = threads_new(options->threads);
        if (train_parts(&o, err))
            result = finish(&o, err);
        threads_free(o.pool);
        retrain_close(&o.data);
    }
    file_unlock(o.lock);
    free(o.task.info);
    return result;
}

/* --- looking ------------------------------------------------------------------------------------------------------ */

static json_t *sealed_json(struct workspace *w, const struct task_row *task, struct error *err)
{
    struct dataset *d = tasks_dataset(w, task, err);
    if (!d)
        return NULL;
    json_t *span = d->sealed_bars == 0 ? json_null()
                                       : json_pack("{s:o, s:o, s:I}", "first", json_of_time(d->sealed_first_us), "last",
                                                   json_of_time(d->sealed_last_us), "bars", (json_int_t)d->sealed_bars);
    json_t *j = json_pack("{s:s, s:o, s:o, s:i}", "state", d->sealed_bars ? "sealed" : "none", "task",
                          json_of_hash(task->hash), "span", span, "opened", d->opened);
    dataset_free(d);
    return j;
}

json_t *action_holdout_show(struct workspace *w, struct error *err)
{
    struct task_row task;
    struct holdout_row row;
    struct error why = {0};
    json_t *j = NULL;
    if (!tasks_active(w, &task, err))
        return NULL;
    if (holdouts_get(w, task.hash, &row, &why)) {
        j = row.ended_us > 0 ? json_loads(row.result, 0, NULL) : sealed_json(w, &task, err);
        if (j) {
            if (row.ended_us == 0)
                json_object_set_new(j, "state", json_string("opened"));
            json_object_set_new(j, "opened_at", json_of_time(row.opened_us));
        } else if (row.ended_us > 0) {
            error_set(err, ERROR_DATA, "the stored result of the hold-out is damaged");
        }
        holdouts_free(&row);
    } else if (why.kind) {
        error_set(err, why.kind, "%s", why.text);
    } else {
        j = sealed_json(w, &task, err);
    }
    free(task.info);
    return j;
}

static const char *warning(const char *state)
{
    if (text_equal(state, "sealed"))
        return "It is opened once, for good: every later score on this task, and on others that overlap these bars, says "
               "so.";
    return text_equal(state, "opened") ? "It was opened, and that was interrupted: this goes on." : "";
}

json_t *action_holdout_ask(struct workspace *w, const char *key, struct error *err)
{
    struct task_row task;
    struct trial_row chosen;
    json_t *j = action_holdout_show(w, err);
    if (!j || !tasks_active(w, &task, err)) {
        json_decref(j);
        return NULL;
    }
    bool ok = trial_named(w, task.hash, key, &chosen, err);
    free(task.info);
    if (!ok) {
        json_decref(j);
        return NULL;
    }
    const json_t *span = json_object_get(j, "span");
    const char *first = json_string_value(json_object_get(span, "first")),
               *last = json_string_value(json_object_get(span, "last"));
    char arch[13];
    hash_short(chosen.arch, arch);
    char *text = memory_format("The hold-out of this task, %lld bars from %s to %s, for trial %lld (architecture %s, %s, "
                               "%.2f %% out of fold) and the baselines. %s",
                               json_integer_value(json_object_get(span, "bars")), first ? first : "-", last ? last : "-",
                               (long long)chosen.id, arch, chosen.why, 100 * chosen.score,
                               warning(json_string_value(json_object_get(j, "state"))));
    json_t *ask = json_pack("{s:O, s:O, s:O, s:o}", "state", json_object_get(j, "state"), "task",
                            json_object_get(j, "task"), "span", json_object_get(j, "span"), "text", json_of_text(text));
    free(text);
    runs_trial_free(&chosen);
    json_decref(j);
    return ask;
}
