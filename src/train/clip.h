/* The length of a gradient over all weights, and clipping to it (Pascanu et al. 2013, algorithm 1: one factor for all).
 *
 * The length is in double and in one fixed order: the weights are cut into pieces of CLIP_PIECE, a piece is summed in
 * CLIP_LANES sums side by side that are joined in one fixed tree, and the pieces are summed in their order. Threads split
 * the pieces. Squares of floats are exact in double, so that fusing them changes nothing. */
#ifndef TRAIN_CLIP_H
#define TRAIN_CLIP_H

#include "base/error.h"
#include "base/threads.h"

#include <stddef.h>

#define CLIP_PIECE 32768
#define CLIP_LANES 8

struct clip {
    float most;    /* 0: never clips */
    double *piece; /* [pieces of n], room for sums */
    double norm;   /* of the last gradient that was clipped or measured, before it was clipped */
};

bool clip_start(struct clip *c, float most, size_t n, struct error *err);
void clip_end(struct clip *c);

/* The length of x[n], n as at the start, also kept in c->norm; not finite if an element is not. */
double clip_norm(struct clip *c, const float *x, size_t n, struct threads *pool);

/* Scales gradient[n] by most / norm where its length is above `most`. The length is found where it clips or is to be
 * measured; false, and nothing is changed, if it is not finite. */
bool clip_gradient(struct clip *c, float *gradient, size_t n, bool measure, struct threads *pool);

#endif
