/* The lines of a task's text that say which columns are read and as what, what becomes of missing inputs, and which
 * suspicions of a leak were accepted. Their order is that of the bytes of series and name, each once. */
#ifndef DATA_TASK_COLUMNS_H
#define DATA_TASK_COLUMNS_H

#include "base/text.h"
#include "data/task.h"

/* Into that order. */
void task_columns_sort(struct task *task);
bool task_columns_check(const struct task *task, struct error *err);

/* "columns ...", "column ..." and "missing ..." */
void task_columns_format(struct text *out, const struct task *task);
/* From the line "columns ..." on; *rest moves behind the line "missing ...". */
bool task_columns_parse(struct task *task, char **rest);

void task_leaks_format(struct text *out, const struct task *task);
bool task_leaks_parse(struct task *task, char **rest); /* to the end */

#endif
