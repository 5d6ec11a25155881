#include "train/metric.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/vmath.h"
#include "data/set/dataset.h"
#include "train/loss.h"

#include <math.h>

/* Order statistics of the resampled means that bound 95 %: the 50th from either end of 2000. */
#define TAIL 49

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Columns of values summed up over moments: sum[c][i] is that of column c at the first i moments. */
#define COLUMNS_MAX (4 * DATASET_CLASSES_MAX)

struct table {
    int columns;
    size_t n; /* moments */
    double *sum[COLUMNS_MAX];
    double (*statistic)(const double *total, int columns);
    bool two_sided;
};

static void table_new(struct table *t, int columns, size_t n, double (*statistic)(const double *total, int columns))
{
    *t = (struct table){.columns = columns, .n = n, .statistic = statistic};
    for (int c = 0; c < columns; c++)
        t->sum[c] = NEW_ARRAY(double, n + 1);
}

static void table_free(struct table *t)
{
    for (int c = 0; c < t->columns; c++)
        free(t->sum[c]);
}

static double statistic_of_all(const struct table *t)
{
    double total[COLUMNS_MAX];

    for (int c = 0; c < t->columns; c++)
        total[c] = t->sum[c][t->n];
    return t->statistic(total, t->columns);
}

/* Sum over `length` moments from `first` on, around the circle. */
static double circle_sum(const double *sum, size_t n, size_t first, size_t length)
{
    if (first + length <= n)
        return sum[first + length] - sum[first];
    return sum[n] - sum[first] + sum[first + length - n];
}

/* A block's length, geometric with mean `block`, by inversion; log_stay = log(1 - 1 / block). */
static size_t draw_length(struct random *random, double log_stay, size_t most)
{
    double length = 1.0 + floor(vmath_log(1.0 - random_unit(random)) / log_stay);

    return length < (double)most ? (size_t)length : most;
}

static double resample(const struct table *t, double block, uint64_t seed, uint32_t number)
{
    struct random random = random_start(seed, RANDOM_BOOTSTRAP, number, 0);
    double log_stay = block > 1.0 ? vmath_log1p(-1.0 / block) : 0.0;
    double total[COLUMNS_MAX] = {0};

    for (size_t left = t->n; left > 0;) {
        size_t first = random_below(&random, (uint32_t)t->n);
        size_t length = block > 1.0 ? draw_length(&random, log_stay, left) : 1;
        for (int c = 0; c < t->columns; c++)
            total[c] += circle_sum(t->sum[c], t->n, first, length);
        left -= length;
    }
    return t->statistic(total, t->columns);
}

static double p_value(const double *means, double mean, double null_mean, double error, double blocks)
{
    int reached = 0;

    for (int i = 0; i < METRIC_RESAMPLES; i++)
        reached += means[i] - mean >= mean - null_mean;
    double share = (1.0 + reached) / (1.0 + METRIC_RESAMPLES);
    if (reached > 0)
        return share;
    double tail = vmath_normal_cdf(-(mean - null_mean) / (error > 0.0 ? error : 0.5 / sqrt(blocks)));
    return tail < share ? tail : share;
}

static double deviation(const double *x, int n)
{
    double mean = 0.0, squares = 0.0;

    for (int i = 0; i < n; i++)
        mean += x[i];
    mean /= n;
    for (int i = 0; i < n; i++)
        squares += (x[i] - mean) * (x[i] - mean);
    return sqrt(squares / (n - 1));
}

/* How often chance alone lies as far from its mean, on either side. */
static double two_sided(const double *means, double mean, double error)
{
    int reached = 0;

    for (int i = 0; i < METRIC_RESAMPLES; i++)
        reached += fabs(means[i] - mean) >= fabs(mean);
    return error > 0.0 ? (1.0 + reached) / (1.0 + METRIC_RESAMPLES) : 1.0;
}

static void bootstrap(struct metric_interval *out, const struct table *t, double null_value, double block,
                      uint64_t seed)
{
    ASSERT(block >= 1.0 && t->n < UINT32_MAX);
    *out = (struct metric_interval){.p = 1.0};
    if (t->n == 0)
        return;
    double *means = NEW_ARRAY(double, METRIC_RESAMPLES);
    for (uint32_t i = 0; i < METRIC_RESAMPLES; i++)
        means[i] = resample(t, block, seed, i);
    out->mean = statistic_of_all(t);
    out->error = deviation(means, METRIC_RESAMPLES);
    out->p = t->two_sided ? two_sided(means, out->mean, out->error)
                          : p_value(means, out->mean, null_value, out->error, (double)t->n / block);
    qsort(means, METRIC_RESAMPLES, sizeof *means, by_value);
    out->low = means[TAIL];
    out->high = means[METRIC_RESAMPLES - 1 - TAIL];
    free(means);
}

/* --- means ------------------------------------------------------------------------------------------------------- */

/* Columns: sum of the values, their number. */
static double mean_of(const double *total, int columns)
{
    (void)columns;
    return total[0] / total[1];
}

void metric_bootstrap(struct metric_interval *out, const float *hit, size_t n, double null_mean, double block,
                      uint64_t seed)
{
    struct metric_moments at;
    double *value = NEW_ARRAY(double, n);

    for (size_t i = 0; i < n; i++)
        value[i] = (double)hit[i];
    metric_moments_of(&at, NULL, n);
    metric_bootstrap_at(out, value, &at, null_mean, block, seed);
    metric_moments_free(&at);
    free(value);
}

