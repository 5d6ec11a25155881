/* A fold's training walked again in part: what a dispute about one leaf of its trace (train/trace.h) needs.
 *
 * Behind step s everything that the next steps depend on is the state that a leaf hashes (weights, moments, the steps
 * behind them): epoch, position in it, the order of the samples, the draws of dropout, the rate and the powers of beta
 * follow from s, the recipe and the data. Only what early stopping has seen does not, so with an early-stopping slice
 *   - any leaf but the last follows from the state of the leaf before it, over one interval;
 *   - whether the training ends there, and the last leaf (the best state), follow from the training's beginning alone.
 * Without that slice the last leaf follows from the leaf before it, too.
 *
 * A state travels as an object:
 *
 *   "morphsmith-state 1" and a line feed, u64 steps, u64 weights (at most 2^40), u8 moments (0 to 2),
 *   f32 weights, then as many moments (IEEE bits, little-endian)
 *
 * Nothing may follow. It names neither network nor fold: it is checked against a leaf. */
#ifndef TRAIN_RETRACE_H
#define TRAIN_RETRACE_H

#include "base/bytes.h"
#include "train/crossval.h"

struct retrace_state { /* borrows the object's bytes */
    int64_t steps;
    size_t weights;
    int moments;
    const uint8_t *part[3]; /* [weights] floats each, of any alignment */
};

bool retrace_state_encode(const struct model *m, struct bytes *out, struct error *err);
bool retrace_state_decode(struct retrace_state *out, const void *data, size_t n, struct error *err);
struct hash retrace_state_leaf(const struct retrace_state *s);

struct retrace {
    const struct dataset *d;
    const struct arch *arch;
    int fold;             /* from 0 */
    struct recipe recipe; /* with the fold's own seed */
    struct crossval_views views;
    int64_t interval;       /* steps between leaves */
    int64_t epoch, steps;   /* steps of an epoch, and of all of them */
    int moments;            /* that the optimiser keeps */
    bool back;              /* early stopping: it hands back the best state, which the steps alone do not tell */
};

/* Borrows data set and architecture; retrace_end also where it failed. */
bool retrace_start(struct retrace *r, const struct dataset *d, const struct arch *a, const struct recipe *recipe,
                   int fold, struct error *err);
void retrace_end(struct retrace *r);

/* Can a training of this fold have so many leaves? */
bool retrace_may_have(const struct retrace *r, uint64_t leaves);
/* Is a training of this fold ever in a state of this shape? */
bool retrace_fits(const struct retrace *r, const struct retrace_state *s);

struct model *retrace_fresh(const struct retrace *r, struct error *err);
/* Of a state that fits. */
struct model *retrace_model(const struct retrace *r, const struct retrace_state *s, struct error *err);

/* Goes on from m until `until` steps are done or the training is over. m is the fresh model, or in the state behind
 * m->step > 0 steps; then early stopping is left out. free(out->leaf). */
bool retrace_go(const struct retrace *r, struct model *m, struct train_stretch *out, int64_t until,
                struct threads *pool, const struct train_hooks *hooks, struct error *err);

/* What the fold's validation samples come to with m. */
bool retrace_counts(const struct retrace *r, const struct model *m, uint64_t *correct, uint64_t *total,
                    struct threads *pool, struct error *err);

#endif
