/* Scores of returns. */
#include "train/metric_internal.h"

#include "base/memory.h"

#include <math.h>

/* Pearson's correlation in two passes; 0 where one side stands still. */
static double correlation(const double *x, const double *y, size_t n)
{
    double x_mean = 0.0, y_mean = 0.0, xx = 0.0, yy = 0.0, xy = 0.0;

    for (size_t i = 0; i < n; i++) {
        x_mean += x[i];
        y_mean += y[i];
    }
    x_mean /= (double)n;
    y_mean /= (double)n;
    for (size_t i = 0; i < n; i++) {
        xx += (x[i] - x_mean) * (x[i] - x_mean);
        yy += (y[i] - y_mean) * (y[i] - y_mean);
        xy += (x[i] - x_mean) * (y[i] - y_mean);
    }
    double whole = sqrt(xx) * sqrt(yy);
    double r = whole > 0.0 ? xy / whole : 0.0;
    return r > 1.0 ? 1.0 : r < -1.0 ? -1.0 : r; /* the last bit may stand above one */
}

struct ranked {
    float value;
    size_t index;
};

static int by_value(const void *a, const void *b)
{
    float x = ((const struct ranked *)a)->value, y = ((const struct ranked *)b)->value;

    return (x > y) - (x < y);
}

/* Mid-ranks: equal values share the mean of their places. */
static void rank(double *out, const float *value, size_t n)
{
    struct ranked *r = NEW_ARRAY(struct ranked, n);

    for (size_t i = 0; i < n; i++)
        r[i] = (struct ranked){value[i], i};
    qsort(r, n, sizeof *r, by_value);
    for (size_t first = 0, end; first < n; first = end) {
        for (end = first; end < n && r[end].value <= r[first].value;)
            end++;
        for (size_t i = first; i < end; i++)
            out[r[i].index] = (double)(first + end + 1) / 2.0;
    }
    free(r);
}

static void correlate(struct metric *out, const struct metric_input *in)
{
    double *x = NEW_ARRAY(double, in->n), *y = NEW_ARRAY(double, in->n);

    for (size_t i = 0; i < in->n; i++) {
        x[i] = in->prediction[i];
        y[i] = in->target[i];
    }
    out->pearson = correlation(x, y, in->n);
    rank(x, in->prediction, in->n);
    rank(y, in->target, in->n);
    out->spearman = correlation(x, y, in->n);
    free(x);
    free(y);
}

void metric_score_return(struct metric *out, const struct metric_input *in)
{
    float *up = NEW_ARRAY(float, in->n);
    double error = 0.0, spread = 0.0, distance = 0.0;

    for (size_t i = 0; i < in->n; i++) {
        double off = (double)in->target[i] - (double)in->prediction[i],
               from_mean = (double)in->target[i] - in->reference[i];
        error += off * off;
        spread += from_mean * from_mean;
        distance += fabs(off);
        up[i] = in->target[i] > 0.0F ? 1.0F : 0.0F;
    }
    metric_sides(out, in->prediction, 0.0F, up, in->n);
    free(up);
    out->r2 = spread > 0.0 ? 1.0 - error / spread : 0.0;
    out->mae = distance / (double)in->n;
    correlate(out, in);
}
