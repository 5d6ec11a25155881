#include "train/evidence.h"

#include "base/memory.h"
#include "base/text.h"
#include "train/baseline.h"
#include "train/crossval.h"
#include "train/loss.h"
#include "train/spa.h"

#include <math.h>

/* What the share right is compared with. */
struct reference {
    const char *name;
    double share;
    double *hit; /* [places]; NULL: a share alone */
};

/* Places are the validation samples of all folds, one fold behind the other, in the order of time. */
struct evidence_test {
    const struct crossval *best;
    const struct dataset *d;
    size_t places;
    size_t *moment; /* [places] */
    size_t moments;
    double block;
    double *gain, *samples; /* [moments] room for one trial */
    struct reference reference;
    struct spa *spa; /* NULL: too few bars */
    struct spa_trial own;
    int trials;
};

static size_t fold_samples(const struct dataset_fold *f)
{
    return f->valid_end - f->valid_first;
}

/* Of a sample, at or behind the place *at of fold *fold; false where it is no validation sample. */
static bool find_place(const struct dataset *d, uint32_t sample, int *fold, size_t *before, size_t *place)
{
    while (*fold < d->folds && sample >= d->fold[*fold].valid_end) {
        *before += fold_samples(&d->fold[*fold]);
        (*fold)++;
    }
    if (*fold == d->folds || sample < d->fold[*fold].valid_first)
        return false;
    *place = *before + (sample - d->fold[*fold].valid_first);
    return true;
}

/* --- the reference ------------------------------------------------------------------------------------------------ */

/* 1 where a rule is right, at every place; false where there is no such rule. */
static bool rule_hits(double *hit, const struct crossval *c, const struct dataset *d, bool persistence)
{
    size_t most = 0, outputs = (size_t)c->outputs;

    for (int k = 0; k < d->folds; k++)
        most = fold_samples(&d->fold[k]) > most ? fold_samples(&d->fold[k]) : most;
    float *prediction = NEW_ARRAY(float, most *outputs);
    bool any = true;
    for (int k = 0; any && k < d->folds; k++) {
        const struct dataset_fold *f = &d->fold[k];
        if (persistence)
            any = baseline_persistence(prediction, d, f);
        else
            baseline_majority(prediction, d, f);
        for (size_t i = 0; any && i < fold_samples(f); i++)
            *hit++ = loss_is_right(c->kind, c->outputs, prediction + i * outputs, d->target[f->valid_first + i]);
    }
    free(prediction);
    return any;
}

/* On the samples that the model was scored on. */
static double share_of(const double *hit, const struct crossval *c, const struct dataset *d)
{
    size_t before = 0, place = 0;
    int fold = 0;
    double right = 0.0;

    for (size_t i = 0; i < c->n; i++) {
        bool there = find_place(d, c->sample[i], &fold, &before, &place);
        ASSERT(there);
        right += hit[place];
    }
    return right / (double)c->n;
}

/* The best of what needs no model. */
static struct reference find_reference(const struct crossval *c, const struct dataset *d, size_t places)
{
    bool is_class = c->kind == TASK_CLASS;
    struct reference best = {is_class ? "chance" : "a coin", is_class ? 1.0 / c->outputs : 0.5, NULL};

    for (int persistence = 0; persistence <= (is_class ? 1 : 0); persistence++) {
        double *hit = NEW_ARRAY(double, places);
        double share = rule_hits(hit, c, d, persistence != 0) ? share_of(hit, c, d) : 0.0;
        if (share <= best.share) {
            free(hit);
            continue;
        }
        free(best.hit);
        best = (struct reference){persistence ? "persistence" : "majority", share, hit};
    }
    return best;
}

/* --- the test ----------------------------------------------------------------------------------------------------- */

static void find_moments(struct evidence_test *t)
{
    int64_t last = 0;
    size_t at = 0;

    for (int k = 0; k < t->d->folds; k++)
        for (size_t i = t->d->fold[k].valid_first; i < t->d->fold[k].valid_end; i++) {
            int64_t time_us = t->d->time_us[t->d->bar[i]];
            t->moments += at == 0 || time_us != last;
            t->moment[at++] = t->moments - 1;
            last = time_us;
        }
}

/* Of the model's own samples: they decide whether there is enough to judge it. */
static size_t own_moments(const struct crossval *c, const struct dataset *d)
{
    struct metric_moments at;

    crossval_moments(&at, c, d);
    size_t n = at.n;
    metric_moments_free(&at);
    return n;
}

/* How much better than the reference, by moments. */
static bool add_gains(struct evidence_test *t, const struct tally *tally, struct error *err)
{
    size_t before = 0, place = 0, at = 0;
    int fold = 0;
    const double *hit = t->reference.hit;

    memset(t->gain, 0, t->moments * sizeof *t->gain);
    memset(t->samples, 0, t->moments * sizeof *t->samples);
    for (size_t r = 0; r < tally->ranges; r++)
        for (uint32_t i = 0; i < tally->range[r].n; i++, at++) {
            if (!find_place(t->d, tally->range[r].first + i, &fold, &before, &place))
                return error_set(err, ERROR_DATA, "a trial was scored on samples that the task does not have");
            double value = tally_value(tally, at);
            t->gain[t->moment[place]] += tally->hit ? value - (hit ? hit[place] : t->reference.share) : value;
            t->samples[t->moment[place]] += 1.0;
        }
    return true;
}

