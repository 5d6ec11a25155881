/* Is there evidence of skill? One model against a reference, corrected for all that were tried beside it: Hansen's test
 * for superior predictive ability (train/spa.h) over all trials, paired on the same bars, several assets resampled
 * together in time, blocks at least the horizon, at the 1 % level. The p of a model is the chance that the best of so
 * many models without skill looks as good as it. Below EVIDENCE_BLOCKS independent blocks the answer is no: the
 * bootstrap cannot be trusted there.
 *
 * The models are compared on the bars that they were scored on, which for whole cross-validations are the same. A trial
 * that was stopped early counts as tried, by the bars it came to: it may not be the best, but it was one of those that
 * the best was chosen from.
 *
 * Directions: share right against the better of majority and one half. Classes: share right against the best of
 * majority, one in as many as there are classes and, with a horizon, persistence (a state that lasts is no skill).
 * Returns: the mean squared error against that of the training part's mean return, so that evidence means R2 > 0. */
#ifndef TRAIN_EVIDENCE_H
#define TRAIN_EVIDENCE_H

#include "train/tally.h"

#define EVIDENCE_LEVEL 0.01
#define EVIDENCE_BLOCKS 20

struct crossval;

struct evidence {
    bool skill;
    double p;   /* corrected, at most 1 */
    int trials; /* that it was corrected for, this one among them */
    char sentence[448]; /* "Evidence of skill: ..." or "No evidence of skill: ..."; that sealed bars were opened */
};

/* The test of one model on the data set that it was cross-validated on; both are borrowed until the end. `trials` is
 * about how many will be added. evidence_end fills *out and frees the test, also one that nothing was added to. */
struct evidence_test;
struct evidence_test *evidence_begin(const struct crossval *best, const struct dataset *d, int trials,
                                     struct error *err);
/* A trial on the same data set, the model itself among them; each once. What is no part of it is ERROR_DATA. */
bool evidence_add(struct evidence_test *test, const struct tally *tally, struct error *err);
void evidence_end(struct evidence_test *test, struct evidence *out);

/* The same with all trials at hand; with none, of the model alone. */
bool evidence_of(struct evidence *out, const struct crossval *best, const struct dataset *d, const struct tally *trial,
                 int trials, struct error *err);

#endif
