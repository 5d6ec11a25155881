/* What training and scoring share. Private to action/train*.c and score.c. */
#ifndef ACTION_TRAIN_INTERNAL_H
#define ACTION_TRAIN_INTERNAL_H

#include "action/action.h"
#include "data/set/dataset.h"
#include "net/arch.h"
#include "store/runs.h"

/* What a training or scoring needs: the task's data set and the architecture, checked to fit. */
struct job_input {
    struct dataset *data;
    struct arch *arch;
    struct hash arch_id;
    struct threads *pool;
};

/* NULL-safe to close, also when it could not be opened. */
bool train_input_open(struct job_input *in, struct workspace *w, const char *key, int threads, struct error *err);
void train_input_close(struct job_input *in);

/* Says what the plan takes before it is taken, so that who sees too much can stop it. */
void train_announce_plan(const struct job_input *in, const struct recipe *recipe, int models,
                         const struct control *control);

/* What a scoring is called: as the leaderboard says it, who asked for it (store/runs.h), and the command that goes on with
 * it; and what it grows from, by which morphisms (NULL: from scratch). */
struct score_label {
    const char *why, *strategy, *again;
    const struct trial_row *parent;
    const char *steps;
};

/* The cross-validation's result, from what is stored, or run and stored. The recipe is checked. */
json_t *score_arch(struct workspace *w, const struct job_input *in, const struct recipe *recipe,
                   const struct score_label *label, const struct control *control, struct error *err);

#define BASELINE_ARCH "baseline-" /* before a manual model's name stands this in its architecture's */

/* A full trial on a task: by its number ("trial:12"), the best of an architecture, or a manual model's by its own name.
 * ERROR_USAGE; runs_trial_free. */
bool trial_named(struct workspace *w, struct hash task, const char *key, struct trial_row *out, struct error *err);

/* A training that is to be run: a new one, or one that was interrupted. */
struct training {
    struct recipe recipe;
    char from[HASH_HEX]; /* the model that it goes on from; "": from scratch */
    struct hash parent;  /* its hash; zeros */
    struct hash recipe_id;
    int64_t run;      /* its number; 0: it has none yet */
    bool kept;        /* there is a checkpoint of it */
    int64_t kept_run; /* the number of the training that left it */
    int epoch;        /* that the checkpoint lies in */
};

/* With options->resume the one that was interrupted and is meant: of that number, of the same recipe, or, where no
 * setting was given, the only one of the architecture. Else the one that the options describe; `kept` then says that it
 * was interrupted before. */
bool train_choose(struct training *t, struct workspace *w, const struct job_input *in,
                  const struct action_train_options *options, const char *key, struct error *err);

#endif
