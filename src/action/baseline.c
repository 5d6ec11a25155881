/* Baselines: the rules that need no training, and the manual models, run as trials through the same folds. */
#include "action/baseline.h"

#include "action/train_internal.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/arches.h"
#include "store/runs.h"
#include "store/tasks.h"
#include "train/baseline.h"
#include "work/json.h"
#include "work/trial.h"

bool baseline_shared_recipe(struct recipe *out, const struct action_baseline_options *o, enum task_target target,
                            struct error *err)
{
    recipe_plain_for(out, target);
    out->epochs = o->epochs > 0 ? o->epochs : o->quick ? BASELINE_QUICK_EPOCHS : out->epochs;
    out->seed = o->seed ? o->seed : out->seed;
    return recipe_check(out, err);
}

struct running {
    struct workspace *w;
    struct job_input in; /* of the model that runs; the data set is that of all */
    const struct action_baseline_options *options;
    const struct control *control;
    struct recipe shared;
    double began;
    int model, models; /* that runs, of how many */
    double work[BASELINE_MODELS], all, done; /* multiply-adds of a sample: what time each takes, more or less */
};

/* --- progress ----------------------------------------------------------------------------------------------------- */

static void relay_event(void *context, json_t *event)
{
    const struct running *r = context;
    const json_t *share = json_object_get(event, "progress");
    const char *text = json_string_value(json_object_get(event, "text"));
    if (json_is_number(share) && text) {
        double passed = clock_seconds() - r->began;
        double done = (r->done + r->work[r->model] * json_number_value(share)) / r->all;
        char *more = memory_format("baseline %d of %d, %s: %s", r->model + 1, r->models, baseline_models[r->model].name,
                                   text);
        json_object_set_new(event, "progress", json_real(done));
        json_object_set_new(event, "text", json_of_text(more));
        if (done > 0.01)
            json_object_set_new(event, "eta_seconds", json_real(passed / done * (1 - done)));
        free(more);
    }
    control_event(r->control, json_incref(event));
}

static bool relay_cancelled(void *context)
{
    return control_cancelled(((const struct running *)context)->control);
}

static bool relay_paused(void *context)
{
    return control_paused(((const struct running *)context)->control);
}

/* --- one model ---------------------------------------------------------------------------------------------------- */

static struct arch *arch_for(const struct baseline_model *m, const struct dataset *d, struct error *err)
{
    return baseline_arch(m, d->task.lookback, (int)d->channels, dataset_outputs(d), err);
}

static json_t *stored_result(struct workspace *w, const struct dataset *d, const struct recipe *recipe, struct hash arch)
{
    struct trial_row t = {0}, known;
    json_t *result = NULL;
    trial_prepare(&t, arch, d->hash, recipe, NULL, "");
    if (runs_trial_done(w, t.recipe_id, &known)) {
        result = json_loads(known.result, 0, NULL);
        runs_trial_free(&known);
    }
    runs_trial_free(&t);
    return result;
}

/* Where the settings are others: any that the grid's point was run with, the newest first. */
static json_t *any_result(struct workspace *w, const struct dataset *d, const struct baseline_model *m, struct hash arch)
{
    struct trial_row known;
    json_t *result = NULL;
    char *why = memory_format("baseline %s", m->name);
    if (runs_trial_of_arch(w, d->hash, arch, why, &known)) {
        result = json_loads(known.result, 0, NULL);
        runs_trial_free(&known);
    }
    free(why);
    return result;
}

static json_t *train_one(struct running *r, const struct baseline_model *m, const struct recipe *recipe,
                         struct error *err)
{
    struct control relay = {r, relay_event, relay_cancelled, relay_paused};
    char *why = memory_format("baseline %s", m->name), *name = memory_format(BASELINE_ARCH "%s", m->name);
    json_t *result = NULL;
    if (arches_put(r->w, r->in.arch, name, NULL, ARCHES_BASELINE, &r->in.arch_id, err)) {
        struct score_label label = {why, RUNS_BASELINE, "baseline", NULL, ""};
        result = score_arch(r->w, &r->in, recipe, &label, &relay, err);
    }
    free(why);
    free(name);
    return result;
}

