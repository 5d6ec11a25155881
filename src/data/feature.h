/* Features: families of channels computed on a series' own rows, each with a look-back and none looking ahead.
 *
 * A family is one line of the table. It is computed on the rows of its series and joined to the bars afterwards (see
 * join.h), so that the change of a daily metric is its change over the day even where the bars are hours. Each value
 * is a function of the rows up to its own and of nothing else. All arithmetic is double in a fixed order through
 * base/vmath. */
#ifndef DATA_FEATURE_H
#define DATA_FEATURE_H

#include "data/frame.h"

/* What a column is, guessed from its name and values. */
enum feature_role { FEATURE_PRICE, FEATURE_VOLUME, FEATURE_ONCHAIN, FEATURE_SENTIMENT, FEATURE_OTHER };

/* What a family reads: one column, or for `range` the high and the low. */
struct feature_source {
    const double *value, *low;
    double centre, half; /* levels are (value - centre) / half, see feature_level */
};

#define FEATURE_OUTPUTS_MAX 2

struct feature_family {
    const char *name;  /* "log_return" */
    const char *about; /* "log of the price over the price one row before" */
    unsigned roles;    /* bits 1 << enum feature_role */
    bool pair;         /* reads the high and the low of a series */
    int lookback;      /* rows before the present one that it reads */
    int outputs;
    const char *output[FEATURE_OUTPUTS_MAX]; /* the channels' first words: "log_return PriceUSD" */
    double (*value)(const struct feature_source *source, size_t row, int output); /* NaN where it cannot be known */
};

extern const struct feature_family feature_families[];
extern const int feature_families_n;
const struct feature_family *feature_find(const char *name);

/* Of the first `rows` values; a column is no sentiment where its values have no bounded scale. */
enum feature_role feature_role_of(const char *column, const double *value, size_t rows);
const char *feature_role_name(enum feature_role role);

/* The bounded scale the values lie on: 0..1, -1..1 or 0..100; false where on none. A level is the distance from its
 * centre, so 0 is the neutral value. */
bool feature_level(const double *value, size_t rows, double *centre, double *half);

#endif
