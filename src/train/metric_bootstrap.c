#include "train/metric.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/vmath.h"

#include <math.h>

/* Order statistics of the resampled means that bound 95 %: the 50th from either end of 2000. */
#define TAIL 49

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Sum of `length` hits from `first` on, around the circle; sum[i] is that of the first i. */
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

static double resample(const double *sum, size_t n, double block, uint64_t seed, uint32_t number)
{
    struct random random = random_start(seed, RANDOM_BOOTSTRAP, number, 0);
    double log_stay = block > 1.0 ? vmath_log1p(-1.0 / block) : 0.0;
    double total = 0.0;

    for (size_t left = n; left > 0;) {
        size_t first = random_below(&random, (uint32_t)n);
        size_t length = block > 1.0 ? draw_length(&random, log_stay, left) : 1;
        total += circle_sum(sum, n, first, length);
        left -= length;
    }
    return total / (double)n;
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

void metric_bootstrap(struct metric_interval *out, const float *hit, size_t n, double null_mean, double block,
                      uint64_t seed)
{
    ASSERT(block >= 1.0 && n < UINT32_MAX);
    *out = (struct metric_interval){.p = 1.0};
    if (n == 0)
        return;
    double *sum = NEW_ARRAY(double, n + 1);
    double *means = NEW_ARRAY(double, METRIC_RESAMPLES);
    for (size_t i = 0; i < n; i++)
        sum[i + 1] = sum[i] + (double)hit[i];
    for (uint32_t i = 0; i < METRIC_RESAMPLES; i++)
        means[i] = resample(sum, n, block, seed, i);
    out->mean = sum[n] / (double)n;
    out->error = deviation(means, METRIC_RESAMPLES);
    out->p = p_value(means, out->mean, null_mean, out->error, (double)n / block);
    qsort(means, METRIC_RESAMPLES, sizeof *means, by_value);
    out->low = means[TAIL];
    out->high = means[METRIC_RESAMPLES - 1 - TAIL];
    free(means);
    free(sum);
}

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
