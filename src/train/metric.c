#include "train/metric_internal.h"

#include "base/memory.h"
#include "base/vmath.h"

#include <math.h>

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
double metric_auc(const float *probability, const float *target, size_t n)
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

double metric_log(double probability)
{
    return vmath_log(probability < METRIC_CLIP         ? METRIC_CLIP
                     : probability > 1.0 - METRIC_CLIP ? 1.0 - METRIC_CLIP
                                                       : probability);
}

void metric_sides(struct metric *out, const float *value, float threshold, const float *up, size_t n)
{
    struct counts c = {0};

    for (size_t i = 0; i < n; i++) {
        ASSERT(!isnan(value[i]));
        bool is_up = up[i] > 0.5F, said_up = value[i] > threshold;
        *(said_up ? (is_up ? &c.up_right : &c.up_wrong) : (is_up ? &c.down_wrong : &c.down_right)) += 1.0;
    }
    out->correct = (uint64_t)(c.up_right + c.down_right);
    out->auc = metric_auc(value, up, n);
    score_counts(out, &c);
}

static void score_direction(struct metric *out, const struct metric_input *in)
{
    double log_loss = 0.0, brier = 0.0;

    metric_sides(out, in->prediction, 0.5F, in->target, in->n);
    for (size_t i = 0; i < in->n; i++) {
        double p = in->prediction[i], seen = in->target[i] > 0.5F ? p : 1.0 - p;
        log_loss -= metric_log(seen);
        brier += (1.0 - seen) * (1.0 - seen);
    }
    out->log_loss = log_loss / (double)in->n;
    out->brier = brier / (double)in->n;
}

void metric_score(struct metric *out, const struct metric_input *in)
{
    const double none = (double)NAN;

    *out = (struct metric){.n = in->n};
    if (in->kind != TASK_RETURN)
        out->r2 = out->mae = out->pearson = out->spearman = none;
    else
        out->log_loss = out->brier = none;
    if (in->n == 0)
        return;
    if (in->kind == TASK_DIRECTION)
        score_direction(out, in);
    else if (in->kind == TASK_RETURN)
        metric_score_return(out, in);
    else
        metric_score_class(out, in);
}

void metric_of(struct metric *out, const float *probability, const float *target, size_t n)
{
    metric_score(out, &(struct metric_input){TASK_DIRECTION, 1, probability, target, NULL, n});
}

double metric_objective(const struct metric *m, enum task_target kind)
{
    return kind == TASK_CLASS ? m->balanced_accuracy : kind == TASK_RETURN ? m->r2 : m->directional_accuracy;
}
