#include "work/inherit.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/arches.h"
#include "store/tasks.h"
#include "train/crossval.h"
#include "work/json.h"
#include "work/trial.h"

#include <math.h>

#define CHAIN_MOST 1000

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
    double started, done, all; /* multiply-adds, all at most */
    char what[64];
};

static void tell(const struct measuring *m)
{
    double share = m->all > 0 && m->done < m->all ? m->done / m->all : m->all > 0;
    json_t *event = json_pack("{s:s, s:f, s:s}", "event", "progress", "progress", share, "text", m->what);
    if (share > 0)
        json_object_set_new(event, "eta_seconds",
                            json_of_number((clock_seconds() - m->started) * (1 - share) / share));
    control_event(m->control, event);
}

static double fold_macs(const struct measuring *m, const struct arch *a, const struct recipe *recipe, int fold)
{
    size_t train = 0, stop = 0;
    crossval_counts(&train, &stop, m->d, fold, recipe);
    return 3.0 * (double)arch_macs(a) * (double)train;
}

/* One fold, as far as the goal. */
static bool train_fold(struct measuring *m, struct sum *sum, const struct arch *a, struct model *const *start,
                       const struct recipe *recipe, int fold, struct goal *goal, struct error *err)
{
    struct train_hooks hooks = {.context = goal, .cancelled = goal_cancelled, .enough = goal_enough};
    double each = fold_macs(m, a, recipe, fold);
    struct crossval *c = crossval_run(m->d, a, (const struct model *const *)start, recipe, fold, m->pool, &hooks, err);
    if (!c)
        return false;
    const struct train_result *r = &c->fold[fold].train;
    sum->seconds += r->seconds;
    sum->macs += each * r->epochs;
    sum->epochs += r->epochs;
    sum->reached += goal->epoch > 0 || r->valid_loss <= goal->loss;
    sum->folds++;
    crossval_free(c);
    m->done += each * (goal->epoch > 0 ? goal->epoch : recipe->epochs);
    tell(m);
    return true;
}

static json_t *sum_json(const struct sum *s)
{
    return json_pack("{s:i, s:o, s:o, s:i, s:i}", "epochs", s->epochs, "seconds", json_of_number(s->seconds), "macs",
                     json_of_number(s->macs), "folds", s->folds, "reached", s->reached);
}

/* What a trial is measured with. */
struct pair {
    const struct trial_row *trial;
    struct arch *arch;
    struct model *start[DATASET_FOLDS_MAX]; /* [0] NULL: a starting point */
    struct recipe recipe, whole; /* its own; its starting point's, which a training from scratch has */
    int best[DATASET_FOLDS_MAX], ran[DATASET_FOLDS_MAX]; /* epochs */
    double loss[DATASET_FOLDS_MAX];
};

static void pair_free(struct pair *p)
{
    for (size_t k = 0; k < DATASET_FOLDS_MAX; k++)
        model_free(p->start[k]);
    arch_free(p->arch);
    *p = (struct pair){.trial = NULL};
}

static bool read_folds(struct pair *p, int n, struct error *err)
{
    json_t *result = json_loads(p->trial->result, 0, NULL);
    const json_t *folds = json_object_get(result, "folds");
    bool ok = (int)json_array_size(folds) == n;
    if (!ok)
        error_set(err, ERROR_FAILED, "trial %lld was not run in full", (long long)p->trial->id);
    for (int k = 0; ok && k < n; k++) {
        const json_t *fold = json_array_get(folds, (size_t)k);
        int best = (int)json_integer_value(json_object_get(fold, "best_epoch"));
        p->best[k] = best > 0 ? best : 1;
        p->ran[k] = (int)json_integer_value(json_object_get(fold, "epochs"));
        p->loss[k] = json_member_number(fold, "best_loss");
        if (!isfinite(p->loss[k]))
            ok = error_set(err, ERROR_FAILED,
                           "trial %lld was run by an older version, which did not keep its loss: search again",
                           (long long)p->trial->id);
    }
    json_decref(result);
    return ok;
}

/* root: the starting point that it comes from. pair_free, also where it fails. */
static bool pair_open(const struct measuring *m, struct pair *p, const struct trial_row *t,
                      const struct trial_row *root, struct error *err)
{
    *p = (struct pair){.trial = t, .arch = arches_load(m->w, t->arch, err)};
    return p->arch && recipe_parse(&p->recipe, t->recipe, err) && recipe_parse(&p->whole, root->recipe, err) &&
           read_folds(p, m->d->folds, err) && (!t->parent || trial_grow_folds(m->w, t, p->start, m->d->folds, err));
}

/* As it was: to its best epoch, or all of them. */
static bool run_as_was(struct measuring *m, const struct pair *p, bool all, struct sum *sum, struct error *err)
{
    bool ok = true;
    for (int k = 0; ok && k < m->d->folds; k++) {
        struct goal there = {all ? p->ran[k] : p->best[k], 0, m->control};
        ok = train_fold(m, sum, p->start[0] ? p->start[0]->arch : p->arch, p->start[0] ? p->start : NULL, &p->recipe, k,
                        &there, err);
    }
    return ok;
}

