/* A job: this program run as a child process with --json, so that long work never blocks the keys and a crash harms
 * nothing else.
 *
 * Started by posix_spawn in a process group of its own; it ends when its standard input closes (the parent died) or
 * on job_cancel. Standard output carries one JSON object a line; standard error goes to the log and the last line of it
 * is kept. A line longer than JOB_LINE_MOST, or one that is no JSON object, is logged and dropped. Nothing here blocks,
 * except job_free, which waits for the child's end (two seconds at most, then it is killed): wait for job_descriptor in
 * poll(), then call job_read until it returns NULL. */
#ifndef WORK_JOB_H
#define WORK_JOB_H

#include "base/error.h"

#include <jansson.h>

#define JOB_LINE_MOST ((size_t)1 << 20)
#define JOB_INPUT_MOST 4096 /* what a pipe takes without blocking, everywhere */

enum job_state { JOB_RUNNING, JOB_DONE, JOB_FAILED, JOB_CANCELLED };

struct job;

/* arguments: NULL-terminated, without the program's name. input, if not NULL, is written to its descriptor 3 (a
 * passphrase for --passphrase-fd 3; at most JOB_INPUT_MOST bytes); no copy of it is kept. */
struct job *job_start(const char *const *arguments, const char *input, struct error *err);
void job_free(struct job *j);            /* cancels if running */
int job_descriptor(const struct job *j); /* readable when there is something to read; -1 once its output ended */

/* The next event (caller decrefs), or NULL if none is waiting. */
json_t *job_read(struct job *j);
enum job_state job_state(struct job *j);      /* reaps the process when it has ended */
int job_exit_status(const struct job *j);     /* 128 + n if signal n ended it; -1 while it runs */
const char *job_message(const struct job *j); /* last line of standard error */
const char *job_title(const struct job *j);   /* its arguments, without options */
double job_seconds(const struct job *j);
void job_cancel(struct job *j); /* SIGTERM to its group; SIGKILL if that has not ended it within five seconds */
bool job_write(struct job *j,
               const char *line); /* a line to its standard input, e.g. "pause"; false if it cannot take it */

/* The path of this program, found once at start: argv0 if it is an absolute path, else the system's knowledge, else
 * argv0 looked up in PATH. */
void job_program_set(const char *argv0);
const char *job_program(void);

#endif
