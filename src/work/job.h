/* A job: this program run as a child process with --json, so that long work never blocks the keys and a crash harms nothing else.
 *
 * Started by posix_spawn in a process group of its own; it ends when its standard input closes (the parent died) or
 * on job_cancel. Standard output carries one JSON object a line; standard error goes to the log and the last line of it
 * is kept. Nothing here blocks: wait for job_descriptor in poll(), then call job_read until it returns NULL. */
#ifndef WORK_JOB_H
#define WORK_JOB_H

#include "base/error.h"

#include <jansson.h>

enum job_state { JOB_RUNNING, JOB_DONE, JOB_FAILED, JOB_CANCELLED };

struct job;

/* arguments: NULL-terminated, without the program's name. input, if not NULL, is written to its descriptor 3 (a
 * passphrase for --passphrase-fd 3) and wiped here. */
struct job *job_start(const char *const *arguments, const char *input, struct error *err);
void job_free(struct job *j); /* cancels if running */
int job_descriptor(const struct job *j); /* -1 once its output ended */

/* The next event (caller decrefs), or NULL if none is waiting. */
json_t *job_read(struct job *j);
enum job_state job_state(struct job *j); /* reaps the process when it has ended */
int job_exit_status(const struct job *j);
const char *job_message(const struct job *j); /* last line of standard error */
const char *job_title(const struct job *j);
double job_seconds(const struct job *j);
void job_cancel(struct job *j); /* SIGTERM to its group */
void job_write(struct job *j, const char *line); /* a line to its standard input, e.g. "pause" */

/* The path of this program, found once at start. */
void job_program_set(const char *argv0);
const char *job_program(void);

#endif