static bool run_from_scratch(struct measuring *m, const struct pair *p, struct sum *sum, struct error *err)
{
    bool ok = true;
    for (int k = 0; ok && k < m->d->folds; k++) {
        struct goal as_low = {0, p->loss[k], m->control};
        ok = train_fold(m, sum, p->arch, NULL, &p->whole, k, &as_low, err);
    }
    return ok;
}

/* At most. */
static double cost_of(const struct measuring *m, const struct pair *p, bool all)
{
    double macs = 0;
    for (int k = 0; k < m->d->folds; k++)
        macs += fold_macs(m, p->arch, &p->recipe, k) * (all ? p->ran[k] : p->best[k]) +
                (p->trial->parent ? fold_macs(m, p->arch, &p->whole, k) * p->whole.epochs : 0);
    return macs;
}

static void add(struct sum *to, const struct sum *s)
{
    to->seconds += s->seconds;
    to->macs += s->macs;
    to->epochs += s->epochs;
    to->folds += s->folds;
    to->reached += s->reached;
}

static json_t *pair_json(const struct trial_row *t, const struct sum way[2])
{
    return json_pack("{s:I, s:o, s:o, s:o, s:o}", "trial", (json_int_t)t->id, "arch", json_of_hash(t->arch), "morphism",
                     json_of_text(t->steps), "inherited", sum_json(&way[0]), "scratch", sum_json(&way[1]));
}

