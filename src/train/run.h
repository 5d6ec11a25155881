/* A training that runs: what trainer.c and keep.c share. Private to them. */
#ifndef TRAIN_RUN_H
#define TRAIN_RUN_H

#include "data/set/dataset.h"
#include "net/plan.h"
#include "train/optimizer.h"
#include "train/trainer.h"

/* Everything the loop touches, allocated before it starts. Between two steps the whole state is: the model, the best
 * one, *result, steps, position, sum and the trace's leaves; everything else follows from the recipe and the views. */
struct run {
    struct model *m;
    struct model *best; /* NULL without a stop view */
    bool has_best;      /* it is some epoch's, or the start's */
    const struct train_view *train, *stop;
    const struct recipe *recipe;
    struct threads *pool;
    const struct train_hooks *hooks;
    struct train_result *result;
    struct error *err;
    struct plan *plan;
    struct optimizer optimizer;
    struct trace trace;
    struct loss_goal goal, stop_goal;   /* of training and stop slice, as the recipe has it */
    double weight[DATASET_CLASSES_MAX]; /* of the classes */
    float *gradient;                    /* [weights] */
    float *target;                      /* [batch] */
    struct loss_one *each;              /* [batch] */
    uint32_t *order;                    /* [train->n] */
    int fold;
    int64_t steps;
    int64_t start_step;  /* behind the moments that the model brought */
    size_t position;     /* samples of the running epoch that are done */
    struct loss_sum sum; /* over them */
    bool cancelled;
    int64_t until;  /* steps behind which a part of a training stops; INT64_MAX: none */
    bool diverged;  /* what ended it in an error was a value that is not finite */
    double start_seconds; /* of a clock that stands while the training is paused */
    double epoch_seconds; /* the same, at the running epoch's start or at that of this part of it */
    size_t epoch_from;    /* position at that moment */
};

int64_t run_steps_of_epoch(const struct run *r);
/* Is there nothing left but to hand back the result? */
bool run_is_over(const struct run *r);

/* What the keeper has of this training is put into the run; fine if that is nothing. The run is allocated and has done
 * no step. */
bool run_restore(struct run *r);
/* Between two steps: keeps the state when it is time, waits while the training is paused, and ends it
 * (ERROR_INTERRUPTED) when it was cancelled. */
bool run_rest(struct run *r);

#endif
