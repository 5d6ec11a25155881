/* Training one model: mini-batches in a seeded order, the loss of the view's goal (train/loss.h) with the recipe's
 * smoothing and class weights, its optimiser and schedule (train/optimizer.h), early stopping on a view that is no part of
 * the training samples, the best weights kept.
 *
 * A pure function of (recipe, views, starting model): the same bits for any number of threads. The loop allocates
 * nothing. Moments below 2^-100 become +0 by an explicit compare. A model that brings moments keeps them; one that
 * brings none starts at zero. */
#ifndef TRAIN_TRAINER_H
#define TRAIN_TRAINER_H

#include "base/threads.h"
#include "net/model.h"
#include "train/loss.h"
#include "train/recipe.h"
#include "train/trace.h"

/* Samples over a scaled feature matrix; borrowed. */
struct train_view {
    const float *feature; /* [bars, channels] */
    size_t channels;
    int lookback;
    const uint32_t *bar; /* [n], last bar of each window */
    const float *target; /* [n], as in a data set; train_predict does not read it */
    size_t n;
    struct loss_goal goal;
};

struct train_event {
    int fold, epoch, epochs;           /* epoch counts from 1, 0 is the start (keep_start); fold is the caller's number */
    int64_t step;                      /* of this training */
    double train_loss;                 /* mean over the epoch, each batch before its step; of the start: as it is */
    double valid_loss, valid_accuracy; /* on the stop view behind the epoch; 0 where it is empty */
    double learning_rate;               /* of the epoch's last step; 0 at the start */
    double gradient_norm;               /* of the epoch's last batch, before clipping; 0 at the start */
    double samples_per_second, seconds; /* measured: never part of anything hashed */
};

struct train_hooks {
    void *context;
    void (*event)(void *context, const struct train_event *event); /* after each epoch; may be NULL */
    bool (*cancelled)(void *context); /* asked after each step; may be NULL: then ERROR_INTERRUPTED */
};

struct train_result {
    int epochs, best_epoch;                        /* run; whose weights the model has (0: the start's) */
    int64_t steps;                                 /* of all epochs run */
    double train_loss, valid_loss, valid_accuracy; /* of the best epoch */
    double seconds, samples_per_second;
    struct hash trace_root; /* RFC 6962 root over hashes of (weights, moments, step) every k steps, see trace.h */
    uint64_t trace_leaves;
    struct hash *trace; /* [trace_leaves]; free() */
};

/* Trains m in place. stop may be empty (n = 0) or NULL: then all epochs run and the last weights stay. With a stop view
 * weights, moments and step count of the best epoch are put back; with keep_start the start counts as epoch 0 of it, so
 * that where nothing that was learned is better the model is what it was. A non-finite loss, gradient or weight ends it with
 * ERROR_FAILED naming step and, where it can be found, the node. On failure *result is all zero and the model's weights
 * are not specified. `fold` only labels events. hooks may be NULL. */
bool train_model(struct model *m, struct train_result *result, const struct train_view *train,
                 const struct train_view *stop, const struct recipe *recipe, int fold, struct threads *pool,
                 const struct train_hooks *hooks, struct error *err);

/* Predictions for each sample of the view, see loss_predict: out[n, outputs]. */
bool train_predict(const struct model *m, float *out, const struct train_view *view, struct threads *pool,
                   struct error *err);

#endif
