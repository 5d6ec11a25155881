/* What the files of the hold-out's opening share: the plan, which is fixed before anything is opened. */
#ifndef ACTION_HOLDOUT_INTERNAL_H
#define ACTION_HOLDOUT_INTERNAL_H

#include "action/holdout.h"
#include "store/holdouts.h"
#include "store/runs.h"
#include "store/tasks.h"

#define HOLDOUT_CHOSEN "chosen" /* the part of the model that the hold-out was opened for */
#define HOLDOUT_MODELS_MAX 16

struct holdout_model {
    char name[96], family[32], about[96];
    int64_t trial;
    double work; /* share of the whole */
};

struct holdout_plan {
    struct holdout_model model[HOLDOUT_MODELS_MAX]; /* the first is the chosen one */
    int n;
    int opened_before; /* how often sealed bars of the task were looked at until then */
};

/* Of the trial and the best of each family of baselines that are there; false (err) where a family is missing. */
bool holdout_plan_make(struct holdout_plan *out, struct workspace *w, const struct task_row *task, const char *key,
                       const struct trial_row *chosen, const json_t *baselines, struct error *err);
json_t *holdout_plan_json(const struct holdout_plan *p);
bool holdout_plan_parse(struct holdout_plan *out, const char *text, struct error *err);

/* Is a model of each family there? */
bool holdout_has_families(const json_t *baselines);

#endif
