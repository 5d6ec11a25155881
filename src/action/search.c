#include "action/action.h"
#include "action/marks_internal.h"

#include "base/memory.h"
#include "base/text.h"
#include "search/near.h"
#include "search/search.h"
#include "store/arches.h"
#include "store/runs.h"
#include "store/tasks.h"
#include "work/inherit.h"
#include "work/json.h"

#include <math.h>

static void set_number(json_t *object, const char *key, double v)
{
    json_object_set_new(object, key, json_of_number(v));
}

/* What each setting of the surrogate's hyper-parameters says: the EI above is the mean of theirs. */
static json_t *parts_json(const struct surrogate_view *v)
{
    json_t *list = json_array();
    for (int k = 0; k < v->parts; k++)
        json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o}", "mean", json_of_number(v->part[k].mean), "sd",
                                              json_of_number(v->part[k].sd), "z", json_of_number(v->part[k].z), "ei",
                                              json_of_number(v->part[k].ei)));
    return list;
}

/* The trials that the prediction rests on most. */
static void put_near(json_t *j, const struct search *s, const struct surrogate *model, const struct arch *a)
{
    enum { NEAREST = 5 };
    struct near near;
    if (!near_start(&near, model, a, NEAREST))
        return;
    json_t *list = json_array();
    for (int i = 0; i < near.n; i++)
        json_array_append_new(list, json_pack("{s:i, s:o, s:o}", "trial", near_trial(s, near.one[i].observation), "k",
                                              json_of_number(near.one[i].k), "alpha", json_of_number(near.one[i].alpha)));
    json_object_set_new(j, "near", list);
    json_object_set_new(j, "near_sum", json_of_number(near.sum));
    json_object_set_new(j, "near_of", json_integer(near.observations));
    near_end(&near);
}

json_t *suggest_json(struct workspace *w, const struct search *s, const struct search_candidate *c)
{
    char *steps = driver_steps(c);
    struct trial_row parent;
    json_t *j = json_pack("{s:o, s:s, s:i, s:o, s:I, s:I}", "arch", json_of_hash(arch_id(c->arch)), "morphism", steps,
                          "trial", c->parent, "why", json_of_text(c->why), "parameters",
                          (json_int_t)arch_parameters(c->arch), "macs", (json_int_t)arch_macs(c->arch));
    if (runs_trial_get(w, c->parent, &parent, NULL)) {
        struct hash id;
        json_object_set_new(j, "parent", json_of_hash(parent.arch));
        if (!workspace_read_only(w)) /* kept, so that a suggestion can be named, scored or trained */
            arches_put(w, c->arch, "", &parent.arch, steps, &id, NULL);
        runs_trial_free(&parent);
    }
    char *text = arch_format(c->arch);
    json_object_set_new(j, "text", json_string(text));
    free(text);
    if (c->predicted) {
        set_number(j, "mean", c->view.mean);
        set_number(j, "sd", c->view.sd);
        set_number(j, "ei", c->view.ei);
        set_number(j, "best", c->view.best);
        set_number(j, "z", c->view.z);
        json_object_set_new(j, "parts", parts_json(&c->view));
        char line[6][96];
        json_t *explain = json_array();
        const struct surrogate *model = search_surrogate(s);
        int n = model ? surrogate_explain(model, c->arch, line, 6) : 0;
        for (int i = 0; i < n; i++)
            json_array_append_new(explain, json_of_text(line[i]));
        json_object_set_new(j, "explain", explain);
        if (model)
            put_near(j, s, model, c->arch);
    }
    free(steps);
    return j;
}

static json_t *fitted_json(const struct search *s)
{
    const struct surrogate *model = search_surrogate(s);
    if (!model)
        return json_null();
    struct surrogate_fitted f = surrogate_fitted(model);
    json_t *length = json_array();
    for (int i = 0; i < f.sizes; i++)
        json_array_append_new(length, json_of_number(f.length[i]));
    return json_pack("{s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:i}", "observations", f.n, "depth", f.depth, "wl_share",
                     json_of_number(f.wl_share), "length", json_of_number(f.sizes > 0 ? f.length[0] : (double)NAN), "lengths", length, "variance",
                     json_of_number(f.variance), "noise", json_of_number(f.noise), "jitter", json_of_number(f.jitter), "models", f.models);
}

json_t *action_suggest(struct workspace *w, int n, uint64_t seed, struct error *err)
{
    struct task_row task;
    if (!tasks_active(w, &task, err))
        return NULL;
    struct driver_options o = {.strategy = "bayes", .seed = seed};
    struct driver_told told = {0};
    struct search *s = driver_known(w, task.hash, &o, DRIVER_KNOWN_MOST, &told, err);
    free(task.info);
    if (!s)
        return NULL;
    json_t *result = NULL;
    struct search_candidate *c = NEW_ARRAY(struct search_candidate, n);
    int got = -1;
    if (!told.scored)
        error_set(err, ERROR_FAILED, "nothing was scored on this task yet: `score ARCH` or `search` first");
    else if (suggest_skipped(w, s, err))
        got = search_suggest(s, c, n, err);
    if (got >= 0) {
        json_t *list = suggest_pinned(w, s, task.hash);
        for (int i = 0; i < got; i++)
            suggest_append(list, suggest_json(w, s, &c[i]));
        result = json_pack("{s:o, s:i, s:i, s:o}", "suggestions", list, "observations", told.scored, "left_out",
                           told.left_out, "surrogate", fitted_json(s));
    }
    for (int i = 0; i < got; i++)
        search_candidate_free(&c[i]);
    free(c);
    search_free(s);
    return result;
}

