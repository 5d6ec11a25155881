/* The posterior along the chain of morphisms that led to a trial. */
#include "action/action.h"
#include "action/marks_internal.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/arches.h"
#include "store/runs.h"
#include "store/tasks.h"
#include "work/json.h"

#include <math.h>

enum { CHAIN_MOST = 1000, CHILDREN = 64 };

static json_t *row_of_trial(struct workspace *w, const struct surrogate *model, const struct trial_row *t)
{
    struct surrogate_view view = {.mean = (double)NAN, .sd = (double)NAN};
    struct arch *a = arches_load(w, t->arch, NULL);
    bool done = text_equal(t->state, "done");
    if (a != NULL)
        surrogate_predict(model, a, &view);
    arch_free(a);
    return json_pack("{s:I, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "trial", (json_int_t)t->id, "arch",
                     json_of_hash(t->arch), "steps", json_of_text(t->steps), "state", t->state, "mean",
                     json_of_number(view.mean), "sd", json_of_number(view.sd), "score",
                     json_of_number(done ? t->score : (double)NAN), "low", json_of_number(t->low), "high",
                     json_of_number(t->high), "predicted", json_of_number(t->predicted), "predicted_sd",
                     json_of_number(t->predicted_sd), "fidelity", json_of_number(t->fidelity));
}

/* The trial's ancestors and itself, the oldest first. */
static json_t *rows_of(struct workspace *w, const struct surrogate *model, int64_t trial, struct error *err)
{
    json_t *rows = json_array();
    for (int i = 0; i < CHAIN_MOST && trial != 0; i++) {
        struct trial_row t;
        if (!runs_trial_get(w, trial, &t, i == 0 ? err : NULL)) {
            if (i > 0)
                break;
            json_decref(rows);
            return NULL;
        }
        json_array_insert_new(rows, 0, row_of_trial(w, model, &t));
        trial = t.parent;
        runs_trial_free(&t);
    }
    return rows;
}

/* The best by expected improvement among what is suggested to grow from the trial; NULL: nothing is. */
static json_t *child_of(struct workspace *w, struct search *s, int64_t trial, struct error *err)
{
    struct search_candidate *c = NEW_ARRAY(struct search_candidate, CHILDREN);
    int n = search_suggest(s, c, CHILDREN, err), best = -1;
    for (int i = 0; i < n; i++)
        if (c[i].parent == trial && c[i].predicted && (best < 0 || c[i].view.log_ei > c[best].view.log_ei))
            best = i;
    json_t *j = best >= 0 ? suggest_json(w, s, &c[best]) : NULL;
    if (j != NULL) { /* not tried yet: it has no number of its own */
        json_object_set_new(j, "from", json_integer(trial));
        json_object_set_new(j, "trial", json_integer(0));
        json_object_del(j, "text");
    }
    for (int i = 0; i < n; i++)
        search_candidate_free(&c[i]);
    free(c);
    return j;
}

json_t *action_posterior(struct workspace *w, int64_t trial, uint64_t seed, struct error *err)
{
    struct task_row task;
    if (!tasks_active(w, &task, err))
        return NULL;
    struct driver_options o = {.strategy = "bayes", .seed = seed};
    struct driver_told told = {0};
    struct search *s = driver_known(w, task.hash, &o, DRIVER_KNOWN_MOST, &told, err);
    json_t *result = NULL, *rows = NULL;
    free(task.info);
    if (s != NULL && told.scored == 0)
        error_set(err, ERROR_FAILED, "nothing was scored on this task yet: `score ARCH` or `search` first");
    else if (s != NULL && suggest_skipped(w, s, err))
        rows = rows_of(w, search_surrogate(s), trial, err);
    if (rows != NULL) {
        json_t *child = child_of(w, s, trial, NULL);
        if (child != NULL)
            json_array_append_new(rows, child);
        result = json_pack("{s:I, s:o, s:i}", "trial", (json_int_t)trial, "rows", rows, "observations", told.scored);
    }
    search_free(s);
    return result;
}
