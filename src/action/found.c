/* What was found, beside the manual models: the best trial, its lead over each of them on the same bars, and the evidence. */
#include "action/train_internal.h"
#include "base/text.h"
#include "store/arches.h"
#include "store/brief.h"
#include "store/tasks.h"
#include "train/baseline.h"
#include "train/compare.h"
#include "work/json.h"
#include "work/judge.h"
#include "work/trial.h"

struct found {
    struct workspace *w;
    struct dataset *d;
    struct trial_row trial;
    json_t *result;
    struct crossval *c;
};

/* The number of the best full trial that is no manual model; 0: there is none, or err. */
static int64_t best_trial(struct workspace *w, struct hash task, struct error *err)
{
    struct trial_row *t;
    int n = brief_trials(w, task, 0, &t, err), best = -1;
    for (int i = 0; i < n; i++)
        if (text_equal(t[i].state, "done") && t[i].fidelity >= 1 && !text_equal(t[i].strategy, RUNS_BASELINE) &&
            (best < 0 || t[i].score > t[best].score))
            best = i;
    int64_t id = best >= 0 ? t[best].id : 0;
    runs_trials_free(t, n > 0 ? n : 0);
    return id;
}

static json_t *found_json(const struct found *f)
{
    json_t *j = json_object();
    struct arch_row arch;
    json_object_update(j, f->result);
    json_object_set_new(j, "trial", json_integer(f->trial.id));
    json_object_set_new(j, "why", json_of_text(f->trial.why));
    json_object_set_new(j, "strategy", json_string(f->trial.strategy));
    if (arches_get(f->w, f->trial.arch, &arch, NULL)) {
        json_object_set_new(j, "name", json_of_text(arch.name));
        json_object_set_new(j, "parameters", json_integer(arch.parameters));
        free(arch.text);
    }
    return j;
}

static struct crossval *baseline_of(const struct found *f, const json_t *one, struct error *err)
{
    struct trial_row t;
    int64_t trial = json_integer_value(json_object_get(one, "trial"));
    const char *name = json_string_value(json_object_get(one, "name"));
    if (trial < 1) {
        for (int i = 0; i < BASELINES; i++)
            if (baseline_applies(f->d, i) && text_equal(name, baseline_name(f->d->task.target, i)))
                return baseline_predictions(f->d, i, err);
        error_set(err, ERROR_FAILED, "no trial of %s is known", name);
        return NULL;
    }
    if (!runs_trial_get(f->w, trial, &t, err))
        return NULL;
    json_t *result = json_loads(t.result, 0, NULL);
    struct crossval *c = trial_out_of_fold(f->w, result, err);
    json_decref(result);
    runs_trial_free(&t);
    return c;
}

static bool put_lead(const struct found *f, json_t *one, struct error *err)
{
    struct comparison c;
    struct crossval *other = baseline_of(f, one, err);
    bool ok = other && compare_models(&c, f->c, "found", other, json_string_value(json_object_get(one, "name")), f->d, err);
    if (ok) {
        json_t *lead = trial_interval_json(c.difference.mean, c.difference.low, c.difference.high);
        json_object_set_new(lead, "p", json_of_number(c.difference.p));
        json_object_set_new(lead, "bars", json_integer((json_int_t)c.n));
        json_object_set_new(one, "lead", lead);
    }
    crossval_free(other);
    return ok;
}

static bool put_all(struct found *f, json_t *out, struct error *err)
{
    struct evidence e;
    json_t *one;
    size_t i;
    f->result = json_loads(f->trial.result, 0, NULL);
    f->c = trial_out_of_fold(f->w, f->result, err);
    bool ok = f->c && judge_trial(f->w, f->result, f->d, &e, err);
    json_array_foreach(json_object_get(out, "baselines"), i, one)
        ok = ok && put_lead(f, one, err);
    if (ok) {
        json_object_set_new(out, "found", found_json(f));
        json_object_set_new(out, "evidence", judge_json(&e));
    }
    crossval_free(f->c);
    json_decref(f->result);
    return ok;
}

bool action_baseline_found(struct workspace *w, json_t *out, struct error *err)
{
    struct found f = {.w = w};
    struct task_row task;
    struct error why = {0};
    json_object_set_new(out, "found", json_null());
    if (!tasks_active(w, &task, err))
        return false;
    int64_t best = best_trial(w, task.hash, &why);
    bool ok = !why.text[0] || error_set(err, why.kind, "%s", why.text);
    if (ok && best > 0) {
        f.d = tasks_dataset(w, &task, err);
        ok = f.d && runs_trial_get(w, best, &f.trial, err);
        if (ok) {
            ok = put_all(&f, out, err);
            runs_trial_free(&f.trial);
        }
        dataset_free(f.d);
    }
    free(task.info);
    return ok;
}
