/* What a network costs on this machine, measured: seconds of each node in forward and backward pass, the norms of its
 * gradients, and what a step of the real trainer takes. Norms are of the weights as they are given: no step is taken
 * between the batches that they are the root mean square of. Seconds are never part of anything hashed. */
#ifndef TRAIN_PROFILE_H
#define TRAIN_PROFILE_H

#include "train/trainer.h"

struct profile_options {
    int64_t steps;  /* of each part; 0: as many as fit into seconds, at least 3 */
    double seconds; /* of each part */
    void *context;
    void (*progress)(void *context, double share); /* may be NULL */
    bool (*cancelled)(void *context);              /* may be NULL: then ERROR_INTERRUPTED */
};

struct profile_node {
    double forward, backward; /* seconds a step */
    double gradient_norm;     /* of the value's gradient, over the batch; NaN where it has none */
    double weight_norm;       /* of the weights' gradient */
};

struct profile {
    int nodes;
    struct profile_node *node;   /* [nodes], in the order of the architecture as given */
    int64_t steps, train_steps;  /* taken for the nodes; timed of the trainer */
    int batch;                   /* samples a step; fewer than the recipe's where there are no more */
    double step_seconds;         /* of the trainer: everything */
    double forward, backward;    /* sums over the nodes */
};

/* The model is left as it is. Batches are the recipe's, from the first samples on. */
bool profile_run(struct profile *out, const struct model *m, const struct train_view *view, const struct recipe *recipe,
                 struct threads *pool, const struct profile_options *options, struct error *err);
void profile_free(struct profile *p);

/* Windows of normal numbers that fit an architecture, with targets to match its outputs (direction for one, else
 * classes): for where there is no data. */
struct profile_noise {
    float *feature, *target;
    uint32_t *bar;
    struct train_view view;
};
bool profile_noise_make(struct profile_noise *n, const struct arch *a, size_t samples, struct error *err);
void profile_noise_free(struct profile_noise *n);

#endif