void metric_bootstrap_at(struct metric_interval *out, const double *value, const struct metric_moments *at,
                         double null_mean, double block, uint64_t seed)
{
    struct table t;

    table_new(&t, 2, at->n, mean_of);
    for (size_t m = 0; m < at->n; m++) {
        double sum = 0.0;
        for (size_t i = at->first[m]; i < at->first[m + 1]; i++)
            sum += value[i];
        t.sum[0][m + 1] = t.sum[0][m] + sum;
        t.sum[1][m + 1] = t.sum[1][m] + (double)(at->first[m + 1] - at->first[m]);
    }
    bootstrap(out, &t, null_mean, block, seed);
    table_free(&t);
}

void metric_moments_of(struct metric_moments *out, const int64_t *time_us, size_t n)
{
    *out = (struct metric_moments){0, NEW_ARRAY(size_t, n + 1)};
    for (size_t i = 0; i < n; i++)
        if (i == 0 || !time_us || time_us[i] != time_us[i - 1])
            out->first[out->n++] = i;
    out->first[out->n] = n;
}

void metric_moments_free(struct metric_moments *m)
{
    free(m->first);
    *m = (struct metric_moments){0};
}

/* --- what a search maximises ------------------------------------------------------------------------------------- */

/* Columns: hits of each class, then samples of each class. */
static double balanced_accuracy(const double *total, int columns)
{
    double recall = 0.0;
    int occur = 0;

    for (int k = 0; k < columns / 2; k++) {
        if (total[columns / 2 + k] > 0.0) {
            recall += total[k] / total[columns / 2 + k];
            occur++;
        }
    }
    return occur > 0 ? recall / occur : 0.0;
}

/* Columns: squared errors, squared distances from the reference. */
static double r_squared(const double *total, int columns)
{
    (void)columns;
    return total[1] > 0.0 ? 1.0 - total[0] / total[1] : 0.0;
}

static void add_sample(double *total, const struct metric_input *in, size_t i)
{
    const float *p = in->prediction + i * (size_t)in->outputs;
    double y = in->target[i];
    bool right = loss_is_right(in->kind, in->outputs, p, in->target[i]);

    if (in->kind == TASK_CLASS) {
        total[(int)y] += right ? 1.0 : 0.0;
        total[in->outputs + (int)y] += 1.0;
    } else if (in->kind == TASK_RETURN) {
        total[0] += (y - (double)p[0]) * (y - (double)p[0]);
        total[1] += (y - in->reference[i]) * (y - in->reference[i]);
    } else {
        total[0] += right ? 1.0 : 0.0;
        total[1] += 1.0;
    }
}

void metric_bootstrap_objective(struct metric_interval *out, const struct metric_input *in,
                                const struct metric_moments *at, double block, uint64_t seed)
{
    struct table t;

    ASSERT(in->outputs <= DATASET_CLASSES_MAX);
    table_new(&t, in->kind == TASK_CLASS ? 2 * in->outputs : 2, at->n,
              in->kind == TASK_CLASS    ? balanced_accuracy
              : in->kind == TASK_RETURN ? r_squared
                                        : mean_of);
    for (size_t m = 0; m < at->n; m++) {
        double total[COLUMNS_MAX] = {0};
        for (size_t i = at->first[m]; i < at->first[m + 1]; i++)
            add_sample(total, in, i);
        for (int c = 0; c < t.columns; c++)
            t.sum[c][m + 1] = t.sum[c][m] + total[c];
    }
    bootstrap(out, &t, 0.0, block, seed);
    out->p = 1.0;
    table_free(&t);
}

/* --- the difference of two ---------------------------------------------------------------------------------------- */

/* Columns: those of one, then those of the other. */
static double mean_difference(const double *total, int columns)
{
    return mean_of(total, columns / 2) - mean_of(total + columns / 2, columns / 2);
}

static double balanced_difference(const double *total, int columns)
{
    return balanced_accuracy(total, columns / 2) - balanced_accuracy(total + columns / 2, columns / 2);
}

static double r_squared_difference(const double *total, int columns)
{
    return r_squared(total, columns / 2) - r_squared(total + columns / 2, columns / 2);
}

void metric_bootstrap_difference(struct metric_interval *out, const struct metric_input *a,
                                 const struct metric_input *b, const struct metric_moments *at, double block,
                                 uint64_t seed)
{
    struct table t;

    ASSERT(a->kind == b->kind && a->outputs == b->outputs && a->n == b->n && a->outputs <= DATASET_CLASSES_MAX);
    int each = a->kind == TASK_CLASS ? 2 * a->outputs : 2;
    table_new(&t, 2 * each, at->n,
              a->kind == TASK_CLASS    ? balanced_difference
              : a->kind == TASK_RETURN ? r_squared_difference
                                       : mean_difference);
    t.two_sided = true;
    for (size_t m = 0; m < at->n; m++) {
        double total[COLUMNS_MAX] = {0};
        for (size_t i = at->first[m]; i < at->first[m + 1]; i++) {
            add_sample(total, a, i);
            add_sample(total + each, b, i);
        }
        for (int c = 0; c < t.columns; c++)
            t.sum[c][m + 1] = t.sum[c][m] + total[c];
    }
    bootstrap(out, &t, 0.0, block, seed);
    table_free(&t);
}

/* --- blocks ------------------------------------------------------------------------------------------------------ */

double metric_block(size_t n, int horizon)
{
    size_t block = 1;

    while (block * block * block < n && block < ((size_t)1 << 20))
        block++;
    if (horizon > 0 && block < (size_t)horizon)
        block = (size_t)horizon;
    if (block > n)
        block = n;
    return block > 0 ? (double)block : 1.0;
}
