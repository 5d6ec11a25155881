#include "chain/reader.h"

#include "base/file.h"
#include "base/memory.h"
#include "chain/codec.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEARCH_BYTES (2 * (size_t)FRAME_MOST_PAYLOAD)
#define SEARCH_HASHED ((uint64_t)16 * FRAME_MOST_PAYLOAD)

bool reader_open(struct reader *r, const char *path, struct error *err)
{
    struct stat st;
    memset(r, 0, sizeof *r);
    if (!text_copy(r->path, sizeof r->path, path))
        return error_set(err, ERROR_IO, "the path is too long: %.100s...", path);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); /* opening a FIFO would wait otherwise */
    if (fd < 0)
        return error_set_errno(err, ERROR_IO, "cannot open the chain %s", path);
    bool good = fstat(fd, &st) == 0 || error_set_errno(err, ERROR_IO, "cannot look at %s", path);
    if (good && !S_ISREG(st.st_mode))
        good = error_set(err, ERROR_CHAIN, "%s is not a regular file", path);
    if (good && !(r->file = fdopen(fd, "rb")))
        good = error_set_errno(err, ERROR_IO, "cannot open the chain %s", path);
    if (!good) {
        close(fd);
        return false;
    }
    r->size = (uint64_t)st.st_size;
    return true;
}

void reader_close(struct reader *r)
{
    if (r->file)
        fclose(r->file);
    r->file = NULL;
}

bool reader_skip(struct reader *r, uint64_t offset, uint64_t height, struct hash previous, struct error *err)
{
    if (offset > r->size)
        return error_set(err, ERROR_CHAIN, "%s ends before byte %llu", r->path, (unsigned long long)offset);
    if (fseeko(r->file, (off_t)offset, SEEK_SET) != 0)
        return error_set_errno(err, ERROR_IO, "cannot read the chain %s", r->path);
    r->offset = offset;
    r->height = height;
    r->previous = previous;
    return true;
}

/* Appends n bytes of the file, which had so many when it was opened, to data. */
static bool read_more(struct reader *r, struct bytes *data, size_t n, struct error *err)
{
    data->data = memory_grow(data->data, &data->capacity, data->n + n, 1);
    size_t got = fread(data->data + data->n, 1, n, r->file);
    data->n += got;
    if (got == n)
        return true;
    if (ferror(r->file))
        return error_set_errno(err, ERROR_IO, "cannot read the chain %s", r->path);
    return error_set(err, ERROR_IO, "%s became shorter than its %llu bytes while it was read: look again", r->path,
                     (unsigned long long)r->size);
}

static enum reader_result torn(const struct reader *r, struct error *err)
{
    error_set(err, ERROR_CHAIN, "the file ends inside of this frame, %llu bytes behind its start",
              (unsigned long long)(r->size - r->offset));
    return READER_TORN;
}

static bool belongs_here(const struct reader *r, const struct frame *f, struct error *err)
{
    enum frame_type expected = r->height == 0 ? FRAME_GENESIS : FRAME_BLOCK;
    if (f->type != expected)
        return error_set(err, ERROR_CHAIN, "a frame of type %d where one of type %d belongs", (int)f->type,
                         (int)expected);
    if (f->height != r->height)
        return error_set(err, ERROR_CHAIN, "the frame says height %llu where %llu belongs",
                         (unsigned long long)f->height, (unsigned long long)r->height);
    return true;
}

static struct hash stored_hash(const struct frame *f, const uint8_t *data)
{
    struct hash h;
    memcpy(h.byte, data + block_frame_bytes(f) - HASH_BYTES, sizeof h.byte);
    return h;
}

enum reader_result reader_next(struct reader *r, struct frame *out, struct bytes *data, struct error *err)
{
    uint64_t left = r->size - r->offset;
    bytes_clear(data);
    if (left == 0)
        return READER_END;
    if (left < FRAME_HEADER_BYTES)
        return torn(r, err);
    if (!read_more(r, data, FRAME_HEADER_BYTES, err))
        return READER_FAILED;
    if (!block_frame_header(data->data, out, err) || !belongs_here(r, out, err))
        return READER_BAD;
    if (left < block_frame_bytes(out))
        return torn(r, err);
    if (!read_more(r, data, block_frame_bytes(out) - FRAME_HEADER_BYTES, err))
        return READER_FAILED;
    struct hash h = block_frame_hash(out, data->data, r->previous);
    if (!hash_equal(h, stored_hash(out, data->data))) {
        error_set(err, ERROR_CHAIN, "the frame's hash does not fit its bytes and the frame before");
        return READER_BAD;
    }
    r->previous = h;
    r->offset += block_frame_bytes(out);
    r->height++;
    return READER_FRAME;
}

