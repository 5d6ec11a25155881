/* Files: whole reads, durable writes, fault injection.
 *
 * Every write of the project that must survive a crash goes through here. The order is always: data to a file, fsync,
 * then the name (rename or link), then fsync of the directory. An fsync error is final: it is reported, never retried.
 *
 * Fault injection (tests): MORPHSMITH_FAULT=KIND:N makes the N-th faultable operation (write, fsync, rename, link,
 * truncate; counted from 1) fail. KIND is `kill` (the process kills itself before it), `after` (kills itself behind
 * it), `error` (EIO), `full` (ENOSPC after half of the write), `torn` (half of the write, then kill) or `lost` (a power
 * cut behind it: what was appended to any file and not synced since is cut off, then kill).
 * MORPHSMITH_FAULT=count:0 writes the number of operations to descriptor 9 at exit, if open. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/bytes.h"
#include "base/error.h"

#include <sys/types.h>

/* Reads a regular file of at most `most` bytes. Refuses directories, FIFOs and devices by name. */
bool file_read(const char *path, size_t most, struct bytes *out, struct error *err);

/* The same for a file that holds a secret: ERROR_KEY, with what to do, if anyone but its owner can read or write it. */
bool file_read_private(const char *path, size_t most, struct bytes *out, struct error *err);

/* Maps a regular file for reading, all of it (n may be 0: then *data is NULL). Unmap with file_unmap. The pages are the
 * file's own: one that is cut short while it is mapped ends the process that reads behind its end. */
bool file_map(const char *path, void **data, size_t *n, struct error *err);
void file_unmap(void *data, size_t n);

/* Replaces (or creates) path with data, all or nothing: "<path>.tmp.<pid>" beside it (locked while it is
 * written), then a rename. Follows symbolic links to their target. A file that is replaced gets `mode` less what its old permissions forbid. */
bool file_write(const char *path, const void *data, size_t n, mode_t mode, struct error *err);

/* The same with what stands in several places, one behind the other. */
struct file_part {
    const void *data;
    size_t n;
};
bool file_write_parts(const char *path, const struct file_part *parts, size_t n, mode_t mode, struct error *err);

/* The same without a sync, for what can be had again: whoever reads must know a damaged one by its content. */
bool file_write_quick(const char *path, const void *data, size_t n, mode_t mode, struct error *err);

/* Creates path; refuses (ERROR_FAILED, "exists") if there is one. */
bool file_create(const char *path, const void *data, size_t n, mode_t mode, struct error *err);

bool file_exists(const char *path);
bool file_is_folder(const char *path);
bool file_make_folder(const char *path, mode_t mode, struct error *err); /* fine if it is there already */
bool file_sync_folder(const char *path, struct error *err);
int64_t file_size(const char *path); /* -1 if there is none */

/* What tells one state of a file from another without reading it. Two stamps are of the same content if they are equal
 * and the file was not written to within the clock's grain (file_stamp_is_settled, when it was taken). */
struct file_stamp {
    uint64_t device, inode;
    int64_t size, modified_ns, changed_ns; /* wall clock */
};
bool file_stamp(const char *path, struct file_stamp *out, struct error *err);
bool file_stamp_equal(const struct file_stamp *a, const struct file_stamp *b);
bool file_stamp_is_settled(const struct file_stamp *s, int64_t now_us);
bool file_remove(const char *path, struct error *err);
bool file_remove_unsynced(const char *path, struct error *err); /* fine if there is none; file_sync_folder makes it last */

/* path = folder + "/" + name; ASSERTs that it fits. */
#define FILE_PATH_MAX 4096
void file_join(char *out, size_t size, const char *folder, const char *name);
const char *file_name(const char *path); /* behind the last slash; borrowed */

/* Appending to one file with known length. Opaque; one writer at a time holds an exclusive flock on it. */
struct file_append;
struct file_append *file_append_open(const char *path, mode_t mode, struct error *err); /* ERROR_FAILED if locked */
int64_t file_append_size(const struct file_append *f);
/* What a failed put left is cut off again. After a failed sync, or if the cut fails, all calls but close are refused. */
bool file_append_put(struct file_append *f, const void *data, size_t n, struct error *err);
bool file_append_sync(struct file_append *f, struct error *err); /* fdatasync */
/* Writes what stands from there to the end once more: bytes that a sync failed for, earlier or in another process, reach
 * the disk by the next one only so. */
bool file_append_renew(struct file_append *f, int64_t from, struct error *err);
bool file_append_truncate(struct file_append *f, int64_t size, struct error *err);
void file_append_close(struct file_append *f);

/* A lock file: held until file_unlock or the process ends. Returns a descriptor, or -1 (with ERROR_FAILED if another
 * process holds it and `wait` is false). */
int file_lock(const char *path, bool wait, struct error *err);
/* Waits so long, for those who hold it only for a moment. */
int file_lock_within(const char *path, double seconds, struct error *err);
/* Of those that may hold it together, or (`alone`) of one that will have none of them. Waits unless `alone`. */
int file_hold(const char *path, bool alone, struct error *err);
void file_unlock(int descriptor);

#endif
