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

/* Keeps the state of trainings, so that one that ended anywhere goes on to the same bits (train/checkpoint.h). None of
 * it touches a bit: when to keep may follow a clock. Places where a state can be kept lie behind every step; behind an
 * epoch's last step is the epoch's end, where the early-stopping slice is scored and the event is out. */
struct checkpoint;
struct train_keeper {
    void *context;
    /* What was kept of this fold, if anything; *file (freed by the caller) is what *out points into. */
    bool (*load)(void *context, int fold, struct checkpoint *out, bool *found, struct bytes *file, struct error *err);
    bool (*due)(void *context, bool over); /* asked at each place; over: the last epoch is done */
    /* c->owner has no more than the fold as the trainer was given it. A failure is logged and the training goes on; one that was cancelled says it.
     */
    bool (*save)(void *context, const struct checkpoint *c, struct error *err);
    /* Behind a save that was due: returns when the training may go on. Its seconds do not count this. */
    void (*pause)(void *context, const struct checkpoint *c);
};

struct train_hooks {
    void *context;
    void (*event)(void *context, const struct train_event *event); /* after each epoch; may be NULL */
    bool (*cancelled)(void *context);  /* asked after each step; may be NULL: then ERROR_INTERRUPTED */
    const struct train_keeper *keeper; /* may be NULL: then nothing is kept of what is cancelled */
    double *trace_seconds;             /* what the trace takes is added to it as the steps go by; may be NULL */
    /* Asked behind each epoch, and again of a training that goes on from there: true ends it as if its patience were
     * over, with the best weights so far. Must depend on nothing else. best_loss is the best early-stopping loss. May be
     * NULL. */
    bool (*enough)(void *context, int fold, int epochs, double best_loss);
};

struct train_result {
    int epochs, best_epoch;                        /* run; whose weights the model has (0: the start's) */
    bool cut;                                      /* the hooks had enough of it: it is not what the recipe gives */
    int64_t steps;                                 /* of all epochs run */
    double train_loss, valid_loss, valid_accuracy; /* of the best epoch */
    double seconds, samples_per_second;
    struct hash trace_root; /* RFC 6962 root over hashes of (weights, moments, step) every k steps, see trace.h */
    uint64_t trace_leaves;
    int64_t trace_interval; /* steps between leaves */
    struct hash *trace; /* [trace_leaves]; free() */
};

/* Trains m in place, from the state that the keeper has of it, if any; m is then still given as it was at the start.
 * stop may be empty (n = 0) or NULL: then all epochs run and the last weights stay. With a stop view weights, moments
 * and step count of the best epoch are put back; with keep_start the start counts as epoch 0, so that where nothing that
 * was learned is better the model is what it was. A non-finite loss, gradient or weight ends it with
 * ERROR_FAILED naming step and, where it can be found, the node. On failure *result is all zero and the model's weights
 * are not specified. `fold` only labels events and what is kept. hooks may be NULL. */
bool train_model(struct model *m, struct train_result *result, const struct train_view *train,
                 const struct train_view *stop, const struct recipe *recipe, int fold, struct threads *pool,
                 const struct train_hooks *hooks, struct error *err);

/* A part of a training, done again. */
struct train_stretch {
    struct hash *leaf; /* the leaves of its trace that lie in it; free() */
    uint64_t leaves;
    bool over;         /* the training ended before `until`: the last leaf is what it hands back */
    bool diverged;     /* of what failed: because a value was not finite, as it would have for whoever trained it */
    int64_t steps;     /* of the training, where the part ended */
};

/* Goes on with m, which is in the state behind `from` steps of this training (0: its start), until `until` are done or
 * the training is over. All else that the steps depend on follows from their number; only what early stopping has seen
 * does not: from > 0 takes no stop view, and then all epochs run. hooks may be NULL and keep nothing. */
bool train_stretch(struct model *m, struct train_stretch *out, const struct train_view *train,
                   const struct train_view *stop, const struct recipe *recipe, int64_t from, int64_t until, int fold,
                   struct threads *pool, const struct train_hooks *hooks, struct error *err);

/* Predictions for each sample of the view, see loss_predict: out[n, outputs]. */
bool train_predict(const struct model *m, float *out, const struct train_view *view, struct threads *pool,
                   struct error *err);

#endif
