#include "work/inherit.h"

#include "base/memory.h"
#include "base/text.h"
#include "store/arches.h"
#include "store/tasks.h"
#include "train/crossval.h"
#include "work/json.h"
#include "work/trial.h"

#include <math.h>

#define CHAIN_MOST 1000
#define MORE_EPOCHS 4

struct sum {
    double seconds, macs;
    int epochs, folds, reached;
};

/* When a training has done enough: at an epoch, or at a loss. */
struct goal {
    int epoch;   /* 0: the loss says */
    double loss;
    const struct control *control;
};

static bool goal_enough(void *context, int fold, int epochs, double best_loss)
{
    const struct goal *g = context;
    (void)fold;
    return g->epoch > 0 ? epochs >= g->epoch : best_loss <= g->loss;
}

static bool goal_cancelled(void *context)
{
    return control_cancelled(((const struct goal *)context)->control);
}

struct measuring {
    struct workspace *w;
    const struct dataset *d;
    struct threads *pool;
    const struct control *control;
};

/* One fold, as far as the goal. */
static bool train_fold(const struct measuring *m, struct sum *sum, const struct arch *a, struct model *const *start,
                       const struct recipe *recipe, int fold, struct goal *goal, struct error *err)
{
    struct train_hooks hooks = {.context = goal, .cancelled = goal_cancelled, .enough = goal_enough};
    size_t train = 0, stop = 0;
    struct crossval *c = crossval_run(m->d, a, (const struct model *const *)start, recipe, fold, m->pool, &hooks, err);
    if (!c)
        return false;
    const struct train_result *r = &c->fold[fold].train;
    crossval_counts(&train, &stop, m->d, fold, recipe);
    sum->seconds += r->seconds;
    sum->macs += 3.0 * (double)arch_macs(a) * (double)train * r->epochs;
    sum->epochs += r->epochs;
    sum->reached += goal->epoch > 0 || r->valid_loss <= goal->loss;
    sum->folds++;
    crossval_free(c);
    return true;
}

static json_t *sum_json(const struct sum *s)
{
    return json_pack("{s:i, s:o, s:o, s:i, s:i}", "epochs", s->epochs, "seconds", json_of_number(s->seconds), "macs",
                     json_of_number(s->macs), "folds", s->folds, "reached", s->reached);
}

/* Both ways of one trial, added to the sums of all. */
static bool both_ways(const struct measuring *m, const struct trial_row *t, const struct arch *a,
                      const json_t *folds, struct model *const *start, struct sum way[2], struct error *err)
{
    struct recipe recipe, patient;
    if (!recipe_parse(&recipe, t->recipe, err))
        return false;
    patient = recipe;
    if (text_equal(recipe.schedule, "constant")) /* else more epochs would change those before */
        patient.epochs = recipe.epochs * MORE_EPOCHS < RECIPE_EPOCHS_MAX ? recipe.epochs * MORE_EPOCHS : RECIPE_EPOCHS_MAX;
    for (int k = 0; k < m->d->folds; k++) {
        const json_t *fold = json_array_get(folds, (size_t)k);
        int best = (int)json_integer_value(json_object_get(fold, "best_epoch"));
        double loss = json_member_number(fold, "best_loss");
        struct goal there = {best > 0 ? best : 1, 0, m->control}, as_low = {0, loss, m->control};
        struct sum before = way[0];
        if (!isfinite(loss))
            return error_set(err, ERROR_FAILED,
                             "trial %lld was run by an older version, which did not keep its loss: search again",
                             (long long)t->id);
        if (!train_fold(m, &way[0], a, start, &recipe, k, &there, err))
            return false;
        if (start) {
            if (!train_fold(m, &way[1], a, NULL, &patient, k, &as_low, err))
                return false;
            continue;
        }
        way[1].seconds += way[0].seconds - before.seconds;
        way[1].macs += way[0].macs - before.macs;
        way[1].epochs += way[0].epochs - before.epochs;
        way[1].reached++;
        way[1].folds++;
    }
    return true;
}

static void add(struct sum *to, const struct sum *s)
{
    to->seconds += s->seconds;
    to->macs += s->macs;
    to->epochs += s->epochs;
    to->folds += s->folds;
    to->reached += s->reached;
}

