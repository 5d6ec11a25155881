#include "base/file.h"

#include "base/fault.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS_MOST 40

static int open_retry(const char *path, int flags, mode_t mode)
{
    int fd;

    do
        fd = open(path, flags | O_CLOEXEC | O_NOCTTY, mode);
    while (fd < 0 && errno == EINTR);
    return fd;
}

static const char *kind_of(mode_t mode)
{
    return S_ISDIR(mode)    ? "a folder"
           : S_ISFIFO(mode) ? "a FIFO"
           : S_ISSOCK(mode) ? "a socket"
           : S_ISREG(mode)  ? "a file"
                            : "a device";
}

static bool is_regular(int fd, const char *path, struct error *err)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return error_set_errno(err, ERROR_IO, "cannot look at %s", path);
    if (!S_ISREG(st.st_mode))
        return error_set(err, ERROR_IO, "%s is %s; give a regular file", path, kind_of(st.st_mode));
    return true;
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

static bool make_room(struct bytes *out, size_t most, const char *path, struct error *err)
{
    size_t room = out->capacity < 32768 ? 65536 : out->capacity * 2;

    if (room > most + 1)
        room = most + 1;
    uint8_t *data = realloc(out->data, room);
    if (!data)
        return error_set(err, ERROR_MEMORY, "not enough memory for %s (%zu bytes so far)", path, out->n);
    out->data = data;
    out->capacity = room;
    return true;
}

/* Until the end and not by the size that stat tells: the file may grow or shrink meanwhile. One byte above `most` is
 * asked for, to know that there are more. */
static bool read_all(int fd, const char *path, size_t most, struct bytes *out, struct error *err)
{
    for (;;) {
        if (out->n == out->capacity && !make_room(out, most, path, err))
            return false;
        ssize_t n = read(fd, out->data + out->n, out->capacity - out->n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set_errno(err, ERROR_IO, "cannot read %s at byte %zu", path, out->n);
        if (n == 0)
            return true;
        out->n += (size_t)n;
        if (out->n > most)
            return error_set(err, ERROR_LIMIT, "%s is larger than the %zu bytes allowed here", path, most);
    }
}

/* Asked of what was opened: the name may mean another file by then. */
static bool is_private(int fd, const char *path, struct error *err)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return error_set_errno(err, ERROR_IO, "cannot look at %s", path);
    if (st.st_mode & 077)
        return error_set(err, ERROR_KEY, "%s is open to others than its owner (mode %03o): run chmod 600 on it", path,
                         (unsigned)st.st_mode & 0777u);
    return true;
}

static bool read_whole(const char *path, size_t most, bool private, struct bytes *out, struct error *err)
{
    bytes_clear(out);
    if (most > SIZE_MAX / 4)
        most = SIZE_MAX / 4;
    int fd = open_retry(path, O_RDONLY | O_NONBLOCK, 0); /* opening a FIFO would wait otherwise */
    if (fd < 0)
        return error_set_errno(err, ERROR_IO, "cannot open %s", path);
    bool ok = is_regular(fd, path, err) && (!private || is_private(fd, path, err)) &&
              read_all(fd, path, most, out, err);
    close(fd);
    if (!ok)
        bytes_clear(out);
    return ok;
}

bool file_read(const char *path, size_t most, struct bytes *out, struct error *err)
{
    return read_whole(path, most, false, out, err);
}

bool file_read_private(const char *path, size_t most, struct bytes *out, struct error *err)
{
    return read_whole(path, most, true, out, err);
}

bool file_map(const char *path, void **data, size_t *n, struct error *err)
{
    *data = NULL;
    *n = 0;
    int fd = open_retry(path, O_RDONLY | O_NONBLOCK, 0);
    if (fd < 0)
        return error_set_errno(err, ERROR_IO, "cannot open %s", path);
    struct stat st;
    bool ok = is_regular(fd, path, err);
    if (ok && fstat(fd, &st) != 0)
        ok = error_set_errno(err, ERROR_IO, "cannot look at %s", path);
    if (ok && st.st_size > 0) {
        *data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        ok = *data != MAP_FAILED || error_set_errno(err, ERROR_MEMORY, "cannot map %s", path);
        if (!ok)
            *data = NULL;
        else
            *n = (size_t)st.st_size;
    }
    close(fd);
    return ok;
}

void file_unmap(void *data, size_t n)
{
    if (data)
        munmap(data, n);
}

/* --- writing ---------------------------------------------------------------------------------------------------- */

static void folder_of(char *out, size_t size, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash) {
        text_copy(out, size, ".");
        return;
    }
    size_t n = slash == path ? 1 : (size_t)(slash - path);
    ASSERT(n < size);
    memcpy(out, path, n);
    out[n] = '\0';
}

