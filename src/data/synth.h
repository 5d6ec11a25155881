/* Synthetic markets whose best possible accuracy is known, for teaching and tests; never to be taken for real data:
 * every column but the time is called synthetic_*.
 *
 * Hourly kinds have the columns close_time, synthetic_close, synthetic_volume, synthetic_flow_a, synthetic_flow_b and
 * synthetic_sentiment. Metrics of an hourly series are known one row late (dataset_default_lag), so what decides the
 * direction of bar t (close[t+1] against close[t]) lies in rows up to t-1:
 *
 *   planted    c[i] = log(flow_a[i] / flow_a[i-1]); lag = 2 where sentiment[t-1] < 50, else 6;
 *              up if c[t-lag] + c[t-lag-1] - c[t-lag-2] > 0, else down. (These signs are Barker's code of length 3: a
 *              direction says nothing about the next one, and little about the one after.) Then exactly
 *              round((1-bayes) n) of the n directions from bar SYNTH_FIRST on are turned round, drawn without
 *              replacement. The rule is right on exactly the rest, and no other rule can be expected to do better.
 *              flow_b and the volume say nothing.
 *   noise      every direction is a fair coin; nothing to find.
 *   leaky      noise, and a column synthetic_leak_sentiment: above 50 in row t if bar t+1 will go up.
 *   sentiment  daily, the columns date and synthetic_daily_sentiment (0..100), independent of every market: for
 *              showing the join. `bars` counts days. */
#ifndef DATA_SYNTH_H
#define DATA_SYNTH_H

#include "base/error.h"
#include "base/text.h"

#include <stdint.h>

#define SYNTH_FIRST 9 /* bars before it have too short a past for the rule; their directions are coins */
#define SYNTH_LAG_LOW 2
#define SYNTH_LAG_HIGH 6
#define SYNTH_BARS_LEAST 64
#define SYNTH_BARS_MOST 500000

struct synth_options {
    const char *kind;
    uint64_t seed;
    int64_t bars;
    double bayes; /* (0.5, 1]; planted only */
};

/* Writes the whole CSV text; *bayes_accuracy is the share of bars from SYNTH_FIRST on that the best rule calls right in
 * exactly this text (planted, leaky: 1), or 0.5 where there is nothing to find. The same bytes on every machine. */
bool synth_write(struct text *csv, double *bayes_accuracy, const struct synth_options *options, struct error *err);

#endif
