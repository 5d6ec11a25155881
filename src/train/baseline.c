#include "train/baseline.h"

#include "base/memory.h"
#include "base/text.h"
#include "base/vmath.h"
#include "train/crossval.h"

#include <math.h>

double baseline_up_share(const struct dataset *d, const struct dataset_fold *fold)
{
    size_t ups = 0, n = fold->train_end - fold->train_first;

    for (size_t i = fold->train_first; i < fold->train_end; i++)
        ups += d->target[i] > 0.5F;
    return n > 0 ? (double)ups / (double)n : 0.5;
}

double baseline_mean(const struct dataset *d, const struct dataset_fold *fold)
{
    double sum = 0.0;

    for (size_t i = fold->train_first; i < fold->train_end; i++)
        sum += (double)d->target[i];
    return fold->train_end > fold->train_first ? sum / (double)(fold->train_end - fold->train_first) : 0.0;
}

/* Of each class in the training part. */
static void class_shares(float *share, const struct dataset *d, const struct dataset_fold *fold)
{
    size_t count[DATASET_CLASSES_MAX] = {0}, n = fold->train_end - fold->train_first;

    for (size_t i = fold->train_first; i < fold->train_end; i++)
        count[(int)d->target[i]]++;
    for (int k = 0; k < d->classes; k++)
        share[k] = n > 0 ? (float)((double)count[k] / (double)n) : (float)(1.0 / d->classes);
}

void baseline_majority(float *out, const struct dataset *d, const struct dataset_fold *fold)
{
    float value[DATASET_CLASSES_MAX];
    size_t outputs = (size_t)dataset_outputs(d);

    if (d->task.target == TASK_CLASS)
        class_shares(value, d, fold);
    else
        value[0] = (float)(d->task.target == TASK_RETURN ? baseline_mean(d, fold) : baseline_up_share(d, fold));
    for (size_t i = fold->valid_first; i < fold->valid_end; i++, out += outputs)
        memcpy(out, value, outputs * sizeof *out);
}

/* --- persistence of a direction ---------------------------------------------------------------------------------- */

/* 1 up, -1 down, 0 unknown (also for missing prices, which compare false). */
static int last_direction(const struct dataset *d, size_t sample)
{
    size_t bar = d->bar[sample], back = (size_t)d->task.horizon;

    if (bar < d->asset[dataset_asset_of(d, bar)].first + back)
        return 0;
    return (d->price[bar] > d->price[bar - back]) - (d->price[bar] < d->price[bar - back]);
}

static double persistence_share(const struct dataset *d, const struct dataset_fold *fold)
{
    size_t known = 0, went_on = 0;

    for (size_t i = fold->train_first; i < fold->train_end; i++) {
        int direction = last_direction(d, i);
        known += direction != 0;
        went_on += direction != 0 && (direction > 0) == (d->target[i] > 0.5F);
    }
    double share = known > 0 ? (double)went_on / (double)known : 0.5;
    return share > 0.5 + 0x1p-20 ? share : 0.5 + 0x1p-20;
}

static void direction_goes_on(float *out, const struct dataset *d, const struct dataset_fold *fold)
{
    double share = persistence_share(d, fold), fallback = baseline_up_share(d, fold);

    for (size_t i = fold->valid_first; i < fold->valid_end; i++) {
        int direction = last_direction(d, i);
        *out++ = (float)(direction > 0 ? share : direction < 0 ? 1.0 - share : fallback);
    }
}

/* --- of a return ------------------------------------------------------------------------------------------------- */

/* The log return of the last horizon, NaN where it is not known. */
static double last_return(const struct dataset *d, size_t sample)
{
    size_t bar = d->bar[sample], back = (size_t)d->task.horizon;

    if (bar < d->asset[dataset_asset_of(d, bar)].first + back || !(d->price[bar] > 0 && d->price[bar - back] > 0))
        return (double)NAN;
    return vmath_log(d->price[bar] / d->price[bar - back]);
}

static void return_goes_on(float *out, const struct dataset *d, const struct dataset_fold *fold)
{
    double both = 0.0, square = 0.0, mean = baseline_mean(d, fold);

    for (size_t i = fold->train_first; i < fold->train_end; i++) {
        double last = last_return(d, i);
        if (isnan(last))
            continue;
        both += last * (double)d->target[i];
        square += last * last;
    }
    double factor = square > 0.0 ? both / square : 0.0;
    for (size_t i = fold->valid_first; i < fold->valid_end; i++) {
        double last = last_return(d, i);
        *out++ = (float)(isnan(last) ? mean : factor * last);
    }
}

/* --- of a class -------------------------------------------------------------------------------------------------- */

static double class_stays_share(const struct dataset *d, const struct dataset_fold *fold)
{
    size_t known = 0, stayed = 0;

    for (size_t i = fold->train_first; i < fold->train_end; i++) {
        float last = d->past_label[d->bar[i]];
        known += isnan(last) ? 0 : 1;
        stayed += last == d->target[i];
    }
    double share = known > 0 ? (double)stayed / (double)known : 0.5;
    return share > 0.5 + 0x1p-20 ? share < 1.0 ? share : 1.0 - 0x1p-20 : 0.5 + 0x1p-20;
}