bool file_sync_folder(const char *path, struct error *err)
{
    int fd = open_retry(path, O_RDONLY | O_DIRECTORY, 0);

    if (fd < 0)
        return error_set_errno(err, ERROR_IO, "cannot open the folder %s", path);
    /* EINVAL: a file system that knows no sync of folders, where nothing more can be done. */
    bool ok = fault_fsync(fd) == 0 || errno == EINVAL;
    if (!ok)
        error_set_errno(err, ERROR_IO, "cannot sync the folder %s", path);
    close(fd);
    return ok;
}

static bool sync_folder_of(const char *path, struct error *err)
{
    char folder[FILE_PATH_MAX];

    folder_of(folder, sizeof folder, path);
    return file_sync_folder(folder, err);
}

/* The file at the end of a chain of symbolic links, which need not exist. */
static bool follow_links(const char *path, char out[FILE_PATH_MAX], struct error *err)
{
    char link[FILE_PATH_MAX], folder[FILE_PATH_MAX];

    if (!text_copy(out, FILE_PATH_MAX, path))
        return error_set(err, ERROR_IO, "the path is longer than %d bytes: %s", FILE_PATH_MAX - 1, path);
    for (int i = 0; i < LINKS_MOST; i++) {
        ssize_t n = readlink(out, link, sizeof link - 1);
        if (n < 0)
            return true; /* no link: a file, or nothing */
        link[n] = '\0';
        folder_of(folder, sizeof folder, out);
        bool fits = link[0] == '/' ? text_copy(out, FILE_PATH_MAX, link)
                                   : text_copy(out, FILE_PATH_MAX, folder) && text_append(out, FILE_PATH_MAX, "/") &&
                                         text_append(out, FILE_PATH_MAX, link);
        if (!fits)
            return error_set(err, ERROR_IO, "the link %s leads to a path longer than %d bytes", path, FILE_PATH_MAX - 1);
    }
    return error_set(err, ERROR_IO, "%s: more than %d symbolic links in a row", path, LINKS_MOST);
}

/* A file of a process that was killed and had our number may be left: it is nobody's. */
static int create_temporary(const char *temporary, mode_t mode)
{
    int fd = open_retry(temporary, O_WRONLY | O_CREAT | O_EXCL, mode);

    if (fd < 0 && errno == EEXIST && fault_unlink(temporary) == 0)
        fd = open_retry(temporary, O_WRONLY | O_CREAT | O_EXCL, mode);
    return fd;
}

static bool fill(int fd, const char *path, const struct file_part *parts, size_t n, bool sync, struct error *err)
{
    for (size_t i = 0; i < n; i++)
        if (fault_write(fd, parts[i].data, parts[i].n, -1) != 0)
            return error_set_errno(err, ERROR_IO, "cannot write %s", path);
    if (sync && fault_fsync(fd) != 0)
        return error_set_errno(err, ERROR_IO, "cannot sync %s", path);
    return true;
}

/* A file beside `path`, durable with `sync`, that waits for its name. On failure nothing is left. */
static bool write_temporary(const char *path, char temporary[FILE_PATH_MAX], const struct file_part *parts, size_t n,
                            mode_t mode, bool sync, struct error *err)
{
    int length = snprintf(temporary, FILE_PATH_MAX, "%s.tmp.%ld", path, (long)getpid());

    if (length < 0 || length >= FILE_PATH_MAX)
        return error_set(err, ERROR_IO, "the path is too long: %s", path);
    int fd = create_temporary(temporary, mode);
    if (fd < 0)
        return error_set_errno(err, ERROR_IO, "cannot create %s", temporary);
    flock(fd, LOCK_EX | LOCK_NB); /* tells those who clear up that somebody is at it; nothing else depends on it */
    bool ok = fill(fd, path, parts, n, sync, err);
    if (close(fd) != 0 && errno != EINTR && ok)
        ok = error_set_errno(err, ERROR_IO, "cannot close %s", path);
    if (!ok)
        fault_unlink(temporary);
    return ok;
}

/* The permissions of a file that is replaced: nobody may do with the new one what the old one or `mode` forbids. */
static bool replaced_mode(const char *path, mode_t *mode, struct error *err)
{
    struct stat st;

    if (lstat(path, &st) != 0)
        return errno == ENOENT ? true : error_set_errno(err, ERROR_IO, "cannot look at %s", path);
    if (!S_ISREG(st.st_mode))
        return error_set(err, ERROR_IO, "%s is %s; it is not replaced by a file", path, kind_of(st.st_mode));
    *mode &= st.st_mode & 0777;
    return true;
}

bool file_write(const char *path, const void *data, size_t n, mode_t mode, struct error *err)
{
    const struct file_part all = {data, n};

    return file_write_parts(path, &all, 1, mode, err);
}

static bool replace(const char *path, const struct file_part *parts, size_t n, mode_t mode, bool sync,
                    struct error *err)
{
    char target[FILE_PATH_MAX], temporary[FILE_PATH_MAX];

