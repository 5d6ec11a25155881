/* The families of the table and what they share. */
#ifndef DATA_FEATURE_FAMILIES_H
#define DATA_FEATURE_FAMILIES_H

#include "data/feature.h"

extern const struct feature_family family_log_return, family_range, family_volume_change, family_onchain_change,
    family_sentiment;                                                              /* change.c */
extern const struct feature_family family_level, family_change, family_difference; /* plain.c */
extern const struct feature_family family_mean, family_std, family_momentum, family_volume_zscore, family_ratio; /*
                                                                                                         rolling.c */
extern const struct feature_family family_rsi, family_macd; /* oscillator.c */
extern const struct feature_family family_calendar;         /* calendar.c */

#define ROLE(role) (1u << (role))

int lookback_none(const int *parameter);
int lookback_one(const int *parameter);
int lookback_first(const int *parameter);      /* as many rows as the first parameter says */
int lookback_first_less(const int *parameter); /* one fewer: a window that counts the present row */

/* log(a/b) where both are positive and finite, else NaN. */
double log_ratio(double a, double b);
/* log(a/b) where both are positive. Elsewhere 2(a-b)/(|a|+|b|), which is the first term of log(a/b) = 2
 * artanh((a-b)/(a+b)) and stays within +-2: a change that needs no look at the rest of the column to be chosen. */
double relative_change(double a, double b);

#endif
