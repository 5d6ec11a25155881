/* The sealed hold-out: opened once a task, for a chosen model and the baselines together. */
#ifndef ACTION_HOLDOUT_H
#define ACTION_HOLDOUT_H

#include "action/action.h"

struct action_holdout_options {
    struct action_baseline_options baseline; /* how those that were not run yet are run, before anything is opened */
    int threads;
};

/* {"chosen": {... as score, "name", "arch", "trial", "epochs"}, "baselines": [{"name", "family", ... as score}],
 * "leads": [{"over", "difference": {mean, low, high}, "p", "sentence"}], "lead": that over the best trained baseline on
 * the hold-out, "evidence", "span", "opened"}.
 *
 * The baselines are run first. Then the opening is recorded for good; only behind that the hold-out is read, each model
 * is trained on all before it and scored, and the result is stored. Interrupted, or killed, it goes on with the same
 * models to the same bits when called again. ERROR_USAGE where the task's hold-out was opened before. */
json_t *action_holdout_open(struct workspace *w, const char *key, const struct action_holdout_options *options,
                            const struct control *control, struct error *err);

/* What came out: the result of holdout open. With "state": "sealed", "opened" (not finished) or "done". */
json_t *action_holdout_show(struct workspace *w, struct error *err);

/* What a person is told before: {"state", "task", "span", "text"}. */
json_t *action_holdout_ask(struct workspace *w, const char *key, struct error *err);

#endif
