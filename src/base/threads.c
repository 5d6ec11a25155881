#include "base/threads.h"

#include "base/float_mode.h"
#include "base/memory.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define THREADS_MOST 64

/* Reads before a thread gives up and sleeps: some 10 us, about what a sleep and a wake-up cost. */
#define SPINS 8000

/* `ticket` holds the number of the run (high half) and how many of its tasks nobody has taken yet (low half). A thread
 * takes a task by counting the low half down with a compare-and-swap: one that comes late finds zero or the next run,
 * never a task of a run that has ended. `tasks`, `work` and `context` change only while no task is taken, and who has
 * taken one reads them behind that swap. */
struct threads {
    int n, spins;
    pthread_t thread[THREADS_MOST];
    atomic_uint_fast64_t ticket;
    atomic_int unfinished; /* tasks of this run that are not done */
    atomic_int sleepers;
    atomic_bool waiting, stop, running;
    int tasks;
    void (*work)(void *context, int task);
    void *context;
    pthread_mutex_t mutex;
    pthread_cond_t wake, done;
};

static uint32_t tasks_left(struct threads *pool)
{
    return (uint32_t)atomic_load(&pool->ticket);
}

static bool take_task(struct threads *pool)
{
    uint_fast64_t ticket = atomic_load(&pool->ticket);

    do {
        if ((uint32_t)ticket == 0)
            return false;
    } while (!atomic_compare_exchange_weak(&pool->ticket, &ticket, ticket - 1));
    pool->work(pool->context, pool->tasks - (int)(uint32_t)ticket);
    /* The last to finish wakes the caller, if it sleeps. It sets `waiting` before it looks at `unfinished`. */
    if (atomic_fetch_sub(&pool->unfinished, 1) == 1 && atomic_load(&pool->waiting)) {
        pthread_mutex_lock(&pool->mutex);
        pthread_cond_signal(&pool->done);
        pthread_mutex_unlock(&pool->mutex);
    }
    return true;
}

static void sleep_until_work(struct threads *pool)
{
    for (int i = 0; i < pool->spins; i++) {
        if (tasks_left(pool) != 0 || atomic_load_explicit(&pool->stop, memory_order_relaxed))
            return;
    }
    pthread_mutex_lock(&pool->mutex);
    atomic_fetch_add(&pool->sleepers, 1);
    while (tasks_left(pool) == 0 && !atomic_load(&pool->stop))
        pthread_cond_wait(&pool->wake, &pool->mutex);
    atomic_fetch_sub(&pool->sleepers, 1);
    pthread_mutex_unlock(&pool->mutex);
}

static void *thread_main(void *argument)
{
    struct threads *pool = argument;

    float_mode_set();
    ASSERT(float_mode_exact());
    while (!atomic_load(&pool->stop)) {
        if (!take_task(pool))
            sleep_until_work(pool);
    }
    return NULL;
}

/* Signals belong to the program's first thread; only what a fault of a thread itself raises is left to it. */
static void block_signals(sigset_t *old)
{
    static const int own[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV};
    sigset_t all;

    sigfillset(&all);
    for (size_t i = 0; i < ARRAY_N(own); i++)
        sigdelset(&all, own[i]);
    pthread_sigmask(SIG_SETMASK, &all, old);
}

struct threads *threads_new(int n)
{
    struct threads *pool = NEW(struct threads);
    int wanted = n < 1 ? 1 : n > THREADS_MOST ? THREADS_MOST : n;
    sigset_t old;

    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pthread_cond_init(&pool->done, NULL);
    pool->spins = wanted <= threads_machine_n() ? SPINS : 0;
    pool->n = 1;
    block_signals(&old);
    /* A machine that refuses a thread gets a smaller pool: the results are the same. */
    while (pool->n < wanted && pthread_create(&pool->thread[pool->n], NULL, thread_main, pool) == 0)
        pool->n++;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return pool;
}

void threads_free(struct threads *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->mutex);
    atomic_store(&pool->stop, true);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
    for (int i = 1; i < pool->n; i++)
        pthread_join(pool->thread[i], NULL);
    pthread_cond_destroy(&pool->done);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}

int threads_n(const struct threads *pool)
{
    return pool ? pool->n : 1;
}

static void wake_sleepers(struct threads *pool, int wanted)
{
    if (atomic_load(&pool->sleepers) == 0)
        return;
    pthread_mutex_lock(&pool->mutex);
    for (int i = 0; i < wanted && i < pool->n - 1; i++)
        pthread_cond_signal(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
}

static void wait_until_done(struct threads *pool)
{
    for (int i = 0; i < pool->spins; i++) {
        if (atomic_load(&pool->unfinished) == 0)
            return;
    }
    pthread_mutex_lock(&pool->mutex);
    atomic_store(&pool->waiting, true);
    while (atomic_load(&pool->unfinished) != 0)
        pthread_cond_wait(&pool->done, &pool->mutex);
    atomic_store(&pool->waiting, false);
    pthread_mutex_unlock(&pool->mutex);
}

static void begin(struct threads *pool, int tasks, int helpers, void (*work)(void *context, int task), void *context)
{
    ASSERT(!atomic_exchange(&pool->running, true)); /* called from inside work, or by two threads at once */
    pool->tasks = tasks > 0 ? tasks : 0;
    pool->work = work;
    pool->context = context;
    if (pool->tasks == 0 || pool->n == 1)
        return;
    atomic_store(&pool->unfinished, tasks);
    uint_fast64_t run = (atomic_load(&pool->ticket) >> 32) + 1;
    atomic_store(&pool->ticket, run << 32 | (uint_fast64_t)tasks);
    wake_sleepers(pool, helpers);
}

void threads_begin(struct threads *pool, int tasks, void (*work)(void *context, int task), void *context)
{
    begin(pool, tasks, tasks, work, context);
}

void threads_end(struct threads *pool)
{
    if (pool->n == 1) {
        for (int i = 0; i < pool->tasks; i++)
            pool->work(pool->context, i);
    } else if (pool->tasks > 0) {
        while (take_task(pool))
            continue;
        wait_until_done(pool);
    }
    atomic_store(&pool->running, false);
}

void threads_run(struct threads *pool, int tasks, void (*work)(void *context, int task), void *context)
{
    if (!pool || pool->n == 1 || tasks <= 1) {
        for (int i = 0; i < tasks; i++)
            work(context, i);
        return;
    }
    begin(pool, tasks, tasks - 1, work, context);
    threads_end(pool);
}

/* Whoever it waits for is at work, unless there are more threads than processors: then it makes room. */
void threads_await(atomic_int *turn, int value)
{
    for (int i = 0; atomic_load_explicit(turn, memory_order_acquire) != value; i++)
        if (i >= SPINS)
            sched_yield();
}

void threads_pass(atomic_int *turn, int value)
{
    atomic_store_explicit(turn, value, memory_order_release);
}

/* POSIX knows only how many processors are online; a batch system or a container may allow fewer. */
static int allowed_n(void)
{
#ifdef SYS_sched_getaffinity
    unsigned long mask[128] = {0};
    long size = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
    int n = 0;

    for (size_t i = 0; size > 0 && i < (size_t)size / sizeof mask[0]; i++) {
        for (unsigned long left = mask[i]; left; left &= left - 1)
            n++;
    }
    return n;
#else
    return 0;
#endif
}

int threads_machine_n(void)
{
    int n = allowed_n();

    if (n == 0)
        n = (int)sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? n : 1;
}
