/* A model: an architecture, its weights and the optimiser's moments.
 *
 * Weights are one float array in the order of the architecture's *canonical* nodes and their tensors, so that equal ids
 * mean equal layouts; struct layout says where each tensor of each node (index in the architecture as given) lies. */
#ifndef NET_MODEL_H
#define NET_MODEL_H

#include "base/bytes.h"
#include "net/arch.h"
#include "net/op.h"

struct layout_tensor {
    int node;            /* index in the architecture as given */
    int tensor;          /* index among the node's tensors */
    struct op_tensor shape;
    size_t offset;       /* in floats */
};

struct layout {
    struct layout_tensor *tensor;
    int tensors;
    size_t weights;      /* floats in all */
};

struct layout *layout_new(const struct arch *a);
void layout_free(struct layout *l);
const struct layout_tensor *layout_find(const struct layout *l, int node, const char *tensor); /* or NULL */

struct model {
    struct arch *arch;
    size_t weights;
    float *weight;    /* [weights] */
    float *moment[2]; /* [weights] each; the optimiser's: none, the first alone, or both */
    int64_t step;     /* optimiser steps behind the moments */
    bool blas;        /* it, or what it grew from, was trained through OpenBLAS: nobody else gets these bits */
};

/* Fresh weights drawn from (seed, canonical tensor number); moments NULL. Takes a copy of the architecture. */
struct model *model_new(const struct arch *a, uint64_t seed, struct error *err);
/* Sets what makes the output to zero, so that the fresh network says 0 of everything: the weights of the dense layers or
 * convolutions that are the output, or that the output only sums, reads at a step, pools, flattens or drops out. What is
 * made in other ways stays as it was drawn. */
void model_zero_head(struct model *m);
struct model *model_copy(const struct model *m, struct error *err);
void model_free(struct model *m);
int model_moments(const struct model *m); /* 0, 1 or 2 */
/* Exactly n moments: the model's own where it has as many; else zeros, and the step count is 0. */
bool model_need_moments(struct model *m, int n, struct error *err);

/* BLAKE2b-256 over arch_id and the weights' IEEE bits, little-endian: the "weights_hash" of claims. */
struct hash model_hash(const struct model *m);

/* File: magic "MSMODEL1", u32 flags (1: two moments, 4: one; 2: blas), architecture text, u64 weights, the floats,
 * [the moments, i64 step], and
 * BLAKE2b-256 of all before. A file whose hash is wrong is refused (ERROR_DATA). */
void model_encode(const struct model *m, struct bytes *out);
struct model *model_decode(const void *data, size_t n, const char *origin, struct error *err);

#endif
