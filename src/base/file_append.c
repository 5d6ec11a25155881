/* Appending and locking, of file.h. */
#include "base/file.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define RENEW_BYTES 65536
#define LOCK_LOOK_NS 10000000

struct file_append {
    int fd;
    int64_t size;
    bool broken; /* a sync failed, or the end of the file is unknown: nothing may be appended any more */
    char path[FILE_PATH_MAX];
};

/* Opens or creates; *created tells which. */
static int open_or_create(const char *path, mode_t mode, bool *created)
{
    int fd, flags = O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

    do {
        *created = false;
        fd = open(path, flags);
        if (fd < 0 && errno == ENOENT) {
            *created = true;
            fd = open(path, flags | O_CREAT | O_EXCL, mode);
        }
    } while (fd < 0 && (errno == EINTR || (errno == EEXIST && *created)));
    return fd;
}

static bool lock(int fd, const char *path, int how, struct error *err)
{
    int result;

    do
        result = flock(fd, how);
    while (result != 0 && errno == EINTR);
    if (result == 0)
        return true;
    if (errno == EWOULDBLOCK)
        return error_set(err, ERROR_FAILED, "%s is locked by another process; wait for it or end it", path);
    return error_set_errno(err, ERROR_IO, "cannot lock %s", path);
}

/* A lock counts only if its file still has the name: it may have been replaced while we waited. */
static bool has_name(const struct stat *st, const char *path)
{
    struct stat named;

    return stat(path, &named) == 0 && named.st_dev == st->st_dev && named.st_ino == st->st_ino;
}

static int open_locked(const char *path, mode_t mode, int how, struct stat *st, struct error *err)
{
    for (;;) {
        bool created;
        int fd = open_or_create(path, mode, &created);
        if (fd < 0) {
            error_set_errno(err, ERROR_IO, "cannot open %s", path);
            return -1;
        }
        bool ok = fstat(fd, st) == 0 || error_set_errno(err, ERROR_IO, "cannot look at %s", path);
        if (ok && !S_ISREG(st->st_mode))
            ok = error_set(err, ERROR_IO, "%s is not a regular file", path);
        ok = ok && lock(fd, path, how, err);
        /* The size is final only now, under the lock. */
        ok = ok && (fstat(fd, st) == 0 || error_set_errno(err, ERROR_IO, "cannot look at %s", path));
        if (ok && has_name(st, path))
            return fd;
        close(fd);
        if (!ok)
            return -1;
    }
}

static bool sync_parent(const char *path, struct error *err)
{
    char folder[FILE_PATH_MAX];
    size_t n = (size_t)(file_name(path) - path);

    if (n == 0)
        return file_sync_folder(".", err);
    memcpy(folder, path, n);
    folder[n] = '\0';
    return file_sync_folder(folder, err);
}

struct file_append *file_append_open(const char *path, mode_t mode, struct error *err)
{
    struct stat st;

    if (strlen(path) >= FILE_PATH_MAX) {
        error_set(err, ERROR_IO, "the path is longer than %d bytes: %s", FILE_PATH_MAX - 1, path);
        return NULL;
    }
    int fd = open_locked(path, mode, LOCK_EX | LOCK_NB, &st, err);
    if (fd < 0)
        return NULL;
    /* An empty file may be new, by us or by a process that was killed before it could sync the name. */
    if (st.st_size == 0 && !sync_parent(path, err)) {
        close(fd);
        return NULL;
    }
    struct file_append *f = NEW(struct file_append);
    f->fd = fd;
    f->size = (int64_t)st.st_size;
    text_copy(f->path, sizeof f->path, path);
    return f;
}

int64_t file_append_size(const struct file_append *f)
{
    return f->size;
}

static bool usable(const struct file_append *f, struct error *err)
{
    return !f->broken || error_set(err, ERROR_IO, "%s: an earlier write failed; open it again to go on", f->path);
}

/* What a failed write left behind the known end is cut off again, so that a later, shorter one does not leave a rest. */
bool file_append_put(struct file_append *f, const void *data, size_t n, struct error *err)
{
    if (!usable(f, err))
        return false;
    if (fault_write(f->fd, data, n, f->size) != 0) {
        error_set_errno(err, ERROR_IO, "cannot append %zu bytes to %s at byte %lld", n, f->path, (long long)f->size);
        f->broken = fault_truncate(f->fd, f->size) != 0;
        return false;
    }
    f->size += (int64_t)n;
    return true;
}

bool file_append_sync(struct file_append *f, struct error *err)
{
    if (!usable(f, err))
        return false;
    if (fault_fdatasync(f->fd) == 0)
        return true;
    f->broken = true;
    return error_set_errno(err, ERROR_IO, "cannot sync %s", f->path);
}

static bool renew_piece(struct file_append *f, int64_t at, uint8_t *piece, size_t n, struct error *err)
{
    ssize_t got;

    do
        got = pread(f->fd, piece, n, (off_t)at);
    while (got < 0 && errno == EINTR);
    if (got != (ssize_t)n)
        return error_set_errno(err, ERROR_IO, "cannot read %s at byte %lld", f->path, (long long)at);
    /* A write that stops half-way leaves the bytes that were there: they are the same. */
    return fault_write(f->fd, piece, n, at) == 0 ||
           error_set_errno(err, ERROR_IO, "cannot write %s at byte %lld", f->path, (long long)at);
}

bool file_append_renew(struct file_append *f, int64_t from, struct error *err)
{
    ASSERT(from >= 0 && from <= f->size);
    bool good = usable(f, err);
    uint8_t *piece = NEW_ARRAY(uint8_t, RENEW_BYTES);
    while (good && from < f->size) {
        int64_t left = f->size - from;
        size_t n = left < RENEW_BYTES ? (size_t)left : RENEW_BYTES;
        good = renew_piece(f, from, piece, n, err);
        from += (int64_t)n;
    }
    free(piece);
    return good;
}

bool file_append_truncate(struct file_append *f, int64_t size, struct error *err)
{
    if (!usable(f, err))
        return false;
    ASSERT(size >= 0 && size <= f->size);
    if (fault_truncate(f->fd, size) != 0)
        return error_set_errno(err, ERROR_IO, "cannot cut %s to %lld bytes", f->path, (long long)size);
    f->size = size;
    return true;
}

void file_append_close(struct file_append *f)
{
    if (!f)
        return;
    close(f->fd);
    free(f);
}

int file_lock(const char *path, bool wait, struct error *err)
{
    struct stat st;

    return open_locked(path, 0600, wait ? LOCK_EX : LOCK_EX | LOCK_NB, &st, err);
}

int file_lock_within(const char *path, double seconds, struct error *err)
{
    double until = clock_seconds() + seconds;
    for (;;) {
        struct error why = {0};
        int fd = file_lock(path, false, &why);
        if (fd >= 0)
            return fd;
        if (why.kind != ERROR_FAILED || clock_seconds() >= until)
            return error_set(err, why.kind, "%s", why.text), -1;
        nanosleep(&(struct timespec){.tv_nsec = LOCK_LOOK_NS}, NULL);
    }
}

int file_hold(const char *path, bool alone, struct error *err)
{
    struct stat st;

    return open_locked(path, 0666, alone ? LOCK_EX | LOCK_NB : LOCK_SH, &st, err);
}

void file_unlock(int descriptor)
{
    if (descriptor >= 0)
        close(descriptor);
}