static void class_stays(float *out, const struct dataset *d, const struct dataset_fold *fold)
{
    float often[DATASET_CLASSES_MAX];
    double share = class_stays_share(d, fold), rest = (1.0 - share) / (d->classes - 1);

    class_shares(often, d, fold);
    for (size_t i = fold->valid_first; i < fold->valid_end; i++, out += d->classes) {
        float last = d->past_label[d->bar[i]];
        for (int k = 0; k < d->classes; k++)
            out[k] = isnan(last) ? often[k] : (float)((int)last == k ? share : rest);
    }
}

bool baseline_persistence(float *out, const struct dataset *d, const struct dataset_fold *fold)
{
    if (d->task.target == TASK_CLASS && d->task.horizon == 0)
        return false;
    if (d->task.target == TASK_CLASS)
        class_stays(out, d, fold);
    else if (d->task.target == TASK_RETURN)
        return_goes_on(out, d, fold);
    else
        direction_goes_on(out, d, fold);
    return true;
}

/* --- scoring ----------------------------------------------------------------------------------------------------- */

static bool predict_majority(float *out, const struct dataset *d, const struct dataset_fold *fold)
{
    baseline_majority(out, d, fold);
    return true;
}

static const struct rule {
    const char *name[3], *about[3]; /* by target */
    bool (*predict)(float *out, const struct dataset *d, const struct dataset_fold *fold);
} rules[BASELINES] = {
    {{"majority", "mean", "majority"},
     {"always the direction that was more frequent in the training part", "always the mean return of the training part",
      "always the class that was most frequent in the training part"},
     predict_majority},
    {{"persistence", "persistence", "persistence"},
     {"the direction of the last horizon goes on", "the return of the last horizon times a factor fitted in training",
      "the class that was published last goes on"},
     baseline_persistence},
};

/* The out-of-fold samples as a cross-validation has them, for predictions that are still to come. */
static struct crossval *out_of_fold(const struct dataset *d, struct error *err)
{
    struct crossval *c = NEW(struct crossval);
    size_t n = 0;

    for (int k = 0; k < d->folds; k++)
        n += d->fold[k].valid_end - d->fold[k].valid_first;
    c->kind = d->task.target;
    c->outputs = dataset_outputs(d);
    c->prediction = memory_try(n * (size_t)c->outputs, sizeof *c->prediction, "the baselines", err);
    c->target = memory_try(n, sizeof *c->target, "the baselines", err);
    c->reference = memory_try(n, sizeof *c->reference, "the baselines", err);
    c->sample = memory_try(n, sizeof *c->sample, "the baselines", err);
    bool ok = c->prediction && c->target && c->reference && c->sample;
    for (int k = 0; ok && k < d->folds; k++) {
        double mean = baseline_mean(d, &d->fold[k]);
        for (size_t i = d->fold[k].valid_first; i < d->fold[k].valid_end; i++) {
            c->sample[c->n] = (uint32_t)i;
            c->reference[c->n] = mean;
            c->target[c->n++] = d->target[i];
        }
    }
    if (ok)
        return c;
    crossval_free(c);
    return NULL;
}

static void score(struct baseline *out, const struct dataset *d, const struct crossval *c)
{
    struct metric_input in = crossval_scored(c);
    struct metric_moments at;

    crossval_moments(&at, c, d);
    metric_score(&out->metric, &in);
    crossval_intervals(&out->interval, &out->objective, &in, &at, &d->task);
    metric_moments_free(&at);
}

struct crossval *baseline_predictions(const struct dataset *d, int rule, struct error *err)
{
    struct crossval *c = out_of_fold(d, err);
    float *at = c ? c->prediction : NULL;

    ASSERT(rule >= 0 && rule < BASELINES);
    for (int k = 0; c && k < d->folds; k++) {
        if (!rules[rule].predict(at, d, &d->fold[k])) {
            crossval_free(c);
            error_set(err, ERROR_DATA, "a label that is told of the bar itself has no persistence");
            return NULL;
        }
        at += (d->fold[k].valid_end - d->fold[k].valid_first) * (size_t)c->outputs;
    }
    if (c) {
        struct metric_input in = crossval_scored(c);
        metric_score(&c->metric, &in);
    }
    return c;
}

bool baseline_applies(const struct dataset *d, int rule)
{
    return rule == 0 || d->task.target != TASK_CLASS || d->task.horizon > 0;
}

const char *baseline_name(enum task_target target, int rule)
{
    return rules[rule].name[target];
}

bool baseline_run(const struct dataset *d, struct baseline *out, int *n, int most, struct error *err)
{
    bool ok = true;

    *n = 0;
    for (int i = 0; ok && i < BASELINES && *n < most; i++) {
        if (!baseline_applies(d, i))
            continue;
        struct crossval *c = baseline_predictions(d, i, err);
        ok = c && (c->n > 0 ||
                   error_set(err, ERROR_DATA, "the data set has no out-of-fold samples to score baselines on"));
        if (ok) {
            struct baseline *b = &out[(*n)++];
            text_copy(b->name, sizeof b->name, rules[i].name[d->task.target]);
            text_copy(b->about, sizeof b->about, rules[i].about[d->task.target]);
            score(b, d, c);
        }
        crossval_free(c);
    }
    return ok;
}