    if (!follow_links(path, target, err) || !replaced_mode(target, &mode, err) ||
        !write_temporary(target, temporary, parts, n, mode, sync, err))
        return false;
    if (fault_rename(temporary, target) != 0) {
        error_set_errno(err, ERROR_IO, "cannot rename %s to %s", temporary, target);
        fault_unlink(temporary);
        return false;
    }
    return !sync || sync_folder_of(target, err);
}

bool file_write_parts(const char *path, const struct file_part *parts, size_t n, mode_t mode, struct error *err)
{
    return replace(path, parts, n, mode, true, err);
}

bool file_write_quick(const char *path, const void *data, size_t n, mode_t mode, struct error *err)
{
    const struct file_part all = {data, n};

    return replace(path, &all, 1, mode, false, err);
}

static bool refuse_existing(const char *path, struct error *err)
{
    return error_set(err, ERROR_FAILED, "%s exists and is not overwritten", path);
}

/* A hard link gives the name only if it is free. File systems without links get the second best: a look, then rename. */
static bool name_new_file(const char *temporary, const char *path, struct error *err)
{
    struct stat st;

    if (fault_link(temporary, path) == 0) {
        fault_unlink(temporary);
        return true;
    }
    if (errno == EEXIST)
        return refuse_existing(path, err);
    if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
        return error_set_errno(err, ERROR_IO, "cannot create %s", path);
    if (lstat(path, &st) == 0)
        return refuse_existing(path, err);
    if (fault_rename(temporary, path) != 0)
        return error_set_errno(err, ERROR_IO, "cannot create %s", path);
    return true;
}

bool file_create(const char *path, const void *data, size_t n, mode_t mode, struct error *err)
{
    const struct file_part all = {data, n};
    char temporary[FILE_PATH_MAX];
    struct stat st;

    if (lstat(path, &st) == 0)
        return refuse_existing(path, err);
    if (!write_temporary(path, temporary, &all, 1, mode, true, err))
        return false;
    if (!name_new_file(temporary, path, err)) {
        fault_unlink(temporary);
        return false;
    }
    return sync_folder_of(path, err);
}

/* --- names ------------------------------------------------------------------------------------------------------ */

bool file_exists(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0;
}

bool file_is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* A name may end in slashes, which are not part of it. */
static void without_slashes(char out[FILE_PATH_MAX], const char *path)
{
    ASSERT(text_copy(out, FILE_PATH_MAX, path));
    for (size_t n = strlen(out); n > 1 && out[n - 1] == '/'; n--)
        out[n - 1] = '\0';
}

bool file_make_folder(const char *path, mode_t mode, struct error *err)
{
    char name[FILE_PATH_MAX];

    if (strlen(path) >= sizeof name)
        return error_set(err, ERROR_IO, "the path is longer than %d bytes: %s", FILE_PATH_MAX - 1, path);
    without_slashes(name, path);
    if (fault_mkdir(name, mode) == 0)
        return sync_folder_of(name, err);
    if (errno == EEXIST && file_is_folder(name))
        return true;
    return error_set_errno(err, ERROR_IO, "cannot make the folder %s", path);
}

static int64_t nanoseconds(struct timespec t)
{
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

bool file_stamp(const char *path, struct file_stamp *out, struct error *err)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return error_set_errno(err, ERROR_IO, "cannot look at %s", path);
    *out = (struct file_stamp){(uint64_t)st.st_dev, (uint64_t)st.st_ino, (int64_t)st.st_size, nanoseconds(st.st_mtim),
                               nanoseconds(st.st_ctim)};
    return true;
}

bool file_stamp_equal(const struct file_stamp *a, const struct file_stamp *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size && a->modified_ns == b->modified_ns &&
           a->changed_ns == b->changed_ns;
}

/* Most systems stamp by a clock that ticks some hundred times a second; where whole seconds stand, it may be coarser. */
bool file_stamp_is_settled(const struct file_stamp *s, int64_t now_us)
{
    int64_t last = s->modified_ns > s->changed_ns ? s->modified_ns : s->changed_ns;
    int64_t grain_us = s->changed_ns % 1000000000 == 0 ? 2500000 : 50000;
    return now_us - last / 1000 > grain_us;
}

int64_t file_size(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 ? (int64_t)st.st_size : -1;
}

bool file_remove_unsynced(const char *path, struct error *err)
{
    return fault_unlink(path) == 0 || errno == ENOENT || error_set_errno(err, ERROR_IO, "cannot remove %s", path);
}

bool file_remove(const char *path, struct error *err)
{
    if (fault_unlink(path) != 0)
        return error_set_errno(err, ERROR_IO, "cannot remove %s", path);
    return sync_folder_of(path, err);
}

void file_join(char *out, size_t size, const char *folder, const char *name)
{
    size_t n = strlen(folder);
    int length = snprintf(out, size, "%s%s%s", folder, n > 0 && folder[n - 1] == '/' ? "" : "/", name);

    ASSERT(length >= 0 && (size_t)length < size);
}

const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}
