#include "chain/mirror.h"

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "chain/head.h"
#include "chain/index.h"
#include "chain/pool_file.h"
#include "chain/reader.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define NAMES_MOST 131072
#define OBJECT_MOST ((size_t)64 << 20)
#define PIECE_BYTES ((size_t)4 << 20)

/* --- folders of files that are named by hash -------------------------------------------------------------------------- */

struct names {
    struct hash *id;
    size_t n, capacity;
    struct index index;
};

static void names_free(struct names *s)
{
    free(s->id);
    index_free(&s->index);
}

static bool names_read(struct names *s, const char *folder, struct error *err)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return errno == ENOENT || error_set_errno(err, ERROR_IO, "cannot open %s", folder);
    for (struct dirent *d; s->n < NAMES_MOST && (d = readdir(dir)) != NULL;) {
        struct hash id;
        if (!hash_from_hex(d->d_name, &id) || index_find(&s->index, id) >= 0)
            continue;
        s->id = memory_grow(s->id, &s->capacity, s->n + 1, sizeof *s->id);
        s->id[s->n] = id;
        index_put(&s->index, id, (int)s->n);
        s->n++;
    }
    closedir(dir);
    return true;
}

static void file_in(char out[FILE_PATH_MAX], const char *folder, struct hash id)
{
    char hex[HASH_HEX];
    hash_hex(id, hex);
    file_join(out, FILE_PATH_MAX, folder, hex);
}

/* What is gone here meanwhile is passed over. */
static bool copy_file(const char *from, const char *to, size_t most, struct error *err)
{
    struct bytes all = {0};
    bool good = file_read(from, most, &all, err) ? file_write_quick(to, all.data, all.n, 0644, err) : !file_exists(from);
    bytes_free(&all);
    return good;
}

static bool copy_new(const char *from, const char *to, const struct names *here, const struct names *there, size_t most,
                     bool *changed, struct error *err)
{
    char source[FILE_PATH_MAX], target[FILE_PATH_MAX];
    for (size_t i = 0; i < here->n; i++) {
        file_in(source, from, here->id[i]);
        file_in(target, to, here->id[i]);
        if (index_find(&there->index, here->id[i]) >= 0 && file_size(source) == file_size(target))
            continue;
        if (!copy_file(source, target, most, err))
            return false;
        *changed = true;
    }
    return true;
}

static void remove_gone(const char *to, const struct names *here, const struct names *there, bool *changed)
{
    char path[FILE_PATH_MAX];
    for (size_t i = 0; i < there->n; i++) {
        if (index_find(&here->index, there->id[i]) >= 0)
            continue;
        file_in(path, to, there->id[i]);
        *changed |= file_remove_unsynced(path, NULL); /* a folder, say, stays */
    }
}

static bool mirror_names(const char *from, const char *to, const char *name, bool keep, size_t most, bool *changed,
                         struct error *err)
{
    char source[FILE_PATH_MAX], target[FILE_PATH_MAX];
    struct names here = {.n = 0}, there = {.n = 0};
    file_join(source, sizeof source, from, name);
    file_join(target, sizeof target, to, name);
    bool good = file_make_folder(target, 0755, err) && names_read(&here, source, err) &&
                names_read(&there, target, err) && copy_new(source, target, &here, &there, most, changed, err);
    if (good && !keep)
        remove_gone(target, &here, &there, changed);
    names_free(&here);
    names_free(&there);
    return good;
}

/* --- blocks ----------------------------------------------------------------------------------------------------------- */

static bool same_bytes(const char *a, const char *b, uint64_t offset, size_t n)
{
    struct bytes x = {0}, y = {0};
    bool same = reader_bytes_at(a, offset, n, &x, NULL) && reader_bytes_at(b, offset, n, &y, NULL) &&
                memcmp(x.data, y.data, n) == 0;
    bytes_free(&x);
    bytes_free(&y);
    return same;
}

