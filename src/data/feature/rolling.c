/* Families over a window of N rows. Every row sums its own window from the oldest row to the newest: slower than a sum
 * that is carried along, and the same bits wherever the column begins or ends. */
#include "base/vmath.h"
#include "data/feature/families.h"

#include <math.h>

#define WINDOW_MOST 1000

struct moments {
    double mean, sd; /* over n, not n - 1 */
};

/* Of value[0 .. n-1]; NaN if one of them is. */
static struct moments moments_of(const double *value, size_t n)
{
    double sum = 0, square = 0;
    for (size_t i = 0; i < n; i++)
        sum += value[i];
    double mean = sum / (double)n;
    for (size_t i = 0; i < n; i++) {
        double off = value[i] - mean;
        square += off * off;
    }
    return (struct moments){mean, sqrt(square / (double)n)};
}

/* A window whose rows are all one value has no scale to measure by: nothing is unusual there. */
static double standing(double value, struct moments m)
{
    if (isnan(m.mean) || isnan(value))
        return (double)NAN;
    return m.sd > 0 ? (value - m.mean) / m.sd : 0;
}

static void fill_mean(double *out, const struct feature_source *s, size_t rows, const int *parameter, int output)
{
    size_t n = (size_t)parameter[0];
    (void)output;
    for (size_t i = 0; i < rows; i++)
        out[i] = i + 1 >= n ? log_ratio(s->value[i], moments_of(s->value + i + 1 - n, n).mean) : (double)NAN;
}

static void fill_ratio(double *out, const struct feature_source *s, size_t rows, const int *parameter, int output)
{
    size_t n = (size_t)parameter[0];
    (void)output;
    for (size_t i = 0; i < rows; i++)
        out[i] = i + 1 >= n ? relative_change(s->value[i], moments_of(s->value + i + 1 - n, n).mean) : (double)NAN;
}

static void fill_volume_zscore(double *out, const struct feature_source *s, size_t rows, const int *parameter,
                               int output)
{
    size_t n = (size_t)parameter[0];
    (void)output;
    for (size_t i = 0; i < rows; i++)
        out[i] = i + 1 >= n ? standing(s->value[i], moments_of(s->value + i + 1 - n, n)) : (double)NAN;
}

static void fill_momentum(double *out, const struct feature_source *s, size_t rows, const int *parameter, int output)
{
    size_t n = (size_t)parameter[0];
    (void)output;
    for (size_t i = 0; i < rows; i++)
        out[i] = i >= n ? log_ratio(s->value[i], s->value[i - n]) / (double)n : (double)NAN;
}

/* The returns of the window stand in a ring, so that each logarithm is taken once; they are summed oldest first. */
static void fill_std(double *out, const struct feature_source *s, size_t rows, const int *parameter, int output)
{
    size_t n = (size_t)parameter[0];
    double ring[2 * WINDOW_MOST]; /* each value twice, n apart, so that a window is never broken */
    (void)output;
    for (size_t i = 0; i < rows; i++) {
        double r = i > 0 ? log_ratio(s->value[i], s->value[i - 1]) : (double)NAN;
        ring[i % n] = ring[i % n + n] = r;
        out[i] = i >= n ? moments_of(ring + i % n + 1, n).sd : (double)NAN;
    }
}

#define WINDOW(usual) .parameters = 1, .parameter = {{"N", usual, 2, WINDOW_MOST}}, .outputs = 1

const struct feature_family family_mean = {.name = "mean",
                                           .about = "log of a price over its mean of the last N rows",
                                           .roles = ROLE(FEATURE_PRICE),
                                           WINDOW(20),
                                           .output = {"mean"},
                                           .lookback = lookback_first_less,
                                           .fill = fill_mean};

const struct feature_family family_momentum = {.name = "momentum",
                                               .about = "mean log return of a price over the last N rows",
                                               .roles = ROLE(FEATURE_PRICE),
                                               WINDOW(20),
                                               .output = {"momentum"},
                                               .lookback = lookback_first,
                                               .fill = fill_momentum};

const struct feature_family family_std = {.name = "std",
                                          .about = "standard deviation of a price's last N log returns",
                                          .roles = ROLE(FEATURE_PRICE),
                                          WINDOW(20),
                                          .output = {"std"},
                                          .lookback = lookback_first,
                                          .fill = fill_std};

const struct feature_family family_volume_zscore = {
    .name = "volume_zscore",
    .about = "a volume less its mean of the last N rows, in their standard deviations",
    .roles = ROLE(FEATURE_VOLUME),
    WINDOW(20),
    .output = {"volume_zscore"},
    .lookback = lookback_first_less,
    .fill = fill_volume_zscore};

const struct feature_family family_ratio = {
    .name = "ratio",
    .about = "a metric or sentiment over its mean of the last N rows, as a log where both are positive",
    .roles = ROLE(FEATURE_ONCHAIN) | ROLE(FEATURE_SENTIMENT) | ROLE(FEATURE_OTHER),
    WINDOW(30),
    .output = {"ratio"},
    .lookback = lookback_first_less,
    .fill = fill_ratio};
