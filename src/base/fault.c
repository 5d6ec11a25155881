#include "base/fault.h"

#include "base/error.h"
#include "base/text.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT_DESCRIPTOR 9

enum fault { PLAN_NONE, PLAN_KILL, PLAN_AFTER, PLAN_ERROR, PLAN_FULL, PLAN_TORN, PLAN_LOST, PLAN_COUNT };

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
    static const char *const name[] = {"", "kill", "after", "error", "full", "torn", "lost", "count"};
    const char *set = getenv("MORPHSMITH_FAULT");
    char text[64];

    if (!set || !*set)
        return;
    text_copy(text, sizeof text, set);
    char *number = text, *kind = text_next(&number, ':');
    for (enum fault i = PLAN_KILL; i <= PLAN_COUNT; i++) {
        if (text_equal(kind, name[i]))
            plan.kind = i;
    }
    ASSERT(plan.kind != PLAN_NONE && number && text_parse_u64(number, &plan.at));
    if (plan.kind == PLAN_COUNT)
        atexit(report_count);
}

/* The fault that this operation, the next one, has to suffer. */
static enum fault next_fault(void)
{
    pthread_once(&plan.once, read_plan);
    if (plan.kind == PLAN_NONE)
        return PLAN_NONE;
    uint64_t number = atomic_fetch_add(&plan.done, 1) + 1;
    return plan.kind != PLAN_COUNT && number == plan.at ? plan.kind : PLAN_NONE;
}

/* --- what a power cut takes: bytes that were written behind the end of a file and not synced since -------------------- */

#define UNSYNCED_MOST 32

/* For PLAN_LOST only, whose tests write in one thread. */
static struct unsynced {
    int fd; /* our own, since the writer may close its one */
    dev_t device;
    ino_t inode;
    off_t size; /* when last synced */
} unsynced[UNSYNCED_MOST];
static int unsynced_n;

static int unsynced_find(const struct stat *st)
{
    int i = 0;
    while (i < unsynced_n && (unsynced[i].device != st->st_dev || unsynced[i].inode != st->st_ino))
        i++;
    return i;
}

static void note_write(int fd)
{
    struct stat st;

    if (plan.kind != PLAN_LOST || fstat(fd, &st) != 0 || unsynced_find(&st) < unsynced_n)
        return;
    ASSERT(unsynced_n < UNSYNCED_MOST);
    unsynced[unsynced_n++] = (struct unsynced){dup(fd), st.st_dev, st.st_ino, st.st_size};
}

static void note_sync(int fd)
{
    struct stat st;

    if (plan.kind != PLAN_LOST || fstat(fd, &st) != 0)
        return;
    int i = unsynced_find(&st);
    if (i < unsynced_n) {
        close(unsynced[i].fd);
        unsynced[i] = unsynced[--unsynced_n];
    }
}

static void lose_unsynced(void)
{
    struct stat st;

    for (int i = 0; i < unsynced_n; i++) {
        struct unsynced *u = &unsynced[i];
        if (fstat(u->fd, &st) == 0 && st.st_size > u->size)
            ASSERT(ftruncate(u->fd, u->size) == 0);
    }
}

/* --- operations ---------------------------------------------------------------------------------------------------- */

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* What happens before an operation that cannot be done by half: true if it shall be done. */
static bool may_start(enum fault fault)
{
    if (fault == PLAN_KILL || fault == PLAN_TORN)
        die();
    if (fault == PLAN_ERROR || fault == PLAN_FULL) {
        errno = fault == PLAN_ERROR ? EIO : ENOSPC;
        return false;
    }
    return true;
}

static int finish(enum fault fault, int result)
{
    if (fault == PLAN_LOST)
        lose_unsynced();
    if (fault == PLAN_AFTER || fault == PLAN_LOST)
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

/* --- the hook of tests --------------------------------------------------------------------------------------------- */

static const struct fault_hook *hook;

void fault_set_hook(const struct fault_hook *h)
{
    hook = h;
}

/* False, with errno, if the operation shall fail. */
static bool hook_lets(const struct fault_call *call)
{
    size_t part = call->n;
    int code = hook ? hook->before(hook->context, call, &part) : 0;

    if (code == 0)
        return true;
    if (call->op == FAULT_WRITE && part > 0) {
        struct fault_call some = *call;
        some.n = part < call->n ? part : call->n;
        write_all(call->fd, call->data, some.n, call->offset);
        hook->after(hook->context, &some, true);
    }
    hook->after(hook->context, call, false);
    errno = code;
    return false;
}

static int tell_hook(const struct fault_call *call, int result)
{
    if (hook && result == 0)
        hook->after(hook->context, call, true);
    return result;
}

/* --- what file.h calls -------------------------------------------------------------------------------------------- */

int fault_write(int fd, const void *data, size_t n, int64_t offset)
{
    const struct fault_call call = {.op = FAULT_WRITE, .fd = fd, .data = data, .n = n, .offset = offset};
    enum fault fault = next_fault();

    note_write(fd);
    if (fault == PLAN_FULL || fault == PLAN_TORN)
        write_all(fd, data, n / 2, offset);
    if (!may_start(fault) || !hook_lets(&call))
        return -1;
    return finish(fault, tell_hook(&call, write_all(fd, data, n, offset)));
}

static int sync_retry(int fd, int (*sync)(int))
{
    int result;

    do
        result = hook && hook->pretend_sync ? 0 : sync(fd);
    while (result < 0 && errno == EINTR);
    return result;
}

static int fault_sync(int fd, enum fault_op op, int (*sync)(int))
{
    const struct fault_call call = {.op = op, .fd = fd};
    enum fault fault = next_fault();

    if (!may_start(fault) || !hook_lets(&call))
        return -1;
    int result = tell_hook(&call, sync_retry(fd, sync));
    note_sync(fd);
    return finish(fault, result);
}

int fault_fsync(int fd)
{
    return fault_sync(fd, FAULT_FSYNC, fsync);
}

int fault_fdatasync(int fd)
{
    return fault_sync(fd, FAULT_FDATASYNC, fdatasync);
}

static int fault_two_names(enum fault_op op, const char *from, const char *to, int (*act)(const char *, const char *))
{
    const struct fault_call call = {.op = op, .fd = -1, .from = from, .to = to};
    enum fault fault = next_fault();

    return may_start(fault) && hook_lets(&call) ? finish(fault, tell_hook(&call, act(from, to))) : -1;
}

int fault_rename(const char *from, const char *to)
{
    return fault_two_names(FAULT_RENAME, from, to, rename);
}

int fault_link(const char *from, const char *to)
{
    return fault_two_names(FAULT_LINK, from, to, link);
}

int fault_truncate(int fd, int64_t size)
{
    const struct fault_call call = {.op = FAULT_TRUNCATE, .fd = fd, .offset = size};
    enum fault fault = next_fault();
    int result;

    if (!may_start(fault) || !hook_lets(&call))
        return -1;
    do
        result = ftruncate(fd, (off_t)size);
    while (result < 0 && errno == EINTR);
    return finish(fault, tell_hook(&call, result));
}

int fault_unlink(const char *path)
{
    const struct fault_call call = {.op = FAULT_UNLINK, .fd = -1, .from = path};

    return hook_lets(&call) ? tell_hook(&call, unlink(path)) : -1;
}

int fault_mkdir(const char *path, mode_t mode)
{
    const struct fault_call call = {.op = FAULT_MKDIR, .fd = -1, .from = path};

    return hook_lets(&call) ? tell_hook(&call, mkdir(path, mode)) : -1;
}
