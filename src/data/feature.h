/* Features: families of channels computed from joined columns, each with a look-back and none looking ahead.
 * A family is one line of the table: name, what it is for people, which columns it takes, how it is computed. All
 * arithmetic is double in a fixed order through base/vmath, stored as float32. */
#ifndef DATA_FEATURE_H
#define DATA_FEATURE_H

#include "data/frame.h"

/* What a column is, guessed from its name and values. */
enum feature_role { FEATURE_PRICE, FEATURE_VOLUME, FEATURE_ONCHAIN, FEATURE_SENTIMENT, FEATURE_OTHER };

struct feature_family {
    const char *name;  /* "log_return" */
    const char *about; /* "log of the price over the price one bar before" */
    enum feature_role role;
    int lookback;      /* bars before the present one that it reads */
    double (*value)(const double *column, size_t bar); /* NaN where it cannot be known */
};

extern const struct feature_family feature_families[];
extern const int feature_families_n;
const struct feature_family *feature_find(const char *name);
enum feature_role feature_role_of(const char *column, const double *value, size_t rows);
const char *feature_role_name(enum feature_role role);

#endif
