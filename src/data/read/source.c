#include "data/read/source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK ((size_t)1 << 20)

static int open_waiting_for_nothing(const char *path, struct error *err)
{
    int fd;
    do
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    while (fd < 0 && errno == EINTR);
    if (fd < 0 && errno == ENXIO)
        error_set(err, ERROR_IO, "it is a socket; give a regular file");
    else if (fd < 0)
        error_set_errno(err, ERROR_IO, "cannot be opened");
    return fd;
}

static bool look(int fd, struct stat *st, size_t most, struct error *err)
{
    if (fstat(fd, st) != 0)
        return error_set_errno(err, ERROR_IO, "cannot be looked at");
    if (!S_ISREG(st->st_mode))
        return error_set(err, ERROR_IO, "it is %s; give a regular file",
                         S_ISDIR(st->st_mode)    ? "a folder"
                         : S_ISFIFO(st->st_mode) ? "a FIFO"
                         : S_ISSOCK(st->st_mode) ? "a socket"
                                                 : "a device");
    if (st->st_size < 0 || (uintmax_t)st->st_size > most)
        return error_set(err, ERROR_LIMIT, "it has %lld bytes, more than the %zu allowed; split it",
                         (long long)st->st_size, most);
    return true;
}

/* Whether any of the n bytes ends a line. UTF-16 has the same bytes in its line ends. */
static bool ends_a_line(const char *text, size_t n)
{
    return memchr(text, '\n', n) || memchr(text, '\r', n);
}

static bool read_whole(struct source *s, int fd, size_t size, struct error *err)
{
    size_t without_end = 0;
    while (s->n < size) {
        size_t want = size - s->n < BLOCK ? size - s->n : BLOCK;
        ssize_t n = read(fd, s->text + s->n, want);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set_errno(err, ERROR_IO, "cannot be read at byte %zu", s->n);
        if (n == 0)
            return error_set(err, ERROR_DATA,
                             "it shrank while it was read (%zu of %zu bytes); try again when nothing "
                             "writes to it",
                             s->n, size);
        without_end = ends_a_line(s->text + s->n, (size_t)n) ? 0 : without_end + (size_t)n;
        s->n += (size_t)n;
        if (without_end > SOURCE_LINE_MOST)
            return error_set(err, ERROR_DATA, "more than %zu bytes up to byte %zu have no line end: this is no table",
                             SOURCE_LINE_MOST, s->n);
    }
    return true;
}

static bool is_unchanged(int fd, const struct stat *before, struct error *err)
{
    struct stat after;
    char more;
    ssize_t n = read(fd, &more, 1);
    if (n > 0)
        return error_set(err, ERROR_DATA,
                         "it grew beyond its %lld bytes while it was read; try again when nothing "
                         "writes to it",
                         (long long)before->st_size);
    if (n < 0 || fstat(fd, &after) != 0)
        return error_set_errno(err, ERROR_IO, "cannot be read to its end");
    if (after.st_size != before->st_size || after.st_mtim.tv_sec != before->st_mtim.tv_sec ||
        after.st_mtim.tv_nsec != before->st_mtim.tv_nsec)
        return error_set(err, ERROR_DATA, "it was written to while it was read; try again when nothing writes to it");
    return true;
}

/* Large pages make the first touch of a large block cheaper, where the system has them. */
static char *large_block(size_t n)
{
#ifdef MADV_HUGEPAGE
    size_t page = (size_t)2 << 20, size = (n + page - 1) / page * page;
    if (n >= 2 * page && size >= n) {
        char *block = aligned_alloc(page, size);
        if (block)
            madvise(block, size, MADV_HUGEPAGE); /* only advice: what it answers does not matter */
        return block;
    }
#endif
    return malloc(n);
}

bool source_read(struct source *s, const char *path, size_t most, struct error *err)
{
    struct stat st;
    *s = (struct source){0};
    int fd = open_waiting_for_nothing(path, err);
    if (fd < 0)
        return false;
    bool ok = look(fd, &st, most ? most : SOURCE_MOST_BYTES, err);
    if (ok) {
        size_t size = (size_t)st.st_size;
        s->text = large_block(size + 1);
        ok = s->text ? read_whole(s, fd, size, err) && is_unchanged(fd, &st, err)
                     : error_set(err, ERROR_MEMORY, "no memory for its %zu bytes", size);
    }
    close(fd);
    if (!ok)
        source_free(s);
    else
        s->text[s->n] = '\0';
    return ok;
}

void source_free(struct source *s)
{
    free(s->text);
    *s = (struct source){0};
}