/* NULL without an error where there is nothing and nothing may be trained. */
static json_t *result_of(struct running *r, const struct baseline_model *m, struct error *err)
{
    struct recipe recipe;
    json_t *result = NULL;
    baseline_recipe(&recipe, m, &r->shared);
    r->in.arch = arch_for(m, r->in.data, err);
    if (r->in.arch && recipe_check(&recipe, err)) {
        result = stored_result(r->w, r->in.data, &recipe, arch_id(r->in.arch));
        if (!result && r->options->kept)
            result = any_result(r->w, r->in.data, m, arch_id(r->in.arch));
        else if (!result)
            result = train_one(r, m, &recipe, err);
    }
    arch_free(r->in.arch);
    r->in.arch = NULL;
    return result;
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

static void name_it(json_t *j, const char *name, const char *family, const char *about)
{
    json_object_set_new(j, "name", json_of_text(name));
    json_object_set_new(j, "family", json_of_text(family));
    json_object_set_new(j, "about", json_of_text(about));
}

static bool add_rules(json_t *list, const struct dataset *d, struct error *err)
{
    struct baseline b[BASELINES];
    int n;
    if (!baseline_run(d, b, &n, BASELINES, err))
        return false;
    for (int i = 0; i < n; i++) {
        json_t *j = trial_metric_json(&b[i].metric, &b[i].interval, &b[i].objective, d->task.target);
        name_it(j, b[i].name, "rule", b[i].about);
        json_array_append_new(list, j);
    }
    return true;
}

static bool time_is_over(const struct running *r)
{
    return r->options->seconds > 0 && r->model >= BASELINE_FAMILIES &&
           clock_seconds() - r->began > r->options->seconds;
}

static bool weigh_models(struct running *r, struct error *err)
{
    for (int i = 0; i < r->models; i++) {
        struct arch *a = arch_for(&baseline_models[i], r->in.data, err);
        if (!a)
            return false;
        r->work[i] = (double)arch_macs(a) + 1e3; /* a step is not free, however small the network */
        r->all += r->work[i];
        arch_free(a);
    }
    return true;
}

static bool add_models(struct running *r, json_t *list, json_t *left, struct error *err)
{
    r->models = r->options->quick && !r->options->kept ? BASELINE_FAMILIES : BASELINE_MODELS;
    if (!weigh_models(r, err))
        return false;
    for (; r->model < r->models; r->done += r->work[r->model++]) {
        const struct baseline_model *m = &baseline_models[r->model];
        struct error why = {0};
        json_t *j = time_is_over(r) ? NULL : result_of(r, m, &why);
        if (why.kind)
            return error_set(err, why.kind, "%s", why.text);
        if (j) {
            name_it(j, m->name, m->family, m->about);
            json_array_append_new(list, j);
        } else {
            json_array_append_new(left, json_string(m->name));
        }
    }
    return true;
}

static const char *best_of(const json_t *list)
{
    const json_t *best = NULL, *one;
    size_t i;
    json_array_foreach((json_t *)list, i, one)
    {
        double score = json_member_number(json_object_get(one, "score"), "mean");
        if (!best || score > json_member_number(json_object_get(best, "score"), "mean"))
            best = one;
    }
    return json_string_value(json_object_get(best, "name"));
}

json_t *action_baseline(struct workspace *w, const struct action_baseline_options *options,
                        const struct control *control, struct error *err)
{
    struct running r = {.w = w, .options = options, .control = control, .began = clock_seconds()};
    struct task_row task;
    if (!tasks_active(w, &task, err))
        return NULL;
    r.in.data = tasks_dataset(w, &task, err);
    free(task.info);
    if (!r.in.data)
        return NULL;
    r.in.pool = options->kept ? NULL : threads_new(options->threads);
    json_t *list = json_array(), *left = json_array(), *result = NULL;
    if (baseline_shared_recipe(&r.shared, options, r.in.data->task.target, err) && add_rules(list, r.in.data, err) &&
        add_models(&r, list, left, err))
        result = json_pack("{s:O, s:s, s:O, s:o}", "baselines", list, "best", best_of(list), "left", left, "seconds",
                           json_of_number(clock_seconds() - r.began));
    json_decref(list);
    json_decref(left);
    train_input_close(&r.in);
    return result;
}
