/* Families of one step: what a row is against the row before it. */
#include "base/vmath.h"
#include "data/feature/families.h"

#include <math.h>

int lookback_none(const int *parameter)
{
    (void)parameter;
    return 0;
}

int lookback_one(const int *parameter)
{
    (void)parameter;
    return 1;
}

int lookback_first(const int *parameter)
{
    return parameter[0];
}

int lookback_first_less(const int *parameter)
{
    return parameter[0] - 1;
}

double log_ratio(double a, double b)
{
    return a > 0 && b > 0 && isfinite(a) && isfinite(b) ? vmath_log(a / b) : (double)NAN;
}

double relative_change(double a, double b)
{
    if (a > 0 && b > 0)
        return log_ratio(a, b);
    if (!isfinite(a) || !isfinite(b))
        return (double)NAN;
    double size = fabs(a) + fabs(b);
    return size > 0 ? 2 * ((a - b) / size) : 0;
}

static void fill_log_return(double *out, const struct feature_source *s, size_t rows, const int *parameter, int output)
{
    (void)parameter, (void)output;
    for (size_t i = 0; i < rows; i++)
        out[i] = i > 0 ? log_ratio(s->value[i], s->value[i - 1]) : (double)NAN;
}

static void fill_range(double *out, const struct feature_source *s, size_t rows, const int *parameter, int output)
{
    (void)parameter, (void)output;
    for (size_t i = 0; i < rows; i++)
        out[i] = log_ratio(s->value[i], s->low[i]);
}

static void fill_change(double *out, const struct feature_source *s, size_t rows, const int *parameter, int output)
{
    (void)parameter, (void)output;
    for (size_t i = 0; i < rows; i++)
        out[i] = i > 0 ? relative_change(s->value[i], s->value[i - 1]) : (double)NAN;
}

static void fill_sentiment(double *out, const struct feature_source *s, size_t rows, const int *parameter, int output)
{
    (void)parameter;
    for (size_t i = 0; i < rows; i++) {
        double level = (s->value[i] - s->centre) / s->half;
        double before = i > 0 ? (s->value[i - 1] - s->centre) / s->half : (double)NAN;
        out[i] = output == 0 ? level : level - before;
    }
}

const struct feature_family family_log_return = {.name = "log_return",
                                                 .about = "log of a price over the price one row before",
                                                 .roles = ROLE(FEATURE_PRICE),
                                                 .outputs = 1,
                                                 .output = {"log_return"},
                                                 .lookback = lookback_one,
                                                 .fill = fill_log_return};

const struct feature_family family_range = {.name = "range",
                                            .about = "log of a row's high over its low",
                                            .reads = FEATURE_HIGH_LOW,
                                            .outputs = 1,
                                            .output = {"range"},
                                            .lookback = lookback_none,
                                            .fill = fill_range};

const struct feature_family family_volume_change = {.name = "volume_change",
                                                    .about =
                                                        "change of a volume, as a log ratio where both are positive",
                                                    .roles = ROLE(FEATURE_VOLUME),
                                                    .outputs = 1,
                                                    .output = {"volume_change"},
                                                    .lookback = lookback_one,
                                                    .fill = fill_change};

const struct feature_family family_onchain_change = {
    .name = "onchain_change",
    .about = "change of an on-chain or other metric, as a log ratio where both are positive",
    .roles = ROLE(FEATURE_ONCHAIN) | ROLE(FEATURE_OTHER),
    .outputs = 1,
    .output = {"onchain_change"},
    .lookback = lookback_one,
    .fill = fill_change};

const struct feature_family family_sentiment = {
    .name = "sentiment",
    .about = "level of a sentiment on its scale, 0 being neutral, and its change",
    .roles = ROLE(FEATURE_SENTIMENT),
    .outputs = 2,
    .output = {"sentiment", "sentiment_change"},
    .lookback = lookback_one,
    .fill = fill_sentiment};
