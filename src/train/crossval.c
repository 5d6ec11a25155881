#include "train/crossval.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/memory.h"

#include <math.h>

uint64_t crossval_seed(uint64_t seed, int fold)
{
    struct bytes b = {0};

    bytes_put_text(&b, "morphsmith-fold 1");
    bytes_put_u64(&b, seed);
    bytes_put_u32(&b, (uint32_t)fold);
    struct hash h = hash_of(b.data, b.n);
    bytes_free(&b);
    struct bytes_reader r = bytes_read(h.byte, HASH_BYTES);
    return bytes_get_u64(&r);
}

/* What one training sees: its samples, its early-stopping slice, and features scaled for them. */
struct slices {
    float *scaled; /* [bars, channels] */
    struct train_view train, stop;
};

static struct train_view view_of(const struct dataset *d, const float *scaled, size_t first, size_t end)
{
    return (struct train_view){
        .feature = scaled,
        .channels = d->channels,
        .lookback = d->task.lookback,
        .bar = d->bar + first,
        .target = d->target + first,
        .n = end - first,
    };
}

/* Cuts [first, end) and scales by what is trained on: not even the early-stopping slice is read. */
static bool slices_make(struct slices *s, const struct dataset *d, size_t first, size_t end,
                        const struct recipe *recipe, struct error *err)
{
    size_t train_end = end, stop_first = end;

    if (first >= end)
        return error_set(err, ERROR_DATA, "there are no training samples");
    if (recipe->stop_ppm > 0 && !dataset_early_stop(d, first, end, recipe->stop_ppm / 1e6, &train_end, &stop_first))
        return error_set(
            err, ERROR_DATA,
            "%zu training samples are too few to cut off a purged slice for early stopping; use fewer folds, "
            "a shorter look-back, or stop_ppm 0",
            end - first);
    s->scaled = memory_try(d->bars * d->channels, sizeof *s->scaled, "the scaled features", err);
    if (!s->scaled)
        return false;
    if (!dataset_scale(d, s->scaled, first, train_end, err)) {
        free(s->scaled);
        s->scaled = NULL;
        return false;
    }
    s->train = view_of(d, s->scaled, first, train_end);
    s->stop = view_of(d, s->scaled, stop_first, end);
    return true;
}

struct job {
    struct crossval *c;
    const struct dataset *d;
    const struct arch *arch;
    const struct model *const *start;
    const struct recipe *recipe;
    struct threads *pool;
    const struct train_hooks *hooks;
    struct error *err;
};

static bool make_model(struct job *job, int k, uint64_t seed)
{
    if (!job->start) {
        job->c->model[k] = model_new(job->arch, seed, job->err);
        return job->c->model[k] != NULL;
    }
    if (!job->start[k] || !hash_equal(arch_id(job->start[k]->arch), arch_id(job->arch)))
        return error_set(job->err, ERROR_USAGE, "the model to go on from %s",
                         job->start[k] ? "has another architecture" : "is missing");
    job->c->model[k] = model_copy(job->start[k], job->err);
    return job->c->model[k] != NULL;
}

/* Scores the fold's validation samples and puts them behind those of the folds before. */
static bool score_fold(struct job *job, int k, const float *scaled)
{
    struct crossval *c = job->c;
    const struct dataset_fold *f = &job->d->fold[k];
    struct train_view view = view_of(job->d, scaled, f->valid_first, f->valid_end);

    if (!train_predict(c->model[k], c->probability + c->n, &view, job->pool, job->err))
        return false;
    for (size_t i = 0; i < view.n; i++) {
        c->sample[c->n + i] = (uint32_t)(f->valid_first + i);
        c->target[c->n + i] = view.target[i];
    }
    metric_of(&c->fold[k].metric, c->probability + c->n, c->target + c->n, view.n);
    c->n += view.n;
    return true;
}

static bool run_fold(struct job *job, int k)
{
    struct crossval_fold *fold = &job->c->fold[k];
    const struct dataset_fold *f = &job->d->fold[k];
    struct recipe recipe = *job->recipe;
    struct slices s = {0};

    recipe.seed = crossval_seed(job->recipe->seed, k);
    bool ok =
        make_model(job, k, recipe.seed) && slices_make(&s, job->d, f->train_first, f->train_end, &recipe, job->err) &&
        train_model(job->c->model[k], &fold->train, &s.train, &s.stop, &recipe, k, job->pool, job->hooks, job->err) &&
        score_fold(job, k, s.scaled);
    free(s.scaled);
    if (!ok)
        return error_prefix(job->err, "fold %d of %d", k + 1, job->d->folds);
    fold->weights = model_hash(job->c->model[k]);
    return true;
}