/* Of a chain: what inherits nothing counts the same on both sides. */
static json_t *measure_one(struct measuring *m, const struct trial_row *t, const struct trial_row *root,
                           struct sum way[2], struct error *err)
{
    struct pair p;
    way[0] = way[1] = (struct sum){.seconds = 0};
    bool ok = pair_open(m, &p, t, root, err) && run_as_was(m, &p, false, &way[0], err);
    if (ok && t->parent)
        ok = run_from_scratch(m, &p, &way[1], err);
    else
        way[1] = way[0];
    pair_free(&p);
    return ok ? pair_json(t, way) : NULL;
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

static void put_sums(json_t *out, const struct sum all[2])
{
    json_object_set_new(out, "inherited_seconds", json_of_number(all[0].seconds));
    json_object_set_new(out, "scratch_seconds", json_of_number(all[1].seconds));
    json_object_set_new(out, "saved", json_of_number(1 - all[0].seconds / all[1].seconds));
    json_object_set_new(out, "inherited_macs", json_of_number(all[0].macs));
    json_object_set_new(out, "scratch_macs", json_of_number(all[1].macs));
    json_object_set_new(out, "saved_macs", json_of_number(1 - all[0].macs / all[1].macs));
    json_object_set_new(out, "reached", json_integer(all[1].reached));
    json_object_set_new(out, "folds", json_integer(all[1].folds));
}

static struct dataset *data_of(struct workspace *w, struct hash task, struct error *err)
{
    struct task_row row;
    if (!tasks_find(w, task, &row, err))
        return NULL;
    struct dataset *d = tasks_dataset(w, &row, err);
    free(row.info);
    return d;
}

/* The costs ahead, for the share that is done. */
static bool add_cost(struct measuring *m, const struct trial_row *t, const struct trial_row *root, bool all,
                     struct error *err)
{
    struct pair p = {.trial = t, .arch = arches_load(m->w, t->arch, err)};
    bool ok = p.arch && recipe_parse(&p.recipe, t->recipe, err) && recipe_parse(&p.whole, root->recipe, err) &&
              read_folds(&p, m->d->folds, err);
    m->all += ok ? cost_of(m, &p, all) : 0;
    pair_free(&p);
    return ok;
}

static json_t *measure_chain(struct measuring *m, const struct trial_row *rows, int n, struct error *err)
{
    struct sum all[2] = {{.seconds = 0}, {.seconds = 0}}, way[2] = {{.seconds = 0}, {.seconds = 0}};
    json_t *chain = json_array();
    bool ok = true;
    for (int i = 0; ok && i < n; i++)
        ok = add_cost(m, &rows[i], &rows[0], false, err);
    for (int i = 0; ok && i < n; i++) {
        snprintf(m->what, sizeof m->what, "trial %d of %d of the chain", i + 1, n);
        tell(m);
        json_t *one = measure_one(m, &rows[i], &rows[0], way, err);
        ok = one && json_array_append_new(chain, one) == 0;
        add(&all[0], &way[0]);
        add(&all[1], &way[1]);
    }
    if (!ok) {
        json_decref(chain);
        return NULL;
    }
    json_t *out = json_pack("{s:I, s:o, s:o, s:o}", "trial", (json_int_t)rows[n - 1].id, "arch",
                            json_of_hash(rows[n - 1].arch), "chain", chain, "last_alone", sum_json(&way[1]));
    put_sums(out, all);
    return out;
}

json_t *inherit_measure(struct workspace *w, int64_t trial, struct threads *pool, const struct control *control,
                        struct error *err)
{
    struct trial_row *rows;
    int n = chain_of(w, trial, &rows, err);
    if (n < 0)
        return NULL;
    struct dataset *d = data_of(w, rows[0].task, err);
    struct measuring m = {.w = w, .d = d, .pool = pool, .control = control, .started = clock_seconds()};
    json_t *result = d ? measure_chain(&m, rows, n, err) : NULL;
    dataset_free(d);
    runs_trials_free(rows, n);
    return result;
}

/* --- a whole search ----------------------------------------------------------------------------------------------- */

static const struct trial_row *root_of(const struct trial_row *rows, int n, const struct trial_row *t)
{
    for (int depth = 0; t && t->parent && depth < CHAIN_MOST; depth++) {
        const struct trial_row *parent = NULL;
        for (int i = 0; i < n && !parent; i++)
            parent = rows[i].id == t->parent ? &rows[i] : NULL;
        t = parent;
    }
    return t;
}

/* Trained in this search and in full: starting points and what grew. */
static bool takes_part(const struct trial_row *t)
{
    json_t *j = json_loads(t->result, 0, NULL);
    bool own = !json_object_get(j, "taken_over") || !t->strategy[0];
    json_decref(j);
    return own && text_equal(t->state, "done") && t->fidelity >= 1 && (t->parent || !t->strategy[0]);
}

static bool measure_each(struct measuring *m, const struct trial_row *rows, int n, struct sum sum[3], json_t *list,
                         struct error *err)
{
    bool ok = true;
    for (int i = 0; ok && i < n; i++) {
        struct sum way[2] = {{.seconds = 0}, {.seconds = 0}};
        struct pair p;
        if (!takes_part(&rows[i]))
            continue;
        snprintf(m->what, sizeof m->what, "trial %lld", (long long)rows[i].id);
        tell(m);
        ok = pair_open(m, &p, &rows[i], root_of(rows, n, &rows[i]), err) &&
             run_as_was(m, &p, !rows[i].parent, &way[0], err) &&
             (!rows[i].parent || run_from_scratch(m, &p, &way[1], err));
        pair_free(&p);
        add(&sum[rows[i].parent ? 0 : 2], &way[0]);
        add(&sum[1], &way[1]);
        if (ok && rows[i].parent)
            json_array_append_new(list, pair_json(&rows[i], way));
    }
    return ok;
}

static json_t *measure_search(struct measuring *m, const struct trial_row *rows, int n, struct error *err)
{
    struct sum sum[3] = {{.seconds = 0}, {.seconds = 0}, {.seconds = 0}}; /* grown, from scratch, starting points */
    json_t *list = json_array();
    int grown = 0, starts = 0;
    bool ok = true;
    for (int i = 0; ok && i < n; i++) {
        const struct trial_row *root = takes_part(&rows[i]) ? root_of(rows, n, &rows[i]) : NULL;
        if (!root)
            continue;
        grown += rows[i].parent != 0;
        starts += !rows[i].parent;
        ok = add_cost(m, &rows[i], root, !rows[i].parent, err);
    }
    if (ok && grown == 0)
        ok = error_set(err, ERROR_FAILED, "no trial of the last search grew from another's weights and ran in full");
    ok = ok && measure_each(m, rows, n, sum, list, err);
    if (!ok) {
        json_decref(list);
        return NULL;
    }
    add(&sum[0], &sum[2]);
    json_t *out = json_pack("{s:I, s:o, s:i, s:i, s:i, s:o}", "search", (json_int_t)rows[0].search, "rows", list, "grown",
                            grown, "starting_points", starts, "left_out", n - grown - starts, "starting",
                            sum_json(&sum[2]));
    put_sums(out, sum);
    json_object_set_new(out, "saved_both", json_of_number(1 - sum[0].seconds / (sum[1].seconds + sum[2].seconds)));
    json_object_set_new(out, "saved_both_macs", json_of_number(1 - sum[0].macs / (sum[1].macs + sum[2].macs)));
    return out;
}

json_t *inherit_all(struct workspace *w, struct hash task, int64_t search, struct threads *pool,
                    const struct control *control, struct error *err)
{
    struct trial_row *rows = NULL;
    int n = runs_trials(w, task, search, RUNS_BY_ID, &rows, err);
    struct dataset *d = n >= 0 ? data_of(w, task, err) : NULL;
    struct measuring m = {.w = w, .d = d, .pool = pool, .control = control, .started = clock_seconds()};
    json_t *result = d ? measure_search(&m, rows, n, err) : NULL;
    dataset_free(d);
    runs_trials_free(rows, n > 0 ? n : 0);
    return result;
}
