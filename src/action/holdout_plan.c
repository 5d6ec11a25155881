#include "action/holdout_internal.h"

#include "action/baseline.h"
#include "base/memory.h"
#include "base/text.h"
#include "work/json.h"

static const json_t *best_of_family(const json_t *baselines, const char *family)
{
    const json_t *best = NULL, *one;
    size_t i;
    json_array_foreach((json_t *)baselines, i, one)
    {
        const char *of = json_string_value(json_object_get(one, "family"));
        double score = json_member_number(json_object_get(one, "score"), "mean");
        if (of && text_equal(of, family) &&
            (!best || score > json_member_number(json_object_get(best, "score"), "mean")))
            best = one;
    }
    return best;
}

bool holdout_has_families(const json_t *baselines)
{
    for (int i = 0; i < BASELINE_FAMILIES; i++)
        if (!best_of_family(baselines, baseline_models[i].family))
            return false;
    return true;
}

static void take(struct holdout_plan *out, const char *name, const char *family, const char *about, int64_t trial)
{
    ASSERT(out->n < HOLDOUT_MODELS_MAX);
    struct holdout_model *m = &out->model[out->n++];
    *m = (struct holdout_model){.trial = trial};
    text_copy(m->name, sizeof m->name, name);
    text_copy(m->family, sizeof m->family, family);
    text_copy(m->about, sizeof m->about, about);
}

/* A result names the trial that made it. */
static bool take_baseline(struct holdout_plan *out, const json_t *baselines, const char *family, struct error *err)
{
    const json_t *best = best_of_family(baselines, family);
    int64_t trial = json_integer_value(json_object_get(best, "trial"));
    if (trial < 1)
        return error_set(err, ERROR_USAGE, "no %s was run as a baseline yet: `baseline`", family);
    take(out, json_string_value(json_object_get(best, "name")), family, json_string_value(json_object_get(best, "about")),
         trial);
    return true;
}

bool holdout_plan_make(struct holdout_plan *out, struct workspace *w, const struct task_row *task, const char *key,
                       const struct trial_row *chosen, const json_t *baselines, struct error *err)
{
    *out = (struct holdout_plan){.opened_before = seals_opened(w, task->hash, err)};
    if (out->opened_before < 0)
        return false;
    take(out, key, "", chosen->why, chosen->id);
    for (int i = 0; i < BASELINE_FAMILIES; i++)
        if (!take_baseline(out, baselines, baseline_models[i].family, err))
            return false;
    return true;
}

json_t *holdout_plan_json(const struct holdout_plan *p)
{
    json_t *models = json_array();
    for (int i = 0; i < p->n; i++)
        json_array_append_new(models,
                              json_pack("{s:o, s:s, s:o, s:I}", "name", json_of_text(p->model[i].name), "family",
                                        p->model[i].family, "about", json_of_text(p->model[i].about), "trial",
                                        (json_int_t)p->model[i].trial));
    return json_pack("{s:o, s:i}", "models", models, "opened_before", p->opened_before);
}

bool holdout_plan_parse(struct holdout_plan *out, const char *text, struct error *err)
{
    json_t *j = json_loads(text, 0, NULL), *list = NULL;
    *out = (struct holdout_plan){0};
    bool ok = j && json_unpack(j, "{s:o, s:i}", "models", &list, "opened_before", &out->opened_before) == 0 &&
              json_array_size(list) >= 1 && json_array_size(list) <= HOLDOUT_MODELS_MAX;
    for (size_t i = 0; ok && i < json_array_size(list); i++) {
        const char *name, *family, *about;
        json_int_t trial;
        ok = json_unpack(json_array_get(list, i), "{s:s, s:s, s:s, s:I}", "name", &name, "family", &family, "about",
                         &about, "trial", &trial) == 0;
        if (ok)
            take(out, name, family, about, trial);
    }
    json_decref(j);
    return ok || error_set(err, ERROR_DATA, "the stored plan of the hold-out's opening is damaged");
}
