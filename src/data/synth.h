/* Synthetic markets whose best possible accuracy is known, for teaching and tests; never to be taken for real data.
 * Kinds: `planted` (the next direction follows a motif of past flows at a varying lag, then a known share of labels is flipped, so
 * that the Bayes accuracy is exact), `noise` (a random walk), `leaky` (one column looks ahead). */
#ifndef DATA_SYNTH_H
#define DATA_SYNTH_H

#include "base/error.h"
#include "base/text.h"

#include <stdint.h>

struct synth_options {
    const char *kind;
    uint64_t seed;
    int64_t bars;
    double bayes; /* (0.5, 1]; planted only */
};

/* Writes the whole CSV text; *bayes_accuracy is exact for what was written (0.5 for noise). */
bool synth_write(struct text *csv, double *bayes_accuracy, const struct synth_options *options, struct error *err);

#endif