json_t *action_search(struct workspace *w, const struct driver_options *options, const struct control *control,
                      struct error *err)
{
    if (!driver_options_check(options, err))
        return NULL;
    if (!recipe_check(&options->recipe, err) || !recipe_exact(&options->recipe, "a search", err))
        return NULL;
    return driver_search(w, options, control, err);
}

static json_t *board_row(struct workspace *w, const struct trial_row *t)
{
    json_t *j = json_loads(t->result, 0, NULL);
    struct arch_row arch;
    if (!json_is_object(j)) {
        json_decref(j);
        j = json_object();
    }
    json_object_set_new(j, "trial", json_integer(t->id));
    json_object_set_new(j, "search", json_integer(t->search));
    json_object_set_new(j, "state", json_string(t->state));
    json_object_set_new(j, "arch", json_of_hash(t->arch));
    json_object_set_new(j, "why", json_of_text(t->why));
    json_object_set_new(j, "steps", json_of_text(t->steps));
    json_object_set_new(j, "pinned", json_boolean(t->pinned));
    json_object_set_new(j, "strategy", json_string(t->strategy));
    set_number(j, "fidelity", t->fidelity);
    set_number(j, "latency_us", t->latency_us);
    set_number(j, "predicted", t->predicted);
    set_number(j, "predicted_sd", t->predicted_sd);
    set_number(j, "ei", t->ei);
    if (t->parent)
        json_object_set_new(j, "parent_trial", json_integer(t->parent));
    if (arches_get(w, t->arch, &arch, NULL)) {
        json_object_set_new(j, "name", json_of_text(arch.name));
        json_object_set_new(j, "parameters", json_integer(arch.parameters));
        json_object_set_new(j, "macs", json_integer(arch.macs));
        free(arch.text);
    }
    return j;
}

json_t *action_board(struct workspace *w, struct error *err)
{
    struct task_row task;
    if (!tasks_active(w, &task, err))
        return NULL;
    free(task.info);
    struct trial_row *rows;
    int n = runs_trials(w, task.hash, -1, RUNS_BY_SCORE, &rows, err);
    if (n < 0)
        return NULL;
    json_t *list = json_array(), *seen = json_object();
    for (int i = 0; i < n; i++) { /* one recipe is one result, however often it was asked for; in full comes first */
        bool again = json_object_get(seen, rows[i].recipe_id) && text_equal(rows[i].state, "done");
        if (text_equal(rows[i].state, "done"))
            json_object_set_new(seen, rows[i].recipe_id, json_true());
        if (!again)
            json_array_append_new(list, board_row(w, &rows[i]));
    }
    json_decref(seen);
    runs_trials_free(rows, n);
    return json_pack("{s:o}", "rows", list);
}

json_t *action_trial_pin(struct workspace *w, int64_t trial, bool pinned, struct error *err)
{
    if (!runs_trial_pin(w, trial, pinned, err))
        return NULL;
    return json_pack("{s:I, s:b}", "trial", (json_int_t)trial, "pinned", pinned);
}

/* The best of the last search on the task in force; 0 and err where there is none. */
static int64_t last_best(struct workspace *w, struct error *err)
{
    struct task_row task;
    struct search_row last;
    struct trial_row *rows = NULL;
    int64_t best = 0;
    if (!tasks_active(w, &task, err))
        return 0;
    free(task.info);
    if (!runs_search_last(w, task.hash, &last)) {
        error_set(err, ERROR_USAGE, "there was no search on this task: name a trial of `board` with --trial N");
        return 0;
    }
    free(last.options);
    int n = runs_trials(w, task.hash, last.id, RUNS_BY_SCORE, &rows, err);
    if (n > 0 && text_equal(rows[0].state, "done") && rows[0].fidelity >= 1)
        best = rows[0].id;
    else if (n >= 0)
        error_set(err, ERROR_FAILED, "no trial of the last search came to its end");
    runs_trials_free(rows, n > 0 ? n : 0);
    return best;
}

json_t *action_inherit(struct workspace *w, int64_t trial, int threads, const struct control *control,
                       struct error *err)
{
    int64_t which = trial > 0 ? trial : last_best(w, err);
    if (!which)
        return NULL;
    struct threads *pool = threads_new(threads);
    json_t *result = inherit_measure(w, which, pool, control, err);
    threads_free(pool);
    return result;
}

json_t *action_inherit_all(struct workspace *w, int threads, const struct control *control, struct error *err)
{
    struct task_row task;
    struct search_row last;
    if (!tasks_active(w, &task, err))
        return NULL;
    free(task.info);
    if (!runs_search_last(w, task.hash, &last)) {
        error_set(err, ERROR_USAGE, "there was no search on this task");
        return NULL;
    }
    free(last.options);
    struct threads *pool = threads_new(threads);
    json_t *result = inherit_all(w, task.hash, last.id, pool, control, err);
    threads_free(pool);
    return result;
}
