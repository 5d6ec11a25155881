/* A keeper of trainings (train/trainer.h) that has a workspace and a control: it writes checkpoints to the workspace,
 * and holds the training still while the control says pause.
 *
 * A state is written every KEEPER_SECONDS, or where writing takes long every KEEPER_SHARE times as long as that took,
 * so that keeping costs at most 2 % of a training and a kill at most loses so much; and before each pause and at the
 * end of what is cancelled. While it pauses, {"event":"paused", ...} goes out, and {"event":"resumed", ...} behind it.
 */
#ifndef WORK_KEEPER_H
#define WORK_KEEPER_H

#include "store/checkpoints.h"
#include "train/trainer.h"
#include "work/control.h"

#define KEEPER_SECONDS 10.0
#define KEEPER_SHARE 50.0

struct keeper {
    /* set by the caller */
    struct workspace *w;
    const struct control *control;
    const char *kind; /* "train" or "trial" */
    struct checkpoint_owner owner;
    int epochs, folds; /* of each fold; 0 folds: a single training */
    bool anew;         /* what is there is not gone on with; it stays until this training has come further */
    bool forgives;     /* what is there and damaged is logged and removed, not an error */
    /* its own */
    double kept_seconds, cost_seconds; /* when a state was written last, and how long that took */
    int64_t further;                   /* steps of what is there, under `anew` */
    int64_t resumed, saved;            /* steps that were not done again; of the state written last; 0: none */
    bool paused;
};

/* Owner, workspace and so on are filled. The keeper outlives what is returned. */
struct train_keeper keeper_start(struct keeper *k);

#endif