/* Spread of the accuracy and the hashes, over the folds that ran. */
static void sum_up_folds(struct crossval *c)
{
    struct hash roots[DATASET_FOLDS_MAX], weights[DATASET_FOLDS_MAX];
    double accuracy[DATASET_FOLDS_MAX], mean = 0.0, squares = 0.0;
    int n = 0;

    for (int k = 0; k < c->folds; k++) {
        if (!c->model[k])
            continue;
        roots[n] = c->fold[k].train.trace_root;
        weights[n] = c->fold[k].weights;
        accuracy[n++] = c->fold[k].metric.directional_accuracy;
    }
    for (int i = 0; i < n; i++)
        mean += accuracy[i] / n;
    for (int i = 0; i < n; i++)
        squares += (accuracy[i] - mean) * (accuracy[i] - mean);
    c->stability = n > 1 ? sqrt(squares / (n - 1)) : 0.0;
    c->trace_root = hash_merkle_root(roots, (size_t)n);
    c->weights = hash_of(weights, (size_t)n * sizeof *weights);
}

static void sum_up(struct crossval *c, const struct dataset *d)
{
    float *hit = NEW_ARRAY(float, c->n);

    for (size_t i = 0; i < c->n; i++)
        hit[i] = (c->probability[i] > 0.5F) == (c->target[i] > 0.5F) ? 1.0F : 0.0F;
    metric_of(&c->metric, c->probability, c->target, c->n);
    metric_bootstrap(&c->interval, hit, c->n, 0.5, metric_block(c->n, d->task.horizon), d->task.seed);
    free(hit);
    sum_up_folds(c);
}

static bool allocate(struct crossval *c, const struct dataset *d, struct error *err)
{
    size_t n = 0;

    for (int k = 0; k < d->folds; k++)
        n += d->fold[k].valid_end - d->fold[k].valid_first;
    c->sample = memory_try(n, sizeof *c->sample, "the out-of-fold samples", err);
    c->probability = c->sample ? memory_try(n, sizeof *c->probability, "the predictions", err) : NULL;
    c->target = c->probability ? memory_try(n, sizeof *c->target, "the targets", err) : NULL;
    return c->target != NULL;
}

struct crossval *crossval_run(const struct dataset *d, const struct arch *a, const struct model *const *start,
                              const struct recipe *recipe, int only_fold, struct threads *pool,
                              const struct train_hooks *hooks, struct error *err)
{
    struct crossval *c = NEW(struct crossval);
    struct job job = {c, d, a, start, recipe, pool, hooks, err};
    double began = clock_seconds();

    ASSERT(d->folds <= DATASET_FOLDS_MAX);
    c->folds = d->folds;
    bool ok = d->folds > 0 && only_fold < d->folds;
    if (!ok)
        error_set(err, ERROR_USAGE, "fold %d was asked for, the data set has %d", only_fold + 1, d->folds);
    ok = ok && recipe_check(recipe, err) && allocate(c, d, err);
    for (int k = 0; ok && k < d->folds; k++)
        ok = (only_fold >= 0 && k != only_fold) || run_fold(&job, k);
    if (!ok) {
        crossval_free(c);
        return NULL;
    }
    sum_up(c, d);
    c->seconds = clock_seconds() - began;
    return c;
}

void crossval_free(struct crossval *c)
{
    if (!c)
        return;
    for (int k = 0; k < DATASET_FOLDS_MAX; k++) {
        model_free(c->model[k]);
        free(c->fold[k].train.trace);
    }
    free(c->sample);
    free(c->probability);
    free(c->target);
    free(c);
}

static bool score_stop_slice(struct metric *valid, const struct model *m, const struct slices *s, struct threads *pool,
                             struct error *err)
{
    float *probability = memory_try(s->stop.n, sizeof *probability, "the predictions", err);
    bool ok = probability && train_predict(m, probability, &s->stop, pool, err);

    if (ok)
        metric_of(valid, probability, s->stop.target, s->stop.n);
    free(probability);
    return ok;
}

bool crossval_train_all(struct model *m, struct train_result *result, struct metric *valid, const struct dataset *d,
                        const struct recipe *recipe, struct threads *pool, const struct train_hooks *hooks,
                        struct error *err)
{
    struct slices s = {0};

    *result = (struct train_result){0};
    *valid = (struct metric){0};
    bool ok = recipe_check(recipe, err) && slices_make(&s, d, 0, d->visible_samples, recipe, err) &&
              train_model(m, result, &s.train, &s.stop, recipe, 0, pool, hooks, err);
    if (ok && s.stop.n > 0 && !score_stop_slice(valid, m, &s, pool, err)) {
        free(result->trace);
        *result = (struct train_result){0};
        ok = false;
    }
    free(s.scaled);
    return ok;
}
