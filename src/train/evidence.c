#include "train/evidence.h"

#include "base/memory.h"
#include "base/text.h"
#include "train/baseline.h"
#include "train/crossval.h"

/* 1 where the majority rule of the sample's fold is right. The samples stand in order of time, as the folds do. */
static size_t majority_hits(const struct crossval *c, const struct dataset *d, float *hit)
{
    size_t right = 0, at = 0;

    for (int k = 0; k < d->folds && at < c->n; k++) {
        bool says_up = (float)baseline_up_share(d, &d->fold[k]) > 0.5F;
        for (; at < c->n && c->sample[at] < d->fold[k].valid_end; at++) {
            hit[at] = says_up == (c->target[at] > 0.5F) ? 1.0F : 0.0F;
            right += hit[at] > 0.5F;
        }
    }
    ASSERT(at == c->n);
    return right;
}

static void say(struct evidence *out, const struct crossval *c, double reference, const char *name)
{
    char bars[32], trials[32];

    text_of_count(c->n, bars, sizeof bars);
    text_of_count((uint64_t)out->trials, trials, sizeof trials);
    snprintf(out->sentence, sizeof out->sentence,
             "%s of skill: %.1f %% right on %s out-of-fold bars against %.1f %% (%s), p = %.2g after correction for %s "
             "%s (level %.0f %%).",
             out->skill ? "Evidence" : "No evidence", 100.0 * c->metric.directional_accuracy, bars, 100.0 * reference,
             name, out->p, trials, out->trials == 1 ? "trial" : "trials", 100.0 * EVIDENCE_LEVEL);
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

void evidence_of(struct evidence *out, const struct crossval *best, const struct dataset *d, int trials)
{
    struct metric_interval difference;
    double block = metric_block(best->n, d->task.horizon);

    *out = (struct evidence){.p = 1.0, .trials = trials > 1 ? trials : 1};
    if ((double)best->n < EVIDENCE_BLOCKS * block) {
        say_too_few(out, best, block);
        return;
    }
    float *hit = NEW_ARRAY(float, best->n);
    double majority = (double)majority_hits(best, d, hit) / (double)best->n;
    bool paired = majority > 0.5;
    for (size_t i = 0; i < best->n; i++) {
        float right = (best->probability[i] > 0.5F) == (best->target[i] > 0.5F) ? 1.0F : 0.0F;
        hit[i] = paired ? right - hit[i] : right;
    }
    metric_bootstrap(&difference, hit, best->n, paired ? 0.0 : 0.5, block, d->task.seed);
    free(hit);
    out->p = difference.p * out->trials < 1.0 ? difference.p * out->trials : 1.0;
    out->skill = out->p < EVIDENCE_LEVEL;
    say(out, best, paired ? majority : 0.5, paired ? "majority" : "a coin");
}
