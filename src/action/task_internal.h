/* What the actions of the task share. */
#ifndef ACTION_TASK_INTERNAL_H
#define ACTION_TASK_INTERNAL_H

#include "action/action.h"
#include "store/tasks.h"
#include "train/leak.h"

#include <jansson.h>

/* task_choose.c: the options, and which series belong to the task. */
bool task_take_options(struct task *task, const struct action_task_options *o, struct error *err);
bool task_choose_series(struct workspace *w, struct task *task, const struct action_task_options *o, struct error *err);
/* task_columns.c: --columns, once the series are known. */
bool task_choose_columns(struct workspace *w, struct task *task, const struct action_task_options *o,
                         struct error *err);

/* task_info.c: what is stored beside the task and shown. */
json_t *task_info_json(const struct dataset *d, const struct leak_report *leaks);

/* task_leaks.c */
json_t *task_leaks_json(const struct leak_report *r);
json_t *task_checks_json(const struct leak_report *r);
/* Puts the findings that `accept` names into the task; ERROR_DATA naming the first that it does not. */
bool task_accept_leaks(struct task *task, const struct leak_report *r, const char *const *accept, int n,
                       struct error *err);

/* Builds the data set, runs the detector, and puts the task in force with what was accepted; a dry run stores nothing. */
json_t *task_put_in_force(struct workspace *w, const struct task *task, const char *const *accept, int accepted,
                          bool dry_run, struct error *err);

#endif