static size_t at_most(uint64_t left, size_t most)
{
    return left < most ? (size_t)left : most;
}

static bool read_at(struct reader *r, uint64_t offset, size_t n, struct bytes *data, struct error *err)
{
    bytes_clear(data);
    if (fseeko(r->file, (off_t)offset, SEEK_SET) != 0)
        return error_set_errno(err, ERROR_IO, "cannot read the chain %s at byte %llu", r->path,
                               (unsigned long long)offset);
    return read_more(r, data, n, err);
}

bool reader_bytes_at(const char *path, uint64_t offset, size_t n, struct bytes *out, struct error *err)
{
    struct reader r;
    if (!reader_open(&r, path, err))
        return false;
    bool good = read_at(&r, offset, n, out, err);
    reader_close(&r);
    return good;
}

/* The hash that the frame before ends with. */
static bool previous_at(struct reader *r, uint64_t offset, struct hash *out, struct error *err)
{
    struct bytes b = {0};
    memset(out, 0, sizeof *out);
    bool good = offset == 0 || (offset >= HASH_BYTES && read_at(r, offset - HASH_BYTES, HASH_BYTES, &b, err));
    if (good && b.n)
        memcpy(out->byte, b.data, HASH_BYTES);
    bytes_free(&b);
    return good;
}

static bool frame_at(struct reader *r, uint64_t offset, struct frame *out, struct bytes *data, struct error *err)
{
    struct hash previous;
    uint64_t left = offset < r->size ? r->size - offset : 0;
    if (left < FRAME_HEADER_BYTES)
        return error_set(err, ERROR_CHAIN, "the file ends before it");
    if (!previous_at(r, offset, &previous, err) || !read_at(r, offset, FRAME_HEADER_BYTES, data, err) ||
        !block_frame_header(data->data, out, err))
        return false;
    if (left < block_frame_bytes(out))
        return error_set(err, ERROR_CHAIN, "the file ends inside of it");
    return read_at(r, offset, block_frame_bytes(out), data, err) &&
           (hash_equal(block_frame_hash(out, data->data, previous), stored_hash(out, data->data)) ||
            error_set(err, ERROR_CHAIN, "the frame is damaged"));
}

bool reader_block_at(const char *path, uint64_t offset, struct frame *out, struct bytes *data, struct error *err)
{
    struct reader r;
    if (!reader_open(&r, path, err))
        return false;
    bool good = frame_at(&r, offset, out, data, err);
    reader_close(&r);
    return good || error_prefix(err, "block at byte %llu", (unsigned long long)offset);
}

static bool fits(const struct frame *f, const uint8_t *p, struct hash previous, uint64_t *budget)
{
    if (*budget < block_frame_bytes(f))
        return false;
    *budget -= block_frame_bytes(f);
    return hash_equal(block_frame_hash(f, p, previous), stored_hash(f, p));
}

/* Whether a whole block stands at p, behind the last good one or behind the hash that stands before it; *budget bounds
 * what is hashed, since in a hostile file a header may stand at every second word. */
static bool block_stands(const struct reader *r, const uint8_t *p, size_t n, uint64_t *budget)
{
    struct frame f;
    struct hash before;
    if (n < FRAME_HEADER_BYTES || !block_frame_header(p, &f, NULL) || f.type != FRAME_BLOCK ||
        f.payload_n < BLOCK_FIXED_BYTES || n < block_frame_bytes(&f))
        return false;
    memcpy(before.byte, p - HASH_BYTES, sizeof before.byte);
    return fits(&f, p, r->previous, budget) || fits(&f, p, before, budget);
}

/* Bytes in front of r->offset are read, too: they hold the hash before. */
bool reader_good_behind(struct reader *r, uint64_t *offset)
{
    struct bytes data = {0};
    bool found = false;
    uint64_t start = r->offset + 1, budget = SEARCH_HASHED;
    if (start >= HASH_BYTES && start < r->size &&
        read_at(r, start - HASH_BYTES, at_most(r->size - start + HASH_BYTES, SEARCH_BYTES), &data, NULL)) {
        const uint8_t *p = data.data + HASH_BYTES, *end = data.data + data.n;
        while (!found && p < end && (p = memchr(p, FRAME_MAGIC[0], (size_t)(end - p))) != NULL) {
            found = block_stands(r, p, (size_t)(end - p), &budget);
            *offset = start - HASH_BYTES + (uint64_t)(p - data.data);
            p++;
        }
    }
    bytes_free(&data);
    return found;
}
