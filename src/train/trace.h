/* The trace of a training: hashes of its whole state every k steps, so that a re-run can be compared leaf by leaf.
 *
 * A leaf is BLAKE2b-256 of H(weights) || H(first moments) || H(second moments) || u64 steps behind the moments, where H
 * is BLAKE2b-256 over IEEE bits, little-endian, in the order of the layout (over
 * nothing for a moment that the optimiser has not). Leaf i (from 0) is the state behind step
 * (i + 1) k of this training; the last leaf is always the state that the training hands back (the best one where early
 * stopping went back to it). The root is RFC 6962's (base/hash.h).
 *
 * Order: trace_start, trace_step after each step, trace_end. The leaves belong to the struct until they are taken. */
#ifndef TRAIN_TRACE_H
#define TRAIN_TRACE_H

#include "base/error.h"
#include "base/hash.h"
#include "base/threads.h"
#include "net/model.h"

struct trace {
    struct hash *leaf; /* free() */
    uint64_t leaves, room;
    int64_t interval;
};

/* Steps between trace leaves: an integer formula of parameters, multiply-adds of one sample that a plan computes
 * (plan_macs: those that can reach the output) and batch, never a clock.
 * It takes the hash at half a byte a nanosecond against a core at 64 multiply-adds a nanosecond, which flatters the
 * core, so that hashing stays below 3 %: 12 bytes a parameter against three passes over the batch and the optimiser. */
int64_t trace_interval(int64_t parameters, int64_t macs, int batch);

/* Makes room for a training of at most `steps` steps: later calls allocate nothing. */
bool trace_start(struct trace *t, int64_t interval, int64_t steps, struct error *err);
/* The leaf of the state that the model is in. */
struct hash trace_leaf(const struct model *m, struct threads *pool);
void trace_step(struct trace *t, const struct model *m, int64_t steps_done, struct threads *pool);
void trace_end(struct trace *t, const struct model *m, struct threads *pool);

#endif
