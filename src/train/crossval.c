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
    struct loss_goal goal;
    struct train_view train, stop;
};

/* Mean and standard deviation of the returns that are trained on, in two passes; the latter 1 where it is 0. */
static struct loss_goal goal_of(const struct dataset *d, size_t first, size_t end)
{
    struct loss_goal goal = {.target = d->task.target, .outputs = dataset_outputs(d), .sd = 1.0};
    double n = (double)(end - first), squares = 0.0;

    if (goal.target != TASK_RETURN)
        return goal;
    for (size_t i = first; i < end; i++)
        goal.mean += (double)d->target[i];
    goal.mean /= n;
    for (size_t i = first; i < end; i++)
        squares += ((double)d->target[i] - goal.mean) * ((double)d->target[i] - goal.mean);
    if (squares > 0.0)
        goal.sd = sqrt(squares / n);
    return goal;
}

static struct train_view view_of(const struct dataset *d, const struct slices *s, size_t first, size_t end)
{
    return (struct train_view){
        .feature = s->scaled,
        .channels = d->channels,
        .lookback = d->task.lookback,
        .bar = d->bar + first,
        .target = d->target + first,
        .n = end - first,
        .goal = s->goal,
    };
}

bool crossval_slices(struct crossval_slices *out, const struct dataset *d, size_t first, size_t end, uint32_t stop_ppm,
                     struct error *err)
{
    *out = (struct crossval_slices){.train_end = end, .stop_first = end};
    if (first >= end)
        return error_set(err, ERROR_DATA, "there are no training samples");
    if (stop_ppm > 0 && !dataset_early_stop(d, first, end, stop_ppm / 1e6, &out->train_end, &out->stop_first))
        return error_set(
            err, ERROR_DATA,
            "%zu training samples are too few to cut off a purged slice for early stopping; use fewer folds, "
            "a shorter look-back, or stop_ppm 0",
            end - first);
    out->goal = goal_of(d, first, out->train_end);
    return true;
}

