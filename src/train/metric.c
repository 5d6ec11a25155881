#include "train/metric.h"

#include "base/memory.h"
#include "base/vmath.h"

#include <math.h>

#define CLIP 1e-12

struct counts {
    double up_right, up_wrong, down_right, down_wrong; /* by what was predicted */
};

static double ratio(double part, double whole, double otherwise)
{
    return whole > 0.0 ? part / whole : otherwise;
}

static void score_counts(struct metric *out, const struct counts *c)
{
    double ups = c->up_right + c->down_wrong, downs = c->down_right + c->up_wrong;
    double predicted_ups = c->up_right + c->up_wrong, predicted_downs = c->down_right + c->down_wrong;
    double up_recall = ratio(c->up_right, ups, 0.0), down_recall = ratio(c->down_right, downs, 0.0);
    int classes = (ups > 0.0) + (downs > 0.0);

    out->directional_accuracy = ratio(c->up_right + c->down_right, ups + downs, 0.0);
    out->balanced_accuracy = classes > 0 ? (up_recall + down_recall) / classes : 0.0;
    out->f1 = ratio(2.0 * c->up_right, 2.0 * c->up_right + c->up_wrong + c->down_wrong, 0.0);
    /* Two roots, as the product of four counts may pass 2^53. */
    out->mcc = ratio(c->up_right * c->down_right - c->up_wrong * c->down_wrong,
                     sqrt(ups * downs) * sqrt(predicted_ups * predicted_downs), 0.0);
}

struct ranked {
    float probability, target;
};

static int by_probability(const void *a, const void *b)
{
    float x = ((const struct ranked *)a)->probability, y = ((const struct ranked *)b)->probability;

    return (x > y) - (x < y);
}

/* Mann-Whitney: (sum of the ups' mid-ranks - ups (ups + 1) / 2) / (ups downs). Counted in halves, so exact. */
static double auc_of(const float *probability, const float *target, size_t n)
{
    struct ranked *r = NEW_ARRAY(struct ranked, n);
    uint64_t ups = 0, twice_ranks = 0;

    for (size_t i = 0; i < n; i++)
        r[i] = (struct ranked){probability[i], target[i]};
    qsort(r, n, sizeof *r, by_probability);
    for (size_t first = 0, end; first < n; first = end) {
        uint64_t ups_here = 0;
        for (end = first; end < n && r[end].probability <= r[first].probability; end++)
            ups_here += r[end].target > 0.5F;
        twice_ranks += ups_here * (first + 1 + end);
        ups += ups_here;
    }
    free(r);
    double pairs = (double)ups * (double)(n - ups);
    return ratio((double)(twice_ranks - ups * (ups + 1)) / 2.0, pairs, 0.5);
}

void metric_of(struct metric *out, const float *probability, const float *target, size_t n)
{
    struct counts c = {0};
    double log_loss = 0.0, brier = 0.0;

    *out = (struct metric){.n = n};
    if (n == 0)
        return;
    for (size_t i = 0; i < n; i++) {
        ASSERT(!isnan(probability[i]));
        double p = probability[i];
        bool up = target[i] > 0.5F, said_up = p > 0.5;
        double seen = up ? p : 1.0 - p;
        *(said_up ? (up ? &c.up_right : &c.up_wrong) : (up ? &c.down_wrong : &c.down_right)) += 1.0;
        log_loss -= vmath_log(seen < CLIP ? CLIP : seen > 1.0 - CLIP ? 1.0 - CLIP : seen);
        brier += (1.0 - seen) * (1.0 - seen);
    }
    out->correct = (uint64_t)(c.up_right + c.down_right);
    out->log_loss = log_loss / (double)n;
    out->brier = brier / (double)n;
    out->auc = auc_of(probability, target, n);
    score_counts(out, &c);
}