static json_t *measure_one(const struct measuring *m, const struct trial_row *t, struct sum all[2], struct error *err)
{
    struct model *start[DATASET_FOLDS_MAX] = {0};
    struct sum way[2] = {{.seconds = 0}, {.seconds = 0}};
    struct arch *a = arches_load(m->w, t->arch, err);
    json_t *result = json_loads(t->result, 0, NULL), *out = NULL;
    const json_t *folds = json_object_get(result, "folds");
    bool ok = a && (!t->parent || trial_grow_folds(m->w, t, start, m->d->folds, err));
    if (ok && (int)json_array_size(folds) != m->d->folds)
        ok = error_set(err, ERROR_FAILED, "trial %lld was not run in full", (long long)t->id);
    ok = ok && both_ways(m, t, start[0] ? start[0]->arch : a, folds, start[0] ? start : NULL, way, err);
    if (ok) {
        add(&all[0], &way[0]);
        add(&all[1], &way[1]);
        out = json_pack("{s:I, s:o, s:o, s:o, s:o}", "trial", (json_int_t)t->id, "arch", json_of_hash(t->arch),
                        "morphism", json_of_text(t->steps), "inherited", sum_json(&way[0]), "scratch",
                        sum_json(&way[1]));
    }
    for (int k = 0; k < m->d->folds; k++)
        model_free(start[k]);
    json_decref(result);
    arch_free(a);
    return out;
}

/* From the starting point on; how many, or -1. */
static int chain_of(struct workspace *w, int64_t trial, struct trial_row **out, struct error *err)
{
    struct trial_row *rows = NULL;
    size_t capacity = 0;
    int n = 0;
    bool ok = true;
    while (trial && ok && n < CHAIN_MOST) {
        rows = memory_grow(rows, &capacity, (size_t)n + 1, sizeof *rows);
        memmove(rows + 1, rows, (size_t)n * sizeof *rows);
        ok = runs_trial_get(w, trial, &rows[0], err);
        if (!ok)
            memmove(rows, rows + 1, (size_t)n * sizeof *rows);
        else
            trial = rows[0].parent;
        n += ok;
    }
    *out = rows;
    if (ok)
        return n;
    runs_trials_free(rows, n);
    return -1;
}

static json_t *whole_json(const struct trial_row *t, json_t *chain, const struct sum all[2])
{
    return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:i, s:i}", "trial", (json_int_t)t->id, "arch",
                     json_of_hash(t->arch), "chain", chain, "inherited_seconds", json_of_number(all[0].seconds),
                     "scratch_seconds", json_of_number(all[1].seconds), "saved",
                     json_of_number(1 - all[0].seconds / all[1].seconds), "inherited_macs",
                     json_of_number(all[0].macs), "scratch_macs", json_of_number(all[1].macs), "saved_macs",
                     json_of_number(1 - all[0].macs / all[1].macs), "reached", all[1].reached, "folds", all[1].folds);
}

static void tell(const struct control *control, int done, int n)
{
    char text[64];
    snprintf(text, sizeof text, "trial %d of %d of the chain", done + 1, n);
    control_event(control, json_pack("{s:s, s:f, s:s}", "event", "progress", "progress", (double)done / n, "text", text));
}

json_t *inherit_measure(struct workspace *w, int64_t trial, struct threads *pool, const struct control *control,
                        struct error *err)
{
    struct trial_row *rows;
    struct task_row task;
    struct sum all[2] = {{.seconds = 0}, {.seconds = 0}};
    int n = chain_of(w, trial, &rows, err);
    if (n < 0)
        return NULL;
    json_t *chain = json_array(), *result = NULL;
    struct dataset *d = NULL;
    if (tasks_find(w, rows[0].task, &task, err)) {
        d = tasks_dataset(w, &task, err);
        free(task.info);
    }
    struct measuring m = {w, d, pool, control};
    bool ok = d != NULL;
    for (int i = 0; ok && i < n; i++) {
        tell(control, i, n);
        json_t *one = measure_one(&m, &rows[i], all, err);
        ok = one && json_array_append_new(chain, one) == 0;
    }
    if (ok)
        result = whole_json(&rows[n - 1], json_incref(chain), all);
    json_decref(chain);
    dataset_free(d);
    runs_trials_free(rows, n);
    return result;
}
