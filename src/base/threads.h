/* A pool of worker threads for loops whose iterations are independent. Threads split outputs, never sums, so the
 * result does not depend on their number. The caller's thread works too: a pool of 1 starts none. */
#ifndef BASE_THREADS_H
#define BASE_THREADS_H

#include <stdatomic.h>

struct threads;

struct threads *threads_new(int n); /* 1 <= n <= 64, else clamped */
void threads_free(struct threads *pool);
int threads_n(const struct threads *pool); /* 1 for NULL */

/* Calls work(context, i) once for each i in 0 .. tasks-1 and returns when all are done. pool may be NULL (run here).
 * Not reentrant: work must not call threads_run on the same pool. */
void threads_run(struct threads *pool, int tasks, void (*work)(void *context, int task), void *context);

/* The same in two halves: the other threads of the pool begin, and the caller does something else before it joins them
 * in threads_end, which returns when all tasks are done. Until then `context` must live; a pool of 1 does all of it there. */
void threads_begin(struct threads *pool, int tasks, void (*work)(void *context, int task), void *context);
void threads_end(struct threads *pool);

/* Between tasks of one run that follow one another: threads_await returns once threads_pass has set *turn to `value`.
 * Tasks begin in ascending order, and one may wait only for what those begun before it do. */
void threads_await(atomic_int *turn, int value);
void threads_pass(atomic_int *turn, int value);

int threads_machine_n(void); /* processors this process may use */

#endif
