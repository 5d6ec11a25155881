#include "base/fault.h"

#include "base/error.h"
#include "base/text.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#define COUNT_DESCRIPTOR 9

enum fault { FAULT_NONE, FAULT_KILL, FAULT_AFTER, FAULT_ERROR, FAULT_FULL, FAULT_TORN, FAULT_COUNT };

static struct {
    pthread_once_t once;
    enum fault kind;
    uint64_t at;
    atomic_uint_fast64_t done;
} plan = {.once = PTHREAD_ONCE_INIT};

static void report_count(void)
{
    char text[32];
    int n = snprintf(text, sizeof text, "%llu\n", (unsigned long long)atomic_load(&plan.done));
    ssize_t written = write(COUNT_DESCRIPTOR, text, (size_t)n);

    (void)written; /* nobody asked for the count if the descriptor is closed */
}

/* A plan that cannot be read must not pass for a run without faults. */
static void read_plan(void)
{
    static const char *const name[] = {"", "kill", "after", "error", "full", "torn", "count"};
    const char *set = getenv("MORPHSMITH_FAULT");
    char text[64];

    if (!set || !*set)
        return;
    text_copy(text, sizeof text, set);
    char *number = text, *kind = text_next(&number, ':');
    for (enum fault i = FAULT_KILL; i <= FAULT_COUNT; i++) {
        if (text_equal(kind, name[i]))
            plan.kind = i;
    }
    ASSERT(plan.kind != FAULT_NONE && number && text_parse_u64(number, &plan.at));
    if (plan.kind == FAULT_COUNT)
        atexit(report_count);
}

/* The fault that this operation, the next one, has to suffer. */
static enum fault next_fault(void)
{
    pthread_once(&plan.once, read_plan);
    if (plan.kind == FAULT_NONE)
        return FAULT_NONE;
    uint64_t number = atomic_fetch_add(&plan.done, 1) + 1;
    return plan.kind != FAULT_COUNT && number == plan.at ? plan.kind : FAULT_NONE;
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* What happens before an operation that cannot be done by half: true if it shall be done. */
static bool may_start(enum fault fault)
{
    if (fault == FAULT_KILL || fault == FAULT_TORN)
        die();
    if (fault == FAULT_ERROR || fault == FAULT_FULL) {
        errno = fault == FAULT_ERROR ? EIO : ENOSPC;
        return false;
    }
    return true;
}

static int finish(enum fault fault, int result)
{
    if (fault == FAULT_AFTER)
        die();
    return result;
}

static int write_all(int fd, const char *data, size_t n, int64_t offset)
{
    while (n > 0) {
        ssize_t written = offset >= 0 ? pwrite(fd, data, n, (off_t)offset) : write(fd, data, n);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -1;
        if (written == 0) {
            errno = ENOSPC;
            return -1;
        }
        data += written;
        n -= (size_t)written;
        if (offset >= 0)
            offset += written;
    }
    return 0;
}

int fault_write(int fd, const void *data, size_t n, int64_t offset)
{
    enum fault fault = next_fault();

    if (fault == FAULT_FULL || fault == FAULT_TORN)
        write_all(fd, data, n / 2, offset);
    if (!may_start(fault))
        return -1;
    return finish(fault, write_all(fd, data, n, offset));
}

int fault_fsync(int fd)
{
    enum fault fault = next_fault();
    int result;

    if (!may_start(fault))
        return -1;
    do
        result = fsync(fd);
    while (result < 0 && errno == EINTR);
    return finish(fault, result);
}

int fault_fdatasync(int fd)
{
    enum fault fault = next_fault();
    int result;

    if (!may_start(fault))
        return -1;
    do
        result = fdatasync(fd);
    while (result < 0 && errno == EINTR);
    return finish(fault, result);
}

int fault_rename(const char *from, const char *to)
{
    enum fault fault = next_fault();

    return may_start(fault) ? finish(fault, rename(from, to)) : -1;
}

int fault_link(const char *from, const char *to)
{
    enum fault fault = next_fault();

    return may_start(fault) ? finish(fault, link(from, to)) : -1;
}

int fault_truncate(int fd, int64_t size)
{
    enum fault fault = next_fault();
    int result;

    if (!may_start(fault))
        return -1;
    do
        result = ftruncate(fd, (off_t)size);
    while (result < 0 && errno == EINTR);
    return finish(fault, result);
}
