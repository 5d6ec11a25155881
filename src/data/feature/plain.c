/* Families for columns of any field: the value, and differences of it, in the column's own unit (the scaling of each
 * fold makes them comparable). */
#include "data/feature/families.h"

#include <math.h>

#define ANY                                                                                                            \
    (ROLE(FEATURE_PRICE) | ROLE(FEATURE_VOLUME) | ROLE(FEATURE_ONCHAIN) | ROLE(FEATURE_SENTIMENT) | ROLE(FEATURE_OTHER))

static void fill_level(double *out, const struct feature_source *s, size_t rows, const int *parameter, int output)
{
    (void)parameter, (void)output;
    for (size_t i = 0; i < rows; i++)
        out[i] = s->value[i];
}

static void difference(double *out, const double *value, size_t rows, size_t apart)
{
    for (size_t i = 0; i < rows; i++)
        out[i] = i >= apart ? value[i] - value[i - apart] : (double)NAN;
}

static void fill_change(double *out, const struct feature_source *s, size_t rows, const int *parameter, int output)
{
    (void)parameter, (void)output;
    difference(out, s->value, rows, 1);
}

static void fill_difference(double *out, const struct feature_source *s, size_t rows, const int *parameter, int output)
{
    (void)output;
    difference(out, s->value, rows, (size_t)parameter[0]);
}

const struct feature_family family_level = {.name = "level",
                                            .about = "the value itself, of any column that is no price and no volume",
                                            .roles = ANY & ~(ROLE(FEATURE_PRICE) | ROLE(FEATURE_VOLUME)),
                                            .outputs = 1,
                                            .output = {"level"},
                                            .lookback = lookback_none,
                                            .fill = fill_level};

const struct feature_family family_change = {.name = "change",
                                             .about = "the value less the value one row before, of such columns",
                                             .roles = ANY & ~(ROLE(FEATURE_PRICE) | ROLE(FEATURE_VOLUME)),
                                             .outputs = 1,
                                             .output = {"change"},
                                             .lookback = lookback_one,
                                             .fill = fill_change};

const struct feature_family family_difference = {.name = "difference",
                                                 .about = "the value less the value N rows before, of such columns",
                                                 .roles = ANY & ~(ROLE(FEATURE_PRICE) | ROLE(FEATURE_VOLUME)),
                                                 .parameters = 1,
                                                 .parameter = {{"N", 7, 2, 1000}},
                                                 .outputs = 1,
                                                 .output = {"difference"},
                                                 .lookback = lookback_first,
                                                 .fill = fill_difference};
