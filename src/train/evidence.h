/* Is there evidence of skill? The best of `trials` models against a reference, paired on the same bars: a stationary
 * block bootstrap of the difference, its p corrected for the number of trials (Bonferroni, so also right for trials
 * that resemble one another), tested at the 1 % level. Below EVIDENCE_BLOCKS independent blocks the answer is no:
 * neither the bootstrap nor the normal tail can be trusted there.
 *
 * Directions: share right against the better of majority and one half. Classes: share right against the best of
 * majority, one in as many as there are classes and, with a horizon, persistence (a state that lasts is no skill).
 * Returns: the mean squared error against that of the training part's mean return, so that evidence means R2 > 0. */
#ifndef TRAIN_EVIDENCE_H
#define TRAIN_EVIDENCE_H

#include "data/set/dataset.h"

#define EVIDENCE_LEVEL 0.01
#define EVIDENCE_BLOCKS 20

struct crossval;

struct evidence {
    bool skill;
    double p; /* corrected, at most 1 */
    int trials;
    char sentence[384]; /* "Evidence of skill: ..." or "No evidence of skill: ..."; that sealed bars were opened */
};

/* d is the data set that `best` was cross-validated on. */
void evidence_of(struct evidence *out, const struct crossval *best, const struct dataset *d, int trials);

#endif
