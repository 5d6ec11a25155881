/* The operations by which data becomes durable, with the injection of faults that file.h describes. For base/file only.
 *
 * Each returns 0, or -1 with errno, retries EINTR, and counts as one faultable operation. fault_write writes all of its
 * bytes: at the end of what `fd` holds, or with `offset` >= 0 there. */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

int fault_write(int fd, const void *data, size_t n, int64_t offset);
int fault_fsync(int fd);
int fault_fdatasync(int fd);
int fault_rename(const char *from, const char *to);
int fault_link(const char *from, const char *to);
int fault_truncate(int fd, int64_t size);

/* Names that come and go, too: not counted (a removal that fails is rarely an error), but seen by the hook. */
int fault_unlink(const char *path);
int fault_mkdir(const char *path, mode_t mode);

/* For tests that simulate a disk in their own process: every operation above asks `before`, which returns 0 or the
 * errno to fail with; *part, at first n, is how much of a write is done before it fails. `after` is told of what was
 * done. With `pretend_sync` no sync reaches the machine. Not for several threads. NULL: no hook. */
enum fault_op { FAULT_WRITE, FAULT_FSYNC, FAULT_FDATASYNC, FAULT_RENAME, FAULT_LINK, FAULT_TRUNCATE, FAULT_UNLINK,
                FAULT_MKDIR };
struct fault_call {
    enum fault_op op;
    int fd;               /* write, syncs, truncate; else -1 */
    const char *from, *to; /* names; `to` for rename and link */
    const void *data;
    size_t n;
    int64_t offset; /* of a write (negative: the end), the size of a truncate */
};
struct fault_hook {
    int (*before)(void *context, const struct fault_call *call, size_t *part);
    void (*after)(void *context, const struct fault_call *call, bool done);
    void *context;
    bool pretend_sync;
};
void fault_set_hook(const struct fault_hook *hook);

#endif