static bool add(struct evidence_test *t, const struct tally *tally, struct spa_trial *out, struct error *err)
{
    /* Where no resample differs, a coin thrown once a block has the error. */
    double least = tally->hit ? 0.5 / sqrt((double)t->moments / t->block) : 0.0;

    if (tally->kind != t->best->kind)
        return error_set(err, ERROR_DATA, "a trial was scored on another target");
    if (!add_gains(t, tally, err))
        return false;
    *out = spa_add(t->spa, t->gain, tally->n < t->places ? t->samples : NULL, least);
    return true;
}

static bool add_own(struct evidence_test *t, struct error *err)
{
    struct tally own;

    tally_of(&own, t->best);
    bool ok = add(t, &own, &t->own, err);
    tally_free(&own);
    return ok;
}

static bool start_test(struct evidence_test *t, int trials, struct error *err)
{
    double *all = memory_try(t->moments, sizeof *all, "the evidence", err);

    t->gain = memory_try(t->moments, sizeof *t->gain, "the evidence", err);
    t->samples = memory_try(t->moments, sizeof *t->samples, "the evidence", err);
    if (all && t->gain && t->samples) {
        for (size_t i = 0; i < t->places; i++)
            all[t->moment[i]] += 1.0;
        t->spa = spa_new(all, t->moments, t->block, trials > SPA_MANY ? SPA_RESAMPLES_MANY : SPA_RESAMPLES,
                         t->d->task.seed, err);
    }
    free(all);
    return t->spa && add_own(t, err);
}

struct evidence_test *evidence_begin(const struct crossval *best, const struct dataset *d, int trials,
                                     struct error *err)
{
    struct evidence_test *t = NEW(struct evidence_test);

    *t = (struct evidence_test){.best = best, .d = d};
    for (int k = 0; k < d->folds; k++)
        t->places += fold_samples(&d->fold[k]);
    ASSERT(best->n > 0 && best->n <= t->places);
    t->moment = NEW_ARRAY(size_t, t->places);
    find_moments(t);
    size_t own = own_moments(best, d);
    t->block = metric_block(own, d->task.horizon);
    if ((double)own < EVIDENCE_BLOCKS * t->block)
        return t;
    if (best->kind != TASK_RETURN)
        t->reference = find_reference(best, d, t->places);
    if (start_test(t, trials, err))
        return t;
    evidence_end(t, NULL);
    return NULL;
}

bool evidence_add(struct evidence_test *t, const struct tally *tally, struct error *err)
{
    struct spa_trial ignored;

    if (t->spa && !add(t, tally, &ignored, err))
        return false;
    t->trials++;
    return true;
}

/* --- the sentence ------------------------------------------------------------------------------------------------- */

static const char *kind_of_bars(const struct dataset *d)
{
    return d->folds == 1 && d->fold[0].valid_first >= d->visible_samples ? "hold-out" : "out-of-fold";
}

static void say(struct evidence *out, const struct evidence_test *t)
{
    const struct crossval *c = t->best;
    const struct reference *reference = &t->reference;
    const char *kind = kind_of_bars(t->d);
    char bars[32], trials[32], found[128];

    text_of_count(c->n, bars, sizeof bars);
    text_of_count((uint64_t)out->trials, trials, sizeof trials);
    if (c->kind == TASK_RETURN)
        snprintf(found, sizeof found, "R2 %.4f on %s %s bars against 0 (the training mean)", c->metric.r2, bars,
                 kind);
    else
        snprintf(found, sizeof found, "%.1f %% right on %s %s bars against %.1f %% (%s)",
                 100.0 * c->metric.directional_accuracy, bars, kind, 100.0 * reference->share, reference->name);
    snprintf(out->sentence, sizeof out->sentence,
             "%s of skill: %s, p = %.2g after correction for %s %s (Hansen's SPA, level %.0f %%).",
             out->skill ? "Evidence" : "No evidence", found, out->p, trials, out->trials == 1 ? "trial" : "trials",
             100.0 * EVIDENCE_LEVEL);
}

static void say_too_few(struct evidence *out, const struct evidence_test *t)
{
    char bars[32];

    text_of_count(t->best->n, bars, sizeof bars);
    snprintf(out->sentence, sizeof out->sentence,
             "No evidence of skill: %s %s bars are too few to tell (at least %d blocks of %.0f bars are needed).", bars,
             kind_of_bars(t->d), EVIDENCE_BLOCKS, t->block);
}

static void say_opened(struct evidence *out, int opened)
{
    char more[80];

    snprintf(more, sizeof more, " Sealed bars of this task were opened %d time%s.", opened, opened > 1 ? "s" : "");
    text_append(out->sentence, sizeof out->sentence, more);
}

void evidence_end(struct evidence_test *t, struct evidence *out)
{
    if (out) {
        *out = (struct evidence){.p = 1.0, .trials = t->trials > 1 ? t->trials : 1};
        if (t->spa) {
            out->p = spa_p(t->spa, t->own.t);
            out->skill = t->own.t > 0.0 && out->p < EVIDENCE_LEVEL;
            say(out, t);
        } else {
            say_too_few(out, t);
        }
        if (t->d->opened > 0)
            say_opened(out, t->d->opened);
    }
    spa_free(t->spa);
    free(t->reference.hit);
    free(t->moment);
    free(t->gain);
    free(t->samples);
    free(t);
}

bool evidence_of(struct evidence *out, const struct crossval *best, const struct dataset *d, const struct tally *trial,
                 int trials, struct error *err)
{
    struct evidence_test *t = evidence_begin(best, d, trials, err);
    bool ok = t != NULL;

    for (int i = 0; ok && i < trials; i++)
        ok = evidence_add(t, &trial[i], err);
    if (t)
        evidence_end(t, ok ? out : NULL);
    return ok;
}