/* Cuts [first, end) and scales by what is trained on: not even the early-stopping slice is read. */
static bool slices_make(struct slices *s, const struct dataset *d, size_t first, size_t end,
                        const struct recipe *recipe, struct error *err)
{
    struct crossval_slices cut;

    if (!crossval_slices(&cut, d, first, end, recipe->stop_ppm, err))
        return false;
    s->scaled = memory_try(d->bars * d->channels, sizeof *s->scaled, "the scaled features", err);
    if (!s->scaled)
        return false;
    if (!dataset_scale(d, s->scaled, first, cut.train_end, err)) {
        free(s->scaled);
        s->scaled = NULL;
        return false;
    }
    s->goal = cut.goal;
    s->train = view_of(d, s, first, cut.train_end);
    s->stop = view_of(d, s, cut.stop_first, end);
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

struct model *crossval_fresh(const struct arch *a, const struct recipe *recipe, struct error *err)
{
    struct model *m = model_new(a, recipe->seed, err);

    if (m && recipe->zero_head)
        model_zero_head(m);
    return m;
}

static bool make_model(struct job *job, int k, const struct recipe *recipe)
{
    if (!job->start) {
        job->c->model[k] = crossval_fresh(job->arch, recipe, job->err);
        return job->c->model[k] != NULL;
    }
    if (!job->start[k] || !hash_equal(arch_id(job->start[k]->arch), arch_id(job->arch)))
        return error_set(job->err, ERROR_USAGE, "the model to go on from %s",
                         job->start[k] ? "has another architecture" : "is missing");
    job->c->model[k] = model_copy(job->start[k], job->err);
    return job->c->model[k] != NULL;
}

static struct metric_input part_of(const struct crossval *c, size_t first, size_t n)
{
    return (struct metric_input){
        .kind = c->kind,
        .outputs = c->outputs,
        .prediction = c->prediction + first * (size_t)c->outputs,
        .target = c->target + first,
        .reference = c->reference ? c->reference + first : NULL,
        .n = n,
    };
}

struct metric_input crossval_scored(const struct crossval *c)
{
    return part_of(c, 0, c->n);
}

/* Scores the fold's validation samples and puts them behind those of the folds before. */
static bool score_fold(struct job *job, int k, const struct slices *s)
{
    struct crossval *c = job->c;
    const struct dataset_fold *f = &job->d->fold[k];
    struct train_view view = view_of(job->d, s, f->valid_first, f->valid_end);
    double mean = c->reference ? baseline_mean(job->d, f) : 0.0;

    if (!train_predict(c->model[k], c->prediction + c->n * (size_t)c->outputs, &view, job->pool, job->err))
        return false;
    for (size_t i = 0; i < view.n; i++) {
        c->sample[c->n + i] = (uint32_t)(f->valid_first + i);
        c->target[c->n + i] = view.target[i];
        if (c->reference)
            c->reference[c->n + i] = mean;
    }
    struct metric_input part = part_of(c, c->n, view.n);
    metric_score(&c->fold[k].metric, &part);
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
        make_model(job, k, &recipe) && slices_make(&s, job->d, f->train_first, f->train_end, &recipe, job->err) &&
        train_model(job->c->model[k], &fold->train, &s.train, &s.stop, &recipe, k, job->pool, job->hooks, job->err) &&
        score_fold(job, k, &s);
    free(s.scaled);
    if (!ok)
        return error_prefix(job->err, "fold %d of %d", k + 1, job->d->folds);
    fold->weights = model_hash(job->c->model[k]);
    return true;
}

/* Spread of the objective and the hashes, over the folds that ran. */
static void sum_up_folds(struct crossval *c)
{
    struct hash roots[DATASET_FOLDS_MAX], weights[DATASET_FOLDS_MAX];
    double score[DATASET_FOLDS_MAX], mean = 0.0, squares = 0.0;
    int n = 0;

    for (int k = 0; k < c->folds; k++) {
        if (!c->model[k])
            continue;
        roots[n] = c->fold[k].train.trace_root;
        weights[n] = c->fold[k].weights;
        score[n++] = metric_objective(&c->fold[k].metric, c->kind);
    }
    for (int i = 0; i < n; i++)
        mean += score[i] / n;
    for (int i = 0; i < n; i++)
        squares += (score[i] - mean) * (score[i] - mean);
    c->stability = n > 1 ? sqrt(squares / (n - 1)) : 0.0;
    c->trace_root = hash_merkle_root(roots, (size_t)n);
    c->weights = hash_of(weights, (size_t)n * sizeof *weights);
}

void crossval_moments(struct metric_moments *out, const struct crossval *c, const struct dataset *d)
{
    int64_t *time_us = NEW_ARRAY(int64_t, c->n);

    for (size_t i = 0; i < c->n; i++)
        time_us[i] = d->time_us[d->bar[c->sample[i]]];
    metric_moments_of(out, time_us, c->n);
    free(time_us);
}

/* The interval of the share of right ones among samples at moments. */
static void bootstrap_hits(struct metric_interval *out, const struct metric_input *in, const struct metric_moments *at,
                           const struct task *task)
{
    double *hit = NEW_ARRAY(double, in->n);

    for (size_t i = 0; i < in->n; i++)
        hit[i] = loss_is_right(in->kind, in->outputs, in->prediction + i * (size_t)in->outputs, in->target[i]);
    metric_bootstrap_at(out, hit, at, 0.5, metric_block(at->n, task->horizon), task->seed);
    free(hit);
}

void crossval_intervals(struct metric_interval *right, struct metric_interval *objective, const struct metric_input *in,
                        const struct metric_moments *at, const struct task *task)
{
    bootstrap_hits(right, in, at, task);
    if (in->kind == TASK_DIRECTION)
        *objective = *right;
    else
        metric_bootstrap_objective(objective, in, at, metric_block(at->n, task->horizon), task->seed);
}

/* The samples of one asset, put side by side. */
static void sum_up_asset(struct crossval *c, const struct dataset *d, int asset)
{
    struct crossval part = {.kind = c->kind, .outputs = c->outputs};
    struct metric_moments at;
    size_t each = (size_t)c->outputs;

    part.prediction = NEW_ARRAY(float, c->n *each);
    part.target = NEW_ARRAY(float, c->n);
    part.reference = c->reference ? NEW_ARRAY(double, c->n) : NULL;
    for (size_t i = 0; i < c->n; i++) {
        if (dataset_asset_of(d, d->bar[c->sample[i]]) != asset)
            continue;
        memcpy(part.prediction + part.n * each, c->prediction + i * each, each * sizeof(float));
        part.target[part.n] = c->target[i];
        if (c->reference)
            part.reference[part.n] = c->reference[i];
        part.n++;
    }
    struct metric_input in = crossval_scored(&part);
    metric_score(&c->asset[asset].metric, &in);
    metric_moments_of(&at, NULL, part.n);
    crossval_intervals(&c->asset[asset].interval, &c->asset[asset].objective, &in, &at, &d->task);
    metric_moments_free(&at);
    free(part.prediction);
    free(part.target);
    free(part.reference);
}

static void sum_up(struct crossval *c, const struct dataset *d)
{
    struct metric_input in = crossval_scored(c);
    struct metric_moments at;

    crossval_moments(&at, c, d);
    metric_score(&c->metric, &in);
    crossval_intervals(&c->interval, &c->objective, &in, &at, &d->task);
    metric_moments_free(&at);
    if (d->task.assets > 1) {
        c->asset = NEW_ARRAY(struct crossval_asset, d->task.assets);
        for (int k = 0; k < d->task.assets; k++)
            sum_up_asset(c, d, k);
    }
    sum_up_folds(c);
}

static bool allocate(struct crossval *c, const struct dataset *d, struct error *err)
{
    size_t n = 0;

    for (int k = 0; k < d->folds; k++)
        n += d->fold[k].valid_end - d->fold[k].valid_first;
    c->kind = d->task.target;
    c->outputs = dataset_outputs(d);
    c->sample = memory_try(n, sizeof *c->sample, "the out-of-fold samples", err);
    c->prediction =
        c->sample ? memory_try(n * (size_t)c->outputs, sizeof *c->prediction, "the predictions", err) : NULL;
    c->target = c->prediction ? memory_try(n, sizeof *c->target, "the targets", err) : NULL;
    if (!c->target || c->kind != TASK_RETURN)
        return c->target != NULL;
    c->reference = memory_try(n, sizeof *c->reference, "the references", err);
    return c->reference != NULL;
}

static struct crossval *run_folds(const struct dataset *d, const struct arch *a, const struct model *const *start,
                                  const struct recipe *recipe, int first, int end, struct threads *pool,
                                  const struct train_hooks *hooks, struct error *err)
{
    struct crossval *c = NEW(struct crossval);
    struct job job = {c, d, a, start, recipe, pool, hooks, err};
    double began = clock_seconds();

    ASSERT(d->folds <= DATASET_FOLDS_MAX);
    c->folds = d->folds;
    bool ok = first < end && end <= d->folds;
    if (!ok)
        error_set(err, ERROR_USAGE, "folds %d to %d were asked for, the data set has %d", first + 1, end, d->folds);
    ok = ok && recipe_check(recipe, err) && allocate(c, d, err);
    for (int k = first; ok && k < end; k++) {
        ok = run_fold(&job, k);
        if (c->fold[k].train.cut)
            break;
    }
    if (!ok) {
        crossval_free(c);
        return NULL;
    }
    sum_up(c, d);
    c->seconds = clock_seconds() - began;
    return c;
}

struct crossval *crossval_run(const struct dataset *d, const struct arch *a, const struct model *const *start,
                              const struct recipe *recipe, int only_fold, struct threads *pool,
                              const struct train_hooks *hooks, struct error *err)
{
    bool one = only_fold >= 0;

    return run_folds(d, a, start, recipe, one ? only_fold : 0, one ? only_fold + 1 : d->folds, pool, hooks, err);
}

struct crossval *crossval_run_part(const struct dataset *d, const struct arch *a, const struct model *const *start,
                                   const struct recipe *recipe, int folds, struct threads *pool,
                                   const struct train_hooks *hooks, struct error *err)
{
    return run_folds(d, a, start, recipe, 0, folds, pool, hooks, err);
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
    free(c->prediction);
    free(c->target);
    free(c->reference);
    free(c->asset);
    free(c);
}

/* Against the mean that the training part was standardised by. */
static bool score_stop_slice(struct metric *valid, const struct model *m, const struct slices *s, struct threads *pool,
                             struct error *err)
{
    struct metric_input in = {
        .kind = s->goal.target, .outputs = s->goal.outputs, .target = s->stop.target, .n = s->stop.n};
    float *prediction = memory_try(in.n * (size_t)in.outputs, sizeof *prediction, "the predictions", err);
    double *reference = prediction ? memory_try(in.n, sizeof *reference, "the references", err) : NULL;
    bool ok = reference && train_predict(m, prediction, &s->stop, pool, err);

    in.prediction = prediction;
    in.reference = reference;
    for (size_t i = 0; ok && i < in.n; i++)
        reference[i] = s->goal.mean;
    if (ok)
        metric_score(valid, &in);
    free(prediction);
    free(reference);
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

static size_t fold_first(const struct dataset *d, int fold)
{
    return fold < 0 ? 0 : d->fold[fold].train_first;
}

static size_t fold_end(const struct dataset *d, int fold)
{
    return fold < 0 ? d->visible_samples : d->fold[fold].train_end;
}

bool crossval_views(struct crossval_views *out, const struct dataset *d, int fold, const struct recipe *recipe,
                    struct error *err)
{
    struct slices s = {0};

    ASSERT(fold < d->folds);
    if (!slices_make(&s, d, fold_first(d, fold), fold_end(d, fold), recipe, err))
        return false;
    *out = (struct crossval_views){s.scaled, s.train, s.stop};
    return true;
}

bool crossval_counts(size_t *train, size_t *stop, const struct dataset *d, int fold, const struct recipe *recipe)
{
    size_t first = fold_first(d, fold), end = fold_end(d, fold), train_end = end, stop_first = end;

    if (recipe->stop_ppm > 0 && !dataset_early_stop(d, first, end, recipe->stop_ppm / 1e6, &train_end, &stop_first))
        return false;
    *train = train_end - first;
    *stop = end - stop_first;
    return true;
}
