/* Scores of classes. */
#include "train/metric_internal.h"

#include "base/memory.h"
#include "data/set/dataset.h"
#include "train/loss.h"

#include <math.h>

/* Samples by class: how often it occurs, is predicted, is predicted rightly. */
struct tally {
    double seen[DATASET_CLASSES_MAX], said[DATASET_CLASSES_MAX], right[DATASET_CLASSES_MAX];
    double hits;
};

static void count(struct tally *t, double *log_loss, double *brier, const struct metric_input *in)
{
    for (size_t i = 0; i < in->n; i++) {
        const float *p = in->prediction + i * (size_t)in->outputs;
        int is = (int)in->target[i], said = loss_class(p, in->outputs);
        double distance = 0.0;
        for (int k = 0; k < in->outputs; k++) {
            ASSERT(!isnan(p[k]));
            double off = (double)p[k] - (k == is ? 1.0 : 0.0);
            distance += off * off;
        }
        *log_loss -= metric_log((double)p[is]);
        *brier += distance / 2.0;
        t->seen[is] += 1.0;
        t->said[said] += 1.0;
        t->right[is] += is == said ? 1.0 : 0.0;
        t->hits += is == said ? 1.0 : 0.0;
    }
}

static void mean_scores(struct metric *out, const struct tally *t, int classes)
{
    double recall = 0.0, f1 = 0.0;
    int occur = 0, named = 0;

    for (int k = 0; k < classes; k++) {
        if (t->seen[k] > 0.0) {
            recall += t->right[k] / t->seen[k];
            occur++;
        }
        if (t->seen[k] + t->said[k] > 0.0) {
            f1 += 2.0 * t->right[k] / (t->seen[k] + t->said[k]);
            named++;
        }
    }
    out->balanced_accuracy = recall / occur;
    out->f1 = f1 / named;
}

/* R_K = (c s - sum p t) / sqrt((s^2 - sum p^2)(s^2 - sum t^2)), with s samples, c of them right, p predicted and t seen
 * of each class. As two roots: the product may pass 2^53. */
static double mcc_of(const struct tally *t, int classes, double n)
{
    double both = 0.0, said = 0.0, seen = 0.0;

    for (int k = 0; k < classes; k++) {
        both += t->said[k] * t->seen[k];
        said += t->said[k] * t->said[k];
        seen += t->seen[k] * t->seen[k];
    }
    double whole = sqrt(n * n - said) * sqrt(n * n - seen);
    return whole > 0.0 ? (t->hits * n - both) / whole : 0.0;
}

static double auc_of(const struct metric_input *in, const struct tally *t)
{
    float *value = NEW_ARRAY(float, in->n), *is = NEW_ARRAY(float, in->n);
    double sum = 0.0;
    int occur = 0;

    for (int k = 0; k < in->outputs; k++) {
        if (!(t->seen[k] > 0.0 && t->seen[k] < (double)in->n))
            continue;
        for (size_t i = 0; i < in->n; i++) {
            value[i] = in->prediction[i * (size_t)in->outputs + (size_t)k];
            is[i] = (int)in->target[i] == k ? 1.0F : 0.0F;
        }
        sum += metric_auc(value, is, in->n);
        occur++;
    }
    free(value);
    free(is);
    return occur > 0 ? sum / occur : 0.5;
}

void metric_score_class(struct metric *out, const struct metric_input *in)
{
    struct tally t = {0};
    double n = (double)in->n, log_loss = 0.0, brier = 0.0;

    ASSERT(in->outputs >= 2 && in->outputs <= DATASET_CLASSES_MAX);
    count(&t, &log_loss, &brier, in);
    out->correct = (uint64_t)t.hits;
    out->directional_accuracy = t.hits / n;
    out->log_loss = log_loss / n;
    out->brier = brier / n;
    out->mcc = mcc_of(&t, in->outputs, n);
    out->auc = auc_of(in, &t);
    mean_scores(out, &t, in->outputs);
}
