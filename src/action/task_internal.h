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

/* task_leaks.c: the detector, and what it found */
bool task_find_leaks(struct leak_report *out, const struct dataset *d, const struct frame *const *frames,
                     struct error *err);
json_t *task_leaks_json(const struct leak_report *r);
json_t *task_checks_json(const struct leak_report *r);
/* Puts the findings that `accept` names into the task; ERROR_DATA naming the first that it does not. */
bool task_accept_leaks(struct task *task, const struct leak_report *r, const char *const *accept, int n,
                       struct error *err);

/* Says of each name of `accept` that it was not needed, if it was not. */
void task_note_needless(json_t *notes, const struct leak_report *r, const char *const *accept, int n);

/* task_seal.c, within a transaction: records what the task seals. Bars that were sealed before and that it would show
 * are opened, and that is recorded; or ERROR_DATA says which they are. */
bool task_seal(struct workspace *w, struct dataset *d, const struct frame *const *frames, bool open, struct error *err);

/* What a person said to the doubts. */
struct task_consent {
    const char *const *leak;
    int leaks;
    bool open_sealed;
    bool dry_run;               /* all but storing it */
    const struct hash *dataset; /* the data set must have this hash; NULL: any */
};

/* Builds the data set, runs the detector, and puts the task in force with what was accepted. */
json_t *task_put_in_force(struct workspace *w, const struct task *task, const struct task_consent *consent,
                          struct error *err);

#endif
