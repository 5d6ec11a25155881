/* Reading the lines of a task's text, so that what is wrong can be told with its line. */
#ifndef DATA_TASK_TEXT_H
#define DATA_TASK_TEXT_H

#include "base/text.h"
#include "data/task.h"

struct task_reader {
    char *rest, *line; /* line: the present one, NULL behind the last */
    int number;        /* of the present line */
    char shown[84];    /* its beginning: reading takes the line itself apart */
    char rule[256];    /* what a line that is wrong should be */
};

void task_reader_next(struct task_reader *r);
/* Behind "KEY " of the present line, or NULL. */
char *task_reader_value(const struct task_reader *r, const char *key);
/* Says what the present line should be. Returns false. */
bool task_reader_wrong(struct task_reader *r, const char *rule);

#endif
