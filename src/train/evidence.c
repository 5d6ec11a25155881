#include "train/evidence.h"

#include "base/memory.h"
#include "base/text.h"
#include "train/baseline.h"
#include "train/crossval.h"
#include "train/loss.h"

/* What the share right is compared with. */
struct reference {
    const char *name;
    double share;
    double *hit; /* [n]; NULL: a share alone */
};

static size_t outputs_of(const struct crossval *c)
{
    return (size_t)c->outputs;
}

/* 1 where a rule is right on the samples that were scored; false where there is no such rule. The samples stand in the
 * order of time, as the folds do. */
static bool rule_hits(double *hit, double *share, const struct crossval *c, const struct dataset *d, bool persistence)
{
    size_t at = 0, most = 0, outputs = outputs_of(c);
    double right = 0.0;

    for (int k = 0; k < d->folds; k++) {
        size_t n = d->fold[k].valid_end - d->fold[k].valid_first;
        most = n > most ? n : most;
    }
    float *prediction = NEW_ARRAY(float, most *outputs);
    bool any = true;
    for (int k = 0; any && k < d->folds && at < c->n; k++) {
        const struct dataset_fold *f = &d->fold[k];
        if (persistence)
            any = baseline_persistence(prediction, d, f);
        else
            baseline_majority(prediction, d, f);
        for (; any && at < c->n && c->sample[at] < f->valid_end; at++) {
            const float *p = prediction + (c->sample[at] - f->valid_first) * outputs;
            hit[at] = loss_is_right(c->kind, c->outputs, p, c->target[at]) ? 1.0 : 0.0;
            right += hit[at];
        }
    }
    free(prediction);
    ASSERT(!any || at == c->n);
    *share = right / (double)c->n;
    return any;
}

/* The best of what needs no model. */
static struct reference find_reference(const struct crossval *c, const struct dataset *d)
{
    bool is_class = c->kind == TASK_CLASS;
    struct reference best = {is_class ? "chance" : "a coin", is_class ? 1.0 / c->outputs : 0.5, NULL};

    for (int persistence = 0; persistence <= (is_class ? 1 : 0); persistence++) {
        double share, *hit = NEW_ARRAY(double, c->n);
        if (!rule_hits(hit, &share, c, d, persistence != 0) || share <= best.share) {
            free(hit);
            continue;
        }
        free(best.hit);
        best = (struct reference){persistence ? "persistence" : "majority", share, hit};
    }
    return best;
}

static void say(struct evidence *out, const struct crossval *c, const struct reference *reference)
{
    char bars[32], trials[32], found[96];

    text_of_count(c->n, bars, sizeof bars);
    text_of_count((uint64_t)out->trials, trials, sizeof trials);
    if (c->kind == TASK_RETURN)
        snprintf(found, sizeof found, "R2 %.4f on %s out-of-fold bars against 0 (the training mean)", c->metric.r2,
                 bars);
    else
        snprintf(found, sizeof found, "%.1f %% right on %s out-of-fold bars against %.1f %% (%s)",
                 100.0 * c->metric.directional_accuracy, bars, 100.0 * reference->share, reference->name);
    snprintf(out->sentence, sizeof out->sentence,
             "%s of skill: %s, p = %.2g after correction for %s %s (level %.0f %%).",
             out->skill ? "Evidence" : "No evidence", found, out->p, trials, out->trials == 1 ? "trial" : "trials",
             100.0 * EVIDENCE_LEVEL);
}

static void say_too_few(struct evidence *out, const struct crossval *c, double block)
{
    char bars[32];

    text_of_count(c->n, bars, sizeof bars);
    snprintf(
        out->sentence, sizeof out->sentence,
        "No evidence of skill: %s out-of-fold bars are too few to tell (at least %d blocks of %.0f bars are needed).",
        bars, EVIDENCE_BLOCKS, block);
}

/* By how much each sample is better than the reference. */
static void differences(double *out, const struct crossval *c, const struct reference *reference)
{
    for (size_t i = 0; i < c->n; i++) {
        const float *p = c->prediction + i * outputs_of(c);
        double y = c->target[i];
        if (c->kind == TASK_RETURN)
            out[i] = (y - c->reference[i]) * (y - c->reference[i]) - (y - (double)p[0]) * (y - (double)p[0]);
        else
            out[i] = (loss_is_right(c->kind, c->outputs, p, c->target[i]) ? 1.0 : 0.0) -
                     (reference->hit ? reference->hit[i] : 0.0);
    }
}

void evidence_of(struct evidence *out, const struct crossval *best, const struct dataset *d, int trials)
{
    struct metric_interval difference;
    struct metric_moments at;

    *out = (struct evidence){.p = 1.0, .trials = trials > 1 ? trials : 1};
    crossval_moments(&at, best, d);
    double block = metric_block(at.n, d->task.horizon);
    if ((double)at.n < EVIDENCE_BLOCKS * block) {
        say_too_few(out, best, block);
    } else {
        bool is_return = best->kind == TASK_RETURN;
        struct reference reference = is_return ? (struct reference){0} : find_reference(best, d);
        double *value = NEW_ARRAY(double, best->n);
        differences(value, best, &reference);
        metric_bootstrap_at(&difference, value, &at, reference.hit ? 0.0 : reference.share, block, d->task.seed);
        out->p = difference.p * out->trials < 1.0 ? difference.p * out->trials : 1.0;
        out->skill = out->p < EVIDENCE_LEVEL;
        say(out, best, &reference);
        free(value);
        free(reference.hit);
    }
    metric_moments_free(&at);
    if (d->opened > 0) {
        char more[80];
        snprintf(more, sizeof more, " Sealed bars of this task were opened %d time%s.", d->opened,
                 d->opened > 1 ? "s" : "");
        text_append(out->sentence, sizeof out->sentence, more);
    }
}
