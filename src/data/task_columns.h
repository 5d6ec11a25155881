/* The lines of a task's text that say which columns are read and as what, what becomes of missing inputs, and which
 * suspicions of a leak were accepted. Their order is that of the bytes of series and name, each once. */
#ifndef DATA_TASK_COLUMNS_H
#define DATA_TASK_COLUMNS_H

#include "data/task_text.h"

/* Into that order. */
void task_columns_sort(struct task *task);
bool task_columns_check(const struct task *task, struct error *err);

/* "columns ...", "column ..." and "missing ..." */
void task_columns_format(struct text *out, const struct task *task);
/* From the line "columns ..." on, behind the line "missing ...". */
bool task_columns_read(struct task *task, struct task_reader *r);

void task_leaks_format(struct text *out, const struct task *task);
bool task_leaks_read(struct task *task, struct task_reader *r); /* none or more lines */

#endif
