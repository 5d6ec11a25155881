/* threads: each task once, many short runs, visibility of results, and a pool at rest that uses no processor. */
#include "test_support.h"

#include "base/memory.h"
#include "base/threads.h"

#include <stdatomic.h>
#include <time.h>

#define TASKS 1000

struct job {
    atomic_int times[TASKS];
    long plain[TASKS]; /* written by whoever has the task, read by the caller: threads_run must order them */
    long factor;
};

static void work(void *context, int task)
{
    struct job *job = context;

    atomic_fetch_add(&job->times[task], 1);
    job->plain[task] += job->factor * task;
}

static void run_and_check(struct threads *pool, int tasks)
{
    static struct job job;

    memset(&job, 0, sizeof job);
    for (long round = 1; round <= 3; round++) {
        job.factor = round;
        threads_run(pool, tasks, work, &job);
    }
    for (int i = 0; i < TASKS; i++) {
        assert_int_equal(atomic_load(&job.times[i]), i < tasks ? 3 : 0);
        assert_int_equal(job.plain[i], i < tasks ? 6L * i : 0);
    }
}

static void test_each_once(void **state)
{
    static const int sizes[] = {1, 2, 3, 4, 9, 64};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct threads *pool = threads_new(sizes[i]);
        assert_int_equal(threads_n(pool), sizes[i]);
        for (int tasks = 0; tasks <= 20; tasks++)
            run_and_check(pool, tasks);
        run_and_check(pool, TASKS);
        threads_free(pool);
    }
    run_and_check(NULL, 0);
    run_and_check(NULL, TASKS);
    threads_run(NULL, -1, work, NULL);
}

struct away {
    atomic_int done;
    long plain;
};

static void work_away(void *context, int task)
{
    struct away *a = context;

    a->plain += task + 1;
    atomic_fetch_add(&a->done, 1);
}

/* In halves: each once, for every size; and what another thread does is done before the caller joins. */
static void test_halves(void **state)
{
    static struct job job;

    (void)state;
    for (int n = 1; n <= 3; n++) {
        struct threads *pool = threads_new(n);
        for (int tasks = 0; tasks <= TASKS; tasks += tasks < 5 ? 1 : 199) {
            memset(&job, 0, sizeof job);
            job.factor = 1;
            threads_begin(pool, tasks, work, &job);
            threads_end(pool);
            for (int i = 0; i < TASKS; i++)
                assert_int_equal(job.plain[i], i < tasks ? i : 0);
        }
        threads_free(pool);
    }
    struct threads *pair = threads_new(2);
    struct away away = {.plain = 0};
    struct timespec pause = {.tv_nsec = 1000000};
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL); /* so that it has fallen asleep */
    threads_begin(pair, 1, work_away, &away);
    for (int i = 0; i < 10000 && atomic_load(&away.done) == 0; i++)
        nanosleep(&pause, NULL);
    assert_int_equal(atomic_load(&away.done), 1);
    threads_end(pair);
    assert_int_equal(atomic_load(&away.done), 1);
    assert_int_equal(away.plain, 1);
    threads_free(pair);
}

static void test_sizes(void **state)
{
    (void)state;
    struct threads *few = threads_new(-3), *many = threads_new(1000);
    assert_int_equal(threads_n(few), 1);
    assert_int_equal(threads_n(many), 64);
    assert_int_equal(threads_n(NULL), 1);
    assert_true(threads_machine_n() >= 1);
    threads_free(few);
    threads_free(many);
    threads_free(NULL);
}

static void add(void *context, int task)
{
    long *sums = context;

    sums[task]++;
}

/* Runs follow one another as closely as they can, with pauses in between that let the workers fall asleep. */
static void test_many_runs(void **state)
{
    (void)state;
    for (int n = 2; n <= 5; n++) {
        struct threads *pool = threads_new(n);
        long sums[7] = {0};
        int runs = 20000;
        for (int i = 0; i < runs; i++) {
            threads_run(pool, 2 + i % 6, add, sums);
            if (i % 1000 == 0)
                nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        }
        long total = 0, expected = 0;
        for (int i = 0; i < 7; i++)
            total += sums[i];
        for (int i = 0; i < runs; i++)
            expected += 2 + i % 6;
        assert_int_equal(total, expected);
        threads_free(pool);
    }
}

static void slow(void *context, int task)
{
    (void)task;
    nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    atomic_fetch_add((atomic_int *)context, 1);
}

/* The caller must sleep and be woken by the last worker. */
static void test_slow_tasks(void **state)
{
    atomic_int done = 0;

    (void)state;
    struct threads *pool = threads_new(4);
    for (int i = 1; i <= 20; i++) {
        threads_run(pool, 5, slow, &done);
        assert_int_equal(atomic_load(&done), 5 * i);
    }
    threads_free(pool);
}

static double processor_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Four workers that went on spinning would use as much time as passes, and more. */
static void test_rest(void **state)
{
    long sums[4] = {0};

    (void)state;
    struct threads *pool = threads_new(4);
    threads_run(pool, 4, add, sums);
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    double before = processor_seconds();
    nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    assert_true(processor_seconds() - before < 0.1);
    threads_free(pool);
}

struct queue {
    atomic_int turn;
    int order[200], n;
};

/* The later a task, the earlier it is ready; but each comes after the one before it. */
static void follow(void *context, int task)
{
    struct queue *q = context;

    nanosleep(&(struct timespec){.tv_nsec = (199 - task) % 7 * 10000}, NULL);
    threads_await(&q->turn, task);
    q->order[q->n++] = task;
    threads_pass(&q->turn, task + 1);
}

static void test_turns(void **state)
{
    static const int sizes[] = {1, 2, 5};

    (void)state;
    for (size_t i = 0; i < ARRAY_N(sizes); i++) {
        struct threads *pool = threads_new(sizes[i]);
        struct queue q = {0};
        threads_run(pool, 200, follow, &q);
        assert_int_equal(q.n, 200);
        for (int task = 0; task < 200; task++)
            assert_int_equal(q.order[task], task);
        threads_free(pool);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_once),  cmocka_unit_test(test_sizes), cmocka_unit_test(test_halves), cmocka_unit_test(test_many_runs),
        cmocka_unit_test(test_slow_tasks), cmocka_unit_test(test_rest), cmocka_unit_test(test_turns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
