#include "work/retrain.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/set/split.h"
#include "store/arches.h"
#include "store/runs.h"
#include "train/room.h"
#include "work/json.h"
#include "work/trial.h"

#define ANCESTORS_MAX 4096

/* --- the data ----------------------------------------------------------------------------------------------------- */

static struct dataset *build(struct workspace *w, const struct task_row *task, struct error *err)
{
    struct frame *frame[TASK_SERIES_MAX];
    struct dataset *d = NULL;
    if (tasks_frames(w, &task->task, frame, err))
        d = dataset_build(&task->task, (const struct frame *const *)frame, DATASET_OPENED, err);
    tasks_frames_free(&task->task, frame);
    if (!d || hash_equal(d->hash, task->hash))
        return d;
    error_set(err, ERROR_DATA, "the task's data set does not come out as it was (its hash differs): set the task again");
    dataset_free(d);
    return NULL;
}

bool retrain_open(struct retrain_data *out, struct workspace *w, const struct task_row *task, struct error *err)
{
    struct dataset *d = out->opened = build(w, task, err);
    if (!d)
        return false;
    out->view = *d;
    size_t train_end = split_purge(d, 0, d->visible_samples, d->visible_samples, d->samples);
    out->view.folds = 1;
    out->view.fold[0] = (struct dataset_fold){0, train_end, d->visible_samples, d->samples};
    if (d->samples - d->visible_samples >= SPLIT_VALID_LEAST && train_end >= SPLIT_TRAIN_LEAST)
        return true;
    error_set(err, ERROR_DATA, "the hold-out has %zu samples, and %zu are left to train on before it: too few",
              d->samples - d->visible_samples, train_end);
    retrain_close(out);
    return false;
}

void retrain_close(struct retrain_data *d)
{
    dataset_free(d->opened);
    *d = (struct retrain_data){0};
}

/* --- lineages ----------------------------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

int retrain_epochs(const json_t *result)
{
    const json_t *folds = json_object_get(result, "folds");
    int best[DATASET_FOLDS_MAX] = {0}, n = 0;
    for (size_t k = 0; k < json_array_size(folds) && n < DATASET_FOLDS_MAX; k++)
        best[n++] = (int)json_integer_value(json_object_get(json_array_get(folds, k), "best_epoch"));
    qsort(best, (size_t)n, sizeof *best, by_size);
    int median = n > 0 ? best[(n - 1) / 2] : 0;
    return median > 1 ? median : 1;
}

struct stage {
    struct trial_row trial;
    struct recipe recipe; /* for so many epochs as it trains */
    double work;
};

struct lineage {
    struct stage *stage; /* the last ancestor first */
    size_t n, capacity;
};

static void lineage_free(struct lineage *l)
{
    for (size_t i = 0; i < l->n; i++)
        runs_trial_free(&l->stage[i].trial);
    free(l->stage);
}

static bool fill_stage(struct workspace *w, struct stage *s, struct error *err)
{
    struct arch *a = arches_load(w, s->trial.arch, err);
    bool ok = a && recipe_parse(&s->recipe, s->trial.recipe, err);
    if (ok) {
        json_t *result = json_loads(s->trial.result, 0, NULL);
        s->recipe.epochs = retrain_epochs(result);
        s->recipe.stop_ppm = 0;
        s->recipe.keep_start = false;
        s->work = (double)arch_macs(a) * s->recipe.epochs;
        json_decref(result);
    }
    arch_free(a);
    return ok;
}

static bool lineage_of(struct workspace *w, struct lineage *l, int64_t trial, struct error *err)
{
    *l = (struct lineage){0};
    for (int64_t id = trial; id > 0 && l->n < ANCESTORS_MAX; id = l->stage[l->n - 1].trial.parent) {
        l->stage = memory_grow(l->stage, &l->capacity, l->n + 1, sizeof *l->stage);
        struct stage *s = &l->stage[l->n];
        *s = (struct stage){0};
        if (!runs_trial_get(w, id, &s->trial, err))
            return false;
        l->n++;
        if (!fill_stage(w, s, err))
            return false;
    }
    for (size_t i = 0; i < l->n / 2; i++) {
        struct stage other = l->stage[i];
        l->stage[i] = l->stage[l->n - 1 - i];
        l->stage[l->n - 1 - i] = other;
    }
    return true;
}

static double work_of(const struct lineage *l)
{
    double work = 0;
    for (size_t i = 0; i < l->n; i++)
        work += l->stage[i].work;
    return work;
}

double retrain_work(struct workspace *w, int64_t trial, struct error *err)
{
    struct lineage l;
    double work = lineage_of(w, &l, trial, err) ? work_of(&l) : -1;
    lineage_free(&l);
    return work;
}

/* --- training ----------------------------------------------------------------------------------------------------- */

struct relay {
    const struct control *control;
    double before, stage, all; /* work */
};

static void relay_epoch(void *context, const struct train_event *e)
{
    const struct relay *r = context;
    char text[64];
    double share = r->all > 0 ? (r->before + r->stage * e->epoch / e->epochs) / r->all : 0;
    snprintf(text, sizeof text, "epoch %d of %d", e->epoch, e->epochs);
    control_event(r->control, json_pack("{s:s, s:s, s:o, s:i, s:i}", "event", "retrain", "text", text, "progress",
                                        json_of_number(share), "epoch", e->epoch, "epochs", e->epochs));
}

static bool relay_cancelled(void *context)
{
    return control_cancelled(((const struct relay *)context)->control);
}

/* The model before it grown into this stage's; NULL without an error: it begins from scratch. */
static bool start_stage(const struct stage *s, struct crossval *before, struct model **start, struct error *err)
{
    *start = NULL;
    if (!before)
        return true;
    struct model *m = before->model[0];
    before->model[0] = NULL;
    *start = trial_grow(m, s->trial.steps, s->recipe.seed, err);
    if (!*start)
        return false;
    return hash_equal(arch_id((*start)->arch), s->trial.arch) ||
           error_set(err, ERROR_FAILED, "trial %lld: the stored morphisms no longer lead to its architecture",
                     (long long)s->trial.id);
}

static struct crossval *run_stage(struct workspace *w, const struct retrain_data *d, const struct stage *s,
                                  struct crossval *before, struct threads *pool, struct relay *relay, struct error *err)
{
    struct train_hooks hooks = {.context = relay, .event = relay_epoch, .cancelled = relay_cancelled};
    struct model *start = NULL;
    struct crossval *c = NULL;
    struct arch *a = arches_load(w, s->trial.arch, err);
    if (a && room_check(a, s->recipe.batch, before ? 2 : 1, 1, err) && start_stage(s, before, &start, err))
        c = crossval_run(&d->view, start ? start->arch : a, start ? (const struct model *const *)&start : NULL,
                         &s->recipe, -1, pool, &hooks, err);
    model_free(start);
    arch_free(a);
    return c;
}

struct crossval *retrain_trial(struct workspace *w, const struct retrain_data *d, int64_t trial, struct threads *pool,
                               const struct control *control, struct error *err)
{
    struct lineage l;
    struct crossval *c = NULL;
    if (lineage_of(w, &l, trial, err)) {
        struct relay relay = {.control = control, .all = work_of(&l)};
        for (size_t i = 0; i < l.n; i++) {
            relay.stage = l.stage[i].work;
            struct crossval *next = run_stage(w, d, &l.stage[i], c, pool, &relay, err);
            crossval_free(c);
            c = next;
            if (!c)
                break;
            relay.before += relay.stage;
        }
    }
    lineage_free(&l);
    return c;
}