/* Up to where the copy stands for our file's beginning: its last frame ends with a hash over all before. 0: it does not. */
static uint64_t common(const char *source, const char *target, uint64_t ours)
{
    int64_t size = file_size(target);
    if (size < HASH_BYTES || (uint64_t)size > ours)
        return 0;
    return same_bytes(source, target, (uint64_t)size - HASH_BYTES, HASH_BYTES) ? (uint64_t)size : 0;
}

static bool write_piece(int fd, const struct bytes *b, const char *target, struct error *err)
{
    for (size_t at = 0; at < b->n;) {
        ssize_t n = write(fd, b->data + at, b->n - at);
        if (n < 0 && errno != EINTR)
            return error_set_errno(err, ERROR_IO, "cannot write %s", target);
        at += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* Whoever writes to a share can put a FIFO there, which must not stop us. */
static bool append_bytes(const char *source, const char *target, uint64_t from, uint64_t to, struct error *err)
{
    int fd = open(target, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK, 0644);
    struct bytes piece = {0};
    if (fd < 0)
        return error_set_errno(err, ERROR_IO, "cannot open %s", target);
    bool good = (ftruncate(fd, (off_t)from) == 0 && lseek(fd, (off_t)from, SEEK_SET) >= 0) ||
                error_set_errno(err, ERROR_IO, "cannot write %s", target);
    for (uint64_t at = from; good && at < to; at += piece.n) {
        size_t n = to - at < PIECE_BYTES ? (size_t)(to - at) : PIECE_BYTES;
        good = reader_bytes_at(source, at, n, &piece, err) && write_piece(fd, &piece, target, err);
    }
    if (close(fd) != 0 && good)
        good = error_set_errno(err, ERROR_IO, "cannot close %s", target);
    bytes_free(&piece);
    return good;
}

/* Before it is overwritten: is it ours, or a copy that was torn? Another genesis is somebody else's. */
static bool may_replace(const char *source, const char *target, struct error *err)
{
    struct frame ours, theirs;
    struct bytes a = {0}, b = {0};
    bool good = true;
    if (file_size(target) > 0 && reader_block_at(target, 0, &theirs, &b, NULL) &&
        reader_block_at(source, 0, &ours, &a, NULL))
        good = (a.n == b.n && memcmp(a.data, b.data, a.n) == 0) ||
               error_set(err, ERROR_CHAIN, "%s holds another chain: publish to another folder", target);
    bytes_free(&a);
    bytes_free(&b);
    return good;
}

static bool mirror_blocks(const char *from, const char *to, bool *changed, struct error *err)
{
    char source[FILE_PATH_MAX], target[FILE_PATH_MAX];
    struct ledger_head head, copied;
    bool there, copied_there;
    file_join(source, sizeof source, from, "blocks.msc");
    file_join(target, sizeof target, to, "blocks.msc");
    if (!head_read(from, &head, &there, err))
        return false;
    uint64_t size = there ? head.length : (uint64_t)file_size(source), done = common(source, target, size);
    if (!may_replace(source, target, err))
        return false;
    if (done < size) {
        *changed = true;
        if (!append_bytes(source, target, done, size, err))
            return false;
    }
    if (!there || (head_read(to, &copied, &copied_there, NULL) && copied_there && copied.length == head.length &&
                   hash_equal(copied.id, head.id)))
        return true;
    char name[FILE_PATH_MAX], copy[FILE_PATH_MAX];
    file_join(name, sizeof name, from, "blocks.len");
    file_join(copy, sizeof copy, to, "blocks.len");
    *changed = true;
    return copy_file(name, copy, 4096, err);
}

bool mirror_chain(const char *from, const char *to, bool *changed, struct error *err)
{
    *changed = false;
    if (strlen(to) + 256 > FILE_PATH_MAX)
        return error_set(err, ERROR_IO, "the path is too long: %.100s...", to);
    return file_make_folder(to, 0755, err) &&
           mirror_names(from, to, "objects", true, OBJECT_MOST, changed, err) &&
           mirror_names(from, to, "pool", false, POOL_FILE_MOST, changed, err) && mirror_blocks(from, to, changed, err);
}
