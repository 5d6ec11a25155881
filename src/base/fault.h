/* The operations by which data becomes durable, with the injection of faults that file.h describes. For base/file only.
 *
 * Each returns 0, or -1 with errno, retries EINTR, and counts as one faultable operation. fault_write writes all of its
 * bytes: at the end of what `fd` holds, or with `offset` >= 0 there. */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stddef.h>
#include <stdint.h>

int fault_write(int fd, const void *data, size_t n, int64_t offset);
int fault_fsync(int fd);
int fault_fdatasync(int fd);
int fault_rename(const char *from, const char *to);
int fault_link(const char *from, const char *to);
int fault_truncate(int fd, int64_t size);

#endif
